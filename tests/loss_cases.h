/* loss_cases.h: losses of all parts in a few words, and random batches for them. */
#ifndef TESTS_LOSS_CASES_H
#define TESTS_LOSS_CASES_H

#include "loss_calls.h"

/* Which parts a loss has, and what its batch is like. Zero is plain softmax cross-entropy of hard
 * labels; n_classes must be set. */
typedef struct loss_case {
  const char *name;
  sy_loss_base base;
  size_t n_classes;
  bool soft;          /* labels that several classes share, or cells between 0 and 1 */
  bool class_weights; /* some are 0 */
  bool slopes, offsets, margins;
  double scale;
  double focal, adjustment;
  bool ldam, vs;
  double smoothing;
  sy_cost_use cost_use;
  bool row_costs, by_prediction;
  sy_reduction reduction;
  bool row_weights; /* some are 0 */
  bool taken_out;   /* some positions; of a sigmoid with several labels also cells */
  bool infinite;    /* some logits are -inf, none of a class that the label has a part of */
  bool poisoned;    /* logits of positions without weight are NaN */
  double spread;    /* logits are from -spread to spread; 0 = 4 */
} loss_case;

/* A problem that owns its numbers. */
typedef struct loss_sample {
  loss_problem problem;
  double *numbers;
  bool *taken_out;
} loss_sample;

static inline double random_number(double low, double high) {
  return low + (high - low) * (double)(random_bits() >> 11) * 0x1p-53;
}

static inline double *random_numbers(double **at, size_t n, double low, double high) {
  double *numbers = *at;
  for (size_t i = 0; i < n; i++) numbers[i] = (double)(float)random_number(low, high);
  *at += n;
  return numbers;
}

/* Parts of the classes in sixteenths, which every type of float holds and which sum to 1. */
static inline void draw_softmax_label(const loss_case *c, double *row) {
  size_t K = c->n_classes, label = random_below(K);
  for (size_t k = 0; k < K; k++) row[k] = k == label;
  if (!c->soft || random_below(4) == 0) return;
  for (int moved = 0; moved < 12; moved++) {
    row[label] -= 1 / 16.0;
    row[random_below(random_below(2) ? K : 1 + K / 3)] += 1 / 16.0;
  }
}

static inline void draw_labels(const loss_case *c, size_t n, double *labels, bool *taken_out) {
  size_t K = c->n_classes;
  for (size_t i = 0; i < n; i++) {
    taken_out[i] = c->taken_out && random_below(6) == 0;
    if (c->base == SY_LOSS_SOFTMAX) draw_softmax_label(c, labels + i * K);
    for (size_t l = 0; l < K && c->base == SY_LOSS_SIGMOID; l++) {
      double *cell = &labels[i * K + l];
      *cell = c->soft ? (double)random_below(17) / 16 : (double)random_below(2);
      if (c->taken_out && K > 1 && random_below(6) == 0) *cell = NAN;
    }
  }
}

static inline void draw_options(const loss_case *c, sy_loss_options *o, loss_problem *p,
                                double **at) {
  size_t K = c->n_classes, n_weights = c->base == SY_LOSS_SIGMOID ? 2 * K : K;
  *o = sy_loss_options_default(K);
  o->base = c->base;
  if (c->class_weights) {
    double *weights = random_numbers(at, n_weights, 0.2, 3);
    if (K > 2) weights[random_below(n_weights)] = 0;
    o->class_weights = weights;
  }
  if (c->slopes) o->slopes = random_numbers(at, K, 0.3, 2);
  if (c->offsets) o->offsets = random_numbers(at, K, -2, 2);
  if (c->margins) o->margins = random_numbers(at, K, -1, 2);
  o->scale = c->scale;
  o->smoothing = c->smoothing;
  o->cost_use = c->cost_use;
  if (c->cost_use != SY_COST_UNUSED && !c->row_costs) o->cost = random_numbers(at, K * K, -1, 5);
  o->weigh_by_prediction = c->by_prediction;
  o->reduction = c->reduction;
  if (c->reduction == SY_REDUCTION_DIVISOR) o->divisor = 12.5;
  p->focal = c->focal;
  p->adjustment = c->adjustment;
  if (c->ldam) p->ldam_margin = 0.5, p->ldam_scale = 30;
  p->vs = c->vs;
  if (c->vs) p->vs_gamma = 0.15, p->vs_tau = 1.25;
  if (c->adjustment != 0 || c->ldam || c->vs) p->counts = random_numbers(at, K, 1, 500);
}

static inline void draw_logits(const loss_case *c, size_t n, const double *labels, double *logits) {
  size_t K = c->n_classes;
  double spread = c->spread > 0 ? c->spread : 4;
  for (size_t j = 0; j < n * K; j++) {
    logits[j] = (double)(float)random_number(-spread, spread);
    if (random_below(16) == 0) logits[j] = round(logits[j]); /* now and then the same */
    bool needed = c->base == SY_LOSS_SIGMOID ? labels[j] != 0 : labels[j] != 0 || K == 1;
    if (c->infinite && !needed && random_below(5) == 0) logits[j] = -INFINITY;
  }
}

/* Rows of `count` positions share a weight, as weights of the first axis have them. */
static inline double *draw_row_weights(size_t n, size_t count, double **at) {
  double *weights = *at;
  for (size_t i = 0; i < n; i++) {
    double weight = random_below(7) == 0 ? 0 : (double)(float)random_number(0.1, 3);
    weights[i] = i % count == 0 ? weight : weights[i - i % count];
  }
  *at += n;
  return weights;
}

/* What nobody may look at: the logits of positions that are taken out or weigh nothing. */
static inline void poison(const loss_problem *p, double *logits) {
  size_t K = p->options.n_classes;
  for (size_t i = 0; i < p->n; i++) {
    bool out = p->taken_out[i] || (p->row_weights && p->row_weights[i] == 0);
    for (size_t k = 0; k < K && out; k++)
      logits[i * K + k] = random_below(2) ? (double)NAN : (double)INFINITY;
  }
}

/* A random batch of n positions; `positions_a_row` of them share a row weight. Free with
 * loss_sample_free. */
static inline loss_sample loss_sample_make(const loss_case *c, size_t n, size_t positions_a_row) {
  size_t K = c->n_classes, costs = c->row_costs ? n * K : 0;
  size_t square = c->cost_use != SY_COST_UNUSED && !c->row_costs ? K * K : 0;
  loss_sample s = {.numbers = malloc((2 * n * K + costs + square + n + 8 * K) * sizeof(double)),
                   .taken_out = malloc(n + 1)};
  double *at = s.numbers, *labels = at, *logits = at + n * K;
  at += 2 * n * K;
  s.problem.n = n;
  s.problem.labels = labels;
  s.problem.logits = logits;
  s.problem.taken_out = s.taken_out;
  draw_labels(c, n, labels, s.taken_out);
  draw_options(c, &s.problem.options, &s.problem, &at);
  draw_logits(c, n, labels, logits);
  if (c->row_weights) s.problem.row_weights = draw_row_weights(n, positions_a_row, &at);
  if (c->row_costs) s.problem.row_costs = random_numbers(&at, costs, -1, 5);
  if (c->poisoned) poison(&s.problem, logits);
  return s;
}

static inline void loss_sample_free(loss_sample *s) {
  free(s->numbers);
  free(s->taken_out);
}

#endif
