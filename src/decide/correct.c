/* correct.c: from the logits of a weighted model to true log-probabilities. */
#include "base/parallel.h"
#include "decide/normalise.h"
#include "decide/tile.h"

/* Rows a block: enough to hide the cost of a thread; it cannot change a result, a row is computed
 * alone. */
enum { CORRECT_BLOCK = 1024 };

static double shift_of(const double *class_weights, size_t k) {
  if (!class_weights) return 0;
  return class_weights[k] > 0 ? log(class_weights[k]) : (double)INFINITY;
}

SY_INLINE void subtract(double *to, const double *from, sy_rows_layout l, size_t k, double shift) {
  for (size_t i = 0; i < l.n_rows; i++) {
    size_t at = k * l.class_step + i * l.row_step;
    to[at] = isinf(shift) ? -(double)INFINITY : from[at] - shift;
  }
}

void sy_correct_shifts(const double *class_weights, size_t n_classes, double *shifts) {
  for (size_t k = 0; k < n_classes; k++) shifts[k] = shift_of(class_weights, k);
}

SY_CLONES static void correct_tile(double *logits, size_t n_classes, size_t stride,
                                   const double *shifts, bool want_logs, double *probabilities) {
  sy_rows_layout l = {stride, 1, n_classes, stride};
  double scale[SY_TILE_ROWS];
  for (size_t k = 0; k < n_classes; k++) subtract(logits, logits, l, k, shifts[k]);
  sy_normalise(logits, probabilities, l, want_logs, scale);
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

/* Weights are taken off class by class, so that ln w_k is computed once a block without storage. */
static void correct_block(void *context, size_t block) {
  const correct_job *job = context;
  size_t first = block * CORRECT_BLOCK, left = job->n - first;
  size_t n = left < CORRECT_BLOCK ? left : CORRECT_BLOCK;
  const double *logits = job->logits + first * job->n_classes;
  double *corrected = job->log_probabilities + first * job->n_classes;
  sy_rows_layout l = {n, job->n_classes, job->n_classes, 1};
  for (size_t k = 0; k < job->n_classes; k++)
    subtract(corrected, logits, l, k, shift_of(job->class_weights, k));
  sy_normalise_whole_rows(corrected, n, job->n_classes);
}

void sy_correct(const double *logits, size_t n, size_t n_classes, const double *class_weights,
                double *log_probabilities) {
  correct_job job = {logits, n, n_classes, class_weights, log_probabilities};
  sy_parallel_blocks((n + CORRECT_BLOCK - 1) / CORRECT_BLOCK, correct_block, &job);
}
