/* test_fit_edges.c: weighted logistic regression of odd data: separable, repeated, unscaled and far
 * out rows, classes that are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_calls.h"
#include "fit_problem.h"

#include <string.h>

static bool all_finite(const sy_predictor *made) {
  size_t n = sy_predictor_n_vectors(made) * sy_predictor_n_features(made);
  for (size_t j = 0; j < n; j++)
    if (!isfinite(sy_predictor_coefficients(made)[j])) return false;
  for (size_t k = 0; k < sy_predictor_n_vectors(made); k++)
    if (isnan(sy_predictor_intercepts(made)[k])) return false;
  return true;
}

static void test_separable_without_penalty_ends(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 4; n_classes += 2) {
    fit_problem given = new_problem(40, 2, n_classes);
    for (size_t i = 0; i < 40; i++) {
      given.ids[i] = (int32_t)(i % n_classes);
      given.weights[i] = 1;
      given.rows[2 * i] = 5 * cos(1.5 * (double)given.ids[i]) + 0.01 * (double)i;
      given.rows[2 * i + 1] = 5 * sin(1.5 * (double)given.ids[i]);
    }
    sy_fit_result result;
    sy_predictor *made = fit(&given, 0, &result);
    assert_true(all_finite(made));
    assert_true(result.objective >= 0 && result.objective < 1e-6);
    assert_int_equal(result.converged, result.gradient_norm <= 1e-8);
    assert_true(result.converged);
    sy_predictor_free(made);
    free_problem(&given);
  }
}

/* Columns that repeat each other: the optimum is a plane, its value that of the single column. */
static void test_duplicate_columns_without_penalty(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem single = random_problem(5, 200, 2, n_classes),
                twice = new_problem(200, 5, n_classes);
    for (size_t i = 0; i < 200; i++) {
      const double *row = single.rows + 2 * i;
      const double wide[] = {row[0], row[1], row[0], 0, row[0] - 2 * row[1]};
      memcpy(twice.rows + 5 * i, wide, sizeof wide);
      twice.ids[i] = single.ids[i];
      twice.weights[i] = single.weights[i];
    }
    sy_fit_result narrow_result, wide_result;
    sy_predictor *narrow = fit(&single, 0, &narrow_result), *wide = fit(&twice, 0, &wide_result);
    assert_true(all_finite(wide));
    assert_true(wide_result.converged);
    assert_true(fabs(narrow_result.objective - wide_result.objective) < 1e-12);
    sy_predictor_free(narrow);
    sy_predictor_free(wide);
    free_problem(&single);
    free_problem(&twice);
  }
}

static void test_more_columns_than_rows(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem given = random_problem(8, 12, 40, n_classes);
    sy_fit_result result;
    sy_predictor *made = fit(&given, 0.05, &result);
    assert_true(result.converged);
    assert_true(reference_gradient(&given, 0.05, sy_predictor_n_vectors(made),
                                   sy_predictor_coefficients(made),
                                   sy_predictor_intercepts(made)) < 1e-10);
    sy_predictor_free(made);
    free_problem(&given);
  }
}

/* Columns of sizes 1e8 and 1e-6 beside each other. */
static void test_unscaled_columns(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem given = random_problem(9, 300, 3, n_classes);
    for (size_t i = 0; i < 300; i++) {
      given.rows[3 * i] *= 1e8;
      given.rows[3 * i + 1] *= 1e-6;
    }
    fit_problem scaled = random_problem(9, 300, 3, n_classes);
    sy_fit_result result, scaled_result;
    sy_predictor *made = fit(&given, 0, &result), *other = fit(&scaled, 0, &scaled_result);
    assert_true(all_finite(made));
    assert_true(fabs(result.objective - scaled_result.objective) < 1e-9);
    sy_predictor_free(made);
    sy_predictor_free(other);
    free_problem(&given);
    free_problem(&scaled);
  }
}

/* A row far out turns from no curvature to much within one step. */
static void test_rows_far_out(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 5; n_classes += 3) {
    fit_problem given = random_problem(21, 500, 6, n_classes);
    for (size_t i = 0; i < 6; i++) given.rows[(40 * i + 7) * 6 + i] = i % 2 ? 700 : -300;
    sy_fit_result result;
    sy_predictor *made = fit(&given, 1e-5, &result);
    assert_true(result.converged && result.gradient_norm <= 1e-8);
    assert_true(reference_gradient(&given, 1e-5, sy_predictor_n_vectors(made),
                                   sy_predictor_coefficients(made),
                                   sy_predictor_intercepts(made)) < 2e-8);
    sy_predictor_free(made);
    free_problem(&given);
  }
}

static void test_class_of_one_row(void **state) {
  (void)state;
  fit_problem given = random_problem(3, 150, 4, 5);
  int32_t *ids = given.ids;
  for (size_t i = 5; i < given.n; i++) ids[i] = ids[i] == 4 ? 0 : ids[i];
  sy_fit_result result;
  sy_predictor *made = fit(&given, 0.01, &result);
  assert_true(result.converged && all_finite(made));
  assert_true(reference_gradient(&given, 0.01, 5, sy_predictor_coefficients(made),
                                 sy_predictor_intercepts(made)) < 1e-10);
  sy_predictor_free(made);
  free_problem(&given);
}

/* A class without weight is not learnt, and the others are fitted as if it were not declared. */
static void test_class_without_weight(void **state) {
  (void)state;
  fit_problem given = random_problem(4, 200, 3, 4), without = random_problem(4, 200, 3, 4);
  without.n_classes = 3;
  for (size_t i = 0; i < 200; i++) {
    if (given.ids[i] == 1) given.weights[i] = without.weights[i] = 0;
    without.ids[i] = given.ids[i] > 1 ? given.ids[i] - 1 : given.ids[i] == 1 ? SY_IGNORED : 0;
  }
  sy_predictor *made = fit(&given, 0.02, NULL), *three = fit(&without, 0.02, NULL);
  const double *intercepts = sy_predictor_intercepts(made);
  assert_true(isinf(intercepts[1]) && intercepts[1] < 0);
  for (size_t j = 0; j < 3; j++) assert_true(sy_predictor_coefficients(made)[3 + j] == 0);
  for (size_t k = 0; k < 3; k++) {
    size_t place = k ? k + 1 : 0;
    assert_true(intercepts[place] == sy_predictor_intercepts(three)[k]);
    assert_memory_equal(sy_predictor_coefficients(made) + 3 * place,
                        sy_predictor_coefficients(three) + 3 * k, 3 * sizeof(double));
  }
  sy_predictor_free(made);
  sy_predictor_free(three);
  free_problem(&given);
  free_problem(&without);
}

/* With two learnt classes of four the vectors are 0 and the sigmoid's. */
static void test_two_learnt_of_four(void **state) {
  (void)state;
  fit_problem two = random_problem(6, 100, 3, 2), four = random_problem(6, 100, 3, 2);
  four.n_classes = 4;
  for (size_t i = 0; i < 100; i++) four.ids[i] = two.ids[i] ? 3 : 1;
  sy_predictor *sigmoid = fit(&two, 0.02, NULL), *made = fit(&four, 0.02, NULL);
  assert_int_equal(sy_predictor_n_vectors(made), 4);
  const double *intercepts = sy_predictor_intercepts(made);
  const double *coefficients = sy_predictor_coefficients(made);
  assert_true(isinf(intercepts[0]) && isinf(intercepts[2]) && intercepts[1] == 0);
  assert_true(intercepts[3] == sy_predictor_intercepts(sigmoid)[0]);
  for (size_t j = 0; j < 9; j++) assert_true(coefficients[j] == 0);
  assert_memory_equal(coefficients + 9, sy_predictor_coefficients(sigmoid), 3 * sizeof(double));
  sy_predictor_free(sigmoid);
  sy_predictor_free(made);
  free_problem(&two);
  free_problem(&four);
}

/* Rows that are absent may hold anything. */
static void test_absent_rows_are_not_read(void **state) {
  (void)state;
  fit_problem given = random_problem(7, 60, 2, 2);
  given.rows[20] = NAN;
  given.weights[10] = 0;
  given.rows[31] = INFINITY;
  given.ids[15] = SY_IGNORED;
  sy_fit_result result;
  sy_predictor *made = fit(&given, 0.1, &result);
  assert_true(all_finite(made) && result.converged);
  sy_predictor_free(made);
  free_problem(&given);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_separable_without_penalty_ends),
      cmocka_unit_test(test_duplicate_columns_without_penalty),
      cmocka_unit_test(test_more_columns_than_rows),
      cmocka_unit_test(test_unscaled_columns),
      cmocka_unit_test(test_rows_far_out),
      cmocka_unit_test(test_class_of_one_row),
      cmocka_unit_test(test_class_without_weight),
      cmocka_unit_test(test_two_learnt_of_four),
      cmocka_unit_test(test_absent_rows_are_not_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
