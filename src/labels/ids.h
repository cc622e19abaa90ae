/* ids.h: class ids of any integer type as 64 bits, and sets of them. Bits are those of two's
 * complement, widened by the sign of the type: ids of 2^63 and more share theirs with ids below 0,
 * so whoever keeps ids knows which of the two it has. */
#ifndef SY_LABELS_IDS_H
#define SY_LABELS_IDS_H

#include <steelyard/labels.h>

#define SY_SIGN_BIT ((uint64_t)1 << 63)

/* The id at `i` of integers that lie one after the other. */
uint64_t sy_id_at(const void *ids, sy_dtype dtype, size_t i);

/* The id that has these lowest bits in its type: the rest follow from the type. */
uint64_t sy_id_widen(uint64_t bits, sy_dtype dtype);

/* Bytes that hold any id in decimal. */
enum { SY_ID_SIZE = 24 };

/* In decimal; `has_sign`: bits of 2^63 and more are an id below 0. Returns text. */
char *sy_id_print(uint64_t id, bool has_sign, char text[SY_ID_SIZE]);

/* An id told as text. */
typedef struct sy_id_text {
  bool any; /* there is one, and 64 bits hold it */
  bool negative;
  uint64_t id;
} sy_id_text;

/* Reads an integer in decimal, NULL as none; SY_INVALID_ARGUMENT where it is none. */
sy_status sy_id_parse(const char *text, sy_id_text *parsed, sy_error *error);

/* Whether a type can hold the id. */
bool sy_id_fits(const sy_id_text *parsed, sy_dtype dtype);

/* Distinct ids in order of first sight: a hash table, for ids may be any 64 bits. Zero-initialise.
 */
typedef struct sy_id_set {
  uint64_t *ids; /* (n) */
  size_t n, capacity;
  uint32_t *slots; /* open addressing, index + 1; 0 = empty */
  size_t n_slots;
} sy_id_set;

/* Index of the id, added where it is new; SIZE_MAX when out of memory, or where there would be
 * more than the 2^31 - 1 ids there may be. */
size_t sy_id_set_add(sy_id_set *set, uint64_t id);

/* Index of the id, or SIZE_MAX. */
size_t sy_id_set_find(const sy_id_set *set, uint64_t id);

/* Forgets all ids, keeps the memory. */
void sy_id_set_empty(sy_id_set *set);

void sy_id_set_free(sy_id_set *set);

#endif
