/* test_base_bounded.c: small dense systems, and minima within bounds of functions whose minimum is
 * known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bounded.h"
#include "base/dense.h"
#include "base/memory.h"

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance)) fail_msg("%.17g is not %.17g", value, wanted);
}

static void dense_systems_are_solved(void **state) {
  (void)state;
  enum { N = 12 };
  double half[N][N], matrix[N * N], wanted[N], vector[N];
  for (size_t i = 0; i < N; i++) {
    wanted[i] = cos((double)i);
    for (size_t j = 0; j < N; j++) half[i][j] = sin((double)(7 * i + 3 * j * j));
  }
  for (size_t i = 0; i < N; i++) {
    vector[i] = 0;
    for (size_t j = 0; j < N; j++) {
      matrix[i * N + j] = i == j ? 1 : 0;
      for (size_t k = 0; k < N; k++) matrix[i * N + j] += half[i][k] * half[j][k];
      vector[i] += matrix[i * N + j] * wanted[j];
    }
  }
  for (size_t i = 0; i < N; i++)
    for (size_t j = i + 1; j < N; j++) matrix[i * N + j] = NAN; /* not looked at */
  assert_true(sy_dense_factor(matrix, N));
  sy_dense_solve(matrix, N, vector);
  for (size_t i = 0; i < N; i++) assert_near(vector[i], wanted[i], 1e-12);
}

static void dense_factors_need_a_positive_matrix(void **state) {
  (void)state;
  double none[] = {1, 0, 2, 1}, infinite[] = {INFINITY}, nan[] = {NAN};
  assert_false(sy_dense_factor(none, 2));
  assert_false(sy_dense_factor(infinite, 1));
  assert_false(sy_dense_factor(nan, 1));
}

/* sum_j e^(t_j) - c_j t_j, with its minimum at t_j = ln c_j; and (t_0 + t_1 - 1)^2 / 2 where there
 * are no c: flat along t_0 - t_1. */
static void evaluate(void *context, sy_bounded_place *place) {
  const double *c = context;
  memset(place->hessian, 0, 4 * sizeof(double));
  place->value = 0;
  if (!c) {
    double away = place->at[0] + place->at[1] - 1;
    place->value = away * away / 2;
    place->gradient[0] = place->gradient[1] = away;
    place->hessian[0] = place->hessian[2] = place->hessian[3] = 1;
    return;
  }
  for (size_t j = 0; j < 2; j++) {
    place->value += exp(place->at[j]) - c[j] * place->at[j];
    place->gradient[j] = exp(place->at[j]) - c[j];
    place->hessian[3 * j] = exp(place->at[j]);
  }
}

static void minimise(const double *c, const double *lowest, const double *highest, double *at) {
  sy_bounded problem = {2, lowest, highest, evaluate, (void *)(uintptr_t)c};
  int steps = -1;
  sy_error error = {0};
  assert_int_equal(sy_bounded_minimise(&problem, at, &steps, &error), SY_OK);
  assert_in_range(steps, 1, 60);
}

static void minima_within_bounds_are_found(void **state) {
  (void)state;
  const double c[] = {3, 1e-4}, low[] = {-50, -5}, high[] = {INFINITY, 9};
  const double fixed[] = {2, -INFINITY}, open[] = {2, INFINITY};
  double at[] = {40, 0};
  minimise(c, low, high, at);
  assert_near(at[0], log(3), 1e-12);
  assert_true(at[1] == -5);
  double other[] = {2, -3};
  minimise(c, fixed, open, other);
  assert_true(other[0] == 2);
  assert_near(other[1], log(1e-4), 1e-6);
}

static void flat_directions_do_no_harm(void **state) {
  (void)state;
  const double low[] = {0, 0}, high[] = {INFINITY, INFINITY};
  double at[] = {7, 0.25};
  minimise(NULL, low, high, at);
  assert_near(at[0] + at[1], 1, 1e-6);
  assert_true(at[0] >= 0 && at[1] >= 0);
}

static void memory_runs_out_cleanly(void **state) {
  (void)state;
  const double c[] = {3, 1}, low[] = {-5, -5}, high[] = {5, 5};
  sy_bounded problem = {2, low, high, evaluate, (void *)(uintptr_t)c};
  for (size_t nth = 1; nth <= 9; nth++) {
    double at[] = {0, 0};
    sy_memory_fail_nth(nth);
    assert_int_equal(sy_bounded_minimise(&problem, at, NULL, NULL), SY_OUT_OF_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dense_systems_are_solved),
      cmocka_unit_test(dense_factors_need_a_positive_matrix),
      cmocka_unit_test(minima_within_bounds_are_found),
      cmocka_unit_test(flat_directions_do_no_harm),
      cmocka_unit_test(memory_runs_out_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
