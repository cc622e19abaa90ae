/* tile.h: correcting and deciding rows that lie on their side (base/tile.h): class after class,
 * `stride` elements apart. To the same bits as the calls on whole rows in
 * steelyard/decide.h. */
#ifndef SY_DECIDE_TILE_H
#define SY_DECIDE_TILE_H

#include "base/tile.h"
#include <steelyard/decide.h>

/* ln w_k for each class, infinity for a class of weight 0: what sy_correct_tile takes off. */
void sy_correct_shifts(const double *class_weights, size_t n_classes, double *shifts);

/* Corrected probabilities of a tile of logits (K, stride), at most SY_TILE_ROWS rows. The logits
 * become log-probabilities where those are wanted, and are used up where not.
 * @param probabilities  (K, stride) out */
void sy_correct_tile(double *logits, size_t n_classes, size_t stride, const double *shifts,
                     bool want_logs, double *probabilities);

/* Whether for each actual class all mistakes cost the same, as plain and implied costs do; then
 * gains[k] (K, or NULL) is what being right about class k saves, as a negative cost. */
bool sy_cost_gains(const double *cost, size_t n_classes, double *gains);

/* Decides a tile of probabilities (K, stride).
 * @param gains      of sy_cost_gains, or NULL where costs are not that simple
 * @param expected   (K, stride) scratch
 * @param decisions  (stride) out */
void sy_decide_tile(const double *probabilities, size_t n_classes, size_t stride,
                    const double *cost, const double *gains, double *expected, int32_t *decisions);

/* Decides a tile at costs that vary: values of costs->values lie (V, stride), one for each row of
 * the tile.
 * @param expected   (K, stride) scratch
 * @param decisions  (stride) out */
void sy_decide_costs_tile(const double *probabilities, size_t stride, const sy_costs *costs,
                          double *expected, int32_t *decisions);

/* Calibrates a tile of log-probabilities (K, stride) in place, its first `rows` rows to the bits of
 * sy_calibration_apply. */
void sy_calibrate_tile(const sy_calibration *calibration, double *log_probabilities, size_t rows,
                       size_t stride);

/* What sy_correct_tile has to take off for another prior, -ln r_k of each class (infinity for a
 * ratio of 0): the bits of sy_prior_shift. */
void sy_prior_shifts(const double *ratio, size_t n_classes, double *shifts);

#endif
