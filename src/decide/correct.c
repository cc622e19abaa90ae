/* correct.c: from the logits of a weighted model to true log-probabilities. */
#include "base/parallel.h"

#include <math.h>
#include <steelyard/decide.h>

/* Rows a block: enough to hide the cost of a thread; it cannot change a result, a row is computed
 * alone. */
enum { CORRECT_BLOCK = 1024 };

/* Logits are taken class by class, so that ln w_k is computed once a block without storage. */
static void subtract_weights(const double *logits, size_t n, size_t n_classes,
                             const double *class_weights, double *corrected) {
  for (size_t k = 0; k < n_classes; k++) {
    double weight = class_weights ? class_weights[k] : 1;
    double shift = weight > 0 ? log(weight) : 0;
    for (size_t i = k; i < n * n_classes; i += n_classes)
      corrected[i] = weight > 0 ? logits[i] - shift : -INFINITY;
  }
}

static size_t largest(const double *row, size_t n_classes) {
  size_t best = 0;
  for (size_t k = 1; k < n_classes; k++)
    if (row[k] > row[best]) best = k;
  return best;
}

/* log softmax. The largest term is 1 after shifting and is left to log1p, so that a probability
 * near 1 keeps all the digits of its logarithm: ranking by it stays as fine as near 0. */
static void normalise_row(double *row, size_t n_classes) {
  size_t best = largest(row, n_classes);
  double top = row[best], rest = 0;
  if (isinf(top)) return; /* a row of nothing but -inf has no probabilities: left as it is */
  for (size_t k = 0; k < n_classes; k++)
    if (k != best) rest += exp(row[k] - top);
  double total = log1p(rest);
  for (size_t k = 0; k < n_classes; k++) row[k] = row[k] - top - total;
}

static void correct_rows(const double *logits, size_t n, size_t n_classes,
                         const double *class_weights, double *log_probabilities) {
  subtract_weights(logits, n, n_classes, class_weights, log_probabilities);
  for (size_t i = 0; i < n; i++) normalise_row(log_probabilities + i * n_classes, n_classes);
}

typedef struct correct_job {
  const double *logits;
  size_t n, n_classes;
  const double *class_weights;
  double *log_probabilities;
} correct_job;

static void correct_block(void *context, size_t block) {
  const correct_job *job = context;
  size_t first = block * CORRECT_BLOCK, left = job->n - first;
  size_t offset = first * job->n_classes;
  correct_rows(job->logits + offset, left < CORRECT_BLOCK ? left : CORRECT_BLOCK, job->n_classes,
               job->class_weights, job->log_probabilities + offset);
}

void sy_correct(const double *logits, size_t n, size_t n_classes, const double *class_weights,
                double *log_probabilities) {
  correct_job job = {logits, n, n_classes, class_weights, log_probabilities};
  sy_parallel_blocks((n + CORRECT_BLOCK - 1) / CORRECT_BLOCK, correct_block, &job);
}
