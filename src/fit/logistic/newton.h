/* newton.h: the Hessian and its Cholesky factor. */
#ifndef SY_FIT_LOGISTIC_NEWTON_H
#define SY_FIT_LOGISTIC_NEWTON_H

#include "fit/logistic/objective.h"

typedef struct sy_newton {
  const sy_problem *problem;
  double *matrix;           /* (V P, V P) Hessian above the diagonal, its factor below */
  double *diagonal, *scale; /* (V P) */
  double damping;           /* part of the matrix */
} sy_newton;

/* Release with sy_newton_clear; zero is legal. */
void sy_newton_clear(sy_newton *newton);

/* Takes over the Hessian where the objective was evaluated last, most_pairs as in hessian.h. Fails
 * with SY_OUT_OF_MEMORY. */
sy_status sy_newton_update(sy_newton *newton, const sy_fit_objective *objective, double most_pairs,
                           sy_error *error);

/* Factors Hessian + damping x Gram matrix (P, P) of each class; the Gram matrix may be NULL without
 * damping. Fails with SY_NUMERIC_FAILURE. */
sy_status sy_newton_factor(sy_newton *newton, double damping, const double *gram, sy_error *error);

/* vector (V, P) = inverse of what was factored x vector. */
void sy_newton_solve(const sy_newton *newton, double *vector);

/* Operations an update takes, one multiplication and addition at the speed of BLAS each; infinite
 * where the Hessian is too large. */
double sy_newton_cost(const sy_fit_objective *objective);

#endif
