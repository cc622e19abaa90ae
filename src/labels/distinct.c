/* distinct.c: open addressing over short texts. A text of up to 16 bytes is told by its first and
 * last eight and its length alone, so the few classes of most labels cost one comparison of numbers
 * each, and no call. */
#include "labels/distinct.h"

#include "base/array.h"
#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"

#include <string.h>

static const uint64_t FACTOR = 0x9E3779B97F4A7C15u;

enum { WORD = sizeof(uint64_t), FIRST_SLOTS = 256, TILE = 1024 };

/* The first `length` bytes of eight, zeros for the others; in whatever order this machine has. */
SY_INLINE uint64_t load_part(const char *bytes, size_t length) {
  static const unsigned char kept[2 * WORD] = {255, 255, 255, 255, 255, 255, 255, 255};
  uint64_t word, mask;
  memcpy(&word, bytes, WORD);
  memcpy(&mask, kept + WORD - length, WORD);
  return word & mask;
}

/* @param readable  bytes from `bytes` on that may be read, at least `length` */
SY_INLINE sy_distinct_slot key_of_text(const char *bytes, size_t length, size_t readable) {
  char padded[WORD] = {0};
  if (readable < WORD) {
    if (length > 0) memcpy(padded, bytes, length);
    bytes = padded;
  }
  size_t part = length < WORD ? length : WORD;
  return (sy_distinct_slot){.head = load_part(bytes, part),
                            .tail = load_part(bytes + (length - part), part),
                            .length = length};
}

SY_INLINE uint64_t mix_key(const sy_distinct_slot *key) {
  return (key->head + (key->tail ^ key->length) * FACTOR) * FACTOR;
}

SY_INLINE uint64_t end_hash(uint64_t hash) {
  return hash ^ hash >> 32;
}

static uint64_t hash_key(const sy_distinct_slot *key, const char *bytes) {
  uint64_t hash = mix_key(key);
  for (size_t i = WORD; key->length > 2 * WORD && i < key->length - WORD; i += WORD) {
    uint64_t word;
    memcpy(&word, bytes + i, WORD);
    hash = (end_hash(hash) ^ word) * FACTOR;
  }
  return end_hash(hash);
}

SY_INLINE bool same_key(const sy_distinct_slot *a, const sy_distinct_slot *b) {
  return a->head == b->head && a->tail == b->tail && a->length == b->length;
}

/* Slot of a text, or the empty one where it belongs. */
static sy_distinct_slot *find_slot(const sy_distinct *d, const sy_distinct_slot *key,
                                   const char *bytes) {
  size_t mask = d->n_slots - 1;
  for (size_t s = (size_t)hash_key(key, bytes) & mask;; s = (s + 1) & mask) {
    sy_distinct_slot *slot = &d->slots[s];
    if (slot->place == 0) return slot;
    if (same_key(slot, key) && (key->length <= 2 * WORD ||
                                memcmp(d->texts[slot->place - 1].bytes, bytes, key->length) == 0))
      return slot;
  }
}

/* Index of a short text that lies in the first slot looked at, as nearly all do; else SY_MISSING.
 */
SY_INLINE uint32_t find_quickly(const sy_distinct *d, const sy_distinct_slot *key) {
  const sy_distinct_slot *slot = &d->slots[(size_t)end_hash(mix_key(key)) & (d->n_slots - 1)];
  return same_key(slot, key) && key->length <= 2 * WORD ? slot->place - 1 : SY_MISSING;
}

static bool grow(sy_distinct *d) {
  size_t capacity = d->n_slots > 0 ? d->n_slots : FIRST_SLOTS / 2;
  sy_distinct_text *texts = sy_realloc(d->texts, capacity, sizeof *texts);
  if (!texts) return false;
  d->texts = texts;
  d->capacity = capacity;
  sy_distinct grown = {.texts = texts, .n_slots = 2 * capacity};
  grown.slots = sy_alloc_zero(grown.n_slots, sizeof *grown.slots);
  if (!grown.slots) return false;
  for (size_t s = 0; s < d->n_slots; s++) {
    const sy_distinct_slot *slot = &d->slots[s];
    if (slot->place > 0) *find_slot(&grown, slot, texts[slot->place - 1].bytes) = *slot;
  }
  free(d->slots);
  d->slots = grown.slots;
  d->n_slots = grown.n_slots;
  return true;
}

/* Index of a text, added where it is new; SY_MISSING when out of memory. */
static uint32_t find_text(sy_distinct *d, sy_distinct_slot key, const char *bytes,
                          size_t position) {
  sy_distinct_slot *slot = find_slot(d, &key, bytes);
  if (slot->place > 0) return slot->place - 1;
  if (d->n == d->capacity) {
    if (d->n >= SY_MISSING - 1 || !grow(d)) return SY_MISSING;
    slot = find_slot(d, &key, bytes);
  }
  d->texts[d->n] = (sy_distinct_text){bytes, key.length, position};
  key.place = (uint32_t)++d->n;
  *slot = key;
  return key.place - 1;
}

static sy_status add_texts(sy_distinct *d, const sy_positions *positions, size_t first, size_t n,
                           const uint8_t *counts, uint32_t *places, sy_error *error) {
  const sy_texts *texts = positions->labels->texts;
  const int64_t *offsets = texts->offsets;
  const char *bytes = texts->bytes ? texts->bytes : ""; /* where all are empty */
  int64_t end = texts->bytes ? offsets[positions->n] : 0;
  for (size_t i = 0; i < n; i++) {
    places[i] = SY_MISSING;
    if (counts && !counts[i]) continue;
    int64_t from = offsets[first + i], to = offsets[first + i + 1];
    if (from < 0 || to < from || to > end)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "the offsets of the texts must not decrease: text %zu is said to be bytes "
                     "%lld to %lld of %lld",
                     first + i + 1, (long long)from, (long long)to, (long long)end);
    const char *text = bytes + from;
    sy_distinct_slot key = key_of_text(text, (size_t)(to - from), (size_t)(end - from));
    places[i] = find_quickly(d, &key);
    if (places[i] != SY_MISSING) continue;
    places[i] = find_text(d, key, text, first + i);
    if (places[i] == SY_MISSING) return sy_fail_memory(error);
  }
  return SY_OK;
}

static sy_status fail_missing(const sy_positions *positions, size_t position, uint64_t rows_before,
                              sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(positions, position, rows_before, place);
  if (positions->labels->kind != SY_LABEL_NAME_LIST) return sy_name_fail_missing(place, error);
  return sy_fail(error, SY_INVALID_LABEL,
                 "the labels at %s are missing; remove the row or give it labels (an empty text is "
                 "none)",
                 place);
}

static sy_status fail_code(const sy_positions *positions, size_t position, uint32_t code,
                           uint64_t rows_before, sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(positions, position, rows_before, place);
  return sy_fail(error, SY_INVALID_ARGUMENT, "code %u at %s is outside the %zu values", code, place,
                 positions->labels->n_names);
}

/* Up to TILE codes. */
static sy_status add_codes(sy_distinct *d, const sy_positions *positions, size_t first, size_t n,
                           const uint8_t *counts, uint64_t rows_before, uint32_t *places,
                           sy_error *error) {
  const sy_label_array *labels = positions->labels;
  uint32_t tile[TILE];
  const uint32_t *codes = sy_array_block(&labels->values, first, n, tile);
  for (size_t i = 0; i < n; i++) {
    places[i] = SY_MISSING;
    if (counts && !counts[i]) continue;
    if (codes[i] == SY_MISSING) return fail_missing(positions, first + i, rows_before, error);
    if (codes[i] >= labels->n_names)
      return fail_code(positions, first + i, codes[i], rows_before, error);
    sy_distinct_slot key = {.head = codes[i]};
    places[i] = find_quickly(d, &key);
    if (places[i] != SY_MISSING) continue;
    size_t known = d->n;
    places[i] = find_text(d, key, labels->names[codes[i]], first + i);
    if (places[i] == SY_MISSING) return sy_fail_memory(error);
    if (d->n > known) d->texts[known].length = strlen(labels->names[codes[i]]);
  }
  return SY_OK;
}

sy_status sy_distinct_add(sy_distinct *distinct, const sy_positions *positions, size_t first,
                          size_t n, const uint8_t *counts, uint64_t rows_before, uint32_t *places,
                          sy_error *error) {
  if (distinct->n_slots == 0 && !grow(distinct)) return sy_fail_memory(error);
  if (positions->labels->texts)
    return add_texts(distinct, positions, first, n, counts, places, error);
  sy_status status = SY_OK;
  for (size_t t = 0; t < n && status == SY_OK; t += TILE)
    status = add_codes(distinct, positions, first + t, n - t < TILE ? n - t : TILE,
                       counts ? counts + t : NULL, rows_before, places + t, error);
  return status;
}

void sy_distinct_clear(sy_distinct *distinct) {
  free(distinct->texts);
  free(distinct->slots);
  *distinct = (sy_distinct){0};
}
