/* metric.h: the weighted Gram matrix of the rows, sum_i w_i x x', as a measure of directions: how
 * much the scores of the rows move. Where it is too large to factor, its diagonal.
 *
 * It damps steps: a row of which the model is sure has no curvature in the Hessian, and a step that
 * only asks the Hessian may overturn it. The Gram matrix knows of all rows. (It bounds the Hessian:
 * Boehning 1992.) */
#ifndef SY_FIT_METRIC_H
#define SY_FIT_METRIC_H

#include "fit/problem.h"

typedef struct sy_metric {
  size_t width;
  bool diagonal;
  double *gram; /* (P, P), or (P) where diagonal; NULL until made */
} sy_metric;

/* Makes it unless it is made already. Release with sy_metric_clear; zero is legal. */
sy_status sy_metric_make(const sy_problem *problem, sy_metric *metric, sy_error *error);
void sy_metric_clear(sy_metric *metric);

/* out += factor x gram x vector, for each of the vectors (V, P). */
void sy_metric_add(const sy_metric *metric, double factor, const double *vectors, size_t n_vectors,
                   double *out);

#endif
