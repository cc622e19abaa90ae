/* name_tally.h: counts by class while classes are still being found, of the kinds of labels that
 * are names. */
#ifndef SY_LABELS_NAME_TALLY_H
#define SY_LABELS_NAME_TALLY_H

#include "labels/counts.h"
#include "labels/resolve.h"

/* In tally counts, all positions that count come first, then the classes of the resolver. */
enum { SY_TALLY_ALL = 0, SY_TALLY_CLASSES = 1 };

typedef struct sy_name_tally {
  sy_resolver resolver;
  sy_counts *counts; /* has room for the classes that were counted, or more */
} sy_name_tally;

sy_status sy_name_tally_new(const sy_labels_options *options, sy_name_tally **tally,
                            sy_error *error);

/* NULL is legal. */
void sy_name_tally_free(sy_name_tally *tally);

/* Adds class j of `from` to place k of tally counts, which grow. */
sy_status sy_name_tally_add_class(sy_counts *into, size_t k, const sy_counts *from, size_t j,
                                  sy_error *error);

/* Adds a block, counted by the classes of the tally's resolver; or, where `status` is none of
 * success, forgets what the resolver met in it. Returns `status`, or SY_OUT_OF_MEMORY. */
sy_status sy_name_tally_end_block(sy_name_tally *tally, const sy_counts *block, sy_status status,
                                  sy_error *error);

/* Adds what another has counted by the same options. */
sy_status sy_name_tally_merge(sy_name_tally *into, const sy_name_tally *from, sy_error *error);

/* The classes in their order: as declared, else those present, sorted.
 * @param places  (n) out: of each in tally->counts; free() it
 * @param names   (n) out: free() the array, not the names
 * Fails with SY_INVALID_LABEL for a group that has a member no label is, SY_OUT_OF_MEMORY. */
sy_status sy_name_tally_order(const sy_name_tally *tally, size_t **places, const char ***names,
                              size_t *n, sy_error *error);

/* Adds place `place` of the tally to class k; both have sums where the tally has. */
void sy_name_tally_read(const sy_name_tally *tally, size_t place, sy_counts *counts, size_t k);

#endif
