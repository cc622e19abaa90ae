/* test_evaluate.c: metrics on cases small enough to work out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "evaluate/order.h"

#include <steelyard/evaluate.h>

enum { MAX_CELLS = 64 };

static void assert_near(double value, double wanted) {
  if (!(fabs(value - wanted) <= 1e-14 * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

/* An evaluation of up to MAX_CELLS probabilities; `logs` holds their logarithms. */
static sy_evaluation evaluation_of(size_t n, size_t n_classes, const int32_t *ids,
                                   const double *probabilities, const int32_t *decisions,
                                   double logs[MAX_CELLS]) {
  assert_true(n * n_classes <= MAX_CELLS);
  for (size_t i = 0; i < n * n_classes; i++) logs[i] = log(probabilities[i]);
  return (sy_evaluation){.n = n,
                         .n_classes = n_classes,
                         .ids = ids,
                         .log_probabilities = logs,
                         .decisions = decisions,
                         .positive = 1};
}

static sy_metrics evaluate(const sy_evaluation *evaluation) {
  sy_metrics metrics;
  sy_error error = {0};
  if (sy_evaluate(evaluation, &metrics, &error) != SY_OK) fail_msg("%s", error.text);
  return metrics;
}

/* Two classes, eight rows: 3 positives; one pair of tied rows of either class. */
static const int32_t two_ids[] = {0, 0, 1, 0, 1, 0, 1, 0};
static const double two_p[] = {0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.7, 0.3,
                               0.4, 0.6, 0.2, 0.8, 0.1, 0.9, 0.9, 0.1};
static const int32_t two_decisions[] = {0, 0, 0, 0, 1, 1, 1, 0};

static void two_classes_by_hand(void **state) {
  (void)state;
  double logs[MAX_CELLS];
  const double cost[] = {0, 1, 5, 0};
  sy_evaluation evaluation = evaluation_of(8, 2, two_ids, two_p, two_decisions, logs);
  const sy_costs costs = {.n_classes = 2, .fixed = cost};
  evaluation.costs = &costs;
  sy_metrics m = evaluate(&evaluation);
  const double confusion[] = {4, 1, 1, 2};
  assert_memory_equal(m.confusion, confusion, sizeof confusion);
  assert_int_equal(m.rows, 8);
  assert_near(m.weighted_rows, 8);
  assert_near(m.accuracy, 6.0 / 8);
  assert_near(m.balanced_accuracy, (4.0 / 5 + 2.0 / 3) / 2);
  assert_near(m.g_mean, sqrt(4.0 / 5 * 2 / 3));
  assert_near(m.macro_f1, (8.0 / 10 + 4.0 / 6) / 2);
  assert_near(m.weighted_f1, (5 * 0.8 + 3 * 2.0 / 3) / 8);
  assert_near(m.mcc, (2.0 * 4 - 1 * 1) / sqrt(3.0 * 3 * 5 * 5));
  /* Positives at 0.9, 0.6, 0.3; negatives at 0.8, 0.3 (tied), 0.2, 0.1, 0.1. */
  assert_near(m.roc_auc, (5 + 4 + 3.5) / 15);
  assert_near(m.average_precision, (1.0 / 1 + 2.0 / 3 + 3.0 / 5) / 3);
  assert_near(m.per_class[0].roc_auc, 12.5 / 15);
  assert_near(m.log_loss,
              -(3 * log(0.9) + log(0.8) + log(0.7) + log(0.3) + log(0.6) + log(0.2)) / 8);
  assert_near(m.brier, 2 * (3 * 0.01 + 0.04 + 0.09 + 0.49 + 0.16 + 0.64) / 8);
  assert_near(m.average_cost, 6.0 / 8);
  assert_near(m.best_constant_cost, 5.0 / 8);
  assert_int_equal(m.best_constant, 1);
  sy_metrics_clear(&m);
  assert_null(m.confusion);
  sy_metrics_clear(&m);
}

static void the_interval_is_the_robust_one(void **state) {
  (void)state;
  double logs[MAX_CELLS], squares = 0;
  const double cost[] = {0, 1, 5, 0}, weights[] = {1, 2, 0.5, 0, 3, 1, 1, 1};
  const double row_costs[] = {0, 0, 5, 0, 0, 1, 0, 0};
  sy_evaluation evaluation = evaluation_of(8, 2, two_ids, two_p, two_decisions, logs);
  const sy_costs costs = {.n_classes = 2, .fixed = cost};
  evaluation.costs = &costs;
  evaluation.row_weights = weights;
  sy_metrics m = evaluate(&evaluation);
  double mean = 3.5 / 9.5;
  for (size_t i = 0; i < 8; i++) squares += pow(weights[i] * (row_costs[i] - mean), 2);
  double half = 1.959963984540054 * sqrt(squares) / 9.5;
  assert_near(m.average_cost, mean);
  assert_near(m.average_cost_low, mean - half);
  assert_near(m.average_cost_high, mean + half);
  sy_metrics_clear(&m);
}

static void perfect_is_exactly_one(void **state) {
  (void)state;
  const int32_t ids[] = {0, 1, 2, 1, 0};
  const double p[] = {0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 0.25, 0.25, 0.5, 0.3, 0.4, 0.3, 0.7, 0.2, 0.1};
  const double weights[] = {0.1, 0.7, 0.3, 1.1, 0.9};
  double logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(5, 3, ids, p, ids, logs);
  evaluation.row_weights = weights;
  sy_metrics m = evaluate(&evaluation);
  assert_true(m.accuracy == 1 && m.balanced_accuracy == 1 && m.macro_f1 == 1 && m.mcc == 1);
  assert_true(m.g_mean == 1 && m.per_class[1].precision == 1 && m.average_cost == 0);
  assert_true(m.average_cost_low == 0 && m.average_cost_high == 0);
  sy_metrics_clear(&m);
}

static void what_is_not_defined_is_nan(void **state) {
  (void)state;
  /* Class 1 is never predicted, class 2 has no rows; one row of class 2 weighs nothing. */
  const int32_t ids[] = {0, 1, 0, 2}, decisions[] = {0, 0, 0, 2};
  const double p[] = {0.6, 0.3, 0.1, 0.3, 0.6, 0.1, 0.6, 0.3, 0.1, 0.1, 0.1, 0.8};
  const double weights[] = {1, 1, 1, 0};
  double logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(4, 3, ids, p, decisions, logs);
  evaluation.row_weights = weights;
  sy_metrics m = evaluate(&evaluation);
  assert_true(isnan(m.per_class[1].precision) && m.per_class[1].recall == 0);
  assert_true(m.per_class[1].f1 == 0);
  assert_true(isnan(m.per_class[2].precision) && isnan(m.per_class[2].recall));
  assert_true(isnan(m.per_class[2].f1) && isnan(m.per_class[2].roc_auc));
  assert_true(isnan(m.per_class[2].average_precision) && m.per_class[2].support == 0);
  assert_true(isnan(m.mcc)); /* everything is called 0 */
  assert_true(m.g_mean == 0);
  assert_near(m.balanced_accuracy, 0.5);
  assert_near(m.macro_f1, 0.4);
  assert_near(m.roc_auc, 1);
  assert_int_equal(m.rows, 4);
  assert_near(m.weighted_rows, 3);
  sy_metrics_clear(&m);
}

static void one_side_alone_has_no_curve(void **state) {
  (void)state;
  const int32_t ids[] = {1, 1}, decisions[] = {1, 0};
  const double p[] = {0.5, 0.5, 0.9, 0.1};
  double logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(2, 2, ids, p, decisions, logs);
  sy_metrics m = evaluate(&evaluation);
  assert_true(isnan(m.roc_auc) && isnan(m.mcc));
  assert_true(isnan(m.per_class[0].f1) && m.per_class[0].precision == 0);
  assert_true(m.average_precision == 1);
  assert_near(m.calibration_error, 0.7); /* of class 1 alone: two bins, off by 0.5 and 0.9 */
  sy_metrics_clear(&m);
}

static void impossible_is_infinitely_bad_unless_absent(void **state) {
  (void)state;
  const int32_t ids[] = {0, 1}, decisions[] = {0, 0};
  const double p[] = {0.5, 0.5, 1, 0}, weights[] = {1, 0};
  double logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(2, 2, ids, p, decisions, logs);
  sy_metrics m = evaluate(&evaluation);
  assert_true(m.log_loss == INFINITY);
  assert_near(m.brier, (0.5 + 2) / 2);
  sy_metrics_clear(&m);
  evaluation.row_weights = weights;
  m = evaluate(&evaluation);
  assert_near(m.log_loss, log(2));
  sy_metrics_clear(&m);
}

static void bins_hold_equal_counts(void **state) {
  (void)state;
  /* Twenty rows in order of p: two a bin. Class 1 at 0.05 i; the share in a bin is known. */
  enum { N = 20 };
  int32_t ids[N];
  double p[2 * N], logs[MAX_CELLS], wanted = 0;
  for (int i = 0; i < N; i++) {
    ids[i] = i % 3 == 0;
    p[2 * i + 1] = 0.025 + 0.05 * i;
    p[2 * i] = 1 - p[2 * i + 1];
  }
  for (int b = 0; b < N / 2; b++) {
    double off = p[4 * b + 1] + p[4 * b + 3] - ids[2 * b] - ids[2 * b + 1];
    wanted += fabs(off) / N;
  }
  sy_evaluation evaluation = evaluation_of(N, 2, ids, p, ids, logs);
  sy_metrics m = evaluate(&evaluation);
  assert_near(m.calibration_error, wanted); /* the bins of class 0 are the same rows */
  sy_metrics_clear(&m);
}

static void ties_share_one_bin(void **state) {
  (void)state;
  const int32_t ids[] = {1, 0, 0, 0, 1, 1, 1, 1};
  double p[16], logs[MAX_CELLS];
  for (size_t i = 0; i < 8; i++) {
    p[2 * i + 1] = i < 4 ? 0.25 : 0.75;
    p[2 * i] = 1 - p[2 * i + 1];
  }
  sy_evaluation evaluation = evaluation_of(8, 2, ids, p, ids, logs);
  sy_metrics m = evaluate(&evaluation);
  assert_near(m.calibration_error, 0.125); /* right at 0.25, off by 0.25 at 0.75 */
  sy_metrics_clear(&m);
}

static void a_tie_is_binned_by_its_middle(void **state) {
  (void)state;
  /* One row on top, one below, and eighteen tied between: three bins, though the tie begins in the
   * bin of the first. The ends are called too probable and the middle too improbable, so merging
   * any two would show. */
  enum { N = 20 };
  int32_t ids[N];
  double p[2 * N], logs[MAX_CELLS];
  for (size_t i = 0; i < N; i++) {
    ids[i] = i >= 1 && i <= 10;
    p[2 * i + 1] = i == 0 ? 0.75 : i == N - 1 ? 0.25 : 0.5;
    p[2 * i] = 1 - p[2 * i + 1];
  }
  sy_evaluation evaluation = evaluation_of(N, 2, ids, p, ids, logs);
  sy_metrics m = evaluate(&evaluation);
  assert_near(m.calibration_error, (0.75 + 1 + 0.25) / N);
  sy_metrics_clear(&m);
}

/* With five rows over a multiple of ten, middles fall on borders of bins: rounding must not choose
 * the bin. */
static void bins_do_not_depend_on_the_unit_of_weights(void **state) {
  (void)state;
  enum { N = 25 };
  int32_t ids[N];
  double p[2 * N], weights[N], logs[MAX_CELLS];
  for (int i = 0; i < N; i++) {
    ids[i] = i % 3 == 1;
    p[2 * i + 1] = (i + 0.5) / N;
    p[2 * i] = 1 - p[2 * i + 1];
  }
  sy_evaluation evaluation = evaluation_of(N, 2, ids, p, ids, logs);
  sy_metrics m = evaluate(&evaluation);
  double wanted = m.calibration_error;
  sy_metrics_clear(&m);
  evaluation.row_weights = weights;
  for (int unit = 1; unit < 37; unit++) {
    for (int i = 0; i < N; i++) weights[i] = unit / 37.0;
    m = evaluate(&evaluation);
    assert_near(m.calibration_error, wanted);
    sy_metrics_clear(&m);
  }
}

static void ignored_rows_are_not_there(void **state) {
  (void)state;
  const int32_t ids[] = {0, SY_IGNORED, 1}, decisions[] = {0, 77, 1};
  double logs[MAX_CELLS];
  const double p[] = {0.75, 0.25, 9, 9, 0.25, 0.75}, weights[] = {1, NAN, 2};
  sy_evaluation evaluation = evaluation_of(3, 2, ids, p, decisions, logs);
  evaluation.row_weights = weights;
  sy_metrics m = evaluate(&evaluation);
  assert_int_equal(m.rows, 2);
  assert_near(m.weighted_rows, 3);
  assert_near(m.log_loss, -log(0.75));
  sy_metrics_clear(&m);
}

static void refuse(const sy_evaluation *evaluation, sy_status wanted, const char *says) {
  sy_metrics metrics;
  sy_error error = {0};
  assert_int_equal(sy_evaluate(evaluation, &metrics, &error), wanted);
  if (!strstr(error.text, says)) fail_msg("does not say '%s': %s", says, error.text);
  assert_null(metrics.confusion);
  assert_null(metrics.per_class);
  assert_int_equal(sy_evaluate(evaluation, &metrics, NULL), wanted);
}

static void bad_costs_are_named(void **state) {
  (void)state;
  const int32_t ids[] = {0, 1, 1}, which[] = {-1, -1, 0, -1};
  double p[] = {0.5, 0.5, 0.5, 0.5, 0.25, 0.75}, values[] = {1, 1, INFINITY}, logs[MAX_CELLS];
  const double fixed[] = {0, 1, 0, 0};
  sy_costs costs = {2, fixed, 1, which, values, NULL};
  sy_evaluation evaluation = evaluation_of(3, 2, ids, p, ids, logs);
  evaluation.costs = &costs;
  refuse(&evaluation, SY_INVALID_COST, "cost inf at row 3: costs must be finite");
  costs.n_classes = 3;
  refuse(&evaluation, SY_INVALID_ARGUMENT, "costs of 3 classes for rows of 2");
}

static void bad_rows_are_named(void **state) {
  (void)state;
  int32_t ids[] = {0, 1, 1}, decisions[] = {0, 1, 0};
  double p[] = {0.5, 0.5, 0.5, 0.5, 0.25, 0.75}, weights[] = {1, 1, 1}, logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(3, 2, ids, p, decisions, logs);
  evaluation.row_weights = weights;
  ids[1] = 2;
  refuse(&evaluation, SY_INVALID_LABEL, "class 2 at row 2 is outside the 2 classes 0..1");
  ids[1] = 1;
  decisions[2] = -1;
  refuse(&evaluation, SY_INVALID_LABEL, "decision -1 at row 3");
  decisions[2] = 0;
  weights[2] = -0.5;
  refuse(&evaluation, SY_INVALID_WEIGHT, "-0.5 at row 3");
  weights[2] = NAN;
  refuse(&evaluation, SY_INVALID_WEIGHT, "nan at row 3");
  weights[0] = weights[1] = weights[2] = 0;
  refuse(&evaluation, SY_NO_WEIGHT, "weight 0");
  evaluation.row_weights = NULL;
  logs[4] = NAN;
  refuse(&evaluation, SY_INVALID_DATA, "row 3");
  logs[4] = log(0.5);
  refuse(&evaluation, SY_INVALID_DATA, "row 3: its probabilities sum to 1.25");
  logs[4] = log(0.25);
  evaluation.positive = 2;
  refuse(&evaluation, SY_INVALID_ARGUMENT, "not 2");
  evaluation.positive = 0;
  ids[0] = ids[1] = ids[2] = SY_IGNORED;
  refuse(&evaluation, SY_NO_ROWS, "ignored");
  evaluation.n = 0;
  refuse(&evaluation, SY_NO_ROWS, "no rows");
  evaluation.n_classes = 0;
  refuse(&evaluation, SY_INVALID_ARGUMENT, "no classes");
}

/* Every allocation in turn; the leak checker sees the rest. */
static void no_memory_is_an_error(void **state) {
  (void)state;
  double logs[MAX_CELLS];
  sy_evaluation evaluation = evaluation_of(8, 2, two_ids, two_p, two_decisions, logs);
  sy_metrics metrics;
  sy_cost_comparison comparison;
  sy_threads_set(1);
  size_t n = 1;
  for (;; n++) {
    sy_memory_fail_nth(n);
    sy_status status = sy_evaluate(&evaluation, &metrics, NULL);
    if (sy_memory_fail_nth(0) > 0) break; /* fewer than n */
    assert_int_equal(status, SY_OUT_OF_MEMORY);
    assert_null(metrics.confusion);
  }
  assert_true(n > 8);
  sy_metrics_clear(&metrics);
  for (n = 1; n <= 4; n++) {
    sy_memory_fail_nth(n);
    assert_int_equal(
        sy_cost_compare(two_ids, 8, 2, NULL, NULL, two_decisions, two_decisions, &comparison, NULL),
        n < 4 ? SY_OUT_OF_MEMORY : SY_OK);
    if (n < 4) assert_true(comparison.difference == 0 && comparison.saving == 0);
  }
  sy_memory_fail_nth(0);
  sy_threads_set(0);
}

static void comparison_is_paired(void **state) {
  (void)state;
  const int32_t ids[] = {0, 0, 1, 1}, a[] = {0, 1, 0, 1}, b[] = {1, 0, 1, 1};
  const double cost[] = {0, 1, 5, 0}, weights[] = {1, 2, 1, 0.5};
  const double cost_a[] = {0, 1, 5, 0}, cost_b[] = {1, 0, 0, 0};
  double total = 4.5, mean_a = 7 / total, mean_b = 1 / total, paired = 0, delta = 0;
  for (size_t i = 0; i < 4; i++) {
    paired += pow(weights[i] * (cost_a[i] - cost_b[i] - (mean_a - mean_b)), 2);
    delta += pow(weights[i] * (cost_b[i] - mean_b / mean_a * cost_a[i]) / mean_a, 2);
  }
  double half = 1.959963984540054 / total;
  const sy_costs costs = {.n_classes = 2, .fixed = cost};
  sy_cost_comparison c;
  assert_int_equal(sy_cost_compare(ids, 4, 2, weights, &costs, a, b, &c, NULL), SY_OK);
  assert_near(c.difference, mean_a - mean_b);
  assert_near(c.low, mean_a - mean_b - half * sqrt(paired));
  assert_near(c.high, mean_a - mean_b + half * sqrt(paired));
  assert_near(c.saving, 6.0 / 7);
  assert_near(c.saving_low, 6.0 / 7 - half * sqrt(delta));
  assert_near(c.saving_high, 6.0 / 7 + half * sqrt(delta));
}

/* Missing row i costs 10 (i + 1), a false alarm the same everywhere. */
static void costs_by_row_are_those_of_the_row(void **state) {
  (void)state;
  enum { N = 4 };
  const int32_t ids[] = {1, 0, 1, SY_IGNORED}, decisions[] = {0, 1, 1, 0}, which[] = {-1, -1, 0, 1};
  const double p[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, fixed[] = {0, 3, NAN, NAN};
  double values[2 * N], logs[MAX_CELLS];
  for (size_t i = 0; i < N; i++) values[2 * i] = 10 * (double)(i + 1), values[2 * i + 1] = -1;
  values[7] = NAN; /* of the row that is ignored */
  const double weights[] = {1, 1, 2, 1};
  sy_costs costs = {2, fixed, 2, which, values, NULL};
  sy_evaluation evaluation = evaluation_of(N, 2, ids, p, decisions, logs);
  evaluation.costs = &costs;
  evaluation.row_weights = weights;
  sy_metrics m = evaluate(&evaluation);
  assert_near(m.average_cost, (10 + 3 - 2) / 4.0);
  assert_near(m.best_constant_cost, (-1 + 3 - 2) / 4.0); /* never: (10 + 0 + 60) / 4 */
  assert_int_equal(m.best_constant, 1);
  sy_metrics_clear(&m);
  sy_cost_comparison c;
  const int32_t always[] = {1, 1, 1, 1};
  assert_int_equal(sy_cost_compare(ids, N, 2, weights, &costs, decisions, always, &c, NULL), SY_OK);
  assert_near(c.difference, 11 / 4.0);
}

static void comparison_at_the_edges(void **state) {
  (void)state;
  const int32_t ids[] = {0, 1, SY_IGNORED}, right[] = {0, 1, 5}, wrong[] = {1, 0, 5};
  sy_cost_comparison c;
  sy_error error = {0};
  assert_int_equal(sy_cost_compare(ids, 3, 2, NULL, NULL, right, wrong, &c, NULL), SY_OK);
  assert_true(c.difference == -1 && c.low == -1 && c.high == -1);
  assert_true(isnan(c.saving) && isnan(c.saving_low) && isnan(c.saving_high));
  assert_int_equal(sy_cost_compare(ids, 3, 2, NULL, NULL, wrong, wrong, &c, NULL), SY_OK);
  assert_true(c.difference == 0 && c.saving == 0 && c.saving_low == 0 && c.saving_high == 0);
  const int32_t outside[] = {0, 2, 0};
  assert_int_equal(sy_cost_compare(ids, 3, 2, NULL, NULL, wrong, outside, &c, &error),
                   SY_INVALID_LABEL);
  assert_non_null(strstr(error.text, "decision 2 at row 2"));
  assert_int_equal(sy_cost_compare(ids, 0, 2, NULL, NULL, wrong, wrong, &c, NULL), SY_NO_ROWS);
}

static void order_is_by_falling_score(void **state) {
  (void)state;
  const double scores[] = {-1, 0.0, -INFINITY, -1e-300, -0.0, 2.5, -1, -700, INFINITY, 1e-310};
  const double wanted[] = {INFINITY, 2.5, 1e-310, 0, 0, -1e-300, -1, -1, -700, -INFINITY};
  enum { N = 10 };
  sy_ranked ranked[N], spare[N];
  for (size_t i = 0; i < N; i++) ranked[i] = (sy_ranked){.key = sy_order_key(scores[i]), .row = i};
  const sy_ranked *sorted = sy_order_sort(ranked, spare, N);
  for (size_t i = 0; i < N; i++) assert_true(sy_order_score(sorted[i].key) == wanted[i]);
  assert_true(sorted[6].row == 0 && sorted[7].row == 6); /* stable */
  assert_true(sorted[3].key == sorted[4].key);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes_by_hand),
      cmocka_unit_test(the_interval_is_the_robust_one),
      cmocka_unit_test(perfect_is_exactly_one),
      cmocka_unit_test(what_is_not_defined_is_nan),
      cmocka_unit_test(one_side_alone_has_no_curve),
      cmocka_unit_test(impossible_is_infinitely_bad_unless_absent),
      cmocka_unit_test(bins_hold_equal_counts),
      cmocka_unit_test(ties_share_one_bin),
      cmocka_unit_test(a_tie_is_binned_by_its_middle),
      cmocka_unit_test(bins_do_not_depend_on_the_unit_of_weights),
      cmocka_unit_test(ignored_rows_are_not_there),
      cmocka_unit_test(bad_rows_are_named),
      cmocka_unit_test(bad_costs_are_named),
      cmocka_unit_test(costs_by_row_are_those_of_the_row),
      cmocka_unit_test(no_memory_is_an_error),
      cmocka_unit_test(comparison_is_paired),
      cmocka_unit_test(comparison_at_the_edges),
      cmocka_unit_test(order_is_by_falling_score),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
