/* newton.h: the Newton direction by a Cholesky factor of the Hessian. */
#ifndef SY_FIT_NEWTON_H
#define SY_FIT_NEWTON_H

#include "fit/metric.h"
#include "fit/objective.h"

typedef struct sy_newton {
  const sy_problem *problem;
  const sy_metric *metric;
  double *matrix;           /* (V P, V P) Hessian above the diagonal, its factor below */
  double *diagonal, *scale; /* (V P) */
  double damping;           /* part of the matrix already */
} sy_newton;

/* Release with sy_newton_clear whether or not it succeeds. The metric may be made later. */
sy_status sy_newton_make(const sy_problem *problem, const sy_metric *metric, sy_newton *newton,
                         sy_error *error);
void sy_newton_clear(sy_newton *newton);

/* Takes over the Hessian where the objective was evaluated last. Fails with SY_OUT_OF_MEMORY. */
sy_status sy_newton_update(sy_newton *newton, const sy_objective *objective, sy_error *error);

/* direction (V, P) = -(Hessian + damping x metric)^-1 gradient; may be asked again with other
 * dampings. The metric must be made unless damping is 0. Fails with SY_NUMERIC_FAILURE. */
sy_status sy_newton_direction(sy_newton *newton, const double *gradient, double damping,
                              double *direction, sy_error *error);

/* Operations that an update and a direction take, in units of one multiplication and addition at
 * the speed of BLAS; infinite where the Hessian cannot be made. */
double sy_newton_cost(const sy_objective *objective);

#endif
