/* newton.c: Newton's direction, for systems small enough to factor. */
#include "fit/newton.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/cholesky.h"
#include "fit/hessian.h"

#include <math.h>

/* Largest number of parameters whose Hessian (128 MB) is made. */
enum { LARGEST_SYSTEM = 4096 };

/* A row of a pair costs P^2 / 2 operations (dsyrk) and some to gather. A factor is V P cubed over
 * 6, on one thread. */
double sy_newton_cost(const sy_objective *objective) {
  const sy_problem *problem = objective->problem;
  double size = (double)sy_problem_size(problem), width = (double)problem->width;
  if (size > LARGEST_SYSTEM || !objective->spread) return (double)INFINITY;
  double pairs = problem->n_vectors == 1 ? 1 : size / width * (size / width - 1) / 2;
  return objective->active_pairs * width * (width / 2 + 16) + size * size * size / 6 +
         pairs * width * width * 8;
}

sy_status sy_newton_make(const sy_problem *problem, const sy_metric *metric, sy_newton *newton,
                         sy_error *error) {
  size_t size = sy_problem_size(problem);
  *newton = (sy_newton){.problem = problem,
                        .metric = metric,
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

sy_status sy_newton_update(sy_newton *newton, const sy_objective *objective, sy_error *error) {
  newton->damping = 0;
  return sy_hessian_make(objective, newton->matrix, newton->diagonal, error);
}

/* Brings the damping that the matrix holds to the one wanted. */
static void damp(sy_newton *newton, double damping) {
  const sy_metric *metric = newton->metric;
  size_t width = newton->problem->width, size = sy_problem_size(newton->problem);
  double change = damping - newton->damping;
  newton->damping = damping;
  if (change == 0) return;
  for (size_t i = 0; i < size; i++) {
    size_t at = i % width;
    double *row = newton->matrix + i * size + (i - at);
    const double *gram = metric->gram + (metric->diagonal ? at : at * width);
    newton->diagonal[i] += change * gram[metric->diagonal ? 0 : at];
    for (size_t j = at + 1; j < width && !metric->diagonal; j++) row[j] += change * gram[j];
  }
}

sy_status sy_newton_direction(sy_newton *newton, const double *gradient, double damping,
                              double *direction, sy_error *error) {
  size_t size = sy_problem_size(newton->problem);
  damp(newton, damping);
  if (!sy_cholesky_factor(newton->matrix, newton->diagonal, size, newton->scale))
    return sy_fail(error, SY_NUMERIC_FAILURE,
                   "the second derivatives left the range of float64; scale the columns");
  for (size_t j = 0; j < size; j++) direction[j] = -gradient[j];
  sy_cholesky_solve(newton->matrix, size, newton->scale, direction);
  sy_problem_center(newton->problem, direction);
  return SY_OK;
}
