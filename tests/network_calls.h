/* network_calls.h: small data to train networks on, and fits that must succeed. */
#ifndef TESTS_NETWORK_CALLS_H
#define TESTS_NETWORK_CALLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fit_problem.h"

/* Two columns in -1 .. 1 whose signs must differ for class 1, a third that is noise. Rows of
 * float32 and float64 hold the same numbers. */
typedef struct network_world {
  size_t n;
  float *f32;
  double *f64, *weights; /* weights in (0.2, 3) */
  int32_t *ids;
  uint8_t *held; /* every fifth row */
} network_world;

enum { WORLD_COLUMNS = 3 };

static inline network_world new_world(size_t n, size_t n_classes, uint64_t seed) {
  network_world made = {.n = n};
  made.f32 = calloc(n * WORLD_COLUMNS, sizeof *made.f32);
  made.f64 = calloc(n * WORLD_COLUMNS, sizeof *made.f64);
  made.weights = calloc(n, sizeof *made.weights);
  made.ids = calloc(n, sizeof *made.ids);
  made.held = calloc(n, 1);
  if (!made.f32 || !made.f64 || !made.weights || !made.ids || !made.held) abort();
  for (size_t i = 0; i < n; i++) {
    float *row = made.f32 + i * WORLD_COLUMNS;
    for (size_t j = 0; j < WORLD_COLUMNS; j++) {
      row[j] = (float)(2 * uniform(&seed) - 1);
      made.f64[i * WORLD_COLUMNS + j] = (double)row[j];
    }
    made.ids[i] = (row[0] > 0) != (row[1] > 0);
    if (n_classes > 2 && uniform(&seed) < 0.2)
      made.ids[i] = (int32_t)(2 + (size_t)(uniform(&seed) * (double)(n_classes - 2)));
    made.weights[i] = 0.2 + 2.8 * uniform(&seed);
    made.held[i] = i % 5 == 4;
  }
  return made;
}

static inline void free_world(network_world *world) {
  free(world->f32);
  free(world->f64);
  free(world->weights);
  free(world->ids);
  free(world->held);
}

/* Its rows of float32, without weights and rows held back. */
static inline sy_training_data data_of(const network_world *world, size_t n_classes) {
  return (sy_training_data){.rows = {world->f32, SY_F32, world->n, WORLD_COLUMNS, WORLD_COLUMNS},
                            .ids = world->ids,
                            .n_outputs = n_classes};
}

static inline void use_f64(sy_training_data *data, const network_world *world) {
  data->rows.data = world->f64;
  data->rows.dtype = SY_F64;
}

/* A network of two layers of six units and few epochs. */
static inline sy_network_options small_options(void) {
  static const size_t hidden[] = {6, 6};
  sy_network_options options = sy_network_options_default();
  options.hidden = hidden;
  options.n_hidden = 2;
  options.learning_rate = 0.01;
  options.epochs = 4;
  options.batch_size = 16;
  return options;
}

static inline sy_predictor *train_watched(const sy_training_data *data,
                                          const sy_network_options *options,
                                          const sy_training_hooks *hooks,
                                          sy_training_result *result) {
  sy_predictor *made = NULL;
  sy_error error;
  sy_status status = sy_fit_network(data, options, hooks, &made, result, &error);
  if (status != SY_OK) fail_msg("%s: %s", sy_status_name(status), error.text);
  return made;
}

static inline sy_predictor *train(const sy_training_data *data, const sy_network_options *options,
                                  sy_training_result *result) {
  return train_watched(data, options, NULL, result);
}

static inline size_t n_parameters(const sy_predictor *predictor) {
  return sy_predictor_n_members(predictor) * sy_network_n_parameters(sy_predictor_shape(predictor));
}

/* Largest difference between parameters of one shape; 0 = the same bits, or the same but for the
 * sign of a zero. */
static inline double network_distance(const sy_predictor *a, const sy_predictor *b) {
  double largest = 0;
  assert_int_equal(n_parameters(a), n_parameters(b));
  for (size_t p = 0; p < n_parameters(a); p++) {
    double left = sy_predictor_parameters(a)[p], right = sy_predictor_parameters(b)[p];
    if (left != right) largest = fmax(largest, fabs(left - right));
    if (isnan(left) != isnan(right)) return INFINITY;
  }
  return largest;
}

/* The same epochs but for their times. */
static inline void assert_same_curves(const sy_training_result *a, const sy_training_result *b) {
  assert_int_equal(a->n_curve, b->n_curve);
  for (size_t i = 0; i < a->n_curve; i++) {
    const sy_epoch *x = &a->curve[i], *y = &b->curve[i];
    assert_int_equal(x->restart, y->restart);
    assert_int_equal(x->epoch, y->epoch);
    assert_int_equal(x->best, y->best);
    assert_memory_equal(&x->learning_rate, &y->learning_rate, sizeof(double));
    assert_memory_equal(&x->loss, &y->loss, sizeof(double));
    assert_memory_equal(&x->held_loss, &y->held_loss, sizeof(double));
    assert_memory_equal(&x->held_accuracy, &y->held_accuracy, sizeof(double));
  }
}

/* The same networks, bit for bit, and the same way there. */
static inline void assert_same_training(const sy_predictor *a, const sy_training_result *ra,
                                        const sy_predictor *b, const sy_training_result *rb) {
  assert_int_equal(n_parameters(a), n_parameters(b));
  assert_memory_equal(sy_predictor_parameters(a), sy_predictor_parameters(b),
                      n_parameters(a) * sizeof(double));
  assert_same_curves(ra, rb);
  assert_memory_equal(&ra->loss, &rb->loss, sizeof(double));
  assert_memory_equal(&ra->held_loss, &rb->held_loss, sizeof(double));
  assert_int_equal(ra->epochs, rb->epochs);
  assert_int_equal(ra->best_epoch, rb->best_epoch);
  assert_int_equal(ra->steps, rb->steps);
  assert_int_equal(ra->stopped_early, rb->stopped_early);
  assert_string_equal(ra->trouble, rb->trouble);
}

/* A fit that must fail with this status and a message that holds `words`. */
static inline void assert_refused(const sy_training_data *data, const sy_network_options *options,
                                  const sy_training_hooks *hooks, sy_status wanted,
                                  const char *words) {
  sy_predictor *made = NULL;
  sy_error error = {0};
  sy_status status = sy_fit_network(data, options, hooks, &made, NULL, &error);
  if (status != wanted || !strstr(error.text, words))
    fail_msg("%s, not %s: \"%s\", not \"%s\"", sy_status_name(status), sy_status_name(wanted),
             status == SY_OK ? "" : error.text, words);
}

#endif
