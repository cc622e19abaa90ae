/* labels.h: what labels of one class a position hold (from_array.c makes them). */
#ifndef SY_LABELS_LABELS_H
#define SY_LABELS_LABELS_H

#include "base/text.h"

#include <steelyard/labels.h>

struct sy_labels {
  int32_t *ids; /* (rows) */
  size_t rows;
  sy_dictionary classes; /* code = class id; names in canonical form (labels/name.h) */
};

/* New labels of n positions, ids not yet set and no classes; NULL when out of memory. */
sy_labels *sy_labels_new(size_t rows);

/* SY_OK, or SY_INVALID_ARGUMENT where there are more classes than an id can tell. */
sy_status sy_labels_check_classes(size_t n_classes, sy_error *error);

#endif
