/* prior_estimate.h: the likelihood of a prior, shared by its estimate and its interval. */
#ifndef SY_DECIDE_PRIOR_ESTIMATE_H
#define SY_DECIDE_PRIOR_ESTIMATE_H

#include "base/bounded.h"
#include <steelyard/decide.h>

/* The rows that count, over the A classes of trained prior above 0. */
typedef struct sy_prior_rows {
  size_t n, n_active;
  size_t *active;  /* (A) which classes */
  double *ratios;  /* (n, A) p_ik / trained_prior_k, by a factor of the row so that they sum to 1 */
  double *weights; /* (n) */
  double weight;   /* their sum */
  size_t n_blocks, block_rows; /* by shape alone */
  double *slots;               /* (n_blocks, 1 + A + 2 A^2) */
} sy_prior_rows;

/* Checks and enters the rows; release with sy_prior_rows_clear, also after a failure. */
sy_status sy_prior_rows_make(const double *log_probabilities, size_t n, size_t n_classes,
                             const double *row_weights, const double *trained_prior,
                             sy_prior_rows *rows, sy_error *error);

void sy_prior_rows_clear(sy_prior_rows *rows);

/* One step of EM: returns the largest change of a share. prior: (A) in and out */
double sy_prior_step(const sy_prior_rows *rows, double *prior);

/* What the estimate minimises over prior >= 0, as sy_bounded_fn with a sy_prior_rows for context:
 *   sum_k prior_k - (1 / W) sum_i r_i log sum_k ratio_ik prior_k
 * Its minimum has sum_k prior_k = 1 by itself: along (c prior) the minimum lies at c = 1 / sum. */
void sy_prior_evaluate(void *context, sy_bounded_place *place);

/* Second derivatives of the log-likelihood at a prior, and what stands in for them where a row is
 * one observation whatever it weighs: with u_ik = ratio_ik / sum_j ratio_ij prior_j,
 * curvature = sum_i r_i u_i u_i', spread = sum_i r_i^2 u_i u_i'; and slope_k = sum_i r_i u_ik.
 * curvature, spread: (A, A) whole; slope: (A) */
void sy_prior_curvature(const sy_prior_rows *rows, const double *prior, double *slope,
                        double *curvature, double *spread);

/* The 95 % interval of each share. low, high: (A) out */
sy_status sy_prior_interval(const sy_prior_rows *rows, const double *prior, double *low,
                            double *high, sy_error *error);

#endif
