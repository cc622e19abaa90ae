/* hot.h: rows along a class axis, of kinds one-hot and multi-hot: how they are checked and counted.
 */
#ifndef SY_LABELS_HOT_H
#define SY_LABELS_HOT_H

#include "labels/counter.h"
#include "labels/ids.h"

/* How rows of one block are looked at. */
typedef struct sy_hot_rules {
  const sy_positions *positions;
  uint64_t rows_before;
  bool multi;   /* several labels a row: each cell is 0 or 1; else a row sums to 1 */
  bool ignores; /* multi: a cell of this value is taken out */
  double ignored;
} sy_hot_rules;

/* Counts rows. One-hot: K classes. Multi-hot: 2 L, 2 l and 2 l + 1 being the rows without and with
 * label l. */
typedef struct sy_hot_counts {
  sy_counts *counts; /* NULL while nothing was counted */
  uint64_t ignored;  /* rows; of multi-hot, cells */
} sy_hot_counts;

/* What the state of a counter of these kinds is. */
typedef struct sy_hot_state {
  sy_hot_counts counts;
  size_t width; /* of the class axis; 0 = not known yet */
  sy_id_text ignored;
} sy_hot_state;

/* The members of sy_counting that both kinds share. */
sy_status sy_hot_begin(sy_counter *counter, sy_error *error);
void sy_hot_end(sy_counter *counter);
sy_status sy_hot_add(sy_counter *counter, const sy_positions *positions, sy_error *error);
sy_status sy_hot_merge(sy_counter *into, const sy_counter *from, sy_error *error);

void sy_hot_put(const sy_counter *counter, sy_text *bytes);
void sy_hot_take(sy_counter *counter, sy_byte_reader *reader);

/* Names along the class axis: as declared, else the ids. Clear them. */
sy_status sy_hot_names(const sy_counter *counter, sy_dictionary *names, sy_error *error);

/* Counts rows first .. first + n - 1 into counts of as many classes as needed.
 * SY_INVALID_LABEL, SY_INVALID_WEIGHT: worded where `error` is given; SY_OUT_OF_MEMORY. */
sy_status sy_hot_count(const sy_hot_rules *rules, size_t first, size_t n, sy_hot_counts *counts,
                       sy_error *error);

/* Checks the values of one row, (width). */
sy_status sy_hot_check(const sy_hot_rules *rules, size_t position, const double *values,
                       sy_error *error);

/* Rows of numbers that are all 0 or 1, one after the other, as bytes; NULL where one is something
 * else.
 * @param bytes  (n) where they may be put, and 8 more */
const uint8_t *sy_hot_bytes(const void *values, sy_dtype dtype, size_t n, size_t width,
                            uint8_t *bytes);

/* Adds the sums of the columns of n rows of bytes that are 0 or 1; returns whether each row holds
 * one 1. Rows shorter than eight bytes are read up to eight bytes from where they begin.
 * @param partial  (width / 8 + 1) for its own use
 * @param sums     (width) in and out */
bool sy_hot_add_columns(const uint8_t *bytes, size_t n, size_t width, uint64_t *partial,
                        uint64_t *sums);

#endif
