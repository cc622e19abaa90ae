/* line_search.h: how far to go along a direction. */
#ifndef SY_FIT_LOGISTIC_LINE_SEARCH_H
#define SY_FIT_LOGISTIC_LINE_SEARCH_H

#include "fit/logistic/objective.h"

/* Evaluates `trial` along the direction (V, P) from `point`, at step 1 and then shorter ones, until
 * the objective is sufficiently lower; returns the step, or 0 when none helps. Nothing is accepted
 * that is not finite or not lower, so that a search cannot diverge. */
double sy_line_search(sy_fit_objective *objective, const double *direction, const sy_point *point,
                      sy_point *trial);

#endif
