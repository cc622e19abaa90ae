/* test_evaluate_bootstrap.c: how often rows are in samples, and percentile intervals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate/bootstrap.h"

#include <steelyard/evaluate.h>

/* The share of each count within 5 standard errors of the Poisson probability e^-1 / k!. */
static void counts_are_poisson(void **state) {
  (void)state;
  enum { ROWS = 1 << 18, SAMPLES = 4 };
  uint8_t *counts = malloc(ROWS);
  assert_non_null(counts);
  double seen[16] = {0}, p = exp(-1), n = (double)ROWS * SAMPLES;
  for (uint32_t sample = 0; sample < SAMPLES; sample++) {
    sy_bootstrap_counts(5, sample, ROWS, counts);
    for (size_t i = 0; i < ROWS; i++) seen[counts[i]]++;
  }
  for (int k = 0; k < 16; p /= ++k)
    assert_true(fabs(seen[k] - n * p) <= 5 * sqrt(n * p * (1 - p)) + (n * p < 1 ? 3 : 0));
  free(counts);
}

static void a_row_counts_alone_as_among_others(void **state) {
  (void)state;
  enum { ROWS = 1111 };
  uint8_t counts[ROWS + 1];
  size_t differ_by_sample = 0, differ_by_seed = 0;
  counts[ROWS] = 77;
  for (uint32_t sample = 0; sample < 3; sample++) {
    sy_bootstrap_counts(9, sample, ROWS, counts);
    for (size_t i = 0; i < ROWS; i++) {
      assert_int_equal(sy_bootstrap_count(9, sample, i), counts[i]);
      differ_by_sample += sy_bootstrap_count(9, sample + 3, i) != counts[i];
      differ_by_seed += sy_bootstrap_count(10, sample, i) != counts[i];
    }
  }
  assert_int_equal(counts[ROWS], 77);
  /* Two independent counts are equal with probability 0.3085. */
  assert_true(differ_by_sample > 2000 && differ_by_seed > 2000);
}

/* Linear between order statistics, as numpy.quantile has it. */
static void intervals_are_percentiles(void **state) {
  (void)state;
  double values[101], low, high;
  for (int i = 0; i <= 100; i++) values[i] = (i * 37) % 101; /* 0..100 in another order */
  sy_bootstrap_interval(values, 101, &low, &high);
  assert_true(fabs(low - 2.5) < 1e-12 && fabs(high - 97.5) < 1e-12);
  double few[] = {3, 1};
  sy_bootstrap_interval(few, 2, &low, &high);
  assert_true(fabs(low - 1.05) < 1e-12 && fabs(high - 2.95) < 1e-12);
  double infinite[] = {INFINITY, 1, INFINITY};
  sy_bootstrap_interval(infinite, 3, &low, &high);
  assert_true(low == INFINITY && high == INFINITY);
  sy_bootstrap_interval(infinite, 0, &low, &high);
  assert_true(isnan(low) && isnan(high));
}

static void undefined_values_leave_out_or_undo(void **state) {
  (void)state;
  double values[100], low, high;
  for (size_t i = 0; i < 100; i++) values[i] = i % 20 == 7 ? NAN : 1; /* five */
  sy_bootstrap_interval(values, 100, &low, &high);
  assert_true(low == 1 && high == 1);
  for (size_t i = 0; i < 100; i++) values[i] = i % 20 == 7 || i == 0 ? NAN : 1;
  sy_bootstrap_interval(values, 100, &low, &high);
  assert_true(isnan(low) && isnan(high));
}

static void samples_get_fewer(void **state) {
  (void)state;
  assert_int_equal(sy_bootstrap_samples_default(1), 1000);
  assert_int_equal(sy_bootstrap_samples_default(100000), 1000);
  assert_int_equal(sy_bootstrap_samples_default(250000), 400);
  assert_int_equal(sy_bootstrap_samples_default(SIZE_MAX), 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_are_poisson),
      cmocka_unit_test(a_row_counts_alone_as_among_others),
      cmocka_unit_test(intervals_are_percentiles),
      cmocka_unit_test(undefined_values_leave_out_or_undo),
      cmocka_unit_test(samples_get_fewer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
