/* sigmoid.c: independent yes/no labels, bent or not. Each label has two sides, presence and
 * absence; a side's log p goes by softplus, and derivatives by p and 1 - p, neither by subtraction.
 */
#include "base/clones.h"
#include "base/exponential.h"
#include "loss/softmax.h"

#include <math.h>
#include <string.h>

/* What is true of a cell weighs so much. */
typedef struct sides {
  double present[SY_PIECE_NUMBERS], absent[SY_PIECE_NUMBERS];
} sides;

SY_CLONES static void weigh_two_sides(const double *labels, const double *out, size_t stride,
                                      const double *pair, double smoothing, double *present,
                                      double *absent) {
  double keep = 1 - smoothing, spread = smoothing / 2;
  for (size_t i = 0; i < stride; i++) {
    double there = 1 - out[i];
    present[i] = there * pair[1] * (labels[i] * keep + spread);
    absent[i] = there * pair[0] * ((1 - labels[i]) * keep + spread);
  }
}

static void weigh_sides(const sy_loss_piece *piece, const double *out, sides *weights) {
  const sy_loss *loss = piece->span->loss;
  for (size_t k = 0; k < piece->classes; k++) {
    size_t at = k * piece->stride;
    weigh_two_sides(piece->labels + at, out + at, piece->stride,
                    loss->class_weights + 2 * (piece->begin + k), loss->smoothing,
                    weights->present + at, weights->absent + at);
  }
}

/* Cells taken out become 0, whatever they are; margins go where a label is present. */
SY_CLONES static void move_logits(size_t stride, double margin, const double *labels,
                                  const double *out, double *logits, double *bad) {
  for (size_t i = 0; i < stride; i++) {
    double logit = out[i] > 0 ? 0 : logits[i] - margin * labels[i];
    bad[i] = logit < (double)INFINITY ? bad[i] : 1;
    logits[i] = logit;
  }
}

static size_t check(sy_loss_piece *piece, const double *out) {
  double bad[SY_PIECE_POSITIONS] = {0};
  const double *margins = piece->span->loss->margins;
  for (size_t k = 0; k < piece->classes; k++) {
    size_t at = k * piece->stride;
    move_logits(piece->stride, margins ? margins[piece->begin + k] : 0, piece->labels + at,
                out + at, piece->logits + at, bad);
  }
  for (size_t i = 0; i < piece->n; i++)
    if (bad[i] > 0) return i;
  return SIZE_MAX;
}

/* p, q = 1 - p, and ln(1 + e^-|x|), which both sides share. */
SY_CLONES static void probabilities(const double *logits, size_t n, double *p, double *q,
                                    double *tail) {
  for (size_t c = 0; c < n; c++) {
    double e = sy_exp(-fabs(logits[c])), near = 1 / (1 + e), far = e * near;
    p[c] = logits[c] >= 0 ? near : far;
    q[c] = logits[c] >= 0 ? far : near;
    tail[c] = sy_log1p(e);
  }
}

/* log p of one side: min(x, 0) - ln(1 + e^-|x|) with x the logit toward it. */
SY_CLONES static void log_side(const double *logits, const double *tail, size_t n, double sign,
                               double *log_p) {
  for (size_t c = 0; c < n; c++) {
    double toward = sign * logits[c];
    log_p[c] = (toward < 0 ? toward : 0) - tail[c];
  }
}

/* Adds a side of one label, with p its probability and q that of the other side. A side of no
 * weight is not multiplied by 0, for its loss may be infinite. */
SY_CLONES static void add_row(const sy_loss_piece *piece, const double *weights, double sign,
                              const double *p, const double *q, size_t at, double *losses,
                              double *gradient, double *hessian) {
  for (size_t i = 0, c = at; i < piece->stride; i++, c++) {
    double first = piece->firsts[c] * q[c], scaled = weights[c] * piece->scaled[i];
    double loss = weights[c] * piece->weights[i] * piece->values[c];
    double slope = scaled * first,
           curve = scaled * (piece->seconds[c] * q[c] * q[c] - first * p[c]);
    bool there = weights[c] > 0;
    losses[i] += there ? loss : 0;
    gradient[c] += there ? sign * slope : 0;
    hessian[c] += there ? curve : 0;
  }
}

static void add_side(sy_loss_piece *piece, const double *weights, double sign, const double *p,
                     const double *q, double *gradient, double *hessian) {
  size_t n = piece->classes * piece->stride;
  log_side(piece->logits, piece->labels, n, sign, piece->log_p);
  sy_loss_piece_bend(piece, n);
  for (size_t at = 0; at < n; at += piece->stride)
    add_row(piece, weights, sign, p, q, at, piece->losses, gradient, hessian);
}

/* Labels make room for what both sides share once their weights are known. */
static size_t evaluate_piece(sy_loss_piece *piece, size_t begin) {
  double *out = piece->values, *gradient = piece->costs, *hessian = piece->parts;
  sides weights;
  sy_loss_piece_logits(piece, begin);
  sy_loss_piece_cells(piece, begin, piece->classes, out);
  size_t bad = check(piece, out), n = piece->classes * piece->stride;
  if (bad != SIZE_MAX) return bad;
  weigh_sides(piece, out, &weights);
  probabilities(piece->logits, n, piece->p, piece->q, piece->labels);
  memset(gradient, 0, n * sizeof *gradient);
  memset(hessian, 0, n * sizeof *hessian);
  add_side(piece, weights.present, 1, piece->p, piece->q, gradient, hessian);
  add_side(piece, weights.absent, -1, piece->q, piece->p, gradient, hessian);
  sy_softmax_store(piece, gradient, hessian);
  return SIZE_MAX;
}

size_t sy_loss_sigmoid(sy_loss_piece *piece) {
  size_t begin = 0;
  do {
    size_t bad = evaluate_piece(piece, begin);
    if (bad != SIZE_MAX) return bad;
    begin = sy_loss_piece_next(piece);
  } while (begin > 0);
  return SIZE_MAX;
}
