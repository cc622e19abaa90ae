/* loss_reference.h: losses as they are defined, position by position in long double, slow and
 * plain: what the kernels are compared with. Nothing here comes from the library but the names of
 * options.
 *
 * Derivatives are written so that they lose no digits where a probability is nearly 1: `rest` is
 * 1 - p, summed from the others. */
#ifndef TESTS_LOSS_REFERENCE_H
#define TESTS_LOSS_REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <steelyard/loss.h>

typedef long double real;

/* A loss and a batch for it. */
typedef struct loss_problem {
  sy_loss_options options;        /* without parts and counts: those are the numbers that follow */
  double focal;                   /* gamma; 0 = cross-entropy */
  double adjustment;              /* tau of a logit adjustment; 0 = none */
  double ldam_margin, ldam_scale; /* 0 = none */
  bool vs;
  double vs_gamma, vs_tau;
  const double *counts; /* (K) */
  size_t n;
  const double *logits;  /* (n, K) */
  const double *labels;  /* (n, K): parts of the classes; of a sigmoid NaN is a cell taken out */
  const bool *taken_out; /* (n) */
  const double *row_weights; /* (n) or NULL */
  const double *row_costs;   /* (n, K) or NULL */
} loss_problem;

/* What must come out. A size is the sum of the absolute terms that a number is made of: what errors
 * of rounding are measured by. */
typedef struct loss_answer {
  real value, value_size, total_weight, divisor;
  real largest;                   /* largest finite |z'| that was looked at */
  real *losses, *losses_size;     /* (n) */
  real *gradient, *gradient_size; /* (n, K) */
  real *hessian, *hessian_size;   /* (n, K) */
  real *memory;
} loss_answer;

/* A function of lp = log p with its two derivatives in lp. */
typedef struct bend {
  real value, first, second;
} bend;

/* -(1 - p)^gamma lp. With r = -lp / (1 - p), which tends to 1 where p does, no term is 0 x inf. */
static inline bend reference_bend(const loss_problem *p, real lp) {
  real gamma = p->focal;
  if (gamma == 0) return (bend){-lp, -1, 0};
  if (lp == 0) return (bend){0, 0, gamma > 1 ? 0 : gamma == 1 ? 2 : HUGE_VALL};
  if (isinf(lp)) return (bend){HUGE_VALL, -1, 0};
  real probability = expl(lp), rest = -expm1l(lp), r = -lp / rest;
  real power = powl(rest, gamma), below = powl(rest, gamma - 1);
  return (bend){-power * lp, -power * (1 + gamma * probability * r),
                gamma * below * probability * (2 + lp + (gamma - 1) * probability * r)};
}

/* z' = slope z + offset - margin [label]; all three have the scale in them. */
typedef struct reference_transform {
  real slope, offset, margin;
} reference_transform;

static inline reference_transform transform_of(const loss_problem *p, size_t k) {
  const sy_loss_options *o = &p->options;
  reference_transform t = {o->slopes ? o->slopes[k] : 1, o->offsets ? o->offsets[k] : 0,
                           o->margins ? o->margins[k] : 0};
  real scale = o->scale > 0 ? o->scale : 1, total = 0, most = 0, least = HUGE_VALL;
  for (size_t j = 0; p->counts && j < o->n_classes; j++) {
    total += p->counts[j];
    most = fmaxl(most, p->counts[j]);
    least = fminl(least, p->counts[j]);
  }
  if (p->adjustment != 0) t.offset += p->adjustment * logl(p->counts[k] / total);
  if (p->vs) {
    t.slope *= powl(p->counts[k] / most, p->vs_gamma);
    t.offset += p->vs_tau * logl(p->counts[k] / total);
  }
  if (p->ldam_scale > 0) {
    t.margin += p->ldam_margin * powl(least / p->counts[k], 0.25L);
    scale *= p->ldam_scale;
  }
  return (reference_transform){scale * t.slope, scale * t.offset, scale * t.margin};
}

/* --- one position of a softmax --- */

typedef struct softmax_row {
  real *log_p, *probability, *rest, *c, *e; /* (K) each */
  size_t largest;
} softmax_row;

static inline void softmax_of(const loss_problem *p, size_t i, const reference_transform *t,
                              softmax_row *row, loss_answer *answer) {
  size_t K = p->options.n_classes;
  real others = 0;
  row->largest = 0;
  for (size_t k = 0; k < K; k++) {
    bool label = p->labels[i * K + k] == 1;
    row->log_p[k] = t[k].slope * p->logits[i * K + k] + t[k].offset - (label ? t[k].margin : 0);
    if (isfinite(row->log_p[k])) answer->largest = fmaxl(answer->largest, fabsl(row->log_p[k]));
    if (row->log_p[k] > row->log_p[row->largest]) row->largest = k;
  }
  real top = row->log_p[row->largest];
  for (size_t k = 0; k < K; k++)
    if (k != row->largest) others += expl(row->log_p[k] - top);
  for (size_t k = 0; k < K; k++) {
    row->log_p[k] = row->log_p[k] - top - log1pl(others);
    row->probability[k] = expl(row->log_p[k]);
    row->rest[k] = k == row->largest ? others / (1 + others) : 1 - row->probability[k];
  }
}

/* Class weight of class k in a position whose prediction is known. */
static inline real weight_of(const loss_problem *p, size_t k, size_t predicted) {
  const double *w = p->options.class_weights;
  return w ? w[p->options.weigh_by_prediction ? predicted : k] : 1;
}

static inline real cost_of(const loss_problem *p, size_t i, size_t actual, size_t predicted) {
  size_t K = p->options.n_classes;
  return p->row_costs ? p->row_costs[i * K + predicted] : p->options.cost[actual * K + predicted];
}

/* Part of class k in the label after smoothing. */
static inline real smoothed(const loss_problem *p, size_t i, size_t k) {
  size_t K = p->options.n_classes;
  real a = p->options.smoothing;
  return p->labels[i * K + k] * (1 - a) + a / K;
}

/* sum_j cost_j p_j, cost_j = sum_k w_k y_k C[k, j]; row->c holds cost_j. */
static inline void expected_cost(const loss_problem *p, size_t i, const softmax_row *row, real r,
                                 loss_answer *answer) {
  size_t K = p->options.n_classes;
  real mean = 0, size = 0;
  for (size_t j = 0; j < K; j++) {
    row->c[j] = 0;
    for (size_t k = 0; k < K; k++) {
      real part = weight_of(p, k, row->largest) * smoothed(p, i, k);
      if (part != 0) row->c[j] += part * cost_of(p, i, k, j);
    }
    mean += row->c[j] * row->probability[j];
    size += fabsl(row->c[j]) * row->probability[j];
  }
  answer->losses[i] = r * mean;
  answer->losses_size[i] = r * size;
  for (size_t j = 0; j < K; j++) {
    real gap = row->c[j] - mean, q = row->probability[j];
    answer->gradient[i * K + j] = r * q * gap;
    answer->gradient_size[i * K + j] = r * q * (fabsl(row->c[j]) + size);
    answer->hessian[i * K + j] = r * q * (row->rest[j] - q) * gap;
    answer->hessian_size[i * K + j] = r * q * (fabsl(row->c[j]) + size);
  }
}

/* sum_k w_k y_k phi(lp_k), times a constant where costs go by the prediction. */
static inline void bent_loss(const loss_problem *p, size_t i, const softmax_row *row, real r,
                             loss_answer *answer) {
  size_t K = p->options.n_classes;
  real c_sum = 0, c_size = 0, e_sum = 0, e_size = 0;
  for (size_t k = 0; k < K; k++) {
    real part = r * weight_of(p, k, row->largest) * smoothed(p, i, k);
    if (p->options.cost_use == SY_COST_ARGMAX) part *= cost_of(p, i, k, row->largest);
    row->c[k] = row->e[k] = 0;
    if (part == 0) continue;
    bend phi = reference_bend(p, row->log_p[k]);
    answer->losses[i] += part * phi.value;
    answer->losses_size[i] += fabsl(part * phi.value);
    row->c[k] = part * phi.first;
    row->e[k] = part * phi.second;
    c_sum += row->c[k], c_size += fabsl(row->c[k]);
    e_sum += row->e[k], e_size += fabsl(row->e[k]);
  }
  for (size_t j = 0; j < K; j++) {
    real q = row->probability[j], rest = row->rest[j], c = row->c[j], e = row->e[j];
    answer->gradient[i * K + j] = c * rest - q * (c_sum - c);
    answer->gradient_size[i * K + j] = fabsl(c) * rest + q * (c_size - fabsl(c));
    /* e is infinite where p is 1 and gamma below 1: the limit of e (1 - p)^2 is 0 */
    answer->hessian[i * K + j] = (rest == 0 ? 0 : e * rest * rest) - c_sum * q * rest;
    answer->hessian_size[i * K + j] = (rest == 0 ? 0 : fabsl(e) * rest * rest) + c_size * q * rest;
    if (q == 0) continue;
    answer->hessian[i * K + j] += q * q * (isfinite(e) ? e_sum - e : 0);
    answer->hessian_size[i * K + j] += q * q * (isfinite(e_size) ? e_size : 0);
  }
}

/* Weight of the position: its share of the divisor. */
static inline real softmax_position(const loss_problem *p, size_t i, const reference_transform *t,
                                    softmax_row *row, loss_answer *answer) {
  size_t K = p->options.n_classes;
  real r = p->row_weights ? p->row_weights[i] : 1, share = 0;
  if (r == 0) return 0;
  softmax_of(p, i, t, row, answer);
  for (size_t k = 0; k < K; k++) {
    real y = p->labels[i * K + k];
    if (y != 0) share += r * y * weight_of(p, k, row->largest);
  }
  if (p->options.cost_use == SY_COST_EXPECTED)
    expected_cost(p, i, row, r, answer);
  else
    bent_loss(p, i, row, r, answer);
  for (size_t k = 0; k < K; k++) {
    answer->gradient[i * K + k] *= t[k].slope;
    answer->gradient_size[i * K + k] *= fabsl(t[k].slope);
    answer->hessian[i * K + k] *= t[k].slope * t[k].slope;
    answer->hessian_size[i * K + k] *= t[k].slope * t[k].slope;
  }
  return share;
}

/* --- one cell of a sigmoid --- */

static inline real log_sigmoid(real x) {
  return x < 0 ? x - log1pl(expl(x)) : -log1pl(expl(-x));
}

static inline real sigmoid_cell(const loss_problem *p, size_t i, size_t l, reference_transform t,
                                loss_answer *answer) {
  size_t at = i * p->options.n_classes + l;
  const double *w = p->options.class_weights;
  real r = p->row_weights ? p->row_weights[i] : 1, y = p->labels[at], a = p->options.smoothing;
  real absent = w ? w[2 * l] : 1, present = w ? w[2 * l + 1] : 1;
  real share = 0, parts[2], x = 0, soft = y * (1 - a) + a / 2;
  if (y != 1) share += r * absent * (1 - y);
  if (y != 0) share += r * present * y;
  if (r == 0) return 0;
  x = t.slope * p->logits[at] + t.offset - (y == 1 ? t.margin : 0);
  if (isfinite(x)) answer->largest = fmaxl(answer->largest, fabsl(x));
  parts[0] = r * absent * (1 - soft);
  parts[1] = r * present * soft;
  for (int side = 0; side < 2; side++) {
    if (parts[side] == 0) continue;
    real toward = side ? x : -x, sign = side ? 1 : -1;
    real q = expl(log_sigmoid(toward)), rest = expl(log_sigmoid(-toward));
    bend phi = reference_bend(p, log_sigmoid(toward));
    real first = parts[side] * phi.first * rest;
    real second = rest == 0 ? 0 : parts[side] * (phi.second * rest * rest - phi.first * q * rest);
    answer->losses[i] += parts[side] * phi.value;
    answer->losses_size[i] += parts[side] * fabsl(phi.value);
    answer->gradient[at] += sign * t.slope * first;
    answer->gradient_size[at] += fabsl(t.slope * first);
    answer->hessian[at] += t.slope * t.slope * second;
    answer->hessian_size[at] +=
        rest == 0 ? 0
                  : t.slope * t.slope * parts[side] *
                        (fabsl(phi.second) * rest * rest + fabsl(phi.first) * q * rest);
  }
  return share;
}

/* --- the batch --- */

/* Weights summed, units that count, and those of them with a weight. */
typedef struct reference_sums {
  real weight, units, weighted;
} reference_sums;

static inline void reference_count(reference_sums *sums, real share) {
  sums->weight += share;
  sums->units += 1;
  sums->weighted += share != 0;
}

static inline real divisor_of(const sy_loss_options *options, const reference_sums *sums) {
  switch (options->reduction) {
  case SY_REDUCTION_WEIGHTED_MEAN:
    return sums->weight;
  case SY_REDUCTION_MEAN:
    return sums->units;
  case SY_REDUCTION_NONZERO_MEAN:
    return sums->weighted;
  case SY_REDUCTION_DIVISOR:
    return options->divisor;
  default:
    return 1;
  }
}

static inline void reference_positions(const loss_problem *p, const reference_transform *t,
                                       softmax_row *row, loss_answer *answer,
                                       reference_sums *sums) {
  size_t K = p->options.n_classes;
  for (size_t i = 0; i < p->n; i++) {
    if (p->taken_out && p->taken_out[i]) continue;
    if (p->options.base == SY_LOSS_SOFTMAX)
      reference_count(sums, softmax_position(p, i, t, row, answer));
    else
      for (size_t l = 0; l < K; l++)
        if (!isnan(p->labels[i * K + l]))
          reference_count(sums, sigmoid_cell(p, i, l, t[l], answer));
    answer->value += answer->losses[i];
    answer->value_size += answer->losses_size[i];
  }
}

/* Free with loss_answer_free. */
static inline loss_answer reference_evaluate(const loss_problem *p) {
  size_t n = p->n, K = p->options.n_classes;
  reference_transform *t = calloc(K, sizeof *t);
  real *memory = calloc(2 * n + 4 * n * K + 5 * K, sizeof *memory), *at = memory + 2 * n;
  loss_answer answer = {.losses = memory, .losses_size = memory + n, .memory = memory};
  answer.gradient = at, answer.gradient_size = at + n * K;
  answer.hessian = at + 2 * n * K, answer.hessian_size = at + 3 * n * K;
  at += 4 * n * K;
  softmax_row row = {at, at + K, at + 2 * K, at + 3 * K, at + 4 * K, 0};
  reference_sums sums = {0, 0, 0};
  for (size_t k = 0; k < K; k++) t[k] = transform_of(p, k);
  reference_positions(p, t, &row, &answer, &sums);
  free(t);
  answer.total_weight = sums.weight;
  answer.divisor = divisor_of(&p->options, &sums);
  real scale = answer.divisor == 0 ? 0 : 1 / answer.divisor;
  if (scale == 0) return answer;
  answer.value *= scale, answer.value_size *= scale;
  for (size_t j = 0; j < 4 * n * K; j++) answer.gradient[j] *= scale;
  return answer;
}

static inline void loss_answer_free(loss_answer *answer) {
  free(answer->memory);
}

#endif
