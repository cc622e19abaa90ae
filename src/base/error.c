/* error.c: failures in words, one line each. */
#define _POSIX_C_SOURCE 200809L

#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 1 << 14 }; /* of a message before it is shortened: it may hold long paths */

/* Ends text (cut to `length` bytes) in "...", without leaving half a code point before it. */
static void mark_cut(char *text, size_t length) {
  size_t end = length - 3;
  while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) end--;
  memcpy(text + end, "...", 4);
}

/* Shortens text to `most` bytes. What it begins with says where, what it ends with what is wrong:
 * in between lies the long path or value. */
static void cut_middle(char *text, size_t most) {
  size_t length = strlen(text), head = most / 2;
  if (length <= most) return;
  while (head > 0 && ((unsigned char)text[head] & 0xC0) == 0x80) head--;
  const char *tail = text + length - (most - head - 3);
  while (((unsigned char)*tail & 0xC0) == 0x80) tail++;
  memcpy(text + head, "...", 3);
  memmove(text + head + 3, tail, strlen(tail) + 1);
}

sy_status sy_fail(sy_error *error, sy_status status, const char *format, ...) {
  if (!error) return status;
  char text[LONGEST]; /* apart: an argument may be error->text itself */
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length < 0) {
    snprintf(text, sizeof text, "%s", sy_status_text(status));
  } else if ((size_t)length >= sizeof text) {
    mark_cut(text, sizeof text - 1);
  }
  cut_middle(text, SY_ERROR_SIZE - 1);
  sy_text_blank_controls(text);
  error->status = status;
  memcpy(error->text, text, strlen(text) + 1);
  return status;
}

sy_status sy_fail_memory(sy_error *error) {
  return sy_fail(error, SY_OUT_OF_MEMORY, "%s", sy_status_text(SY_OUT_OF_MEMORY));
}

sy_status sy_progress_tell(sy_progress progress, const char *stage, double fraction,
                           sy_error *error) {
  if (!progress.call || !progress.call(progress.context, stage, fraction)) return SY_OK;
  return sy_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
}

const char *sy_shown(const char *text, char shown[SY_SHOWN_SIZE]) {
  size_t limit = SY_SHOWN_SIZE - 1;
  size_t length = strnlen(text, SY_SHOWN_SIZE);
  bool cut = length > limit;
  if (cut) length = limit;
  memcpy(shown, text, length);
  shown[length] = 0;
  if (cut) mark_cut(shown, length);
  sy_text_blank_controls(shown);
  return shown;
}
