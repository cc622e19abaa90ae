/* label_cells.h: cells of a column of labels: those that are missing, those that are ids. A source
 * may come in pieces; what is said of it does not depend on where it was cut. */
#ifndef CLI_LABEL_CELLS_H
#define CLI_LABEL_CELLS_H

#include "reading.h"

/* What the pieces so far have shown; zero-initialise. */
typedef struct missing_labels {
  bool has_names; /* a label that is no number */
  bool has_nan;
  size_t nan_row; /* the first that is NaN, 1-based in the source */
} missing_labels;

/* Says which label of a piece is missing, with the query that leaves such rows out. Exit codes, as
 * everywhere. */
int missing_labels_check(const reading *opened, size_t place, missing_labels *seen);

/* After the last piece: among numbers, NaN is a label that is missing; among names it may be one.
 */
int missing_labels_end(const reading *opened, const char *column, const missing_labels *seen);

/* Labels of a piece as whole numbers.
 * @param ids  (rows) out; free() */
int label_ids_read(const reading *opened, size_t place, int64_t **ids);

#endif
