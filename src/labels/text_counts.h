/* text_counts.h: label arrays of texts, counted by their distinct texts, block after block. */
#ifndef SY_LABELS_TEXT_COUNTS_H
#define SY_LABELS_TEXT_COUNTS_H

#include "labels/counts.h"
#include "labels/distinct.h"

/* What a kind of label makes of texts. */
typedef struct sy_text_use {
  /* Whether a text takes its positions out; asked by many threads at once. */
  bool (*ignores)(const void *state, const char *text, size_t length);
  /* Takes over a distinct text of a block, class t of its counts. Called from the calling thread,
   * in the order of the blocks and of the first positions within: the first that is wrong is told.
   */
  sy_status (*take)(void *state, const sy_distinct_text *text, const sy_counts *counts, size_t t,
                    sy_error *error);
} sy_text_use;

/* Counts the texts of all positions that are not masked; ignored texts count as rows of weight 0
 * where there are row weights, which are not looked at.
 * @param rows_before  for the places of errors
 * @param masked       out: positions that are masked */
sy_status sy_text_counts(const sy_positions *positions, uint64_t rows_before,
                         const sy_text_use *use, void *state, uint64_t *masked, sy_error *error);

#endif
