/* id_tally.h: how often each id occurs, fast. While ids lie near each other, which they nearly
 * always do, they are offsets into a window; ids that lie apart are looked up in a set. */
#ifndef SY_LABELS_ID_TALLY_H
#define SY_LABELS_ID_TALLY_H

#include "labels/ids.h"

/* Ids are added at most this many at once. */
enum { SY_ID_TILE = 4096 };

typedef struct sy_id_tally {
  sy_dtype dtype;
  size_t window;  /* 256 or 65536 offsets; 0 = the ids of `set` */
  bool begun;     /* the window has its place */
  uint64_t base;  /* offset 0 */
  uint64_t *rows; /* (capacity) of each offset, or of each id of the set */
  size_t capacity;
  size_t end; /* offsets below it may have rows; all else is 0 */
  sy_id_set set;
} sy_id_tally;

/* A tally of ids of one type: zero but for it. */
sy_id_tally sy_id_tally_of(sy_dtype dtype);

void sy_id_tally_free(sy_id_tally *tally);

/* Adds n ids that lie one after the other.
 * @param soon  about how many will come until the tally is emptied: a wide window pays for many
 * False when out of memory. */
bool sy_id_tally_add(sy_id_tally *tally, const void *ids, size_t n, size_t soon);

/* Entries are numbered; those of which rows is 0 are none. */
size_t sy_id_tally_entries(const sy_id_tally *tally);
uint64_t sy_id_tally_id(const sy_id_tally *tally, size_t entry);

/* Sets all rows to 0. */
void sy_id_tally_empty(sy_id_tally *tally);

#endif
