/* objective_one_class.c: objectives about the class to catch: precision, recall and what joins
 * them. */
#include "evaluate/objectives.h"

#include <math.h>

static double right_of(const sy_outcome *outcome) {
  return sy_outcome_right(outcome, (size_t)outcome->positive);
}

static double actual_of(const sy_outcome *outcome) {
  return sy_outcome_actual(outcome, (size_t)outcome->positive);
}

static double predicted_of(const sy_outcome *outcome) {
  return sy_outcome_predicted(outcome, (size_t)outcome->positive);
}

static double precision(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  return sy_outcome_ratio(right_of(outcome), predicted_of(outcome));
}

static double recall(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  return sy_outcome_ratio(right_of(outcome), actual_of(outcome));
}

/* (1 + b^2) right / (b^2 actual + predicted), which is the mean of precision and recall it is known
 * for, and defined where nothing is called positive. */
static double mean_of_both(double beta, const sy_outcome *outcome) {
  double square = beta * beta, actual = actual_of(outcome);
  if (!(actual > 0)) return NAN;
  return (1 + square) * right_of(outcome) / (square * actual + predicted_of(outcome));
}

static double f1(const sy_objective *objective, const sy_outcome *outcome) {
  (void)objective;
  return mean_of_both(1, outcome);
}

static double fbeta(const sy_objective *objective, const sy_outcome *outcome) {
  return mean_of_both(objective->parameter, outcome);
}

/* The rest may be several classes: called the rest is right for each of them here. */
static double youden(const sy_objective *objective, const sy_outcome *outcome) {
  double rest = 0, flagged = predicted_of(outcome) - right_of(outcome);
  for (size_t k = 0; k < outcome->n_classes; k++)
    if (k != (size_t)outcome->positive) rest += sy_outcome_actual(outcome, k);
  return recall(objective, outcome) - sy_outcome_ratio(flagged, rest);
}

const struct sy_objective_kind sy_objective_kind_precision = {.name = "precision",
                                                              .form = "precision",
                                                              .formula = "right / flagged",
                                                              .of_positive = true,
                                                              .value = precision};

const struct sy_objective_kind sy_objective_kind_recall = {.name = "recall",
                                                           .form = "recall",
                                                           .formula = "caught / positives",
                                                           .of_positive = true,
                                                           .value = recall};

const struct sy_objective_kind sy_objective_kind_f1 = {.name = "f1",
                                                       .form = "f1",
                                                       .formula = "2 right / (positives + flagged)",
                                                       .of_positive = true,
                                                       .value = f1};

const struct sy_objective_kind sy_objective_kind_fbeta = {
    .name = "fbeta",
    .form = "fbeta:BETA",
    .formula = "(1 + BETA^2) right / (BETA^2 positives + flagged)",
    .parameter = "BETA, how many times recall counts as much as precision",
    .of_positive = true,
    .value = fbeta};

const struct sy_objective_kind sy_objective_kind_youden = {
    .name = "youden",
    .form = "youden",
    .formula = "recall - share of the rest that is flagged",
    .of_positive = true,
    .value = youden};
