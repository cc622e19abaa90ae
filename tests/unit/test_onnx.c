/* test_onnx.c: a classifier written and read back is the same.
 *
 * golden/model_vN.onnx was written by this program with STEELYARD_WRITE_GOLDEN=FILE set, once, when
 * N was the version of the format. They must load for ever: never write one again. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model_scores.h"
#include "onnx/names.h"
#include "onnx/wire.h"
#include <steelyard/onnx.h>
#include <steelyard/store.h>

enum { SEEDS = 120 };

static scores before, after;

static void *write_bytes(const sy_model *model, size_t *size) {
  void *bytes = NULL;
  assert_int_equal(sy_model_to_onnx(model, &bytes, size, NULL), SY_OK);
  return bytes;
}

static sy_model *read_bytes(const void *bytes, size_t size) {
  sy_model *model = NULL;
  sy_error error;
  if (sy_model_from_onnx(bytes, size, &model, &error)) fail_msg("%s", error.text);
  return model;
}

static void assert_same_shares(const double *a, const double *b, size_t n_classes) {
  assert_int_equal(!a, !b);
  if (a) assert_memory_equal(a, b, n_classes * sizeof *a);
}

static void assert_same_rules(const sy_cost_rule *a, const sy_cost_rule *b) {
  size_t n_cells = a->n_classes * a->n_classes;
  assert_memory_equal(a->fixed, b->fixed, n_cells * sizeof *a->fixed);
  assert_int_equal(a->n_expressions, b->n_expressions);
  if (a->n_expressions == 0) return;
  assert_memory_equal(a->which, b->which, n_cells * sizeof *a->which);
  for (size_t v = 0; v < a->n_expressions; v++)
    assert_string_equal(a->expressions[v], b->expressions[v]);
}

static void assert_same_maps(const sy_calibration *a, const sy_calibration *b) {
  assert_int_equal(!a, !b);
  if (!a) return;
  size_t n_classes = sy_calibration_n_classes(a);
  assert_int_equal(sy_calibration_kind_of(a), sy_calibration_kind_of(b));
  assert_same_shares(sy_calibration_scales(a), sy_calibration_scales(b), n_classes);
  assert_same_shares(sy_calibration_shifts(a), sy_calibration_shifts(b), n_classes);
  for (size_t k = 0; k < n_classes; k++) {
    size_t n = sy_calibration_n_knots(a, k);
    assert_int_equal(sy_calibration_n_knots(b, k), n);
    if (n == 0) continue;
    assert_memory_equal(sy_calibration_knots(a, k), sy_calibration_knots(b, k), n * sizeof(double));
    assert_memory_equal(sy_calibration_values(a, k), sy_calibration_values(b, k),
                        n * sizeof(double));
  }
}

static void assert_same_networks(const sy_predictor *a, const sy_predictor *b) {
  const sy_network_shape *x = sy_predictor_shape(a), *y = sy_predictor_shape(b);
  assert_string_equal(sy_predictor_family(a), sy_predictor_family(b));
  if (!x) return;
  size_t n = sy_network_n_parameters(x), members = sy_predictor_n_members(a);
  assert_int_equal(members, sy_predictor_n_members(b));
  assert_int_equal(x->n_hidden, y->n_hidden);
  assert_int_equal(x->n_embeddings, y->n_embeddings);
  for (size_t l = 0; l < x->n_hidden; l++) assert_int_equal(x->hidden[l], y->hidden[l]);
  for (size_t e = 0; e < x->n_embeddings; e++)
    assert_memory_equal(&x->embeddings[e], &y->embeddings[e], sizeof *x->embeddings);
  if (x->n_hidden > 0) assert_true(x->activation == y->activation && x->norm == y->norm);
  assert_int_equal(sy_network_n_parameters(y), n);
  assert_memory_equal(sy_predictor_parameters(a), sy_predictor_parameters(b),
                      members * n * sizeof(double));
}

static void assert_same_nodes(const sy_tree_node *x, const sy_tree_node *y, size_t n) {
  for (size_t i = 0; i < n; i++, x++, y++) {
    assert_int_equal(x->feature, y->feature);
    assert_memory_equal(&x->value, &y->value, sizeof x->value);
    if (x->feature == SY_TREE_LEAF) continue;
    assert_true(x->left == y->left && x->right == y->right && x->missing_left == y->missing_left);
  }
}

static void assert_same_forests(const sy_forest *x, const sy_forest *y) {
  assert_int_equal(!x, !y);
  if (!x) return;
  assert_true(x->n_features == y->n_features && x->n_outputs == y->n_outputs);
  assert_memory_equal(x->base, y->base, x->n_outputs * sizeof *x->base);
  assert_true(x->n_trees == y->n_trees && x->n_nodes == y->n_nodes);
  if (x->n_trees == 0) return;
  assert_memory_equal(x->roots, y->roots, x->n_trees * sizeof *x->roots);
  assert_memory_equal(x->outputs, y->outputs, x->n_trees * sizeof *x->outputs);
  assert_same_nodes(x->nodes, y->nodes, x->n_nodes);
}

static void assert_same_parts(const sy_model *a, const sy_model *b) {
  size_t n = sy_model_n_classes(a);
  assert_int_equal(sy_model_n_classes(b), n);
  for (size_t k = 0; k < n; k++)
    assert_string_equal(sy_model_classes(a)[k], sy_model_classes(b)[k]);
  assert_int_equal(sy_model_decision_source(a), sy_model_decision_source(b));
  assert_int_equal(sy_model_positive(a), sy_model_positive(b));
  assert_int_equal(sy_model_n_notes(a), sy_model_n_notes(b));
  for (size_t i = 0; i < sy_model_n_notes(a); i++) {
    const char *key = sy_model_note_key(a, i);
    assert_string_equal(key, sy_model_note_key(b, i));
    assert_string_equal(sy_model_note(a, key), sy_model_note(b, key));
  }
  assert_same_shares(sy_model_trained_prior(a), sy_model_trained_prior(b), n);
  assert_same_shares(sy_model_prior(a), sy_model_prior(b), n);
  assert_same_rules(sy_model_cost_rule(a), sy_model_cost_rule(b));
  assert_same_maps(sy_model_calibration(a), sy_model_calibration(b));
  assert_same_networks(sy_model_predictor(a), sy_model_predictor(b));
  assert_same_forests(sy_predictor_forest(sy_model_predictor(a)),
                      sy_predictor_forest(sy_model_predictor(b)));
  const sy_encoder *x = sy_model_encoder(a), *y = sy_model_encoder(b);
  assert_int_equal(sy_encoder_is_raw(x), sy_encoder_is_raw(y));
  assert_int_equal(sy_encoder_n_inputs(x), sy_encoder_n_inputs(y));
  for (size_t i = 0; i < sy_encoder_n_inputs(x); i++) {
    assert_string_equal(sy_encoder_input_name(x, i), sy_encoder_input_name(y, i));
    assert_int_equal(sy_encoder_input_type(x, i), sy_encoder_input_type(y, i));
    assert_int_equal(sy_encoder_input_missing(y, i), 0);
  }
  for (size_t j = 0; j < sy_encoder_n_outputs(x); j++)
    assert_string_equal(sy_encoder_output_name(x, j), sy_encoder_output_name(y, j));
}

static void check_read_back(const sy_model *model, const random_table *table) {
  size_t size, size_again;
  void *bytes = write_bytes(model, &size);
  sy_model *read = read_bytes(bytes, size);
  void *again = write_bytes(read, &size_again);
  assert_int_equal(size_again, size);
  assert_memory_equal(again, bytes, size);
  assert_same_parts(model, read);
  score(model, table, &before);
  score(read, table, &after);
  assert_memory_equal(&before, &after, sizeof before);
  free(bytes);
  free(again);
  sy_model_free(read);
}

static void reads_back_the_same_bits(void **state) {
  (void)state;
  size_t models = 0, embedded = 0, grown = 0, bare = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    if (model) {
      const sy_network_shape *shape = sy_predictor_shape(sy_model_predictor(model));
      const sy_forest *forest = sy_predictor_forest(sy_model_predictor(model));
      embedded += shape && shape->n_embeddings > 0;
      grown += forest && forest->n_trees > 0;
      bare += forest && forest->n_trees == 0;
      check_read_back(model, table);
      random_adjust(table, model);
      check_read_back(model, table);
      models++;
    }
    sy_model_free(model);
    free(table);
  }
  assert_true(models > SEEDS / 2 && embedded > SEEDS / 8 && grown > SEEDS / 6 && bare > 0);
}

static void saves_and_opens_files(void **state) {
  (void)state;
  char path[] = "test_onnx_XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  close(descriptor);
  sy_model *model = small_model(), *read = NULL;
  sy_error error;
  assert_int_equal(sy_model_save(model, path, &error), SY_OK);
  assert_int_equal(sy_model_open(path, &read, &error), SY_OK);
  assert_same_parts(model, read);
  assert_int_equal(sy_file_write(path, "a,b\n", 4, NULL), SY_OK);
  sy_model *none = NULL;
  assert_int_equal(sy_model_open(path, &none, &error), SY_INVALID_MODEL);
  assert_memory_equal(error.text, path, strlen(path));
  assert_string_equal(error.text + strlen(path), " is no ONNX file");
  unlink(path);
  assert_int_equal(sy_model_open(path, &none, &error), SY_FILE_NOT_READ);
  assert_int_equal(sy_model_save(model, "no such folder/model.onnx", &error), SY_FILE_NOT_WRITTEN);
  assert_null(none);
  sy_model_free(model);
  sy_model_free(read);
}

static void names_are_kept_apart(void **state) {
  (void)state;
  const char *const pairs[][2] = {{"label", "label (input)"},
                                  {"label (input)", "label (input) (input)"},
                                  {"probabilities", "probabilities (input)"},
                                  {"", " (input)"},
                                  {" (input)", " (input) (input)"},
                                  {"age (input)", "age (input)"},
                                  {"labels", "labels"},
                                  {"Label", "Label"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    char *input = sy_onnx_input_name(pairs[i][0]), *column = sy_onnx_column_name(pairs[i][1]);
    assert_string_equal(input, pairs[i][1]);
    assert_string_equal(column, pairs[i][0]);
    free(input);
    free(column);
  }
  const char *const columns[] = {"steelyard/x", "steelyard2", "steelyard2/", "steelyard4/y"};
  char prefix[SY_ONNX_PREFIX_SIZE];
  sy_onnx_prefix(columns, 0, prefix);
  assert_string_equal(prefix, "steelyard");
  sy_onnx_prefix(columns, 2, prefix);
  assert_string_equal(prefix, "steelyard2");
  sy_onnx_prefix(columns, 4, prefix);
  assert_string_equal(prefix, "steelyard3");
}

static size_t times_in(const uint8_t *bytes, size_t size, double number) {
  size_t found = 0;
  for (size_t i = 0; i + 8 <= size; i++) found += memcmp(bytes + i, &number, 8) == 0;
  return found;
}

/* No number stands in the file twice: the bytes of each occur once, and shares that the graph has
 * are not in the metadata too. */
static void holds_each_number_once(void **state) {
  (void)state;
  sy_model *model = decided_model();
  size_t size;
  uint8_t *bytes = write_bytes(model, &size);
  const double once[] = {sy_predictor_coefficients(sy_model_predictor(model))[4],
                         sy_calibration_knots(sy_model_calibration(model), 1)[2],
                         sy_calibration_values(sy_model_calibration(model), 1)[0],
                         sy_model_trained_prior(model)[1], sy_model_prior(model)[0]};
  /* 0.8 and 0.9 are a knot and a value too. */
  const size_t wanted[] = {1, 2, 1, 1, 2};
  for (size_t i = 0; i < 5; i++) assert_int_equal(times_in(bytes, size, once[i]), wanted[i]);
  const char key[] = "steelyard.trained_prior";
  bool said = false;
  for (size_t i = 0; i + sizeof key <= size; i++)
    said = said || memcmp(bytes + i, key, sizeof key - 1) == 0;
  assert_false(said);
  free(bytes);
  sy_model_set_prior(model, NULL, NULL);
  bytes = write_bytes(model, &size);
  assert_int_equal(times_in(bytes, size, 0.2), 0);
  sy_model *read = read_bytes(bytes, size);
  assert_memory_equal(sy_model_trained_prior(read), sy_model_trained_prior(model),
                      2 * sizeof(double));
  free(bytes);
  sy_model_free(read);
  sy_model_free(model);
}

/* Splits, leaves and bases of trees too; 0.5 splits twice. */
static void holds_each_number_of_trees_once(void **state) {
  (void)state;
  static const double numbers[] = {-1.5, (double)0.1F, (double)-0.2F, 1.25, -0.625, 0.5};
  sy_model *model = small_forest();
  size_t size;
  uint8_t *bytes = write_bytes(model, &size);
  for (size_t i = 0; i < 6; i++) assert_int_equal(times_in(bytes, size, numbers[i]), i < 5 ? 1 : 2);
  free(bytes);
  sy_model_free(model);
}

/* Frees the model. */
static void fail_each_allocation(sy_model *model) {
  bool done = false;
  size_t n = 0;
  while (!done) {
    void *bytes = NULL;
    size_t size;
    sy_error error;
    sy_model *read = NULL;
    sy_memory_fail_nth(++n);
    sy_status status = sy_model_to_onnx(model, &bytes, &size, &error);
    if (!status) status = sy_model_from_onnx(bytes, size, &read, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_model_free(read);
    free(bytes);
  }
  assert_true(n > 100);
  sy_model_free(model);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  fail_each_allocation(decided_model());
  fail_each_allocation(small_network());
  fail_each_allocation(small_forest());
}

/* Rows for the golden model, and what it said of them when it was written (see expected below). */
static void score_golden(const sy_model *model, double chances[10], int32_t decisions[5]) {
  static const double x[] = {-1, 0.5, (double)NAN, 3, 100};
  static const uint32_t codes[] = {0, 1, 2, 3, SY_MISSING};
  static const char *const values[] = {"a", "K\xC3\xB6ln", "", "unseen"};
  const sy_column columns[] = {
      {.name = "label", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 4},
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 2, 5};
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, decisions, NULL), SY_OK);
}

/* p = 1 / (1 + exp(-(z - ln 2.5))), z = -0.75 + 1.5 u - 0.25 missing + one of (0.5, 2, 0.125) for
 * "", Koln, a sorted by bytes ("" < "K" < "a"); u = (x - 1) / sqrt(8/3). */
static void the_first_format_loads_for_ever(void **state) {
  (void)state;
  sy_model *model = NULL;
  sy_error error;
  if (sy_model_open(STEELYARD_TESTS "/golden/model_v1.onnx", &model, &error))
    fail_msg("%s", error.text);
  double chances[10], deviation = sqrt(8.0 / 3);
  int32_t decisions[5];
  score_golden(model, chances, decisions);
  const double logits[] = {-0.75 + 1.5 * -2 / deviation + 0.125, -0.75 + 1.5 * -0.5 / deviation + 2,
                           -0.75 - 0.25 + 0.5, -0.75 + 1.5 * 2 / deviation,
                           -0.75 + 1.5 * 99 / deviation + 0.5};
  for (size_t i = 0; i < 5; i++) {
    double expected = 1 / (1 + 2.5 * exp(-logits[i]));
    assert_true(fabs(chances[2 * i + 1] - expected) < 1e-14);
    assert_int_equal(decisions[i], expected > 1.0 / 6);
  }
  assert_string_equal(sy_model_classes(model)[1], "damage");
  assert_int_equal(sy_model_positive(model), 1);
  assert_int_equal(sy_model_decision_source(model), SY_DECISION_GIVEN);
  assert_string_equal(sy_model_note(model, "label"), "Effect Amount of damage");
  sy_model_free(model);
}

/* The same with what follows on the training: p through (0.1, 0.05), (0.4, 0.3), (0.8, 0.9), from a
 * prior of 0.2 to one of 0.1; flagged where p amount > (1 - p) (2 fee + 0.375). */
static void the_second_format_loads_for_ever(void **state) {
  (void)state;
  static const double x[] = {-1, 0.5, (double)NAN, 3, 100};
  static const double amount[] = {3, 4, 5, 1, 1}, fees[] = {1, 0, 2, 30, 20};
  static const uint32_t codes[] = {0, 1, 2, 3, SY_MISSING};
  static const char *const values[] = {"a", "K\xC3\xB6ln", "", "unseen"};
  const sy_column columns[] = {
      {.name = "cost: 2 * fee", .type = SY_COLUMN_NUMBER, .f64 = fees},
      {.name = "label", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 4},
      {.name = "cost: amount", .type = SY_COLUMN_NUMBER, .f64 = amount},
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 4, 5};
  sy_model *model = NULL;
  sy_error error;
  double chances[10], deviation = sqrt(8.0 / 3);
  int32_t decisions[5], n_flagged = 0;
  if (sy_model_open(STEELYARD_TESTS "/golden/model_v2.onnx", &model, &error))
    fail_msg("%s", error.text);
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, decisions, NULL), SY_OK);
  const double logits[] = {-0.75 + 1.5 * -2 / deviation + 0.125, -0.75 + 1.5 * -0.5 / deviation + 2,
                           -0.75 - 0.25 + 0.5, -0.75 + 1.5 * 2 / deviation,
                           -0.75 + 1.5 * 99 / deviation + 0.5};
  for (size_t i = 0; i < 5; i++) {
    double p = 1 / (1 + 2.5 * exp(-logits[i]));
    p = p < 0.1   ? 0.05
        : p < 0.4 ? 0.05 + (p - 0.1) / 0.3 * 0.25
        : p < 0.8 ? 0.3 + (p - 0.4) / 0.4 * 0.6
                  : 0.9;
    double odds = p / (1 - p) * (0.1 / 0.2) / (0.9 / 0.8);
    p = odds / (1 + odds);
    assert_true(fabs(chances[2 * i + 1] - p) < 1e-14);
    assert_int_equal(decisions[i], p * amount[i] > (1 - p) * (fees[i] + 0.375));
    n_flagged += decisions[i];
  }
  assert_true(n_flagged > 0 && n_flagged < 5);
  sy_model *same = decided_model();
  assert_same_parts(same, model);
  sy_model_free(same);
  sy_model_free(model);
}

/* A file is the model it was written from, to the bit. Frees the model. */
static void assert_golden(const char *path, sy_model *same) {
  sy_model *model = NULL;
  const sy_frame frame = network_frame();
  sy_error error;
  double chances[2][2 * NETWORK_ROWS];
  int32_t decisions[2][NETWORK_ROWS];
  if (sy_model_open(path, &model, &error)) fail_msg("%s", error.text);
  assert_same_parts(same, model);
  assert_int_equal(sy_model_score(same, &frame, NULL, chances[0], decisions[0], NULL), SY_OK);
  assert_int_equal(sy_model_score(model, &frame, NULL, chances[1], decisions[1], NULL), SY_OK);
  assert_memory_equal(chances[0], chances[1], sizeof chances[0]);
  assert_memory_equal(decisions[0], decisions[1], sizeof decisions[0]);
  sy_model_free(same);
  sy_model_free(model);
}

static void the_third_format_loads_for_ever(void **state) {
  (void)state;
  assert_golden(STEELYARD_TESTS "/golden/model_v3.onnx", small_network());
}

/* Three trees, the leaves of which are summed before their sum is rounded: by x below 0.5 or not,
 * and whether the label is Koln; always the same; by night, whether x is below -1.5 or missing. */
static void the_fourth_format_loads_for_ever(void **state) {
  (void)state;
  static const double leaves[NETWORK_ROWS][2] = {{(double)-0.75F, (double)-0.2F},
                                                 {1.25, -3},
                                                 {(double)0.1F, (double)-0.2F},
                                                 {(double)0.1F, 2},
                                                 {(double)0.1F, -3},
                                                 {1.25, (double)-0.2F},
                                                 {(double)-0.75F, 2},
                                                 {-0.75, (double)-0.2F}};
  const sy_frame frame = network_frame();
  sy_model *model = NULL;
  double chances[2 * NETWORK_ROWS];
  assert_golden(STEELYARD_TESTS "/golden/model_v4.onnx", small_forest());
  assert_int_equal(sy_model_open(STEELYARD_TESTS "/golden/model_v4.onnx", &model, NULL), SY_OK);
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, NULL), SY_OK);
  for (size_t i = 0; i < NETWORK_ROWS; i++) {
    double z = -0.625 + (double)(float)(leaves[i][0] + 0.03125 + leaves[i][1]);
    assert_true(fabs(chances[2 * i + 1] - 1 / (1 + 2.5 * exp(-z))) < 1e-14);
  }
  sy_model_free(model);
}

/* Formats that are no longer the newest are written where they hold all there is. */
static void the_oldest_format_that_will_do_is_written(void **state) {
  (void)state;
  sy_model *models[] = {decided_model(), small_network(), small_forest()};
  const char *const golden[] = {STEELYARD_TESTS "/golden/model_v2.onnx",
                                STEELYARD_TESTS "/golden/model_v3.onnx",
                                STEELYARD_TESTS "/golden/model_v4.onnx"};
  for (size_t i = 0; i < 3; i++) {
    size_t size, kept_size;
    void *kept, *bytes = write_bytes(models[i], &size);
    assert_int_equal(sy_file_read(golden[i], &kept, &kept_size, NULL), SY_OK);
    long format = sy_wire_glance(bytes, size).format;
    assert_int_equal(format, sy_wire_glance(kept, kept_size).format);
    assert_int_equal(format, i + 2);
    free(kept);
    free(bytes);
    sy_model_free(models[i]);
  }
}

static int write_golden(const char *path) {
  sy_model *model = small_forest();
  sy_status status = sy_model_save(model, path, NULL);
  sy_model_free(model);
  return status != SY_OK;
}

int main(void) {
  const char *golden = getenv("STEELYARD_WRITE_GOLDEN");
  if (golden) return write_golden(golden);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_back_the_same_bits),
      cmocka_unit_test(saves_and_opens_files),
      cmocka_unit_test(names_are_kept_apart),
      cmocka_unit_test(holds_each_number_once),
      cmocka_unit_test(holds_each_number_of_trees_once),
      cmocka_unit_test(every_failed_allocation_is_told),
      cmocka_unit_test(the_first_format_loads_for_ever),
      cmocka_unit_test(the_second_format_loads_for_ever),
      cmocka_unit_test(the_third_format_loads_for_ever),
      cmocka_unit_test(the_fourth_format_loads_for_ever),
      cmocka_unit_test(the_oldest_format_that_will_do_is_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
