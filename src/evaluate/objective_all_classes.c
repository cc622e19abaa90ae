/* objective_all_classes.c: objectives about all classes at once; a class without rows takes no part
 * in a mean. */
#include "evaluate/objectives.h"

#include <math.h>

static double cost(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  return -outcome->average_cost;
}

/* Sums over the classes with support. */
typedef struct class_sums {
  double n, total, right, recalls, log_recalls, f1s, weighted_f1s;
} class_sums;

static class_sums add_up(const sy_outcome *outcome) {
  class_sums sums = {0};
  for (size_t k = 0; k < outcome->n_classes; k++) {
    double actual = sy_outcome_actual(outcome, k), right = sy_outcome_right(outcome, k);
    if (!(actual > 0)) continue;
    double recall = right / actual, f1 = 2 * right / (actual + sy_outcome_predicted(outcome, k));
    sums.n++;
    sums.total += actual;
    sums.right += right;
    sums.recalls += recall;
    sums.log_recalls += log(recall);
    sums.f1s += f1;
    sums.weighted_f1s += actual * f1;
  }
  return sums;
}

static double accuracy(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  class_sums sums = add_up(outcome);
  return sy_outcome_ratio(sums.right, sums.total);
}

static double balanced_accuracy(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  class_sums sums = add_up(outcome);
  return sy_outcome_ratio(sums.recalls, sums.n);
}

static double g_mean(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  class_sums sums = add_up(outcome);
  return sums.n > 0 ? exp(sums.log_recalls / sums.n) : NAN;
}

static double macro_f1(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  class_sums sums = add_up(outcome);
  return sy_outcome_ratio(sums.f1s, sums.n);
}

static double weighted_f1(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  class_sums sums = add_up(outcome);
  return sy_outcome_ratio(sums.weighted_f1s, sums.total);
}

/* As sy_metrics.mcc has it (Gorodkin's R_K), in shares of the total so that nothing overflows. */
static double mcc(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  double total = add_up(outcome).total, both = 0, actual_left = 1, predicted_left = 1;
  size_t n_actual = 0, n_predicted = 0;
  for (size_t k = 0; k < outcome->n_classes; k++) {
    double actual = sy_outcome_actual(outcome, k) / total;
    double predicted = sy_outcome_predicted(outcome, k) / total;
    both += sy_outcome_right(outcome, k) / total - actual * predicted;
    actual_left -= actual * actual;
    predicted_left -= predicted * predicted;
    n_actual += actual > 0;
    n_predicted += predicted > 0;
  }
  if (n_actual < 2 || n_predicted < 2 || !(actual_left > 0) || !(predicted_left > 0)) return NAN;
  return both / sqrt(actual_left * predicted_left);
}

const struct sy_objective_kind sy_objective_kind_cost = {.name = "cost",
                                                         .form = "cost",
                                                         .formula =
                                                             "- average of C[actual][predicted]",
                                                         .is_cost = true,
                                                         .value = cost};

const struct sy_objective_kind sy_objective_kind_accuracy = {
    .name = "accuracy", .form = "accuracy", .formula = "right / rows", .value = accuracy};

const struct sy_objective_kind sy_objective_kind_balanced_accuracy = {.name = "balanced_accuracy",
                                                                      .form = "balanced_accuracy",
                                                                      .formula =
                                                                          "mean of the recalls",
                                                                      .value = balanced_accuracy};

const struct sy_objective_kind sy_objective_kind_g_mean = {.name = "g_mean",
                                                           .form = "g_mean",
                                                           .formula =
                                                               "geometric mean of the recalls",
                                                           .value = g_mean};

const struct sy_objective_kind sy_objective_kind_macro_f1 = {
    .name = "macro_f1", .form = "macro_f1", .formula = "mean of the F1", .value = macro_f1};

const struct sy_objective_kind sy_objective_kind_weighted_f1 = {
    .name = "weighted_f1",
    .form = "weighted_f1",
    .formula = "mean of the F1, classes weighing as many rows as they have",
    .value = weighted_f1};

const struct sy_objective_kind sy_objective_kind_mcc = {
    .name = "mcc",
    .form = "mcc",
    .formula = "correlation of actual and predicted classes (Matthews, Gorodkin)",
    .value = mcc};
