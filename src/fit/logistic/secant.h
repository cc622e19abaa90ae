/* secant.h: what past steps say about the Hessian: pairs of a step and the change of the gradient
 * along it. They correct the inverse of a matrix that stands in for the Hessian (L-BFGS: Nocedal
 * 1980; Liu and Nocedal 1989). */
#ifndef SY_FIT_LOGISTIC_SECANT_H
#define SY_FIT_LOGISTIC_SECANT_H

#include "fit/logistic/objective.h"

enum { SY_SECANT_MOST = 40 };

typedef struct sy_secant {
  size_t size, capacity, count, next;
  double *steps, *changes; /* (capacity, size), a ring */
  double products[SY_SECANT_MOST];
} sy_secant;

/* Release with sy_secant_clear whether or not it succeeds. */
sy_status sy_secant_make(const sy_problem *problem, sy_secant *secant, sy_error *error);
void sy_secant_clear(sy_secant *secant);

/* Forgets all pairs. */
void sy_secant_forget(sy_secant *secant);

/* Adds the pair of a move, in place of the oldest; one that shows no curvature is dropped. */
void sy_secant_add(sy_secant *secant, const sy_point *from, const sy_point *to);

/* The two halves of a product with the corrected inverse: before and after `vector` (size) is
 * multiplied with the inverse of the stand-in. factors (SY_SECANT_MOST) carry over. */
void sy_secant_before(const sy_secant *secant, double *vector, double *factors);
void sy_secant_after(const sy_secant *secant, double *vector, const double *factors);

#endif
