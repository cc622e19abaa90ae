/* test_onnx.c: a classifier written and read back is the same.
 *
 * golden/model_v1.onnx was written by this program with STEELYARD_WRITE_GOLDEN=FILE set, once, by
 * the first version of the format. It must load for ever: never write it again. */
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
#include <steelyard/onnx.h>
#include <steelyard/store.h>

enum { SEEDS = 80 };

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
  const sy_encoder *x = sy_model_encoder(a), *y = sy_model_encoder(b);
  assert_int_equal(sy_encoder_n_inputs(x), sy_encoder_n_inputs(y));
  for (size_t i = 0; i < sy_encoder_n_inputs(x); i++) {
    assert_string_equal(sy_encoder_input_name(x, i), sy_encoder_input_name(y, i));
    assert_int_equal(sy_encoder_input_type(x, i), sy_encoder_input_type(y, i));
    assert_int_equal(sy_encoder_input_missing(y, i), 0);
  }
  for (size_t j = 0; j < sy_encoder_n_outputs(x); j++)
    assert_string_equal(sy_encoder_output_name(x, j), sy_encoder_output_name(y, j));
}

static void reads_back_the_same_bits(void **state) {
  (void)state;
  size_t models = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_model_new(table);
    if (model) {
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
      models++;
    }
    sy_model_free(model);
    free(table);
  }
  assert_true(models > SEEDS / 2);
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

/* No number stands in the file twice: the bytes of a coefficient occur once. */
static void holds_each_number_once(void **state) {
  (void)state;
  sy_model *model = small_model();
  size_t size, found = 0;
  uint8_t *bytes = write_bytes(model, &size);
  const double *coefficients = sy_predictor_coefficients(sy_model_predictor(model));
  for (size_t i = 0; i + 8 <= size; i++) found += memcmp(bytes + i, &coefficients[4], 8) == 0;
  assert_int_equal(found, 1);
  free(bytes);
  sy_model_free(model);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  sy_model *model = small_model();
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

static int write_golden(const char *path) {
  sy_model *model = small_model();
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
      cmocka_unit_test(every_failed_allocation_is_told),
      cmocka_unit_test(the_first_format_loads_for_ever),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
