/* test_fit_properties.c: what holds of every weighted fit, on random problems of two and more
 * classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_problem.h"

#include <string.h>

static const double same = 1e-9; /* of two ways to one optimum, in any parameter */

typedef void (*check_fn)(const fit_problem *given, double l2, uint64_t seed);

/* Runs a check on problems of 2, 3 and 6 classes with three penalties. */
static void on_random_problems(check_fn check) {
  const size_t classes[] = {2, 3, 6};
  const double penalties[] = {1, 1e-2, 1e-4};
  for (uint64_t seed = 1; seed <= 3; seed++)
    for (size_t c = 0; c < 3; c++) {
      fit_problem given =
          random_problem(100 * seed + c, 120 + 300 * (size_t)seed, 2 + 2 * c, classes[c]);
      check(&given, penalties[seed - 1], seed);
      free_problem(&given);
    }
}

static sy_predictor *fit_from(const fit_problem *given, double l2, const sy_predictor *start,
                              sy_fit_result *result) {
  sy_fit_options options = sy_fit_options_default();
  options.l2 = l2;
  options.start = start;
  sy_predictor *made = NULL;
  sy_error error;
  sy_status status = sy_fit_logistic(matrix_of(given), given->ids, given->weights, given->n_classes,
                                     &options, &made, result, &error);
  if (status != SY_OK) fail_msg("%s", error.text);
  return made;
}

static sy_predictor *fit(const fit_problem *given, double l2) {
  return fit_from(given, l2, NULL, NULL);
}

static void assert_same_optimum(const fit_problem *one, const fit_problem *other, double l2) {
  sy_predictor *a = fit(one, l2), *b = fit(other, l2);
  assert_true(predictor_distance(a, b) < same);
  sy_predictor_free(a);
  sy_predictor_free(b);
}

/* Row `from` of one problem becomes row `to` of another. */
static void copy_row(const fit_problem *source, size_t from, fit_problem *target, size_t to) {
  size_t n_features = source->n_features;
  memcpy(target->rows + to * n_features, source->rows + from * n_features,
         n_features * sizeof *target->rows);
  target->ids[to] = source->ids[from];
  target->weights[to] = source->weights[from];
}

static void check_copies(const fit_problem *given, double l2, uint64_t seed) {
  (void)seed;
  fit_problem weighted = new_problem(given->n, given->n_features, given->n_classes);
  size_t total = 0, at = 0;
  for (size_t i = 0; i < given->n; i++) {
    copy_row(given, i, &weighted, i);
    weighted.weights[i] = (double)(i % 4); /* 0 copies too */
    total += i % 4;
  }
  fit_problem copied = new_problem(total, given->n_features, given->n_classes);
  for (size_t turn = 0; turn < 3; turn++)
    for (size_t i = 0; i < given->n; i++)
      if (turn < i % 4) {
        copy_row(given, i, &copied, at);
        copied.weights[at++] = 1;
      }
  assert_same_optimum(&weighted, &copied, l2);
  free_problem(&weighted);
  free_problem(&copied);
}

static void test_weight_is_copies(void **state) {
  (void)state;
  on_random_problems(check_copies);
}

/* Rows of weight 0 and ignored rows against the problem without them: the same bits. */
static void check_absence(const fit_problem *given, double l2, uint64_t seed) {
  fit_problem with = new_problem(given->n, given->n_features, given->n_classes);
  fit_problem without = new_problem(given->n, given->n_features, given->n_classes);
  size_t kept = 0;
  for (size_t i = 0; i < given->n; i++) {
    copy_row(given, i, &with, i);
    if (i >= given->n_classes && uniform(&seed) < 0.3) {
      if (i % 2) with.weights[i] = 0;
      if (i % 2 == 0) with.ids[i] = SY_IGNORED;
      continue;
    }
    copy_row(given, i, &without, kept++);
  }
  without.n = kept;
  sy_predictor *a = fit(&with, l2), *b = fit(&without, l2);
  assert_true(predictor_distance(a, b) == 0);
  sy_predictor_free(a);
  sy_predictor_free(b);
  free_problem(&with);
  free_problem(&without);
}

static void test_weight_zero_is_absence(void **state) {
  (void)state;
  on_random_problems(check_absence);
}

static void check_scale(const fit_problem *given, double l2, uint64_t seed) {
  const double factors[] = {1e-200, 3.7, 1e300};
  fit_problem scaled = new_problem(given->n, given->n_features, given->n_classes);
  for (size_t i = 0; i < given->n; i++) {
    copy_row(given, i, &scaled, i);
    scaled.weights[i] *= factors[seed - 1];
  }
  assert_same_optimum(given, &scaled, l2);
  free_problem(&scaled);
}

static void test_scale_of_weights(void **state) {
  (void)state;
  on_random_problems(check_scale);
}

static void check_order(const fit_problem *given, double l2, uint64_t seed) {
  fit_problem shuffled = new_problem(given->n, given->n_features, given->n_classes);
  size_t *order = calloc(given->n, sizeof *order);
  assert_non_null(order);
  for (size_t i = 0; i < given->n; i++) {
    size_t j = (size_t)(uniform(&seed) * (double)(i + 1));
    order[i] = order[j];
    order[j] = i;
  }
  for (size_t i = 0; i < given->n; i++) copy_row(given, order[i], &shuffled, i);
  assert_same_optimum(given, &shuffled, l2);
  free(order);
  free_problem(&shuffled);
}

static void test_order_of_rows(void **state) {
  (void)state;
  on_random_problems(check_order);
}

static void check_element_type(const fit_problem *given, double l2, uint64_t seed) {
  (void)seed;
  size_t n_features = given->n_features, stride = n_features + 2;
  float *rows = calloc(given->n * stride, sizeof *rows);
  assert_non_null(rows);
  for (size_t i = 0; i < given->n; i++)
    for (size_t j = 0; j < n_features; j++)
      rows[i * stride + j] = (float)given->rows[i * n_features + j];
  sy_fit_options options = sy_fit_options_default();
  options.l2 = l2;
  sy_predictor *narrow = NULL, *wide = fit(given, l2);
  sy_matrix matrix = {rows, SY_F32, given->n, n_features, stride};
  assert_int_equal(sy_fit_logistic(matrix, given->ids, given->weights, given->n_classes, &options,
                                   &narrow, NULL, NULL),
                   SY_OK);
  assert_true(predictor_distance(narrow, wide) == 0);
  sy_predictor_free(narrow);
  sy_predictor_free(wide);
  free(rows);
}

static void test_float32_and_float64_rows(void **state) {
  (void)state;
  on_random_problems(check_element_type);
}

/* The conditions of the optimum, by formula and by central differences of the formula; what the
 * fit tells of it; and the gauge. */
static void check_optimality(const fit_problem *given, double l2, uint64_t seed) {
  (void)seed;
  sy_fit_result result;
  sy_predictor *made = fit_from(given, l2, NULL, &result);
  size_t n_vectors = sy_predictor_n_vectors(made), n = n_vectors * given->n_features;
  double *b = calloc(n, sizeof *b), *a = calloc(n_vectors, sizeof *a), sum = 0;
  assert_true(b && a);
  memcpy(b, sy_predictor_coefficients(made), n * sizeof *b);
  memcpy(a, sy_predictor_intercepts(made), n_vectors * sizeof *a);
  assert_true(result.converged);
  assert_true(result.gradient_norm <= 1e-8);
  assert_true(reference_gradient(given, l2, n_vectors, b, a) < 1e-12);
  assert_true(fabs(result.objective - reference_objective(given, l2, n_vectors, b, a)) < 1e-12);
  for (size_t j = 0; j < n + n_vectors; j++) {
    double *parameter = j < n ? b + j : a + (j - n), kept = *parameter, step = 1e-5;
    *parameter = kept + step;
    double above = reference_objective(given, l2, n_vectors, b, a);
    *parameter = kept - step;
    double below = reference_objective(given, l2, n_vectors, b, a);
    *parameter = kept;
    assert_true(fabs(above - below) / (2 * step) < 1e-9);
    assert_true(fmin(above, below) > result.objective - 1e-14);
  }
  for (size_t k = 0; k < n_vectors; k++) sum += a[k];
  if (n_vectors > 1) assert_true(fabs(sum) < 1e-10);
  sy_predictor_free(made);
  free(a);
  free(b);
}

static void test_conditions_of_the_optimum(void **state) {
  (void)state;
  on_random_problems(check_optimality);
}

/* From the solution a fit is done at once; from a shifted one (the same softmax) it comes back. */
static void check_warm_start(const fit_problem *given, double l2, uint64_t seed) {
  (void)seed;
  sy_fit_result result;
  sy_predictor *cold = fit(given, l2), *warm = fit_from(given, l2, cold, &result);
  assert_true(result.iterations <= 2 && result.converged);
  assert_true(predictor_distance(cold, warm) < same);
  size_t n_vectors = sy_predictor_n_vectors(cold), n = n_vectors * given->n_features;
  double *b = calloc(n, sizeof *b), *a = calloc(n_vectors, sizeof *a);
  assert_true(b && a);
  for (size_t j = 0; j < n; j++) b[j] = sy_predictor_coefficients(cold)[j] + 0.5;
  for (size_t k = 0; k < n_vectors; k++) a[k] = sy_predictor_intercepts(cold)[k] - 3;
  sy_predictor *shifted = NULL;
  assert_int_equal(
      sy_predictor_logistic(given->n_features, given->n_classes, n_vectors, b, a, &shifted, NULL),
      SY_OK);
  sy_predictor *back = fit_from(given, l2, shifted, &result);
  if (n_vectors > 1) assert_true(result.iterations <= 2);
  assert_true(predictor_distance(cold, back) < same);
  sy_predictor_free(cold);
  sy_predictor_free(warm);
  sy_predictor_free(shifted);
  sy_predictor_free(back);
  free(a);
  free(b);
}

static void test_warm_start(void **state) {
  (void)state;
  on_random_problems(check_warm_start);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weight_is_copies),
      cmocka_unit_test(test_weight_zero_is_absence),
      cmocka_unit_test(test_scale_of_weights),
      cmocka_unit_test(test_order_of_rows),
      cmocka_unit_test(test_float32_and_float64_rows),
      cmocka_unit_test(test_conditions_of_the_optimum),
      cmocka_unit_test(test_warm_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
