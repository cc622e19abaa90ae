/* many_values.h: a column of texts of many values, and which of them have codes by the definition:
 * counted one by one, nothing sorted. */
#ifndef TESTS_MANY_VALUES_H
#define TESTS_MANY_VALUES_H

#include "random_model.h"

enum { MANY_ROWS = 900, MANY_VALUES = 300 };

static inline sy_column text_column(const char *name, const uint32_t *codes,
                                    const char *const *values, size_t n_values) {
  return (sy_column){
      .name = name, .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = n_values};
}

/* Texts of which some are frequent, many seldom and some in one row alone; "" among them. */
typedef struct many_values {
  char text[MANY_VALUES][8];
  const char *values[MANY_VALUES];
  uint32_t codes[MANY_ROWS];
  double weights[MANY_ROWS];
  sy_column column;
} many_values;

static inline many_values *many_values_new(uint64_t seed) {
  many_values *made = calloc(1, sizeof *made);
  random_table *table = random_table_new(seed);
  if (!made) abort();
  for (size_t v = 0; v < MANY_VALUES; v++) {
    snprintf(made->text[v], sizeof made->text[v], "%s%zu", v % 3 ? "v" : "\xC3\xA9", v);
    made->values[v] = v == 5 ? "" : made->text[v];
  }
  for (size_t i = 0; i < MANY_ROWS; i++) {
    double u = random_uniform(table);
    made->codes[i] =
        random_uniform(table) < 0.02 ? SY_MISSING : (uint32_t)(u * u * u * MANY_VALUES);
    made->weights[i] = (double)random_below(table, 4) / 2;
  }
  made->column = text_column("many", made->codes, made->values, MANY_VALUES);
  free(table);
  return made;
}

static inline const char *text_of(const many_values *w, size_t row) {
  return w->codes[row] == SY_MISSING ? "" : w->values[w->codes[row]];
}

/* Rows of a value that are there, and what they weigh. */
static inline size_t rows_of(const many_values *w, const char *text, double *weight) {
  size_t n = 0;
  *weight = 0;
  for (size_t i = 0; i < MANY_ROWS; i++) {
    if (strcmp(text_of(w, i), text) != 0 || !(w->weights[i] > 0)) continue;
    *weight += w->weights[i];
    n++;
  }
  return n;
}

/* Values (MANY_VALUES at most) that have a code, in order of bytes; by the definition, without
 * sorting.
 */
static inline size_t brute_values(const many_values *w, const sy_encoder_options *options,
                                  const char *kept[MANY_VALUES]) {
  const char *good[MANY_VALUES];
  double weights[MANY_VALUES];
  size_t n_good = 0, n = 0;
  for (size_t v = 0; v < MANY_VALUES; v++) {
    double weight;
    size_t rows = rows_of(w, w->values[v], &weight);
    if (rows < 2 || (options->min_count > 1 && weight < (double)options->min_count)) continue;
    good[n_good] = w->values[v];
    weights[n_good++] = weight;
  }
  for (size_t a = 0; a < n_good; a++) {
    size_t before = 0, place = 0;
    for (size_t b = 0; b < n_good; b++)
      before +=
          weights[b] > weights[a] || (weights[b] == weights[a] && strcmp(good[b], good[a]) < 0);
    if (before >= options->max_codes) continue;
    while (place < n && strcmp(kept[place], good[a]) < 0) place++;
    memmove(kept + place + 1, kept + place, (n - place) * sizeof *kept);
    kept[place] = good[a];
    n++;
  }
  return n;
}

static inline size_t place_in(const char *const *kept, size_t n, const char *text) {
  for (size_t k = 0; k < n; k++)
    if (strcmp(kept[k], text) == 0) return k;
  return n;
}

static inline sy_encoder *many_values_encoder(const many_values *w, size_t max_codes) {
  sy_encoder_options options = sy_encoder_options_default();
  const sy_frame frame = {&w->column, 1, MANY_ROWS};
  sy_encoder *encoder = NULL;
  options.codes = true;
  options.max_codes = max_codes;
  if (sy_encoder_fit(&frame, w->weights, &options, NULL, &encoder, NULL)) abort();
  return encoder;
}

/* A classifier of two classes; takes encoder and predictor over. */
static inline sy_status many_values_classifier(sy_encoder *encoder, sy_predictor *predictor,
                                               sy_model **model, sy_error *error) {
  static const char *const classes[] = {"no", "yes"};
  static const double class_weights[] = {1, 2};
  const sy_model_parts parts = {
      .classes = classes, .n_classes = 2, .class_weights = class_weights, .positive = 1};
  return sy_model_new(encoder, predictor, &parts, model, error);
}

/* No hidden layer: logits linear in one number of each code. */
static inline sy_model *many_values_model(const many_values *w, size_t max_codes) {
  sy_encoder *encoder = many_values_encoder(w, max_codes);
  const sy_embedding embedding = {0, sy_encoder_output_codes(encoder, 0), 1};
  const sy_network_shape shape = {
      .n_features = 1, .n_outputs = 2, .embeddings = &embedding, .n_embeddings = 1};
  size_t n = sy_network_n_parameters(&shape);
  double *parameters = malloc(n * sizeof *parameters);
  if (!parameters) abort();
  for (size_t i = 0; i < n; i++) parameters[i] = sin((double)i);
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  if (sy_predictor_network(&shape, parameters, 1, &predictor, NULL)) abort();
  if (many_values_classifier(encoder, predictor, &model, NULL)) abort();
  free(parameters);
  return model;
}

#endif
