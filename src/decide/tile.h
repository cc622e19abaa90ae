/* tile.h: correcting and deciding rows that lie on their side (base/tile.h): class after class,
 * `stride` elements apart. To the same bits as sy_correct and sy_decide. */
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

#endif
