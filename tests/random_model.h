/* random_model.h: random tables and classifiers from a seed, for the tests of classifier and onnx
 * and for the comparison with onnxruntime. They are mean on purpose: columns named like outputs or
 * like names inside the graph, missing and infinite numbers, texts unseen in training, classes that
 * were not learnt. */
#ifndef TESTS_RANDOM_MODEL_H
#define TESTS_RANDOM_MODEL_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/classifier.h>

enum { RANDOM_ROWS = 700, RANDOM_COLUMNS = 9, RANDOM_COSTS = 3, RANDOM_CLASSES = 5 };

typedef struct random_table {
  uint64_t state;
  sy_column columns[RANDOM_COLUMNS + RANDOM_COSTS];
  sy_frame frame;
  double doubles[RANDOM_COLUMNS][RANDOM_ROWS];
  float floats[RANDOM_COLUMNS][RANDOM_ROWS];
  uint32_t codes[RANDOM_COLUMNS][RANDOM_ROWS];
  double costs[RANDOM_COSTS][RANDOM_ROWS];
  double row_weights[RANDOM_ROWS]; /* 0 in the last third: values there may be unseen */
} random_table;

static const char *const random_names[RANDOM_COLUMNS] = {
    "label",         "label (input)", "",   "steelyard/encoded", "a:b=c,d", "K\xC3\xB6ln 1",
    "probabilities", "steelyard2/x",  "age"};
static const char *const random_texts[] = {
    "", "a", "ab", "K\xC3\xB6ln", "x=y", "(other)", "\"q\"", "back\\slash", "seldom", "late"};

/* Uniform in [0, 1): Knuth's MMIX generator, the upper bits. */
static double random_uniform(random_table *table) {
  table->state = table->state * 6364136223846793005u + 1442695040888963407u;
  return (double)(table->state >> 11) / 9007199254740992.0;
}

static size_t random_below(random_table *table, size_t n) {
  return (size_t)(random_uniform(table) * (double)n);
}

static double random_number(random_table *table, sy_column_type type, double missing_share) {
  double u = random_uniform(table), v = random_uniform(table);
  if (u < missing_share)
    return v < 0.6 ? (double)NAN : v < 0.8 ? (double)INFINITY : -(double)INFINITY;
  if (type == SY_COLUMN_BOOLEAN) return v < 0.3;
  if (type == SY_COLUMN_DATE) return floor(18000 + 900 * v) + 0.25;
  return (v - 0.5) * 10;
}

static void random_column(random_table *table, size_t c) {
  sy_column *column = &table->columns[c];
  static const sy_column_type types[] = {SY_COLUMN_NUMBER, SY_COLUMN_TEXT, SY_COLUMN_BOOLEAN,
                                         SY_COLUMN_DATE, SY_COLUMN_TEXT};
  column->type = types[random_below(table, 5)];
  if (column->type == SY_COLUMN_TEXT) {
    column->codes = table->codes[c];
    column->values = random_texts;
    column->n_values = sizeof random_texts / sizeof *random_texts;
    for (size_t i = 0; i < RANDOM_ROWS; i++) {
      size_t code = random_below(table, i * 3 < RANDOM_ROWS * 2 ? 9 : 10);
      if (code == 8 && random_uniform(table) < 0.8) code = 1;
      table->codes[c][i] = random_uniform(table) < 0.1 ? SY_MISSING : (uint32_t)code;
    }
    return;
  }
  bool is_float = random_uniform(table) < 0.5, complete = random_uniform(table) < 0.3;
  bool constant = random_uniform(table) < 0.15; /* where it is known */
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    bool training = i * 3 < RANDOM_ROWS * 2;
    double value = random_number(table, column->type, complete && training ? 0 : 0.15);
    table->doubles[c][i] = constant && training && isfinite(value) ? 1 : value;
    table->floats[c][i] = (float)table->doubles[c][i];
  }
  column->f32 = is_float ? table->floats[c] : NULL;
  column->f64 = is_float ? NULL : table->doubles[c];
}

/* A table of 1 to RANDOM_COLUMNS columns; free() it. */
static inline random_table *random_table_new(uint64_t seed) {
  random_table *table = calloc(1, sizeof *table);
  if (!table) abort();
  table->state = seed * 2654435761u + 1;
  for (int i = 0; i < 8; i++) random_uniform(table);
  size_t n = 1 + random_below(table, RANDOM_COLUMNS), first = random_below(table, RANDOM_COLUMNS);
  for (size_t c = 0; c < n; c++) {
    table->columns[c].name = random_names[(first + c) % RANDOM_COLUMNS];
    random_column(table, c);
  }
  table->frame = (sy_frame){table->columns, n, RANDOM_ROWS};
  for (size_t i = 0; i < RANDOM_ROWS; i++)
    table->row_weights[i] = i * 3 < RANDOM_ROWS * 2 ? (double)(1 + i % 2) : 0;
  return table;
}

static sy_predictor *random_predictor(random_table *table, size_t width, size_t n_classes,
                                      const double *class_weights) {
  size_t vectors = n_classes == 2 && random_uniform(table) < 0.7 ? 1 : n_classes;
  double *coefficients = malloc(width * vectors * sizeof *coefficients);
  double intercepts[RANDOM_CLASSES];
  if (!coefficients) abort();
  for (size_t i = 0; i < width * vectors; i++) coefficients[i] = (random_uniform(table) - 0.5) * 2;
  for (size_t k = 0; k < vectors; k++) {
    intercepts[k] = random_uniform(table) - 0.5;
    size_t id = vectors == 1 ? 1 : k;
    if (class_weights[id] == 0) intercepts[k] = -INFINITY;
  }
  sy_predictor *predictor = NULL;
  if (sy_predictor_logistic(width, n_classes, vectors, coefficients, intercepts, &predictor, NULL))
    abort();
  free(coefficients);
  return predictor;
}

static sy_decision_source random_cost(random_table *table, size_t n_classes,
                                      const double *class_weights, double *cost) {
  sy_decision_source source = (sy_decision_source)random_below(table, 3);
  if (source == SY_DECISION_IMPLIED) {
    sy_cost_implied(class_weights, n_classes, cost);
    return source;
  }
  sy_cost_plain(n_classes, cost);
  for (size_t i = 0; source == SY_DECISION_GIVEN && i < n_classes * n_classes; i++)
    if (cost[i] > 0) cost[i] = 10 * random_uniform(table);
  return source;
}

#include "random_forest.h"

/* The families. */
typedef enum random_kind { RANDOM_LOGISTIC, RANDOM_NETWORK, RANDOM_BOOSTED } random_kind;
enum { RANDOM_KINDS = 3 };

enum { RANDOM_LAYERS = 3, RANDOM_UNITS = 12, RANDOM_MEMBERS = 3 };

/* Its embeddings are those that the encoder asks for. */
static void random_shape(random_table *table, const sy_encoder *encoder, size_t *hidden,
                         sy_embedding *embeddings, sy_network_shape *shape) {
  *shape = (sy_network_shape){.n_features = sy_encoder_n_outputs(encoder),
                              .n_outputs = shape->n_outputs,
                              .hidden = hidden,
                              .n_hidden = random_below(table, RANDOM_LAYERS + 1),
                              .activation = (sy_activation)random_below(table, 3),
                              .norm = random_below(table, 2) ? SY_NORM_LAYER : SY_NORM_NONE,
                              .embeddings = embeddings};
  for (size_t l = 0; l < shape->n_hidden; l++) hidden[l] = 1 + random_below(table, RANDOM_UNITS);
  for (size_t j = 0; j < shape->n_features; j++) {
    size_t codes = sy_encoder_output_codes(encoder, j);
    if (codes > 0)
      embeddings[shape->n_embeddings++] = (sy_embedding){j, codes, 1 + random_below(table, 4)};
  }
}

static sy_predictor *random_network(random_table *table, const sy_encoder *encoder,
                                    size_t n_classes, const double *class_weights) {
  size_t hidden[RANDOM_LAYERS], members = 1 + random_below(table, RANDOM_MEMBERS);
  sy_embedding embeddings[RANDOM_COLUMNS];
  sy_network_shape shape = {.n_outputs = n_classes};
  random_shape(table, encoder, hidden, embeddings, &shape);
  size_t n = sy_network_n_parameters(&shape);
  double *parameters = malloc(members * n * sizeof *parameters);
  if (!parameters) abort();
  for (size_t i = 0; i < members * n; i++) {
    size_t class = i % n + n_classes - n; /* of the last biases */
    bool unlearnt = i % n + n_classes >= n && class_weights[class] == 0;
    parameters[i] = unlearnt ? -INFINITY : (random_uniform(table) - 0.5) * 1.5;
  }
  sy_predictor *predictor = NULL;
  if (sy_predictor_network(&shape, parameters, members, &predictor, NULL)) abort();
  free(parameters);
  return predictor;
}

/* A predictor behind an encoder. */
static sy_predictor *random_behind(random_table *table, random_kind kind, const sy_encoder *encoder,
                                   size_t n_classes, const double *class_weights) {
  size_t width = sy_encoder_n_outputs(encoder);
  if (kind == RANDOM_NETWORK) return random_network(table, encoder, n_classes, class_weights);
  if (kind == RANDOM_BOOSTED) return random_forest(table, width, n_classes, class_weights);
  return random_predictor(table, width, n_classes, class_weights);
}

/* How the encoder is fitted: networks embed texts; trees take numbers as they are, most times. */
static sy_encoder_options random_options(random_table *table, random_kind kind) {
  return (sy_encoder_options){.min_count = 1 + random_below(table, 3),
                              .max_categories = 2 + random_below(table, 9),
                              .max_codes = 10000,
                              .codes = kind == RANDOM_NETWORK,
                              .raw = kind == RANDOM_BOOSTED && random_below(table, 5)};
}

/* A classifier of the table's columns, or NULL where they are all constant. Notes included. */
static sy_model *random_family_new(random_table *table, random_kind kind) {
  static const char *const classes[RANDOM_CLASSES] = {"no", "yes", "K\xC3\xB6ln", "a \"b\"", "-1"};
  sy_encoder_options options = random_options(table, kind);
  sy_encoder *encoder = NULL;
  if (sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &encoder, NULL))
    return NULL;
  double class_weights[RANDOM_CLASSES], cost[RANDOM_CLASSES * RANDOM_CLASSES];
  size_t n_classes = 2 + random_below(table, RANDOM_CLASSES - 1);
  for (size_t k = 0; k < n_classes; k++) {
    class_weights[k] = 0.1 + 5 * random_uniform(table);
    if (k > 0 && random_uniform(table) < 0.15) class_weights[k] = 0;
  }
  double trained_prior[RANDOM_CLASSES];
  for (size_t k = 0; k < n_classes; k++)
    trained_prior[k] = 2 * (double)(k + 1) / (double)(n_classes * (n_classes + 1));
  const sy_cost_rule rule = {.n_classes = n_classes, .fixed = cost};
  sy_model_parts parts = {.classes = classes,
                          .n_classes = n_classes,
                          .class_weights = class_weights,
                          .rule = &rule,
                          .source = random_cost(table, n_classes, class_weights, cost),
                          .positive = n_classes == 2 ? (int)random_below(table, 2) : -1,
                          .trained_prior = trained_prior};
  sy_predictor *predictor = random_behind(table, kind, encoder, n_classes, class_weights);
  sy_model *model = NULL;
  if (sy_model_new(encoder, predictor, &parts, &model, NULL)) abort();
  if (sy_model_set_note(model, "label", "Effect, or \xC3\xA4hnlich", NULL)) abort();
  if (sy_model_set_note(model, "rows", "", NULL)) abort();
  return model;
}

static inline sy_model *random_model_new(random_table *table) {
  return random_family_new(table, RANDOM_LOGISTIC);
}

/* The same, of a family drawn from the seed. */
static inline sy_model *random_any_new(random_table *table, uint64_t seed) {
  return random_family_new(table, (random_kind)(seed % RANDOM_KINDS));
}

/* Maps of each class, of two classes of class 1 alone, steep in places but no steps. */
static sy_calibration *random_isotonic(random_table *table, size_t n_classes) {
  size_t n_knots[RANDOM_CLASSES] = {0}, n = 0;
  double knots[RANDOM_CLASSES * 8], values[RANDOM_CLASSES * 8];
  for (size_t k = n_classes == 2 ? 1 : 0; k < n_classes; k++) {
    double value = 0.02 * random_uniform(table) + 0.001;
    n_knots[k] = 1 + random_below(table, 8);
    for (size_t i = 0; i < n_knots[k]; i++, n++) {
      knots[n] = ((double)i + 0.8 * random_uniform(table)) / (double)n_knots[k];
      values[n] = value;
      if (random_uniform(table) < 0.8) value += (1 - value) * random_uniform(table) / 2;
    }
  }
  sy_calibration *made = NULL;
  if (sy_calibration_isotonic(n_classes, n_knots, knots, values, &made, NULL)) abort();
  return made;
}

/* A calibration map of one of the kinds, or NULL. */
static inline sy_calibration *random_calibration(random_table *table, size_t n_classes) {
  size_t kind = random_below(table, 4);
  double scales[RANDOM_CLASSES], shifts[RANDOM_CLASSES], scale = 0.3 + random_uniform(table);
  sy_calibration *made = NULL;
  if (kind == 3) return NULL;
  if (kind == SY_CALIBRATION_ISOTONIC) return random_isotonic(table, n_classes);
  for (size_t k = 0; k < n_classes; k++) {
    bool vector = kind == SY_CALIBRATION_VECTOR;
    scales[k] = vector ? 0.3 + random_uniform(table) : scale;
    shifts[k] = vector ? 2 * random_uniform(table) - 1 : 0;
  }
  if (sy_calibration_scaling((sy_calibration_kind)kind, n_classes, scales, shifts, &made, NULL))
    abort();
  return made;
}

/* Costs that vary by row, as columns of the table. */
static inline void random_costs(random_table *table, sy_model *model) {
  static const char *const expressions[RANDOM_COSTS] = {"amount", "2 * \"fee, x\"", "label"};
  static const char *const names[RANDOM_COSTS] = {"cost: amount", "cost: 2 * \"fee, x\"",
                                                  "cost: label"};
  size_t n_classes = sy_model_n_classes(model);
  sy_cost_rule rule;
  if (sy_cost_rule_matrix(sy_model_cost(model), n_classes, &rule, NULL)) abort();
  for (size_t i = 0; i < n_classes * n_classes; i++) {
    const char *expression = expressions[random_below(table, RANDOM_COSTS)];
    if (random_uniform(table) > (i / n_classes == i % n_classes ? 0.1 : 0.7)) continue;
    if (sy_cost_rule_set(&rule, i / n_classes, i % n_classes, expression, NULL)) abort();
  }
  if (sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, NULL)) abort();
  sy_cost_rule_clear(&rule);
  for (size_t c = 0; c < RANDOM_COSTS; c++) {
    for (size_t i = 0; i < RANDOM_ROWS; i++) table->costs[c][i] = 10 * random_uniform(table);
    table->columns[table->frame.n_columns++] =
        (sy_column){.name = names[c], .type = SY_COLUMN_NUMBER, .f64 = table->costs[c]};
  }
}

/* A threshold, or a factor for each class, as the costs that they equal. */
static inline void random_tuned(random_table *table, sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  double factors[RANDOM_CLASSES], cost[RANDOM_CLASSES * RANDOM_CLASSES];
  for (size_t k = 0; k < n_classes; k++) factors[k] = 0.1 + 0.9 * random_uniform(table);
  sy_cost_implied(factors, n_classes, cost);
  if (n_classes == 2) sy_cost_of_threshold(factors[0], (int)random_below(table, 2), cost);
  const sy_cost_rule rule = {.n_classes = n_classes, .fixed = cost};
  if (sy_model_set_rule(model, &rule, SY_DECISION_TUNED, NULL)) abort();
}

/* Gives a model of the table what may follow on its training, each by chance: a calibration map,
 * a prior, costs that vary, a tuned rule. */
static inline void random_adjust(random_table *table, sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  sy_calibration *calibration = random_calibration(table, n_classes);
  double prior[RANDOM_CLASSES], sum = 0;
  if (sy_model_set_calibration(model, calibration, NULL)) abort();
  sy_calibration_free(calibration);
  for (size_t k = 0; k < n_classes; k++) sum += prior[k] = 0.05 + random_uniform(table);
  for (size_t k = 0; k < n_classes; k++) prior[k] /= sum;
  if (random_uniform(table) < 0.5 && sy_model_set_prior(model, prior, NULL)) abort();
  if (random_uniform(table) < 0.25)
    random_tuned(table, model);
  else if (random_uniform(table) < 0.5)
    random_costs(table, model);
}

#include "small_models.h"

#endif
