/* prior.c: probabilities under another prior. */
#include "base/parallel.h"
#include "decide/normalise.h"
#include "decide/tile.h"

enum { SHIFT_BLOCK = 1024 };

static double shift_of(double ratio) {
  return ratio > 0 && isfinite(ratio) ? -log(ratio) : (double)INFINITY;
}

void sy_prior_shifts(const double *ratio, size_t n_classes, double *shifts) {
  for (size_t k = 0; k < n_classes; k++) shifts[k] = shift_of(ratio[k]);
}

typedef struct shift_job {
  const double *log_probabilities;
  size_t n, n_classes;
  const double *ratio;
  double *shifted;
} shift_job;

/* Class by class, so that each logarithm is taken once a block without storage. */
static void shift_block(void *context, size_t block) {
  const shift_job *job = context;
  size_t n_classes = job->n_classes, first = block * SHIFT_BLOCK, left = job->n - first;
  size_t n = left < SHIFT_BLOCK ? left : SHIFT_BLOCK;
  const double *from = job->log_probabilities + first * n_classes;
  double *to = job->shifted + first * n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    double shift = shift_of(job->ratio[k]);
    for (size_t i = 0; i < n; i++) to[i * n_classes + k] = from[i * n_classes + k] - shift;
  }
  sy_normalise_whole_rows(to, n, n_classes);
}

void sy_prior_shift(const double *log_probabilities, size_t n, size_t n_classes,
                    const double *ratio, double *shifted) {
  shift_job job = {log_probabilities, n, n_classes, ratio, shifted};
  sy_parallel_blocks((n + SHIFT_BLOCK - 1) / SHIFT_BLOCK, shift_block, &job);
}
