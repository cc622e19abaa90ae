/* errors.c: DuckDB's messages run over a dozen lines, with advice for another program's options.
 * Here they become one line: where, what, and what to do about it in our words. */
#include "internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

sy_status table_fail(sy_error *error, sy_status status, const char *format, ...) {
  if (!error) return status;
  char text[SY_ERROR_SIZE + 1];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (size < 0) text[0] = '\0';
  if (size >= SY_ERROR_SIZE) {
    size_t end = SY_ERROR_SIZE - 4;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) end--;
    memcpy(text + end, "...", 4);
  }
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
  error->status = status;
  memcpy(error->text, text, strlen(text) + 1);
  return status;
}

sy_status table_fail_memory(sy_error *error) {
  return table_fail(error, SY_OUT_OF_MEMORY, "%s", sy_status_text(SY_OUT_OF_MEMORY));
}

/* Copies what lies between `begin` and `end` in `message` (end NULL: to the end of the line),
 * cut to `size`. False where `begin` is not found. */
static bool take_between(const char *message, const char *begin, const char *end, char *out,
                         size_t size) {
  const char *from = strstr(message, begin);
  if (!from) return false;
  from += strlen(begin);
  const char *to = strstr(from, end ? end : "\n");
  size_t length = to ? (size_t)(to - from) : strlen(from);
  bool cut = length >= size;
  if (cut) {
    length = size - 4;
    while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80) length--;
  }
  memcpy(out, from, length);
  memcpy(out + length, cut ? "..." : "", cut ? 4 : 1);
  return true;
}

static unsigned long long number_after(const char *message, const char *words) {
  const char *found = strstr(message, words);
  return found ? strtoull(found + strlen(words), NULL, 10) : 0;
}

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

static table_trouble trouble_of(const char *message, const table_failure *failure) {
  if (begins(message, "INTERRUPT Error")) return TROUBLE_INTERRUPT;
  if (begins(message, "Out of Memory Error")) return TROUBLE_MEMORY;
  if (strstr(message, "Expected Number of Columns:")) return TROUBLE_RAGGED;
  if (strstr(message, "unterminated quote")) return TROUBLE_QUOTE;
  if (strstr(message, "is not utf-8 encoded") || strstr(message, "Invalid unicode"))
    return TROUBLE_ENCODING;
  if (strstr(message, "state machine reached an invalid state")) return TROUBLE_LINE_ENDS;
  return failure->type[0] ? TROUBLE_CONVERSION : TROUBLE_OTHER;
}

/* The first line, and the names DuckDB proposes where it does. */
static void take_summary(const char *message, table_failure *failure) {
  const char *size = strstr(message, "Maximum line size");
  if (size) message = size; /* the first line only says in which line */
  size_t length = strcspn(message, "\n");
  if (length >= sizeof failure->text) length = sizeof failure->text - 1;
  memcpy(failure->text, message, length);
  failure->text[length] = '\0';
  char names[160];
  if (!take_between(message, "Candidate bindings: ", NULL, names, sizeof names) &&
      !take_between(message, "Did you mean ", NULL, names, sizeof names))
    return;
  size_t room = sizeof failure->text - length;
  snprintf(failure->text + length, room, " did you mean %s%s", names,
           strchr(names, '?') ? "" : "?");
}

void table_failure_read(table_failure *failure, const char *message) {
  *failure = (table_failure){0};
  if (!message) message = "unknown failure";
  /* Where a streaming query failed, the message wraps the true one. */
  const char *wrapped = strstr(message, "closed pending query result\nError: ");
  if (wrapped) message = strstr(wrapped, "Error: ") + strlen("Error: ");
  failure->line = number_after(message, "CSV Error on Line: ");
  failure->expected = number_after(message, "Expected Number of Columns: ");
  failure->found = number_after(message, " Found: ");
  take_between(message, "  file = ", NULL, failure->file, sizeof failure->file);
  take_between(message, "when converting column \"", "\". Could not", failure->column,
               sizeof failure->column);
  if (take_between(message, "Could not convert string \"", "\" to '", failure->value,
                   sizeof failure->value))
    take_between(message, "\" to '", "'", failure->type, sizeof failure->type);
  else if (take_between(message, "Could not convert string '", "' to ", failure->value,
                        sizeof failure->value))
    take_between(message, "' to ", NULL, failure->type, sizeof failure->type);
  failure->trouble = trouble_of(message, failure);
  take_summary(message, failure);
}

static const char *wanted(const char *type) {
  if (begins(type, "DOUBLE")) return "a number";
  if (begins(type, "BOOL")) return "a boolean";
  if (begins(type, "DATE") || begins(type, "TIMESTAMP")) return "a date";
  return type;
}

/* "data.csv line 7", or "data.csv" where the line is not known. */
static void place_of(const table_failure *failure, const char *name, char *out, size_t size) {
  if (failure->line)
    snprintf(out, size, "%s line %llu", name, failure->line);
  else
    snprintf(out, size, "%s", name);
}

static sy_status tell_conversion(const table_failure *failure, const char *place, sy_error *error) {
  if (failure->column[0])
    return table_fail(error, SY_INVALID_DATA, "%s: column \"%s\": \"%s\" is not %s", place,
                      failure->column, failure->value, wanted(failure->type));
  return table_fail(error, SY_INVALID_DATA, "%s: \"%s\" is not %s", place, failure->value,
                    wanted(failure->type));
}

sy_status table_failure_tell(const table_failure *failure, const char *name, sy_error *error) {
  char place[320];
  place_of(failure, name, place, sizeof place);
  switch (failure->trouble) {
  case TROUBLE_INTERRUPT:
    return table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
  case TROUBLE_MEMORY:
    return table_fail_memory(error);
  case TROUBLE_RAGGED:
    return table_fail(error, SY_INVALID_DATA, "%s: %llu field%s where %llu are expected", place,
                      failure->found, failure->found == 1 ? "" : "s", failure->expected);
  case TROUBLE_QUOTE:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: a quote (\") that opens a field here is not closed", place);
  case TROUBLE_ENCODING:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: not UTF-8 text; convert it first, as with iconv -f latin1 -t utf-8",
                      place);
  case TROUBLE_LINE_ENDS:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: line ends of two kinds (LF and CR LF), or stray quotes; make the line "
                      "ends one kind, as with sed 's/\\r$//'",
                      place);
  case TROUBLE_CONVERSION:
    return tell_conversion(failure, place, error);
  case TROUBLE_OTHER:
    break;
  }
  return table_fail(error, SY_INVALID_DATA, "%s: %s", place, failure->text);
}
