/* warnings.h: what is suspicious about a set of class weights, or about those of several labels. */
#ifndef SY_WEIGHTS_WARNINGS_H
#define SY_WEIGHTS_WARNINGS_H

#include <steelyard/weights.h>

/* Adds to audit->warnings, whose figures are complete. `policy` is where the weights come from;
 * NULL = unknown. SY_OUT_OF_MEMORY. */
sy_status sy_weights_warn(const sy_policy *policy, const char *const *classes, sy_audit *audit,
                          sy_error *error);

/* Adds to audits->warnings: one line for each thing, whichever labels it is true of.
 * @param labels  (L) their names */
sy_status sy_label_weights_warn(const sy_policy *policy, const char *const *labels,
                                const sy_label_audits *audits, sy_error *error);

/* A class learnt from fewer rows than this must not carry a third of the loss. */
enum { SY_FEW_ROWS = 100 };

/* A third with room for rounding: three balanced classes carry exactly that. */
#define SY_LARGE_SHARE (1.0 / 3 - 1e-9)

/* Weights this near, relatively, train alike: a formula that saturates gives them. */
#define SY_SAME_WEIGHT 1e-6

#endif
