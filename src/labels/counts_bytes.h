/* counts_bytes.h: what was counted of one class, as bytes. */
#ifndef SY_LABELS_COUNTS_BYTES_H
#define SY_LABELS_COUNTS_BYTES_H

#include "base/bytes.h"
#include "labels/counts.h"

/* Appends class k: its rows, and its sums where `counts` has any. */
void sy_counts_put_class(sy_text *bytes, const sy_counts *counts, size_t k);

/* Reads class k, which is zero, of counts that have sums where those written had.
 * @param most  rows that there may be
 * Returns its rows. */
uint64_t sy_counts_take_class(sy_byte_reader *reader, uint64_t most, sy_counts *counts, size_t k);

#endif
