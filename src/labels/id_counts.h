/* id_counts.h: counts of distinct ids, and how a run of positions is counted into them. */
#ifndef SY_LABELS_ID_COUNTS_H
#define SY_LABELS_ID_COUNTS_H

#include "labels/counter.h"
#include "labels/ids.h"

typedef struct sy_id_counts {
  sy_id_set ids;     /* some may have no rows: a block that was refused leaves them behind */
  sy_counts *counts; /* class k = id k of the set; NULL while there are none */
  uint64_t ignored;
  bool below_zero; /* there are ids below 0: bits of 2^63 and more are such */
  bool above_most; /* there are ids of 2^63 and more: these bits are such */
} sy_id_counts;

void sy_id_counts_free(sy_id_counts *counts);

/* Adds all of `from`, or nothing (but for ids without rows) where memory runs out. */
bool sy_id_counts_merge(sy_id_counts *into, const sy_id_counts *from);

/* As bytes: the ids that have rows, and what was counted of them. */
void sy_id_counts_put(const sy_id_counts *counts, sy_text *bytes);

/* Reads them into zeroed counts.
 * @param n_classes  declared: ids 0 .. n_classes - 1; 0 = any id
 * @param rows       of all ids together */
void sy_id_counts_take(sy_byte_reader *reader, size_t n_classes, uint64_t rows,
                       sy_id_counts *counts);

/* Class of the id, made where it is new; SIZE_MAX when out of memory. */
size_t sy_id_counts_class(sy_id_counts *counts, uint64_t id);

/* How ids of one block are looked at. */
typedef struct sy_id_rules {
  const sy_positions *positions;
  sy_dtype dtype;
  size_t n_classes; /* declared: ids 0 .. n_classes - 1; 0 = any id */
  bool ignores;
  uint64_t ignored; /* the id taken out */
  bool images;      /* count what the images (rows of the first axis) hold */
} sy_id_rules;

/* SY_INVALID_LABEL: some id is not one of the classes, SY_INVALID_WEIGHT: a weight is not usable
 * (sy_id_rules_fail tells which), SY_OUT_OF_MEMORY, SY_OK.
 * @param counts  zeroed; out, to be freed also of a failure */
sy_status sy_id_counts_run(const sy_id_rules *rules, size_t first, size_t n, sy_id_counts *counts);

/* Words the first failure of positions first .. first + n - 1, which have one. */
sy_status sy_id_rules_fail(const sy_id_rules *rules, size_t first, size_t n, uint64_t rows_before,
                           sy_error *error);

/* Whether a declared class (or any, of none declared) has the id. */
static inline bool sy_id_rules_allow(const sy_id_rules *rules, uint64_t id) {
  return rules->n_classes == 0 || id < rules->n_classes;
}

#endif
