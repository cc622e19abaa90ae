/* messages.c: lists of warnings and remarks. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <steelyard/base.h>

struct sy_messages {
  char **lines;
  size_t n, capacity;
  bool dropped; /* a line, for want of memory */
};

sy_messages *sy_messages_new(void) {
  return sy_alloc_zero(1, sizeof(sy_messages));
}

void sy_messages_free(sy_messages *messages) {
  if (!messages) return;
  for (size_t i = 0; i < messages->n; i++) free(messages->lines[i]);
  free(messages->lines);
  free(messages);
}

static bool reserve_line(sy_messages *messages) {
  if (messages->n < messages->capacity) return true;
  size_t capacity = messages->capacity > 0 ? 2 * messages->capacity : 8;
  char **lines = sy_realloc(messages->lines, capacity, sizeof *lines);
  if (!lines) return false;
  messages->lines = lines;
  messages->capacity = capacity;
  return true;
}

static char *print_line(const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (length < 0) return NULL;
  char *line = sy_alloc((size_t)length + 1, 1);
  if (line) vsnprintf(line, (size_t)length + 1, format, arguments);
  return line;
}

void sy_messages_add(sy_messages *messages, const char *format, ...) {
  if (!messages) return;
  va_list arguments;
  va_start(arguments, format);
  char *line = reserve_line(messages) ? print_line(format, arguments) : NULL;
  va_end(arguments);
  if (!line) {
    messages->dropped = true;
    return;
  }
  sy_text_blank_controls(line);
  messages->lines[messages->n++] = line;
}

size_t sy_messages_count(const sy_messages *messages) {
  return messages ? messages->n : 0;
}

const char *sy_messages_get(const sy_messages *messages, size_t index) {
  return index < sy_messages_count(messages) ? messages->lines[index] : NULL;
}

sy_status sy_messages_check(const sy_messages *messages, sy_error *error) {
  return messages && messages->dropped ? sy_fail_memory(error) : SY_OK;
}
