/* tune.h: what the searches for thresholds and factors share. */
#ifndef SY_STUDY_TUNE_H
#define SY_STUDY_TUNE_H

#include "evaluate/objective.h"

#include <steelyard/study.h>

/* Values this near to each other, relative to their size, are equal: they are sums whose last
 * digits depend on the order of the rows. Metrics are differences of numbers up to 1, too. */
#define SY_TUNE_TIE       1e-12
#define SY_TUNE_CANCELLED 1e-14

/* Whether a value is greater than the best so far; NaN is less than any value. */
bool sy_tune_better(const sy_objective *objective, double value, double best);

/* Options that mean nothing: shares outside 0..1, samples below 0. SY_INVALID_ARGUMENT. */
sy_status sy_tune_check(const sy_tune_options *options, sy_error *error);

/* What flagging some rows comes to; sums of row weights. */
typedef struct sy_flagging {
  double positives, negatives; /* flagged */
  double all_positives, all_negatives;
  double cost; /* of all rows, flagged or not */
} sy_flagging;

/* Value of the objective, and the shares that constraints are about. */
double sy_flagging_value(const sy_flagging *flagging, const sy_objective *objective);
double sy_flagging_share(const sy_flagging *flagging);
double sy_flagging_precision(const sy_flagging *flagging);
double sy_flagging_recall(const sy_flagging *flagging);

/* The best of the flaggings that were offered: first offered, first kept on ties. */
typedef struct sy_flagging_search {
  const sy_tune_options *options;
  bool found;
  size_t best; /* steps flagged */
  double value;
} sy_flagging_search;

void sy_flagging_offer(sy_flagging_search *search, const sy_flagging *flagging, size_t steps);

/* How many of the constraints a flagging meets, in their order: flagged, precision, recall; those
 * not asked for are met. */
enum { SY_N_CONSTRAINTS = 3 };
bool sy_flagging_meets(const sy_flagging *flagging, const sy_tune_options *options, int constraint);

/* The rows that a threshold is tuned on, their scores checked. */
typedef struct sy_tune_rows {
  const double *scores;
  const int32_t *ids;
  size_t n;
  int positive;
  const double *row_weights;
  const sy_costs *costs;
} sy_tune_rows;

/* Weight of row i; 0 where it is ignored. */
double sy_tune_weight(const sy_tune_rows *rows, size_t i);

/* What row i costs when it is flagged, or not; 0 and 1 without costs. */
double sy_tune_cost(const sy_tune_rows *rows, size_t i, bool flagged);

/* Rule "score >= threshold" that flags the first `flagged` steps: the shortest decimal between two
 * scores; all: 0 where no score is below it, else -inf; none: inf. */
double sy_tune_threshold_of(const double *scores, size_t n_steps, size_t flagged);

/* Sets the intervals of a tuned threshold: each sample of the rows is tuned anew, which gives its
 * threshold, and the value of the tuned threshold on it.
 * @param steps    distinct scores, falling
 * @param flagged  steps that the tuned threshold flags */
sy_status sy_tune_bootstrap(const sy_tune_rows *rows, const double *steps, size_t n_steps,
                            size_t flagged, const sy_tune_options *options, sy_tuned *tuned,
                            sy_error *error);

/* 95 % interval of the thresholds of samples, NaN among them left out: two of them, for what lies
 * between two thresholds may be none, and they may be infinite. NaN where fewer than half of the
 * samples have one. Sorts `values`. */
void sy_tune_interval(double *values, size_t n, double *low, double *high);

#endif
