/* network_cases.h: random networks, rows and losses from a seed, for the tests of the engine. */
#ifndef TESTS_NETWORK_CASES_H
#define TESTS_NETWORK_CASES_H

#include "fit/network/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
  CASE_ROWS = 700,
  CASE_COLUMNS = 9,
  CASE_OUTPUTS = 12,
  CASE_LAYERS = 3,
  CASE_NUMBERS = 30000,
  CASE_LOSSES = 15
};

typedef struct network_case {
  uint64_t state;
  char text[200]; /* what it is, for messages */
  sy_network_shape shape;
  size_t hidden[CASE_LAYERS];
  sy_embedding embeddings[2];
  double dropout;
  double rows[CASE_ROWS][CASE_COLUMNS];
  float narrow_rows[CASE_ROWS][CASE_COLUMNS];
  int32_t ids[CASE_ROWS];
  float labels[CASE_ROWS * CASE_OUTPUTS], costs[CASE_ROWS * CASE_OUTPUTS];
  double weights[CASE_ROWS];
  uint32_t places[CASE_ROWS];
  double output_biases[CASE_OUTPUTS];
  sy_training_data data; /* of float64 */
  sy_loss *loss;
  sy_net_batch batch;
} network_case;

/* Uniform in [0, 1): Knuth's MMIX generator, the upper bits. */
static double case_uniform(network_case *c) {
  c->state = c->state * 6364136223846793005u + 1442695040888963407u;
  return (double)(c->state >> 11) * 0x1p-53;
}

static size_t case_below(network_case *c, size_t n) {
  return (size_t)(case_uniform(c) * (double)n);
}

static void draw_shape(network_case *c) {
  sy_network_shape *shape = &c->shape;
  shape->hidden = c->hidden;
  shape->n_hidden = case_below(c, CASE_LAYERS + 1);
  for (size_t l = 0; l < shape->n_hidden; l++) c->hidden[l] = 1 + case_below(c, 40);
  shape->activation = (sy_activation)case_below(c, 3);
  shape->norm = (sy_layer_norm)case_below(c, 3);
  shape->n_features = 1 + case_below(c, CASE_COLUMNS);
  shape->embeddings = c->embeddings;
  shape->n_embeddings = shape->n_features > 2 ? case_below(c, 3) : case_below(c, 2);
  for (size_t e = 0; e < shape->n_embeddings; e++)
    c->embeddings[e] =
        (sy_embedding){e == 0 ? case_below(c, shape->n_features > 1 ? shape->n_features - 1 : 1)
                              : shape->n_features - 1,
                       1 + case_below(c, 30), 1 + case_below(c, 10)};
  c->dropout = case_uniform(c) < 0.5 ? 0 : 0.6 * case_uniform(c);
}

static bool is_code(const network_case *c, size_t column, size_t *n_values) {
  for (size_t e = 0; e < c->shape.n_embeddings; e++)
    if (c->embeddings[e].column == column) {
      *n_values = c->embeddings[e].n_values;
      return true;
    }
  return false;
}

static void draw_rows(network_case *c, bool sigmoid) {
  size_t n_outputs = c->shape.n_outputs;
  for (size_t i = 0; i < CASE_ROWS; i++) {
    for (size_t j = 0; j < c->shape.n_features; j++) {
      size_t n;
      c->rows[i][j] =
          is_code(c, j, &n) ? (double)case_below(c, n) : (double)(float)(4 * case_uniform(c) - 2);
      c->narrow_rows[i][j] = (float)c->rows[i][j];
    }
    c->ids[i] = (int32_t)case_below(c, sigmoid ? 2 : n_outputs);
    for (size_t k = 0; k < n_outputs; k++) {
      c->labels[i * n_outputs + k] = case_uniform(c) < 0.3;
      c->costs[i * n_outputs + k] = (float)(3 * case_uniform(c));
    }
    c->weights[i] = case_uniform(c) < 0.1 ? 0 : 3 * case_uniform(c);
  }
}

/* Some of the rows, in any order. */
static void draw_batch(network_case *c) {
  c->batch.n = case_uniform(c) < 0.5 ? 1 + case_below(c, 40) : 1 + case_below(c, CASE_ROWS);
  for (size_t i = 0; i < CASE_ROWS; i++) c->places[i] = (uint32_t)case_below(c, CASE_ROWS);
}

/* The losses by number; the last five are sigmoids. */
static void make_loss(network_case *c, size_t number) {
  static const char *const parts[CASE_LOSSES] = {[1] = "focal:gamma=2",
                                                 [2] = "logit-adjustment:tau=1",
                                                 [3] = "ldam:margin=0.5,scale=3",
                                                 [4] = "vs:gamma=0.15,tau=1",
                                                 [5] = "focal:gamma=1.5+logit-adjustment:tau=0.5",
                                                 [11] = "focal:gamma=2",
                                                 [14] = "focal:gamma=0.5"};
  size_t n = c->shape.n_outputs;
  double counts[CASE_OUTPUTS], weights[2 * CASE_OUTPUTS], cost[CASE_OUTPUTS * CASE_OUTPUTS];
  for (size_t k = 0; k < n; k++) counts[k] = 5 + 400 * case_uniform(c);
  for (size_t k = 0; k < 2 * n; k++) weights[k] = 0.1 + 2 * case_uniform(c);
  for (size_t k = 0; k < n * n; k++) cost[k] = k % (n + 1) == 0 ? 0 : 0.5 + 3 * case_uniform(c);
  sy_loss_options options = sy_loss_options_default(n);
  options.base = number >= 10 ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX;
  options.class_weights = case_uniform(c) < 0.8 ? weights : NULL;
  options.parts = parts[number];
  options.counts = parts[number] && number < 10 ? counts : NULL;
  options.smoothing = number == 6 || number == 12 ? 0.1 : 0;
  options.cost_use = number == 7 || number == 8 ? SY_COST_EXPECTED : SY_COST_UNUSED;
  options.cost = number == 7 ? cost : NULL;
  options.weigh_by_prediction = number == 9;
  sy_error error;
  if (sy_loss_new(&options, &c->loss, &error) != SY_OK) fail_msg("%s", error.text);
}

/* Loss `number` of a random network. */
static void make_case(network_case *c, uint64_t seed, size_t number) {
  bool sigmoid = number >= 10, one = number >= 13;
  *c = (network_case){.state = seed * 2654435761u + 99};
  c->shape.n_outputs = one ? 1 : 2 + case_below(c, CASE_OUTPUTS - 1);
  draw_shape(c);
  draw_rows(c, sigmoid);
  draw_batch(c);
  make_loss(c, number);
  c->data =
      (sy_training_data){.rows = {c->rows, SY_F64, CASE_ROWS, c->shape.n_features, CASE_COLUMNS},
                         .ids = sigmoid && number != 13 ? NULL : c->ids,
                         .labels = sigmoid && number != 13 ? c->labels : NULL,
                         .n_outputs = c->shape.n_outputs,
                         .row_costs = number == 8 ? c->costs : NULL};
  for (size_t k = 0; k < c->shape.n_outputs; k++) c->output_biases[k] = case_uniform(c) - 0.5;
  c->batch.data = &c->data;
  c->batch.places = c->places;
  c->batch.weights = case_uniform(c) < 0.7 ? c->weights : NULL;
  c->batch.loss = c->loss;
  c->batch.divisor = 0.5 + (double)c->batch.n;
  c->batch.seed = seed;
  c->batch.step = seed * 7;
  c->batch.member = (uint32_t)(seed % 3);
  snprintf(c->text, sizeof c->text,
           "seed %d, loss %zu, %zu rows, %zu columns, %zu embeddings, %zu hidden layers, "
           "activation %d, norm %d, dropout %g",
           (int)seed, number, c->batch.n, c->shape.n_features, c->shape.n_embeddings,
           c->shape.n_hidden, (int)c->shape.activation, (int)c->shape.norm, c->dropout);
}

static void free_case(network_case *c) {
  sy_loss_free(c->loss);
}

static sy_net *make_net(const network_case *c, sy_dtype dtype) {
  sy_net *net;
  sy_error error;
  if (sy_net_new(&c->shape, dtype, c->dropout, CASE_ROWS, &net, &error) != SY_OK)
    fail_msg("%s: %s", c->text, error.text);
  assert_true(sy_net_n_all(net) <= CASE_NUMBERS);
  return net;
}

/* Where padding is, 0; else 1. */
static void find_padding(const sy_net *net, unsigned char *real_number) {
  memset(real_number, 0, net->n_all);
  for (size_t e = 0; e < net->shape.n_embeddings; e++)
    memset(real_number + net->tables[e], 1,
           net->shape.embeddings[e].n_values * net->shape.embeddings[e].width);
  for (size_t l = 0; l < net->n_layers; l++) {
    const sy_net_layer *layer = &net->layers[l];
    for (size_t i = 0; i < layer->inputs; i++)
      memset(real_number + layer->weights + i * layer->stride, 1, layer->units);
    memset(real_number + layer->biases, 1, layer->units);
    if (l + 1 == net->n_layers || net->shape.norm == SY_NORM_NONE) continue;
    memset(real_number + layer->gains, 1, layer->units);
    memset(real_number + layer->shifts, 1, layer->units);
  }
}

/* Moves all trained numbers away from where they begin, so that no unit sits at its kink. */
static void stir(network_case *c, const sy_net *net, double *parameters) {
  static unsigned char real_number[CASE_NUMBERS];
  find_padding(net, real_number);
  for (size_t i = 0; i < net->n_trained; i++)
    if (real_number[i]) parameters[i] += 0.4 * case_uniform(c) - 0.2;
}

#endif
