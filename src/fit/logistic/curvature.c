/* curvature.c: stand-ins for the Hessian, their damping, and directions made of them. */
#include "fit/logistic/curvature.h"

#include "base/error.h"

#include <math.h>

/* Damping: where it starts and ends; how it falls after a full step and rises after one cut short.
 * A damping of 1/2 bounds the Hessian everywhere (Boehning 1992), so few rises are enough. */
static const double first_damping = 1e-3, least_damping = 1e-8;
static const double less_damping = 0.03, more_damping = 10;

void sy_curvature_clear(sy_curvature *curvature) {
  sy_newton_clear(&curvature->newton);
  sy_preconditioner_clear(&curvature->preconditioner);
  sy_secant_clear(&curvature->secant);
  *curvature = (sy_curvature){0};
}

/* A preconditioner that is diagonal has no Gram matrix to damp with. */
static sy_status factor(sy_curvature *curvature, const sy_fit_objective *objective,
                        sy_error *error) {
  sy_status status = SY_OK;
  if (curvature->damping > 0 && !curvature->preconditioner.gram)
    status = sy_preconditioner_update(&curvature->preconditioner, objective, error);
  if (status != SY_OK) return status;
  if (curvature->preconditioner.diagonal) curvature->damping = 0;
  return sy_newton_factor(&curvature->newton, curvature->damping, curvature->preconditioner.gram,
                          error);
}

sy_status sy_curvature_take_hessian(sy_curvature *curvature, const sy_fit_objective *objective,
                                    double most_pairs, sy_error *error) {
  if (curvature->stand_in == SY_STAND_IN_PRECONDITIONER) curvature->damping = first_damping;
  curvature->stand_in = SY_STAND_IN_HESSIAN;
  sy_secant_forget(&curvature->secant);
  sy_status status = sy_newton_update(&curvature->newton, objective, most_pairs, error);
  return status == SY_OK ? factor(curvature, objective, error) : status;
}

sy_status sy_curvature_take_preconditioner(sy_curvature *curvature,
                                           const sy_fit_objective *objective, sy_error *error) {
  curvature->stand_in = SY_STAND_IN_PRECONDITIONER;
  return sy_preconditioner_update(&curvature->preconditioner, objective, error);
}

sy_status sy_curvature_damp(sy_curvature *curvature, const sy_fit_objective *objective,
                            sy_error *error) {
  curvature->damping = fmax(curvature->damping * more_damping, first_damping);
  return factor(curvature, objective, error);
}

void sy_curvature_relax(sy_curvature *curvature) {
  curvature->damping *= less_damping;
  if (curvature->damping < least_damping) curvature->damping = 0;
}

void sy_curvature_direction(const sy_curvature *curvature, const sy_problem *problem,
                            const double *gradient, double *vector) {
  size_t size = sy_problem_size(problem);
  double factors[SY_SECANT_MOST];
  for (size_t j = 0; j < size; j++) vector[j] = -gradient[j];
  sy_secant_before(&curvature->secant, vector, factors);
  if (curvature->stand_in == SY_STAND_IN_HESSIAN)
    sy_newton_solve(&curvature->newton, vector);
  else
    sy_preconditioner_solve(&curvature->preconditioner, vector);
  sy_secant_after(&curvature->secant, vector, factors);
  sy_problem_center(problem, vector);
}

void sy_curvature_hand_over(sy_curvature *curvature, const sy_problem *problem) {
  curvature->newton.problem = curvature->preconditioner.problem = problem;
}
