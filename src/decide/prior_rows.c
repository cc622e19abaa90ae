/* prior_rows.c: the likelihood of a prior, its slope and its curvature, as sums over rows. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "decide/log_row.h"
#include "decide/prior_estimate.h"

#include <math.h>

/* At least so many rows a block, at most so many blocks, and so many numbers in all of them. */
enum { LEAST_ROWS = 1024, MOST_BLOCKS = 64, MOST_NUMBERS = 1 << 24 };

static const double sum_tolerance = 1e-6;

static sy_status check_prior(const double *prior, size_t n_classes, sy_error *error) {
  char shown[SY_NUMBER_SIZE];
  double total = 0;
  size_t n_active = 0;
  for (size_t k = 0; k < n_classes; k++) {
    if (!(prior[k] >= 0) || !isfinite(prior[k]))
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "the trained prior of class %zu is %s: it must be a share from 0 to 1", k,
                     sy_number_format(prior[k], shown));
    total += prior[k];
    n_active += prior[k] > 0;
  }
  if (!(fabs(total - 1) <= sum_tolerance))
    return sy_fail(error, SY_INVALID_ARGUMENT, "the trained prior sums to %s: it must sum to 1",
                   sy_number_format(total, shown));
  if (n_active >= 2) return SY_OK;
  return sy_fail(error, SY_TOO_FEW_CLASSES,
                 "fewer than two classes have a trained prior above 0: there is nothing to "
                 "estimate");
}

static size_t slot_width(size_t n_active) {
  return 1 + n_active + 2 * n_active * n_active;
}

static void cut(sy_prior_rows *rows) {
  size_t most = MOST_NUMBERS / slot_width(rows->n_active);
  most = most < 1 ? 1 : most > MOST_BLOCKS ? MOST_BLOCKS : most;
  rows->block_rows = (rows->n + most - 1) / most;
  if (rows->block_rows < LEAST_ROWS) rows->block_rows = LEAST_ROWS;
  rows->n_blocks = (rows->n + rows->block_rows - 1) / rows->block_rows;
}

/* Ratios of a row, brought to a sum of 1: a factor of a row moves no estimate. */
static sy_status enter_row(sy_prior_rows *rows, const double *logs, double weight, size_t row,
                           const double *trained_prior, sy_error *error) {
  double *ratios = rows->ratios + rows->n * rows->n_active, total = 0;
  for (size_t a = 0; a < rows->n_active; a++) {
    ratios[a] = exp(logs[rows->active[a]]) / trained_prior[rows->active[a]];
    total += ratios[a];
  }
  if (!(total > 0))
    return sy_fail(error, SY_INVALID_DATA,
                   "row %zu: only classes of trained prior 0 have any probability", row + 1);
  bool huge = isinf(total); /* of a trained prior near the smallest number there is */
  for (size_t a = 0; a < rows->n_active; a++)
    ratios[a] = huge ? (isinf(ratios[a]) ? 1 : 0) : ratios[a] / total;
  rows->weights[rows->n++] = weight;
  rows->weight += weight;
  return SY_OK;
}

static sy_status enter_rows(const double *log_probabilities, size_t n, size_t n_classes,
                            const double *row_weights, const double *trained_prior,
                            sy_prior_rows *rows, sy_error *error) {
  for (size_t i = 0; i < n; i++) {
    double weight = row_weights ? row_weights[i] : 1;
    const double *logs = log_probabilities + i * n_classes;
    sy_status status = sy_row_weight_check(weight, i, error);
    if (status == SY_OK && weight == 0) continue;
    if (status == SY_OK) status = sy_log_row_check(logs, n_classes, i, error);
    if (status == SY_OK) status = enter_row(rows, logs, weight, i, trained_prior, error);
    if (status != SY_OK) return status;
  }
  if (n == 0) return sy_fail(error, SY_NO_ROWS, "there are no rows to estimate a prior from");
  if (rows->n == 0)
    return sy_fail(error, SY_NO_WEIGHT, "all rows to estimate a prior from have weight 0");
  if (isfinite(rows->weight)) return SY_OK;
  return sy_fail(error, SY_INVALID_WEIGHT, "the sum of the row weights is beyond float64");
}

sy_status sy_prior_rows_make(const double *log_probabilities, size_t n, size_t n_classes,
                             const double *row_weights, const double *trained_prior,
                             sy_prior_rows *rows, sy_error *error) {
  *rows = (sy_prior_rows){0};
  sy_status status = check_prior(trained_prior, n_classes, error);
  if (status != SY_OK) return status;
  rows->active = sy_alloc(n_classes, sizeof *rows->active);
  if (!rows->active) return sy_fail_memory(error);
  for (size_t k = 0; k < n_classes; k++)
    if (trained_prior[k] > 0) rows->active[rows->n_active++] = k;
  rows->ratios = sy_alloc(n, rows->n_active * sizeof *rows->ratios);
  rows->weights = sy_alloc(n, sizeof *rows->weights);
  if (!rows->ratios || !rows->weights) return sy_fail_memory(error);
  status = enter_rows(log_probabilities, n, n_classes, row_weights, trained_prior, rows, error);
  if (status != SY_OK) return status;
  cut(rows);
  rows->slots = sy_alloc(rows->n_blocks, slot_width(rows->n_active) * sizeof *rows->slots);
  return rows->slots ? SY_OK : sy_fail_memory(error);
}

void sy_prior_rows_clear(sy_prior_rows *rows) {
  free(rows->active);
  free(rows->ratios);
  free(rows->weights);
  free(rows->slots);
  *rows = (sy_prior_rows){0};
}

/* How far the sums go: the value and the slope only, the curvature, or the spread too. */
typedef enum depth { SLOPE, CURVATURE, SPREAD } depth;

typedef struct prior_job {
  const sy_prior_rows *rows;
  const double *prior;
  depth depth;
  size_t width; /* of a slot, as far as the depth needs it */
} prior_job;

static void add_square(const double *ratios, double factor, size_t n, double *to) {
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b <= a; b++) to[a * n + b] += factor * ratios[a] * ratios[b];
}

/* A row that a prior says cannot be: its density is taken as so small that its square is not 0. */
static const double least_density = 1e-150;

static void add_row(const prior_job *job, size_t i, double *slot) {
  size_t n_active = job->rows->n_active;
  const double *ratios = job->rows->ratios + i * n_active;
  double weight = job->rows->weights[i], density = 0;
  double *slope = slot + 1, *curvature = slope + n_active;
  for (size_t a = 0; a < n_active; a++) density += ratios[a] * job->prior[a];
  density = fmax(density, least_density);
  slot[0] += weight * log(density);
  for (size_t a = 0; a < n_active; a++) slope[a] += weight * (ratios[a] / density);
  if (job->depth == SLOPE) return;
  double factor = weight / (density * density);
  add_square(ratios, factor, n_active, curvature);
  if (job->depth == SPREAD)
    add_square(ratios, weight * factor, n_active, curvature + n_active * n_active);
}

static void sum_block(void *context, size_t block) {
  const prior_job *job = context;
  double *slot = job->rows->slots + block * job->width;
  size_t begin = block * job->rows->block_rows, end = begin + job->rows->block_rows;
  for (size_t j = 0; j < job->width; j++) slot[j] = 0;
  for (size_t i = begin; i < end && i < job->rows->n; i++) add_row(job, i, slot);
}

/* Sums over all rows, in the first slot. */
static const double *sum_rows(const sy_prior_rows *rows, const double *prior, depth deep) {
  size_t squares = rows->n_active * rows->n_active * (size_t)deep;
  prior_job job = {rows, prior, deep, 1 + rows->n_active + squares};
  sy_parallel_blocks(rows->n_blocks, sum_block, &job);
  sy_tree_sum(rows->slots, rows->n_blocks, job.width);
  return rows->slots;
}

double sy_prior_step(const sy_prior_rows *rows, double *prior) {
  const double *slope = sum_rows(rows, prior, SLOPE) + 1;
  double largest = 0, total = 0;
  for (size_t a = 0; a < rows->n_active; a++) total += prior[a] * slope[a];
  for (size_t a = 0; a < rows->n_active; a++) {
    double next = prior[a] * slope[a] / total;
    largest = fmax(largest, fabs(next - prior[a]));
    prior[a] = next;
  }
  return largest;
}

void sy_prior_evaluate(void *context, sy_bounded_place *place) {
  const sy_prior_rows *rows = context;
  size_t n_active = rows->n_active;
  const double *sums = sum_rows(rows, place->at, CURVATURE), *slope = sums + 1;
  place->value = -sums[0] / rows->weight;
  for (size_t a = 0; a < n_active; a++) {
    place->value += place->at[a];
    place->gradient[a] = 1 - slope[a] / rows->weight;
  }
  for (size_t j = 0; j < n_active * n_active; j++)
    place->hessian[j] = slope[n_active + j] / rows->weight;
}

static void copy_square(const double *lower, size_t n, double *to) {
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b < n; b++) to[a * n + b] = a > b ? lower[a * n + b] : lower[b * n + a];
}

void sy_prior_curvature(const sy_prior_rows *rows, const double *prior, double *slope,
                        double *curvature, double *spread) {
  size_t n_active = rows->n_active;
  const double *sums = sum_rows(rows, prior, SPREAD) + 1;
  for (size_t a = 0; a < n_active; a++) slope[a] = sums[a];
  copy_square(sums + n_active, n_active, curvature);
  copy_square(sums + n_active + n_active * n_active, n_active, spread);
}
