/* hints.h: what a study tells its user beyond figures. */
#ifndef SY_STUDY_HINTS_H
#define SY_STUDY_HINTS_H

#include "study/train.h"

/* Adds warnings and ways out to study->messages. */
void sy_study_hints(sy_study *study, const sy_bench *bench);

#endif
