/* newton.c: Newton's matrix, for systems small enough to factor. */
#include "fit/logistic/newton.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/logistic/cholesky.h"
#include "fit/logistic/hessian.h"

#include <math.h>

/* One vector: a full product. A factor is V P cubed over 6, on one thread. */
double sy_newton_cost(const sy_fit_objective *objective) {
  const sy_problem *problem = objective->problem;
  if (!objective->spread) return (double)INFINITY;
  double size = (double)sy_problem_size(problem), width = (double)problem->width;
  double factor = size * size * size / 6;
  if (objective->squares) return (double)problem->n * width * width + factor;
  double pairs = problem->n_vectors == 1 ? 1 : size / width * (size / width - 1) / 2;
  return objective->active_pairs * sy_hessian_pair_cost(problem) + factor +
         pairs * width * width * 8;
}

static sy_status make(const sy_problem *problem, sy_newton *newton, sy_error *error) {
  size_t size = sy_problem_size(problem);
  *newton = (sy_newton){.problem = problem,
                        .matrix = sy_alloc(size, size * sizeof(double)),
                        .diagonal = sy_alloc(size, sizeof(double)),
                        .scale = sy_alloc(size, sizeof(double))};
  return newton->matrix && newton->diagonal && newton->scale ? SY_OK : sy_fail_memory(error);
}

void sy_newton_clear(sy_newton *newton) {
  free(newton->matrix);
  free(newton->diagonal);
  free(newton->scale);
  *newton = (sy_newton){0};
}

sy_status sy_newton_update(sy_newton *newton, const sy_fit_objective *objective, double most_pairs,
                           sy_error *error) {
  sy_status status = newton->matrix ? SY_OK : make(objective->problem, newton, error);
  newton->damping = 0;
  if (status == SY_OK)
    status = sy_hessian_make(objective, most_pairs, newton->matrix, newton->diagonal, error);
  return status;
}

/* Brings the damping that the matrix holds to the one wanted. */
static void damp(sy_newton *newton, double damping, const double *gram) {
  size_t width = newton->problem->width, size = sy_problem_size(newton->problem);
  double change = damping - newton->damping;
  newton->damping = damping;
  for (size_t i = 0; i < size && change != 0; i++) {
    size_t at = i % width;
    double *row = newton->matrix + i * size + (i - at);
    newton->diagonal[i] += change * gram[at * (width + 1)];
    for (size_t j = at + 1; j < width; j++) row[j] += change * gram[at * width + j];
  }
}

sy_status sy_newton_factor(sy_newton *newton, double damping, const double *gram, sy_error *error) {
  size_t size = sy_problem_size(newton->problem);
  damp(newton, damping, gram);
  if (sy_cholesky_factor(newton->matrix, newton->diagonal, size, newton->scale)) return SY_OK;
  return sy_fail(error, SY_NUMERIC_FAILURE,
                 "the second derivatives left the range of float64; scale the columns");
}

void sy_newton_solve(const sy_newton *newton, double *vector) {
  sy_cholesky_solve(newton->matrix, sy_problem_size(newton->problem), newton->scale, vector);
}
