/* test_labels_names_counter.c: names in a counter, as texts and as codes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "base/random.h"
#include "text_labels.h"

static sy_error error;

static sy_counter *counter_of(const sy_labels_options *options) {
  sy_counter *counter;
  assert_int_equal(sy_counter_new(SY_LABEL_NAME, options, &counter, &error), SY_OK);
  return counter;
}

#define ADD_TEXTS(counter, texts, n) text_labels_count(counter, SY_LABEL_NAME, texts, n, &error)

#define ADD(counter, ...) ADD_TEXTS(counter, NAMES(__VA_ARGS__), COUNT(NAMES(__VA_ARGS__)))

/* "a 2, b 1": names and weights of the classes in their order. */
static void check_counts(const sy_counter *counter, const char *expected) {
  sy_counts *counts;
  if (sy_counter_counts(counter, &counts, &error) != SY_OK) fail_msg("%s", error.text);
  char text[256] = "", number[SY_NUMBER_SIZE];
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %s", k > 0 ? ", " : "",
             sy_counts_classes(counts)[k], sy_number_format(sy_counts_weight(counts, k), number));
  assert_string_equal(text, expected);
  sy_counts_free(counts);
}

static void texts_are_counted(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD(counter, "pear", "apple", " apple\t", "Zebra", "pear", "pear"), SY_OK);
  check_counts(counter, "Zebra 1, apple 2, pear 3");
  assert_int_equal(ADD(counter, "fig", "pear"), SY_OK);
  check_counts(counter, "Zebra 1, apple 2, fig 1, pear 4");
  sy_counter_free(counter);
  counter = counter_of(NULL);
  assert_int_equal(ADD(counter, "10", "9", "1.0", "1", "-2", "-0.0", "0"), SY_OK);
  check_counts(counter, "-2 1, 0 2, 1 2, 9 1, 10 1");
  assert_int_equal(ADD(counter, "007"), SY_OK); /* one that is no number: all are by bytes */
  check_counts(counter, "-2 1, 0 2, 007 1, 1 2, 10 1, 9 1");
  sy_counter_free(counter);
}

static void codes_are_counted(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 9, 2, 9, 1, 9, 0, 9};
  sy_label_array labels = {.kind = SY_LABEL_NAME, .names = NAMES("b", "a", " b ", "unused")};
  labels.n_names = 4;
  labels.values = sy_array_of(codes, SY_U32, 1, &(size_t){4});
  labels.values.strides[0] = 2; /* passes over the nines */
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_OK);
  check_counts(counter, "a 1, b 3");
  sy_counter_free(counter);
}

static void declared_classes_keep_their_order(void **state) {
  (void)state;
  sy_labels_options options = {.classes = NAMES("c", "b", "2"), .n_classes = 3};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(ADD(counter, "b", "2.0", "b"), SY_OK);
  check_counts(counter, "c 0, b 2, 2 1");
  assert_int_equal(ADD(counter, "b", "b ", "bb", "x"), SY_INVALID_LABEL);
  assert_string_equal(error.text, "label 'bb' at row 6 is none of the 3 declared classes");
  check_counts(counter, "c 0, b 2, 2 1");
  sy_counter_free(counter);
  options = (sy_labels_options){.n_classes = 3};
  counter = counter_of(&options);
  assert_int_equal(ADD(counter, "2", "0", "2.0"), SY_OK);
  check_counts(counter, "0 1, 1 0, 2 2");
  assert_int_equal(ADD(counter, "3"), SY_INVALID_LABEL);
  sy_counter_free(counter);
}

static void the_nearest_class_is_told(void **state) {
  (void)state;
  sy_labels_options options = {.classes = NAMES("None", "damage"), .n_classes = 2};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(ADD(counter, "None", "zzz", "Nonw"), SY_INVALID_LABEL);
  assert_string_equal(error.text, "label 'zzz' at row 2 is none of the 2 declared classes");
  assert_int_equal(ADD(counter, "None", "None", "Nonw"), SY_INVALID_LABEL);
  assert_string_equal(
      error.text, "label 'Nonw' at row 3 is none of the 2 declared classes; the nearest is 'None'");
  sy_counter_free(counter);
}

static void missing_names_are_refused(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD(counter, "a", "b"), SY_OK);
  assert_int_equal(ADD(counter, "a", "  ", ""), SY_INVALID_LABEL);
  assert_string_equal(error.text,
                      "the label at row 4 is missing; remove the row or give it a label");
  const uint32_t codes[] = {0, 0, 0, 0, 0, SY_MISSING};
  sy_label_array labels = {.kind = SY_LABEL_NAME, .names = NAMES("a"), .n_names = 1};
  labels.values = sy_array_of(codes, SY_U32, 2, (const size_t[]){2, 3});
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text,
                      "the label at row 4, step 3 is missing; remove the row or give it a label");
  check_counts(counter, "a 1, b 1");
  sy_counter_free(counter);
}

static void masked_names_are_not_looked_at(void **state) {
  (void)state;
  const uint32_t codes[] = {0, SY_MISSING, 77, 1, 1};
  const uint8_t kept[] = {1, 0, 0, 1, 0};
  size_t n = 5;
  sy_array mask = sy_array_of(kept, SY_U8, 1, &n);
  sy_label_array labels = {.kind = SY_LABEL_NAME, .names = NAMES("a", "b", "c"), .n_names = 3};
  labels.values = sy_array_of(codes, SY_U32, 1, &n);
  labels.mask = &mask;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_OK);
  check_counts(counter, "a 1, b 1");
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_OK);
  assert_int_equal(sy_counts_positions(counts), 5);
  assert_int_equal(sy_counts_ignored(counts), 3);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void row_weights_are_summed_exactly(void **state) {
  (void)state;
  const double weights[] = {0.1, 1e300, 2, NAN, 0.2, -1e-300, 0};
  const uint8_t kept[] = {1, 1, 1, 1, 1, 0, 1};
  size_t n = COUNT(weights);
  sy_array mask = sy_array_of(kept, SY_U8, 1, &n), rows = sy_array_of(weights, SY_F64, 1, &n);
  text_labels labels = text_labels_of(NAMES("a", "b", "a", "?", "a", "b", "c"), n);
  text_labels_view(&labels, SY_LABEL_NAME, 1, &n);
  labels.array.mask = &mask;
  labels.array.row_weights = &rows;
  sy_labels_options options = {.ignore = "?"};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(sy_counter_add(counter, &labels.array, &error), SY_OK);
  check_counts(counter, "a 2.3, b 1e+300, c 0");
  options.ignore = NULL;
  sy_counter *without = counter_of(&options);
  assert_int_equal(sy_counter_add(without, &labels.array, &error), SY_INVALID_WEIGHT);
  assert_string_equal(error.text,
                      "the row weight nan at row 4 is not usable; it must be 0 or more and finite");
  text_labels_free(&labels);
  sy_counter_free(without);
  sy_counter_free(counter);
}

static void groups_become_classes(void **state) {
  (void)state;
  sy_class_group group = {" damage", NAMES("Minor", " B"), 2};
  sy_labels_options options = {.groups = &group, .n_groups = 1, .ignore = "?"};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(ADD(counter, "None", "Minor", "?"), SY_OK);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text, "group ' damage': none of the 3 labels in the data is ' B'");
  assert_int_equal(ADD(counter, "B", ""), SY_INVALID_LABEL); /* refused, so B is not there */
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_INVALID_LABEL);
  assert_int_equal(ADD(counter, "B", "damage"), SY_OK);
  check_counts(counter, "None 1, damage 3");
  sy_counter_free(counter);
}

static void options_that_contradict(void **state) {
  (void)state;
  sy_counter *counter;
  sy_class_group groups[] = {{"x", NAMES("a", "b"), 2}, {"y", NAMES("c", "b"), 2}};
  sy_labels_options options = {.groups = groups, .n_groups = 2};
  assert_int_equal(sy_counter_new(SY_LABEL_NAME, &options, &counter, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "label 'b' is in two groups, 'x' and 'y'");
  groups[1].name = " x ";
  assert_int_equal(sy_counter_new(SY_LABEL_NAME, &options, &counter, &error), SY_OK);
  sy_counter_free(counter);
  groups[1].name = " ";
  assert_int_equal(sy_counter_new(SY_LABEL_NAME, &options, &counter, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "group 2 of the classes has no name");
}

static void nothing_left_is_an_error(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "1"};
  sy_counter *counter = counter_of(&options);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_NO_ROWS);
  assert_int_equal(ADD(counter, "1.0", "1"), SY_OK);
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_NO_ROWS);
  assert_non_null(strstr(error.text, "every label is ignored"));
  sy_counter_free(counter);
}

/* A block that was refused leaves no class behind. */
static void refused_blocks_leave_no_trace(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD(counter, "a"), SY_OK);
  assert_int_equal(ADD(counter, "b", "c", ""), SY_INVALID_LABEL);
  check_counts(counter, "a 1");
  assert_int_equal(ADD(counter, "c"), SY_OK);
  check_counts(counter, "a 1, c 1");
  sy_counter_free(counter);
}

static void hostile_arrays_are_refused(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  const int64_t decreasing[] = {0, 3, 1, 4}, below[] = {-1, 0, 1, 4}, beyond[] = {0, 1, 99, 4};
  const int64_t *const offsets[] = {decreasing, below, beyond};
  size_t n = 3;
  for (size_t c = 0; c < COUNT(offsets); c++) {
    sy_texts texts = {"abcd", offsets[c]};
    sy_label_array labels = {.kind = SY_LABEL_NAME, .texts = &texts};
    labels.values = sy_array_of(NULL, SY_U32, 1, &n);
    assert_int_equal(sy_counter_add(counter, &labels, &error), SY_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "must not decrease"));
  }
  sy_label_array coded = {.kind = SY_LABEL_NAME, .names = NAMES("a"), .n_names = 1};
  coded.values = sy_array_of((const uint32_t[]){0, 1, 0}, SY_U32, 1, &n);
  assert_int_equal(sy_counter_add(counter, &coded, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "code 1 at row 2 is outside the 1 values");
  sy_texts empty = {NULL, (const int64_t[]){0, 0, 0, 0}},
           none = {NULL, (const int64_t[]){0, 1, 1, 1}};
  coded = (sy_label_array){.kind = SY_LABEL_NAME, .texts = &empty};
  coded.values = sy_array_of(NULL, SY_U32, 1, &n);
  assert_int_equal(sy_counter_add(counter, &coded, &error), SY_INVALID_LABEL);
  coded.texts = &none;
  assert_int_equal(sy_counter_add(counter, &coded, &error), SY_INVALID_ARGUMENT);
  sy_texts odd = {"a\0ba\xff\xfe", (const int64_t[]){0, 3, 4, 6}}; /* a zero, no UTF-8 */
  sy_label_array labels = {.kind = SY_LABEL_NAME, .texts = &odd};
  labels.values = sy_array_of(NULL, SY_U32, 1, &n);
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_OK);
  check_counts(counter, "a 2, \xff\xfe 1");
  sy_counter_free(counter);
}

/* Texts that begin and end alike, of every length around the words they are compared by. */
static void texts_that_look_alike(void **state) {
  (void)state;
  enum { LENGTHS = 40, EACH = 4 };
  static char texts[LENGTHS * EACH][LENGTHS + 1];
  const char *pointers[2 * LENGTHS * EACH];
  size_t n = 0;
  for (size_t length = 1; length <= LENGTHS; length++)
    for (size_t v = 0; v < EACH; v++) {
      char *text = texts[n];
      memset(text, 'x', length);
      size_t places[EACH] = {LENGTHS, 0, length / 2, length - 1}; /* of the one that differs */
      text[places[v]] = v > 0 ? 'a' : 0;
      pointers[n] = pointers[2 * LENGTHS * EACH - 1 - n] = text;
      n++;
    }
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD_TEXTS(counter, pointers, 2 * n), SY_OK);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_OK);
  size_t rows = 0;
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++) {
    size_t expected = 0;
    for (size_t i = 0; i < 2 * n; i++)
      expected += strcmp(pointers[i], sy_counts_classes(counts)[k]) == 0;
    assert_int_equal(sy_counts_rows(counts, k), expected);
    rows += expected;
  }
  assert_int_equal(rows, 2 * n);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* Blocks beyond one wave of them, most names new: against counts by brute force. */
static void many_names(void **state) {
  (void)state;
  enum { N = 400000, K = 20000 };
  static char texts[N][24]; /* all begin and end alike */
  const char **pointers = calloc(N, sizeof *pointers);
  static size_t expected[K];
  for (uint64_t i = 0; i < N; i++) {
    size_t pick = sy_random_bits(5, 71, i) % K;
    snprintf(texts[i], sizeof texts[i], "category %05zu of them", pick);
    pointers[i] = texts[i];
    expected[pick]++;
  }
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD_TEXTS(counter, pointers, N), SY_OK);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_OK);
  assert_int_equal(sy_counts_n_classes(counts), K);
  for (size_t k = 0; k < K; k++) {
    assert_int_equal(strtol(sy_counts_classes(counts)[k] + 9, NULL, 10), k);
    assert_int_equal(sy_counts_rows(counts, k), expected[k]);
  }
  sy_counts_free(counts);
  sy_counter_free(counter);
  free(pointers);
}

static void labels_come_from_texts(void **state) {
  (void)state;
  size_t n = 5, shape[] = {2, 3};
  text_labels labels = text_labels_of(NAMES("b", "10", "b ", "?", "a"), n);
  sy_labels_options options = {.ignore = "?"};
  sy_labels *read;
  assert_int_equal(sy_labels_from_array(text_labels_view(&labels, SY_LABEL_NAME, 1, &n), &options,
                                        &read, &error),
                   SY_OK);
  const int32_t expected[] = {2, 0, 2, SY_IGNORED, 1};
  assert_int_equal(sy_labels_rows(read), n);
  for (size_t i = 0; i < n; i++) assert_int_equal(sy_labels_ids(read)[i], expected[i]);
  sy_labels_free(read);
  text_labels_free(&labels);
  labels = text_labels_of(NAMES("a", "b", "a", "b", "", "a"), 6);
  assert_int_equal(
      sy_labels_from_array(text_labels_view(&labels, SY_LABEL_NAME, 2, shape), NULL, &read, &error),
      SY_INVALID_LABEL);
  assert_non_null(strstr(error.text, "row 2, step 2"));
  text_labels_free(&labels);
}

static void names_survive_no_memory(void **state) {
  (void)state;
  sy_class_group group = {"g", NAMES("a", "b"), 2};
  sy_labels_options options = {.groups = &group, .n_groups = 1, .ignore = "?"};
  size_t n = 6, nth = 0;
  const double weights[] = {1, 2, 3, 4, 5, 6};
  sy_array rows = sy_array_of(weights, SY_F64, 1, &n);
  text_labels labels = text_labels_of(NAMES("a", "b", "c", "?", "d", "c"), n);
  text_labels_view(&labels, SY_LABEL_NAME, 1, &n);
  labels.array.row_weights = &rows;
  sy_status status;
  sy_counter *counter;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_counter_new(SY_LABEL_NAME, &options, &counter, NULL);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !counter));
  } while (status != SY_OK);
  assert_true(nth > 10);
  nth = 0;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_counter_add(counter, &labels.array, NULL);
    assert_true(status == SY_OK || status == SY_OUT_OF_MEMORY);
  } while (status != SY_OK);
  assert_true(nth > 5);
  sy_counter *merged = NULL;
  nth = 0;
  do {
    sy_counter_free(merged);
    sy_memory_fail_nth(0);
    merged = counter_of(&options);
    sy_memory_fail_nth(++nth);
    status = sy_counter_merge(merged, counter, NULL);
    assert_true(status == SY_OK || status == SY_OUT_OF_MEMORY);
  } while (status != SY_OK);
  sy_memory_fail_nth(0);
  assert_true(nth > 5);
  check_counts(counter, "c 9, d 5, g 3");
  check_counts(merged, "c 9, d 5, g 3");
  sy_counter_free(merged);
  sy_counter_free(counter);
  text_labels_free(&labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_are_counted),
      cmocka_unit_test(codes_are_counted),
      cmocka_unit_test(declared_classes_keep_their_order),
      cmocka_unit_test(the_nearest_class_is_told),
      cmocka_unit_test(missing_names_are_refused),
      cmocka_unit_test(masked_names_are_not_looked_at),
      cmocka_unit_test(row_weights_are_summed_exactly),
      cmocka_unit_test(groups_become_classes),
      cmocka_unit_test(options_that_contradict),
      cmocka_unit_test(nothing_left_is_an_error),
      cmocka_unit_test(refused_blocks_leave_no_trace),
      cmocka_unit_test(hostile_arrays_are_refused),
      cmocka_unit_test(texts_that_look_alike),
      cmocka_unit_test(many_names),
      cmocka_unit_test(labels_come_from_texts),
      cmocka_unit_test(names_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
