/* calibrate_isotonic.c: a monotone map of each class's probability, by pooling adjacent violators
 * (Zadrozny and Elkan 2002). */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/order.h"
#include "study/calibrate.h"

#include <math.h>

/* Probabilities closer than this, relative, count as equal and are pooled: a map must not be so
 * steep that rounding in another program that runs the model shows. The other keeps slopes within
 * the range of float64. */
static const double least_gap = 1e-7, least_absolute_gap = 1e-300;

/* Pools a class keeps, each one or two knots: at most 256 knots, so that a model file stays small
 * and scoring by a graph of operators, which goes through all of them, fast. */
enum { MOST_POOLS = 128 };

/* The fit of one class. */
typedef struct fitted {
  sy_pool *pools;
  size_t n_pools;
  bool out_of_memory;
} fitted;

typedef struct isotonic_job {
  const sy_calibration_rows *rows;
  fitted *fits; /* (K) */
} isotonic_job;

/* Rows of class k's probability, the smallest first; those of probability 0 by its logarithm are
 * left out, for no map changes them. Keys put great scores first, so that p goes in as -p. */
static size_t enter_class(const sy_calibration_rows *rows, size_t k, sy_ranked *ranked) {
  size_t n = 0;
  for (size_t i = 0; i < rows->n; i++) {
    double log_p = rows->log_probabilities[rows->rows[i] * rows->n_classes + k];
    if (log_p == -(double)INFINITY) continue;
    double weight = sy_calibration_weight(rows, i);
    bool own = (size_t)rows->ids[rows->rows[i]] == k;
    ranked[n].key = sy_order_key(-fmin(exp(log_p), 1));
    ranked[n++].signed_weight = own ? weight : -weight;
  }
  return n;
}

/* Ties as one pool each: it stands at its smallest p, so that the next stands a gap away. */
static size_t pool_ties(const sy_ranked *sorted, size_t n, sy_pool *pools) {
  size_t left = 0;
  for (size_t i = 0; i < n;) {
    double p = -sy_order_score(sorted[i].key), weight = 0, own = 0;
    double end = p + least_gap * p + least_absolute_gap;
    for (; i < n && -sy_order_score(sorted[i].key) <= end; i++) {
      weight += fabs(sorted[i].signed_weight);
      own += fmax(sorted[i].signed_weight, 0);
    }
    pools[left++] = (sy_pool){p, p, weight, own / weight};
  }
  return left;
}

/* No value so extreme that one more row against it would be a surprise without bound: as if half a
 * row of either kind had been seen on top of all. */
static void clamp(sy_pool *pools, size_t n, double weight) {
  double least = 0.5 / (weight + 1);
  for (size_t i = 0; i < n; i++) pools[i].share = fmin(fmax(pools[i].share, least), 1 - least);
}

/* Pools of one value are one again: the clamp may have made them equal. */
static size_t join_equal(sy_pool *pools, size_t n) {
  size_t left = 0;
  for (size_t i = 0; i < n; i++)
    if (left > 0 && pools[left - 1].share == pools[i].share)
      pools[left - 1].high = pools[i].high;
    else
      pools[left++] = pools[i];
  return left;
}

static void fit_class(void *context, size_t k) {
  const isotonic_job *job = context;
  const sy_calibration_rows *rows = job->rows;
  fitted *fit = &job->fits[k];
  if ((rows->n_classes == 2 && k == 0) || rows->class_weights[k] == 0) return;
  sy_ranked *ranked = sy_alloc(rows->n, sizeof *ranked), *spare = sy_alloc(rows->n, sizeof *spare);
  sy_pool *pools = sy_alloc(rows->n, sizeof *pools);
  if (ranked && spare && pools) {
    size_t n = enter_class(rows, k, ranked);
    n = pool_ties(sy_order_sort(ranked, spare, n), n, pools);
    n = sy_pool_thin(pools, sy_pool_violators(pools, n), MOST_POOLS);
    clamp(pools, n, rows->weight);
    fit->n_pools = join_equal(pools, n);
    fit->pools = sy_alloc(fit->n_pools, sizeof *fit->pools);
    for (size_t i = 0; fit->pools && i < fit->n_pools; i++) fit->pools[i] = pools[i];
  }
  fit->out_of_memory = !fit->pools;
  free(ranked);
  free(spare);
  free(pools);
}

/* Knots of class k behind one another: both ends of each pool; the straight line from 0 to 1 for a
 * class without rows, which leaves it as it is. Returns how many. */
static size_t write_knots(const isotonic_job *job, size_t k, double *knots, double *values) {
  const fitted *fit = &job->fits[k];
  size_t n = 0;
  if (job->rows->n_classes == 2 && k == 0) return 0;
  if (!fit->pools) {
    knots[0] = values[0] = 0;
    knots[1] = values[1] = 1;
    return 2;
  }
  for (size_t i = 0; i < fit->n_pools; i++) {
    const sy_pool *pool = &fit->pools[i];
    knots[n] = pool->low;
    values[n++] = pool->share;
    if (!(pool->high > pool->low)) continue;
    knots[n] = pool->high;
    values[n++] = pool->share;
  }
  return n;
}

static sy_status make(const isotonic_job *job, sy_calibration **calibration, sy_error *error) {
  size_t n_classes = job->rows->n_classes, all = 0;
  size_t *n_knots = sy_alloc(n_classes, sizeof *n_knots);
  double *knots = sy_alloc(n_classes, 2 * MOST_POOLS * sizeof *knots);
  double *values = sy_alloc(n_classes, 2 * MOST_POOLS * sizeof *values);
  sy_status status = n_knots && knots && values ? SY_OK : sy_fail_memory(error);
  for (size_t k = 0; k < n_classes && status == SY_OK; k++) {
    n_knots[k] = write_knots(job, k, knots + all, values + all);
    all += n_knots[k];
  }
  if (status == SY_OK)
    status = sy_calibration_isotonic(n_classes, n_knots, knots, values, calibration, error);
  free(n_knots);
  free(knots);
  free(values);
  return status;
}

sy_status sy_calibrate_isotonic(const sy_calibration_rows *rows, sy_calibration **calibration,
                                sy_error *error) {
  isotonic_job job = {rows, sy_alloc_zero(rows->n_classes, sizeof(fitted))};
  if (!job.fits) return sy_fail_memory(error);
  sy_parallel_blocks(rows->n_classes, fit_class, &job);
  sy_status status = SY_OK;
  for (size_t k = 0; k < rows->n_classes; k++)
    if (job.fits[k].out_of_memory) status = sy_fail_memory(error);
  if (status == SY_OK) status = make(&job, calibration, error);
  for (size_t k = 0; k < rows->n_classes; k++) free(job.fits[k].pools);
  free(job.fits);
  return status;
}
