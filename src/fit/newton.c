/* newton.c: Newton's direction, for systems small enough to factor. */
#include "fit/newton.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/cholesky.h"
#include "fit/hessian.h"

#include <math.h>

/* A row of a pair costs P^2 / 2 operations (dsyrk) and about as much again to gather. A factor is
 * V P cubed over 6, on one thread. */
double sy_newton_cost(const sy_objective *objective) {
  const sy_problem *problem = objective->problem;
  double size = (double)sy_problem_size(problem), width = (double)problem->width;
  if (size > SY_NEWTON_LARGEST || !objective->spread) return (double)INFINITY;
  double pairs = problem->n_vectors == 1 ? 1 : size / width * (size / width - 1) / 2;
  return objective->active_pairs * width * (width / 2 + 16) + size * size * size / 6 +
         pairs * width * width * 8;
}

sy_status sy_newton_direction(const sy_objective *objective, const sy_point *point,
                              double *direction, sy_error *error) {
  const sy_problem *problem = objective->problem;
  size_t size = sy_problem_size(problem);
  double *matrix = sy_alloc(size, size * sizeof *matrix);
  double *scale = sy_alloc(size, sizeof *scale);
  sy_status status =
      matrix && scale ? sy_hessian_make(objective, matrix, error) : sy_fail_memory(error);
  if (status == SY_OK && !sy_cholesky_factor(matrix, size, scale))
    status = sy_fail(error, SY_NUMERIC_FAILURE,
                     "the second derivatives left the range of float64; scale the columns");
  if (status == SY_OK) {
    for (size_t j = 0; j < size; j++) direction[j] = -point->gradient[j];
    sy_cholesky_solve(matrix, size, scale, direction);
    sy_problem_center(problem, direction);
  }
  free(matrix);
  free(scale);
  return status;
}
