/* test_onnx_profile.c: profiles in a model file: the same bits back, none believed unseen. */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "onnx.pb-c.h"
#include "onnx/profile.h"
#include "onnx/wire.h"
#include "random_model.h"
#include <steelyard/onnx.h>

enum { SEEDS = 60 };

static void *write_bytes(const sy_model *model, size_t *size) {
  void *bytes = NULL;
  assert_int_equal(sy_model_to_onnx(model, &bytes, size, NULL), SY_OK);
  return bytes;
}

static void assert_same_profile(const sy_profile *a, const sy_profile *b) {
  assert_non_null(a);
  assert_non_null(b);
  assert_int_equal(a->n_bins, b->n_bins);
  assert_memory_equal(&a->weight, &b->weight, sizeof a->weight);
  assert_memory_equal(&a->effective_rows, &b->effective_rows, sizeof a->effective_rows);
  assert_memory_equal(&a->missing, &b->missing, sizeof a->missing);
  assert_memory_equal(a->shares, b->shares, a->n_bins * sizeof *a->shares);
  assert_int_equal(!a->edges, !b->edges);
  if (a->edges) assert_memory_equal(a->edges, b->edges, (a->n_bins - 1) * sizeof *a->edges);
  assert_int_equal(!a->codes, !b->codes);
  if (a->codes) assert_memory_equal(a->codes, b->codes, (a->n_bins - 2) * sizeof *a->codes);
}

static void reads_back_the_same_bits(void **state) {
  (void)state;
  size_t profiles = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed), *read = NULL;
    size_t size;
    sy_error error;
    if (model) {
      void *bytes = write_bytes(model, &size);
      if (sy_model_from_onnx(bytes, size, &read, &error)) fail_msg("%s", error.text);
      const sy_encoder *x = sy_model_encoder(model), *y = sy_model_encoder(read);
      for (size_t i = 0; i < sy_encoder_n_inputs(x); i++, profiles++)
        assert_same_profile(sy_encoder_profile(x, i), sy_encoder_profile(y, i));
      free(bytes);
    }
    sy_model_free(model);
    sy_model_free(read);
    free(table);
  }
  assert_true(profiles > SEEDS);
}

/* A model of x = {-1, 1, 3, missing} and a text of three levels, the line of one of whose columns
 * is replaced. NULL takes both lines away. */
static sy_status read_changed(const char *column, const char *line, sy_model **read,
                              sy_error *error) {
  sy_model *model = small_model();
  size_t original;
  uint8_t *bytes = write_bytes(model, &original);
  Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, original - SY_SEAL_SIZE, bytes);
  size_t kept = 0;
  for (size_t i = 0; i < proto->n_metadata_props; i++) {
    Onnx__StringStringEntryProto *entry = proto->metadata_props[i];
    bool profile = strncmp(entry->key, SY_KEY_PROFILE, strlen(SY_KEY_PROFILE)) == 0;
    if (profile && !line) {
      onnx__string_string_entry_proto__free_unpacked(entry, NULL);
      continue;
    }
    if (profile && strcmp(entry->key + strlen(SY_KEY_PROFILE), column) == 0) {
      free(entry->value);
      entry->value = strdup(line);
    }
    proto->metadata_props[kept++] = entry;
  }
  proto->n_metadata_props = kept;
  size_t body = onnx__model_proto__get_packed_size(proto);
  uint8_t *packed = malloc(body + SY_SEAL_SIZE);
  onnx__model_proto__pack(proto, packed);
  sy_seal_write(packed, body);
  sy_status status = sy_model_from_onnx(packed, body + SY_SEAL_SIZE, read, error);
  onnx__model_proto__free_unpacked(proto, NULL);
  free(packed);
  free(bytes);
  sy_model_free(model);
  return status;
}

static void lines_that_are_none_are_refused(void **state) {
  (void)state;
  static const char *const lines[][2] = {
      {"x", ""},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1"},
      {"x", "weight=4 rows=4 missing=0.25 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=1,-1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,nan shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,inf shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,,1 shares=0.25,0.25,0.25,0"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25 "},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25,"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.5"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1 shares=-0.25,0.5,0.5"},
      {"x", "weight=4 rows=4 missing=-1 edges=-1,1 shares=0.5,0.5,1"},
      {"x", "weight=4 rows=4 missing=2 edges=-1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=0 rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=inf rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=0 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows= missing=0.25 edges=-1,1 shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1  shares=0.25,0.25,0.25"},
      {"x", "weight=4 rows=4 missing=0.25 edges=-1,1 shares=0.25,0.25,0.25 edges=1"},
      {"x", "weight=00000000000000000000000000000000000000000004 rows=4 missing=1 edges= shares=0"},
      {"label", "weight=4 rows=4 missing=0.25 edges= shares=0.5,0.5"},
      {"label", "weight=4 rows=4 missing=0.25 edges=1,2 shares=0.5,0.25,0.25"},
      {"label", "weight=4 rows=4 missing=0.25 edges= shares=0.5,0.25,0.5"}};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    sy_model *read = NULL;
    sy_error error;
    char expected[100];
    snprintf(expected, sizeof expected, "the model is damaged (steelyard.profile.%s)", lines[i][0]);
    if (read_changed(lines[i][0], lines[i][1], &read, &error) != SY_INVALID_MODEL)
      fail_msg("line %zu is taken: %s", i, lines[i][1]);
    assert_string_equal(error.text, expected);
    assert_null(read);
  }
}

static void a_line_that_fits_is_taken(void **state) {
  (void)state;
  sy_model *read = NULL;
  sy_error error;
  assert_int_equal(
      read_changed("x", "weight=8 rows=2 missing=0 edges=1.5 shares=0.25,0.75", &read, &error),
      SY_OK);
  const sy_profile *profile = sy_encoder_profile(sy_model_encoder(read), 0);
  assert_true(profile->weight == 8 && profile->effective_rows == 2 && profile->missing == 0);
  assert_int_equal(profile->n_bins, 2);
  assert_true(profile->edges[0] == 1.5 && profile->shares[1] == 0.75);
  sy_model_free(read);
}

/* Profiles are optional: a file without them reads as before. */
static void a_file_without_profiles_loads(void **state) {
  (void)state;
  sy_model *read = NULL;
  sy_error error;
  assert_int_equal(read_changed("", NULL, &read, &error), SY_OK);
  for (size_t i = 0; i < 2; i++) assert_null(sy_encoder_profile(sy_model_encoder(read), i));
  size_t size;
  sy_model *again = NULL;
  void *bytes = write_bytes(read, &size);
  assert_int_equal(sy_model_from_onnx(bytes, size, &again, &error), SY_OK);
  sy_model_free(read);
  sy_model_free(again);
  free(bytes);
}

/* The column a line names must be there, and named once. */
static void lines_of_no_column_are_refused(void **state) {
  (void)state;
  static const char *const keys[] = {"steelyard.profile.y", "steelyard.profile.x",
                                     "steelyard.profile."};
  for (size_t k = 0; k < 3; k++) {
    sy_model *model = small_model(), *read = NULL;
    size_t original;
    sy_error error;
    uint8_t *bytes = write_bytes(model, &original);
    Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, original - SY_SEAL_SIZE, bytes);
    Onnx__StringStringEntryProto *last = proto->metadata_props[proto->n_metadata_props - 1];
    assert_string_equal(last->key, "steelyard.profile.label");
    free(last->key);
    last->key = strdup(keys[k]);
    size_t body = onnx__model_proto__get_packed_size(proto);
    uint8_t *packed = malloc(body + SY_SEAL_SIZE);
    onnx__model_proto__pack(proto, packed);
    sy_seal_write(packed, body);
    assert_int_equal(sy_model_from_onnx(packed, body + SY_SEAL_SIZE, &read, &error),
                     SY_INVALID_MODEL);
    assert_non_null(strstr(error.text, keys[k]));
    onnx__model_proto__free_unpacked(proto, NULL);
    free(packed);
    free(bytes);
    sy_model_free(model);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_back_the_same_bits),
      cmocka_unit_test(lines_that_are_none_are_refused),
      cmocka_unit_test(a_line_that_fits_is_taken),
      cmocka_unit_test(a_file_without_profiles_loads),
      cmocka_unit_test(lines_of_no_column_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
