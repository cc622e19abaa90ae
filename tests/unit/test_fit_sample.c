/* test_fit_sample.c: fits large enough to begin on a sample of the rows: the way is shorter, the
 * optimum that of all rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "fit_calls.h"

#include <string.h>

enum { ROWS = 40000 }; /* a sample has an eighth, and at least 4096 */

/* What a fit without anything known begins with, as a start of its own: so no sample is drawn. */
static sy_predictor *cold_start(const fit_problem *given) {
  size_t n_vectors = given->n_classes == 2 ? 1 : given->n_classes;
  double *zeros = calloc(n_vectors * given->n_features, sizeof *zeros);
  double *shares = calloc(given->n_classes, sizeof *shares), intercepts[REFERENCE_VECTORS];
  sy_predictor *made = NULL;
  sy_error error;
  assert_true(zeros && shares);
  for (size_t i = 0; i < given->n; i++) shares[given->ids[i]] += given->weights[i];
  for (size_t k = 0; k < n_vectors; k++)
    intercepts[k] = n_vectors == 1 ? log(shares[1] / shares[0]) : log(shares[k]);
  assert_int_equal(sy_predictor_logistic(given->n_features, given->n_classes, n_vectors, zeros,
                                         intercepts, &made, &error),
                   SY_OK);
  free(zeros);
  free(shares);
  return made;
}

/* The optimum by the formula, by a way over all rows alone, and by fewer steps over all rows. */
static void check_sampled(const fit_problem *given) {
  sy_fit_options options = options_with(1e-3);
  sy_fit_result sampled, whole;
  sy_predictor *start = cold_start(given), *made = fit_with(given, &options, &sampled);
  options.start = start;
  sy_predictor *other = fit_with(given, &options, &whole);
  assert_true(sampled.converged && whole.converged);
  assert_true(reference_gradient(given, options.l2, sy_predictor_n_vectors(made),
                                 sy_predictor_coefficients(made),
                                 sy_predictor_intercepts(made)) < 1e-8);
  assert_true(predictor_distance(made, other) < 1e-6);
  assert_true(fabs(sampled.objective - whole.objective) < 1e-13);
  assert_true(sampled.iterations < whole.iterations);
  sy_predictor_free(start);
  sy_predictor_free(made);
  sy_predictor_free(other);
}

static void a_sample_shortens_the_way(void **state) {
  (void)state;
  static const size_t classes[] = {2, 3, 9};
  for (size_t c = 0; c < COUNT(classes); c++) {
    fit_problem given = random_problem(41 + c, ROWS, 5, classes[c]);
    check_sampled(&given);
    free_problem(&given);
  }
}

/* Rows that a sample would hardly hold: a class of three, a few values far out, whole weights. */
static void rare_rows_are_not_lost(void **state) {
  (void)state;
  fit_problem given = random_problem(51, ROWS, 4, 3);
  for (size_t i = 0; i < given.n; i++) {
    if (given.ids[i] == 2 && i > 3) given.ids[i] = 1;
    if (i % 4001 == 0) given.rows[i * 4] = 300;
    if (i % 7919 == 0) given.weights[i] = 2000;
  }
  check_sampled(&given);
  free_problem(&given);
}

/* Sorted by class and repeating: every order gives a usable sample. */
static void the_order_of_rows_does_not_matter(void **state) {
  (void)state;
  fit_problem given = random_problem(61, ROWS, 3, 2);
  for (size_t i = 0; i < given.n; i++) {
    memcpy(given.rows + i * 3, given.rows + (i % 800) * 3, 3 * sizeof(double));
    given.rows[i * 3] += (double)(i / 800) * 1e-3; /* no copies to merge */
    given.ids[i] = given.ids[i % 800];
  }
  check_sampled(&given);
  free_problem(&given);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  fit_problem given = random_problem(71, ROWS, 4, 4);
  sy_fit_result result;
  sy_threads_set(1);
  sy_predictor *one = fit(&given, 1e-3, &result);
  sy_threads_set(3);
  sy_predictor *three = fit(&given, 1e-3, &result);
  sy_threads_set(0);
  assert_true(predictor_distance(one, three) == 0);
  sy_predictor_free(one);
  sy_predictor_free(three);
  free_problem(&given);
}

/* --- interruptions --- */

typedef struct patience {
  int calls, limit;
} patience;

static bool run_out(void *context, const char *stage, double fraction) {
  patience *left = context;
  (void)stage;
  (void)fraction;
  return ++left->calls >= left->limit;
}

static void a_fit_can_be_stopped_at_every_point(void **state) {
  (void)state;
  fit_problem given = random_problem(81, ROWS, 3, 3);
  for (int limit = 1;; limit++) {
    patience left = {0, limit};
    sy_fit_options options = options_with(1e-3);
    options.progress = (sy_progress){run_out, &left};
    sy_predictor *made = NULL;
    sy_error error = {0};
    sy_status status = sy_fit_logistic(matrix_of(&given), given.ids, given.weights, 3, &options,
                                       &made, NULL, &error);
    if (status == SY_OK) {
      assert_true(left.calls < limit && limit > 6);
      sy_predictor_free(made);
      break;
    }
    assert_int_equal(status, SY_CANCELLED);
    assert_int_equal(error.status, SY_CANCELLED);
    assert_int_equal(left.calls, limit); /* who said stop is not asked again */
    assert_null(made);
  }
  free_problem(&given);
}

static void out_of_memory_anywhere(void **state) {
  (void)state;
  fit_problem given = random_problem(91, ROWS, 2, 3);
  sy_fit_options options = options_with(1e-3);
  sy_threads_set(1);
  for (size_t nth = 1;; nth++) {
    sy_predictor *made = NULL;
    sy_error error = {0};
    sy_memory_fail_nth(nth);
    sy_status status = sy_fit_logistic(matrix_of(&given), given.ids, given.weights, 3, &options,
                                       &made, NULL, &error);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    assert_int_equal(made != NULL, !struck);
    sy_predictor_free(made);
    if (struck) continue;
    assert_true(nth > 40); /* those of the sample among them */
    break;
  }
  sy_threads_set(0);
  free_problem(&given);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sample_shortens_the_way),
      cmocka_unit_test(rare_rows_are_not_lost),
      cmocka_unit_test(the_order_of_rows_does_not_matter),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(a_fit_can_be_stopped_at_every_point),
      cmocka_unit_test(out_of_memory_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
