/* warnings.h: what is suspicious about a set of class weights. */
#ifndef SY_WEIGHTS_WARNINGS_H
#define SY_WEIGHTS_WARNINGS_H

#include <steelyard/weights.h>

/* Adds to audit->warnings, whose figures are complete. `policy` is where the weights come from;
 * NULL = unknown. SY_OUT_OF_MEMORY. */
sy_status sy_weights_warn(const sy_policy *policy, const char *const *classes, sy_audit *audit,
                          sy_error *error);

#endif
