/* test_evaluate_golden.c: metrics against scikit-learn's, golden/metrics.txt (which says how it was
 * made), to 1e-12. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/evaluate.h>

enum { MAX_ROWS = 256, MAX_CLASSES = 8, MAX_LINE = 1024, N_NAMES = 16, N_CASES = 3 };

/* One case of the file, and its metrics once computed. */
typedef struct golden {
  char name[32];
  size_t n, n_classes, n_read;
  double parts, unit;
  int32_t actual[MAX_ROWS], decisions[MAX_ROWS];
  double weights[MAX_ROWS], log_probabilities[MAX_ROWS * MAX_CLASSES];
  bool weighted;
  sy_metrics metrics;
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
  sy_metrics_clear(&g->metrics);
  *g = (golden){0};
  assert_int_equal(
      sscanf(line, "case %31s %zu %zu %lf %lf", g->name, &g->n, &g->n_classes, &g->parts, &g->unit),
      5);
  assert_true(g->n <= MAX_ROWS && g->n_classes <= MAX_CLASSES);
}

static void read_row(golden *g, const char *line) {
  double numbers[3 + MAX_CLASSES];
  size_t i = g->n_read++;
  assert_true(i < g->n);
  assert_int_equal(read_numbers(line + strlen("row"), numbers, 3 + g->n_classes), 3 + g->n_classes);
  g->actual[i] = (int32_t)numbers[0];
  g->decisions[i] = (int32_t)numbers[1];
  g->weights[i] = numbers[2] / g->unit;
  for (size_t k = 0; k < g->n_classes; k++)
    g->log_probabilities[i * g->n_classes + k] = log(numbers[3 + k] / g->parts);
}

static void compute(golden *g) {
  sy_evaluation evaluation = {.n = g->n,
                              .n_classes = g->n_classes,
                              .ids = g->actual,
                              .log_probabilities = g->log_probabilities,
                              .decisions = g->decisions,
                              .row_weights = g->weighted ? g->weights : NULL,
                              .positive = 1};
  sy_error error = {0};
  assert_int_equal(g->n_read, g->n);
  sy_metrics_clear(&g->metrics);
  if (sy_evaluate(&evaluation, &g->metrics, &error) != SY_OK) fail_msg("%s", error.text);
}

static const struct {
  const char *name;
  size_t offset;
} whole[] = {
    {"log_loss", offsetof(sy_metrics, log_loss)},
    {"brier", offsetof(sy_metrics, brier)},
    {"accuracy", offsetof(sy_metrics, accuracy)},
    {"balanced_accuracy", offsetof(sy_metrics, balanced_accuracy)},
    {"macro_f1", offsetof(sy_metrics, macro_f1)},
    {"weighted_f1", offsetof(sy_metrics, weighted_f1)},
    {"mcc", offsetof(sy_metrics, mcc)},
    {"roc_auc", offsetof(sy_metrics, roc_auc)},
    {"average_precision", offsetof(sy_metrics, average_precision)},
};

static const struct {
  const char *name;
  size_t offset;
} by_class[] = {
    {"precision", offsetof(sy_class_metrics, precision)},
    {"recall", offsetof(sy_class_metrics, recall)},
    {"f1", offsetof(sy_class_metrics, f1)},
    {"class_average_precision", offsetof(sy_class_metrics, average_precision)},
    {"class_roc_auc", offsetof(sy_class_metrics, roc_auc)},
    {"support", offsetof(sy_class_metrics, support)},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static double number_at(const void *structure, size_t offset) {
  double number;
  memcpy(&number, (const char *)structure + offset, sizeof number);
  return number;
}

/* Our values of the metric `name`; returns how many. */
static size_t find_values(const golden *g, const char *name, double *values) {
  size_t n_classes = g->n_classes;
  for (size_t m = 0; m < COUNT(whole); m++)
    if (strcmp(name, whole[m].name) == 0) {
      values[0] = number_at(&g->metrics, whole[m].offset);
      return 1;
    }
  for (size_t m = 0; m < COUNT(by_class); m++) {
    if (strcmp(name, by_class[m].name) != 0) continue;
    for (size_t k = 0; k < n_classes; k++)
      values[k] = number_at(&g->metrics.per_class[k], by_class[m].offset);
    return n_classes;
  }
  assert_string_equal(name, "confusion");
  memcpy(values, g->metrics.confusion, n_classes * n_classes * sizeof *values);
  return n_classes * n_classes;
}

static void compare_line(const golden *g, const char *line) {
  char name[64];
  int length = 0;
  double wanted[MAX_CLASSES * MAX_CLASSES], values[MAX_CLASSES * MAX_CLASSES];
  assert_int_equal(sscanf(line, "%63s%n", name, &length), 1);
  size_t n = find_values(g, name, values);
  assert_int_equal(read_numbers(line + length, wanted, COUNT(wanted)), n);
  for (size_t j = 0; j < n; j++)
    if (!(fabs(values[j] - wanted[j]) <= 1e-12 * fmax(1, fabs(wanted[j]))))
      fail_msg("%s (weighted %d), %s %zu: %.17g, not %.17g", g->name, g->weighted, name, j,
               values[j], wanted[j]);
}

static void metrics_are_scikit_learns(void **state) {
  (void)state;
  static golden g;
  char line[MAX_LINE];
  int n_cases = 0, n_compared = 0, weighted;
  FILE *file = fopen(STEELYARD_TESTS "/golden/metrics.txt", "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    if (line[0] == '#') continue;
    if (strncmp(line, "case ", 5) == 0) {
      read_case(&g, line);
      n_cases++;
    } else if (strncmp(line, "row ", 4) == 0) {
      read_row(&g, line);
    } else if (sscanf(line, "metrics %d", &weighted) == 1) {
      g.weighted = weighted;
      compute(&g);
    } else {
      compare_line(&g, line);
      n_compared++;
    }
  }
  fclose(file);
  sy_metrics_clear(&g.metrics);
  assert_int_equal(n_cases, N_CASES);
  assert_int_equal(n_compared, N_CASES * 2 * N_NAMES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(metrics_are_scikit_learns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
