/* present.h: which rows there are. */
#ifndef SY_STUDY_PRESENT_H
#define SY_STUDY_PRESENT_H

#include <steelyard/labels.h>

/* Ids of the rows, SY_IGNORED also where the row weight is 0: such a row is absent from everything,
 * splits and unweighted figures included. `row_weights` may be NULL; ids: (rows) out. */
void sy_present_ids(const sy_labels *labels, const double *row_weights, int32_t *ids);

#endif
