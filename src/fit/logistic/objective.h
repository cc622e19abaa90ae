/* objective.h: the objective of training and its gradient. */
#ifndef SY_FIT_LOGISTIC_OBJECTIVE_H
#define SY_FIT_LOGISTIC_OBJECTIVE_H

#include "fit/logistic/problem.h"
#include "fit/watch.h"

/* A point of the search. Parameters and gradient are (V, P), intercepts last in each vector. */
typedef struct sy_point {
  double *parameters, *gradient;
  double objective, norm; /* value, and the 2-norm of the gradient */
} sy_point;

sy_status sy_point_make(const sy_problem *problem, sy_point *point, sy_error *error);
void sy_point_clear(sy_point *point);
void sy_point_copy(const sy_problem *problem, const sy_point *from, sy_point *to);

/* What a pass needs: sums and scratch of each slot; and what the last evaluation left behind. */
typedef struct sy_fit_objective {
  const sy_problem *problem;
  sy_watch *watch;
  size_t slots, tile_rows;
  double *vectors; /* (V, padded P) parameters of the last evaluation */
  double *sums;    /* a slot's gradient, curvature, loss and pairs, each slot in turn */
  double *scratch; /* a slot's tile, logits and probabilities */
  /* (n, V) probabilities; with one vector (n) p (1 - p): float32 does for second derivatives. NULL
   * where the Hessian is too large to be made of them. */
  float *spread;
  /* One vector and few columns: (slots, padded P, padded P) second derivatives, made in the same
   * pass where the next evaluation is to come with_hessian; has_hessian tells of the last one. */
  double *squares;
  bool with_hessian, has_hessian;
  double *curvature;   /* (V) weighted sum of p_k (1 - p_k) */
  double active_pairs; /* pairs (row, two classes) that matter for the Hessian */
  double pair_size;    /* sum of w p_k p_l |x|^2 over them */
  size_t evaluations;  /* so far */
  double negligible;   /* w p_k p_l |x|^2 up to this does not matter: see hessian.h */
} sy_fit_objective;

/* Release with sy_fit_objective_clear whether or not it succeeds. */
sy_status sy_fit_objective_make(const sy_problem *problem, sy_watch *watch,
                                sy_fit_objective *objective, sy_error *error);
void sy_fit_objective_clear(sy_fit_objective *objective);

/* Value and gradient at point->parameters, in one pass over the rows; the value may be infinite or
 * NaN far from the optimum, and means nothing once the watch has stopped it. */
void sy_fit_objective_evaluate(sy_fit_objective *objective, sy_point *point);

/* Operations of an evaluation, in the units of sy_newton_cost. */
double sy_fit_objective_cost(const sy_problem *problem);

#endif
