/* tile.h: losses of a tile of rows whose logits lie on their side, one class after the other, so
 * that the exponentials of neighbouring rows are one vector. The formulas are those of row.h. */
#ifndef SY_LOSS_TILE_H
#define SY_LOSS_TILE_H

#include "base/tile.h"

/* Logits of class k at scores + k * stride; stride is `count` rounded up to whole lanes, at most
 * SY_TILE_ROWS. What lies beyond the last row must be finite and is overwritten. */
typedef struct sy_loss_tile {
  size_t count, stride, n_vectors; /* 1 = sigmoid */
  const int32_t *targets;          /* (count) 0..n_vectors - 1, or 0 and 1 */
  const double *weights;           /* (count) */
  double *scores;                  /* in: logits; out: weighted residuals, w d loss / d logit */
  double *probabilities;           /* (n_vectors, stride) out; sigmoid: (stride) p (1 - p) */
  double *curvature;               /* (n_vectors) += sum of w p (1 - p) */
} sy_loss_tile;

/* Both return the weighted sum of the losses. */
double sy_softmax_tile(const sy_loss_tile *tile);
double sy_sigmoid_tile(const sy_loss_tile *tile);

#endif
