/* preconditioner.c: one factor a class, all from the same Gram matrix. */
#include "fit/logistic/preconditioner.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/logistic/cholesky.h"
#include "fit/logistic/hessian.h"

#include <stdatomic.h>
#include <string.h>

/* One factor stays below what takes a second, those of all classes below 256 MB, and the Gram
 * matrix below what some twenty evaluations cost. */
enum { LARGEST_WIDTH = 2048, MOST_FACTORS = 1 << 25, WIDEST_A_VECTOR = 256 };

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

static sy_status make(const sy_problem *problem, sy_watch *watch, sy_preconditioner *made,
                      sy_error *error) {
  size_t width = problem->width, size = sy_problem_size(problem);
  *made = (sy_preconditioner){.problem = problem};
  made->diagonal = width > LARGEST_WIDTH || size > MOST_FACTORS / width ||
                   width > WIDEST_A_VECTOR * problem->n_vectors;
  made->gram = sy_alloc(width, (made->diagonal ? 1 : width) * sizeof(double));
  made->factors = sy_alloc(size, (made->diagonal ? 0 : width) * sizeof(double));
  made->diagonals = sy_alloc(size, sizeof(double));
  made->scales = sy_alloc(size, sizeof(double));
  if (!made->gram || !made->factors || !made->diagonals || !made->scales)
    return sy_fail_memory(error);
  return made->diagonal ? make_diagonal(problem, made->gram, error)
                        : sy_hessian_gram(problem, watch, made->gram, error);
}

void sy_preconditioner_clear(sy_preconditioner *preconditioner) {
  free(preconditioner->gram);
  free(preconditioner->factors);
  free(preconditioner->diagonals);
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
  size_t width = made->problem->width;
  double *diagonal = made->diagonals + k * width, curvature = context->curvature[k];
  for (size_t j = 0; j < width; j++) {
    double square = made->gram[made->diagonal ? j : j * (width + 1)];
    diagonal[j] = curvature * square + (j + 1 < width ? made->problem->l2 : 0);
  }
  if (made->diagonal) return;
  double *factor = made->factors + k * width * width;
  for (size_t j = 0; j < width * width; j++) factor[j] = curvature * made->gram[j];
  if (!sy_cholesky_factor(factor, diagonal, width, made->scales + k * width))
    atomic_store(&context->failed, true);
}

sy_status sy_preconditioner_update(sy_preconditioner *preconditioner,
                                   const sy_fit_objective *objective, sy_error *error) {
  sy_status status = SY_OK;
  if (!preconditioner->gram)
    status = make(objective->problem, objective->watch, preconditioner, error);
  if (status != SY_OK) return status;
  update_context context = {preconditioner, objective->curvature, false};
  sy_parallel_blocks(preconditioner->problem->n_vectors, update_class, &context);
  if (atomic_load(&context.failed))
    return sy_fail(error, SY_NUMERIC_FAILURE,
                   "the second derivatives left the range of float64; scale the columns");
  return SY_OK;
}

typedef struct solve_context {
  const sy_preconditioner *preconditioner;
  double *vector;
} solve_context;

static void solve_class(void *opaque, size_t k) {
  const solve_context *context = opaque;
  const sy_preconditioner *made = context->preconditioner;
  size_t width = made->problem->width;
  double *vector = context->vector + k * width;
  const double *diagonal = made->diagonals + k * width;
  if (!made->diagonal) {
    sy_cholesky_solve(made->factors + k * width * width, width, made->scales + k * width, vector);
    return;
  }
  /* A column without curvature has no gradient: 0 stays 0. */
  for (size_t j = 0; j < width; j++)
    if (diagonal[j] > 0) vector[j] /= diagonal[j];
}

void sy_preconditioner_solve(const sy_preconditioner *preconditioner, double *vector) {
  solve_context context = {preconditioner, vector};
  sy_parallel_blocks(preconditioner->problem->n_vectors, solve_class, &context);
}
