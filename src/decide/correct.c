/* correct.c: from the logits of a weighted model to true log-probabilities. */
#include "base/clones.h"
#include "base/exponential.h"
#include "base/parallel.h"
#include "decide/tile.h"

/* Rows a block: enough to hide the cost of a thread; it cannot change a result, a row is computed
 * alone. Numbers at once within it, as far as they are whole rows: they stay in the cache. */
enum { CORRECT_BLOCK = 1024, CORRECT_NUMBERS = 2048 };

static double shift_of(const double *class_weights, size_t k) {
  if (!class_weights) return 0;
  return class_weights[k] > 0 ? log(class_weights[k]) : (double)INFINITY;
}

/* What lies between neighbouring rows, and between neighbouring classes of a row. */
typedef struct layout {
  size_t n_rows, row_step, n_classes, class_step;
} layout;

SY_INLINE void subtract(double *to, const double *from, layout l, size_t k, double shift) {
  for (size_t i = 0; i < l.n_rows; i++) {
    size_t at = k * l.class_step + i * l.row_step;
    to[at] = isinf(shift) ? -(double)INFINITY : from[at] - shift;
  }
}

/* Log softmax over classes, in place; the terms e^(z - top) of each row into `terms` where that is
 * not NULL, and what they are divided by into `scale`. The largest term is 1 and is left to log1p,
 * so that a probability near 1 keeps all the digits of its logarithm: ranking by it stays as fine
 * as near 0. A row of nothing but -inf has no probabilities: they and their logarithms stay 0 and
 * -inf. */
SY_INLINE void normalise(double *restrict logits, double *restrict terms, layout l, bool want_logs,
                         double *restrict scale) {
  double top[SY_TILE_ROWS], rest[SY_TILE_ROWS];
  int64_t best[SY_TILE_ROWS];
  for (size_t i = 0; i < l.n_rows; i++) {
    top[i] = logits[i * l.row_step];
    best[i] = 0;
    rest[i] = 0;
  }
  for (size_t k = 1; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) {
      double z = logits[k * l.class_step + i * l.row_step];
      best[i] = z > top[i] ? (int64_t)k : best[i];
      top[i] = z > top[i] ? z : top[i];
    }
  for (size_t k = 0; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) {
      size_t at = k * l.class_step + i * l.row_step;
      double z = logits[at], gap = z == top[i] ? 0 : z - top[i], term = sy_exp(gap);
      rest[i] += best[i] == (int64_t)k ? 0 : term;
      logits[at] = gap;
      if (terms) terms[at] = term;
    }
  for (size_t i = 0; i < l.n_rows; i++)
    scale[i] = top[i] == -(double)INFINITY ? 0 : 1 / (1 + rest[i]);
  if (!want_logs) return;
  for (size_t i = 0; i < l.n_rows; i++)
    rest[i] = top[i] == -(double)INFINITY ? (double)INFINITY : sy_log1p(rest[i]);
  for (size_t k = 0; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) logits[k * l.class_step + i * l.row_step] -= rest[i];
}

void sy_correct_shifts(const double *class_weights, size_t n_classes, double *shifts) {
  for (size_t k = 0; k < n_classes; k++) shifts[k] = shift_of(class_weights, k);
}

SY_CLONES static void correct_tile(double *logits, size_t n_classes, size_t stride,
                                   const double *shifts, bool want_logs, double *probabilities) {
  layout l = {stride, 1, n_classes, stride};
  double scale[SY_TILE_ROWS];
  for (size_t k = 0; k < n_classes; k++) subtract(logits, logits, l, k, shifts[k]);
  normalise(logits, probabilities, l, want_logs, scale);
  for (size_t k = 0; k < n_classes; k++)
    for (size_t row = 0; row < stride; row++) probabilities[k * stride + row] *= scale[row];
}

void sy_correct_tile(double *logits, size_t n_classes, size_t stride, const double *shifts,
                     bool want_logs, double *probabilities) {
  correct_tile(logits, n_classes, stride, shifts, want_logs, probabilities);
}

typedef struct correct_job {
  const double *logits;
  size_t n, n_classes;
  const double *class_weights;
  double *log_probabilities;
} correct_job;

SY_CLONES static void correct_rows(double *rows, size_t n, size_t n_classes) {
  double scale[SY_TILE_ROWS];
  size_t most = CORRECT_NUMBERS / n_classes;
  most = most < 1 ? 1 : most > SY_TILE_ROWS ? SY_TILE_ROWS : most;
  for (size_t first = 0; first < n; first += most) {
    size_t n_rows = n - first < most ? n - first : most;
    layout l = {n_rows, n_classes, n_classes, 1};
    normalise(rows + first * n_classes, NULL, l, true, scale);
  }
}

/* Weights are taken off class by class, so that ln w_k is computed once a block without storage. */
static void correct_block(void *context, size_t block) {
  const correct_job *job = context;
  size_t first = block * CORRECT_BLOCK, left = job->n - first;
  size_t n = left < CORRECT_BLOCK ? left : CORRECT_BLOCK;
  const double *logits = job->logits + first * job->n_classes;
  double *corrected = job->log_probabilities + first * job->n_classes;
  layout l = {n, job->n_classes, job->n_classes, 1};
  for (size_t k = 0; k < job->n_classes; k++)
    subtract(corrected, logits, l, k, shift_of(job->class_weights, k));
  correct_rows(corrected, n, job->n_classes);
}

void sy_correct(const double *logits, size_t n, size_t n_classes, const double *class_weights,
                double *log_probabilities) {
  correct_job job = {logits, n, n_classes, class_weights, log_probabilities};
  sy_parallel_blocks((n + CORRECT_BLOCK - 1) / CORRECT_BLOCK, correct_block, &job);
}
