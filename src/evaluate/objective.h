/* objective.h: what an objective is made of: a metric of decisions that thresholds, factors and
 * policies are chosen by. One file holds a few of a kind; objectives.h lists them all. */
#ifndef SY_EVALUATE_OBJECTIVE_H
#define SY_EVALUATE_OBJECTIVE_H

#include <steelyard/evaluate.h>

/* What decisions came to. Objectives read the sums of classes by the calls below, which take them
 * from the margins where there are such, and else add up the confusion matrix. */
typedef struct sy_outcome {
  size_t n_classes;
  int positive; /* the class to catch, or -1 */
  const double *right, *actual,
      *predicted;          /* (K) weight decided rightly, of the class, called it */
  const double *confusion; /* (K, K), where the three above are NULL */
  double average_cost;
} sy_outcome;

double sy_outcome_right(const sy_outcome *outcome, size_t k);
double sy_outcome_actual(const sy_outcome *outcome, size_t k);
double sy_outcome_predicted(const sy_outcome *outcome, size_t k);

/* part / whole, NaN where the whole is nothing. */
double sy_outcome_ratio(double part, double whole);

/* An objective of the table. */
struct sy_objective_kind {
  const char *name;      /* what users type before the ':' */
  const char *form;      /* the same with its parameter, for help: "fbeta:BETA" */
  const char *formula;   /* in one line, for docs/decisions.md */
  const char *parameter; /* what the parameter is called, or NULL: it takes none */
  double lowest;         /* the parameter is finite and above this */
  bool is_cost;          /* reads average_cost: costs must be known */
  bool of_positive;      /* is about one class: `positive` must be one */
  /* Greater is better; NaN where it is not defined. */
  double (*value)(const sy_objective *objective, const sy_outcome *outcome);
};

/* Value of an outcome; NaN, too, for an objective of one class where none is positive. */
double sy_objective_of(const sy_objective *objective, const sy_outcome *outcome);

#endif
