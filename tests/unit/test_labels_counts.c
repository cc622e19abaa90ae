/* test_labels_counts.c: counts of classes are exact, and the same bits in any order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "base/random.h"
#include "labels/counts.h"

static void counts_of_rows(void **state) {
  (void)state;
  sy_counts *counts = sy_counts_new(3);
  assert_int_equal(sy_counts_add(counts, IDS(0, 2, SY_IGNORED, 2), 4, NULL, NULL), SY_OK);
  const double weights[] = {2, 0.25, 7, 0};
  assert_int_equal(sy_counts_add(counts, IDS(0, 2, SY_IGNORED, 2), 4, weights, NULL), SY_OK);
  assert_int_equal(sy_counts_rows(counts, 0), 2);
  assert_int_equal(sy_counts_rows(counts, 1), 0);
  assert_int_equal(sy_counts_rows(counts, 2), 4);
  assert_true(sy_counts_weight(counts, 0) == 3);
  assert_true(sy_counts_weight(counts, 1) == 0);
  assert_true(sy_counts_weight(counts, 2) == 2.25);
  assert_true(sy_counts_weight_squared(counts, 0) == 5);
  assert_true(sy_counts_weight_squared(counts, 2) == 2.0625);
  sy_counts_free(counts);
  sy_counts_free(NULL);
}

static void wrong_blocks_add_nothing(void **state) {
  (void)state;
  sy_error error;
  sy_counts *counts = sy_counts_new(2);
  const double negative[] = {1, -1}, infinite[] = {INFINITY, 1}, missing[] = {1, NAN};
  assert_int_equal(sy_counts_add(counts, IDS(0, 2), 2, NULL, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text, "label 2 at row 2 is outside the 2 classes");
  assert_int_equal(sy_counts_add(counts, IDS(0, -2), 2, NULL, &error), SY_INVALID_LABEL);
  assert_int_equal(sy_counts_add(counts, IDS(0, 1), 2, negative, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "-1 at row 2"));
  assert_int_equal(sy_counts_add(counts, IDS(0, 1), 2, infinite, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "inf at row 1"));
  assert_int_equal(sy_counts_add(counts, IDS(0, 1), 2, missing, &error), SY_INVALID_WEIGHT);
  assert_int_equal(sy_counts_add(counts, IDS(0, -1), 2, missing, &error), SY_OK); /* ignored */
  assert_int_equal(sy_counts_rows(counts, 0), 1);
  assert_int_equal(sy_counts_rows(counts, 1), 0);
  sy_counts *other = sy_counts_new(3);
  assert_int_equal(sy_counts_merge(counts, other, &error), SY_INVALID_SHAPE);
  sy_counts_free(other);
  sy_counts_free(counts);
}

/* Any cutting into blocks, any order, any merging: the same bits. */
static void counts_are_order_free(void **state) {
  (void)state;
  enum { N = 5000, PARTS = 7 };
  static int32_t ids[N];
  static double weights[N];
  sy_counts *all = sy_counts_new(2), *backwards = sy_counts_new(2), *parts[PARTS];
  for (int p = 0; p < PARTS; p++) parts[p] = sy_counts_new(2);
  for (uint64_t i = 0; i < N; i++) {
    ids[i] = (int32_t)(sy_random_bits(1, 71, i) % 2);
    weights[i] = exp(60 * sy_random_uniform(1, 72, i) - 30);
  }
  sy_counts_add(all, ids, N, weights, NULL);
  for (size_t i = N; i-- > 0;) {
    sy_counts_add(backwards, ids + i, 1, weights + i, NULL);
    sy_counts_add(parts[i * i % PARTS], ids + i, 1, weights + i, NULL);
  }
  for (int p = PARTS - 1; p > 0; p--) sy_counts_merge(parts[0], parts[p], NULL);
  for (size_t k = 0; k < 2; k++) {
    assert_int_equal(sy_counts_rows(backwards, k), sy_counts_rows(all, k));
    assert_true(sy_counts_weight(backwards, k) == sy_counts_weight(all, k));
    assert_true(sy_counts_weight(parts[0], k) == sy_counts_weight(all, k));
    assert_true(sy_counts_weight_squared(parts[0], k) == sy_counts_weight_squared(all, k));
  }
  sy_counts_free(all);
  sy_counts_free(backwards);
  for (int p = 0; p < PARTS; p++) sy_counts_free(parts[p]);
}

/* Against 128-bit integers: a square has twice the digits of its weight, and none may be lost. */
static void squares_are_exact(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < 200; trial++) {
    sy_counts *counts = sy_counts_new(1);
    unsigned __int128 sum = 0, squares = 0;
    for (uint64_t i = 0; i < 20; i++) {
      uint64_t mantissa = sy_random_bits(trial, 73, i) >> (12 + i);
      double weight = ldexp((double)mantissa, -40);
      sy_counts_add(counts, IDS(0), 1, &weight, NULL);
      sum += mantissa;
      squares += (unsigned __int128)mantissa * mantissa;
    }
    assert_true(sy_counts_weight(counts, 0) == ldexp((double)sum, -40));
    assert_true(sy_counts_weight_squared(counts, 0) == ldexp((double)squares, -80));
    sy_counts_free(counts);
  }
}

static void squares_may_leave_the_range(void **state) {
  (void)state;
  sy_counts *counts = sy_counts_new(1);
  const double huge[] = {1e200};
  sy_counts_add(counts, IDS(0), 1, huge, NULL);
  assert_true(isinf(sy_counts_weight_squared(counts, 0)));
  assert_true(sy_counts_weight(counts, 0) == 1e200);
  sy_counts_free(counts);
}

/* --- counts that are known --- */

static void known_counts_are_taken(void **state) {
  (void)state;
  const char *names[] = {"cat", "1.0", " dog"};
  const double values[] = {3, 2.5, 0};
  sy_counts *counts;
  assert_int_equal(sy_counts_of(names, values, 3, &counts, NULL), SY_OK);
  assert_int_equal(sy_counts_n_classes(counts), 3);
  assert_string_equal(sy_counts_classes(counts)[1], "1");
  assert_string_equal(sy_counts_classes(counts)[2], "dog");
  assert_true(sy_counts_weight(counts, 0) == 3 && sy_counts_weight_squared(counts, 0) == 3);
  assert_true(sy_counts_weight(counts, 1) == 2.5); /* two rows, and one of weight 0.5 */
  assert_true(sy_counts_weight_squared(counts, 1) == 2.25);
  assert_int_equal(sy_counts_rows(counts, 1), 3);
  assert_int_equal(sy_counts_rows(counts, 2), 0);
  assert_int_equal(sy_counts_positions(counts), 6);
  assert_int_equal(sy_counts_first_axis(counts), 6);
  assert_int_equal(sy_counts_n_labels(counts), 0);
  assert_null(sy_counts_messages(counts));
  assert_true(isnan(sy_counts_holding(counts, 0)));
  sy_counts_free(counts);
}

static void check_known(const char *name, double value, sy_status wanted, const char *text) {
  sy_error error;
  sy_counts *counts;
  const char *names[] = {"cat", name};
  const double values[] = {3, value};
  assert_int_equal(sy_counts_of(names, values, 2, &counts, &error), wanted);
  if (wanted != SY_OK) assert_string_equal(error.text, text);
  assert_int_equal(counts != NULL, wanted == SY_OK);
  sy_counts_free(counts);
}

static void unusable_counts_are_named(void **state) {
  (void)state;
  const char *range = "is not usable; it must be 0 or more, and 2^53 at most";
  char text[128];
  const double bad[] = {-1, NAN, INFINITY, 0x1p53 + 2};
  const char *shown[] = {"-1", "nan", "inf", "9007199254740994"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    snprintf(text, sizeof text, "the count %s of class 'dog' %s", shown[i], range);
    check_known("dog", bad[i], SY_INVALID_WEIGHT, text);
  }
  check_known("dog", 0x1p53, SY_OK, "");
  check_known(" cat", 1, SY_INVALID_LABEL, "class ' cat' is counted twice");
  check_known("  ", 1, SY_INVALID_LABEL, "class 2 of the counts has no name");
  sy_counts *counts;
  assert_int_equal(sy_counts_of(NULL, NULL, 0, &counts, NULL), SY_NO_ROWS);
}

/* Counts of other classes are other counts, whatever their number. */
static void other_classes_do_not_merge(void **state) {
  (void)state;
  sy_error error;
  const double values[] = {3, 4};
  sy_counts *counts, *others, *nameless = sy_counts_new(2);
  sy_counts_of((const char *const[]){"a", "b"}, values, 2, &counts, NULL);
  sy_counts_of((const char *const[]){"b", "a"}, values, 2, &others, NULL);
  assert_int_equal(sy_counts_merge(counts, others, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "counts of other classes cannot be merged: the names or their "
                                  "order differ");
  assert_int_equal(sy_counts_add(nameless, IDS(0, SY_IGNORED), 2, NULL, NULL), SY_OK);
  assert_int_equal(sy_counts_merge(counts, nameless, NULL), SY_OK);
  assert_true(sy_counts_weight(counts, 0) == 4 && sy_counts_weight(counts, 1) == 4);
  assert_int_equal(sy_counts_positions(counts), 9);
  assert_int_equal(sy_counts_ignored(counts), 1);
  sy_counts_free(nameless);
  sy_counts_free(others);
  sy_counts_free(counts);
}

static sy_counts *count_labels(size_t n_labels, double weight) {
  static const char *const names[] = {"a", "b"};
  sy_counts *cells = sy_counts_new(2 * n_labels), *counts = sy_counts_new(0);
  for (int32_t k = 0; k < (int32_t)(2 * n_labels); k++)
    assert_int_equal(sy_counts_add(cells, &k, 1, &weight, NULL), SY_OK);
  assert_int_equal(sy_counts_split_labels(counts, cells, names, n_labels, NULL), SY_OK);
  sy_counts_free(cells);
  return counts;
}

static void counts_of_labels_merge(void **state) {
  (void)state;
  sy_error error;
  sy_counts *one = count_labels(1, 1), *two = count_labels(2, 1), *heavy = count_labels(2, 1.5);
  assert_int_equal(sy_counts_merge(one, two, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "counts of 1 and of 2 labels cannot be merged");
  sy_memory_fail_nth(2); /* room for one label, but not for the other */
  assert_int_equal(sy_counts_merge(two, heavy, &error), SY_OUT_OF_MEMORY);
  assert_int_equal(sy_memory_fail_nth(0), 0);
  assert_true(sy_counts_weight(sy_counts_label(two, 0), 0) == 1);
  assert_int_equal(sy_counts_merge(two, heavy, &error), SY_OK);
  assert_true(sy_counts_weight(sy_counts_label(two, 1), 1) == 2.5);
  sy_counts_free(one);
  sy_counts_free(two);
  sy_counts_free(heavy);
}

static void weighted_counts_merge_with_themselves(void **state) {
  (void)state;
  const double weights[] = {0.1, 3};
  sy_counts *counts = sy_counts_new(1);
  sy_counts_add(counts, IDS(0, 0), 2, weights, NULL);
  assert_int_equal(sy_counts_merge(counts, counts, NULL), SY_OK);
  assert_int_equal(sy_counts_rows(counts, 0), 4);
  assert_true(sy_counts_weight(counts, 0) == 2 * (0.1 + 3));
  sy_counts_free(counts);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_of_rows),
      cmocka_unit_test(wrong_blocks_add_nothing),
      cmocka_unit_test(counts_are_order_free),
      cmocka_unit_test(squares_are_exact),
      cmocka_unit_test(squares_may_leave_the_range),
      cmocka_unit_test(known_counts_are_taken),
      cmocka_unit_test(unusable_counts_are_named),
      cmocka_unit_test(other_classes_do_not_merge),
      cmocka_unit_test(counts_of_labels_merge),
      cmocka_unit_test(weighted_counts_merge_with_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
