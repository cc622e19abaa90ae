/* decide.h: the ways of steelyard decide. Each does its work and returns an exit code, having said
 * what is wrong. */
#ifndef CLI_DECIDE_H
#define CLI_DECIDE_H

#include "settings.h"

/* decide SOURCE --scores: a rule for what models of any origin said. */
int decide_scores(const settings *given, const char *source);

/* The same for several labels a row, --labels: a threshold each. */
int decide_labels(const settings *given, const char *source);

/* decide MODEL [SOURCE]: another rule for a model; source may be NULL. */
int decide_model(const settings *given, const char *model_path, const char *source);

#endif
