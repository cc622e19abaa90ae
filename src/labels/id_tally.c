/* id_tally.c: counting ids at the speed of memory. A tile of ids is narrowed to bytes in one pass
 * that also notices an id outside the window; bytes of few values are counted by comparing all of
 * them with each value, of many in a histogram. */
#include "labels/id_tally.h"

#include "base/array.h"
#include "base/clones.h"
#include "base/memory.h"

#include <string.h>

/* NARROW is the window of bytes, WIDE what still fits a core's own cache (512 KB of rows). */
enum { NARROW = 256, WIDE = 65536 };

/* Values that cost less to compare with than to make a histogram of. */
enum { FEW_VALUES = 32 };

/* As FEW_VALUES, of whole ids. */
enum { FEW_IDS = 16 };

/* Tables of a histogram: neighbours that are equal would wait for each other in one. */
enum { TABLES = 4 };

sy_id_tally sy_id_tally_of(sy_dtype dtype) {
  return (sy_id_tally){.dtype = dtype, .window = NARROW};
}

void sy_id_tally_free(sy_id_tally *tally) {
  free(tally->rows);
  sy_id_set_free(&tally->set);
  *tally = (sy_id_tally){0};
}

/* --- from ids to offsets --- */

/* Offsets of ids from a base, and all their bits: an offset that does not fit shows there. */
#define DEFINE_NARROW(name, element, offset)                                                       \
  SY_CLONES static uint64_t name(const element *restrict ids, size_t n, uint64_t base,             \
                                 offset *restrict offsets) {                                       \
    element seen = 0, zero = (element)base;                                                        \
    for (size_t i = 0; i < n; i++) {                                                               \
      element distance = (element)(ids[i] - zero);                                                 \
      seen |= distance;                                                                            \
      offsets[i] = (offset)distance;                                                               \
    }                                                                                              \
    return seen;                                                                                   \
  }

DEFINE_NARROW(narrow_8, uint8_t, uint8_t)
DEFINE_NARROW(narrow_16, uint16_t, uint8_t)
DEFINE_NARROW(narrow_32, uint32_t, uint8_t)
DEFINE_NARROW(narrow_64, uint64_t, uint8_t)
DEFINE_NARROW(widen_16, uint16_t, uint16_t)
DEFINE_NARROW(widen_32, uint32_t, uint16_t)
DEFINE_NARROW(widen_64, uint64_t, uint16_t)

static uint64_t narrow(const sy_id_tally *tally, const void *ids, size_t n, uint8_t *offsets) {
  switch (sy_dtype_size(tally->dtype)) {
  case 1:
    return narrow_8(ids, n, tally->base, offsets);
  case 2:
    return narrow_16(ids, n, tally->base, offsets);
  case 4:
    return narrow_32(ids, n, tally->base, offsets);
  default:
    return narrow_64(ids, n, tally->base, offsets);
  }
}

/* Ids of one byte never need it. */
static uint64_t widen(const sy_id_tally *tally, const void *ids, size_t n, uint16_t *offsets) {
  switch (sy_dtype_size(tally->dtype)) {
  case 2:
    return widen_16(ids, n, tally->base, offsets);
  case 4:
    return widen_32(ids, n, tally->base, offsets);
  default:
    return widen_64(ids, n, tally->base, offsets);
  }
}

/* --- from offsets to rows --- */

/* Sixteen bytes are a vector everywhere; two sums of them do not wait for each other. */
enum { LANES = 16, SUMS = 2 };
typedef uint8_t lanes __attribute__((vector_size(LANES), aligned(1), may_alias));

/* A lane holds as many as there are vectors in its half of a tile, which a byte must bear. */
_Static_assert(SY_ID_TILE / LANES / SUMS <= UINT8_MAX, "a lane must not overflow");

SY_CLONES static void count_few(const uint8_t *bytes, size_t n, size_t n_values, uint64_t *rows) {
  size_t whole = n / (LANES * SUMS) * (LANES * SUMS), left = whole;
  for (size_t value = 0; value < n_values && left > 0; value++) {
    lanes equal[SUMS] = {{0}}, wanted = (lanes){0} + (uint8_t)value;
    for (size_t i = 0; i < whole; i += LANES * SUMS)
      for (size_t s = 0; s < SUMS; s++)
        equal[s] -= (lanes)(*(const lanes *)(bytes + i + s * LANES) == wanted);
    uint8_t found[SUMS * LANES];
    memcpy(found, equal, sizeof found);
    unsigned sum = 0;
    for (size_t l = 0; l < SUMS * LANES; l++) sum += found[l];
    rows[value] += sum;
    left -= sum;
  }
  for (size_t i = whole; i < n; i++) rows[bytes[i]]++;
}

static void count_bytes(const uint8_t *bytes, size_t n, uint64_t *rows) {
  uint16_t tables[TABLES][NARROW] = {{0}};
  size_t i = 0;
  for (; i + TABLES <= n; i += TABLES)
    for (size_t t = 0; t < TABLES; t++) tables[t][bytes[i + t]]++;
  for (; i < n; i++) tables[0][bytes[i]]++;
  for (size_t v = 0; v < NARROW; v++)
    rows[v] += (uint64_t)tables[0][v] + tables[1][v] + tables[2][v] + tables[3][v];
}

static void note_end(sy_id_tally *tally, uint64_t largest) {
  if (tally->end <= largest) tally->end = (size_t)largest + 1;
}

/* False where an id is outside the window; then nothing is counted. */
static bool add_near(sy_id_tally *tally, const void *ids, size_t n) {
  if (tally->window == NARROW) {
    uint8_t offsets[SY_ID_TILE];
    uint64_t seen = narrow(tally, ids, n, offsets);
    if (seen >= NARROW) return false;
    if (seen < FEW_VALUES)
      count_few(offsets, n, (size_t)seen + 1, tally->rows);
    else
      count_bytes(offsets, n, tally->rows);
    note_end(tally, seen);
    return true;
  }
  uint16_t offsets[SY_ID_TILE];
  uint64_t seen = widen(tally, ids, n, offsets);
  if (seen >= WIDE) return false;
  for (size_t i = 0; i < n; i++) tally->rows[offsets[i]]++;
  note_end(tally, seen);
  return true;
}

/* --- the place of the window --- */

static bool reserve_rows(sy_id_tally *tally, size_t wanted) {
  if (wanted <= tally->capacity) return true;
  uint64_t *rows = sy_realloc(tally->rows, wanted, sizeof *rows);
  if (!rows) return false;
  memset(rows + tally->capacity, 0, (wanted - tally->capacity) * sizeof *rows);
  tally->rows = rows;
  tally->capacity = wanted;
  return true;
}

/* Order of ids of a type as an order of unsigned numbers. */
static uint64_t order_key(const sy_id_tally *tally, uint64_t id) {
  return sy_dtype_has_sign(tally->dtype) ? id ^ SY_SIGN_BIT : id;
}

typedef struct id_range {
  uint64_t low, high; /* order keys */
} id_range;

static void include(id_range *range, uint64_t key) {
  if (key < range->low) range->low = key;
  if (key > range->high) range->high = key;
}

/* Range of the ids counted and of those to come. */
static id_range find_range(const sy_id_tally *tally, const void *ids, size_t n) {
  id_range range = {UINT64_MAX, 0};
  for (size_t i = 0; i < n; i++) include(&range, order_key(tally, sy_id_at(ids, tally->dtype, i)));
  for (size_t e = 0; e < tally->end; e++)
    if (tally->rows[e] > 0) include(&range, order_key(tally, sy_id_tally_id(tally, e)));
  return range;
}

/* Ids 0, 1, 2, ... keep their offsets whichever of them come first. */
static uint64_t choose_base(const sy_id_tally *tally, id_range range, size_t window) {
  uint64_t zero = order_key(tally, 0);
  bool holds_zero = range.low >= zero && range.high - zero < window;
  return order_key(tally, holds_zero ? zero : range.low);
}

/* Moves what was counted to another base or window, or into the set. */
static bool move_to(sy_id_tally *tally, size_t window, uint64_t base) {
  sy_id_tally moved = {.dtype = tally->dtype, .window = window, .begun = true, .base = base};
  bool good = reserve_rows(&moved, window > 0 ? window : NARROW);
  for (size_t e = 0; e < tally->end && good; e++) {
    if (tally->rows[e] == 0) continue;
    uint64_t id = sy_id_tally_id(tally, e);
    size_t to = window > 0 ? (size_t)(id - base) : sy_id_set_add(&moved.set, id);
    good = to != SIZE_MAX && reserve_rows(&moved, moved.set.capacity);
    if (!good) break;
    moved.rows[to] = tally->rows[e];
    note_end(&moved, to);
  }
  if (!good) {
    sy_id_tally_free(&moved);
    return false;
  }
  sy_id_tally_free(tally);
  *tally = moved;
  return true;
}

/* Finds the window that holds all ids so far and these. */
static bool settle(sy_id_tally *tally, const void *ids, size_t n, size_t soon) {
  enum { WORTH = 4 }; /* a window is wide for so many times fewer ids, at most */
  id_range range = find_range(tally, ids, n);
  uint64_t span = range.high - range.low;
  size_t window = span < NARROW ? NARROW : span < WIDE && soon >= WIDE / WORTH ? WIDE : 0;
  return move_to(tally, window, window > 0 ? choose_base(tally, range, window) : 0);
}

/* Rows of each known id; ids that are none of them count nowhere. */
#define DEFINE_COUNT(name, element)                                                                \
  SY_CLONES static void name(const element *restrict ids, size_t n,                                \
                             const uint64_t *restrict known, size_t n_known,                       \
                             uint64_t *restrict rows) {                                            \
    for (size_t k = 0; k < n_known; k++) {                                                         \
      element wanted = (element)known[k], equal = 0;                                               \
      for (size_t i = 0; i < n; i++) equal = (element)(equal + (ids[i] == wanted));                \
      rows[k] = equal;                                                                             \
    }                                                                                              \
  }

DEFINE_COUNT(count_known_32, uint32_t)
DEFINE_COUNT(count_known_64, uint64_t)

/* Few ids that lie apart are compared with, as bytes are. False where there are others; then
 * nothing is counted. */
static bool add_known(sy_id_tally *tally, const void *ids, size_t n) {
  size_t n_known = tally->set.n, size = sy_dtype_size(tally->dtype);
  if (n_known == 0 || n_known > FEW_IDS || size < 4) return false;
  uint64_t rows[FEW_IDS], sum = 0;
  if (size == 4)
    count_known_32(ids, n, tally->set.ids, n_known, rows);
  else
    count_known_64(ids, n, tally->set.ids, n_known, rows);
  for (size_t k = 0; k < n_known; k++) sum += rows[k];
  for (size_t k = 0; k < n_known && sum == n; k++) tally->rows[k] += rows[k];
  return sum == n;
}

static bool add_apart(sy_id_tally *tally, const void *ids, size_t n) {
  if (add_known(tally, ids, n)) return true;
  for (size_t i = 0; i < n; i++) {
    size_t entry = sy_id_set_add(&tally->set, sy_id_at(ids, tally->dtype, i));
    if (entry == SIZE_MAX) return false;
    if (entry >= tally->capacity && !reserve_rows(tally, tally->set.capacity)) return false;
    tally->rows[entry]++;
  }
  tally->end = tally->set.n;
  return true;
}

bool sy_id_tally_add(sy_id_tally *tally, const void *ids, size_t n, size_t soon) {
  if (n == 0) return true;
  if (!tally->begun && !settle(tally, ids, n, soon)) return false;
  while (tally->window > 0) {
    if (add_near(tally, ids, n)) return true;
    if (!settle(tally, ids, n, soon)) return false;
  }
  return add_apart(tally, ids, n);
}

size_t sy_id_tally_entries(const sy_id_tally *tally) {
  return tally->end;
}

uint64_t sy_id_tally_id(const sy_id_tally *tally, size_t entry) {
  return tally->window > 0 ? sy_id_widen(tally->base + entry, tally->dtype) : tally->set.ids[entry];
}

void sy_id_tally_empty(sy_id_tally *tally) {
  if (tally->end > 0) memset(tally->rows, 0, tally->end * sizeof *tally->rows);
  sy_id_set_empty(&tally->set);
  tally->end = 0;
}
