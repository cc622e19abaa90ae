/* hessian.h: second derivatives as matrices, row-major.
 *
 * With one vector the Hessian is sum_i w_i p_i (1 - p_i) x x' plus penalty. With V of them it is a
 * sum over pairs of classes, sum_i w_i p_ik p_il (e_k - e_l)(e_k - e_l)' (x) x x': every term is
 * positive semidefinite, so leaving out those that do not matter leaves the sum so, and after the
 * first iterations most rows waver between few classes. */
#ifndef SY_FIT_LOGISTIC_HESSIAN_H
#define SY_FIT_LOGISTIC_HESSIAN_H

#include "fit/logistic/objective.h"

/* The Hessian where the objective was evaluated last, pairs up to objective->negligible left out;
 * where there would be more than most_pairs, the lesser of them thinned out to about as many:
 * matrix (V P, V P) above its diagonal, and diagonal (V P). V vectors have a common shift that
 * changes no loss; it is given the curvature of its neighbours, so that the matrix is regular and
 * steps do not shift. Needs objective->spread. Fails with SY_OUT_OF_MEMORY, SY_CANCELLED. */
sy_status sy_hessian_make(const sy_fit_objective *objective, double most_pairs, double *matrix,
                          double *diagonal, sy_error *error);

/* matrix (P, P), both triangles = sum_i w_i x x'. */
sy_status sy_hessian_gram(const sy_problem *problem, sy_watch *watch, double *matrix,
                          sy_error *error);

/* Operations that a pair costs: half of a square product, at less speed, and some to gather. */
double sy_hessian_pair_cost(const sy_problem *problem);

#endif
