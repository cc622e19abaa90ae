/* name_tally.h: counts by class while classes are still being found, of the kinds of labels that
 * are names. */
#ifndef SY_LABELS_NAME_TALLY_H
#define SY_LABELS_NAME_TALLY_H

#include "labels/counter.h"
#include "labels/resolve.h"
#include "labels/text_counts.h"

/* In tally counts, all positions that count come first, then the classes of the resolver. */
enum { SY_TALLY_ALL = 0, SY_TALLY_CLASSES = 1 };

typedef struct sy_name_tally {
  sy_resolver resolver;
  sy_counts *counts; /* has room for the classes that were counted, or more */
} sy_name_tally;

/* An array being counted. */
typedef struct sy_name_adding {
  sy_resolver *resolver;
  const sy_positions *positions;
  uint64_t rows_before;
  sy_counts *block; /* tally counts */
  uint64_t ignored; /* positions */
} sy_name_adding;

/* The members of sy_counting that both kinds share. */
sy_status sy_name_tally_begin(sy_counter *counter, sy_error *error);
void sy_name_tally_end(sy_counter *counter);
sy_status sy_name_tally_merge(sy_counter *into, const sy_counter *from, sy_error *error);

void sy_name_tally_put(const sy_counter *counter, sy_text *bytes);
void sy_name_tally_take(sy_counter *counter, sy_byte_reader *reader);

/* Counts an array, or nothing of it. `use` gets `adding` for its state, which this fills and behind
 * which the kind may keep what is its own. */
sy_status sy_name_tally_add(sy_counter *counter, const sy_positions *positions,
                            const sy_text_use *use, sy_name_adding *adding, sy_error *error);

/* Fails with SY_INVALID_LABEL for a name of a text that is none of the classes. */
sy_status sy_name_adding_fail(const sy_name_adding *adding, const sy_distinct_text *text,
                              const char *name, size_t length, sy_error *error);

/* Adds class j of `from` to place k of tally counts, which grow. */
sy_status sy_name_tally_add_class(sy_counts *into, size_t k, const sy_counts *from, size_t j,
                                  sy_error *error);

/* The classes in their order: as declared, else those present, sorted.
 * @param places  (n) out: of each in tally->counts; free() it
 * @param names   (n) out: free() the array, not the names
 * Fails with SY_INVALID_LABEL for a group that has a member no label is, SY_OUT_OF_MEMORY. */
sy_status sy_name_tally_order(const sy_name_tally *tally, size_t **places, const char ***names,
                              size_t *n, sy_error *error);

/* Adds place `place` of the tally to class k; both have sums where the tally has. */
void sy_name_tally_read(const sy_name_tally *tally, size_t place, sy_counts *counts, size_t k);

#endif
