/* test_fit_golden.c: fits against scikit-learn's, golden/logistic.txt (which says how it was made):
 * coefficients and intercepts to 1e-7, the objective to 1e-10 of itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/fit.h>

enum { MAX_ROWS = 100, MAX_COLUMNS = 8, MAX_CLASSES = 8, MAX_LINE = 1024, N_CASES = 12 };

typedef struct golden {
  char name[32];
  size_t n, columns, n_classes, n_vectors;
  int32_t ids[MAX_ROWS];
  double rows[MAX_ROWS * MAX_COLUMNS], weights[MAX_ROWS];
  double l2, objective, intercepts[MAX_CLASSES], coefficients[MAX_CLASSES * MAX_COLUMNS];
} golden;

/* The next line must hold exactly n numbers. */
static void read_numbers(FILE *file, double *numbers, size_t n) {
  char line[MAX_LINE], *at = line, *end;
  assert_non_null(fgets(line, sizeof line, file));
  for (size_t j = 0; j < n; j++, at = end) {
    numbers[j] = strtod(at, &end);
    assert_true(end != at);
  }
  assert_string_equal(at, "\n");
}

static void read_data(FILE *file, golden *g) {
  double numbers[2 + MAX_COLUMNS];
  read_numbers(file, numbers, 4);
  g->n = (size_t)numbers[0], g->columns = (size_t)numbers[1], g->n_classes = (size_t)numbers[2];
  g->n_vectors = g->n_classes == 2 ? 1 : g->n_classes;
  g->l2 = numbers[3];
  assert_true(g->n <= MAX_ROWS && g->columns <= MAX_COLUMNS && g->n_classes <= MAX_CLASSES);
  for (size_t i = 0; i < g->n; i++) {
    read_numbers(file, numbers, 2 + g->columns);
    g->ids[i] = (int32_t)numbers[0];
    g->weights[i] = numbers[1];
    memcpy(g->rows + i * g->columns, numbers + 2, g->columns * sizeof(double));
  }
}

static void read_solution(FILE *file, golden *g) {
  double numbers[1 + MAX_COLUMNS];
  read_numbers(file, &g->objective, 1);
  for (size_t v = 0; v < g->n_vectors; v++) {
    read_numbers(file, numbers, 1 + g->columns);
    g->intercepts[v] = numbers[0];
    memcpy(g->coefficients + v * g->columns, numbers + 1, g->columns * sizeof(double));
  }
}

/* Reads the case after the comments; false at the end of the file. */
static bool read_case(FILE *file, golden *g) {
  char line[MAX_LINE];
  do
    if (!fgets(line, sizeof line, file)) return false;
  while (line[0] == '#');
  assert_int_equal(sscanf(line, "%31s", g->name), 1);
  read_data(file, g);
  read_solution(file, g);
  return true;
}

static void compare(const golden *g, const char *what, const double *values, const double *wanted,
                    size_t n, double tolerance) {
  for (size_t j = 0; j < n; j++)
    if (!(fabs(values[j] - wanted[j]) <= tolerance))
      fail_msg("%s, %s %zu: %.17g, not %.17g", g->name, what, j + 1, values[j], wanted[j]);
}

static void check_case(const golden *g, const double *weights) {
  sy_matrix rows = {g->rows, SY_F64, g->n, g->columns, g->columns};
  sy_fit_options options = sy_fit_options_default();
  sy_predictor *made = NULL;
  sy_fit_result result;
  sy_error error;
  options.l2 = g->l2;
  if (sy_fit_logistic(rows, g->ids, weights, g->n_classes, &options, &made, &result, &error))
    fail_msg("%s: %s", g->name, error.text);
  assert_true(result.converged);
  assert_int_equal(sy_predictor_n_vectors(made), g->n_vectors);
  compare(g, "objective", &result.objective, &g->objective, 1, 1e-10 * g->objective);
  compare(g, "intercept", sy_predictor_intercepts(made), g->intercepts, g->n_vectors, 1e-7);
  compare(g, "coefficient", sy_predictor_coefficients(made), g->coefficients,
          g->n_vectors * g->columns, 1e-7);
  sy_predictor_free(made);
}

static void fits_are_scikit_learns(void **state) {
  (void)state;
  static golden g;
  int n_cases = 0;
  FILE *file = fopen(STEELYARD_TESTS "/golden/logistic.txt", "r");
  assert_non_null(file);
  for (; read_case(file, &g); n_cases++) {
    check_case(&g, g.weights);
    if (strncmp(g.name, "plain", 5) == 0) check_case(&g, NULL); /* its weights are ones */
  }
  fclose(file);
  assert_int_equal(n_cases, N_CASES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(fits_are_scikit_learns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
