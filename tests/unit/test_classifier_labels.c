/* test_classifier_labels.c: a classifier of several labels is as many classifiers of two classes,
 * bit for bit: by block, in parts, row by row, and through its ONNX file. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_labels.h"
#include <steelyard/onnx.h>

enum { SEEDS = 60 };

static said_labels said, again;

static void say_all(const sy_model *model, const random_table *table, said_labels *to) {
  sy_error error;
  memset(to, 0, sizeof *to); /* whole structs are compared */
  if (sy_model_score_labels(model, &table->frame, to->probabilities, to->there, &error) != SY_OK)
    fail_msg("%s", error.text);
}

static void assert_each_alone(const random_table *table, const random_parts *parts) {
  static double both[2 * RANDOM_ROWS];
  static int32_t decisions[RANDOM_ROWS];
  for (size_t l = 0; l < parts->n_labels; l++) {
    sy_model *alone = random_label_model(table, parts, l);
    assert_int_equal(sy_model_score(alone, &table->frame, NULL, both, decisions, NULL), SY_OK);
    for (size_t i = 0; i < RANDOM_ROWS; i++) {
      size_t at = i * parts->n_labels + l;
      assert_memory_equal(&said.probabilities[at], &both[2 * i + 1], sizeof(double));
      assert_int_equal(said.there[at], decisions[i]);
    }
    sy_model_free(alone);
  }
}

/* The same by the public calls of the other rooms, for any predictor. */
static void assert_by_rooms(const sy_model *model, const random_table *table) {
  static double logits[RANDOM_ROWS * RANDOM_LABELS];
  const sy_encoder *encoder = sy_model_encoder(model);
  size_t n = sy_model_n_labels(model), width = sy_encoder_n_outputs(encoder);
  double *encoded = malloc(RANDOM_ROWS * width * sizeof *encoded);
  assert_int_equal(
      sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, encoded, width, NULL),
      SY_OK);
  sy_matrix rows = {encoded, SY_F64, RANDOM_ROWS, width, width};
  assert_int_equal(sy_predictor_logits(sy_model_predictor(model), rows, logits, NULL), SY_OK);
  for (size_t i = 0; i < RANDOM_ROWS * n; i++) {
    const sy_model *label = sy_model_label(model, i % n);
    double both[2] = {0, logits[i]};
    int32_t decision;
    sy_correct(both, 1, 2, sy_model_class_weights(label), both);
    if (sy_model_calibration(label))
      sy_calibration_apply(sy_model_calibration(label), both, 1, both);
    for (size_t k = 0; k < 2; k++) both[k] = exp(both[k]);
    assert_true(fabs(said.probabilities[i] - both[1]) < 1e-12);
    both[0] = 1 - said.probabilities[i], both[1] = said.probabilities[i];
    sy_decide(both, 1, 2, sy_model_cost(label), &decision);
    if (fabs(both[0] * (sy_model_cost(label)[0] - sy_model_cost(label)[1]) +
             both[1] * (sy_model_cost(label)[2] - sy_model_cost(label)[3])) > 1e-9)
      assert_int_equal(said.there[i], decision);
  }
  free(encoded);
}

static void assert_in_parts(const sy_model *model, const random_table *table) {
  sy_scorer *scorer = NULL;
  size_t n = sy_model_n_labels(model), cut = RANDOM_ROWS / 3;
  memset(&again, 0, sizeof again);
  assert_int_equal(sy_scorer_new(model, &table->frame, &scorer, NULL), SY_OK);
  assert_int_equal(sy_scorer_run_labels(scorer, 0, cut, again.probabilities, again.there, NULL),
                   SY_OK);
  assert_int_equal(sy_scorer_run_labels(scorer, cut, RANDOM_ROWS, again.probabilities + cut * n,
                                        again.there + cut * n, NULL),
                   SY_OK);
  assert_memory_equal(&said, &again, sizeof said);
  assert_int_equal(sy_scorer_run(scorer, 0, 1, NULL, again.probabilities, NULL, NULL),
                   SY_INVALID_ARGUMENT);
  sy_scorer_free(scorer);
}

static void fill_row(sy_row *row, const random_table *table, size_t i) {
  sy_row_clear(row);
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    if (column->type != SY_COLUMN_TEXT)
      sy_row_set_number_by_name(row, column->name,
                                column->f32 ? (double)column->f32[i] : column->f64[i]);
    else if (column->codes[i] != SY_MISSING)
      sy_row_set_text_by_name(row, column->name, column->values[column->codes[i]]);
  }
}

static void assert_row_by_row(const sy_model *model, const random_table *table) {
  sy_row *row = sy_row_new(model);
  size_t n = sy_model_n_labels(model);
  assert_non_null(row);
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    double probabilities[RANDOM_LABELS];
    uint8_t there[RANDOM_LABELS];
    fill_row(row, table, i);
    assert_int_equal(sy_model_decide_labels(model, row, there, probabilities, NULL), SY_OK);
    assert_memory_equal(probabilities, said.probabilities + i * n, n * sizeof *probabilities);
    assert_memory_equal(there, said.there + i * n, n);
  }
  assert_int_equal(sy_model_decide(model, row, NULL, NULL, NULL), SY_INVALID_ARGUMENT);
  sy_row_free(row);
}

/* What a file gives back, and that it gives the same bytes again. */
static void assert_through_file(const sy_model *model, const random_table *table) {
  void *bytes, *second;
  size_t size, second_size;
  sy_model *read = NULL;
  sy_error error;
  assert_int_equal(sy_model_to_onnx(model, &bytes, &size, NULL), SY_OK);
  if (sy_model_from_onnx(bytes, size, &read, &error) != SY_OK) fail_msg("%s", error.text);
  say_all(read, table, &again);
  assert_memory_equal(&said, &again, sizeof said);
  assert_int_equal(sy_model_to_onnx(read, &second, &second_size, NULL), SY_OK);
  assert_int_equal(size, second_size);
  assert_memory_equal(bytes, second, size);
  assert_string_equal(sy_model_note(read, "labels"), "happy, or \xC3\xA4hnlich");
  sy_model_free(read);
  free(second);
  free(bytes);
}

static void assert_seed(uint64_t seed, random_kind kind, size_t *n_tried) {
  random_table *table = random_table_new(seed);
  random_parts parts;
  if (random_parts_draw(table, &parts, kind)) {
    sy_model *model = random_labels_model(table, &parts);
    say_all(model, table, &said);
    assert_by_rooms(model, table);
    if (kind == RANDOM_LOGISTIC) assert_each_alone(table, &parts);
    assert_in_parts(model, table);
    assert_row_by_row(model, table);
    assert_through_file(model, table);
    sy_model_free(model);
    random_parts_clear(&parts);
    ++*n_tried;
  }
  free(table);
}

static void labels_are_models_of_two_classes(void **state) {
  (void)state;
  size_t n_tried = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) assert_seed(seed, RANDOM_LOGISTIC, &n_tried);
  assert_true(n_tried > SEEDS / 2);
}

static void labels_of_networks_too(void **state) {
  (void)state;
  size_t n_tried = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) assert_seed(seed, RANDOM_NETWORK, &n_tried);
  assert_true(n_tried > SEEDS / 2);
}

static void labels_of_trees_too(void **state) {
  (void)state;
  size_t n_tried = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) assert_seed(seed, RANDOM_BOOSTED, &n_tried);
  assert_true(n_tried > SEEDS / 2);
}

/* A file says what the model does that it was written from, to the bit. Frees the model; returns
 * what was read. */
static sy_model *assert_golden(const char *path, sy_model *model) {
  const sy_frame frame = network_frame();
  sy_model *golden = NULL;
  double wanted[3 * NETWORK_ROWS], came[3 * NETWORK_ROWS];
  uint8_t there[2][3 * NETWORK_ROWS];
  size_t n_there = 0;
  sy_error error;
  if (sy_model_open(path, &golden, &error)) fail_msg("%s", error.text);
  assert_int_equal(sy_model_score_labels(model, &frame, wanted, there[0], NULL), SY_OK);
  assert_int_equal(sy_model_score_labels(golden, &frame, came, there[1], NULL), SY_OK);
  assert_memory_equal(wanted, came, sizeof wanted);
  assert_memory_equal(there[0], there[1], sizeof there[0]);
  for (size_t i = 0; i < 3 * NETWORK_ROWS; i++) n_there += there[0][i];
  assert_true(n_there > 3 && n_there < 3 * NETWORK_ROWS - 3);
  assert_string_equal(sy_model_classes(golden)[1], "K\xC3\xB6ln");
  assert_string_equal(sy_model_note(golden, "label"), "tags");
  sy_model_free(model);
  return golden;
}

/* golden/labels_v3.onnx is the small model. */
static void the_first_format_of_labels_loads_for_ever(void **state) {
  (void)state;
  sy_model *golden = assert_golden(STEELYARD_TESTS "/golden/labels_v3.onnx", small_labels());
  assert_int_equal(sy_model_decision_source(sy_model_label(golden, 2)), SY_DECISION_GIVEN);
  sy_model_free(golden);
}

/* golden/labels_v4.onnx is that of trees. */
static void the_first_format_of_trees_loads_for_ever(void **state) {
  (void)state;
  sy_model *golden = assert_golden(STEELYARD_TESTS "/golden/labels_v4.onnx", small_label_trees());
  const sy_forest *forest = sy_predictor_forest(sy_model_predictor(golden));
  assert_int_equal(forest->n_trees, 2);
  assert_true(forest->base[0] == -(double)INFINITY);
  sy_model_free(golden);
}

/* A table and a model of three labels of it, whatever they are. */
static sy_model *some_model(random_table **table) {
  random_parts parts;
  for (uint64_t seed = 1;; seed++) {
    *table = random_table_new(seed);
    if (random_parts_draw(*table, &parts, RANDOM_LOGISTIC) && parts.n_labels == 3) break;
    random_parts_clear(&parts);
    free(*table);
  }
  sy_model *model = random_labels_model(*table, &parts);
  random_parts_clear(&parts);
  return model;
}

static void parts_of_each_label_are_told(void **state) {
  (void)state;
  random_table *table;
  sy_model *model = some_model(&table);
  const sy_model *second = sy_model_label(model, 1);
  assert_int_equal(sy_model_n_labels(model), 3);
  assert_int_equal(sy_model_n_classes(model), 3);
  assert_string_equal(sy_model_classes(model)[0], "happy");
  assert_int_equal(sy_model_n_labels(second), 0);
  assert_string_equal(sy_model_classes(second)[0], "not K\xC3\xB6ln");
  assert_string_equal(sy_model_classes(second)[1], "K\xC3\xB6ln");
  assert_memory_equal(sy_model_class_weights(second), sy_model_class_weights(model) + 2,
                      2 * sizeof(double));
  assert_true(fabs(sy_model_trained_prior(second)[0] + sy_model_trained_prior(second)[1] - 1) <
              1e-12);
  sy_model_free(model);
  free(table);
}

static void rules_are_set_label_by_label(void **state) {
  (void)state;
  static const double always[] = {0, 0, 1, 0}, at_a_fifth[] = {0, 1, 4, 0};
  static const double infinite[] = {0, INFINITY, 1, 0};
  random_table *table;
  char text[128];
  sy_model *model = some_model(&table);
  for (size_t l = 0; l < 3; l++)
    assert_int_equal(sy_model_set_label_rule(model, l, at_a_fifth, SY_DECISION_IMPLIED, NULL),
                     SY_OK);
  sy_model_describe_decision(model, text, sizeof text);
  assert_string_equal(text, "each label at p >= 0.200, implied by class weights");
  assert_int_equal(sy_model_set_label_rule(model, 1, always, SY_DECISION_GIVEN, NULL), SY_OK);
  say_all(model, table, &said);
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    assert_int_equal(said.there[3 * i], said.probabilities[3 * i] > 0.2);
    assert_int_equal(said.there[3 * i + 1], 1);
  }
  sy_model_describe_decision(model, text, sizeof text);
  assert_string_equal(text, "each label at its own threshold");
  sy_model_describe_decision(sy_model_label(model, 2), text, sizeof text);
  assert_string_equal(text, "a \"b\" at p >= 0.200, implied by class weights");
  assert_int_equal(sy_model_set_label_rule(model, 0, infinite, SY_DECISION_GIVEN, NULL),
                   SY_INVALID_COST);
  assert_int_equal(sy_model_set_label_rule(model, 3, always, SY_DECISION_GIVEN, NULL),
                   SY_INVALID_SHAPE);
  sy_model_free(model);
  free(table);
}

static void maps_are_set_label_by_label(void **state) {
  (void)state;
  static const double halves[] = {0.5, 0.5}, knots[] = {0.5}, values[] = {0.3};
  static const size_t n_knots[] = {0, 1};
  random_table *table;
  sy_calibration *map = NULL, *isotonic = NULL;
  sy_model *model = some_model(&table);
  assert_int_equal(sy_calibration_scaling(SY_CALIBRATION_TEMPERATURE, 2, halves, NULL, &map, NULL),
                   SY_OK);
  assert_int_equal(sy_calibration_isotonic(2, n_knots, knots, values, &isotonic, NULL), SY_OK);
  for (size_t l = 0; l < 3; l++)
    assert_int_equal(sy_model_set_label_calibration(model, l, NULL, NULL), SY_OK);
  say_all(model, table, &said);
  assert_int_equal(sy_model_set_label_calibration(model, 1, map, NULL), SY_OK);
  say_all(model, table, &again);
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    double odds = said.probabilities[3 * i + 1] / (1 - said.probabilities[3 * i + 1]);
    double wanted = sqrt(odds) / (1 + sqrt(odds));
    if (!isfinite(odds)) continue;
    assert_true(fabs(again.probabilities[3 * i + 1] - wanted) < 1e-9);
    assert_memory_equal(&again.probabilities[3 * i], &said.probabilities[3 * i], sizeof(double));
  }
  assert_int_equal(sy_model_set_label_calibration(model, 1, isotonic, NULL), SY_INVALID_ARGUMENT);
  sy_calibration_free(isotonic);
  sy_calibration_free(map);
  sy_model_free(model);
  free(table);
}

/* One class a row and several labels do not mix. */
static void calls_of_the_other_kind_fail(void **state) {
  (void)state;
  static double chances[RANDOM_ROWS * RANDOM_LABELS];
  static double cost[] = {0, 1, 1, 1, 0, 1, 1, 1, 0}, shares[] = {0.5, 0.25, 0.25};
  random_table *table;
  sy_error error;
  sy_model *model = some_model(&table), *one = small_model();
  sy_cost_rule rule = {.n_classes = 3, .fixed = cost};
  assert_int_equal(sy_model_score(model, &table->frame, NULL, chances, NULL, &error),
                   SY_INVALID_ARGUMENT);
  assert_string_equal(error.text,
                      "the model says several labels a row: the calls with _label are for it");
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, NULL), SY_INVALID_ARGUMENT);
  assert_int_equal(sy_model_set_calibration(model, NULL, NULL), SY_INVALID_ARGUMENT);
  assert_int_equal(sy_model_set_prior(model, shares, NULL), SY_INVALID_ARGUMENT);
  assert_int_equal(sy_model_n_labels(one), 0);
  assert_int_equal(sy_model_score_labels(one, &table->frame, chances, NULL, NULL),
                   SY_INVALID_ARGUMENT);
  assert_int_equal(sy_model_set_label_rule(one, 0, cost, SY_DECISION_GIVEN, NULL),
                   SY_INVALID_ARGUMENT);
  sy_model_free(one);
  sy_model_free(model);
  free(table);
}

/* A file that is not what it says is damage, whichever byte of it. */
static void damage_is_found(void **state) {
  (void)state;
  random_table *table;
  sy_model *model = some_model(&table), *read = NULL;
  void *bytes;
  size_t size;
  assert_int_equal(sy_model_to_onnx(model, &bytes, &size, NULL), SY_OK);
  for (size_t at = 0; at < size; at += 7) {
    ((uint8_t *)bytes)[at] ^= 0x55;
    assert_int_equal(sy_model_from_onnx(bytes, size, &read, NULL), SY_INVALID_MODEL);
    ((uint8_t *)bytes)[at] ^= 0x55;
  }
  free(bytes);
  sy_model_free(model);
  free(table);
}

static void impossible_parts_are_refused(void **state) {
  (void)state;
  static const char *const twice[] = {"a", "a"};
  static const double x[] = {1, 2, 4}, coefficients[] = {1, -1}, intercepts[] = {0, 0};
  const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x};
  const sy_frame frame = {&column, 1, 3};
  static const char *const names[] = {"x"}, *const labels[] = {"a", "b"};
  const sy_label_parts good = {.labels = labels, .n_labels = 2};
  sy_encoder *raw = NULL;
  sy_predictor *sums = NULL;
  sy_model *none = NULL;
  assert_int_equal(sy_encoder_raw(names, 1, &raw, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(1, 2, 2, coefficients, intercepts, &sums, NULL), SY_OK);
  assert_int_equal(sy_model_new_labels(raw, sums, &good, &none, NULL), SY_INVALID_ARGUMENT);
  for (size_t n = 1; n <= 3; n++) {
    sy_encoder *encoder = NULL;
    sy_predictor *predictor = NULL;
    sy_model *model = NULL;
    sy_label_parts parts = {.labels = twice, .n_labels = n};
    assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
    assert_int_equal(sy_predictor_logistic(1, 2, 2, coefficients, intercepts, &predictor, NULL),
                     SY_OK);
    assert_int_equal(sy_model_new_labels(encoder, predictor, &parts, &model, NULL),
                     n == 2 ? SY_INVALID_ARGUMENT : SY_INVALID_SHAPE);
  }
}

static int write_golden(const char *path) {
  sy_model *model = small_label_trees();
  sy_status status = sy_model_save(model, path, NULL);
  sy_model_free(model);
  return status != SY_OK;
}

int main(void) {
  const char *golden = getenv("STEELYARD_WRITE_GOLDEN"); /* see test_onnx.c */
  if (golden) return write_golden(golden);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_are_models_of_two_classes),
      cmocka_unit_test(labels_of_networks_too),
      cmocka_unit_test(the_first_format_of_labels_loads_for_ever),
      cmocka_unit_test(the_first_format_of_trees_loads_for_ever),
      cmocka_unit_test(labels_of_trees_too),
      cmocka_unit_test(parts_of_each_label_are_told),
      cmocka_unit_test(rules_are_set_label_by_label),
      cmocka_unit_test(maps_are_set_label_by_label),
      cmocka_unit_test(calls_of_the_other_kind_fail),
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(impossible_parts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
