/* test_fit_paths.c: every way the solver can go ends at the same optimum, judged by the objective's
 * formula; warm starts; and out of memory on each way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fit_calls.h"

#include <string.h>

/* --- ways of the solver --- */

/* What tells the ways apart: V x (D + 1) up to 4096 has a Hessian; where it is dear the fit begins
 * with the preconditioner, which is diagonal where D + 1 > 256 V. */
static const struct way {
  size_t n, n_features, n_classes;
  const char *solver;
} ways[] = {
    {300, 6, 2, "Newton"},    /* the Hessian at once, one vector */
    {400, 5, 4, "Newton"},    /* and several */
    {500, 40, 20, NULL},      /* the preconditioner first, then the Hessian or not */
    {300, 150, 30, "L-BFGS"}, /* 4530 parameters: never the Hessian */
    {200, 300, 2, NULL},      /* a diagonal preconditioner, and fewer rows than columns */
    {120, 4100, 2, "L-BFGS"}, /* a diagonal one, and no Hessian */
};

enum { N_WAYS = sizeof ways / sizeof *ways };

static void every_way_ends_at_the_optimum(void **state) {
  (void)state;
  for (size_t w = 0; w < N_WAYS; w++) {
    fit_problem given = random_problem(31 + w, ways[w].n, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.02);
    sy_fit_result result;
    sy_predictor *made = fit_with(&given, &options, &result);
    size_t n_vectors = sy_predictor_n_vectors(made);
    const double *b = sy_predictor_coefficients(made), *a = sy_predictor_intercepts(made);
    assert_true(result.converged && result.gradient_norm <= options.tolerance);
    if (ways[w].solver) assert_string_equal(result.solver, ways[w].solver);
    double norm = reference_gradient(&given, options.l2, n_vectors, b, a);
    if (!(norm <= options.tolerance + 1e-12)) fail_msg("way %zu: gradient %g", w, norm);
    double objective = reference_objective(&given, options.l2, n_vectors, b, a), sum = 0;
    assert_true(fabs(result.objective - objective) <= 1e-12 * objective);
    for (size_t v = 0; v < n_vectors; v++) sum += a[v];
    if (n_vectors > 1) assert_true(fabs(sum) < 1e-10);
    sy_predictor_free(made);
    free_problem(&given);
  }
}

/* Each step lowers the objective, whatever way it goes; a limit of 1 is a result and told. */
/* A tolerance looser than the default is taken at its word: no further step is made. */
static void a_loose_tolerance_ends_sooner(void **state) {
  (void)state;
  for (size_t w = 0; w < 2; w++) {
    fit_problem given = random_problem(31 + w, ways[w].n, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.02);
    sy_fit_result usual, loose;
    sy_predictor_free(fit_with(&given, &options, &usual));
    options.tolerance = 1e-2;
    sy_predictor_free(fit_with(&given, &options, &loose));
    assert_true(loose.converged && loose.gradient_norm <= 1e-2 && loose.gradient_norm > 1e-7);
    assert_true(loose.iterations + 1 < usual.iterations && usual.gradient_norm < 1e-13);
    free_problem(&given);
  }
}

static void a_limit_of_steps_is_a_result(void **state) {
  (void)state;
  for (size_t w = 0; w < N_WAYS; w++) {
    fit_problem given = random_problem(31 + w, ways[w].n, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.001);
    double before = INFINITY;
    for (int most = 0; most <= 3; most++) {
      sy_fit_result result;
      options.max_iterations = most;
      sy_predictor *made = fit_with(&given, &options, &result);
      assert_int_equal(result.iterations, most);
      assert_int_equal(result.converged, result.gradient_norm <= options.tolerance);
      assert_true(result.objective < before);
      before = result.objective;
      sy_predictor_free(made);
    }
    free_problem(&given);
  }
}

/* Copies are merged where there are many; the sum of their weights stays. */
static void merged_copies_change_nothing(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem single = random_problem(41, 150, 3, n_classes);
    fit_problem copied = new_problem(450, 3, n_classes);
    for (size_t i = 0; i < 450; i++) {
      memcpy(copied.rows + 3 * i, single.rows + 3 * (i % 150), 3 * sizeof(double));
      copied.ids[i] = single.ids[i % 150];
      copied.weights[i] = single.weights[i % 150] * (i < 150 ? 0.5 : 0.25);
    }
    sy_fit_options options = options_with(0.01);
    sy_fit_result result, copied_result;
    sy_predictor *one = fit_with(&single, &options, &result);
    sy_predictor *other = fit_with(&copied, &options, &copied_result);
    assert_true(predictor_distance(one, other) < 1e-9);
    assert_true(fabs(result.objective - copied_result.objective) < 1e-12);
    copied.ids[149] = (copied.ids[149] + 1) % (int32_t)n_classes; /* equal numbers, other class */
    sy_predictor *changed = fit_with(&copied, &options, NULL);
    assert_true(reference_gradient(&copied, 0.01, sy_predictor_n_vectors(changed),
                                   sy_predictor_coefficients(changed),
                                   sy_predictor_intercepts(changed)) <= 1e-8 + 1e-12);
    sy_predictor_free(one);
    sy_predictor_free(other);
    sy_predictor_free(changed);
    free_problem(&single);
    free_problem(&copied);
  }
}

/* --- closed forms of several classes --- */

/* One 0/1 column without penalty: the cells of the 2 x 3 table are met. */
static void a_table_of_three_classes(void **state) {
  (void)state;
  const double counts[2][3] = {{20, 10, 5}, {4, 8, 16}};
  fit_problem given = new_problem(6, 1, 3);
  for (size_t i = 0; i < 6; i++) {
    given.rows[i] = i >= 3;
    given.ids[i] = (int32_t)(i % 3);
    given.weights[i] = counts[i / 3][i % 3];
  }
  sy_fit_options options = options_with(0);
  sy_predictor *made = fit_with(&given, &options, NULL);
  const double *b = sy_predictor_coefficients(made), *a = sy_predictor_intercepts(made);
  double product[2];
  for (size_t x = 0; x < 2; x++) product[x] = cbrt(counts[x][0] * counts[x][1] * counts[x][2]);
  for (size_t k = 0; k < 3; k++) {
    double low = log(counts[0][k] / product[0]), high = log(counts[1][k] / product[1]);
    assert_true(fabs(a[k] - low) < 1e-9);
    assert_true(fabs(b[k] - (high - low)) < 1e-9);
  }
  sy_predictor_free(made);
  free_problem(&given);
}

/* --- warm starts --- */

/* On every way the solution is its own best start. */
static void the_solution_is_done_at_once(void **state) {
  (void)state;
  for (size_t w = 0; w < N_WAYS; w++) {
    fit_problem given = random_problem(31 + w, ways[w].n, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.02);
    sy_fit_result result;
    sy_predictor *cold = fit_with(&given, &options, NULL);
    options.start = cold;
    sy_predictor *warm = fit_with(&given, &options, &result);
    assert_true(result.converged && result.iterations <= 2);
    sy_predictor_free(cold);
    sy_predictor_free(warm);
    free_problem(&given);
  }
}

/* Moves the rows of class `k` out of the way, or back in. */
static void set_class_weight(fit_problem *given, int32_t k, double weight) {
  for (size_t i = 0; i < given->n; i++)
    if (given->ids[i] == k) given->weights[i] = weight;
}

static void assert_start_leads_home(const fit_problem *given, const sy_predictor *start) {
  sy_fit_options options = options_with(0.02);
  sy_fit_result result;
  sy_predictor *cold = fit_with(given, &options, NULL);
  options.start = start;
  sy_predictor *warm = fit_with(given, &options, &result);
  assert_true(result.converged);
  assert_true(predictor_distance(cold, warm) < 1e-8);
  sy_predictor_free(cold);
  sy_predictor_free(warm);
}

/* Classes come and go between the start and the fit: of 3, learnt are 3, 2 (one vector) or 3 again.
 */
static void a_start_may_lack_classes(void **state) {
  (void)state;
  sy_fit_options options = options_with(0.05);
  fit_problem given = random_problem(51, 250, 3, 3);
  sy_predictor *all = fit_with(&given, &options, NULL);
  for (int32_t k = 0; k < 3; k++) {
    set_class_weight(&given, k, 0);
    assert_start_leads_home(&given, all);
    sy_predictor *two = fit_with(&given, &options, NULL);
    assert_start_leads_home(&given, two);
    set_class_weight(&given, k, 1.5);
    assert_start_leads_home(&given, two);
    set_class_weight(&given, (k + 1) % 3, 0); /* learnt is one that the start lacks */
    assert_start_leads_home(&given, two);
    set_class_weight(&given, (k + 1) % 3, 1.5);
    sy_predictor_free(two);
  }
  sy_predictor_free(all);
  free_problem(&given);
}

/* A start far off costs steps and nothing else. */
static void a_bad_start_is_left(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    fit_problem given = random_problem(52, 250, 2, n_classes);
    const double b[] = {40, -30, 90, 5, -60, 20}, a[] = {-25, 70, 3};
    sy_predictor *far = NULL;
    assert_int_equal(sy_predictor_logistic(2, n_classes, n_classes == 2 ? 1 : 3, b, a, &far, NULL),
                     SY_OK);
    assert_start_leads_home(&given, far);
    sy_predictor_free(far);
    free_problem(&given);
  }
}

/* --- failures leave nothing --- */

static bool cancel_third(void *context, const char *stage, double fraction) {
  (void)stage, (void)fraction;
  return ++*(int *)context == 3;
}

static void outputs_are_untouched_by_failure(void **state) {
  (void)state;
  for (size_t w = 0; w < N_WAYS; w++) {
    fit_problem given = random_problem(31 + w, ways[w].n, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.001);
    int calls = 0;
    options.progress = (sy_progress){cancel_third, &calls};
    sy_predictor *mark = (sy_predictor *)&options, *made = mark;
    sy_fit_result result, kept;
    memset(&result, 7, sizeof result);
    kept = result;
    sy_error error = {0};
    assert_int_equal(sy_fit_logistic(matrix_of(&given), given.ids, given.weights, given.n_classes,
                                     &options, &made, &result, &error),
                     SY_CANCELLED);
    assert_int_equal(calls, 3);
    assert_int_equal(error.status, SY_CANCELLED);
    assert_ptr_equal(made, mark);
    assert_memory_equal(&result, &kept, sizeof kept);
    free_problem(&given);
  }
}

static void bad_numbers_of_float32_are_named(void **state) {
  (void)state;
  float rows[] = {1, 2, 9, 3, 4, 9, 5, -INFINITY, 9, 7, 8, 9}; /* two columns, stride 3 */
  const int32_t ids[] = {0, 1, 0, 1};
  const double weights[] = {1, 1, 1, NAN};
  sy_fit_options options = options_with(1);
  sy_predictor *made = NULL;
  sy_error error = {0};
  sy_matrix matrix = {rows, SY_F32, 4, 2, 3};
  assert_int_equal(sy_fit_logistic(matrix, ids, NULL, 2, &options, &made, NULL, &error),
                   SY_INVALID_DATA);
  assert_string_equal(error.text, "-inf at row 3, column 2 is not a finite number");
  assert_int_equal(sy_fit_logistic(matrix, ids, weights, 2, &options, &made, NULL, &error),
                   SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "weight nan at row 4"));
  assert_int_equal(sy_fit_logistic(matrix, ids, NULL, 1, &options, &made, NULL, &error),
                   SY_TOO_FEW_CLASSES);
  assert_null(made);
}

/* Every allocation of every way fails once; the sanitizers watch that nothing is left. */
static void out_of_memory_on_every_way(void **state) {
  (void)state;
  sy_threads_set(1);
  for (size_t w = 0; w < N_WAYS; w++) {
    fit_problem given = random_problem(31 + w, 60, ways[w].n_features, ways[w].n_classes);
    sy_fit_options options = options_with(0.5);
    given.weights[59] = 0; /* so that rows are listed */
    for (size_t nth = 1;; nth++) {
      sy_predictor *made = NULL;
      sy_error error = {0};
      options.max_iterations = 12;
      sy_memory_fail_nth(nth);
      sy_status status = sy_fit_logistic(matrix_of(&given), given.ids, given.weights,
                                         given.n_classes, &options, &made, NULL, &error);
      bool struck = sy_memory_fail_nth(0) == 0;
      assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
      assert_int_equal(error.status, status);
      assert_int_equal(made != NULL, !struck);
      sy_predictor_free(made);
      if (struck) continue;
      assert_true(nth > 15);
      break;
    }
    free_problem(&given);
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_way_ends_at_the_optimum),
      cmocka_unit_test(a_loose_tolerance_ends_sooner),
      cmocka_unit_test(a_limit_of_steps_is_a_result),
      cmocka_unit_test(merged_copies_change_nothing),
      cmocka_unit_test(a_table_of_three_classes),
      cmocka_unit_test(the_solution_is_done_at_once),
      cmocka_unit_test(a_start_may_lack_classes),
      cmocka_unit_test(a_bad_start_is_left),
      cmocka_unit_test(outputs_are_untouched_by_failure),
      cmocka_unit_test(bad_numbers_of_float32_are_named),
      cmocka_unit_test(out_of_memory_on_every_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
