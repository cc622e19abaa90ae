/* tile.c: straight loops over the rows of a tile, for the compiler to make vectors of. Sums go in
 * eight lanes, which is one order at every width. */
#include "loss/tile.h"

#include "base/clones.h"
#include "base/exponential.h"

#include <math.h>

enum { ROWS = SY_TILE_ROWS, LANES = SY_LANES };

/* Rows beyond the last weigh nothing. */
SY_INLINE void pad(const sy_loss_tile *tile, double *labels, double *weights) {
  for (size_t r = 0; r < tile->count; r++) {
    labels[r] = (double)tile->targets[r];
    weights[r] = tile->weights[r];
  }
  for (size_t r = tile->count; r < tile->stride; r++) labels[r] = weights[r] = 0;
}

SY_INLINE double sum(const double *values, size_t n) {
  double lane[LANES] = {0};
  for (size_t r = 0; r < n; r += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += values[r + l];
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

SY_INLINE void find_largest(const sy_loss_tile *tile, double *top, double *largest) {
  for (size_t r = 0; r < tile->stride; r++) top[r] = tile->scores[r], largest[r] = 0;
  for (size_t k = 1; k < tile->n_vectors; k++) {
    const double *scores = tile->scores + k * tile->stride;
    for (size_t r = 0; r < tile->stride; r++) {
      largest[r] = scores[r] > top[r] ? (double)k : largest[r];
      top[r] = scores[r] > top[r] ? scores[r] : top[r];
    }
  }
}

/* Exponentials of the distances to the largest logit, and the sum of all but the largest's 1. */
SY_INLINE void exponentials(const sy_loss_tile *tile, const double *top, const double *largest,
                            double *others) {
  for (size_t r = 0; r < tile->stride; r++) others[r] = 0;
  for (size_t k = 0; k < tile->n_vectors; k++) {
    const double *scores = tile->scores + k * tile->stride;
    double *out = tile->probabilities + k * tile->stride, place = (double)k;
    for (size_t r = 0; r < tile->stride; r++) {
      double e = sy_exp(scores[r] - top[r]);
      others[r] += largest[r] == place ? 0 : e;
      out[r] = e;
    }
  }
}

/* Weighted residuals, and what each class adds to its curvature. */
SY_INLINE void residuals(const sy_loss_tile *tile, const double *labels, const double *weights,
                         const double *others) {
  double scale[ROWS], rest[ROWS];
  for (size_t r = 0; r < tile->stride; r++) scale[r] = 1 / (1 + others[r]), rest[r] = 0;
  for (size_t k = 0; k < tile->n_vectors; k++) {
    double *p = tile->probabilities + k * tile->stride, place = (double)k;
    for (size_t r = 0; r < tile->stride; r++) {
      p[r] *= scale[r];
      rest[r] += labels[r] == place ? 0 : p[r];
    }
  }
  for (size_t k = 0; k < tile->n_vectors; k++) {
    const double *p = tile->probabilities + k * tile->stride;
    double *scores = tile->scores + k * tile->stride, place = (double)k, bends[ROWS];
    for (size_t r = 0; r < tile->stride; r++) {
      double residual = labels[r] == place ? -rest[r] : p[r], distance = fabs(residual);
      scores[r] = weights[r] * residual;
      bends[r] = weights[r] * distance * (1 - distance);
    }
    tile->curvature[k] += sum(bends, tile->stride);
  }
}

SY_CLONES static double softmax(const sy_loss_tile *tile) {
  double labels[ROWS], weights[ROWS], top[ROWS], largest[ROWS], others[ROWS], losses[ROWS];
  pad(tile, labels, weights);
  find_largest(tile, top, largest);
  exponentials(tile, top, largest, others);
  for (size_t r = 0; r < tile->count; r++)
    losses[r] = top[r] - tile->scores[(size_t)tile->targets[r] * tile->stride + r];
  for (size_t r = tile->count; r < tile->stride; r++) losses[r] = 0;
  for (size_t r = 0; r < tile->stride; r++)
    losses[r] = weights[r] * (sy_log1p(others[r]) + (labels[r] == largest[r] ? 0 : losses[r]));
  residuals(tile, labels, weights, others);
  return sum(losses, tile->stride);
}

SY_CLONES static double sigmoid(const sy_loss_tile *tile) {
  double labels[ROWS], weights[ROWS], losses[ROWS], bends[ROWS];
  double *scores = tile->scores, *probabilities = tile->probabilities;
  pad(tile, labels, weights);
  for (size_t r = 0; r < tile->stride; r++) {
    double score = scores[r], wrong = labels[r] > 0 ? -score : score;
    double e = sy_exp(-fabs(score)), near = 1 / (1 + e), far = e * near;
    double distance = wrong >= 0 ? near : far;
    scores[r] = weights[r] * (labels[r] > 0 ? -distance : distance);
    losses[r] = weights[r] * ((wrong > 0 ? wrong : 0) + sy_log1p(e));
    probabilities[r] = near * far;
    bends[r] = weights[r] * (near * far);
  }
  tile->curvature[0] += sum(bends, tile->stride);
  return sum(losses, tile->stride);
}

/* clang 14 gives a clone no name that other files could call. */
double sy_softmax_tile(const sy_loss_tile *tile) {
  return softmax(tile);
}

double sy_sigmoid_tile(const sy_loss_tile *tile) {
  return sigmoid(tile);
}
