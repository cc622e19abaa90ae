/* newton_cg.c: truncated conjugate gradients on the Newton system. The system is positive
 * semidefinite and its right side lies in its range, so the iteration needs no safeguard but for
 * curvature lost to rounding. */
#include "fit/newton_cg.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/dot.h"

#include <string.h>

enum { MOST_STEPS = 250 };

/* Two products of P x V a row at a third of the speed of a square one, and the row's own work. */
double sy_newton_cg_step_cost(const sy_problem *problem) {
  double width = (double)problem->width, vectors = (double)problem->n_vectors;
  return (double)problem->n * (width * 2 + 6 * width * vectors + 10 * vectors);
}

sy_status sy_newton_cg_make(const sy_problem *problem, const sy_metric *metric,
                            sy_newton_cg *solver, sy_error *error) {
  size_t size = sy_problem_size(problem);
  *solver = (sy_newton_cg){.residual = sy_alloc(size, sizeof(double)),
                           .solved = sy_alloc(size, sizeof(double)),
                           .search = sy_alloc(size, sizeof(double)),
                           .curved = sy_alloc(size, sizeof(double))};
  if (!solver->residual || !solver->solved || !solver->search || !solver->curved)
    return sy_fail_memory(error);
  return sy_preconditioner_make(problem, metric, &solver->preconditioner, error);
}

void sy_newton_cg_clear(sy_newton_cg *solver) {
  sy_preconditioner_clear(&solver->preconditioner);
  free(solver->residual);
  free(solver->solved);
  free(solver->search);
  free(solver->curved);
  *solver = (sy_newton_cg){0};
}

static void add_scaled(size_t n, double factor, const double *vector, double *sum) {
  for (size_t j = 0; j < n; j++) sum[j] += factor * vector[j];
}

sy_status sy_newton_cg_direction(sy_newton_cg *solver, sy_objective *objective,
                                 const sy_point *point, double damping, double forcing,
                                 double *direction, sy_error *error) {
  size_t size = sy_problem_size(objective->problem);
  sy_status status = sy_preconditioner_update(&solver->preconditioner, objective, damping, error);
  if (status != SY_OK) return status;
  memset(direction, 0, size * sizeof *direction);
  for (size_t j = 0; j < size; j++) solver->residual[j] = -point->gradient[j];
  sy_preconditioner_apply(&solver->preconditioner, solver->residual, solver->search);
  double product = sy_dot_f64(solver->residual, solver->search, size);
  double enough = forcing * forcing * product;
  for (solver->steps = 1; solver->steps <= MOST_STEPS; solver->steps++) {
    sy_objective_curve(objective, solver->search, solver->curved);
    sy_metric_add(solver->preconditioner.metric, damping, solver->search,
                  objective->problem->n_vectors, solver->curved);
    double curvature = sy_dot_f64(solver->search, solver->curved, size);
    if (!(curvature > 0)) break;
    double step = product / curvature;
    add_scaled(size, step, solver->search, direction);
    add_scaled(size, -step, solver->curved, solver->residual);
    sy_preconditioner_apply(&solver->preconditioner, solver->residual, solver->solved);
    double next = sy_dot_f64(solver->residual, solver->solved, size);
    if (!(next > enough)) break;
    for (size_t j = 0; j < size; j++)
      solver->search[j] = solver->solved[j] + next / product * solver->search[j];
    product = next;
  }
  sy_problem_center(objective->problem, direction);
  return SY_OK;
}
