/* newton.h: the Newton direction by a Cholesky factor of the Hessian. */
#ifndef SY_FIT_NEWTON_H
#define SY_FIT_NEWTON_H

#include "fit/objective.h"

/* Largest number of parameters whose Hessian (128 MB) is made. */
enum { SY_NEWTON_LARGEST = 4096 };

/* direction (V, P) = -Hessian^-1 gradient at the point evaluated last. Fails with
 * SY_NUMERIC_FAILURE, SY_OUT_OF_MEMORY. */
sy_status sy_newton_direction(const sy_objective *objective, const sy_point *point,
                              double *direction, sy_error *error);

/* Operations it takes, in units of one multiplication and addition at the speed of BLAS; infinite
 * where the Hessian cannot be made. */
double sy_newton_cost(const sy_objective *objective);

#endif
