/* memory.c: allocation with overflow checked, in one place so that tests can make it fail. */
#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static _Thread_local size_t until_failure;

size_t sy_memory_fail_nth(size_t n) {
  size_t left = until_failure;
  until_failure = n;
  return left;
}

static bool refused(size_t count, size_t size) {
  if (until_failure > 0 && --until_failure == 0) return true;
  return size > 0 && count > PTRDIFF_MAX / size;
}

/* malloc(0) may be NULL, which would read as a failure. */
static size_t at_least_one(size_t bytes) {
  return bytes > 0 ? bytes : 1;
}

void *sy_alloc(size_t count, size_t size) {
  return refused(count, size) ? NULL : malloc(at_least_one(count * size));
}

void *sy_alloc_zero(size_t count, size_t size) {
  return refused(count, size) ? NULL : calloc(at_least_one(count * size), 1);
}

void *sy_realloc(void *block, size_t count, size_t size) {
  return refused(count, size) ? NULL : realloc(block, at_least_one(count * size));
}

char *sy_copy_text(const char *text) {
  return sy_copy_bytes(text, strlen(text));
}

char *sy_copy_bytes(const char *text, size_t length) {
  char *copy = length < SIZE_MAX ? sy_alloc(length + 1, 1) : NULL;
  if (!copy) return NULL;
  if (length > 0) memcpy(copy, text, length);
  copy[length] = 0;
  return copy;
}
