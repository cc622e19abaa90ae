/* prior_interval.c: how sure an estimated prior is, from the curvature of its likelihood.
 *
 * Shares sum to 1: the largest, m, is what the others leave, and steps are taken in the others.
 * Along them u_ik becomes u_ik - u_im. With H the curvature there and J its counterpart where each
 * row is one observation, the covariance is inv(H) J inv(H): inv(H) where all weights are 1. */
#include "base/dense.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/normal.h"
#include "decide/prior_estimate.h"

#include <math.h>

/* Added to H as a part of the sum of weights, and to J alike: a direction that no row tells
 * anything about gets an interval wider than 0..1, instead of none. */
static const double ridge = 1e-13;

typedef struct interval {
  const sy_prior_rows *rows;
  const double *prior;
  size_t n, largest;          /* A, and the class of the largest share */
  double squares;             /* sum of squared weights */
  double *slope;              /* (A) */
  double *curvature, *spread; /* (A, A) */
  double *factor, *step;      /* (A, A), (A): within the free classes */
  size_t *free, n_free;       /* whose shares are free, the largest left out */
} interval;

static sy_status make(const sy_prior_rows *rows, const double *prior, interval *v,
                      sy_error *error) {
  size_t n = rows->n_active, square = n * n;
  double *numbers = sy_alloc(2 + 3 * n, n * sizeof *numbers);
  *v = (interval){.rows = rows, .prior = prior, .n = n, .slope = numbers};
  v->free = sy_alloc(n, sizeof *v->free);
  if (!numbers || !v->free) return sy_fail_memory(error);
  v->step = v->slope + n;
  v->curvature = v->step + n;
  v->spread = v->curvature + square;
  v->factor = v->spread + square;
  for (size_t a = 1; a < n; a++)
    if (prior[a] > prior[v->largest]) v->largest = a;
  for (size_t i = 0; i < rows->n; i++) v->squares += rows->weights[i] * rows->weights[i];
  sy_prior_curvature(rows, prior, v->slope, v->curvature, v->spread);
  return SY_OK;
}

static void clear(interval *v) {
  free(v->slope);
  free(v->free);
}

/* An entry of H or J: (u_a - u_m)(u_b - u_m) summed. */
static double reduced(const interval *v, const double *square, size_t a, size_t b) {
  size_t n = v->n, m = v->largest;
  double sum = square[a * n + b] - square[a * n + m] - square[m * n + b] + square[m * n + m];
  double weight = square == v->curvature ? v->rows->weight : v->squares;
  return sum + (a == b ? ridge * weight : 0);
}

/* Frees the classes whose shares are above 0, and one more (n: none), and factors H of them. False
 * where there is no factor. */
static bool factor(interval *v, size_t more) {
  size_t n = 0;
  for (size_t a = 0; a < v->n; a++)
    if (a != v->largest && (v->prior[a] > 0 || a == more)) v->free[n++] = a;
  v->n_free = n;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      v->factor[i * n + j] = reduced(v, v->curvature, v->free[i], v->free[j]);
  return sy_dense_factor(v->factor, n);
}

typedef struct variance {
  double value; /* a row is one observation */
  double plain; /* a row is as many as it weighs */
} variance;

/* Variance of the share of the i-th free class; of the largest, which is 1 less all of them, for
 * i = n_free. */
static variance variance_of(interval *v, size_t i) {
  variance found = {0, 0};
  for (size_t j = 0; j < v->n_free; j++) v->step[j] = i == j || i == v->n_free ? 1 : 0;
  sy_dense_solve(v->factor, v->n_free, v->step);
  for (size_t j = 0; j < v->n_free; j++) {
    if (i == j || i == v->n_free) found.plain += v->step[j];
    for (size_t k = 0; k < v->n_free; k++)
      found.value += v->step[j] * v->step[k] * reduced(v, v->spread, v->free[j], v->free[k]);
  }
  return found;
}

static void enter(const interval *v, size_t a, double half, double *low, double *high) {
  bool known = isfinite(half);
  low[a] = known ? fmax(v->prior[a] - half, 0) : 0;
  high[a] = known ? fmin(v->prior[a] + half, 1) : 1;
}

/* Shares above 0: 1.96 standard errors to either side. */
static void enter_inner(interval *v, double *low, double *high) {
  bool factored = factor(v, v->n);
  for (size_t i = 0; i <= v->n_free; i++) {
    size_t a = i < v->n_free ? v->free[i] : v->largest;
    double half = factored ? sy_normal_95 * sqrt(variance_of(v, i).value) : (double)INFINITY;
    enter(v, a, half, low, high);
  }
}

/* A share of 0 ends where the log-likelihood has fallen as far as at an end of the interval of an
 * inner one: slope x + x^2 / (2 variance) = 1.96^2 / 2. */
static double reach(interval *v, size_t a) {
  if (!factor(v, a)) return (double)INFINITY;
  size_t i = 0;
  while (v->free[i] != a) i++;
  variance found = variance_of(v, i);
  double slope = fmax(v->rows->weight - v->slope[a], 0) * (found.plain / found.value);
  double square = sy_normal_95 * sy_normal_95;
  return square / (slope + sqrt(slope * slope + square / found.value));
}

/* Classes at 0; where all but one are, its own interval reaches down as far as theirs do up. */
static void enter_outer(interval *v, double *low, double *high) {
  double farthest = 0;
  bool alone = true;
  for (size_t a = 0; a < v->n; a++) {
    if (a == v->largest) continue;
    alone &= !(v->prior[a] > 0);
    if (v->prior[a] > 0) continue;
    enter(v, a, reach(v, a), low, high);
    farthest = fmax(farthest, high[a]);
  }
  if (alone) low[v->largest] = 1 - farthest;
}

sy_status sy_prior_interval(const sy_prior_rows *rows, const double *prior, double *low,
                            double *high, sy_error *error) {
  interval v;
  sy_status status = make(rows, prior, &v, error);
  if (status == SY_OK) {
    enter_inner(&v, low, high);
    enter_outer(&v, low, high);
  }
  clear(&v);
  return status;
}
