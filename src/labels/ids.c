/* ids.c: ids as bits, as text, and in sets. */
#include "labels/ids.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t sy_id_at(const void *ids, sy_dtype dtype, size_t i) {
  switch (dtype) {
  case SY_I8:
    return (uint64_t)((const int8_t *)ids)[i];
  case SY_I16:
    return (uint64_t)((const int16_t *)ids)[i];
  case SY_I32:
    return (uint64_t)((const int32_t *)ids)[i];
  case SY_U8:
    return ((const uint8_t *)ids)[i];
  case SY_U16:
    return ((const uint16_t *)ids)[i];
  case SY_U32:
    return ((const uint32_t *)ids)[i];
  default:
    return ((const uint64_t *)ids)[i];
  }
}

uint64_t sy_id_widen(uint64_t bits, sy_dtype dtype) {
  unsigned width = 8 * (unsigned)sy_dtype_size(dtype);
  if (width == 64) return bits;
  uint64_t sign = (uint64_t)1 << (width - 1), low = bits & (2 * sign - 1);
  return sy_dtype_has_sign(dtype) ? (low ^ sign) - sign : low;
}

char *sy_id_print(uint64_t id, bool has_sign, char text[SY_ID_SIZE]) {
  if (has_sign && id >= SY_SIGN_BIT)
    snprintf(text, SY_ID_SIZE, "-%" PRIu64, 0 - id);
  else
    snprintf(text, SY_ID_SIZE, "%" PRIu64, id);
  return text;
}

sy_status sy_id_parse(const char *text, sy_id_text *parsed, sy_error *error) {
  *parsed = (sy_id_text){0};
  if (!text) return SY_OK;
  bool negative = *text == '-';
  const char *digits = text + negative;
  size_t length = strspn(digits, "0123456789");
  if (length == 0 || digits[length] != 0) {
    char shown[SY_SHOWN_SIZE];
    return sy_fail(error, SY_INVALID_ARGUMENT, "the id to ignore, '%s', is no integer",
                   sy_shown(text, shown));
  }
  uint64_t magnitude = 0;
  for (; *digits; digits++) {
    unsigned digit = (unsigned)(*digits - '0');
    if (magnitude > (UINT64_MAX - digit) / 10) return SY_OK;
    magnitude = magnitude * 10 + digit;
  }
  parsed->negative = negative && magnitude > 0;
  parsed->any = !negative || magnitude <= SY_SIGN_BIT;
  parsed->id = negative ? 0 - magnitude : magnitude;
  return SY_OK;
}

bool sy_id_fits(const sy_id_text *parsed, sy_dtype dtype) {
  return parsed->any &&
         parsed->negative == (sy_dtype_has_sign(dtype) && parsed->id >= SY_SIGN_BIT) &&
         sy_id_widen(parsed->id, dtype) == parsed->id;
}

/* --- sets --- */

/* Slot where the id is, or the empty one where it belongs. At most half of them are taken. */
static size_t probe(const sy_id_set *set, uint64_t id) {
  size_t mask = set->n_slots - 1;
  uint64_t hash = id * 0x9E3779B97F4A7C15u;
  size_t slot = (size_t)(hash ^ hash >> 32) & mask;
  while (set->slots[slot] > 0 && set->ids[set->slots[slot] - 1] != id) slot = (slot + 1) & mask;
  return slot;
}

static bool grow(sy_id_set *set) {
  size_t capacity = set->capacity > 0 ? 2 * set->capacity : 64;
  uint64_t *ids = sy_realloc(set->ids, capacity, sizeof *ids);
  if (!ids) return false;
  set->ids = ids;
  uint32_t *slots = sy_alloc_zero(2 * capacity, sizeof *slots);
  if (!slots) return false;
  free(set->slots);
  set->slots = slots;
  set->n_slots = 2 * capacity;
  set->capacity = capacity;
  for (size_t k = 0; k < set->n; k++) slots[probe(set, ids[k])] = (uint32_t)k + 1;
  return true;
}

size_t sy_id_set_add(sy_id_set *set, uint64_t id) {
  if (set->n == set->capacity && !grow(set)) return SIZE_MAX;
  size_t slot = probe(set, id);
  if (set->slots[slot] == 0) {
    if (set->n >= INT32_MAX) return SIZE_MAX;
    set->ids[set->n] = id;
    set->slots[slot] = (uint32_t)++set->n;
  }
  return set->slots[slot] - 1;
}

size_t sy_id_set_find(const sy_id_set *set, uint64_t id) {
  if (set->n == 0) return SIZE_MAX;
  uint32_t found = set->slots[probe(set, id)];
  return found > 0 ? found - 1 : SIZE_MAX;
}

void sy_id_set_empty(sy_id_set *set) {
  if (set->n > 0) memset(set->slots, 0, set->n_slots * sizeof *set->slots);
  set->n = 0;
}

void sy_id_set_free(sy_id_set *set) {
  free(set->ids);
  free(set->slots);
  *set = (sy_id_set){0};
}
