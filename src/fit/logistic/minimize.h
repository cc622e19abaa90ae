/* minimize.h: the outer loop. */
#ifndef SY_FIT_LOGISTIC_MINIMIZE_H
#define SY_FIT_LOGISTIC_MINIMIZE_H

#include "fit/logistic/curvature.h"

/* Takes `point` (its parameters the start) to the minimum; of the options only the tolerance and
 * the limit of iterations count; `to_the_end` goes on beyond the tolerance
 * while that is cheap. `curvature` is what is known at the start and becomes what was learnt; zero
 * is nothing. Fails with SY_NUMERIC_FAILURE, SY_CANCELLED, SY_OUT_OF_MEMORY. */
sy_status sy_minimize(sy_fit_objective *objective, const sy_fit_options *options, bool to_the_end,
                      sy_curvature *curvature, sy_point *point, sy_fit_result *result,
                      sy_error *error);

#endif
