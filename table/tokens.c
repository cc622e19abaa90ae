/* tokens.c: token files, as CoNLL's: a token and its labels a line, no names above them, and a
 * blank line after each sequence. DuckDB would take the first line for names and a line of a lone
 * tab for a row of missing values. */
#include "internal.h"

#include <string.h>

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool table_tokens_blank(const char *at, const char *end, const char *delimiter) {
  size_t width = delimiter ? strlen(delimiter) : 0;
  while (at < end) {
    bool apart = width > 0 && (size_t)(end - at) >= width && memcmp(at, delimiter, width) == 0;
    if (!apart && !is_blank(*at)) return false;
    at += apart ? width : 1;
  }
  return true;
}

/* Where the field ends that is at `at`. */
static const char *field_end(const char *at, const char *end, const char *delimiter) {
  while (at < end && (delimiter ? *at != *delimiter : !is_blank(*at))) at++;
  return at;
}

static const char *next_field(const char *at, const char *end, const char *delimiter) {
  if (delimiter) return at < end ? at + 1 : NULL;
  while (at < end && is_blank(*at)) at++;
  return at < end ? at : NULL;
}

enum { MOST_FIELDS = 32 };

static bool is_number(const char *at, const char *end) {
  char text[64];
  double number;
  size_t size = (size_t)(end - at);
  if (size >= sizeof text) return false;
  memcpy(text, at, size);
  text[size] = 0;
  return sy_number_parse(text, &number);
}

/* Looks at a line's fields: *full tells that none is empty, numbers[i] that field i is a number. */
static size_t look_at(const char *at, const char *end, const char *delimiter, bool *full,
                      bool numbers[MOST_FIELDS]) {
  size_t n = 0;
  *full = true;
  while (end > at && (delimiter ? end[-1] == '\r' : is_blank(end[-1]))) end--;
  if (!delimiter) at += strspn(at, " \t");
  for (; at; n++) {
    const char *past = field_end(at, end, delimiter);
    if (table_tokens_blank(at, past, NULL)) *full = false;
    if (n < MOST_FIELDS) numbers[n] = is_number(at, past);
    at = next_field(past, end, delimiter);
  }
  return n;
}

/* What the lines show. */
typedef struct evidence {
  size_t lines, ends;      /* lines that are not blank; blank lines behind one */
  size_t n;                /* fields of the first line */
  bool full;               /* no line has an empty field */
  bool names[MOST_FIELDS]; /* numbers below something else in the first line */
} evidence;

static void add_line(evidence *seen, const char *at, const char *end, const char *delimiter) {
  bool numbers[MOST_FIELDS] = {false}, full;
  size_t n = look_at(at, end, delimiter, &full, numbers);
  if (seen->lines++ == 0) {
    seen->n = n;
    for (size_t i = 0; i < MOST_FIELDS; i++) seen->names[i] = i < n && !numbers[i];
  } else {
    for (size_t i = 0; i < MOST_FIELDS; i++) seen->names[i] = seen->names[i] && numbers[i];
  }
  seen->full = seen->full && full;
}

bool table_tokens_are(const char *text, size_t size, const char *delimiter) {
  enum { LONGEST_SEQUENCE = 250 };
  evidence seen = {.full = true};
  bool within = false;
  if (delimiter && strcmp(delimiter, "\t") != 0) return false;
  for (const char *at = text, *end; at < text + size && seen.full; at = end + 1) {
    end = memchr(at, '\n', (size_t)(text + size - at));
    if (!end) end = text + size;
    bool blank = table_tokens_blank(at, end, delimiter);
    seen.ends += blank && within;
    within = !blank;
    if (!blank) add_line(&seen, at, end, delimiter);
  }
  for (size_t i = 0; i < MOST_FIELDS && seen.lines > 1; i++)
    if (seen.names[i]) return false;
  return seen.full && seen.n > 1 && seen.ends > 1 && seen.lines / seen.ends <= LONGEST_SEQUENCE;
}
