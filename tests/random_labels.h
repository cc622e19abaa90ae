/* random_labels.h: random classifiers of several labels a row, and each of their labels as a
 * classifier of two classes alone, for the tests of classifier and onnx. */
#ifndef TESTS_RANDOM_LABELS_H
#define TESTS_RANDOM_LABELS_H

#include "random_model.h"
#include <steelyard/classifier_labels.h>

enum { RANDOM_LABELS = 5 };

/* What a model of several labels is made of. */
typedef struct random_parts {
  sy_encoder_options encoder;
  size_t width, n_labels;
  random_kind kind;     /* of another family than logistic, in the place of the next two */
  double *coefficients; /* (L, width) */
  double intercepts[RANDOM_LABELS]; /* of the first label perhaps -inf: it was never there */
  double class_weights[2 * RANDOM_LABELS];
  double costs[4 * RANDOM_LABELS];
  sy_decision_source sources[RANDOM_LABELS];
  sy_calibration *calibrations[RANDOM_LABELS]; /* NULL where a label has none */
  double trained_prior[2 * RANDOM_LABELS];
} random_parts;

static const char *const random_label_names[RANDOM_LABELS] = {"happy", "K\xC3\xB6ln", "a \"b\"",
                                                              "label", "x,y"};

static inline sy_encoder *random_encoder(const random_table *table, const random_parts *parts) {
  sy_encoder *encoder = NULL;
  if (sy_encoder_fit(&table->frame, table->row_weights, &parts->encoder, NULL, &encoder, NULL))
    return NULL;
  return encoder;
}

static inline void random_label(random_table *table, random_parts *parts, size_t l) {
  double *weights = parts->class_weights + 2 * l, scales[2], shifts[2];
  for (size_t k = 0; k < 2; k++) weights[k] = 0.1 + 5 * random_uniform(table);
  parts->sources[l] = (sy_decision_source)random_below(table, 4);
  parts->intercepts[l] = random_uniform(table) - 0.5;
  if (l == 0 && random_uniform(table) < 0.3) parts->intercepts[l] = -INFINITY;
  for (size_t i = 0; i < 4; i++) parts->costs[4 * l + i] = i % 3 ? 10 * random_uniform(table) : 0;
  double share = parts->trained_prior[2 * l + 1] = random_uniform(table);
  parts->trained_prior[2 * l] = 1 - share;
  size_t kind = random_below(table, 4);
  if (kind >= SY_CALIBRATION_ISOTONIC) return;
  for (size_t k = 0; k < 2; k++) {
    scales[k] = kind == SY_CALIBRATION_VECTOR || k == 0 ? 0.3 + random_uniform(table) : scales[0];
    shifts[k] = 2 * random_uniform(table) - 1;
  }
  if (sy_calibration_scaling((sy_calibration_kind)kind, 2, scales,
                             kind == SY_CALIBRATION_VECTOR ? shifts : NULL, &parts->calibrations[l],
                             NULL))
    abort();
}

/* Draws them; false where all columns of the table are constant. random_parts_clear. */
static inline bool random_parts_draw(random_table *table, random_parts *parts, random_kind kind) {
  *parts = (random_parts){.encoder = random_options(table, kind), .kind = kind};
  sy_encoder *encoder = random_encoder(table, parts);
  if (!encoder) return false;
  parts->width = sy_encoder_n_outputs(encoder);
  sy_encoder_free(encoder);
  parts->n_labels = 2 + random_below(table, RANDOM_LABELS - 1);
  parts->coefficients = malloc(parts->width * parts->n_labels * sizeof *parts->coefficients);
  if (!parts->coefficients) abort();
  for (size_t i = 0; i < parts->width * parts->n_labels; i++)
    parts->coefficients[i] = (random_uniform(table) - 0.5) * 2;
  for (size_t l = 0; l < parts->n_labels; l++) random_label(table, parts, l);
  return true;
}

static inline void random_parts_clear(random_parts *parts) {
  for (size_t l = 0; l < parts->n_labels; l++) sy_calibration_free(parts->calibrations[l]);
  free(parts->coefficients);
}

static inline sy_predictor *random_logits(random_table *table, const random_parts *parts,
                                          const sy_encoder *encoder) {
  static const double learnt[RANDOM_LABELS] = {1, 1, 1, 1, 1};
  sy_predictor *predictor = NULL;
  if (parts->kind != RANDOM_LOGISTIC)
    return random_behind(table, parts->kind, encoder, parts->n_labels, learnt);
  if (sy_predictor_logistic(parts->width, parts->n_labels, parts->n_labels, parts->coefficients,
                            parts->intercepts, &predictor, NULL))
    abort();
  return predictor;
}

/* The model of all labels. */
static inline sy_model *random_labels_model(random_table *table, const random_parts *parts) {
  sy_encoder *encoder = random_encoder(table, parts);
  sy_model *model = NULL;
  sy_label_parts all = {.labels = random_label_names,
                        .n_labels = parts->n_labels,
                        .class_weights = parts->class_weights,
                        .costs = parts->costs,
                        .sources = parts->sources,
                        .calibrations = (const sy_calibration *const *)parts->calibrations,
                        .trained_prior = parts->trained_prior};
  if (sy_model_new_labels(encoder, random_logits(table, parts, encoder), &all, &model, NULL))
    abort();
  if (sy_model_set_note(model, "labels", "happy, or \xC3\xA4hnlich", NULL)) abort();
  return model;
}

/* One of them alone. */
static inline sy_model *random_label_model(const random_table *table, const random_parts *parts,
                                           size_t l) {
  static const char *const classes[] = {"no", "yes"};
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  double cost[4];
  memcpy(cost, parts->costs + 4 * l, sizeof cost);
  const sy_cost_rule rule = {.n_classes = 2, .fixed = cost};
  sy_model_parts alone = {.classes = classes,
                          .n_classes = 2,
                          .class_weights = parts->class_weights + 2 * l,
                          .rule = &rule,
                          .source = parts->sources[l],
                          .positive = 1,
                          .calibration = parts->calibrations[l]};
  if (sy_predictor_logistic(parts->width, 2, 1, parts->coefficients + l * parts->width,
                            parts->intercepts + l, &predictor, NULL) ||
      sy_model_new(random_encoder(table, parts), predictor, &alone, &model, NULL))
    abort();
  return model;
}

/* What is said of every row of a table. */
typedef struct said_labels {
  double probabilities[RANDOM_ROWS * RANDOM_LABELS];
  uint8_t there[RANDOM_ROWS * RANDOM_LABELS];
} said_labels;

/* The mean of two small networks of three labels, one of them calibrated: golden/labels_v3.onnx is
 * this model, and it stays as it is. */
static inline sy_model *small_labels(void) {
  static const size_t hidden[] = {3};
  static const sy_embedding embeddings[] = {{2, 4, 2}};
  static const sy_network_shape shape = {.n_features = 5,
                                         .n_outputs = 3,
                                         .hidden = hidden,
                                         .n_hidden = 1,
                                         .activation = SY_ACTIVATION_TANH,
                                         .embeddings = embeddings,
                                         .n_embeddings = 1};
  enum { PARAMETERS = 4 * 2 + (6 + 1) * 3 + (3 + 1) * 3, MEMBERS = 2 };
  static const double weights[] = {1, 2.5, 1, 1, 0.5, 4};
  static const double costs[] = {0, 1, 2.5, 0, 0, 1, 1, 0, 0, 3, 1, -0.5};
  static const sy_decision_source sources[] = {SY_DECISION_IMPLIED, SY_DECISION_PLAIN,
                                               SY_DECISION_GIVEN};
  static const double scales[] = {0.75, 1.5}, shifts[] = {-0.25, 0.25};
  static const double trained_prior[] = {0.75, 0.25, 0.5, 0.5, 0.875, 0.125};
  const sy_frame frame = network_frame();
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_calibration *map = NULL;
  sy_model *model = NULL;
  double parameters[MEMBERS * PARAMETERS];
  for (size_t i = 0; i < MEMBERS * PARAMETERS; i++)
    parameters[i] = (double)(i * 31 % 29) / 16 - 0.875;
  options.codes = true;
  options.max_categories = 2;
  if (sy_calibration_scaling(SY_CALIBRATION_VECTOR, 2, scales, shifts, &map, NULL)) abort();
  const sy_calibration *const maps[] = {NULL, NULL, map};
  const sy_label_parts parts = {.labels = random_label_names,
                                .n_labels = 3,
                                .class_weights = weights,
                                .costs = costs,
                                .sources = sources,
                                .calibrations = maps,
                                .trained_prior = trained_prior};
  if (sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL) ||
      sy_network_n_parameters(&shape) != PARAMETERS ||
      sy_predictor_network(&shape, parameters, MEMBERS, &predictor, NULL) ||
      sy_model_new_labels(encoder, predictor, &parts, &model, NULL) ||
      sy_model_set_note(model, "label", "tags", NULL))
    abort();
  sy_calibration_free(map);
  return model;
}

/* Trees for three labels, one of which was never there and one of which none adds to:
 * golden/labels_v4.onnx is this model, and it stays as it is. */
static inline sy_model *small_label_trees(void) {
  static const double base[] = {-(double)INFINITY, 0.375, -1.25};
  static const sy_tree_node nodes[] = {
      {.feature = 0, .left = 1, .right = 2, .value = 1, .missing_left = true},
      {.feature = SY_TREE_LEAF, .value = 0.7F},
      {.feature = SY_TREE_LEAF, .value = -0.3F},
      {.feature = 5, .left = 4, .right = 5, .value = 1},
      {.feature = SY_TREE_LEAF, .value = 0.5F},
      {.feature = SY_TREE_LEAF, .value = -0.125F}};
  static const size_t roots[] = {0, 3};
  static const uint32_t outputs[] = {2, 2};
  static const sy_forest forest = {.n_features = 6,
                                   .n_outputs = 3,
                                   .base = base,
                                   .nodes = nodes,
                                   .n_nodes = 6,
                                   .roots = roots,
                                   .outputs = outputs,
                                   .n_trees = 2};
  static const double weights[] = {1, 2.5, 1, 1, 0.5, 4};
  const sy_frame frame = network_frame();
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  options.raw = true;
  options.max_categories = 2;
  const sy_label_parts parts = {
      .labels = random_label_names, .n_labels = 3, .class_weights = weights};
  if (sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL) ||
      sy_predictor_boosted(&forest, 3, &predictor, NULL) ||
      sy_model_new_labels(encoder, predictor, &parts, &model, NULL) ||
      sy_model_set_note(model, "label", "tags", NULL))
    abort();
  return model;
}

#endif
