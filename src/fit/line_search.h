/* line_search.h: how far to go along a direction. */
#ifndef SY_FIT_LINE_SEARCH_H
#define SY_FIT_LINE_SEARCH_H

#include "fit/objective.h"

/* Moves `point` along the direction (V, P) of descent to where the objective is sufficiently lower;
 * `trial` is a second point to work with. Steps are 1, then shorter: nothing is accepted that is
 * not finite or not lower, so the search cannot diverge. False (and `point` as it was) when no step
 * helps. */
bool sy_line_search(sy_objective *objective, const double *direction, sy_point *point,
                    sy_point *trial);

#endif
