/* counter.h: what a counter is made of. A kind of label is one sy_counting: how its blocks are
 * checked and counted, merged and read, and how its positions find their classes. */
#ifndef SY_LABELS_COUNTER_H
#define SY_LABELS_COUNTER_H

#include "base/bytes.h"
#include "labels/counts.h"
#include "labels/positions.h"

/* How positions find their classes once all are counted. */
typedef struct sy_class_finding {
  /* Makes what `ids` asks. */
  sy_status (*begin)(const sy_counter *counter, void **table, sy_error *error);
  void (*end)(void *table); /* NULL is legal */
  /* As sy_class_lookup_ids. */
  sy_status (*ids)(const void *table, const sy_positions *positions, size_t first, size_t n,
                   int32_t *ids, sy_error *error);
} sy_class_finding;

typedef struct sy_counting {
  /* Makes counter->state from counter->options. */
  sy_status (*begin)(sy_counter *counter, sy_error *error);
  /* Frees counter->state; NULL is legal there. */
  void (*end)(sy_counter *counter);
  /* Counts a block and what it takes out (counter->ignored), or fails with nothing of it counted;
   * counter->rows are the rows before it. Uses threads as it likes. */
  sy_status (*add)(sy_counter *counter, const sy_positions *positions, sy_error *error);
  /* Adds the state of `from`, whose options are the same. */
  sy_status (*merge)(sy_counter *into, const sy_counter *from, sy_error *error);
  /* Fills the classes and numbers of new counts without classes (sy_counts_grow). */
  sy_status (*read)(const sy_counter *counter, sy_counts *counts, sy_error *error);
  /* Appends the state, and fills the state of a counter that has begun with what was appended;
   * counter->positions are known. */
  void (*put)(const sy_counter *counter, sy_text *bytes);
  void (*take)(sy_counter *counter, sy_byte_reader *reader);
  const sy_class_finding *finding; /* NULL: its positions have no class of their own */
} sy_counting;

struct sy_counter {
  sy_label_kind kind;
  const sy_counting *counting;
  sy_labels_options options; /* deep copies, freed with the counter */
  sy_dictionary declared;    /* (options.n_classes) declared classes in canonical form, code = id;
                              * empty where none are; ids where they are declared without names */
  void *state;               /* the kind's own */
  uint64_t rows;             /* of the first axis, over all blocks */
  uint64_t positions;        /* seen */
  uint64_t ignored;          /* of them, taken out */
};

/* Frees deep copies. */
void sy_labels_options_free(sy_labels_options *options);

extern const sy_counting sy_counting_index;     /* count_index.c */
extern const sy_counting sy_counting_one_hot;   /* count_one_hot.c */
extern const sy_counting sy_counting_multi_hot; /* count_multi_hot.c */
extern const sy_counting sy_counting_name;      /* count_name.c */
extern const sy_counting sy_counting_name_list; /* count_name_list.c */

extern const sy_class_finding sy_finding_index; /* lookup_index.c */
extern const sy_class_finding sy_finding_name;  /* lookup_name.c */

/* Which class each position has, for what comes after counting (labels as ids, weights): a lookup
 * made once from a counter, then asked by many threads at once. */
typedef struct sy_class_lookup sy_class_lookup;

/* Of kinds that have a finding (index, name); classes in the order of sy_counter_counts. */
sy_status sy_class_lookup_new(const sy_counter *counter, sy_class_lookup **lookup, sy_error *error);
void sy_class_lookup_free(sy_class_lookup *lookup);

/* Class ids of positions first .. first + n - 1: SY_IGNORED where the label is the ignored one or
 * the position is masked, whatever stands there. SY_INVALID_LABEL for a label that is no class,
 * with its place. */
sy_status sy_class_lookup_ids(const sy_class_lookup *lookup, const sy_positions *positions,
                              size_t first, size_t n, int32_t *ids, sy_error *error);

/* Kind index: the ids of the classes found, sorted as the classes are.
 * @param ids  (n) out, to free() */
sy_status sy_index_ids(const sy_counter *counter, uint64_t **ids, size_t *n, sy_error *error);

/* Kind index: whether there are ids below 0, or of 2^63 and more, which have the same bits. */
void sy_index_signs(const sy_counter *counter, bool *below_zero, bool *above_most);

/* One-hot and multi-hot: rows first .. first + n - 1 of the last axis as float64, checked as for
 * counting (masked rows are not looked at).
 * @param counts  (n) 0 = masked: its row is filled with 0; NULL = none is
 * @param rows    (n, width) out; an ignored cell of a multi-hot is NaN */
sy_status sy_positions_hot(const sy_counter *counter, const sy_positions *positions, size_t first,
                           size_t n, const uint8_t *counts, double *rows, sy_error *error);

#endif
