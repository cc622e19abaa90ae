/* test_labels_names_lists.c: texts that name any number of labels, in a counter. */
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
  assert_int_equal(sy_counter_new(SY_LABEL_NAME_LIST, options, &counter, &error), SY_OK);
  return counter;
}

#define ADD_TEXTS(counter, texts, n)                                                               \
  text_labels_count(counter, SY_LABEL_NAME_LIST, texts, n, &error)

#define ADD(counter, ...) ADD_TEXTS(counter, NAMES(__VA_ARGS__), COUNT(NAMES(__VA_ARGS__)))

/* "a 2:1, b 0:3": weights of the rows without and with each label, in their order. */
static void check_counts(const sy_counter *counter, const char *expected) {
  sy_counts *counts;
  if (sy_counter_counts(counter, &counts, &error) != SY_OK) fail_msg("%s", error.text);
  char text[512] = "", without[SY_NUMBER_SIZE], with[SY_NUMBER_SIZE];
  assert_int_equal(sy_counts_n_classes(counts), 0);
  for (size_t l = 0; l < sy_counts_n_labels(counts); l++) {
    const sy_counts *label = sy_counts_label(counts, l);
    assert_int_equal(sy_counts_n_classes(label), 2);
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %s:%s", l > 0 ? ", " : "",
             sy_counts_labels(counts)[l], sy_number_format(sy_counts_weight(label, 0), without),
             sy_number_format(sy_counts_weight(label, 1), with));
  }
  assert_string_equal(text, expected);
  sy_counts_free(counts);
}

static void lists_are_taken_apart(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(ADD(counter, "b;a", " a ; ", "", "a;a;1.0", ";;", "1"), SY_OK);
  check_counts(counter, "1 4:2, a 3:3, b 5:1");
  assert_int_equal(ADD(counter, "c;b"), SY_OK); /* rows before it had no c */
  check_counts(counter, "1 5:2, a 4:3, b 5:2, c 6:1");
  sy_counter_free(counter);
}

static void separators_are_texts(void **state) {
  (void)state;
  sy_labels_options options = {.separator = " | "};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(ADD(counter, "a | b", "a|b", "b | ", " | "), SY_OK);
  check_counts(counter, "a 3:1, a|b 3:1, b 2:2");
  sy_counter_free(counter);
  options.separator = "aab";
  counter = counter_of(&options);
  assert_int_equal(ADD(counter, "xaaaby"), SY_OK);
  check_counts(counter, "xa 0:1, y 0:1");
  sy_counter_free(counter);
  options.separator = "";
  assert_int_equal(sy_counter_new(SY_LABEL_NAME_LIST, &options, &counter, &error),
                   SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "separator"));
}

static void declared_labels_keep_their_order(void **state) {
  (void)state;
  sy_labels_options options = {.classes = NAMES("c", "a", "b"), .n_classes = 3};
  sy_counter *counter = counter_of(&options);
  assert_int_equal(ADD(counter, "a;b", "b", ""), SY_OK);
  check_counts(counter, "c 3:0, a 2:1, b 1:2");
  assert_int_equal(ADD(counter, "a", "b;aa;zzz", "zz"), SY_INVALID_LABEL);
  assert_string_equal(error.text, "label 'aa' at row 5 is none of the 3 declared classes");
  check_counts(counter, "c 3:0, a 2:1, b 1:2");
  sy_counter_free(counter);
}

static void groups_are_there_once(void **state) {
  (void)state;
  sy_class_group group = {"damage", NAMES("Minor", "B"), 2};
  sy_labels_options options = {.groups = &group, .n_groups = 1};
  sy_counter *counter = counter_of(&options);
  sy_counts *counts;
  assert_int_equal(ADD(counter, "Minor;x"), SY_OK);
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text, "group 'damage': none of the 2 labels in the data is 'B'");
  assert_int_equal(ADD(counter, "Minor;B", "x;damage;B", ""), SY_OK);
  check_counts(counter, "damage 1:3, x 2:2");
  sy_counter_free(counter);
}

static void ignored_lists_are_taken_out(void **state) {
  (void)state;
  const double weights[] = {1, 0.5, NAN, 0.25};
  size_t n = COUNT(weights);
  sy_array rows = sy_array_of(weights, SY_F64, 1, &n);
  text_labels labels = text_labels_of(NAMES("a;b", "b", "a; ? ;c", ""), n);
  text_labels_view(&labels, SY_LABEL_NAME_LIST, 1, &n);
  labels.array.row_weights = &rows;
  sy_labels_options options = {.ignore = "?"};
  sy_counter *counter = counter_of(&options);
  if (sy_counter_add(counter, &labels.array, &error) != SY_OK) fail_msg("%s", error.text);
  check_counts(counter, "a 0.75:1, b 0.25:1.5");
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_OK);
  assert_int_equal(sy_counts_ignored(counts), 2); /* cells */
  assert_int_equal(sy_counts_rows(sy_counts_label(counts, 1), 1), 2);
  assert_true(sy_counts_weight_squared(sy_counts_label(counts, 1), 1) == 1.25);
  assert_true(sy_counts_weight_squared(sy_counts_label(counts, 0), 0) == 0.3125);
  sy_counts_free(counts);
  sy_counter_free(counter);
  text_labels_free(&labels);
}

static void missing_lists_are_refused(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 1, SY_MISSING};
  sy_label_array labels = {.kind = SY_LABEL_NAME_LIST, .names = NAMES("a;b", ""), .n_names = 2};
  labels.values = sy_array_of(codes, SY_U32, 1, &(size_t){3});
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text, "the labels at row 3 are missing; remove the row or give it "
                                  "labels (an empty text is none)");
  labels.values.shape[0] = 2;
  assert_int_equal(sy_counter_add(counter, &labels, &error), SY_OK);
  check_counts(counter, "a 1:1, b 1:1");
  sy_counter_free(counter);
}

static void no_label_at_all_is_an_error(void **state) {
  (void)state;
  sy_counter *counter = counter_of(NULL);
  sy_counts *counts;
  assert_int_equal(ADD(counter, "", " ; "), SY_OK);
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_NO_ROWS);
  assert_non_null(strstr(error.text, "declare the labels"));
  sy_counter_free(counter);
  sy_labels_options options = {.classes = NAMES("a"), .n_classes = 1};
  counter = counter_of(&options);
  assert_int_equal(ADD(counter, "", ""), SY_OK);
  check_counts(counter, "a 2:0");
  sy_counter_free(counter);
}

/* The same rows in two counters, merged either way, and in one: the same counts. */
static void merged_lists(void **state) {
  (void)state;
  sy_counter *whole = counter_of(NULL), *left = counter_of(NULL), *right = counter_of(NULL);
  const char *const first[] = {"z;a", "", "m"}, *const second[] = {"b;z", "a;m;b"};
  assert_int_equal(ADD_TEXTS(left, first, 3), SY_OK);
  assert_int_equal(ADD_TEXTS(right, second, 2), SY_OK);
  assert_int_equal(ADD_TEXTS(whole, second, 2), SY_OK);
  assert_int_equal(sy_counter_merge(whole, left, &error), SY_OK);
  assert_int_equal(sy_counter_merge(left, right, &error), SY_OK);
  check_counts(left, "a 3:2, b 3:2, m 3:2, z 3:2");
  check_counts(whole, "a 3:2, b 3:2, m 3:2, z 3:2");
  check_counts(right, "a 1:1, b 0:2, m 1:1, z 1:1");
  sy_counter_free(whole);
  sy_counter_free(left);
  sy_counter_free(right);
}

/* Random lists with row weights: exact sums, against integers in units of 2^-10. */
static void many_lists(void **state) {
  (void)state;
  enum { N = 90000, L = 20 };
  static char texts[N][4 * L];
  static double weights[N];
  static const char *pointers[N];
  uint64_t with[L] = {0}, all = 0;
  for (uint64_t i = 0; i < N; i++) {
    uint64_t bits = sy_random_bits(6, 72, i), weight = sy_random_bits(7, 73, i) % 4096;
    for (size_t l = 0; l < L; l++) {
      if (!(bits >> l & bits >> (l + 20) & 1)) continue;
      snprintf(texts[i] + strlen(texts[i]), 6, "%s%02zu", *texts[i] ? ";" : "", l + 10);
      with[l] += weight;
    }
    all += weight;
    weights[i] = (double)weight / 1024;
    pointers[i] = texts[i];
  }
  size_t n = N;
  sy_array rows = sy_array_of(weights, SY_F64, 1, &n);
  text_labels labels = text_labels_of(pointers, n);
  text_labels_view(&labels, SY_LABEL_NAME_LIST, 1, &n);
  labels.array.row_weights = &rows;
  sy_counter *counter = counter_of(NULL);
  assert_int_equal(sy_counter_add(counter, &labels.array, &error), SY_OK);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_OK);
  assert_int_equal(sy_counts_n_labels(counts), L);
  for (size_t l = 0; l < L; l++) {
    const sy_counts *label = sy_counts_label(counts, l);
    assert_true(sy_counts_weight(label, 1) == (double)with[l] / 1024);
    assert_true(sy_counts_weight(label, 0) == (double)(all - with[l]) / 1024);
    assert_int_equal(sy_counts_rows(label, 0) + sy_counts_rows(label, 1), N);
  }
  sy_counts_free(counts);
  sy_counter_free(counter);
  text_labels_free(&labels);
}

static void lists_survive_no_memory(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "?"};
  size_t n = 4, nth = 0;
  const double weights[] = {1, 2, 3, 4};
  sy_array rows = sy_array_of(weights, SY_F64, 1, &n);
  text_labels labels = text_labels_of(NAMES("a;b", "b", "a;?", "c;d;a"), n);
  text_labels_view(&labels, SY_LABEL_NAME_LIST, 1, &n);
  labels.array.row_weights = &rows;
  sy_counter *counter = counter_of(&options);
  sy_status status;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_counter_add(counter, &labels.array, NULL);
    assert_true(status == SY_OK || status == SY_OUT_OF_MEMORY);
  } while (status != SY_OK);
  assert_true(nth > 5);
  sy_counts *counts;
  nth = 0;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_counter_counts(counter, &counts, NULL);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !counts));
  } while (status != SY_OK);
  sy_memory_fail_nth(0);
  assert_true(nth > 5);
  sy_counts_free(counts);
  check_counts(counter, "a 2:5, b 4:3, c 3:4, d 3:4");
  sy_counter_free(counter);
  text_labels_free(&labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lists_are_taken_apart),
      cmocka_unit_test(separators_are_texts),
      cmocka_unit_test(declared_labels_keep_their_order),
      cmocka_unit_test(groups_are_there_once),
      cmocka_unit_test(ignored_lists_are_taken_out),
      cmocka_unit_test(missing_lists_are_refused),
      cmocka_unit_test(no_label_at_all_is_an_error),
      cmocka_unit_test(merged_lists),
      cmocka_unit_test(many_lists),
      cmocka_unit_test(lists_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
