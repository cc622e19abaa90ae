/* distinct.h: the distinct texts of a block of positions, found in one pass of hashing. What a text
 * means is then asked once for each of them. */
#ifndef SY_LABELS_DISTINCT_H
#define SY_LABELS_DISTINCT_H

#include "labels/positions.h"

/* One of the distinct texts; it is where the caller keeps it, and does not end in a zero. */
typedef struct sy_distinct_text {
  const char *bytes;
  size_t length;
  size_t first; /* first position that has it */
} sy_distinct_text;

typedef struct sy_distinct_slot {
  uint64_t head, tail; /* first and last eight bytes; of a shorter text all of it, twice */
  size_t length;
  uint32_t place; /* index into texts + 1; 0 = empty */
} sy_distinct_slot;

/* Distinct texts in order of first sight; zero-initialise. Texts with codes are told apart by their
 * codes. */
typedef struct sy_distinct {
  sy_distinct_text *texts; /* (n) */
  size_t n, capacity;
  sy_distinct_slot *slots;
  size_t n_slots;
} sy_distinct;

/* Adds the texts of positions first .. first + n - 1.
 * @param counts       (n) 0 = masked, not looked at; NULL = none is
 * @param rows_before  for the places of errors
 * @param places       (n) out: index into distinct->texts, SY_MISSING where masked
 * Fails with SY_INVALID_LABEL (missing), SY_INVALID_ARGUMENT (a code or offset that cannot be),
 * SY_OUT_OF_MEMORY. */
sy_status sy_distinct_add(sy_distinct *distinct, const sy_positions *positions, size_t first,
                          size_t n, const uint8_t *counts, uint64_t rows_before, uint32_t *places,
                          sy_error *error);

/* Frees what it holds and zeroes it. */
void sy_distinct_clear(sy_distinct *distinct);

#endif
