/* curvature.h: what a search knows of second derivatives: a stand-in for the Hessian and the secant
 * pairs that correct it. It may be handed from a sample of the rows to all of them. */
#ifndef SY_FIT_LOGISTIC_CURVATURE_H
#define SY_FIT_LOGISTIC_CURVATURE_H

#include "fit/logistic/newton.h"
#include "fit/logistic/preconditioner.h"
#include "fit/logistic/secant.h"

typedef enum sy_stand_in {
  SY_STAND_IN_NONE,
  SY_STAND_IN_PRECONDITIONER,
  SY_STAND_IN_HESSIAN
} sy_stand_in;

typedef struct sy_curvature {
  sy_stand_in stand_in;
  sy_newton newton;
  sy_preconditioner preconditioner;
  sy_secant secant;
  double damping;
} sy_curvature;

/* Release with sy_curvature_clear; zero is legal. */
void sy_curvature_clear(sy_curvature *curvature);

/* Takes over the Hessian, or the preconditioner, where the objective was evaluated last (most_pairs
 * as in hessian.h); secant pairs are forgotten with the Hessian. Fail with SY_OUT_OF_MEMORY,
 * SY_NUMERIC_FAILURE. */
sy_status sy_curvature_take_hessian(sy_curvature *curvature, const sy_fit_objective *objective,
                                    double most_pairs, sy_error *error);
sy_status sy_curvature_take_preconditioner(sy_curvature *curvature,
                                           const sy_fit_objective *objective, sy_error *error);

/* Factors the Hessian anew with more damping. */
sy_status sy_curvature_damp(sy_curvature *curvature, const sy_fit_objective *objective,
                            sy_error *error);

/* Lets the damping fall after a full step. */
void sy_curvature_relax(sy_curvature *curvature);

/* vector (V, P) = -(corrected inverse of the stand-in) x gradient. */
void sy_curvature_direction(const sy_curvature *curvature, const sy_problem *problem,
                            const double *gradient, double *vector);

/* Makes it that of `problem`, which has the same columns and classes. */
void sy_curvature_hand_over(sy_curvature *curvature, const sy_problem *problem);

#endif
