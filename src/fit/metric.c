/* metric.c: the weighted Gram matrix. */
#include "fit/metric.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/hessian.h"

#include <cblas.h>
#include <string.h>

/* One factor stays below what takes a second, those of all classes below 256 MB. */
enum { LARGEST_WIDTH = 2048, MOST_FACTORS = 1 << 25 };

static sy_status make_diagonal(const sy_problem *problem, double *gram, sy_error *error) {
  double *row = sy_alloc(problem->width, sizeof *row);
  if (!row) return sy_fail_memory(error);
  memset(gram, 0, problem->width * sizeof *gram);
  for (size_t i = 0; i < problem->n; i++) {
    sy_problem_row(problem, i, 1, row);
    for (size_t j = 0; j < problem->width; j++) gram[j] += problem->weights[i] * row[j] * row[j];
  }
  free(row);
  return SY_OK;
}

sy_status sy_metric_make(const sy_problem *problem, sy_metric *metric, sy_error *error) {
  if (metric->gram) return SY_OK;
  size_t width = problem->width;
  metric->width = width;
  metric->diagonal = width > LARGEST_WIDTH || sy_problem_size(problem) > MOST_FACTORS / width;
  metric->gram = sy_alloc(width, (metric->diagonal ? 1 : width) * sizeof(double));
  if (!metric->gram) return sy_fail_memory(error);
  return metric->diagonal ? make_diagonal(problem, metric->gram, error)
                          : sy_hessian_gram(problem, metric->gram, error);
}

void sy_metric_clear(sy_metric *metric) {
  free(metric->gram);
  *metric = (sy_metric){0};
}

void sy_metric_add(const sy_metric *metric, double factor, const double *vectors, size_t n_vectors,
                   double *out) {
  size_t width = metric->width;
  if (factor == 0) return;
  if (!metric->diagonal) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n_vectors, (int)width, (int)width,
                factor, vectors, (int)width, metric->gram, (int)width, 1, out, (int)width);
    return;
  }
  for (size_t k = 0; k < n_vectors; k++)
    for (size_t j = 0; j < width; j++)
      out[k * width + j] += factor * metric->gram[j] * vectors[k * width + j];
}
