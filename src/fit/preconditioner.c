/* preconditioner.c: where the classes of a row are as uncertain as those of any other, the Hessian
 * is (diag(p) - p p') (x) Gram; this keeps its diagonal blocks. */
#include "fit/preconditioner.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/cholesky.h"

#include <stdatomic.h>
#include <string.h>

sy_status sy_preconditioner_make(const sy_problem *problem, const sy_metric *metric,
                                 sy_preconditioner *preconditioner, sy_error *error) {
  size_t size = sy_problem_size(problem);
  size_t depth = metric->diagonal ? 1 : metric->width;
  *preconditioner = (sy_preconditioner){.problem = problem,
                                        .metric = metric,
                                        .factors = sy_alloc(size, depth * sizeof(double)),
                                        .diagonals = sy_alloc(size, sizeof(double)),
                                        .scales = sy_alloc(size, sizeof(double))};
  if (!preconditioner->factors || !preconditioner->diagonals || !preconditioner->scales)
    return sy_fail_memory(error);
  return SY_OK;
}

void sy_preconditioner_clear(sy_preconditioner *preconditioner) {
  free(preconditioner->factors);
  free(preconditioner->diagonals);
  free(preconditioner->scales);
  *preconditioner = (sy_preconditioner){0};
}

typedef struct update_context {
  sy_preconditioner *preconditioner;
  const double *curvature;
  double damping;
  atomic_bool failed;
} update_context;

static void update_class(void *opaque, size_t k) {
  update_context *context = opaque;
  sy_preconditioner *made = context->preconditioner;
  const double *gram = made->metric->gram;
  size_t width = made->problem->width;
  double curvature = context->curvature[k] + context->damping, l2 = made->problem->l2;
  double *diagonal = made->diagonals + k * width;
  for (size_t j = 0; j < width; j++) {
    double square = gram[made->metric->diagonal ? j : j * (width + 1)];
    diagonal[j] = curvature * square + (j + 1 < width ? l2 : 0);
  }
  if (made->metric->diagonal) return;
  double *factor = made->factors + k * width * width;
  for (size_t j = 0; j < width * width; j++) factor[j] = curvature * gram[j];
  if (!sy_cholesky_factor(factor, diagonal, width, made->scales + k * width))
    atomic_store(&context->failed, true);
}

sy_status sy_preconditioner_update(sy_preconditioner *preconditioner, const sy_objective *objective,
                                   double damping, sy_error *error) {
  update_context context = {preconditioner, objective->curvature, damping, false};
  sy_parallel_blocks(preconditioner->problem->n_vectors, update_class, &context);
  if (atomic_load(&context.failed))
    return sy_fail(error, SY_NUMERIC_FAILURE,
                   "the second derivatives left the range of float64; scale the columns");
  return SY_OK;
}

typedef struct apply_context {
  const sy_preconditioner *preconditioner;
  const double *vector;
  double *out;
} apply_context;

/* A column without curvature has no gradient: 0 stays 0. */
static void divide(double diagonal, double *value) {
  if (diagonal > 0) *value /= diagonal;
}

static void apply_class(void *opaque, size_t k) {
  const apply_context *context = opaque;
  const sy_preconditioner *made = context->preconditioner;
  size_t width = made->problem->width;
  double *out = context->out + k * width;
  memcpy(out, context->vector + k * width, width * sizeof *out);
  if (made->metric->diagonal)
    for (size_t j = 0; j < width; j++) divide(made->diagonals[k * width + j], out + j);
  else
    sy_cholesky_solve(made->factors + k * width * width, width, made->scales + k * width, out);
}

void sy_preconditioner_apply(const sy_preconditioner *preconditioner, const double *vector,
                             double *out) {
  apply_context context = {preconditioner, vector, out};
  sy_parallel_blocks(preconditioner->problem->n_vectors, apply_class, &context);
}
