/* booster.h: XGBoost's booster, as the growing of trees needs it. The only file behind it
 * knows XGBoost's own names. */
#ifndef SY_FIT_BOOSTED_BOOSTER_H
#define SY_FIT_BOOSTED_BOOSTER_H

#include <steelyard/fit.h>

/* A booster with the rows that it looks at. Zero-initialise. */
typedef struct sy_grower {
  void *booster;
  void *rows[2]; /* those to train on, and those held back (NULL: none) */
  size_t n_outputs;
  int round; /* rounds that are done */
} sy_grower;

/* Hands rows over: (n, columns) float32, NaN = missing, copied.
 * @param held     0 = to train on, 1 = held back
 * @param weights  (n) or NULL; how much rows count where columns are cut into bins */
sy_status sy_grower_take(sy_grower *grower, int held, sy_matrix rows, const float *weights,
                         sy_error *error);

/* Makes the booster, of trees for 1 or K >= 3 logits, once there are rows. */
sy_status sy_grower_begin(sy_grower *grower, const sy_boosted_options *options, size_t n_outputs,
                          sy_error *error);

/* Sums of leaves (n, n_outputs) of the rows so far; gone with the next call.
 * @param held  as above */
sy_status sy_grower_sums(sy_grower *grower, int held, const float **sums, sy_error *error);

/* One round: a tree of each logit on gradients and Hessians (n x n_outputs). */
sy_status sy_grower_round(sy_grower *grower, float *gradients, float *hessians, size_t n,
                          sy_error *error);

/* The trees as a predictor of base 0; free with sy_predictor_free. */
sy_status sy_grower_trees(sy_grower *grower, sy_predictor **trees, sy_error *error);

void sy_grower_clear(sy_grower *grower);

#endif
