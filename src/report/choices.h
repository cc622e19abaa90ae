/* choices.h: what a study chose on rows that its models did not see. */
#ifndef SY_REPORT_CHOICES_H
#define SY_REPORT_CHOICES_H

#include "report/format.h"
#include <steelyard/study.h>

/* A line each for a calibration and a tuned rule, and a table of the exponents that were tried;
 * nothing where nothing was chosen. */
void sy_put_choices(sy_text *text, const sy_study *study);

#endif
