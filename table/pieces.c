/* pieces.c: a stream that is read in pieces. It is cut where a record ends, so that each piece is a
 * table of its own, written as the first one showed; only one of them is in memory and in the
 * temporary file at a time. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first piece is what delimiter, header and types are found on, as of a file. */
enum { FIRST_BYTES = 1 << 22 };

struct table_pieces {
  int from;
  bool owned;    /* to be closed */
  bool ended;    /* nothing more comes */
  bool blanks;   /* fields are apart by runs of blanks */
  char line_end; /* the last byte of a line */
  bool carriage; /* lines end in CR LF */
  bool begun;    /* these two are known */
  size_t wanted; /* bytes of a piece */
  char *bytes;   /* the piece, and what was read beyond it */
  size_t size, capacity;
  size_t cut;   /* where the piece ends */
  size_t lines; /* in the piece */
};

void table_pieces_free(table_pieces *pieces) {
  if (!pieces) return;
  if (pieces->owned) close(pieces->from);
  free(pieces->bytes);
  free(pieces);
}

/* Reads until there are `target` bytes, or no more come. */
static sy_status fill(table_pieces *pieces, const char *name, size_t target, sy_error *error) {
  if (target > pieces->capacity) target = pieces->capacity;
  while (!pieces->ended && pieces->size < target) {
    ssize_t got = read(pieces->from, pieces->bytes + pieces->size, target - pieces->size);
    int reason = errno;
    if (table_interrupted())
      return table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
    if (got < 0 && reason == EINTR) continue;
    if (got < 0) return table_fail(error, SY_FILE_NOT_READ, "%s: %s", name, strerror(reason));
    pieces->ended = got == 0;
    pieces->size += (size_t)got;
  }
  return SY_OK;
}

/* --- where records end --- */

/* What lies in whole records. */
typedef struct records {
  size_t end;        /* of the last one; 0 = none is whole */
  size_t first_line; /* where the first line ends */
  size_t lines;      /* as DuckDB counts them: a quoted field does not end one */
} records;

static void add_lines(const char *bytes, size_t begin, size_t end, char line_end, records *found) {
  size_t n = 0;
  for (size_t i = begin; i < end; i++) n += bytes[i] == line_end;
  if (n == 0) return;
  if (found->end == 0) {
    const char *first = memchr(bytes + begin, line_end, end - begin);
    found->first_line = (size_t)(first - bytes);
  }
  found->lines += n;
  found->end = end;
  while (bytes[found->end - 1] != line_end) found->end--;
}

/* Whether the quote at `at` opens a field: blanks may stand before it. */
static bool opens(const char *bytes, size_t begin, size_t at, const char *delimiter) {
  size_t width = strlen(delimiter);
  while (at > begin && bytes[at - 1] == ' ') at--;
  if (at == begin || bytes[at - 1] == '\n' || bytes[at - 1] == '\r') return true;
  return at - begin >= width && memcmp(bytes + at - width, delimiter, width) == 0;
}

/* Behind the quote that closes the field that opens at `at`; `size` where none does. */
static size_t past_quoted(const char *bytes, size_t at, size_t size) {
  for (at++; at < size; at += 2) {
    const char *quote = memchr(bytes + at, '"', size - at);
    if (!quote) return size;
    at = (size_t)(quote - bytes);
    if (at + 1 == size || bytes[at + 1] != '"') return at + 1;
  }
  return size;
}

/* @param delimiter  where quoted fields may hold line ends, else NULL */
static records find_records(const char *bytes, size_t begin, size_t size, char line_end,
                            const char *delimiter) {
  records found = {0};
  for (size_t at = begin, from = begin; from < size;) {
    const char *quote = delimiter && at < size ? memchr(bytes + at, '"', size - at) : NULL;
    size_t stop = quote ? (size_t)(quote - bytes) : size;
    at = stop + 1;
    if (quote && !opens(bytes, begin, stop, delimiter)) continue;
    add_lines(bytes, from, stop, line_end, &found);
    from = at = quote ? past_quoted(bytes, stop, size) : size;
  }
  return found;
}

/* Behind the first lines, which are left out. */
static size_t past_lines(const table_pieces *pieces, size_t lines) {
  size_t at = 0;
  for (; lines > 0 && at < pieces->size; lines--) {
    const char *end = memchr(pieces->bytes + at, pieces->line_end, pieces->size - at);
    at = end ? (size_t)(end - pieces->bytes) + 1 : pieces->size;
  }
  return at;
}

/* Line ends of another kind than those before would be an error in a file. */
static sy_status check_line_end(sy_table *table, const records *found, sy_error *error) {
  table_pieces *pieces = table->pieces;
  if (found->end == 0 || pieces->line_end == '\r') return SY_OK;
  bool carriage = found->first_line > 0 && pieces->bytes[found->first_line - 1] == '\r';
  if (!pieces->begun) pieces->carriage = carriage;
  pieces->begun = true;
  if (carriage == pieces->carriage) return SY_OK;
  table_failure failure = {.trouble = TROUBLE_LINE_ENDS, .line = table->lines_before + 1};
  return table_failure_tell(&failure, table->name, error);
}

/* Finds where the piece ends, reading more of a long record.
 * @param skip  lines at the beginning that are no records */
static sy_status find_cut(sy_table *table, size_t skip, sy_error *error) {
  table_pieces *pieces = table->pieces;
  const table_dialect *dialect = &table->dialect;
  /* Between tabs, a quote that is not closed on its line is a letter. */
  bool lines_alone = pieces->blanks || !dialect->quoted || strcmp(dialect->delimiter, "\t") == 0;
  for (;;) {
    size_t begin = past_lines(pieces, skip);
    records found = find_records(pieces->bytes, begin, pieces->size, pieces->line_end,
                                 lines_alone ? NULL : dialect->delimiter);
    pieces->cut = pieces->ended ? pieces->size : found.end;
    pieces->lines = skip + found.lines;
    /* DuckDB passes over a last line that is too long and does not end. */
    if (pieces->ended && pieces->size - found.end > TABLE_LONGEST_LINE) break;
    if (pieces->cut > 0) return check_line_end(table, &found, error);
    if (pieces->size == pieces->capacity) break;
    sy_status status = fill(pieces, table->name, pieces->capacity, error);
    if (status != SY_OK) return status;
  }
  table_failure failure = {.trouble = TROUBLE_LONG_LINE,
                           .line = table->lines_before + pieces->lines + 1};
  return table_failure_tell(&failure, table->name, error);
}

/* --- the first piece --- */

static table_pieces *pieces_new(int from, bool owned, size_t wanted) {
  table_pieces *pieces = calloc(1, sizeof *pieces);
  if (!pieces) return NULL;
  if (wanted == 0) wanted = TABLE_PIECE_BYTES;
  *pieces = (table_pieces){.from = from, .owned = owned, .wanted = wanted, .line_end = '\n'};
  pieces->capacity = wanted > FIRST_BYTES ? wanted : FIRST_BYTES;
  pieces->bytes = malloc(pieces->capacity);
  if (pieces->bytes) return pieces;
  pieces->owned = false; /* the caller's, as long as this fails */
  table_pieces_free(pieces);
  return NULL;
}

sy_status table_pieces_begin(sy_table *table, int from, bool owned, table_file *file,
                             sy_error *error) {
  table_pieces *pieces = pieces_new(from, owned, table->options.piece_bytes);
  if (!pieces) {
    if (owned) close(from);
    return table_fail_memory(error);
  }
  sy_status status = fill(pieces, table->name, pieces->capacity, error);
  if (status == SY_OK)
    status = table_spool_bytes(table->name, pieces->bytes, pieces->size, file, error);
  bool whole = pieces->ended || !table_source_is_plain(file->name, pieces->bytes, pieces->size);
  if (status == SY_OK && whole && !pieces->ended)
    status = table_spool_copy(from, table->name, file, error);
  if (status == SY_OK && !whole)
    table->pieces = pieces;
  else
    table_pieces_free(pieces);
  return status;
}

sy_status table_pieces_cut(sy_table *table, table_file *file, bool blanks, sy_error *error) {
  table_pieces *pieces = table->pieces;
  if (!pieces) return SY_OK;
  pieces->blanks = blanks;
  /* Where lines end in CR alone, there is no LF at all. */
  if (!memchr(pieces->bytes, '\n', pieces->size)) pieces->line_end = '\r';
  sy_status status = find_cut(table, file->skip, error);
  if (status != SY_OK) return status;
  return table_spool_bytes(table->name, pieces->bytes, pieces->cut, file, error);
}

/* --- the next ones --- */

static sy_status next_piece(sy_table *table, bool *more, sy_error *error) {
  table_pieces *pieces = table->pieces;
  table_file *file = &table->files[0];
  memmove(pieces->bytes, pieces->bytes + pieces->cut, pieces->size - pieces->cut);
  pieces->size -= pieces->cut;
  table->lines_before += pieces->lines;
  table->rows_before += table->piece_rows;
  table->piece_rows = 0;
  pieces->cut = pieces->lines = 0;
  file->skip = 0;
  sy_status status = fill(pieces, table->name, pieces->size + pieces->wanted, error);
  if (status != SY_OK || pieces->size == 0) return status;
  *more = true;
  status = find_cut(table, 0, error);
  if (status == SY_OK)
    status = table_spool_bytes(table->name, pieces->bytes, pieces->cut, file, error);
  if (status == SY_OK) status = table_spool_lines(table, file, pieces->blanks, error);
  return status;
}

sy_status sy_table_next(sy_table *table, bool *more, sy_error *error) {
  *more = false;
  if (!table->pieces) return SY_OK;
  if (!table->connection)
    return table_fail(error, SY_INVALID_ARGUMENT, "%s: was released", table->name);
  table_interruptible(table->connection);
  sy_status status = next_piece(table, more, error);
  table_interruptible(NULL);
  if (status != SY_OK) *more = false;
  return status;
}
