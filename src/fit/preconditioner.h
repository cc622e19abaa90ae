/* preconditioner.h: a cheap stand-in for the Hessian: for each class, its mean curvature times the
 * metric (made once a fit), plus the penalty and the damping. */
#ifndef SY_FIT_PRECONDITIONER_H
#define SY_FIT_PRECONDITIONER_H

#include "fit/metric.h"
#include "fit/objective.h"

typedef struct sy_preconditioner {
  const sy_problem *problem;
  const sy_metric *metric;
  double *factors;            /* (V, P, P), or (V, P) where the metric is diagonal */
  double *diagonals, *scales; /* (V, P) */
} sy_preconditioner;

/* Release with sy_preconditioner_clear whether or not it succeeds. */
sy_status sy_preconditioner_make(const sy_problem *problem, const sy_metric *metric,
                                 sy_preconditioner *preconditioner, sy_error *error);
void sy_preconditioner_clear(sy_preconditioner *preconditioner);

/* Adapts it to where the objective was evaluated last. Fails with SY_NUMERIC_FAILURE. */
sy_status sy_preconditioner_update(sy_preconditioner *preconditioner, const sy_objective *objective,
                                   double damping, sy_error *error);

/* out = inverse x vector, both (V, P). */
void sy_preconditioner_apply(const sy_preconditioner *preconditioner, const double *vector,
                             double *out);

#endif
