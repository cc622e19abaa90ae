/* test_fit_symmetry_properties.c: names of classes and columns mean nothing to a fit, and no
 * perturbation of it lowers the objective's formula; on random problems of 2, 3 and 5 classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_problem.h"

#include <string.h>

enum { N_SEEDS = 4, N_FEATURES = 4, MOST_CLASSES = 5, N_PERTURBATIONS = 200 };

static const size_t class_counts[] = {2, 3, MOST_CLASSES};
static const double l2 = 0.01, same = 1e-9;

typedef void (*check_fn)(const fit_problem *given, uint64_t seed);

static void on_random_problems(check_fn check) {
  for (uint64_t seed = 1; seed <= N_SEEDS; seed++)
    for (size_t c = 0; c < 3; c++) {
      fit_problem given = random_problem(10 * seed + c, 90 * seed, N_FEATURES, class_counts[c]);
      check(&given, seed);
      free_problem(&given);
    }
}

static sy_predictor *fit(const fit_problem *given) {
  sy_fit_options options = sy_fit_options_default();
  sy_predictor *made = NULL;
  sy_error error;
  options.l2 = l2;
  if (sy_fit_logistic(matrix_of(given), given->ids, given->weights, given->n_classes, &options,
                      &made, NULL, &error) != SY_OK)
    fail_msg("%s", error.text);
  return made;
}

static fit_problem copy_of(const fit_problem *given) {
  fit_problem made = new_problem(given->n, given->n_features, given->n_classes);
  memcpy(made.rows, given->rows, given->n * given->n_features * sizeof *made.rows);
  memcpy(made.ids, given->ids, given->n * sizeof *made.ids);
  memcpy(made.weights, given->weights, given->n * sizeof *made.weights);
  return made;
}

/* The vector of class k; of two classes that of class 0 is minus the other. */
static double vector_at(const sy_predictor *made, size_t k, size_t j) {
  bool single = sy_predictor_n_vectors(made) == 1;
  size_t v = single ? 0 : k;
  double value = j < N_FEATURES ? sy_predictor_coefficients(made)[v * N_FEATURES + j]
                                : sy_predictor_intercepts(made)[v];
  return single && k == 0 ? -value : value;
}

/* Class k becomes class k + seed, modulo K. */
static void check_class_order(const fit_problem *given, uint64_t seed) {
  size_t n_classes = given->n_classes, shift = (size_t)seed % n_classes;
  fit_problem turned = copy_of(given);
  for (size_t i = 0; i < given->n; i++)
    turned.ids[i] = (int32_t)(((size_t)given->ids[i] + shift) % n_classes);
  sy_predictor *one = fit(given), *other = fit(&turned);
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j <= N_FEATURES; j++)
      assert_true(fabs(vector_at(one, k, j) - vector_at(other, (k + shift) % n_classes, j)) < same);
  sy_predictor_free(one);
  sy_predictor_free(other);
  free_problem(&turned);
}

static void order_of_classes_permutes_the_vectors(void **state) {
  (void)state;
  on_random_problems(check_class_order);
}

/* Column j becomes column j + 1, modulo D, and one of them is turned round. */
static void check_column_order(const fit_problem *given, uint64_t seed) {
  size_t turned_column = (size_t)seed % N_FEATURES;
  fit_problem turned = copy_of(given);
  for (size_t i = 0; i < given->n; i++)
    for (size_t j = 0; j < N_FEATURES; j++)
      turned.rows[i * N_FEATURES + (j + 1) % N_FEATURES] =
          given->rows[i * N_FEATURES + j] * (j == turned_column ? -1 : 1);
  sy_predictor *one = fit(given), *other = fit(&turned);
  for (size_t k = 0; k < given->n_classes; k++)
    for (size_t j = 0; j <= N_FEATURES; j++) {
      size_t at = j < N_FEATURES ? (j + 1) % N_FEATURES : j;
      double sign = j == turned_column ? -1 : 1;
      assert_true(fabs(sign * vector_at(one, k, j) - vector_at(other, k, at)) < same);
    }
  sy_predictor_free(one);
  sy_predictor_free(other);
  free_problem(&turned);
}

static void order_and_sign_of_columns(void **state) {
  (void)state;
  on_random_problems(check_column_order);
}

/* Large and small steps in random directions. */
static void check_perturbations(const fit_problem *given, uint64_t seed) {
  sy_predictor *made = fit(given);
  size_t n_vectors = sy_predictor_n_vectors(made), n = n_vectors * N_FEATURES;
  const double *b = sy_predictor_coefficients(made), *a = sy_predictor_intercepts(made);
  double least = reference_objective(given, l2, n_vectors, b, a);
  for (int turn = 0; turn < N_PERTURBATIONS; turn++) {
    double size = pow(10, 1 - 6 * uniform(&seed));
    double moved_b[MOST_CLASSES * N_FEATURES], moved_a[MOST_CLASSES], square = 0;
    for (size_t j = 0; j < n; j++) {
      double step = size * normal(&seed);
      moved_b[j] = b[j] + step;
      square += step * step;
    }
    for (size_t v = 0; v < n_vectors; v++) moved_a[v] = a[v] + size * normal(&seed);
    double moved = reference_objective(given, l2, n_vectors, moved_b, moved_a);
    /* Strongly convex: it rises by l2 / 2 x square at least. */
    assert_true(moved >= least + l2 / 2 * square * (1 - 1e-6) - 1e-14);
  }
  sy_predictor_free(made);
}

static void no_perturbation_is_better(void **state) {
  (void)state;
  on_random_problems(check_perturbations);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(order_of_classes_permutes_the_vectors),
      cmocka_unit_test(order_and_sign_of_columns),
      cmocka_unit_test(no_perturbation_is_better),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
