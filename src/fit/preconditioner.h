/* preconditioner.h: a cheap stand-in for the Hessian: for each class, its mean curvature times the
 * weighted Gram matrix of the rows (made once a fit), plus the penalty. Where P is too large, the
 * diagonal of that. */
#ifndef SY_FIT_PRECONDITIONER_H
#define SY_FIT_PRECONDITIONER_H

#include "fit/objective.h"

typedef struct sy_preconditioner {
  const sy_problem *problem;
  bool diagonal;
  double *gram;    /* (P, P), or its diagonal (P) */
  double *factors; /* (V, P, P), or (V, P) */
  double *scales;  /* (V, P); unused where diagonal */
} sy_preconditioner;

/* Release with sy_preconditioner_clear whether or not it succeeds. */
sy_status sy_preconditioner_make(const sy_problem *problem, sy_preconditioner *preconditioner,
                                 sy_error *error);
void sy_preconditioner_clear(sy_preconditioner *preconditioner);

/* Adapts it to where the objective was evaluated last. Fails with SY_NUMERIC_FAILURE. */
sy_status sy_preconditioner_update(sy_preconditioner *preconditioner, const sy_objective *objective,
                                   sy_error *error);

/* out = inverse x vector, both (V, P). */
void sy_preconditioner_apply(const sy_preconditioner *preconditioner, const double *vector,
                             double *out);

#endif
