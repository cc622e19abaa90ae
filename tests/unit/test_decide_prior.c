/* test_decide_prior.c: the estimated prior of unlabelled rows against its likelihood, searched
 * without any EM, and its interval against formula and repetition. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#include <steelyard/decide.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { MOST_ROWS = 6000, MOST_CLASSES = 30 };

static double logs[MOST_ROWS * MOST_CLASSES], weights[MOST_ROWS];
static uint64_t random_state;

static double uniform(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(random_state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static double normal(void) {
  return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance)) fail_msg("%.17g is not %.17g", value, wanted);
}

/* Rows of a world where class k has x ~ normal(apart k, 1) and was of `trained` prior when the
 * model, which knows all this, was made; now of `prior`. */
static void draw(size_t n, size_t n_classes, double apart, const double *trained,
                 const double *prior) {
  for (size_t i = 0; i < n; i++) {
    double left = uniform(), total = 0, *row = logs + i * n_classes;
    size_t class_id = 0;
    while (class_id + 1 < n_classes && (left -= prior[class_id]) >= 0) class_id++;
    double x = apart * (double)class_id + normal();
    for (size_t k = 0; k < n_classes; k++) {
      double away = x - apart * (double)k;
      total += row[k] = trained[k] * exp(-away * away / 2);
    }
    for (size_t k = 0; k < n_classes; k++) row[k] = log(row[k] / total);
    weights[i] = (double)(i % 4);
  }
}

static sy_prior_estimate estimate(size_t n, size_t n_classes, const double *row_weights,
                                  const double *trained) {
  sy_prior_estimate found;
  sy_error error = {0};
  if (sy_prior_estimate_make(logs, n, n_classes, row_weights, trained, &found, &error) != SY_OK)
    fail_msg("%s", error.text);
  double total = 0;
  for (size_t k = 0; k < n_classes; k++) {
    total += found.prior[k];
    assert_true(0 <= found.low[k] && found.low[k] <= found.prior[k] + 1e-12);
    assert_true(found.prior[k] <= found.high[k] + 1e-12 && found.high[k] <= 1);
  }
  assert_near(total, 1, 1e-12);
  assert_int_equal(found.n_classes, n_classes);
  assert_true(found.converged && found.iterations > 0);
  return found;
}

static double likelihood(size_t n, size_t n_classes, const double *row_weights,
                         const double *trained, const double *prior) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double density = 0;
    for (size_t k = 0; k < n_classes; k++)
      if (trained[k] > 0) density += exp(logs[i * n_classes + k]) / trained[k] * prior[k];
    if (row_weights && row_weights[i] == 0) continue;
    sum += (row_weights ? row_weights[i] : 1) * log(density);
  }
  return sum;
}

/* The likelihood of two classes is concave: its maximum by trisection. */
static double search(size_t n, const double *row_weights, const double *trained) {
  double low = 0, high = 1;
  for (int step = 0; step < 100; step++) {
    double a = low + (high - low) / 3, b = high - (high - low) / 3;
    if (likelihood(n, 2, row_weights, trained, (double[]){1 - a, a}) <
        likelihood(n, 2, row_weights, trained, (double[]){1 - b, b}))
      low = a;
    else
      high = b;
  }
  return (low + high) / 2;
}

static void two_classes_are_at_the_maximum(void **state) {
  (void)state;
  static const double aparts[] = {0.1, 0.5, 1, 3, 9}, priors[] = {0.001, 0.05, 0.3, 0.9};
  for (size_t a = 0; a < COUNT(aparts); a++)
    for (size_t p = 0; p < COUNT(priors); p++) {
      const double trained[] = {0.8, 0.2}, prior[] = {1 - priors[p], priors[p]};
      random_state = a * 10 + p;
      draw(800, 2, aparts[a], trained, prior);
      const double *row_weights = p % 2 ? weights : NULL;
      sy_prior_estimate found = estimate(800, 2, row_weights, trained);
      /* Rounding of the likelihood hides differences below the square root of its digits. */
      assert_near(found.prior[1], search(800, row_weights, trained), 1e-5);
      sy_prior_estimate_clear(&found);
    }
}

/* At the maximum no share can gain: slope W for shares above 0, at most W for those at 0. */
static void check_slopes(size_t n, size_t n_classes, const double *row_weights,
                         const double *trained, const double *prior) {
  for (size_t k = 0; k < n_classes; k++) {
    double slope = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
      double density = 0, weight = row_weights ? row_weights[i] : 1;
      for (size_t j = 0; j < n_classes; j++)
        density += exp(logs[i * n_classes + j]) / trained[j] * prior[j];
      slope += weight * exp(logs[i * n_classes + k]) / trained[k] / density;
      all += weight;
    }
    if (prior[k] > 1e-6) assert_near(slope / all, 1, 1e-6);
    assert_true(slope / all < 1 + 1e-6);
  }
}

static void more_classes_are_at_the_maximum(void **state) {
  (void)state;
  static const size_t counts[] = {3, 5, MOST_CLASSES};
  for (size_t test = 0; test < COUNT(counts); test++)
    for (int weighted = 0; weighted < 2; weighted++) {
      size_t n_classes = counts[test];
      double trained[MOST_CLASSES], prior[MOST_CLASSES], all[2] = {0, 0};
      random_state = test;
      for (size_t k = 0; k < n_classes; k++) all[0] += trained[k] = 0.1 + uniform();
      for (size_t k = 0; k < n_classes; k++) all[1] += prior[k] = k % 3 == 2 ? 0 : uniform();
      for (size_t k = 0; k < n_classes; k++) {
        trained[k] /= all[0];
        prior[k] /= all[1];
      }
      draw(2000, n_classes, 1.5, trained, prior);
      const double *row_weights = weighted ? weights : NULL;
      sy_prior_estimate found = estimate(2000, n_classes, row_weights, trained);
      check_slopes(2000, n_classes, row_weights, trained, found.prior);
      sy_prior_estimate_clear(&found);
    }
}

/* How often the interval holds the truth, over 200 draws: 95 % but for chance (a standard error of
 * 1.5 %) and for what curvature alone misses. */
static void intervals_hold_the_truth(void **state) {
  (void)state;
  enum { DRAWS = 200 };
  const double trained[] = {0.5, 0.3, 0.2}, prior[] = {0.2, 0.7, 0.1};
  for (int weighted = 0; weighted < 2; weighted++) {
    int held[3] = {0};
    random_state = 5;
    for (int d = 0; d < DRAWS; d++) {
      draw(500, 3, 1.8, trained, prior);
      sy_prior_estimate found = estimate(500, 3, weighted ? weights : NULL, trained);
      for (size_t k = 0; k < 3; k++)
        held[k] += found.low[k] <= prior[k] && prior[k] <= found.high[k];
      sy_prior_estimate_clear(&found);
    }
    for (size_t k = 0; k < 3; k++) assert_in_range(held[k], DRAWS * 90 / 100, DRAWS * 99 / 100);
  }
}

/* Two classes: the variance is 1 / sum of squared scores. */
static void interval_is_the_curvature(void **state) {
  (void)state;
  const double trained[] = {0.6, 0.4}, prior[] = {0.7, 0.3};
  random_state = 6;
  draw(MOST_ROWS, 2, 1, trained, prior);
  sy_prior_estimate found = estimate(MOST_ROWS, 2, NULL, trained);
  double information = 0;
  for (size_t i = 0; i < MOST_ROWS; i++) {
    double a = exp(logs[2 * i]) / 0.6, b = exp(logs[2 * i + 1]) / 0.4;
    double score = (b - a) / (a * found.prior[0] + b * found.prior[1]);
    information += score * score;
  }
  double half = 1.959963984540054 / sqrt(information);
  assert_near(found.high[1] - found.prior[1], half, 1e-9);
  assert_near(found.prior[1] - found.low[1], half, 1e-9);
  assert_near(found.low[0], 1 - found.high[1], 1e-9);
  assert_near(found.high[0], 1 - found.low[1], 1e-9);
  assert_true(found.low[1] < 0.3 && 0.3 < found.high[1]);
  /* A weight of all rows is no more observations. */
  for (size_t i = 0; i < MOST_ROWS; i++) weights[i] = 7;
  sy_prior_estimate same = estimate(MOST_ROWS, 2, weights, trained);
  assert_near(same.high[1], found.high[1], 1e-9);
  sy_prior_estimate_clear(&same);
  sy_prior_estimate_clear(&found);
}

/* 20 rows alike: log-likelihood 20 log(1 - 8 x / 9) falls by 1.92 at x = 0.103. */
static void a_share_of_0_has_an_interval(void **state) {
  (void)state;
  const double trained[] = {0.5, 0.5};
  for (size_t i = 0; i < 20; i++) {
    logs[2 * i] = log(0.9);
    logs[2 * i + 1] = log(0.1);
  }
  sy_prior_estimate found = estimate(20, 2, NULL, trained);
  assert_true(found.prior[1] == 0 && found.low[1] == 0);
  assert_near(found.high[1], 9. / 8 * (1 - exp(-1.959963984540054 * 1.959963984540054 / 40)), 5e-3);
  assert_near(found.low[0], 1 - found.high[1], 1e-12);
  assert_true(found.high[0] == 1);
  sy_prior_estimate_clear(&found);
  found = estimate(1, 2, NULL, trained);
  assert_true(found.prior[0] == 1 && found.high[1] == 1);
  sy_prior_estimate_clear(&found);
}

static void rows_that_tell_nothing_say_so(void **state) {
  (void)state;
  const double trained[] = {0.5, 0.3, 0.2};
  for (size_t i = 0; i < 300; i++)
    for (size_t k = 0; k < 3; k++) logs[i * 3 + k] = log(trained[k]);
  sy_prior_estimate found = estimate(300, 3, NULL, trained);
  for (size_t k = 0; k < 3; k++) {
    assert_near(found.prior[k], trained[k], 1e-9);
    assert_true(found.low[k] == 0 && found.high[k] == 1);
  }
  sy_prior_estimate_clear(&found);
}

/* It stays 0, whatever the rows say of it. */
static void a_class_of_no_prior_stays_away(void **state) {
  (void)state;
  const double trained[] = {0.6, 0, 0.4};
  const double rows[] = {log(0.5), log(0.25), log(0.25), log(0.1), -INFINITY, log(0.9)};
  memcpy(logs, rows, sizeof rows);
  sy_prior_estimate found = estimate(2, 3, NULL, trained);
  assert_true(found.prior[1] == 0 && found.low[1] == 0 && found.high[1] == 0);
  sy_prior_estimate_clear(&found);
  const double pairs[] = {log(2. / 3), log(1. / 3), log(0.1), log(0.9)}, two[] = {0.6, 0.4};
  memcpy(logs, pairs, sizeof pairs);
  sy_prior_estimate other = estimate(2, 2, NULL, two);
  memcpy(logs, rows, sizeof rows);
  found = estimate(2, 3, NULL, trained);
  assert_near(found.prior[2], other.prior[1], 1e-9);
  sy_prior_estimate_clear(&found);
  sy_prior_estimate_clear(&other);
}

static void weights_are_copies_and_threads_change_no_bit(void **state) {
  (void)state;
  static double copied[MOST_ROWS * 4];
  const double trained[] = {0.4, 0.3, 0.2, 0.1}, prior[] = {0.1, 0.2, 0.3, 0.4};
  random_state = 8;
  draw(3000, 4, 1.5, trained, prior);
  sy_threads_set(1);
  sy_prior_estimate one = estimate(3000, 4, weights, trained);
  sy_threads_set(3);
  sy_prior_estimate three = estimate(3000, 4, weights, trained);
  sy_threads_set(0);
  assert_memory_equal(one.prior, three.prior, 4 * sizeof(double));
  assert_memory_equal(one.high, three.high, 4 * sizeof(double));
  size_t n = 0;
  for (size_t i = 0; i < 3000; i++)
    for (int copy = 0; copy < (int)weights[i]; copy++)
      memcpy(copied + 4 * n++, logs + 4 * i, 4 * sizeof(double));
  memcpy(logs, copied, 4 * n * sizeof(double));
  sy_prior_estimate copies = estimate(n, 4, NULL, trained);
  for (size_t k = 0; k < 4; k++) assert_near(copies.prior[k], one.prior[k], 1e-9);
  sy_prior_estimate_clear(&one);
  sy_prior_estimate_clear(&three);
  sy_prior_estimate_clear(&copies);
}

/* Corrected by the estimate, probabilities are those of the new prior. */
static void shifting_by_the_estimate_repairs_probabilities(void **state) {
  (void)state;
  const double trained[] = {0.5, 0.5}, prior[] = {0.95, 0.05};
  random_state = 9;
  draw(MOST_ROWS, 2, 2, trained, prior);
  sy_prior_estimate found = estimate(MOST_ROWS, 2, NULL, trained);
  double ratio[2], mean = 0;
  for (size_t k = 0; k < 2; k++) ratio[k] = found.prior[k] / trained[k];
  sy_prior_shift(logs, MOST_ROWS, 2, ratio, logs);
  for (size_t i = 0; i < MOST_ROWS; i++) mean += exp(logs[2 * i + 1]) / MOST_ROWS;
  assert_near(mean, found.prior[1], 1e-9);
  assert_true(found.low[1] < 0.05 && 0.05 < found.high[1]);
  assert_true(found.high[1] - found.low[1] < 0.02);
  sy_prior_estimate_clear(&found);
}

/* What is refused: three rows of three classes, one of them spoilt. */

static const double sound[] = {-0.69314718, -1.38629436, -1.38629436};

static const struct {
  size_t n, n_classes;
  double trained[3], weights[3], log_p;
  sy_status status;
  const char *says;
} refused[] = {
    {0, 3, {.5, .3, .2}, {1, 1, 1}, -0.69314718, SY_NO_ROWS, "no rows to estimate"},
    {3, 3, {.5, .3, .2}, {0, 0, 0}, -0.69314718, SY_NO_WEIGHT, "weight 0"},
    {3, 3, {.5, .3, .2}, {1, -1, 0}, -0.69314718, SY_INVALID_WEIGHT, "row weight -1 at row 2"},
    {3, 3, {.5, .3, .2}, {1, 1, NAN}, -0.69314718, SY_INVALID_WEIGHT, "row weight nan at row 3"},
    {3, 3, {.5, .3, .2}, {1e308, 1e308, 1}, -0.69314718, SY_INVALID_WEIGHT, "beyond float64"},
    {3, 3, {.5, .3, .1}, {1, 1, 1}, -0.69314718, SY_INVALID_ARGUMENT, "sums to 0.9: it must"},
    {3, 3, {.5, NAN, .5}, {1, 1, 1}, -0.69314718, SY_INVALID_ARGUMENT, "class 1 is nan"},
    {3, 3, {.5, .8, -.3}, {1, 1, 1}, -0.69314718, SY_INVALID_ARGUMENT, "class 2 is -0.3"},
    {3, 3, {1, 0, 0}, {1, 1, 1}, -0.69314718, SY_TOO_FEW_CLASSES, "fewer than two classes"},
    {3, 1, {1}, {1, 1, 1}, -0.69314718, SY_TOO_FEW_CLASSES, "fewer than two classes"},
    {3, 3, {.5, .3, .2}, {1, 1, 1}, NAN, SY_INVALID_DATA, "row 2: nan of class 0"},
    {3, 3, {.5, .3, .2}, {1, 1, 1}, 0.5, SY_INVALID_DATA, "row 2: 0.5 of class 0"},
    {3, 3, {.5, .3, .2}, {1, 1, 1}, -INFINITY, SY_INVALID_DATA, "row 2: its probabilities sum"},
    {3, 3, {.0, .5, .5}, {1, 1, 1}, 0, SY_INVALID_DATA, "row 2: only classes of trained prior 0"},
};

static void estimate_refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refused); i++) {
    sy_prior_estimate found = {.n_classes = 99};
    sy_error error = {0};
    for (size_t j = 0; j < 9; j++) logs[j] = sound[j % 3];
    logs[3] = refused[i].log_p;
    if (logs[3] == 0) logs[4] = logs[5] = -INFINITY;
    sy_status status =
        sy_prior_estimate_make(logs, refused[i].n, refused[i].n_classes, refused[i].weights,
                               refused[i].trained, &found, &error);
    if (status != refused[i].status || !strstr(error.text, refused[i].says))
      fail_msg("%zu: %s: %s", i, sy_status_name(status), error.text);
    assert_true(found.n_classes == 0 && !found.prior);
  }
}

static void memory_runs_out_cleanly(void **state) {
  (void)state;
  const double trained[] = {0.5, 0.5};
  random_state = 10;
  draw(50, 2, 1, trained, trained);
  for (size_t nth = 1;; nth++) {
    sy_prior_estimate found;
    sy_memory_fail_nth(nth);
    sy_status status = sy_prior_estimate_make(logs, 50, 2, NULL, trained, &found, NULL);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    assert_true(struck == !found.prior);
    sy_prior_estimate_clear(&found);
    if (!struck) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes_are_at_the_maximum),
      cmocka_unit_test(more_classes_are_at_the_maximum),
      cmocka_unit_test(intervals_hold_the_truth),
      cmocka_unit_test(interval_is_the_curvature),
      cmocka_unit_test(a_share_of_0_has_an_interval),
      cmocka_unit_test(rows_that_tell_nothing_say_so),
      cmocka_unit_test(a_class_of_no_prior_stays_away),
      cmocka_unit_test(weights_are_copies_and_threads_change_no_bit),
      cmocka_unit_test(shifting_by_the_estimate_repairs_probabilities),
      cmocka_unit_test(estimate_refuses),
      cmocka_unit_test(memory_runs_out_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
