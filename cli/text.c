#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

void *grab(size_t count, size_t size) {
  /* Outputs are written whole or not at all, so that ending here leaves nothing half done. */
  void *block = calloc(count ? count : 1, size ? size : 1);
  if (!block) exit(say_failed("out of memory"));
  return block;
}

char *text_copy(const char *text) {
  return text_format("%s", text);
}

char *text_format(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *text = grab((size_t)length + 1, 1);
  vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

void text_append(char **text, char *more) {
  char *longer = text_format("%s%s", *text, more);
  free(*text);
  free(more);
  *text = longer;
}

const char *text_past_mark(const char *text) {
  return strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;
}

bool text_ends_in(const char *text, const char *ending) {
  size_t length = strlen(text), n = strlen(ending);
  return length > n && strcmp(text + length - n, ending) == 0;
}

char *text_quoted(const char *text, char quote) {
  char *out = grab(2 * strlen(text) + 3, 1);
  char *next = out;
  *next++ = quote;
  for (const char *c = text; *c; c++) {
    if (*c == quote) *next++ = quote;
    *next++ = *c;
  }
  *next = quote;
  return out;
}

void text_list_add(text_list *list, const char *text) {
  char **items = realloc(list->items, (list->n + 1) * sizeof *items);
  if (!items) exit(say_failed("out of memory"));
  list->items = items;
  items[list->n++] = text_copy(text);
}

void text_list_free(text_list *list) {
  for (size_t i = 0; i < list->n; i++) free(list->items[i]);
  free(list->items);
  *list = (text_list){NULL, 0};
}

const char *const *text_list_view(const text_list *list) {
  return (const char *const *)list->items;
}

char *text_list_join(const text_list *list, const char *separator) {
  size_t length = 1;
  for (size_t i = 0; i < list->n; i++) length += strlen(list->items[i]) + strlen(separator);
  char *joined = grab(length, 1);
  for (size_t i = 0; i < list->n; i++) {
    if (i) strcat(joined, separator);
    strcat(joined, list->items[i]);
  }
  return joined;
}

char *text_find_outside_quotes(char *text, char wanted) {
  bool quoted = false;
  for (char *c = text; *c; c++) {
    if (*c == '"') quoted = !quoted;
    if (*c == wanted && !quoted) return c;
  }
  return NULL;
}

void text_list_split(text_list *list, const char *text, char separator) {
  char *rest = text_copy(text);
  char *piece = rest;
  for (char *end; (end = text_find_outside_quotes(piece, separator)) != NULL; piece = end + 1) {
    *end = 0;
    text_list_add(list, piece);
  }
  text_list_add(list, piece);
  free(rest);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *text_unquote(char *text) {
  char *begin = text, *end = text + strlen(text);
  while (is_blank(*begin)) begin++;
  while (end > begin && is_blank(end[-1])) end--;
  bool quoted = end - begin >= 2 && *begin == '"' && end[-1] == '"';
  if (quoted) begin++, end--;
  char *out = text;
  for (char *c = begin; c < end; c++) {
    *out++ = *c;
    if (quoted && *c == '"' && c + 1 < end && c[1] == '"') c++;
  }
  *out = 0;
  return text;
}

bool text_number(const char *text, double *number) {
  size_t length = strlen(text);
  while (length && is_blank(text[length - 1])) length--;
  bool percent = length && text[length - 1] == '%';
  char *digits = text_format("%.*s", (int)(length - percent), text);
  bool good = sy_number_parse(digits, number);
  if (good && percent) *number /= 100;
  free(digits);
  return good;
}

void text_list_unquote(text_list *list) {
  size_t kept = 0;
  for (size_t i = 0; i < list->n; i++) {
    char *item = text_unquote(list->items[i]);
    if (*item)
      list->items[kept++] = item;
    else
      free(item);
  }
  list->n = kept;
}

char *text_count(uint64_t count, char text[SY_NUMBER_SIZE]) {
  char digits[SY_NUMBER_SIZE];
  int n = snprintf(digits, sizeof digits, "%" PRIu64, count);
  char *out = text;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0) *out++ = ',';
    *out++ = digits[i];
  }
  *out = 0;
  return text;
}

size_t text_columns(const char *text) {
  size_t columns = 0;
  for (; *text; text++) columns += ((unsigned char)*text & 0xC0) != 0x80;
  return columns;
}
