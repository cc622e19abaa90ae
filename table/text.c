/* text.c: growing text, and names and values as SQL. */
#include "internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(table_text *text, size_t more) {
  if (text->failed) return false;
  if (more < text->capacity - text->size) return true;
  size_t capacity = text->capacity ? text->capacity : 256;
  while (capacity - text->size <= more && capacity <= SIZE_MAX / 2) capacity *= 2;
  char *bytes = capacity - text->size > more ? realloc(text->bytes, capacity) : NULL;
  if (!bytes) {
    text->failed = true;
    return false;
  }
  text->bytes = bytes;
  text->capacity = capacity;
  return true;
}

void table_text_bytes(table_text *text, const char *bytes, size_t size) {
  if (!reserve(text, size)) return;
  if (size) memcpy(text->bytes + text->size, bytes, size);
  text->size += size;
  text->bytes[text->size] = '\0';
}

void table_text_add(table_text *text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int size = vsnprintf(NULL, 0, format, arguments);
  if (size < 0) text->failed = true;
  if (size >= 0 && reserve(text, (size_t)size)) {
    vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
    text->size += (size_t)size;
  }
  va_end(again);
  va_end(arguments);
}

/* Between quotes, a quote inside is doubled: nothing else has a meaning there. */
static void add_quoted(table_text *text, const char *value, char quote) {
  table_text_bytes(text, &quote, 1);
  for (const char *c = value; *c; c++) {
    if (*c == quote) table_text_bytes(text, &quote, 1);
    table_text_bytes(text, c, 1);
  }
  table_text_bytes(text, &quote, 1);
}

void table_text_literal(table_text *text, const char *value) {
  add_quoted(text, value, '\'');
}

void table_text_identifier(table_text *text, const char *name) {
  add_quoted(text, name, '"');
}

int table_text_fit(const char *bytes, size_t size, size_t most) {
  if (size <= most) return (int)size;
  while (most > 0 && ((unsigned char)bytes[most] & 0xC0) == 0x80) most--;
  return (int)most;
}

void table_text_free(table_text *text) {
  free(text->bytes);
  *text = (table_text){0};
}

char *table_copy(const char *bytes, size_t size) {
  char *copy = malloc(size + 1);
  if (!copy) return NULL;
  if (size) memcpy(copy, bytes, size);
  copy[size] = '\0';
  return copy;
}
