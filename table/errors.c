/* errors.c: DuckDB's messages run over a dozen lines, with advice for another program's options.
 * Here they become one line: where, what, and what to do about it in our words. */
#include "internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 14 }; /* of a message before it is shortened: it may hold long paths */

/* Shortens text to `most` bytes between where something is wrong and what. */
static void cut_middle(char *text, size_t most) {
  size_t length = strlen(text), head = most / 2;
  if (length <= most) return;
  while (head > 0 && ((unsigned char)text[head] & 0xC0) == 0x80) head--;
  const char *tail = text + length - (most - head - 3);
  while (((unsigned char)*tail & 0xC0) == 0x80) tail++;
  memcpy(text + head, "...", 3);
  memmove(text + head + 3, tail, strlen(tail) + 1);
}

sy_status table_fail(sy_error *error, sy_status status, const char *format, ...) {
  if (!error) return status;
  char text[LONGEST];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (size < 0) text[0] = '\0';
  cut_middle(text, SY_ERROR_SIZE - 1);
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
  /* What an appender says of it. */
  if (begins(message, "Failed to append: Interrupted!")) return TROUBLE_INTERRUPT;
  if (begins(message, "Out of Memory Error")) return TROUBLE_MEMORY;
  if (strstr(message, "Expected Number of Columns:")) return TROUBLE_RAGGED;
  if (strstr(message, "unterminated quote")) return TROUBLE_QUOTE;
  if (strstr(message, "is not utf-8 encoded") || strstr(message, "Invalid unicode"))
    return TROUBLE_ENCODING;
  /* What DuckDB comes to instead where the column is not the first that is read: it looks up the
   * column's name among those of the columns read, by its place in the file. */
  if (begins(message, "INTERNAL Error: Attempted to access index")) return TROUBLE_ENCODING;
  if (strstr(message, "state machine reached an invalid state")) return TROUBLE_LINE_ENDS;
  if (strstr(message, "Maximum line size") || strstr(message, "does not support a full read"))
    return TROUBLE_LONG_LINE;
  if (strstr(message, "Malformed JSON")) return TROUBLE_JSON;
  if (strstr(message, "No magic bytes found") || strstr(message, "too small to be a Parquet"))
    return TROUBLE_CUT;
  return failure->type[0] ? TROUBLE_CONVERSION : TROUBLE_OTHER;
}

/* Behind what says nothing where a file is at fault: the kind of DuckDB's error, and the file's
 * name, which is told anyway. */
static const char *past_kind(const char *message) {
  static const char *const kinds[] = {"Invalid Input Error: ", "Invalid Error: ", "IO Error: "};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (begins(message, kinds[i])) message += strlen(kinds[i]);
  const char *behind = begins(message, "Failed to read file ") ? strstr(message, "\": ") : NULL;
  return behind ? behind + strlen("\": ") : message;
}

/* Takes the second copies of columns, which users do not know of, out of `"a", "as written: y"`. */
static void drop_copies(char *names) {
  const char *copy = "\"" TABLE_AS_WRITTEN;
  for (char *from = strstr(names, copy); from; from = strstr(from, copy)) {
    char *end = strchr(from + 1, '"');
    end = end ? end + 1 : from + strlen(from);
    if (begins(end, ", "))
      end += strlen(", ");
    else if (from - names >= 2)
      from -= strlen(", ");
    memmove(from, end, strlen(end) + 1);
  }
}

/* Adds the names DuckDB proposes, if there are any and they are not of its own tables. */
static void take_proposal(const char *message, table_failure *failure) {
  char names[160];
  if (!take_between(message, "Candidate bindings: ", NULL, names, sizeof names) &&
      !take_between(message, "Did you mean ", NULL, names, sizeof names))
    return;
  if (begins(names, "\"pg_") || begins(names, "\"duckdb_")) return;
  drop_copies(names);
  if (!names[0]) return;
  size_t length = strlen(failure->text), room = sizeof failure->text - length;
  size_t words = sizeof " did you mean ?";
  int fit = table_text_fit(names, strlen(names), room > words ? room - words : 0);
  snprintf(failure->text + length, room, " did you mean %.*s%s", fit, names,
           strchr(names, '?') ? "" : "?");
}

/* The first line, and the names DuckDB proposes where it does. */
static void take_summary(const char *message, table_failure *failure) {
  char file[200];
  if (begins(message, "Missing Extension Error") &&
      take_between(message, "File ", " requires", file, sizeof file)) {
    snprintf(failure->text, sizeof failure->text, "nothing is downloaded: fetch %s first", file);
    return;
  }
  const char *text = past_kind(message);
  size_t length = strcspn(text, "\n");
  length = (size_t)table_text_fit(text, length, sizeof failure->text - 1);
  memcpy(failure->text, text, length);
  failure->text[length] = '\0';
  take_proposal(message, failure);
}

/* "JSON transform error in file "x", in line 3: Object {..} has duplicate key "x"". */
static void take_record(const char *message, table_failure *failure) {
  failure->line = number_after(message, ", in line ");
  failure->counts_records = failure->line == 0;
  if (failure->counts_records) failure->line = number_after(message, ", in record/value ");
  char reason[sizeof failure->text];
  const char *begin = failure->counts_records ? ", in record/value " : ", in line ";
  const char *from = strstr(message, begin);
  if (from && take_between(from, ": ", NULL, reason, sizeof reason))
    memcpy(failure->text, reason, sizeof reason);
}

/* "... in file "x", at byte 16 in line 3: unexpected character. ", also "in record/value 3". DuckDB
 * counts from 1 and one too many: lines that were begun. */
static void take_json(const char *message, table_failure *failure) {
  failure->byte = number_after(message, "\", at byte ");
  failure->line = number_after(message, " in line ");
  failure->counts_records = failure->line == 0;
  if (failure->counts_records) failure->line = number_after(message, " in record/value ");
  if (failure->line > 1) failure->line--;
  const char *reason = strstr(message, failure->counts_records ? "record/value " : " in line ");
  reason = reason ? strstr(reason, ": ") : NULL;
  if (reason)
    snprintf(failure->text, sizeof failure->text, "%.*s",
             table_text_fit(reason + 2, strcspn(reason + 2, ".\n"), sizeof failure->text - 1),
             reason + 2);
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
  if (strstr(message, "does not support a full read")) failure->line = 0; /* it says 1 always */
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
  if (failure->trouble == TROUBLE_JSON) take_json(message, failure);
  if (strstr(message, "JSON transform error")) take_record(message, failure);
}

static const char *wanted(const char *type) {
  if (begins(type, "DOUBLE") || begins(type, "FLOAT") || begins(type, "DECIMAL")) return "a number";
  if (strstr(type, "INT")) return "a whole number";
  if (begins(type, "BOOL")) return "a boolean";
  if (begins(type, "DATE") || begins(type, "TIMESTAMP")) return "a date";
  return type;
}

/* "data.csv line 7", or "data.csv" where the line is not known. */
static void place_of(const table_failure *failure, const char *name, char *out, size_t size) {
  if (failure->line)
    snprintf(out, size, "%s %s %llu", name, failure->counts_records ? "record" : "line",
             failure->line);
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
    return table_fail(
        error, SY_INVALID_DATA,
        "%s: a quote (\") that opens a field here is not closed, or text follows the one that "
        "closes it",
        place);
  case TROUBLE_ENCODING:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: not UTF-8 text; convert it first, as with iconv -f latin1 -t utf-8",
                      place);
  case TROUBLE_LINE_ENDS:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: line ends of two kinds (LF and CR LF), or stray quotes; make the line "
                      "ends one kind, as with sed 's/\\r$//'",
                      place);
  case TROUBLE_LONG_LINE:
    return table_fail(
        error, SY_INVALID_DATA,
        "%s: a line of more than 2 million bytes; is a quote not closed, or is this no "
        "text?",
        place);
  case TROUBLE_JSON:
    return table_fail(error, SY_INVALID_DATA, "%s: is not JSON from byte %llu on: %s", place,
                      failure->byte, failure->text);
  case TROUBLE_CUT:
    return table_fail(error, SY_INVALID_DATA,
                      "%s: the Parquet file is cut short; fetch or write it again", place);
  case TROUBLE_CONVERSION:
    return tell_conversion(failure, place, error);
  case TROUBLE_OTHER:
    break;
  }
  return table_fail(error, SY_INVALID_DATA, "%s: %s", place, failure->text);
}
