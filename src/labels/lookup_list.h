/* lookup_list.h: which labels each list of names has, after counting. */
#ifndef SY_LABELS_LOOKUP_LIST_H
#define SY_LABELS_LOOKUP_LIST_H

#include "labels/counter.h"

typedef struct sy_list_lookup sy_list_lookup;

/* Of a counter of kind name list; may be asked by many threads at once. */
sy_status sy_list_lookup_new(const sy_counter *counter, sy_list_lookup **lookup, sy_error *error);

/* NULL is legal. */
void sy_list_lookup_free(sy_list_lookup *lookup);

/* Positions first .. first + n - 1 as a multi-hot, as sy_positions_hot gives one: 1 where the
 * position has the label, rows of NaN where it is masked or has the ignored label.
 * @param rows  (n, width) out
 * SY_INVALID_LABEL for a name that is no label, with its place. */
sy_status sy_list_lookup_rows(const sy_list_lookup *lookup, const sy_positions *positions,
                              size_t first, size_t n, double *rows, sy_error *error);

#endif
