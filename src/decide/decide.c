/* decide.c: the decision of least expected cost. */
#include "base/parallel.h"

#include <steelyard/decide.h>

/* Rows a block (it cannot change a result: a row is decided alone), and classes whose expected
 * costs are held at once, on the stack: deciding a row allocates nothing. */
enum { DECIDE_BLOCK = 1024, DECIDE_CLASSES = 64 };

/* Expected costs of `width` decisions from `first` on.
 * Adding a constant to the costs of one actual class changes no decision, so each row of the matrix
 * is taken relative to one of its mistakes. Where all mistakes of a class cost the same (plain and
 * implied costs) only -w_j p_j is left of the sum: the decision then is argmax_j w_j p_j to the
 * last bit, ties included, instead of comparing long sums that differ by rounding. */
static void expected_costs(const double *probabilities, size_t n_classes, const double *cost,
                           size_t first, size_t width, double *expected) {
  for (size_t j = 0; j < width; j++) expected[j] = 0;
  for (size_t k = 0; k < n_classes; k++) {
    const double *row = cost + k * n_classes;
    double mistake = row[k + 1 < n_classes ? k + 1 : 0], p = probabilities[k];
    for (size_t j = 0; j < width; j++) expected[j] += p * (row[first + j] - mistake);
  }
}

static int32_t decide_row(const double *probabilities, size_t n_classes, const double *cost) {
  double expected[DECIDE_CLASSES], least = 0;
  size_t best = 0;
  for (size_t first = 0; first < n_classes; first += DECIDE_CLASSES) {
    size_t width = n_classes - first < DECIDE_CLASSES ? n_classes - first : DECIDE_CLASSES;
    expected_costs(probabilities, n_classes, cost, first, width, expected);
    if (first == 0) least = expected[0];
    for (size_t j = 0; j < width; j++) {
      if (!(expected[j] < least)) continue;
      least = expected[j];
      best = first + j;
    }
  }
  return (int32_t)best;
}

typedef struct decide_job {
  const double *probabilities;
  size_t n, n_classes;
  const double *cost;
  int32_t *decisions;
} decide_job;

static void decide_block(void *context, size_t block) {
  const decide_job *job = context;
  size_t first = block * DECIDE_BLOCK;
  size_t end = job->n - first < DECIDE_BLOCK ? job->n : first + DECIDE_BLOCK;
  for (size_t i = first; i < end; i++)
    job->decisions[i] =
        decide_row(job->probabilities + i * job->n_classes, job->n_classes, job->cost);
}

void sy_decide(const double *probabilities, size_t n, size_t n_classes, const double *cost,
               int32_t *decisions) {
  decide_job job = {probabilities, n, n_classes, cost, decisions};
  sy_parallel_blocks((n + DECIDE_BLOCK - 1) / DECIDE_BLOCK, decide_block, &job);
}
