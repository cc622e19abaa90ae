/* text.c: a growing text. */
#include "base/text.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Makes room for `more` bytes and a zero. Doubling keeps n appends linear. */
static bool reserve(sy_text *text, size_t more) {
  if (text->failed) return false;
  size_t needed = text->length + more + 1;
  if (needed <= text->capacity) return true;
  size_t capacity = text->capacity > 32 ? text->capacity : 32;
  while (capacity < needed) capacity *= 2;
  char *data = sy_realloc(text->data, capacity, 1);
  if (!data) {
    text->failed = true;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void sy_text_add(sy_text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (length < 0) {
    text->failed = true;
  } else if (reserve(text, (size_t)length)) {
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
  }
  va_end(arguments);
}

void sy_text_put(sy_text *text, const char *string) {
  sy_text_put_bytes(text, string, strlen(string));
}

void sy_text_put_bytes(sy_text *text, const char *bytes, size_t length) {
  if (!reserve(text, length)) return;
  if (length > 0) memcpy(text->data + text->length, bytes, length);
  text->length += length;
  text->data[text->length] = 0;
}

void sy_text_blank_controls(char *string) {
  for (; *string; string++)
    if ((unsigned char)*string < 0x20 || *string == 0x7f) *string = ' ';
}

/* Bytes of the code point at `s`; 1 where the bytes are no UTF-8. */
static size_t code_point_length(const unsigned char *s) {
  size_t length = *s < 0x80 ? 1 : *s < 0xC2 ? 0 : *s < 0xE0 ? 2 : *s < 0xF0 ? 3 : *s < 0xF5 ? 4 : 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xC0) != 0x80) return 1;
  return length > 0 ? length : 1;
}

int sy_text_fit(const char *text, size_t most) {
  size_t size = strlen(text);
  if (size <= most) return (int)size;
  while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80) most--;
  return (int)most;
}

size_t sy_text_width(const char *string) {
  size_t width = 0;
  const unsigned char *s = (const unsigned char *)string;
  for (; *s; s += code_point_length(s)) width++;
  return width;
}
