/* leak.h: columns that know the answer. */
#ifndef SY_STUDY_LEAK_H
#define SY_STUDY_LEAK_H

#include "study/train.h"

/* Adds a message for each raw column that alone all but determines the label (an area under the ROC
 * curve over 0.995, either way round; of three classes and more for half of them, each
 * against the rest): often it was filled in afterwards. Looks at 20,000 rows at most, and at
 * nothing where there are more than 50 classes. Fails with SY_OUT_OF_MEMORY. */
sy_status sy_study_leaks(const sy_frame *frame, const sy_bench *bench, sy_messages *messages,
                         sy_error *error);

#endif
