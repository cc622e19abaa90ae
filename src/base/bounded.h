/* bounded.h: the minimum of a convex function of few parameters within bounds, by Newton's
 * method. */
#ifndef SY_BASE_BOUNDED_H
#define SY_BASE_BOUNDED_H

#include <stdbool.h>
#include <steelyard/base.h>

/* A function at one place. */
typedef struct sy_bounded_place {
  double *at; /* (size) parameters */
  double value;
  double *gradient; /* (size) */
  double *hessian;  /* (size, size) row-major, the lower triangle */
} sy_bounded_place;

/* Fills value, gradient and Hessian at place->at, which is within bounds. The value may be infinite
 * or NaN where the function is not defined. */
typedef void (*sy_bounded_fn)(void *context, sy_bounded_place *place);

/* What is minimised. */
typedef struct sy_bounded {
  size_t size;
  const double *lowest, *highest; /* (size) bounds, infinite ones allowed; equal ones fix */
  sy_bounded_fn evaluate;
  void *context;
} sy_bounded;

/* Minimises from `at`, which is within bounds and where the function is defined; the value never
 * rises on the way, but for rounding. Ends when steps bring nothing, or after 100 of them.
 * @param at     (size) start in, the minimum out
 * @param steps  out: Newton steps taken; nullable
 * Fails with SY_OUT_OF_MEMORY. */
sy_status sy_bounded_minimise(const sy_bounded *problem, double *at, int *steps, sy_error *error);

#endif
