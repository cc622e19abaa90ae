/* tune_option.h: --tune METRIC with --max-flagged, --min-precision and --min-recall. */
#ifndef CLI_TUNE_OPTION_H
#define CLI_TUNE_OPTION_H

#include <steelyard/study.h>

#include "settings.h"

/* Reads them into `options`, whose progress and seed are set too; `asked` tells whether --tune was
 * given. Exit codes, as everywhere: a constraint without --tune is a usage error. */
int tune_read(const settings *given, sy_tune_options *options, bool *asked);

#endif
