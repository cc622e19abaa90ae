/* test_fit_golden.c: fits against scikit-learn's, golden/logistic.txt (which says how it was made):
 * coefficients and intercepts to 1e-7, the objective to 1e-10. */
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

enum { MAX_ROWS = 160, MAX_COLUMNS = 4, MAX_CLASSES = 5, MAX_LINE = 1024 };
enum { N_CASES = 3, N_FITS = 16, MAX_NUMBERS = 32 };

/* One case of the file, and its latest fit. */
typedef struct golden {
  char name[32];
  size_t n, columns, n_classes, n_read;
  double parts, unit;
  int32_t ids[MAX_ROWS];
  double rows[MAX_ROWS * MAX_COLUMNS], weights[MAX_ROWS], class_weights[MAX_CLASSES];
  int weighted, by_class;
  sy_predictor *predictor;
  sy_fit_result result;
} golden;

/* The numbers of a line from `text` on; returns how many. */
static size_t read_numbers(const char *text, double *numbers, size_t room) {
  size_t n = 0;
  for (char *end; n < room; n++, text = end) {
    numbers[n] = strtod(text, &end);
    if (end == text) break;
  }
  return n;
}

static void read_case(golden *g, const char *line) {
  assert_int_equal(g->n_read, g->n); /* the case before was whole */
  sy_predictor_free(g->predictor);
  *g = (golden){0};
  assert_int_equal(sscanf(line, "case %31s %zu %zu %zu %lf %lf", g->name, &g->n, &g->columns,
                          &g->n_classes, &g->parts, &g->unit),
                   6);
  assert_true(g->n <= MAX_ROWS && g->columns <= MAX_COLUMNS && g->n_classes <= MAX_CLASSES);
}

static void read_row(golden *g, const char *text) {
  double numbers[2 + MAX_COLUMNS];
  size_t i = g->n_read++;
  assert_true(i < g->n);
  assert_int_equal(read_numbers(text, numbers, 2 + g->columns), 2 + g->columns);
  g->ids[i] = (int32_t)numbers[0];
  g->weights[i] = numbers[1] / g->unit;
  for (size_t j = 0; j < g->columns; j++) g->rows[i * g->columns + j] = numbers[2 + j] / g->parts;
}

static void fit(golden *g, const char *text) {
  double given[3], weights[MAX_ROWS];
  sy_fit_options options = sy_fit_options_default();
  sy_error error = {0};
  assert_int_equal(g->n_read, g->n);
  assert_int_equal(read_numbers(text, given, 3), 3);
  g->weighted = given[0] > 0, g->by_class = given[1] > 0;
  for (size_t i = 0; i < g->n; i++)
    weights[i] =
        (g->weighted ? g->weights[i] : 1) * (g->by_class ? g->class_weights[g->ids[i]] : 1);
  options.l2 = given[2];
  options.tolerance = 1e-12;
  sy_matrix rows = {g->rows, SY_F64, g->n, g->columns, g->columns};
  sy_predictor_free(g->predictor);
  g->predictor = NULL;
  if (sy_fit_logistic(rows, g->ids, g->weighted || g->by_class ? weights : NULL, g->n_classes,
                      &options, &g->predictor, &g->result, &error) != SY_OK)
    fail_msg("%s", error.text);
  assert_true(g->result.converged);
}

static void compare(const golden *g, const char *name, const char *text, const double *values,
                    size_t n, double tolerance) {
  double wanted[MAX_NUMBERS];
  assert_int_equal(read_numbers(text, wanted, MAX_NUMBERS), n);
  for (size_t j = 0; j < n; j++)
    if (!(fabs(values[j] - wanted[j]) <= tolerance))
      fail_msg("%s (weighted %d, by class %d), %s %zu: %.17g, not %.17g", g->name, g->weighted,
               g->by_class, name, j, values[j], wanted[j]);
}

/* Returns how many fits have been compared with this line. */
static int take_line(golden *g, const char *line) {
  char name[32];
  int length = 0;
  assert_int_equal(sscanf(line, "%31s%n", name, &length), 1);
  const char *text = line + length;
  size_t n_vectors = g->n_classes == 2 ? 1 : g->n_classes;
  if (strcmp(name, "row") == 0) {
    read_row(g, text);
  } else if (strcmp(name, "class_weights") == 0) {
    assert_int_equal(read_numbers(text, g->class_weights, MAX_CLASSES), g->n_classes);
  } else if (strcmp(name, "fit") == 0) {
    fit(g, text);
  } else if (strcmp(name, "coefficients") == 0) {
    compare(g, name, text, sy_predictor_coefficients(g->predictor), n_vectors * g->columns, 1e-7);
  } else if (strcmp(name, "intercepts") == 0) {
    compare(g, name, text, sy_predictor_intercepts(g->predictor), n_vectors, 1e-7);
  } else {
    assert_string_equal(name, "objective");
    compare(g, name, text, &g->result.objective, 1, 1e-10 * g->result.objective);
    return 1;
  }
  return 0;
}

static void fits_are_scikit_learns(void **state) {
  (void)state;
  static golden g;
  char line[MAX_LINE];
  int n_cases = 0, n_compared = 0;
  FILE *file = fopen(STEELYARD_TESTS "/golden/logistic.txt", "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    if (line[0] == '#') continue;
    if (strncmp(line, "case ", 5) == 0) {
      read_case(&g, line);
      n_cases++;
    } else {
      n_compared += take_line(&g, line);
    }
  }
  fclose(file);
  sy_predictor_free(g.predictor);
  assert_int_equal(n_cases, N_CASES);
  assert_int_equal(n_compared, N_CASES * N_FITS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(fits_are_scikit_learns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
