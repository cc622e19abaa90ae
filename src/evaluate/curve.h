/* curve.h: one class against the rest, walked down from its most probable row. */
#ifndef SY_EVALUATE_CURVE_H
#define SY_EVALUATE_CURVE_H

#include "evaluate/bins.h"
#include "evaluate/rank.h"

#include <steelyard/evaluate.h>

enum { SY_CURVE_BINS = 10 };

/* Sums of weights while walking down. Begins as {.total = weight of all rows}. */
typedef struct sy_walk {
  double total;
  double positives, negatives;
  double pairs;      /* pairs (positive, negative) in the right order, ties half */
  double precisions; /* precision at each positive */
  double predicted[SY_CURVE_BINS], observed[SY_CURVE_BINS];
} sy_walk;

/* A group of rows of equal probability is one step of the curves, and falls into one bin; a group
 * without weight is none. */
static inline void sy_walk_step(sy_walk *walk, double probability, double positives,
                                double negatives) {
  double weight = positives + negatives;
  if (!(weight > 0)) return;
  size_t bin = sy_bin_of(walk->positives + walk->negatives, weight, walk->total, SY_CURVE_BINS);
  walk->predicted[bin] += weight * probability;
  walk->observed[bin] += positives;
  walk->pairs += negatives * (walk->positives + positives / 2);
  walk->positives += positives;
  walk->negatives += negatives;
  if (positives > 0)
    walk->precisions += positives * (walk->positives / (walk->positives + walk->negatives));
}

typedef struct sy_curve {
  double roc_auc, average_precision, calibration_error;
} sy_curve;

/* What a finished walk says. */
sy_curve sy_walk_finish(const sy_walk *walk);

/* Rows in order of the logarithm of a probability, as the walk takes them. */
typedef enum sy_walk_order {
  SY_WALK_WEIGHTS,    /* sorted by key, which carries weights */
  SY_WALK_PAIRS,      /* pairs, sorted by class 1, for class 1 */
  SY_WALK_PAIRS_BACK, /* the same, from their end, for class 0 */
} sy_walk_order;

/* Walks down. total: weight of all rows. False, and no curve, where the rows are not in order of
 * class 0 from their end. */
bool sy_curve_walk(const sy_ranked *sorted, size_t n, sy_walk_order order, double total,
                   sy_curve *curve);

/* Means over the classes where something is defined: sums and how many. */
typedef struct sy_curve_means {
  struct {
    double sum, n;
  } roc_auc, average_precision, calibration_error;
} sy_curve_means;

/* Makes the curves of all classes undefined. */
void sy_curves_none(sy_metrics *metrics);

/* Fills in the curve of class k. Means begin as {0}. */
void sy_curves_add(sy_curve_means *means, size_t k, const sy_curve *curve, sy_metrics *metrics);

/* Fills in what follows for all classes. */
void sy_curves_end(const sy_curve_means *means, int positive, sy_metrics *metrics);

#endif
