/* dialect.c: delimiter, quotes and number of fields of a text, from its first lines. DuckDB's own
 * sniffer is not asked: it skips first lines that do not fit, and takes a table with one ragged row
 * for a single column of text, both without a word. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD_LINES = 1000, HEAD_BYTES = 1 << 20 };

/* The first lines, each ending in a newline, from the first that is not blank on. */
typedef struct head {
  table_text text;
  size_t n_lines;   /* as many */
  size_t n_blank;   /* blank lines before them */
  size_t zero_line; /* the first of the lines that holds a zero byte, from 1; 0 = none */
  bool cut;         /* the text goes on below */
} head;

/* How the first lines look with some delimiter. */
typedef struct shape {
  size_t n_records;
  size_t first;    /* fields of the first record */
  size_t usual;    /* most frequent number of fields below it */
  size_t agreeing; /* records below the first that have that number */
  bool clean;      /* quoted fields begin and end on one line */
  bool open;       /* a quote was not closed by the end of what was looked at */
} shape;

static bool is_blank_line(table_cell line) {
  for (size_t i = 0; i < line.size; i++)
    if (!strchr(" \t\r", line.bytes[i]) || line.bytes[i] == '\0') return false;
  return true;
}

static bool take_line(void *context, size_t n, const table_cell *cells) {
  head *lines = context;
  table_cell line = n ? cells[0] : (table_cell){NULL, 0};
  if (lines->n_lines == 0 && is_blank_line(line)) {
    lines->n_blank++;
    return true;
  }
  lines->n_lines++;
  if (line.size && !lines->zero_line && memchr(line.bytes, '\0', line.size))
    lines->zero_line = lines->n_lines;
  table_text_bytes(&lines->text, line.bytes, line.size);
  table_text_bytes(&lines->text, "\n", 1);
  lines->cut = lines->n_lines == HEAD_LINES || lines->text.size >= HEAD_BYTES;
  return !lines->text.failed && !lines->cut;
}

/* Zero bytes come in UTF-16 that does not say so by its first bytes, and in what is no text. */
static sy_status check_text(const table_file *file, const head *lines, sy_error *error) {
  if (lines->zero_line != 1) return SY_OK; /* further down it is the fault of one cell */
  return table_fail(
      error, SY_INVALID_DATA,
      "%s line %zu: holds zero bytes, which text has none of; if it is UTF-16, convert "
      "it first, as with iconv -f utf-16le -t utf-8",
      file->name, file->skip + 1);
}

static sy_status read_lines(sy_table *table, const table_file *file, size_t limit, head *lines,
                            sy_error *error) {
  table_text sql = {0};
  table_failure failure = {0};
  table_text_add(&sql, "SELECT line FROM read_csv(");
  table_csv_lines(&sql, file, table->options.skip);
  table_text_add(&sql, ") LIMIT %zu", limit);
  bool read = !sql.failed && table_rows(table->connection, sql.bytes, take_line, lines, &failure);
  bool no_memory = sql.failed || lines->text.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  return read ? SY_OK : table_failure_tell(&failure, file->name, error);
}

/* With a limit DuckDB's threads do not read on ahead; the first lines may be blank, so that few is
 * not enough. */
static sy_status read_head(sy_table *table, const table_file *file, head *lines, sy_error *error) {
  enum { FEW_LINES = 2 * HEAD_LINES };
  sy_status status = read_lines(table, file, FEW_LINES, lines, error);
  if (status != SY_OK || lines->cut || lines->n_blank + lines->n_lines < FEW_LINES) return status;
  table_text_free(&lines->text);
  *lines = (head){0};
  return read_lines(table, file, INT64_MAX, lines, error);
}

/* Closing quote of the field that opens at `at`, followed by a delimiter or an end; NULL where the
 * quote is a letter like others, or (*open) no quote follows at all. */
static const char *closing_quote(const char *at, const char *end, const char *delimiter,
                                 bool *open) {
  size_t width = strlen(delimiter);
  for (const char *c = at + 1; c < end; c++) {
    if (*c != '"') continue;
    if (c + 1 < end && c[1] == '"') {
      c++;
      continue;
    }
    bool closes = c + 1 == end || c[1] == '\n' || strncmp(c + 1, delimiter, width) == 0;
    return closes ? c : NULL;
  }
  *open = true;
  return NULL;
}

/* Number of fields of the record at *at, which moves behind it; 0 for a blank line. */
static size_t count_fields(const char **at, const char *end, const char *delimiter, bool quoted,
                           shape *seen) {
  size_t width = strlen(delimiter), n = 1;
  const char *c = *at;
  bool field_begins = true;
  for (; c < end && *c != '\n'; c++) {
    if (field_begins && quoted && *c == '"') {
      const char *close = closing_quote(c, end, delimiter, &seen->open);
      if (!close || memchr(c, '\n', (size_t)(close - c))) seen->clean = false;
      if (close) c = close;
      field_begins = false;
    } else if (*c == *delimiter && strncmp(c, delimiter, width) == 0) {
      n++;
      c += width - 1;
      field_begins = true;
    } else {
      field_begins = false;
    }
  }
  bool blank = c == *at;
  *at = c < end ? c + 1 : end;
  return blank ? 0 : n;
}

static int compare_sizes(const void *a, const void *b) {
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* The most frequent of the counts below the first, of equals the first's; `counts` is sorted. */
static void find_usual(shape *found, size_t *counts) {
  found->first = found->usual = counts[0];
  size_t n = found->n_records - 1;
  qsort(counts + 1, n, sizeof *counts, compare_sizes);
  for (size_t i = 1, run = 0; i <= n; i++) {
    run = i > 1 && counts[i] == counts[i - 1] ? run + 1 : 1;
    if (run < found->agreeing || (run == found->agreeing && counts[i] != found->first)) continue;
    found->agreeing = run;
    found->usual = counts[i];
  }
}

/* The shape of the lines with a delimiter, or (NULL) with runs of blanks. */
static shape find_shape(const head *lines, const char *delimiter, bool quoted) {
  shape found = {.clean = true};
  size_t counts[HEAD_LINES];
  const char *at = lines->text.bytes, *end = at + lines->text.size;
  while (at < end && found.n_records < HEAD_LINES) {
    const char *line_end = delimiter ? NULL : memchr(at, '\n', (size_t)(end - at));
    size_t n = delimiter ? count_fields(&at, end, delimiter, quoted, &found)
                         : table_blank_fields(at, line_end);
    if (!delimiter) at = line_end + 1;
    /* A field of many lines that is closed further down: the rest of the head lies inside it. */
    if (found.open && lines->cut && found.n_records) break;
    if (n) counts[found.n_records++] = n;
  }
  if (found.n_records) find_usual(&found, counts);
  return found;
}

/* Share of the lines that have the usual number of fields, the first one included. */
static double agreement(const shape *found) {
  size_t agreeing = found->agreeing + (found->first == found->usual);
  return found->n_records ? (double)agreeing / (double)found->n_records : 0;
}

/* Whether the lines plainly are fields apart by runs of blanks, names above them included (one may
 * be missing above row numbers). Two words a line may as well be one column of text, so there all
 * lines must agree. */
static bool plainly_blanks(const shape *found) {
  bool fits = found->first == found->usual || found->first + 1 == found->usual;
  if (found->n_records < 2 || found->usual < 2 || !fits) return false;
  double below = (double)found->agreeing / (double)(found->n_records - 1);
  return found->usual > 2 ? below >= 0.75 : agreement(found) >= 1;
}

/* The delimiter most lines agree on; NULL where the lines hold none. Of equals, the comma comes
 * last: it is also written in decimals and in sentences. */
static const char *guess_delimiter(const head *lines) {
  static const char *const candidates[] = {"\t", ";", "|", ","};
  const char *best = NULL;
  double best_agreement = 0.5;
  for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
    shape found = find_shape(lines, candidates[i], true);
    if (found.usual < 2 || agreement(&found) < best_agreement) continue;
    if (best && agreement(&found) <= best_agreement) continue;
    best = candidates[i];
    best_agreement = agreement(&found);
  }
  return best;
}

/* Bytes of the UTF-8 character at the beginning; 0 where there is none. */
static size_t character_length(const char *text) {
  unsigned char lead = (unsigned char)text[0];
  size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < length; i++)
    if (((unsigned char)text[i] & 0xC0) != 0x80) return 0;
  return length;
}

static sy_status take_given(const char *given, table_dialect *dialect, bool *blanks,
                            sy_error *error) {
  size_t length = strlen(given);
  if (strcmp(given, " ") == 0)
    *blanks = true;
  else if (strcmp(given, "\\t") == 0 || strcmp(given, "tab") == 0)
    strcpy(dialect->delimiter, "\t");
  else if (length == 0 || strchr("\n\r\"", given[0]) || length != character_length(given))
    return table_fail(error, SY_INVALID_ARGUMENT,
                      "delimiter \"%s\": must be one character, tab, or a space for runs of spaces",
                      given);
  else
    strcpy(dialect->delimiter, given);
  return SY_OK;
}

/* Only where it is clear that another delimiter was meant. */
static sy_status check_given(const table_file *file, const head *lines, const char *given,
                             const shape *found, sy_error *error) {
  const char *other = found->usual < 2 && found->first < 2 ? guess_delimiter(lines) : NULL;
  if (!other) return SY_OK;
  return table_fail(error, SY_INVALID_DATA,
                    "%s: one column with delimiter \"%s\", but the lines hold \"%s\": leave out "
                    "--delimiter, or give the right one",
                    file->name, given, strcmp(other, "\t") == 0 ? "tab" : other);
}

/* Lines before the first that has the usual number of fields. */
static size_t count_lead(const head *lines, const char *delimiter, const shape *found) {
  const char *at = lines->text.bytes, *end = at + lines->text.size, *before = at;
  for (shape seen = {0}; at < end;) {
    before = at;
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    size_t n = delimiter ? count_fields(&at, end, delimiter, true, &seen)
                         : table_blank_fields(at, line_end);
    if (!delimiter) at = line_end + 1;
    if (n == found->usual) break;
  }
  size_t lead = 0;
  for (const char *c = lines->text.bytes; c < before; c++) lead += *c == '\n';
  return lead;
}

/* First lines of another length than the lines below are no table yet: DuckDB would skip them. */
static sy_status check_first(const sy_table *table, const table_file *file, const head *lines,
                             const char *delimiter, const shape *found, sy_error *error) {
  bool most = found->agreeing * 2 >= found->n_records - 1;
  if (found->n_records < 2 || found->first == found->usual || !most ||
      table->options.header == SY_HEADER_NO)
    return SY_OK;
  size_t skip = file->skip + count_lead(lines, delimiter, found);
  const char *plural = found->first == 1 ? "" : "s";
  if (found->first + 1 == found->usual && found->first > 1)
    return table_fail(error, SY_INVALID_DATA,
                      "%s: the first line has %zu names and the lines below have %zu fields: a "
                      "name is missing; add it, or give --skip %zu --header no",
                      file->name, found->first, found->usual, skip);
  return table_fail(error, SY_INVALID_DATA,
                    "%s: the first line has %zu field%s and the lines below have %zu; leave lines "
                    "out with --skip %zu",
                    file->name, found->first, plural, found->usual, skip);
}

/* Asked before what quotes mean: where tokens are found, a quote is a token like others. */
static bool are_tokens(const sy_table *table, const head *lines, const char *delimiter) {
  if (table->options.blank_lines != SY_BLANK_LINES_AUTO)
    return table->options.blank_lines == SY_BLANK_LINES_END;
  return table->options.header != SY_HEADER_YES &&
         table_tokens_are(lines->text.bytes, lines->text.size, delimiter);
}

static sy_status decide(sy_table *table, table_file *file, const head *lines,
                        table_dialect *dialect, bool *blanks, sy_error *error) {
  const char *given = table->options.delimiter;
  bool open = !dialect->delimiter[0] && !*blanks;
  sy_status status = open && given ? take_given(given, dialect, blanks, error) : SY_OK;
  if (status != SY_OK) return status;
  if (open && !given) {
    const char *guess = guess_delimiter(lines);
    shape apart = find_shape(lines, NULL, true);
    *blanks = !guess && plainly_blanks(&apart);
    strcpy(dialect->delimiter, guess ? guess : ",");
  }
  const char *delimiter = *blanks ? NULL : dialect->delimiter;
  shape found = find_shape(lines, delimiter, true);
  /* Of several files the first one says. */
  if (open) dialect->tokens = are_tokens(table, lines, delimiter);
  bool letters = dialect->tokens && table->options.blank_lines == SY_BLANK_LINES_AUTO;
  dialect->quoted = !letters;
  if (delimiter && letters) {
    found = find_shape(lines, delimiter, false);
  } else if (delimiter && strcmp(delimiter, "\t") == 0) {
    /* Where tabs separate, quotes mostly are plain letters: a quoted field over several lines is
     * rather two lines with a stray quote each. */
    shape plain = find_shape(lines, delimiter, false);
    dialect->quoted = found.clean && agreement(&found) >= agreement(&plain);
    if (!dialect->quoted) found = plain;
  }
  dialect->n_fields = found.usual;
  /* Of a single column without a name, blank lines are values that are missing. */
  if (found.usual == 1 && table->options.header == SY_HEADER_NO) file->skip = table->options.skip;
  if (given && delimiter) status = check_given(file, lines, given, &found, error);
  return status == SY_OK ? check_first(table, file, lines, delimiter, &found, error) : status;
}

sy_status table_dialect_find(sy_table *table, table_file *file, table_dialect *dialect,
                             bool *blanks, bool *empty, sy_error *error) {
  head lines = {0};
  sy_status status = read_head(table, file, &lines, error);
  *empty = status == SY_OK && lines.n_lines == 0;
  file->skip = table->options.skip + lines.n_blank;
  if (status == SY_OK) status = check_text(file, &lines, error);
  if (status == SY_OK && !*empty) status = decide(table, file, &lines, dialect, blanks, error);
  table_text_free(&lines.text);
  return status;
}
