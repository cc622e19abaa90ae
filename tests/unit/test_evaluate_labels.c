/* test_evaluate_labels.c: metrics of several labels by hand, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#include <steelyard/evaluate.h>

enum { N = 5, L = 3 };

static void assert_near(double value, double wanted) {
  if (!(fabs(value - wanted) <= 1e-14 * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

/* Label 2 is never there; row 4 weighs nothing and holds what would be refused. */
static const uint8_t truth[N * L] = {1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 7, 1, 1};
static const uint8_t decisions[N * L] = {1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 9, 0};
static const double probabilities[N * L] = {0.75, 0.25, 0.125, 0.5, 0.75, 0.25, 0.5, 0.5,
                                            0.5,  0.25, 0.5,   0.5, NAN,  5,    -1};
static const double weights[N] = {2, 1, 3, 2, 0};

static sy_label_evaluation evaluation_of(void) {
  return (sy_label_evaluation){N, L, truth, probabilities, decisions, weights};
}

static void labels_by_hand(void **state) {
  (void)state;
  sy_label_evaluation evaluation = evaluation_of();
  sy_label_metrics m;
  sy_error error = {0};
  if (sy_evaluate_labels(&evaluation, &m, &error) != SY_OK) fail_msg("%s", error.text);
  assert_int_equal(m.n_labels, L);
  assert_near(m.weighted_rows, 8);
  /* Label 0: there in rows 0 (2) and 2 (3), said in rows 0 (2) and 1 (1). */
  assert_near(m.per_label[0].support, 5);
  assert_near(m.per_label[0].predicted, 3);
  assert_near(m.per_label[0].precision, 2.0 / 3);
  assert_near(m.per_label[0].recall, 2.0 / 5);
  assert_near(m.per_label[0].f1, 4.0 / 8);
  /* Pairs of weight 5 x 3: 0.75 over all 3, 0.5 ties with 0.5 (1) and is over 0.25 (2). */
  assert_near(m.per_label[0].roc_auc, (2 * 3 + 3 * (0.5 * 1 + 2)) / 15);
  assert_near(m.log_losses[0], -(2 * log(0.75) + log(0.5) + 3 * log(0.5) + 2 * log(0.75)) / 8);
  /* Label 1: there in rows 1 and 2, and said so. */
  assert_near(m.per_label[1].f1, 1);
  /* Label 2: never there, said in row 2. */
  assert_true(m.per_label[2].support == 0 && m.per_label[2].precision == 0);
  assert_true(isnan(m.per_label[2].recall) && isnan(m.per_label[2].f1));
  assert_true(isnan(m.per_label[2].roc_auc) && isnan(m.per_label[2].average_precision));
  assert_near(m.log_losses[2], -(2 * log(0.875) + log(0.75) + 5 * log(0.5)) / 8);
  assert_near(m.log_loss, (m.log_losses[0] + m.log_losses[1] + m.log_losses[2]) / 3);
  assert_near(m.macro_f1, 0.75);
  assert_near(m.roc_auc, (m.per_label[0].roc_auc + m.per_label[1].roc_auc) / 2);
  assert_near(m.micro_precision, 6.0 / 10);
  assert_near(m.micro_recall, 6.0 / 9);
  assert_near(m.micro_f1, 12.0 / 19);
  assert_near(m.subset_accuracy, 4.0 / 8);
  assert_near(m.hamming_loss, (1 + 3 * 2) / 24.0);
  sy_label_metrics_clear(&m);
  assert_null(m.per_label);
  sy_label_metrics_clear(&m);
}

static void one_label_is_two_classes(void **state) {
  (void)state;
  const uint8_t there[] = {1, 0, 1, 0}, said[] = {1, 1, 0, 0};
  const double p[] = {1, 0.25, 0.125, 0};
  sy_label_evaluation evaluation = {4, 1, there, p, said, NULL};
  sy_label_metrics m;
  assert_int_equal(sy_evaluate_labels(&evaluation, &m, NULL), SY_OK);
  const int32_t ids[] = {1, 0, 1, 0}, decided[] = {1, 1, 0, 0};
  const double logs[] = {-INFINITY, 0, log(0.75), log(0.25), log(0.875), log(0.125), 0, -INFINITY};
  sy_evaluation two = {.n = 4,
                       .n_classes = 2,
                       .ids = ids,
                       .log_probabilities = logs,
                       .decisions = decided,
                       .positive = 1};
  sy_metrics wanted;
  assert_int_equal(sy_evaluate(&two, &wanted, NULL), SY_OK);
  assert_near(m.calibration_error, wanted.calibration_error);
  assert_near(m.log_loss, wanted.log_loss);
  assert_near(m.average_precision, wanted.average_precision);
  assert_near(m.subset_accuracy, wanted.accuracy);
  assert_near(m.hamming_loss, 1 - wanted.accuracy);
  sy_label_metrics_clear(&m);
  sy_metrics_clear(&wanted);
}

static void refuse(const sy_label_evaluation *evaluation, sy_status wanted, const char *says) {
  sy_label_metrics metrics;
  sy_error error = {0};
  assert_int_equal(sy_evaluate_labels(evaluation, &metrics, &error), wanted);
  if (!strstr(error.text, says)) fail_msg("does not say '%s': %s", says, error.text);
  assert_true(!metrics.per_label && !metrics.log_losses && metrics.n_labels == 0);
}

static void bad_labels_are_named(void **state) {
  (void)state;
  sy_label_evaluation evaluation = evaluation_of();
  double bad[N] = {1, 1, 1, 1, 1}, negative[N] = {1, 1, -2, 1, 0}, none[N] = {0};
  evaluation.row_weights = bad;
  refuse(&evaluation, SY_INVALID_LABEL, "truth 7 of label 1 at row 5 is neither 0 nor 1");
  uint8_t fixed[N * L];
  memcpy(fixed, truth, sizeof fixed);
  fixed[4 * L] = 1;
  evaluation.truth = fixed;
  refuse(&evaluation, SY_INVALID_DATA, "probability nan of label 1 at row 5 is outside 0..1");
  evaluation.row_weights = negative;
  refuse(&evaluation, SY_INVALID_WEIGHT, "-2 at row 3");
  evaluation.row_weights = none;
  refuse(&evaluation, SY_NO_WEIGHT, "weight 0");
  evaluation.n = 0;
  refuse(&evaluation, SY_NO_ROWS, "no rows");
  evaluation.n_labels = 0;
  refuse(&evaluation, SY_INVALID_ARGUMENT, "no labels");
}

static void no_memory_is_an_error(void **state) {
  (void)state;
  sy_label_evaluation evaluation = evaluation_of();
  sy_label_metrics metrics;
  sy_threads_set(1);
  size_t n = 1;
  for (;; n++) {
    sy_memory_fail_nth(n);
    sy_status status = sy_evaluate_labels(&evaluation, &metrics, NULL);
    if (sy_memory_fail_nth(0) > 0) break;
    assert_int_equal(status, SY_OUT_OF_MEMORY);
    assert_null(metrics.per_label);
  }
  assert_true(n > 15);
  sy_label_metrics_clear(&metrics);
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_by_hand),
      cmocka_unit_test(one_label_is_two_classes),
      cmocka_unit_test(bad_labels_are_named),
      cmocka_unit_test(no_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
