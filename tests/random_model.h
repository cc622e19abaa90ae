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

enum { RANDOM_ROWS = 700, RANDOM_COLUMNS = 9, RANDOM_CLASSES = 5 };

typedef struct random_table {
  uint64_t state;
  sy_column columns[RANDOM_COLUMNS];
  sy_frame frame;
  double doubles[RANDOM_COLUMNS][RANDOM_ROWS];
  float floats[RANDOM_COLUMNS][RANDOM_ROWS];
  uint32_t codes[RANDOM_COLUMNS][RANDOM_ROWS];
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

/* A classifier of the table's columns, or NULL where they are all constant. Notes included. */
static inline sy_model *random_model_new(random_table *table) {
  static const char *const classes[RANDOM_CLASSES] = {"no", "yes", "K\xC3\xB6ln", "a \"b\"", "-1"};
  sy_encoder_options options = {1 + random_below(table, 3), 2 + random_below(table, 9)};
  sy_encoder *encoder = NULL;
  if (sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &encoder, NULL))
    return NULL;
  double class_weights[RANDOM_CLASSES], cost[RANDOM_CLASSES * RANDOM_CLASSES];
  size_t n_classes = 2 + random_below(table, RANDOM_CLASSES - 1);
  for (size_t k = 0; k < n_classes; k++) {
    class_weights[k] = 0.1 + 5 * random_uniform(table);
    if (k > 0 && random_uniform(table) < 0.15) class_weights[k] = 0;
  }
  sy_model_parts parts = {.classes = classes,
                          .n_classes = n_classes,
                          .class_weights = class_weights,
                          .cost = cost,
                          .source = random_cost(table, n_classes, class_weights, cost),
                          .positive = n_classes == 2 ? (int)random_below(table, 2) : -1};
  sy_predictor *predictor =
      random_predictor(table, sy_encoder_n_outputs(encoder), n_classes, class_weights);
  sy_model *model = NULL;
  if (sy_model_new(encoder, predictor, &parts, &model, NULL)) abort();
  if (sy_model_set_note(model, "label", "Effect, or \xC3\xA4hnlich", NULL)) abort();
  if (sy_model_set_note(model, "rows", "", NULL)) abort();
  return model;
}

/* A model whose file is small: one number that is missing once, one text. golden/model_v1.onnx is
 * this model: it stays as it is. */
static inline sy_model *small_model(void) {
  static const double x[] = {-1, 1, 3, (double)NAN};
  static const double coefficients[] = {1.5, -0.25, 0.5, 2, 0.125}, intercepts[] = {-0.75};
  static const uint32_t codes[] = {0, 1, 2, 0};
  static const char *const values[] = {"a", "K\xC3\xB6ln", ""}, *const classes[] = {"None",
                                                                                    "damage"};
  static const double weights[] = {1, 2.5}, cost[] = {0, 1, 5, 0};
  const sy_column columns[] = {
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
      {.name = "label", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 3}};
  const sy_frame frame = {columns, 2, 4};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  const sy_model_parts parts = {classes, 2, weights, cost, SY_DECISION_GIVEN, 1};
  if (sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL) ||
      sy_predictor_logistic(5, 2, 1, coefficients, intercepts, &predictor, NULL) ||
      sy_model_new(encoder, predictor, &parts, &model, NULL) ||
      sy_model_set_note(model, "label", "Effect Amount of damage", NULL) ||
      sy_model_set_note(model, "trained", "4 rows, 3 steps", NULL))
    abort();
  return model;
}

#endif
