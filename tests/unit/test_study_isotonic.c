/* test_study_isotonic.c: isotonic maps against the min-max formula of monotone regression, which
 * needs no algorithm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "study/calibrate.h"

#include "calibration_rows.h"

static calibration_rows rows;

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance)) fail_msg("%.17g is not %.17g", value, wanted);
}

/* Two classes whose probability takes one of n_levels values, or any where that is 0. */
static void draw_levels(uint64_t seed, size_t n, int n_levels) {
  const double scales[] = {1, 1.6}, shifts[] = {0, 0.8};
  draw_rows(&rows, seed, n, 2, 1.5, NULL, scales, shifts);
  for (size_t i = 0; i < n && n_levels > 0; i++) {
    double p = (floor(exp(rows.logs[2 * i + 1]) * n_levels) + 0.5) / n_levels;
    rows.logs[2 * i] = log1p(-p);
    rows.logs[2 * i + 1] = log(p);
  }
}

/* Distinct probabilities of a class in order, with weight and weight of the class. */
typedef struct level {
  double p, weight, own;
} level;

static int by_p(const void *a, const void *b) {
  double left = ((const level *)a)->p, right = ((const level *)b)->p;
  return (left > right) - (left < right);
}

static size_t find_levels(size_t k, const double *weights, level *levels) {
  size_t n = 0, left = 0;
  for (size_t i = 0; i < rows.n; i++) {
    double weight = weights ? weights[i] : 1;
    if (weight == 0 || rows.ids[i] == SY_IGNORED) continue;
    double p = exp(rows.logs[i * rows.n_classes + k]);
    levels[n++] = (level){p, weight, (size_t)rows.ids[i] == k ? weight : 0};
  }
  qsort(levels, n, sizeof *levels, by_p);
  for (size_t i = 0; i < n; i++)
    if (left > 0 && levels[left - 1].p == levels[i].p) {
      levels[left - 1].weight += levels[i].weight;
      levels[left - 1].own += levels[i].own;
    } else {
      levels[left++] = levels[i];
    }
  return left;
}

/* Monotone least squares at level i: max over starts a <= i of min over ends b >= i of the mean of
 * a..b (Barlow et al. 1972). */
static double min_max(const level *levels, size_t n, size_t i) {
  double most = -INFINITY;
  for (size_t a = 0; a <= i; a++) {
    double least = INFINITY, weight = 0, own = 0;
    for (size_t b = a; b < n; b++) {
      weight += levels[b].weight;
      own += levels[b].own;
      if (b >= i) least = fmin(least, own / weight);
    }
    most = fmax(most, least);
  }
  return most;
}

static double at_knots(const sy_calibration *map, size_t k, double p) {
  const double *x = sy_calibration_knots(map, k), *y = sy_calibration_values(map, k);
  size_t n = sy_calibration_n_knots(map, k), i = 0;
  if (p <= x[0]) return y[0];
  if (p >= x[n - 1]) return y[n - 1];
  while (x[i + 1] < p) i++;
  return y[i] + (p - x[i]) * ((y[i + 1] - y[i]) / (x[i + 1] - x[i]));
}

static void check_class(const sy_calibration *map, size_t k, const double *weights) {
  static level levels[MOST_ROWS];
  size_t n = find_levels(k, weights, levels);
  double all = 0;
  for (size_t i = 0; i < n; i++) all += levels[i].weight;
  double least = 0.5 / (all + 1);
  for (size_t i = 0; i < n; i++) {
    double wanted = fmin(fmax(min_max(levels, n, i), least), 1 - least);
    assert_near(at_knots(map, k, levels[i].p), wanted, 1e-11);
  }
}

static void two_classes_are_monotone_regression(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    draw_levels(seed, 30 * seed, seed % 2 ? 0 : 12);
    for (int weighted = 0; weighted < 2; weighted++) {
      const double *weights = weighted ? rows.weights : NULL;
      sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, weights);
      assert_int_equal(sy_calibration_n_knots(map, 0), 0);
      check_class(map, 1, weights);
      sy_calibration_free(map);
    }
  }
}

static void more_classes_are_one_against_the_rest(void **state) {
  (void)state;
  const double scales[] = {0.5, 1.5, 0.8, 1};
  draw_rows(&rows, 7, 150, 4, 1.5, NULL, scales, NULL);
  sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, rows.weights);
  for (size_t k = 0; k < 4; k++) check_class(map, k, rows.weights);
  sy_calibration_free(map);
}

/* (0, 0) to (1, 1) for a class that has no rows. */
static void a_class_without_rows_stays_as_it_is(void **state) {
  (void)state;
  const double shifts[] = {0, -INFINITY, 0};
  draw_rows(&rows, 8, 100, 3, 1.5, NULL, NULL, shifts);
  sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, NULL);
  assert_int_equal(sy_calibration_n_knots(map, 1), 2);
  for (size_t i = 0; i < 2; i++) {
    assert_true(sy_calibration_knots(map, 1)[i] == (double)i);
    assert_true(sy_calibration_values(map, 1)[i] == (double)i);
  }
  sy_calibration_free(map);
}

static void values_keep_off_0_and_1(void **state) {
  (void)state;
  draw_levels(9, 40, 0);
  for (size_t i = 0; i < rows.n; i++) rows.ids[i] = exp(rows.logs[2 * i + 1]) > 0.4;
  sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, NULL);
  size_t n = sy_calibration_n_knots(map, 1);
  assert_near(sy_calibration_values(map, 1)[0], 1 / 82., 1e-15);
  assert_near(sy_calibration_values(map, 1)[n - 1], 81 / 82., 1e-15);
  sy_calibration_free(map);
}

/* Probabilities closer than 1e-7 are ties: no slope is beyond 1e7 of them. */
static void close_probabilities_are_ties(void **state) {
  (void)state;
  draw_levels(10, 2000, 0);
  for (size_t i = 0; i < rows.n; i++) {
    double p = 0.3 + 1e-6 * uniform();
    rows.logs[2 * i] = log1p(-p);
    rows.logs[2 * i + 1] = log(p);
    rows.ids[i] = (int32_t)(i % 2);
  }
  sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, NULL);
  const double *knots = sy_calibration_knots(map, 1);
  for (size_t i = 1; i < sy_calibration_n_knots(map, 1); i++)
    assert_true(knots[i] - knots[i - 1] > 1e-7 * knots[i - 1]);
  sy_calibration_free(map);
}

/* 2,000 levels, each with a greater share than the one before. */
static void many_pools_are_thinned(void **state) {
  (void)state;
  enum { LEVELS = 2000 };
  rows.n = 2 * LEVELS;
  rows.n_classes = 2;
  for (size_t i = 0; i < 2 * LEVELS; i++) {
    double p = ((double)(i / 2) + 0.5) / LEVELS;
    rows.logs[2 * i] = log1p(-p);
    rows.logs[2 * i + 1] = log(p);
    rows.ids[i] = (int32_t)(i % 2);
    rows.weights[i] = i % 2 ? p * p : 1 - p * p; /* a share of p^2 */
  }
  sy_calibration *map = calibrate(SY_CALIBRATION_ISOTONIC, &rows, rows.weights);
  size_t n = sy_calibration_n_knots(map, 1);
  assert_in_range(n, 200, 256);
  double best = 0;
  for (size_t i = 0; i < LEVELS; i++) {
    double p = ((double)i + 0.5) / LEVELS, share = p * p;
    best -= (share * log(share) + (1 - share) * log1p(-share)) / LEVELS;
    assert_near(at_knots(map, 1, p), share, 0.02);
  }
  assert_true(calibrated_loss(&rows, map, rows.weights) < best + 1e-4);
  sy_calibration_free(map);
}

/* Thinning joins the two neighbours whose difference matters least, and pools add up. */
static void thinning_joins_the_cheapest(void **state) {
  (void)state;
  sy_pool pools[] = {{.1, .2, 10, .1}, {.3, .4, 10, .5}, {.5, .6, 30, .52}, {.7, .8, 10, .9}};
  assert_int_equal(sy_pool_thin(pools, 4, 3), 3);
  assert_true(pools[1].low == 0.3 && pools[1].high == 0.6 && pools[1].weight == 40);
  assert_near(pools[1].share, (10 * .5 + 30 * .52) / 40, 1e-15);
  assert_true(pools[2].share == 0.9);
  static sy_pool many[20001];
  for (size_t i = 0; i < 20001; i++)
    many[i] = (sy_pool){(double)i, (double)i, 1, ((double)i + 0.5) / 20001};
  assert_int_equal(sy_pool_thin(many, 20001, 100), 100);
  double weight = 0;
  for (size_t i = 0; i < 100; i++) weight += many[i].weight;
  assert_near(weight, 20001, 1e-6);
  for (size_t i = 1; i < 100; i++) assert_true(many[i].share > many[i - 1].share);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes_are_monotone_regression),
      cmocka_unit_test(more_classes_are_one_against_the_rest),
      cmocka_unit_test(a_class_without_rows_stays_as_it_is),
      cmocka_unit_test(values_keep_off_0_and_1),
      cmocka_unit_test(close_probabilities_are_ties),
      cmocka_unit_test(many_pools_are_thinned),
      cmocka_unit_test(thinning_joins_the_cheapest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
