/* index.c: labels from integers of any width. Ids are handled as 64-bit keys whose unsigned order
 * is the order of the ids, so that int64 and uint64 share all code and lose no bit. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/labels.h"
#include "labels/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIGN_BIT ((uint64_t)1 << 63)

typedef struct id_array {
  const void *ids;
  sy_dtype dtype;
  bool has_sign;
} id_array;

static bool is_integer(sy_dtype dtype) {
  return dtype >= SY_I8 && dtype <= SY_U64;
}

static uint64_t signed_key(int64_t id) {
  return (uint64_t)id ^ SIGN_BIT;
}

static uint64_t key_at(const id_array *array, size_t i) {
  switch (array->dtype) {
  case SY_I8:
    return signed_key(((const int8_t *)array->ids)[i]);
  case SY_I16:
    return signed_key(((const int16_t *)array->ids)[i]);
  case SY_I32:
    return signed_key(((const int32_t *)array->ids)[i]);
  case SY_I64:
    return signed_key(((const int64_t *)array->ids)[i]);
  case SY_U8:
    return ((const uint8_t *)array->ids)[i];
  case SY_U16:
    return ((const uint16_t *)array->ids)[i];
  case SY_U32:
    return ((const uint32_t *)array->ids)[i];
  default:
    return ((const uint64_t *)array->ids)[i];
  }
}

enum { ID_SIZE = 24 }; /* holds any 64-bit integer in decimal */

static char *print_key(uint64_t key, bool has_sign, char text[ID_SIZE]) {
  if (has_sign && key < SIGN_BIT) {
    snprintf(text, ID_SIZE, "-%" PRIu64, SIGN_BIT - key);
  } else {
    snprintf(text, ID_SIZE, "%" PRIu64, has_sign ? key - SIGN_BIT : key);
  }
  return text;
}

/* The ignored id; `any` is false where none is named or the type cannot hold it. */
typedef struct ignored_key {
  bool any;
  uint64_t key;
} ignored_key;

static sy_status parse_ignore(const char *text, bool has_sign, ignored_key *ignored,
                              sy_error *error) {
  *ignored = (ignored_key){0};
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
  uint64_t limit = !has_sign ? (negative ? 0 : UINT64_MAX) : negative ? SIGN_BIT : SIGN_BIT - 1;
  ignored->any = magnitude <= limit;
  ignored->key = !has_sign ? magnitude : negative ? SIGN_BIT - magnitude : SIGN_BIT + magnitude;
  return SY_OK;
}

/* Distinct keys in order of first sight; open addressing, at most half full. */
typedef struct key_set {
  uint64_t *keys; /* (n) */
  size_t n, capacity;
  uint32_t *slots; /* index + 1; 0 = empty */
  size_t n_slots;
} key_set;

static void clear_keys(key_set *set) {
  free(set->keys);
  free(set->slots);
}

static size_t probe_key(const key_set *set, uint64_t key) {
  size_t mask = set->n_slots - 1;
  uint64_t hash = key * 0x9E3779B97F4A7C15u;
  size_t slot = (size_t)(hash ^ hash >> 32) & mask;
  while (set->slots[slot] > 0 && set->keys[set->slots[slot] - 1] != key) slot = (slot + 1) & mask;
  return slot;
}

static bool grow_keys(key_set *set) {
  size_t capacity = set->capacity > 0 ? 2 * set->capacity : 64;
  uint64_t *keys = sy_realloc(set->keys, capacity, sizeof *keys);
  if (!keys) return false;
  set->keys = keys;
  set->capacity = capacity;
  uint32_t *slots = sy_alloc_zero(2 * capacity, sizeof *slots);
  if (!slots) return false;
  free(set->slots);
  set->slots = slots;
  set->n_slots = 2 * capacity;
  for (size_t k = 0; k < set->n; k++) slots[probe_key(set, keys[k])] = (uint32_t)k + 1;
  return true;
}

/* Index of the key, added where it is new. */
static sy_status find_key(key_set *set, uint64_t key, size_t *index, sy_error *error) {
  if (set->n == set->capacity && !grow_keys(set)) return sy_fail_memory(error);
  size_t slot = probe_key(set, key);
  if (set->slots[slot] == 0) {
    sy_status status = sy_labels_check_classes(set->n + 1, error);
    if (status != SY_OK) return status;
    set->keys[set->n] = key;
    set->slots[slot] = (uint32_t)++set->n;
  }
  *index = set->slots[slot] - 1;
  return SY_OK;
}

static int compare_keys(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

static sy_status collect_keys(const id_array *array, ignored_key ignored, size_t n, key_set *set,
                              sy_error *error) {
  size_t index;
  sy_status status = SY_OK;
  for (size_t i = 0; i < n && status == SY_OK; i++) {
    uint64_t key = key_at(array, i);
    if (!ignored.any || key != ignored.key) status = find_key(set, key, &index, error);
  }
  if (status == SY_OK && set->n == 0)
    status = sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  return status;
}

/* Adds the sorted keys as classes. */
static sy_status name_keys(const key_set *sorted, bool has_sign, sy_dictionary *classes,
                           sy_error *error) {
  char text[ID_SIZE];
  for (size_t k = 0; k < sorted->n; k++) {
    print_key(sorted->keys[k], has_sign, text);
    if (sy_dictionary_add(classes, text, strlen(text)) == SY_NOT_FOUND)
      return sy_fail_memory(error);
  }
  return SY_OK;
}

/* Classes are the ids present: two passes, the first of which finds them. */
static sy_status discover_ids(const id_array *array, ignored_key ignored, sy_labels *labels,
                              sy_error *error) {
  key_set found = {0}, sorted = {0};
  sy_status status = collect_keys(array, ignored, labels->rows, &found, error);
  if (status == SY_OK) {
    qsort(found.keys, found.n, sizeof *found.keys, compare_keys);
    status = name_keys(&found, array->has_sign, &labels->classes, error);
  }
  size_t index;
  for (size_t k = 0; k < found.n && status == SY_OK; k++) /* index k = class k now */
    status = find_key(&sorted, found.keys[k], &index, error);
  for (size_t i = 0; i < labels->rows && status == SY_OK; i++) {
    uint64_t key = key_at(array, i);
    bool taken_out = ignored.any && key == ignored.key;
    labels->ids[i] = taken_out ? SY_IGNORED : (int32_t)sorted.slots[probe_key(&sorted, key)] - 1;
  }
  clear_keys(&found);
  clear_keys(&sorted);
  return status;
}

/* Names of the declared classes: as given, else their ids. */
static sy_status declare_ids(const sy_labels_options *options, sy_dictionary *classes,
                             sy_error *error) {
  sy_status status = sy_labels_check_classes(options->n_classes, error);
  if (status != SY_OK) return status;
  if (options->classes)
    return sy_names_declare(options->classes, options->n_classes, classes, error);
  char text[ID_SIZE];
  for (size_t k = 0; k < options->n_classes; k++) {
    print_key(k, false, text);
    if (sy_dictionary_add(classes, text, strlen(text)) == SY_NOT_FOUND)
      return sy_fail_memory(error);
  }
  return SY_OK;
}

static sy_status fail_outside(const id_array *array, size_t i, size_t n_classes, sy_error *error) {
  char text[ID_SIZE];
  return sy_fail(error, SY_INVALID_LABEL, "label %s at row %zu is outside the %zu classes 0..%zu",
                 print_key(key_at(array, i), array->has_sign, text), i + 1, n_classes,
                 n_classes - 1);
}

/* Id k is class k. */
static sy_status check_ids(const id_array *array, ignored_key ignored, sy_labels *labels,
                           sy_error *error) {
  uint64_t zero = array->has_sign ? SIGN_BIT : 0;
  for (size_t i = 0; i < labels->rows; i++) {
    uint64_t key = key_at(array, i);
    if (ignored.any && key == ignored.key) {
      labels->ids[i] = SY_IGNORED;
    } else if (key >= zero && key - zero < labels->classes.n) {
      labels->ids[i] = (int32_t)(key - zero);
    } else {
      return fail_outside(array, i, labels->classes.n, error);
    }
  }
  return SY_OK;
}

static sy_status read_ids(const id_array *array, const sy_labels_options *options,
                          sy_labels *labels, sy_error *error) {
  ignored_key ignored;
  sy_status status = parse_ignore(options->ignore, array->has_sign, &ignored, error);
  if (status != SY_OK) return status;
  if (options->n_classes == 0) return discover_ids(array, ignored, labels, error);
  status = declare_ids(options, &labels->classes, error);
  return status == SY_OK ? check_ids(array, ignored, labels, error) : status;
}

sy_status sy_labels_from_index(const void *ids, sy_dtype dtype, size_t n,
                               const sy_labels_options *options, sy_labels **labels,
                               sy_error *error) {
  *labels = NULL;
  if (!is_integer(dtype))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "labels of kind index are integers; these are floating-point numbers");
  if (n == 0) return sy_fail(error, SY_NO_ROWS, "there are no labels: the data have no rows");
  id_array array = {ids, dtype, dtype <= SY_I64};
  sy_labels_options plain = sy_labels_options_default();
  sy_labels *read = sy_labels_new(n);
  if (!read) return sy_fail_memory(error);
  sy_status status = read_ids(&array, options ? options : &plain, read, error);
  if (status == SY_OK) {
    *labels = read;
  } else {
    sy_labels_free(read);
  }
  return status;
}
