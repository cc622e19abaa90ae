/* dictionary.c: distinct texts and their codes: open addressing with linear probing, at most half
 * full. Text columns mostly hold few values many times, so a look-up must cost little more than
 * reading the text once. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16, FIRST_SLOTS = 64 };

/* Eight bytes a step, multiplied and folded: the high half of a product mixes all bits. */
static uint32_t hash_of(const char *bytes, size_t size) {
  uint64_t hash = 0x9E3779B97F4A7C15u ^ size;
  while (size > 0) {
    uint64_t word = 0;
    size_t step = size < 8 ? size : 8;
    memcpy(&word, bytes, step);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
    bytes += step;
    size -= step;
  }
  hash *= 0xD6E8FEB86659FD93u;
  return (uint32_t)(hash >> 32);
}

static bool grow_slots(table_dictionary *dictionary) {
  if (dictionary->n_values * 2 < dictionary->n_slots) return true;
  size_t n = dictionary->n_slots ? dictionary->n_slots * 2 : FIRST_SLOTS;
  table_slot *slots = calloc(n, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < dictionary->n_slots; i++) {
    if (!dictionary->slots[i].entry) continue;
    size_t slot = dictionary->slots[i].hash & (n - 1);
    while (slots[slot].entry) slot = (slot + 1) & (n - 1);
    slots[slot] = dictionary->slots[i];
  }
  free(dictionary->slots);
  dictionary->slots = slots;
  dictionary->n_slots = n;
  return true;
}

/* Grows one of the parallel arrays; the others follow before any is used at its new length. */
static bool grow(void **array, size_t capacity, size_t element) {
  void *larger = realloc(*array, capacity * element);
  if (larger) *array = larger;
  return larger != NULL;
}

static bool grow_values(table_dictionary *dictionary) {
  if (dictionary->n_values < dictionary->value_capacity) return true;
  size_t capacity = dictionary->value_capacity ? dictionary->value_capacity * 2 : 32;
  if (!grow((void **)&dictionary->values, capacity, sizeof *dictionary->values) ||
      !grow((void **)&dictionary->sizes, capacity, sizeof *dictionary->sizes))
    return false;
  dictionary->value_capacity = capacity;
  return true;
}

/* Room for `size` bytes in the current block, or a new one. */
static char *take_room(table_dictionary *dictionary, size_t size) {
  if (size > dictionary->block_room) {
    size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    if (!grow((void **)&dictionary->blocks, dictionary->n_blocks + 1, sizeof *dictionary->blocks))
      return NULL;
    char *block = malloc(room);
    if (!block) return NULL;
    dictionary->blocks[dictionary->n_blocks++] = block;
    dictionary->block_end = block;
    dictionary->block_room = room;
  }
  char *taken = dictionary->block_end;
  dictionary->block_end += size;
  dictionary->block_room -= size;
  return taken;
}

static bool add_value(table_dictionary *dictionary, const char *bytes, uint32_t size) {
  if (dictionary->n_values >= SY_MISSING - 1 || !grow_values(dictionary)) return false;
  char *copy = take_room(dictionary, (size_t)size + 1);
  if (!copy) return false;
  memcpy(copy, bytes, size);
  copy[size] = '\0';
  dictionary->values[dictionary->n_values] = copy;
  dictionary->sizes[dictionary->n_values] = size;
  dictionary->n_values++;
  return true;
}

uint32_t table_dictionary_hash(const table_dictionary *dictionary, const char *bytes, size_t size) {
  uint32_t hash = hash_of(bytes, size);
  if (dictionary->n_slots) __builtin_prefetch(&dictionary->slots[hash & (dictionary->n_slots - 1)]);
  return hash;
}

bool table_dictionary_code(table_dictionary *dictionary, const char *bytes, uint32_t size,
                           uint32_t hash, uint32_t *code) {
  if (!grow_slots(dictionary)) return false;
  size_t mask = dictionary->n_slots - 1, at = hash & mask;
  for (; dictionary->slots[at].entry; at = (at + 1) & mask) {
    uint32_t known = dictionary->slots[at].entry - 1;
    if (dictionary->slots[at].hash != hash || dictionary->sizes[known] != size ||
        memcmp(dictionary->values[known], bytes, size) != 0)
      continue;
    *code = known;
    return true;
  }
  if (!add_value(dictionary, bytes, size)) return false;
  *code = (uint32_t)(dictionary->n_values - 1);
  dictionary->slots[at] = (table_slot){*code + 1, hash};
  return true;
}

void table_dictionary_free(table_dictionary *dictionary) {
  for (size_t i = 0; i < dictionary->n_blocks; i++) free(dictionary->blocks[i]);
  free(dictionary->blocks);
  free(dictionary->values);
  free(dictionary->sizes);
  free(dictionary->slots);
  *dictionary = (table_dictionary){0};
}
