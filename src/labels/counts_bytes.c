/* counts_bytes.c: rows are numbers; an exact sum is its limbs but for the zeros at both ends, which
 * are nearly all. */
#include "labels/counts_bytes.h"

enum { TOP = SY_EXACT_LIMBS - 1 };

static void put_sum(sy_text *bytes, const sy_exact *sum) {
  sy_exact settled = *sum;
  size_t first = 0, end = SY_EXACT_LIMBS;
  sy_exact_settle(&settled);
  while (end > 0 && settled.limb[end - 1] == 0) end--;
  while (first < end && settled.limb[first] == 0) first++;
  sy_bytes_put(bytes, end - first);
  if (first == end) return;
  sy_bytes_put(bytes, first);
  for (size_t i = first; i < end; i++) sy_bytes_put(bytes, (uint64_t)settled.limb[i]);
}

/* A sum of rows is never negative, and the top limb of no sum of 2^64 doubles reaches 2^31. */
static void take_sum(sy_byte_reader *reader, sy_exact *sum) {
  size_t n = (size_t)sy_bytes_take(reader, SY_EXACT_LIMBS);
  if (n == 0) return;
  size_t first = (size_t)sy_bytes_take(reader, SY_EXACT_LIMBS - n);
  for (size_t i = first; i < first + n; i++)
    sum->limb[i] = (int64_t)sy_bytes_take(reader, i == TOP ? INT32_MAX : UINT32_MAX);
}

void sy_counts_put_class(sy_text *bytes, const sy_counts *counts, size_t k) {
  sy_bytes_put(bytes, counts->rows[k].rows);
  sy_bytes_put(bytes, counts->rows[k].ones);
  sy_bytes_put(bytes, counts->rows[k].held);
  if (!counts->sums) return;
  put_sum(bytes, &counts->sums[k].weight);
  put_sum(bytes, &counts->sums[k].squared);
  put_sum(bytes, &counts->sums[k].held);
}

uint64_t sy_counts_take_class(sy_byte_reader *reader, uint64_t most, sy_counts *counts, size_t k) {
  class_rows *rows = &counts->rows[k];
  rows->rows = sy_bytes_take(reader, most);
  rows->ones = sy_bytes_take(reader, rows->rows);
  rows->held = sy_bytes_take(reader, UINT64_MAX);
  if (!counts->sums) return rows->rows;
  take_sum(reader, &counts->sums[k].weight);
  take_sum(reader, &counts->sums[k].squared);
  take_sum(reader, &counts->sums[k].held);
  return rows->rows;
}
