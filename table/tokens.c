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

static bool is_number(table_cell field) {
  char text[64];
  double number;
  if (field.size >= sizeof text) return false;
  memcpy(text, field.bytes, field.size);
  text[field.size] = 0;
  return sy_number_parse(text, &number);
}

static bool same(table_cell a, table_cell b) {
  return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

/* Takes a line's fields apart; *full tells that none is empty. */
static size_t take_fields(const char *at, const char *end, const char *delimiter, bool *full,
                          table_cell fields[MOST_FIELDS]) {
  size_t n = 0;
  *full = true;
  while (end > at && (delimiter ? end[-1] == '\r' : is_blank(end[-1]))) end--;
  if (!delimiter) at += strspn(at, " \t");
  for (; at; n++) {
    const char *past = field_end(at, end, delimiter);
    if (table_tokens_blank(at, past, NULL)) *full = false;
    if (n < MOST_FIELDS) fields[n] = (table_cell){at, (size_t)(past - at)};
    at = next_field(past, end, delimiter);
  }
  return n;
}

/* What the lines show. */
typedef struct evidence {
  size_t lines, ends;            /* lines that are not blank; blank lines behind one */
  size_t n;                      /* fields of the first line */
  table_cell first[MOST_FIELDS]; /* which may be names */
  bool full;                     /* no line has an empty field */
  bool numbers[MOST_FIELDS];     /* all below are numbers, and the first is none */
  bool again;                    /* one of the first comes again below, as no name does */
} evidence;

static void add_line(evidence *seen, const char *at, const char *end, const char *delimiter) {
  table_cell fields[MOST_FIELDS];
  bool full;
  size_t n = take_fields(at, end, delimiter, &full, fields);
  bool first = seen->lines++ == 0;
  if (first) seen->n = n;
  for (size_t i = 0; i < n && i < MOST_FIELDS && i < seen->n; i++) {
    bool number = is_number(fields[i]);
    if (first) seen->first[i] = fields[i];
    seen->numbers[i] = first ? !number : seen->numbers[i] && number;
    seen->again = seen->again || (!first && same(fields[i], seen->first[i]));
  }
  seen->full = seen->full && full;
}

/* Whether the first line holds names. */
static bool has_names(const evidence *seen) {
  bool names = !seen->again;
  for (size_t i = 0; i < seen->n && i < MOST_FIELDS && seen->lines > 1; i++)
    names = names || seen->numbers[i];
  return names;
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
  return seen.full && seen.n > 1 && !has_names(&seen) && seen.ends > 1 &&
         seen.lines / seen.ends <= LONGEST_SEQUENCE;
}
