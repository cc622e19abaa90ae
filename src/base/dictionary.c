/* dictionary.c: text -> code by open addressing with linear probing, at most half full. */
#include "base/memory.h"
#include "base/text.h"

#include <string.h>

/* Eight bytes a step, mixed by a multiplication: long cells are common in tables. */
static uint64_t hash_bytes(const char *text, size_t length) {
  const uint64_t factor = 0x9E3779B97F4A7C15u;
  uint64_t hash = length * factor;
  while (length > 0) {
    uint64_t word = 0;
    size_t step = length < sizeof word ? length : sizeof word;
    memcpy(&word, text, step);
    hash = (hash ^ word) * factor;
    hash ^= hash >> 32;
    text += step;
    length -= step;
  }
  return hash;
}

/* A text ends at its first zero byte, as its stored copy does. */
static size_t text_length(const char *text, size_t length) {
  const char *zero = length > 0 ? memchr(text, 0, length) : NULL;
  return zero ? (size_t)(zero - text) : length;
}

/* Slot where the text is, or the empty one where it belongs. */
static size_t probe(const sy_dictionary *dictionary, const char *text, size_t length) {
  size_t mask = dictionary->n_slots - 1;
  size_t slot = (size_t)hash_bytes(text, length) & mask;
  for (; dictionary->slots[slot] > 0; slot = (slot + 1) & mask) {
    const char *value = dictionary->values[dictionary->slots[slot] - 1];
    if (strncmp(value, text, length) == 0 && value[length] == 0) break;
  }
  return slot;
}

static bool grow_slots(sy_dictionary *dictionary) {
  size_t n_slots = dictionary->n_slots > 0 ? 2 * dictionary->n_slots : 32;
  uint32_t *slots = sy_alloc_zero(n_slots, sizeof *slots);
  if (!slots) return false;
  free(dictionary->slots);
  dictionary->slots = slots;
  dictionary->n_slots = n_slots;
  for (size_t code = 0; code < dictionary->n; code++) {
    const char *value = dictionary->values[code];
    slots[probe(dictionary, value, strlen(value))] = (uint32_t)code + 1;
  }
  return true;
}

static bool grow_values(sy_dictionary *dictionary) {
  size_t capacity = dictionary->capacity > 0 ? 2 * dictionary->capacity : 16;
  char **values = sy_realloc(dictionary->values, capacity, sizeof *values);
  if (!values) return false;
  dictionary->values = values;
  dictionary->capacity = capacity;
  return true;
}

uint32_t sy_dictionary_add(sy_dictionary *dictionary, const char *text, size_t length) {
  length = text_length(text, length);
  if (2 * (dictionary->n + 1) > dictionary->n_slots && !grow_slots(dictionary)) return SY_NOT_FOUND;
  size_t slot = probe(dictionary, text, length);
  if (dictionary->slots[slot] > 0) return dictionary->slots[slot] - 1;
  if (dictionary->n >= SY_NOT_FOUND - 1) return SY_NOT_FOUND;
  if (dictionary->n == dictionary->capacity && !grow_values(dictionary)) return SY_NOT_FOUND;
  char *value = sy_copy_bytes(text, length);
  if (!value) return SY_NOT_FOUND;
  uint32_t code = (uint32_t)dictionary->n++;
  dictionary->values[code] = value;
  dictionary->slots[slot] = code + 1;
  return code;
}

uint32_t sy_dictionary_find(const sy_dictionary *dictionary, const char *text, size_t length) {
  if (dictionary->n == 0) return SY_NOT_FOUND;
  length = text_length(text, length);
  uint32_t found = dictionary->slots[probe(dictionary, text, length)];
  return found > 0 ? found - 1 : SY_NOT_FOUND;
}

void sy_dictionary_clear(sy_dictionary *dictionary) {
  for (size_t code = 0; code < dictionary->n; code++) free(dictionary->values[code]);
  free(dictionary->values);
  free(dictionary->slots);
  *dictionary = (sy_dictionary){0};
}
