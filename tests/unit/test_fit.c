/* test_fit.c: weighted logistic regression: closed forms, ends, errors, the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fit_calls.h"
#include "fit_problem.h"

#include <string.h>

/* The status of a fit that must fail; text in `error`. */
static sy_status failure(const fit_problem *problem, const sy_fit_options *options,
                         sy_error *error) {
  sy_predictor *made = NULL;
  sy_status status = sy_fit_logistic(matrix_of(problem), problem->ids, problem->weights,
                                     problem->n_classes, options, &made, NULL, error);
  assert_null(made);
  return status;
}

/* --- closed forms --- */

static void test_defaults(void **state) {
  (void)state;
  sy_fit_options options = sy_fit_options_default();
  assert_true(options.l2 == -1);
  assert_true(options.tolerance == 1e-8);
  assert_int_equal(options.max_iterations, 1000);
  assert_null(options.start);
  assert_null(options.progress.call);
}

/* A column of one value says nothing: the intercept is the weighted log odds. */
static void test_constant_column_two_classes(void **state) {
  (void)state;
  fit_problem given = new_problem(5, 1, 2);
  const int32_t ids[] = {0, 0, 1, 0, 1};
  const double weights[] = {1, 2, 0.5, 4, 1};
  memcpy(given.ids, ids, sizeof ids);
  memcpy(given.weights, weights, sizeof weights);
  sy_fit_result result;
  sy_predictor *made = fit(&given, 0.1, &result);
  assert_true(fabs(sy_predictor_coefficients(made)[0]) < 1e-14);
  assert_true(fabs(sy_predictor_intercepts(made)[0] - log(1.5 / 7)) < 1e-12);
  double p = 1.5 / 8.5;
  assert_true(fabs(result.objective + p * log(p) + (1 - p) * log(1 - p)) < 1e-12);
  assert_true(result.converged);
  sy_predictor_free(made);
  free_problem(&given);
}

static void test_constant_column_many_classes(void **state) {
  (void)state;
  fit_problem given = new_problem(6, 1, 3);
  const int32_t ids[] = {0, 1, 2, 0, 0, 1};
  for (size_t i = 0; i < 6; i++) {
    given.rows[i] = 7;
    given.ids[i] = ids[i];
    given.weights[i] = 2;
  }
  sy_predictor *made = fit(&given, 0, NULL);
  const double *b = sy_predictor_coefficients(made), *a = sy_predictor_intercepts(made);
  double z[3], mean = 0;
  for (size_t k = 0; k < 3; k++) z[k] = a[k] + 7 * b[k];
  for (size_t k = 0; k < 3; k++) mean += a[k];
  assert_true(fabs(mean) < 1e-12);
  assert_true(fabs(z[0] - z[1] - log(3.0 / 2)) < 1e-9);
  assert_true(fabs(z[0] - z[2] - log(3.0)) < 1e-9);
  sy_predictor_free(made);
  free_problem(&given);
}

/* One 0/1 column without penalty: the cells of the 2 x 2 table are met. */
static void test_two_by_two_table(void **state) {
  (void)state;
  fit_problem given = new_problem(4, 1, 2);
  const double counts[] = {30, 10, 5, 20}; /* x = 0: 30 and 10; x = 1: 5 and 20 */
  for (size_t i = 0; i < 4; i++) {
    given.rows[i] = i >= 2;
    given.ids[i] = (int32_t)(i % 2);
    given.weights[i] = counts[i];
  }
  sy_fit_result result;
  sy_predictor *made = fit(&given, 0, &result);
  assert_true(fabs(sy_predictor_intercepts(made)[0] - log(10.0 / 30)) < 1e-11);
  assert_true(fabs(sy_predictor_coefficients(made)[0] - log(4.0 * 3)) < 1e-11);
  assert_string_equal(result.solver, "Newton");
  sy_predictor_free(made);
  free_problem(&given);
}

/* --- the end of a fit --- */

static void test_no_iterations_is_the_start(void **state) {
  (void)state;
  fit_problem given = random_problem(12, 90, 3, 3);
  sy_fit_options options = options_with(0.1);
  options.max_iterations = 0;
  sy_predictor *made = NULL;
  sy_fit_result result;
  assert_int_equal(
      sy_fit_logistic(matrix_of(&given), given.ids, NULL, 3, &options, &made, &result, NULL),
      SY_OK);
  assert_int_equal(result.iterations, 0);
  assert_false(result.converged);
  double shares[3] = {0}, entropy = 0;
  for (size_t i = 0; i < given.n; i++) shares[given.ids[i]] += 1.0 / 90;
  for (size_t k = 0; k < 3; k++) entropy -= shares[k] * log(shares[k]);
  assert_true(fabs(result.objective - entropy) < 1e-12);
  sy_predictor_free(made);
  free_problem(&given);
}

static void test_iteration_limit_is_told(void **state) {
  (void)state;
  fit_problem given = random_problem(12, 300, 5, 3);
  sy_fit_options options = options_with(1e-4);
  options.max_iterations = 2;
  sy_predictor *made = NULL;
  sy_fit_result result;
  assert_int_equal(sy_fit_logistic(matrix_of(&given), given.ids, given.weights, 3, &options, &made,
                                   &result, NULL),
                   SY_OK);
  assert_int_equal(result.iterations, 2);
  assert_false(result.converged);
  assert_true(result.gradient_norm > 1e-8);
  sy_predictor_free(made);
  free_problem(&given);
}

typedef struct watcher {
  int calls, cancel_at;
  double last;
} watcher;

static bool watch(void *context, const char *stage, double fraction) {
  watcher *seen = context;
  assert_non_null(stage);
  assert_true(fraction >= 0 && fraction <= 1);
  seen->last = fraction;
  return ++seen->calls == seen->cancel_at;
}

static void test_progress_and_cancel(void **state) {
  (void)state;
  fit_problem given = random_problem(13, 200, 3, 2);
  watcher seen = {0, 0, 0};
  sy_fit_options options = options_with(0.001);
  options.progress = (sy_progress){watch, &seen};
  sy_predictor *made = NULL;
  assert_int_equal(
      sy_fit_logistic(matrix_of(&given), given.ids, given.weights, 2, &options, &made, NULL, NULL),
      SY_OK);
  assert_true(seen.calls >= 2 && seen.last > 0);
  sy_predictor_free(made);
  seen = (watcher){0, 2, 0};
  sy_error error;
  assert_int_equal(failure(&given, &options, &error), SY_CANCELLED);
  assert_int_equal(seen.calls, 2);
  free_problem(&given);
}

/* --- errors --- */

static void test_bad_options(void **state) {
  (void)state;
  fit_problem given = random_problem(14, 20, 2, 2);
  sy_error error;
  sy_fit_options options = sy_fit_options_default();
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "l2 is -1"));
  options = options_with(NAN);
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_ARGUMENT);
  options = options_with(1);
  options.tolerance = -1;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_ARGUMENT);
  options = options_with(1);
  options.max_iterations = -1;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_ARGUMENT);
  free_problem(&given);
}

static void test_bad_data(void **state) {
  (void)state;
  fit_problem given = random_problem(15, 20, 3, 2);
  sy_fit_options options = options_with(1);
  sy_error error;
  given.rows[3 * 16 + 2] = INFINITY;
  given.rows[3 * 6 + 1] = NAN;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "row 7, column 2"));
  given.rows[3 * 6 + 1] = 1e200;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "1e+200 at row 7, column 2 is too large"));
  given.ids[4] = 2;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_LABEL);
  assert_non_null(strstr(error.text, "label 2 at row 5"));
  given.ids[4] = 1;
  given.weights[3] = -0.5;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "weight -0.5 at row 4"));
  free_problem(&given);
}

static void test_too_little_data(void **state) {
  (void)state;
  fit_problem given = random_problem(16, 20, 3, 3);
  sy_fit_options options = options_with(1);
  sy_error error;
  for (size_t i = 0; i < 20; i++) given.weights[i] = given.ids[i] == 1;
  assert_int_equal(failure(&given, &options, &error), SY_TOO_FEW_CLASSES);
  assert_non_null(strstr(error.text, "only class 1"));
  memset(given.weights, 0, 20 * sizeof *given.weights);
  assert_int_equal(failure(&given, &options, &error), SY_NO_WEIGHT);
  given.n = 0;
  assert_int_equal(failure(&given, &options, &error), SY_NO_ROWS);
  free_problem(&given);
}

static void test_start_of_another_shape(void **state) {
  (void)state;
  fit_problem given = random_problem(17, 50, 3, 3), other = random_problem(17, 50, 4, 3);
  sy_predictor *start = fit(&other, 1, NULL);
  sy_fit_options options = options_with(1);
  sy_error error;
  options.start = start;
  assert_int_equal(failure(&given, &options, &error), SY_INVALID_SHAPE);
  assert_non_null(strstr(error.text, "the start has 4 features and 3 classes"));
  sy_predictor_free(start);
  free_problem(&given);
  free_problem(&other);
}

/* Every allocation in turn fails; the fit says so and leaks nothing (the sanitizers watch). */
static void test_out_of_memory(void **state) {
  (void)state;
  sy_threads_set(1);
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem given = random_problem(18, 60, 3, n_classes);
    for (size_t i = 40; i < 60; i++) {
      memcpy(given.rows + 3 * i, given.rows + 3 * (i - 20), 3 * sizeof(double));
      given.ids[i] = given.ids[i - 20];
    }
    sy_fit_options options = options_with(1e-5);
    sy_predictor *made = NULL;
    sy_status status = SY_OUT_OF_MEMORY;
    size_t n = 1;
    for (; status == SY_OUT_OF_MEMORY && n < 1000; n++) {
      sy_memory_fail_nth(n);
      status = sy_fit_logistic(matrix_of(&given), given.ids, given.weights, n_classes, &options,
                               &made, NULL, NULL);
    }
    sy_memory_fail_nth(0);
    assert_int_equal(status, SY_OK);
    assert_true(n > 15);
    sy_predictor_free(made);
    free_problem(&given);
  }
  sy_threads_set(0);
}

/* --- the same bits --- */

/* Shapes that go each way: Newton with one vector and with several, and the preconditioner with
 * L-BFGS where the Hessian is too dear (20 classes) or too large (280). */
static void test_same_bits_on_any_number_of_threads(void **state) {
  (void)state;
  const size_t shapes[][3] = {{7000, 12, 2}, {5000, 9, 4}, {2500, 40, 20}, {700, 15, 280}};
  const char *const solvers[] = {"Newton", "Newton", NULL, "L-BFGS"};
  for (size_t s = 0; s < 4; s++) {
    fit_problem given = random_problem(19 + s, shapes[s][0], shapes[s][1], shapes[s][2]);
    sy_predictor *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
      sy_fit_result result;
      sy_threads_set(threads);
      sy_predictor *made = fit(&given, 0.02, &result);
      assert_true(result.converged && result.gradient_norm <= 1e-8);
      if (solvers[s]) assert_string_equal(result.solver, solvers[s]);
      if (first) assert_true(predictor_distance(first, made) == 0);
      if (first)
        sy_predictor_free(made);
      else
        first = made;
    }
    sy_predictor_free(first);
    free_problem(&given);
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_constant_column_two_classes),
      cmocka_unit_test(test_constant_column_many_classes),
      cmocka_unit_test(test_two_by_two_table),
      cmocka_unit_test(test_no_iterations_is_the_start),
      cmocka_unit_test(test_iteration_limit_is_told),
      cmocka_unit_test(test_progress_and_cancel),
      cmocka_unit_test(test_bad_options),
      cmocka_unit_test(test_bad_data),
      cmocka_unit_test(test_too_little_data),
      cmocka_unit_test(test_start_of_another_shape),
      cmocka_unit_test(test_out_of_memory),
      cmocka_unit_test(test_same_bits_on_any_number_of_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
