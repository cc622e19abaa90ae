/* preconditioner.c: where the classes of a row are as uncertain as those of any other, the Hessian
 * is (diag(p) - p p') (x) Gram; this keeps its diagonal blocks. */
#include "fit/preconditioner.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/cholesky.h"
#include "fit/hessian.h"

#include <stdatomic.h>
#include <string.h>

/* Factors of all classes stay below 256 MB, one of them below what takes a second. */
enum { MOST_FACTORS = 1 << 25, LARGEST_WIDTH = 2048 };

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

sy_status sy_preconditioner_make(const sy_problem *problem, sy_preconditioner *preconditioner,
                                 sy_error *error) {
  size_t width = problem->width, size = sy_problem_size(problem);
  bool diagonal = width > LARGEST_WIDTH || size > MOST_FACTORS / width;
  size_t depth = diagonal ? 1 : width;
  *preconditioner = (sy_preconditioner){.problem = problem, .diagonal = diagonal};
  preconditioner->gram = sy_alloc(width, depth * sizeof(double));
  preconditioner->factors = sy_alloc(size, depth * sizeof(double));
  preconditioner->scales = sy_alloc(size, sizeof(double));
  if (!preconditioner->gram || !preconditioner->factors || !preconditioner->scales)
    return sy_fail_memory(error);
  return diagonal ? make_diagonal(problem, preconditioner->gram, error)
                  : sy_hessian_gram(problem, preconditioner->gram, error);
}

void sy_preconditioner_clear(sy_preconditioner *preconditioner) {
  free(preconditioner->gram);
  free(preconditioner->factors);
  free(preconditioner->scales);
  *preconditioner = (sy_preconditioner){0};
}

typedef struct update_context {
  sy_preconditioner *preconditioner;
  const double *curvature;
  atomic_bool failed;
} update_context;

static void update_class(void *opaque, size_t k) {
  update_context *context = opaque;
  sy_preconditioner *made = context->preconditioner;
  size_t width = made->problem->width, square = width * width;
  double curvature = context->curvature[k], l2 = made->problem->l2;
  if (made->diagonal) {
    for (size_t j = 0; j < width; j++) {
      double entry = curvature * made->gram[j] + (j + 1 < width ? l2 : 0);
      made->factors[k * width + j] = entry > 0 ? entry : 1;
    }
    return;
  }
  double *factor = made->factors + k * square;
  for (size_t j = 0; j < square; j++) factor[j] = curvature * made->gram[j];
  for (size_t j = 0; j + 1 < width; j++) factor[j * (width + 1)] += l2;
  if (!sy_cholesky_factor(factor, width, made->scales + k * width))
    atomic_store(&context->failed, true);
}

sy_status sy_preconditioner_update(sy_preconditioner *preconditioner, const sy_objective *objective,
                                   sy_error *error) {
  update_context context = {preconditioner, objective->curvature, false};
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

static void apply_class(void *opaque, size_t k) {
  const apply_context *context = opaque;
  const sy_preconditioner *made = context->preconditioner;
  size_t width = made->problem->width;
  double *out = context->out + k * width;
  memcpy(out, context->vector + k * width, width * sizeof *out);
  if (made->diagonal)
    for (size_t j = 0; j < width; j++) out[j] /= made->factors[k * width + j];
  else
    sy_cholesky_solve(made->factors + k * width * width, width, made->scales + k * width, out);
}

void sy_preconditioner_apply(const sy_preconditioner *preconditioner, const double *vector,
                             double *out) {
  apply_context context = {preconditioner, vector, out};
  sy_parallel_blocks(preconditioner->problem->n_vectors, apply_class, &context);
}
