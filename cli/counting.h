/* counting.h: a source of labels becomes counts: a table, an array, a folder of class folders, or
 * counts as they are typed. Each of them fills one counter, so that the same labels give the same
 * counts to the bit, whatever they come from. */
#ifndef CLI_COUNTING_H
#define CLI_COUNTING_H

#include "label_options.h"

typedef struct counting {
  const settings *given;
  const char *source;  /* as typed, then as messages call it; NULL with --counts */
  char *called;        /* holds that name where it is not as typed */
  const char *weights; /* what holds row weights, where it is another file; or NULL */
  label_options options;
  sy_counter *counter;
  sy_counts *counts;
  sy_messages *notes; /* what was noticed */
} counting;

/* Counts what the settings and the source say. Exit codes, as everywhere; counting_clear in any
 * case. */
int counting_run(const settings *given, const char *source, counting *work);
void counting_clear(counting *work);

/* What each kind of source does for counting_run: fills work->counter, says what is wrong. */
int count_table(counting *work);   /* count_table.c */
int count_array(counting *work);   /* count_array.c */
int count_folders(counting *work); /* count_folders.c */
int count_typed(counting *work);   /* count_typed.c */

/* For them: makes the counter; adds a block, the words before an error telling its place. */
int counting_begin(counting *work, sy_label_kind kind, const sy_labels_options *options);
int counting_add(counting *work, const sy_label_array *labels, const char *place, ...)
    SY_PRINTF(3, 4);

#endif
