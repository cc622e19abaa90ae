/* spool.c: temporary copies of what DuckDB cannot read in place. They have no name in the file
 * system: whatever ends the program, nothing is left behind. DuckDB reads them through the
 * descriptor. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An unlinked file in TMPDIR, or -1 with errno. */
static int open_unlinked(void) {
  const char *folder = getenv("TMPDIR");
  table_text path = {0};
  table_text_add(&path, "%s/steelyard-XXXXXX", folder && *folder ? folder : "/tmp");
  int descriptor = -1;
  if (path.failed)
    errno = ENOMEM;
  else
    descriptor = mkstemp(path.bytes);
  if (descriptor >= 0) {
    unlink(path.bytes);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  table_text_free(&path);
  return descriptor;
}

static sy_status fail_temporary(const char *name, int reason, sy_error *error) {
  return table_fail(error, SY_FILE_NOT_WRITTEN,
                    "%s: cannot be copied to a temporary file (TMPDIR): %s", name,
                    strerror(reason));
}

static bool write_all(int to, const char *bytes, size_t size) {
  while (size) {
    ssize_t written = write(to, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return true;
}

/* Makes `file` the temporary copy behind a descriptor. */
static sy_status adopt(table_file *file, int descriptor, sy_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  char *copy = table_copy(path, strlen(path));
  if (!copy) {
    close(descriptor);
    return table_fail_memory(error);
  }
  if (file->descriptor >= 0) close(file->descriptor);
  free(file->path);
  file->path = copy;
  file->descriptor = descriptor;
  return SY_OK;
}

/* Makes the file a temporary one, empty, unless it is one already. */
static sy_status begin(const char *name, table_file *file, sy_error *error) {
  if (file->descriptor >= 0) return SY_OK;
  int to = open_unlinked();
  return to >= 0 ? adopt(file, to, error) : fail_temporary(name, errno, error);
}

sy_status table_spool_bytes(const char *name, const char *bytes, size_t size, table_file *file,
                            sy_error *error) {
  sy_status status = begin(name, file, error);
  if (status != SY_OK) return status;
  bool done = ftruncate(file->descriptor, 0) == 0 && lseek(file->descriptor, 0, SEEK_SET) == 0 &&
              write_all(file->descriptor, bytes, size);
  return done ? SY_OK : fail_temporary(name, errno, error);
}

sy_status table_spool_copy(int from, const char *name, table_file *file, sy_error *error) {
  enum { BLOCK = 1 << 16 };
  sy_status status = begin(name, file, error);
  if (status != SY_OK) return status;
  char *block = malloc(BLOCK);
  if (!block) return table_fail_memory(error);
  while (status == SY_OK) {
    ssize_t size = read(from, block, BLOCK);
    if (table_interrupted())
      status = table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
    else if (size < 0 && errno == EINTR)
      continue;
    else if (size < 0)
      status = table_fail(error, SY_FILE_NOT_READ, "%s: %s", name, strerror(errno));
    else if (size == 0)
      break;
    else if (!write_all(file->descriptor, block, (size_t)size))
      status = fail_temporary(name, errno, error);
  }
  free(block);
  return status;
}

typedef struct rewriting {
  sy_table *table;
  const char *delimiter; /* NULL: runs of blanks */
  size_t skip;           /* lines before the table */
  int to;
  int reason; /* errno of a failed write */
  table_text text;
} rewriting;

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *plain_end(const char *at, const char *end) {
  while (at < end && !is_blank(*at)) at++;
  return at;
}

/* End of the field at `at`: a quoted one ends at its closing quote if a blank or the end follows,
 * any other at the next blank. *quoted says which it was. */
static const char *field_end(const char *at, const char *end, bool *quoted) {
  *quoted = false;
  const char *past = at;
  if (*at == '"')
    for (past = at + 1; past < end; past++) {
      if (*past != '"') continue;
      if (past + 1 < end && past[1] == '"')
        past++;
      else if (past + 1 == end || is_blank(past[1])) {
        *quoted = true;
        return past + 1;
      } else
        break;
    }
  return plain_end(at, end);
}

size_t table_blank_fields(const char *at, const char *end) {
  size_t n = 0;
  for (;; n++) {
    bool quoted;
    while (at < end && is_blank(*at)) at++;
    if (at >= end) return n;
    at = field_end(at, end, &quoted);
  }
}

/* A quote in a field that is not quoted is a letter: it is written as one. */
static void add_field(table_text *text, const char *at, const char *end, bool quoted) {
  bool literal = !quoted && memchr(at, '"', (size_t)(end - at));
  if (!literal) {
    table_text_bytes(text, at, (size_t)(end - at));
    return;
  }
  table_text_bytes(text, "\"", 1);
  for (; at < end; at++) {
    if (*at == '"') table_text_bytes(text, "\"", 1);
    table_text_bytes(text, at, 1);
  }
  table_text_bytes(text, "\"", 1);
}

/* Fields apart by tabs. */
static void add_fields(table_text *text, const char *at, const char *end, bool quotes) {
  for (bool first = true;; first = false) {
    while (at < end && is_blank(*at)) at++;
    if (at >= end) return;
    bool quoted = false;
    const char *past = quotes ? field_end(at, end, &quoted) : plain_end(at, end);
    if (!first) table_text_bytes(text, "\t", 1);
    add_field(text, at, past, quoted);
    at = past;
  }
}

/* A line that ends a sequence becomes empty: DuckDB passes over those. */
static bool ends_sequence(rewriting *work, const char *at, const char *end) {
  sy_table *table = work->table;
  if (!table->dialect.tokens) return false;
  if (work->skip > 0) {
    work->skip--;
    return false;
  }
  bool blank = !at || table_tokens_blank(at, end, work->delimiter);
  table->n_sequences += !blank && !table->in_sequence;
  table->in_sequence = !blank;
  return blank;
}

static bool rewrite_line(void *context, size_t n, const table_cell *cells) {
  rewriting *work = context;
  const char *at = n ? cells[0].bytes : NULL, *end = at ? at + cells[0].size : NULL;
  bool blank = ends_sequence(work, at, end);
  if (!blank && !work->delimiter)
    add_fields(&work->text, at, end, !work->table->dialect.tokens);
  else if (!blank && at)
    table_text_bytes(&work->text, at, (size_t)(end - at));
  table_text_bytes(&work->text, "\n", 1);
  if (work->text.failed || work->text.size < (1 << 16)) return !work->text.failed;
  bool written = write_all(work->to, work->text.bytes, work->text.size);
  if (!written) work->reason = errno;
  work->text.size = 0;
  return written;
}

static sy_status rewrite(sy_table *table, const table_file *file, rewriting *work,
                         sy_error *error) {
  table_text sql = {0};
  table_failure failure = {0};
  table_text_add(&sql, "SELECT line FROM read_csv(");
  table_csv_lines(&sql, file, 0);
  table_text_add(&sql, ")");
  bool read = !sql.failed && table_rows(table->connection, sql.bytes, rewrite_line, work, &failure);
  bool no_memory = sql.failed || work->text.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  if (failure.line) failure.line += table->lines_before;
  if (!read && !work->reason) return table_failure_tell(&failure, file->name, error);
  if (!work->reason && !write_all(work->to, work->text.bytes, work->text.size))
    work->reason = errno;
  return work->reason ? fail_temporary(file->name, work->reason, error) : SY_OK;
}

sy_status table_spool_lines(sy_table *table, table_file *file, bool blanks, sy_error *error) {
  if (!blanks && !table->dialect.tokens) return SY_OK;
  rewriting work = {.table = table,
                    .delimiter = blanks ? NULL : table->dialect.delimiter,
                    .skip = file->skip,
                    .to = open_unlinked()};
  if (work.to < 0) return fail_temporary(file->name, errno, error);
  if (!table->pieces) table->in_sequence = false; /* a file ends one, a piece does not */
  sy_status status = rewrite(table, file, &work, error);
  table_text_free(&work.text);
  if (status != SY_OK) {
    close(work.to);
    return status;
  }
  file->packing = TABLE_PLAIN;
  return adopt(file, work.to, error);
}
