/* lookup_index.c: which class each id has, after counting. */
#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"
#include "labels/ids.h"

#include <string.h>

enum { NO_CLASS = -2 };

/* Widest window of ids that is looked up in a table, and the ids it may be wider than. */
enum { WINDOW = 65536, WINDOW_A_CLASS = 16 };

typedef struct index_table {
  size_t n_declared; /* ids below it are their classes; 0 = none are declared */
  sy_id_text ignored;
  uint64_t base;   /* ids base .. base + n_near - 1 are in the table */
  int32_t *near;   /* (n_near) class or NO_CLASS */
  size_t n_near;   /* 0 = ids lie apart */
  sy_id_set apart; /* then class = index */
  bool below_zero, above_most;
} index_table;

static void end(void *table) {
  index_table *t = table;
  if (!t) return;
  free(t->near);
  sy_id_set_free(&t->apart);
  free(t);
}

/* Puts n sorted ids in a window from the first on. */
static bool fill_near(index_table *t, const uint64_t *ids, size_t n) {
  t->base = ids[0];
  t->n_near = (size_t)(ids[n - 1] - ids[0]) + 1;
  t->near = sy_alloc(t->n_near, sizeof *t->near);
  if (!t->near) return false;
  for (size_t i = 0; i < t->n_near; i++) t->near[i] = NO_CLASS;
  for (size_t k = 0; k < n; k++) t->near[ids[k] - t->base] = (int32_t)k;
  return true;
}

/* Declared ids are their classes, which a table tells as it tells others. */
static bool fill_declared(index_table *t) {
  if (t->n_declared > WINDOW) return true;
  t->n_near = t->n_declared;
  t->near = sy_alloc(t->n_near, sizeof *t->near);
  for (size_t k = 0; k < t->n_near && t->near; k++) t->near[k] = (int32_t)k;
  return t->near;
}

static bool fill_apart(index_table *t, const uint64_t *ids, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (sy_id_set_add(&t->apart, ids[k]) == SIZE_MAX) return false;
  return true;
}

static sy_status fill(const sy_counter *counter, index_table *t, sy_error *error) {
  sy_status status = sy_id_parse(counter->options.ignore, &t->ignored, error);
  t->n_declared = counter->options.n_classes;
  if (status != SY_OK) return status;
  if (t->n_declared > 0) return fill_declared(t) ? SY_OK : sy_fail_memory(error);
  uint64_t *ids;
  size_t n;
  status = sy_index_ids(counter, &ids, &n, error);
  if (status != SY_OK) return status;
  sy_index_signs(counter, &t->below_zero, &t->above_most);
  uint64_t span = n > 0 ? ids[n - 1] - ids[0] : WINDOW;
  bool near = span < WINDOW || span / WINDOW_A_CLASS < n;
  bool good = near ? fill_near(t, ids, n) : fill_apart(t, ids, n);
  free(ids);
  return good ? SY_OK : sy_fail_memory(error);
}

static sy_status begin(const sy_counter *counter, void **table, sy_error *error) {
  index_table *t = sy_alloc_zero(1, sizeof *t);
  if (!t) return sy_fail_memory(error);
  sy_status status = fill(counter, t, error);
  if (status == SY_OK)
    *table = t;
  else
    end(t);
  return status;
}

/* Of bits of 2^63 and more the type says which id they are. */
static bool has_meaning(const index_table *t, uint64_t id, sy_dtype dtype) {
  return id < SY_SIGN_BIT || (sy_dtype_has_sign(dtype) ? t->below_zero : t->above_most);
}

static int32_t find_class(const index_table *t, uint64_t id, sy_dtype dtype) {
  if (t->n_declared > 0) return id < t->n_declared ? (int32_t)id : NO_CLASS;
  int32_t class = NO_CLASS;
  if (t->near) {
    if (id - t->base < t->n_near) class = t->near[id - t->base];
  } else {
    size_t k = sy_id_set_find(&t->apart, id);
    if (k != SIZE_MAX) class = (int32_t)k;
  }
  return has_meaning(t, id, dtype) ? class : NO_CLASS;
}

static sy_status fail_id(const index_table *t, const sy_positions *positions, size_t position,
                         uint64_t id, sy_error *error) {
  char text[SY_ID_SIZE], place[SY_PLACE_SIZE];
  sy_id_print(id, sy_dtype_has_sign(positions->labels->values.dtype), text);
  sy_positions_place(positions, position, 0, place);
  if (t->n_declared > 0)
    return sy_fail(error, SY_INVALID_LABEL, "label %s at %s is outside the %zu classes 0..%zu",
                   text, place, t->n_declared, t->n_declared - 1);
  return sy_fail(error, SY_INVALID_LABEL, "label %s at %s is none of the ids that were counted",
                 text, place);
}

/* Follows ids of one type through the table of near ids. */
#define FOLLOW(type)                                                                               \
  for (size_t i = 0; i < n; i++) {                                                                 \
    uint64_t at = (uint64_t)((const type *)values)[i] - t->base;                                   \
    bool inside = at < t->n_near;                                                                  \
    ids[i] = t->near[inside ? at : 0];                                                             \
    good &= inside & (ids[i] >= 0);                                                                \
  }                                                                                                \
  break

/* Classes of a tile of which nothing is taken out; false where that is left to find_tile, which has
 * the words for an id without a class. */
static bool follow_near(const index_table *t, sy_dtype dtype, size_t n, const void *values,
                        int32_t *ids) {
  bool good =
      t->near && has_meaning(t, t->base, dtype) && has_meaning(t, t->base + t->n_near - 1, dtype);
  if (!good) return false;
  switch (dtype) {
  case SY_I8:
    FOLLOW(int8_t);
  case SY_I16:
    FOLLOW(int16_t);
  case SY_I32:
    FOLLOW(int32_t);
  case SY_I64:
    FOLLOW(int64_t);
  case SY_U8:
    FOLLOW(uint8_t);
  case SY_U16:
    FOLLOW(uint16_t);
  case SY_U32:
    FOLLOW(uint32_t);
  default:
    FOLLOW(uint64_t);
  }
  return good;
}

/* Classes of a tile; the first id without one fails, unless its position is masked. */
static sy_status find_tile(const index_table *t, const sy_positions *positions, size_t first,
                           size_t n, const void *values, int32_t *ids, sy_error *error) {
  sy_dtype dtype = positions->labels->values.dtype;
  bool ignores = sy_id_fits(&t->ignored, dtype);
  for (size_t i = 0; i < n; i++) {
    uint64_t id = sy_id_at(values, dtype, i);
    if (ids[i] == SY_IGNORED) continue;
    ids[i] = ignores && id == t->ignored.id ? SY_IGNORED : find_class(t, id, dtype);
    if (ids[i] == NO_CLASS) return fail_id(t, positions, first + i, id, error);
  }
  return SY_OK;
}

static sy_status find_ids(const void *table, const sy_positions *positions, size_t first, size_t n,
                          int32_t *ids, sy_error *error) {
  enum { STEP = 512 };
  uint64_t tile[STEP];
  uint8_t counts[STEP];
  const index_table *t = table;
  sy_dtype dtype = positions->labels->values.dtype;
  bool plain = !positions->mask.data && !sy_id_fits(&t->ignored, dtype);
  sy_status status = SY_OK;
  for (size_t done = 0; done < n && status == SY_OK; done += STEP) {
    size_t count = n - done < STEP ? n - done : STEP;
    const void *values = sy_array_block(&positions->labels->values, first + done, count, tile);
    if (plain && follow_near(t, dtype, count, values, ids + done)) continue;
    sy_positions_mask(positions, first + done, count, counts);
    for (size_t i = 0; i < count; i++) ids[done + i] = counts[i] ? 0 : SY_IGNORED;
    status = find_tile(t, positions, first + done, count, values, ids + done, error);
  }
  return status;
}

const sy_class_finding sy_finding_index = {begin, end, find_ids};
