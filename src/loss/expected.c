/* expected.c: cost-expected, sum_k w_k y_k sum_j C[k, j] p_j. Costs are taken relative to that of
 * the largest class, so that a position that is nearly certain keeps its digits. */
#include "base/clones.h"
#include "loss/softmax.h"

#include <string.h>

/* Adds label class k's part of the costs: A_j += w_k y_k C[k, j]. */
static void add_row(sy_loss_piece *piece, const double *parts, const double *row) {
  size_t stride = piece->stride;
  for (size_t j = 0; j < piece->classes; j++)
    for (size_t i = 0; i < stride; i++)
      piece->costs[j * stride + i] += parts[i] * row[piece->begin + j];
}

/* Positions' own costs are theirs whatever the label: only its weight counts. */
static void scale_own(sy_loss_piece *piece, const double *total) {
  sy_loss_piece_costs(piece);
  for (size_t j = 0; j < piece->classes; j++)
    for (size_t i = 0; i < piece->stride; i++) piece->costs[j * piece->stride + i] *= total[i];
}

/* Of positions with one class, without smoothing, one row of costs is all there is. */
static void find_hard(sy_loss_piece *piece, const double *class_weights, const double *cost) {
  size_t stride = piece->stride, n_classes = piece->span->loss->n_classes;
  for (size_t i = 0; i < stride; i++) {
    const double *row = cost + (size_t)piece->ids[i] * n_classes + piece->begin;
    double weight = class_weights[(size_t)piece->ids[i]];
    for (size_t j = 0; j < piece->classes; j++) piece->costs[j * stride + i] = weight * row[j];
  }
}

/* A walk over the classes of the labels, for the costs of the classes loaded. */
static void find_shared(sy_loss_piece *piece, const sy_softmax *softmax) {
  const sy_loss *loss = piece->span->loss;
  size_t stride = piece->stride, n_classes = loss->n_classes;
  double total[SY_PIECE_POSITIONS] = {0};
  memset(piece->costs, 0, piece->classes * stride * sizeof *piece->costs);
  for (size_t begin = 0; begin < n_classes; begin += piece->room) {
    size_t classes = n_classes - begin < piece->room ? n_classes - begin : piece->room;
    sy_softmax_parts(softmax, piece, begin, classes);
    for (size_t k = 0; k < classes; k++) {
      const double *parts = piece->parts + k * stride;
      for (size_t i = 0; i < stride; i++) total[i] += parts[i];
      if (!softmax->own_costs) add_row(piece, parts, loss->cost + (begin + k) * n_classes);
    }
  }
  if (softmax->own_costs) scale_own(piece, total);
}

/* The costs A_j of the classes loaded. */
static void find_costs(sy_loss_piece *piece, const sy_softmax *softmax) {
  const sy_loss *loss = piece->span->loss;
  if (piece->shared || softmax->own_costs || loss->weigh_by_prediction)
    find_shared(piece, softmax);
  else
    find_hard(piece, loss->class_weights, loss->cost);
}

static void load(sy_loss_piece *piece, sy_softmax *softmax, size_t begin) {
  sy_softmax_logits(piece, begin);
  find_costs(piece, softmax);
}

/* The cost of the largest class. */
static void find_base(sy_loss_piece *piece, sy_softmax *softmax, double *base) {
  size_t begin = 0;
  do {
    load(piece, softmax, begin);
    for (size_t i = 0; i < piece->stride; i++) {
      size_t j = (size_t)softmax->largest[i] - begin;
      if (j < piece->classes) base[i] = piece->costs[j * piece->stride + i];
    }
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
}

/* What is expected above the cost of the largest class. */
SY_CLONES static void add_above(size_t stride, double place, const double *p, const double *costs,
                                const double *largest, const double *base, double *above) {
  for (size_t i = 0; i < stride; i++)
    above[i] += largest[i] == place ? 0 : p[i] * (costs[i] - base[i]);
}

static void find_above(sy_loss_piece *piece, sy_softmax *softmax, const double *base,
                       double *above) {
  size_t begin = 0, stride = piece->stride;
  do {
    if (!piece->whole) load(piece, softmax, begin);
    sy_softmax_probabilities(softmax, piece);
    for (size_t j = 0; j < piece->classes; j++)
      add_above(stride, (double)(begin + j), piece->p + j * stride, piece->costs + j * stride,
                softmax->largest, base, above);
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
}

/* dl/dz'_j = p (A_j - mean), d2l/dz'_j^2 = p (1 - 2p) (A_j - mean). */
SY_CLONES static void derive_expected(size_t stride, const double *scaled, const double *p,
                                      const double *q, const double *costs, const double *base,
                                      const double *above, double *gradient, double *hessian) {
  for (size_t i = 0; i < stride; i++) {
    double slope = p[i] * ((costs[i] - base[i]) - above[i]) * scaled[i];
    gradient[i] = slope;
    hessian[i] = (q[i] - p[i]) * slope;
  }
}

static void find_derivatives(sy_loss_piece *piece, sy_softmax *softmax, const double *base,
                             const double *above) {
  size_t begin = 0, stride = piece->stride;
  do {
    if (!piece->whole) {
      load(piece, softmax, begin);
      sy_softmax_probabilities(softmax, piece);
    }
    for (size_t j = 0; j < piece->classes; j++) {
      size_t at = j * stride;
      derive_expected(stride, piece->scaled, piece->p + at, piece->q + at, piece->costs + at, base,
                      above, piece->values + at, piece->log_p + at);
    }
    sy_softmax_store(piece, piece->values, piece->log_p);
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
}

void sy_loss_expected(sy_loss_piece *piece, sy_softmax *softmax) {
  double base[SY_PIECE_POSITIONS] = {0}, above[SY_PIECE_POSITIONS] = {0};
  find_base(piece, softmax, base);
  find_above(piece, softmax, base, above);
  for (size_t i = 0; i < piece->n; i++)
    piece->losses[i] = piece->active[i] > 0 ? piece->weights[i] * (base[i] + above[i]) : 0;
  if (piece->span->gradient || piece->span->hessian) find_derivatives(piece, softmax, base, above);
}
