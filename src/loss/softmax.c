/* softmax.c: softmax cross-entropy, bent or not, with all its parts. */
#include "loss/softmax.h"

#include "base/array.h"
#include "base/clones.h"
#include "base/exponential.h"

#include <math.h>
#include <string.h>

/* --- the largest logit, and the sum of exponentials --- */

void sy_softmax_logits(sy_loss_piece *piece, size_t begin) {
  const sy_loss *loss = piece->span->loss;
  bool there = piece->classes > 0 && piece->begin == begin;
  sy_loss_piece_logits(piece, begin);
  for (size_t i = 0; i < piece->n && loss->margins && !there; i++) {
    size_t k =
        (size_t)(int32_t)piece->ids[i] - begin; /* huge where it is before `begin`, or soft */
    if (piece->active[i] > 0 && k < piece->classes)
      piece->logits[k * piece->stride + i] -= loss->margins[begin + k];
  }
}

SY_CLONES static void raise_top(const double *logits, size_t stride, double place, double *top,
                                double *largest, double *bad) {
  for (size_t i = 0; i < stride; i++) {
    double logit = logits[i];
    bad[i] = logit < (double)INFINITY ? bad[i] : 1;
    largest[i] = logit > top[i] ? place : largest[i];
    top[i] = logit > top[i] ? logit : top[i];
  }
}

static void take_label_logits(const sy_loss_piece *piece, sy_softmax *softmax) {
  for (size_t i = 0; i < piece->n; i++) {
    size_t k = (size_t)(int32_t)piece->ids[i] - piece->begin;
    if (k < piece->classes) softmax->label_logits[i] = piece->logits[k * piece->stride + i];
  }
}

/* Returns the first position whose logits are not usable, else SIZE_MAX. */
static size_t find_top(sy_loss_piece *piece, sy_softmax *softmax) {
  double bad[SY_PIECE_POSITIONS] = {0};
  for (size_t i = 0; i < piece->stride; i++) {
    softmax->top[i] = -(double)INFINITY;
    softmax->largest[i] = 0;
  }
  size_t begin = 0;
  do {
    sy_softmax_logits(piece, begin);
    for (size_t k = 0; k < piece->classes; k++)
      raise_top(piece->logits + k * piece->stride, piece->stride, (double)(begin + k), softmax->top,
                softmax->largest, bad);
    take_label_logits(piece, softmax);
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
  for (size_t i = 0; i < piece->n; i++)
    if (bad[i] > 0 || !(softmax->top[i] > -(double)INFINITY)) return i;
  return SIZE_MAX;
}

/* Exponentials become p; those of the largest class are left out of the sum. */
SY_CLONES static void exponentials(const double *logits, const double *top, size_t stride,
                                   double *p) {
  for (size_t i = 0; i < stride; i++) p[i] = sy_exp(logits[i] - top[i]);
}

SY_CLONES static void add_others(const double *p, const double *largest, size_t stride,
                                 double place, double *others) {
  for (size_t i = 0; i < stride; i++) others[i] += largest[i] == place ? 0 : p[i];
}

SY_CLONES static void end_sums(sy_softmax *softmax, size_t stride) {
  for (size_t i = 0; i < stride; i++) {
    softmax->inverse[i] = 1 / (1 + softmax->others[i]);
    softmax->log_sum[i] = sy_log1p(softmax->others[i]);
  }
}

static void find_sums(sy_loss_piece *piece, sy_softmax *softmax) {
  memset(softmax->others, 0, sizeof softmax->others);
  size_t begin = 0, stride = piece->stride;
  do {
    sy_softmax_logits(piece, begin);
    for (size_t k = 0; k < piece->classes; k++) {
      double *p = piece->p + k * stride;
      exponentials(piece->logits + k * stride, softmax->top, stride, p);
      add_others(p, softmax->largest, stride, (double)(begin + k), softmax->others);
    }
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
  end_sums(softmax, stride);
}

SY_CLONES static void end_probabilities(const sy_softmax *softmax, size_t stride, double place,
                                        const double *logits, double *log_p, double *p, double *q) {
  for (size_t i = 0; i < stride; i++) {
    double far = logits[i] - softmax->top[i], inverse = softmax->inverse[i];
    double share = p[i] * inverse, rest = softmax->others[i] * inverse;
    bool is_top = softmax->largest[i] == place;
    log_p[i] = (is_top ? 0 : far) - softmax->log_sum[i];
    p[i] = share;
    q[i] = is_top ? rest : 1 - share;
  }
}

/* Of a piece that is whole the exponentials are those of find_sums. */
void sy_softmax_probabilities(const sy_softmax *softmax, sy_loss_piece *piece) {
  size_t stride = piece->stride;
  for (size_t k = 0; k < piece->classes; k++) {
    size_t at = k * stride;
    if (!piece->whole) exponentials(piece->logits + at, softmax->top, stride, piece->p + at);
    end_probabilities(softmax, stride, (double)(piece->begin + k), piece->logits + at,
                      piece->log_p + at, piece->p + at, piece->q + at);
  }
}

/* --- weights --- */

/* What multiplies the loss of class k, beside the label's part in it. */
static double weight_of(const sy_loss *loss, const sy_softmax *softmax, size_t k, size_t i) {
  size_t largest = (size_t)softmax->largest[i];
  double weight = loss->class_weights[loss->weigh_by_prediction ? largest : k];
  bool priced = loss->cost_use == SY_COST_ARGMAX && !softmax->own_costs;
  return priced ? weight * loss->cost[k * loss->n_classes + largest] : weight;
}

SY_CLONES static void weigh_labels(const double *labels, const double *weights, size_t stride,
                                   double keep, double spread, double *parts) {
  for (size_t i = 0; i < stride; i++) {
    double label = labels[i] * keep + spread;
    parts[i] = label > 0 ? label * weights[i] : 0;
  }
}

void sy_softmax_parts(const sy_softmax *softmax, sy_loss_piece *piece, size_t begin,
                      size_t classes) {
  const sy_loss *loss = piece->span->loss;
  double keep = 1 - loss->smoothing, spread = loss->smoothing / (double)loss->n_classes;
  size_t stride = piece->stride;
  sy_loss_piece_labels(piece, begin, classes);
  for (size_t k = 0; k < classes; k++) {
    double weights[SY_PIECE_POSITIONS];
    for (size_t i = 0; i < stride; i++) weights[i] = weight_of(loss, softmax, begin + k, i);
    weigh_labels(piece->labels + k * stride, weights, stride, keep, spread,
                 piece->parts + k * stride);
  }
}

/* Weights by prediction are told to the driver; with cost-argmax, costs that the positions have of
 * their own become part of their weights. */
static void weigh_positions(sy_loss_piece *piece, const sy_softmax *softmax) {
  const sy_loss_span *span = piece->span;
  const sy_loss *loss = span->loss;
  for (size_t i = 0; i < piece->n; i++) {
    size_t largest = (size_t)softmax->largest[i];
    if (loss->weigh_by_prediction)
      span->found[piece->first + i] = piece->weights[i] * loss->class_weights[largest];
    if (loss->cost_use != SY_COST_ARGMAX || !softmax->own_costs) continue;
    double cost = 0;
    size_t row = (span->first + piece->first + i) * loss->n_classes;
    if (piece->active[i] > 0) sy_array_block_f64(span->costs, row + largest, 1, &cost);
    piece->weights[i] *= cost;
    piece->scaled[i] *= cost;
  }
}

/* --- losses --- */

/* Positions with one class each, without smoothing: that class is all there is. */
static void add_hard(sy_loss_piece *piece, sy_softmax *softmax) {
  const sy_loss *loss = piece->span->loss;
  for (size_t i = 0; i < piece->stride; i++) {
    bool is_top = softmax->largest[i] == piece->ids[i];
    double far = softmax->label_logits[i] - softmax->top[i];
    piece->log_p[i] = (is_top ? 0 : far) - softmax->log_sum[i];
  }
  sy_loss_piece_bend(piece, piece->stride);
  for (size_t i = 0; i < piece->n; i++) {
    double weight = weight_of(loss, softmax, (size_t)piece->ids[i], i) * piece->active[i];
    if (weight == 0) continue;
    piece->losses[i] = weight * piece->weights[i] * piece->values[i];
    softmax->first[i] = weight * piece->scaled[i] * piece->firsts[i];
    softmax->second[i] = weight * piece->scaled[i] * piece->seconds[i];
  }
}

/* Products of n numbers; what has no part is not multiplied by 0, for it may be infinite. */
SY_CLONES static void multiply(const double *parts, const double *weights, size_t n,
                               double *numbers) {
  for (size_t i = 0; i < n; i++) {
    double product = parts[i] * weights[i] * numbers[i];
    numbers[i] = parts[i] != 0 ? product : 0;
  }
}

SY_CLONES static void add(const double *numbers, size_t n, double *sums) {
  for (size_t i = 0; i < n; i++) sums[i] += numbers[i];
}

/* Bent losses of all classes loaded, times the parts that the labels have in them. */
static void bend_parts(sy_loss_piece *piece, const sy_softmax *softmax) {
  size_t stride = piece->stride;
  sy_softmax_parts(softmax, piece, piece->begin, piece->classes);
  sy_loss_piece_bend(piece, piece->classes * stride);
  for (size_t at = 0; at < piece->classes * stride; at += stride) {
    const double *parts = piece->parts + at;
    multiply(parts, piece->weights, stride, piece->values + at);
    multiply(parts, piece->scaled, stride, piece->firsts + at);
    multiply(parts, piece->scaled, stride, piece->seconds + at);
  }
}

static void add_shared(sy_loss_piece *piece, sy_softmax *softmax) {
  size_t begin = 0, stride = piece->stride;
  do {
    sy_softmax_logits(piece, begin);
    sy_softmax_probabilities(softmax, piece);
    bend_parts(piece, softmax);
    for (size_t at = 0; at < piece->classes * stride; at += stride) {
      add(piece->values + at, stride, piece->losses);
      add(piece->firsts + at, stride, softmax->first);
      add(piece->seconds + at, stride, softmax->second);
    }
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
}

/* --- derivatives --- */

/* With c and e of class k and their sums C and E:
 * dl/dz'_k = c - p C = c q - p (C - c), and
 * d2l/dz'_k^2 = e (1 - 2p) + p^2 E - C p q = e q^2 + p^2 (E - e) - C p q. */
SY_CLONES static void derive(const sy_softmax *softmax, size_t stride, const double *p,
                             const double *q, const double *c, double *gradient) {
  for (size_t i = 0; i < stride; i++) gradient[i] = c[i] * q[i] - p[i] * (softmax->first[i] - c[i]);
}

/* A focal loss of gamma below 1 has p^2 below and the sum of e above what numbers hold: p comes in
 * one at a time. */
/* E may be large where p is small: p is multiplied in one at a time, for p^2 may underflow. */
SY_CLONES static void derive_twice(const sy_softmax *softmax, size_t stride, const double *p,
                                   const double *q, const double *e, double *hessian) {
  for (size_t i = 0; i < stride; i++)
    hessian[i] = e[i] * q[i] * q[i] + p[i] * (softmax->second[i] - e[i]) * p[i] -
                 softmax->first[i] * p[i] * q[i];
}

/* c and e of class k, of positions with one class. */
SY_CLONES static void spread_hard(const sy_softmax *softmax, const double *ids, size_t stride,
                                  double place, double *c, double *e) {
  for (size_t i = 0; i < stride; i++) {
    c[i] = ids[i] == place ? softmax->first[i] : 0;
    e[i] = ids[i] == place ? softmax->second[i] : 0;
  }
}

/* The derivatives take the place of log_p and values. */
static void derive_piece(sy_loss_piece *piece, const sy_softmax *softmax) {
  size_t stride = piece->stride;
  for (size_t k = 0; k < piece->classes; k++) {
    size_t at = k * stride;
    if (!piece->shared)
      spread_hard(softmax, piece->ids, stride, (double)(piece->begin + k), piece->firsts + at,
                  piece->seconds + at);
    derive(softmax, stride, piece->p + at, piece->q + at, piece->firsts + at, piece->values + at);
    if (piece->span->hessian)
      derive_twice(softmax, stride, piece->p + at, piece->q + at, piece->seconds + at,
                   piece->log_p + at);
  }
  sy_softmax_store(piece, piece->values, piece->log_p);
}

void sy_softmax_store(const sy_loss_piece *piece, double *gradient, double *hessian) {
  const sy_loss_span *span = piece->span;
  if (span->gradient) sy_loss_piece_store(piece, gradient, 1, span->gradient);
  if (span->hessian) sy_loss_piece_store(piece, hessian, 2, span->hessian);
}

static void find_derivatives(sy_loss_piece *piece, sy_softmax *softmax) {
  size_t begin = 0;
  do {
    sy_softmax_logits(piece, begin);
    if (!piece->shared || !piece->whole) sy_softmax_probabilities(softmax, piece);
    if (piece->shared && !piece->whole) bend_parts(piece, softmax);
    derive_piece(piece, softmax);
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
}

size_t sy_loss_softmax(sy_loss_piece *piece) {
  const sy_loss_span *span = piece->span;
  sy_softmax softmax = {.own_costs = span->costs};
  size_t bad = find_top(piece, &softmax);
  if (bad != SIZE_MAX) return bad;
  find_sums(piece, &softmax);
  weigh_positions(piece, &softmax);
  if (span->loss->cost_use == SY_COST_EXPECTED) {
    sy_loss_expected(piece, &softmax);
    return SIZE_MAX;
  }
  if (piece->shared)
    add_shared(piece, &softmax);
  else
    add_hard(piece, &softmax);
  if (span->gradient || span->hessian) find_derivatives(piece, &softmax);
  return SIZE_MAX;
}
