/* minimize.h: the outer loop. */
#ifndef SY_FIT_MINIMIZE_H
#define SY_FIT_MINIMIZE_H

#include "fit/objective.h"

/* Takes `point` (its parameters the start) to the minimum. Fails with SY_NUMERIC_FAILURE,
 * SY_CANCELLED, SY_OUT_OF_MEMORY. */
sy_status sy_minimize(sy_objective *objective, const sy_fit_options *options, sy_point *point,
                      sy_fit_result *result, sy_error *error);

#endif
