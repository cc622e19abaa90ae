/* calibrate_objective.c: log-loss of scaled log-probabilities with two derivatives; it is convex,
 * for scaled logarithms are linear in scales and shifts (Guo et al. 2017; for two classes the
 * vector map is the beta calibration of Kull et al. 2017). */
#include "base/clones.h"
#include "base/error.h"
#include "base/exponential.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "study/calibrate_scaling.h"

/* The ridge in rows: it pulls at a parameter that is 1 off as one row can, which is what the
 * default penalty of a model does to its coefficients (l2 = 1 / sum of row weights). It decides
 * what the rows leave open, such as scales that grow without end on separable rows, and keeps
 * classes of a handful of rows from being learnt by heart. */
static const double ridge_rows = 1;

/* At least so many rows a block, at most so many blocks, and so many numbers in all of them. */
enum { LEAST_ROWS = 1024, MOST_BLOCKS = 64, MOST_NUMBERS = 1 << 24 };

static size_t slot_width(const sy_scaling *scaling) {
  return 1 + scaling->size + scaling->size * scaling->size;
}

/* Blocks by shape alone. */
static void cut(sy_scaling *scaling) {
  size_t n = scaling->rows->n, most = MOST_NUMBERS / slot_width(scaling);
  most = most < 1 ? 1 : most > MOST_BLOCKS ? MOST_BLOCKS : most;
  scaling->block_rows = (n + most - 1) / most;
  if (scaling->block_rows < LEAST_ROWS) scaling->block_rows = LEAST_ROWS;
  scaling->n_blocks = (n + scaling->block_rows - 1) / scaling->block_rows;
}

sy_status sy_scaling_make(const sy_calibration_rows *rows, bool single, sy_scaling *scaling,
                          sy_error *error) {
  *scaling = (sy_scaling){.rows = rows, .single = single, .size = single ? 1 : 2 * rows->n_classes};
  cut(scaling);
  scaling->slots = sy_alloc(scaling->n_blocks, slot_width(scaling) * sizeof(double));
  scaling->scratch = sy_alloc(scaling->n_blocks, 3 * rows->n_classes * sizeof(double));
  if (scaling->slots && scaling->scratch) return SY_OK;
  sy_scaling_clear(scaling);
  return sy_fail_memory(error);
}

void sy_scaling_clear(sy_scaling *scaling) {
  free(scaling->slots);
  free(scaling->scratch);
  *scaling = (sy_scaling){0};
}

double sy_scaling_identity(const sy_scaling *scaling, size_t parameter) {
  return scaling->single || parameter < scaling->rows->n_classes ? 1 : 0;
}

/* One row: the logarithms with -inf as 0, the probabilities q that scaling gives them (0 there) and
 * their products. */
typedef struct scaled_row {
  double *logs, *q, *products; /* (K) each */
  size_t actual;
  double weight, loss;
} scaled_row;

/* z into q, then q itself and the loss, log sum_k e^z_k - z_actual. */
static void fill_softmax(scaled_row *row, size_t n_classes) {
  double top = -(double)INFINITY, rest = 0, actual = row->q[row->actual];
  size_t best = 0;
  for (size_t k = 0; k < n_classes; k++)
    if (row->q[k] > top) {
      top = row->q[k];
      best = k;
    }
  for (size_t k = 0; k < n_classes; k++) row->q[k] = sy_exp(row->q[k] - top);
  for (size_t k = 0; k < n_classes; k++) rest += k == best ? 0 : row->q[k];
  for (size_t k = 0; k < n_classes; k++) row->q[k] /= 1 + rest;
  row->loss = top - actual + log1p(rest);
}

static void scale_row(const sy_scaling *scaling, const double *at, size_t i, scaled_row *row) {
  size_t n_classes = scaling->rows->n_classes, which = scaling->rows->rows[i];
  const double *logs = scaling->rows->log_probabilities + which * n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    double z = scaling->single ? at[0] * logs[k] : at[k] * logs[k] + at[n_classes + k];
    bool none = logs[k] == -(double)INFINITY;
    row->logs[k] = none ? 0 : logs[k];
    row->q[k] = none ? -(double)INFINITY : z;
  }
  row->actual = (size_t)scaling->rows->ids[which];
  row->weight = sy_calibration_weight(scaling->rows, i);
  fill_softmax(row, n_classes);
  for (size_t k = 0; k < n_classes; k++) row->products[k] = row->q[k] * row->logs[k];
}

/* Derivatives by 1 / T: mean logarithm under q less that of the actual class, and its variance. */
static void add_single(const scaled_row *row, size_t n_classes, double *gradient, double *hessian) {
  double mean = 0, variance = 0;
  for (size_t k = 0; k < n_classes; k++) mean += row->products[k];
  for (size_t k = 0; k < n_classes; k++)
    variance += row->q[k] * (row->logs[k] - mean) * (row->logs[k] - mean);
  gradient[0] += row->weight * (mean - row->logs[row->actual]);
  hessian[0] += row->weight * variance;
}

SY_INLINE void add_outer(const double *left, double factor, const double *right, size_t n,
                         double *to) {
  for (size_t j = 0; j < n; j++) to[j] -= factor * left[j] * right[0];
}

/* Derivatives by scales and shifts: the Hessian is diag(q) - q q' on (log p, 1). Its upper
 * right quarter mirrors the lower left one and is not filled. */
SY_CLONES static void calibrate_add_vector(const scaled_row *row, size_t n_classes,
                                           double *gradient, double *hessian) {
  size_t size = 2 * n_classes;
  double weight = row->weight;
  for (size_t k = 0; k < n_classes; k++) {
    double *by_scale = hessian + k * size, *by_shift = hessian + (n_classes + k) * size;
    add_outer(row->products, weight, row->products + k, k + 1, by_scale);
    add_outer(row->products, weight, row->q + k, n_classes, by_shift);
    add_outer(row->q, weight, row->q + k, k + 1, by_shift + n_classes);
    by_scale[k] += weight * row->products[k] * row->logs[k];
    by_shift[k] += weight * row->products[k];
    by_shift[n_classes + k] += weight * row->q[k];
    gradient[k] += weight * row->products[k];
    gradient[n_classes + k] += weight * row->q[k];
  }
  gradient[row->actual] -= weight * row->logs[row->actual];
  gradient[n_classes + row->actual] -= weight;
}

typedef struct evaluate_job {
  const sy_scaling *scaling;
  const double *at;
} evaluate_job;

static void evaluate_block(void *context, size_t block) {
  const evaluate_job *job = context;
  const sy_scaling *scaling = job->scaling;
  size_t n_classes = scaling->rows->n_classes, width = slot_width(scaling);
  double *slot = scaling->slots + block * width,
         *scratch = scaling->scratch + block * 3 * n_classes;
  scaled_row row = {scratch, scratch + n_classes, scratch + 2 * n_classes, 0, 0, 0};
  size_t begin = block * scaling->block_rows, end = begin + scaling->block_rows;
  for (size_t j = 0; j < width; j++) slot[j] = 0;
  for (size_t i = begin; i < end && i < scaling->rows->n; i++) {
    scale_row(scaling, job->at, i, &row);
    slot[0] += row.weight * row.loss;
    (scaling->single ? add_single : calibrate_add_vector)(&row, n_classes, slot + 1,
                                                          slot + 1 + scaling->size);
  }
}

/* The parts that no row has. */
static void add_penalties(const sy_scaling *scaling, sy_bounded_place *place) {
  size_t size = scaling->size, n_classes = scaling->rows->n_classes;
  double ridge = ridge_rows / scaling->rows->weight, shifts = 0;
  for (size_t j = 0; j < size; j++) {
    double away = place->at[j] - sy_scaling_identity(scaling, j);
    place->value += ridge / 2 * away * away;
    place->gradient[j] += ridge * away;
    place->hessian[j * size + j] += ridge;
  }
  if (scaling->single) return;
  for (size_t j = n_classes; j < size; j++) shifts += place->at[j];
  place->value += shifts * shifts / 2;
  for (size_t j = n_classes; j < size; j++) {
    place->gradient[j] += shifts;
    for (size_t i = n_classes; i <= j; i++) place->hessian[j * size + i] += 1;
  }
}

void sy_scaling_evaluate(void *context, sy_bounded_place *place) {
  const sy_scaling *scaling = context;
  evaluate_job job = {scaling, place->at};
  size_t size = scaling->size;
  const double *sums = scaling->slots;
  double weight = scaling->rows->weight;
  sy_parallel_blocks(scaling->n_blocks, evaluate_block, &job);
  sy_tree_sum(scaling->slots, scaling->n_blocks, slot_width(scaling));
  place->value = sums[0] / weight;
  for (size_t j = 0; j < size; j++) place->gradient[j] = sums[1 + j] / weight;
  for (size_t j = 0; j < size * size; j++) place->hessian[j] = sums[1 + size + j] / weight;
  add_penalties(scaling, place);
}
