/* fit_labels.h: steelyard fit SOURCE --labels A,B,C, or --label COL --label-separator ';'. */
#ifndef CLI_FIT_LABELS_H
#define CLI_FIT_LABELS_H

#include "settings.h"

/* Whether several labels a row are asked for. */
bool fit_labels_asked(const settings *given);

/* Trains them; an exit code, having said what is wrong. */
int fit_labels(const settings *given, const char *source);

#endif
