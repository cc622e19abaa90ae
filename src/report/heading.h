/* heading.h: how the rows of a study were judged, in one line. */
#ifndef SY_REPORT_HEADING_H
#define SY_REPORT_HEADING_H

#include <steelyard/study.h>

enum { SY_HEADING_SIZE = 256 };

void sy_study_heading(const sy_study *study, char text[SY_HEADING_SIZE]);

#endif
