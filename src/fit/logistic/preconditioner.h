/* preconditioner.h: a cheap stand-in for the Hessian: for each class, its mean curvature times the
 * Gram matrix sum_i w_i x x', plus the penalty. Where the rows of a class waver alike this is near
 * to the diagonal blocks of the Hessian, and the Gram matrix is made once a fit. */
#ifndef SY_FIT_LOGISTIC_PRECONDITIONER_H
#define SY_FIT_LOGISTIC_PRECONDITIONER_H

#include "fit/logistic/objective.h"

typedef struct sy_preconditioner {
  const sy_problem *problem;
  bool diagonal;              /* all the matrices are: P is too large for more */
  double *gram;               /* (P, P), or (P) where diagonal */
  double *factors;            /* (V, P, P), or unused */
  double *diagonals, *scales; /* (V, P) */
} sy_preconditioner;

/* Release with sy_preconditioner_clear; zero is legal. */
void sy_preconditioner_clear(sy_preconditioner *preconditioner);

/* Factors it where the objective was evaluated last. Fails with SY_NUMERIC_FAILURE,
 * SY_OUT_OF_MEMORY. */
sy_status sy_preconditioner_update(sy_preconditioner *preconditioner,
                                   const sy_fit_objective *objective, sy_error *error);

/* vector (V, P) = inverse x vector. */
void sy_preconditioner_solve(const sy_preconditioner *preconditioner, double *vector);

#endif
