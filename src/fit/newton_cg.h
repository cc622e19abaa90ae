/* newton_cg.h: an approximate Newton direction by preconditioned conjugate gradients, for systems
 * too large or too costly to factor. */
#ifndef SY_FIT_NEWTON_CG_H
#define SY_FIT_NEWTON_CG_H

#include "fit/preconditioner.h"

typedef struct sy_newton_cg {
  sy_preconditioner preconditioner;
  double *residual, *solved, *search, *curved; /* (V, P) */
  int steps;                                   /* products the last direction took */
} sy_newton_cg;

/* Release with sy_newton_cg_clear whether or not it succeeds. */
sy_status sy_newton_cg_make(const sy_problem *problem, const sy_metric *metric,
                            sy_newton_cg *solver, sy_error *error);
void sy_newton_cg_clear(sy_newton_cg *solver);

/* direction (V, P), about -(Hessian + damping x metric)^-1 gradient, to a relative residual of
 * `forcing`. */
sy_status sy_newton_cg_direction(sy_newton_cg *solver, sy_objective *objective,
                                 const sy_point *point, double damping, double forcing,
                                 double *direction, sy_error *error);

/* Operations of one product with the Hessian, in the units of sy_newton_cost. */
double sy_newton_cg_step_cost(const sy_problem *problem);

#endif
