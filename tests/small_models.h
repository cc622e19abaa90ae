/* small_models.h: small models that stay as they are; a part of random_model.h. */
#ifndef TESTS_SMALL_MODELS_H
#define TESTS_SMALL_MODELS_H

/* A model of one number that is missing once and one text, whose file is small. */
static inline sy_model *small_model_of(const sy_model_parts *parts) {
  static const double x[] = {-1, 1, 3, (double)NAN};
  static const double coefficients[] = {1.5, -0.25, 0.5, 2, 0.125}, intercepts[] = {-0.75};
  static const uint32_t codes[] = {0, 1, 2, 0};
  static const char *const values[] = {"a", "K\xC3\xB6ln", ""};
  const sy_column columns[] = {
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
      {.name = "label", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 3}};
  const sy_frame frame = {columns, 2, 4};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  if (sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL) ||
      sy_predictor_logistic(5, 2, 1, coefficients, intercepts, &predictor, NULL) ||
      sy_model_new(encoder, predictor, parts, &model, NULL) ||
      sy_model_set_note(model, "label", "Effect Amount of damage", NULL) ||
      sy_model_set_note(model, "trained", "4 rows, 3 steps", NULL))
    abort();
  return model;
}

static const char *const small_classes[] = {"None", "damage"};
static const double small_weights[] = {1, 2.5};

/* golden/model_v1.onnx is this model: it stays as it is. */
static inline sy_model *small_model(void) {
  static double cost[] = {0, 1, 5, 0};
  const sy_cost_rule rule = {.n_classes = 2, .fixed = cost};
  const sy_model_parts parts = {.classes = small_classes,
                                .n_classes = 2,
                                .class_weights = small_weights,
                                .rule = &rule,
                                .source = SY_DECISION_GIVEN,
                                .positive = 1};
  return small_model_of(&parts);
}

/* The same with all that may follow on the training: golden/model_v2.onnx is this model, and it
 * stays as it is. */
static inline sy_model *decided_model(void) {
  static const size_t n_knots[] = {0, 3};
  static const double knots[] = {0.1, 0.4, 0.8}, values[] = {0.05, 0.3, 0.9};
  static const double trained_prior[] = {0.8, 0.2}, prior[] = {0.9, 0.1};
  sy_calibration *calibration = NULL;
  sy_cost_rule rule;
  if (sy_calibration_isotonic(2, n_knots, knots, values, &calibration, NULL) ||
      sy_cost_rule_parse("damage:None=amount, None:damage=2 * fee, None:None=-0.375", small_classes,
                         2, &rule, NULL))
    abort();
  const sy_model_parts parts = {.classes = small_classes,
                                .n_classes = 2,
                                .class_weights = small_weights,
                                .rule = &rule,
                                .source = SY_DECISION_GIVEN,
                                .positive = 1,
                                .calibration = calibration,
                                .trained_prior = trained_prior,
                                .prior = prior};
  sy_model *model = small_model_of(&parts);
  sy_calibration_free(calibration);
  sy_cost_rule_clear(&rule);
  return model;
}

enum { NETWORK_ROWS = 8 };

/* The rows that it is fitted on: a number that is missing once, a text of few values and one of
 * more than it may have columns. */
static inline sy_frame network_frame(void) {
  static const double x[NETWORK_ROWS] = {-1, 1, 3, (double)NAN, 0.5, 2, -2, 0};
  static const uint32_t kinds[NETWORK_ROWS] = {0, 1, 0, 1, 1, 0, 1, 0};
  static const uint32_t towns[NETWORK_ROWS] = {0, 1, 2, 3, 0, 1, 2, 4};
  static const char *const kind_names[] = {"day", "night"};
  static const char *const town_names[] = {"a", "K\xC3\xB6ln", "", "seldom", "late"};
  static const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
                                      {.name = "label",
                                       .type = SY_COLUMN_TEXT,
                                       .codes = towns,
                                       .values = town_names,
                                       .n_values = 5},
                                      {.name = "kind",
                                       .type = SY_COLUMN_TEXT,
                                       .codes = kinds,
                                       .values = kind_names,
                                       .n_values = 2}};
  return (sy_frame){columns, 3, NETWORK_ROWS};
}

/* The mean of two small networks with all that a network may have: golden/model_v3.onnx is this
 * model, and it stays as it is. Codes: "" 0, "K\xC3\xB6ln" 1, "a" 2, all others 3. */
static inline sy_model *small_network(void) {
  static const size_t hidden[] = {3, 4};
  static const sy_embedding embeddings[] = {{2, 4, 2}};
  static const sy_network_shape shape = {.n_features = 5,
                                         .n_outputs = 2,
                                         .hidden = hidden,
                                         .n_hidden = 2,
                                         .activation = SY_ACTIVATION_GELU,
                                         .norm = SY_NORM_LAYER,
                                         .embeddings = embeddings,
                                         .n_embeddings = 1};
  enum { PARAMETERS = 4 * 2 + (6 + 3) * 3 + (3 + 3) * 4 + (4 + 1) * 2, MEMBERS = 2 };
  static double cost[] = {0, 1, 5, 0};
  const sy_frame frame = network_frame();
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  double parameters[MEMBERS * PARAMETERS];
  for (size_t i = 0; i < MEMBERS * PARAMETERS; i++)
    parameters[i] = (double)(i * 37 % 23) / 16 - 0.625;
  options.codes = true;
  options.max_categories = 2;
  const sy_cost_rule rule = {.n_classes = 2, .fixed = cost};
  const sy_model_parts parts = {.classes = small_classes,
                                .n_classes = 2,
                                .class_weights = small_weights,
                                .rule = &rule,
                                .source = SY_DECISION_GIVEN,
                                .positive = 1};
  if (sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL) ||
      sy_network_n_parameters(&shape) != PARAMETERS ||
      sy_predictor_network(&shape, parameters, MEMBERS, &predictor, NULL) ||
      sy_model_new(encoder, predictor, &parts, &model, NULL) ||
      sy_model_set_note(model, "trained", "8 rows, 2 networks", NULL))
    abort();
  return model;
}

/* Three small trees behind an encoder that leaves numbers as they are: golden/model_v4.onnx is this
 * model, and it stays as it is. Columns: x, label "", label "K\xC3\xB6ln", label other, day, night.
 */
static inline sy_model *small_forest(void) {
  static const double base[] = {-0.625};
  static const sy_tree_node nodes[] = {
      {.feature = 0, .left = 1, .right = 2, .value = 0.5F},
      {.feature = SY_TREE_LEAF, .value = -0.75F},
      {.feature = 2, .left = 4, .right = 3, .value = 1},
      {.feature = SY_TREE_LEAF, .value = 1.25F},
      {.feature = SY_TREE_LEAF, .value = 0.1F},
      {.feature = SY_TREE_LEAF, .value = 0.03125F},
      {.feature = 4, .left = 7, .right = 8, .value = 0.5F},
      {.feature = 0, .left = 9, .right = 10, .value = -1.5F, .missing_left = true},
      {.feature = SY_TREE_LEAF, .value = -0.2F},
      {.feature = SY_TREE_LEAF, .value = 2},
      {.feature = SY_TREE_LEAF, .value = -3}};
  static const size_t roots[] = {0, 5, 6};
  static const uint32_t outputs[] = {0, 0, 0};
  static const sy_forest forest = {.n_features = 6,
                                   .n_outputs = 1,
                                   .base = base,
                                   .nodes = nodes,
                                   .n_nodes = sizeof nodes / sizeof *nodes,
                                   .roots = roots,
                                   .outputs = outputs,
                                   .n_trees = 3};
  static double cost[] = {0, 1, 5, 0};
  const sy_frame frame = network_frame();
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  options.raw = true;
  options.max_categories = 2;
  const sy_cost_rule rule = {.n_classes = 2, .fixed = cost};
  const sy_model_parts parts = {.classes = small_classes,
                                .n_classes = 2,
                                .class_weights = small_weights,
                                .rule = &rule,
                                .source = SY_DECISION_GIVEN,
                                .positive = 1};
  if (sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL) ||
      sy_predictor_boosted(&forest, 2, &predictor, NULL) ||
      sy_model_new(encoder, predictor, &parts, &model, NULL) ||
      sy_model_set_note(model, "trained", "8 rows, 3 trees", NULL))
    abort();
  return model;
}

#endif
