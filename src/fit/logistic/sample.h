/* sample.h: a start from a sample of the rows, where there are many. */
#ifndef SY_FIT_LOGISTIC_SAMPLE_H
#define SY_FIT_LOGISTIC_SAMPLE_H

#include "fit/logistic/curvature.h"

/* Moves `point`, its parameters the start, to near the minimum on a sample of the rows, which is
 * near the minimum on all of them, and leaves what was learnt of second derivatives in `curvature`;
 * leaves both as they are where rows are too few to gain from it. Fails with SY_CANCELLED,
 * SY_OUT_OF_MEMORY, SY_NUMERIC_FAILURE. */
sy_status sy_sample_search(const sy_problem *problem, const sy_fit_options *options,
                           sy_watch *watch, sy_point *point, sy_curvature *curvature,
                           sy_error *error);

#endif
