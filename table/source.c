/* source.c: what a source is: a query, stdin, or files, of which kind and how packed. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

void table_file_clear(table_file *file) {
  if (file->descriptor >= 0) close(file->descriptor);
  free(file->name);
  free(file->path);
  free(file->order);
  *file = (table_file){.descriptor = -1};
}

size_t table_source_bytes(const sy_table *table) {
  size_t bytes = 0;
  for (size_t i = 0; i < table->n_files; i++) bytes += table->files[i].bytes;
  return bytes;
}

const char *table_source_shown(const sy_table *table, const char *path) {
  for (size_t i = 0; i < table->n_files; i++)
    if (strcmp(table->files[i].path, path) == 0) return table->files[i].name;
  return table->name;
}

/* A new file of the table, its name and path still NULL; NULL when out of memory. */
static table_file *add_file(sy_table *table) {
  table_file *files = realloc(table->files, (table->n_files + 1) * sizeof *files);
  if (!files) return NULL;
  table->files = files;
  files[table->n_files] = (table_file){.descriptor = -1};
  return &files[table->n_files++];
}

static bool ends_with(const char *text, size_t length, const char *ending) {
  size_t size = strlen(ending);
  return length >= size && strncasecmp(text + length - size, ending, size) == 0;
}

static table_kind kind_by_name(const char *name) {
  size_t length = strlen(name);
  if (ends_with(name, length, ".gz"))
    length -= 3;
  else if (ends_with(name, length, ".zst"))
    length -= 4;
  if (ends_with(name, length, ".parquet")) return TABLE_PARQUET;
  if (ends_with(name, length, ".json") || ends_with(name, length, ".jsonl") ||
      ends_with(name, length, ".ndjson"))
    return TABLE_JSON;
  return TABLE_DELIMITED;
}

static table_packing packing_of(const char *head, size_t size) {
  if (size >= 2 && memcmp(head, "\x1F\x8B", 2) == 0) return TABLE_GZIP;
  if (size >= 4 && memcmp(head, "\x28\xB5\x2F\xFD", 4) == 0) return TABLE_ZSTD;
  return TABLE_PLAIN;
}

/* What the first bytes tell of packing and kind; the name decides what they leave open. */
static sy_status judge_head(table_file *file, const char *head, size_t size, table_kind *kind,
                            sy_error *error) {
  *kind = kind_by_name(file->name);
  const char *foreign = table_foreign_words(head, size);
  if (foreign) return table_fail(error, SY_INVALID_DATA, "%s: is %s", file->name, foreign);
  if (size >= 4 && memcmp(head, "PAR1", 4) == 0) *kind = TABLE_PARQUET;
  file->packing = packing_of(head, size);
  if (*kind == TABLE_PARQUET && size > 0 && (size < 4 || memcmp(head, "PAR1", 4) != 0))
    return table_fail(error, SY_INVALID_DATA,
                      file->packing == TABLE_PLAIN
                          ? "%s: is no Parquet file, or a damaged one; text must not be named "
                            ".parquet"
                          : "%s: Parquet is packed within; unpack the file first",
                      file->name);
  if (file->packing != TABLE_PLAIN) return table_whole_check(file, error);
  if (*kind != TABLE_PARQUET && table_foreign_binary(head, size))
    return table_fail(error, SY_INVALID_DATA, "%s: is no text but binary data of an unknown kind",
                      file->name);
  return SY_OK;
}

/* DuckDB tells of a line that is too long for its buffers, but passes over the last one where no
 * line end follows. False with errno where the file cannot be read. */
static bool ends_in_line(int descriptor, size_t bytes, bool *fits) {
  enum { BLOCK = 1 << 16 };
  char block[BLOCK];
  *fits = bytes <= TABLE_LONGEST_LINE;
  for (size_t end = bytes; !*fits && bytes - end < TABLE_LONGEST_LINE;) {
    size_t size = end < BLOCK ? end : BLOCK;
    end -= size;
    if (pread(descriptor, block, size, (off_t)end) < (ssize_t)size) return false;
    *fits = memchr(block, '\n', size) || memchr(block, '\r', size);
  }
  return true;
}

static sy_status look_inside(table_file *file, table_kind *kind, sy_error *error) {
  char head[512];
  struct stat facts;
  int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
  ssize_t size = descriptor < 0 ? -1 : pread(descriptor, head, sizeof head, 0);
  bool good = size >= 0 && fstat(descriptor, &facts) == 0, fits = true;
  good = good && ends_in_line(descriptor, (size_t)facts.st_size, &fits);
  if (!good) {
    int reason = errno;
    if (descriptor >= 0) close(descriptor);
    return table_fail(error, SY_FILE_NOT_READ, "%s: %s", file->name, strerror(reason));
  }
  close(descriptor);
  file->bytes = (size_t)facts.st_size;
  sy_status status = judge_head(file, head, (size_t)size, kind, error);
  if (status == SY_OK && !fits && *kind == TABLE_DELIMITED && file->packing == TABLE_PLAIN)
    status =
        table_fail(error, SY_INVALID_DATA,
                   "%s: its last line is longer than 2 million bytes; is this text?", file->name);
  return status;
}

/* Whether a source that is no file was meant as a query. */
static bool looks_like_sql(const char *source) {
  static const char *const words[] = {
      "SELECT", "FROM",   "WITH",   "VALUES", "TABLE",   "PIVOT",   "COPY",     "ATTACH",
      "INSERT", "UPDATE", "DELETE", "CREATE", "DROP",    "ALTER",   "LOAD",     "SET",
      "PRAGMA", "CALL",   "SHOW",   "EXPORT", "EXPLAIN", "INSTALL", "DESCRIBE", "SUMMARIZE"};
  size_t length = strcspn(source, " \t\n(");
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (length == strlen(words[i]) && strncasecmp(source, words[i], length) == 0) return true;
  return false;
}

/* "no such file", with the nearest name in the same folder. */
static sy_status fail_missing(const char *source, sy_error *error) {
  if (looks_like_sql(source))
    return table_fail(
        error, SY_INVALID_DATA,
        "%s: is neither a file nor a query: a query begins with SELECT .., FROM .. or "
        "WITH .. and only reads",
        source);
  struct stat link;
  if (lstat(source, &link) == 0)
    return table_fail(error, SY_FILE_NOT_READ, "%s: is a link that leads nowhere", source);
  if (strstr(source, "://"))
    return table_fail(error, SY_FILE_NOT_READ,
                      "%s: nothing is downloaded: fetch it first and give the file", source);
  const char *slash = strrchr(source, '/');
  const char *base = slash ? slash + 1 : source;
  char *folder = slash ? table_copy(source, (size_t)(slash - source) + 1) : table_copy(".", 1);
  DIR *entries = folder ? opendir(folder) : NULL;
  const char *nearest = NULL;
  char found[256] = "";
  struct dirent *entry;
  /* Nearest of all: the best so far against the next one, so that no list is kept. */
  while (entries && (entry = readdir(entries))) {
    const char *pair[2] = {entry->d_name, found};
    nearest = sy_nearest_name(base, pair, found[0] ? 2 : 1);
    if (nearest == entry->d_name) snprintf(found, sizeof found, "%s", entry->d_name);
  }
  bool no_folder = slash && !entries;
  if (entries) closedir(entries);
  free(folder);
  if (no_folder)
    return table_fail(error, SY_FILE_NOT_READ, "%s: no such file; there is no such folder", source);
  if (!found[0]) return table_fail(error, SY_FILE_NOT_READ, "%s: no such file", source);
  return table_fail(error, SY_FILE_NOT_READ, "%s: no such file; did you mean %.*s%s?", source,
                    slash ? (int)(slash - source) + 1 : 0, source, found);
}

typedef struct matches {
  sy_table *table;
  bool failed;
} matches;

static bool take_match(void *context, size_t n, const table_cell *cells) {
  matches *found = context;
  table_file *file = n ? add_file(found->table) : NULL;
  if (file) {
    /* DuckDB puts ./ before what it finds here. */
    const char *source = found->table->options.source;
    size_t extra =
        strncmp(source, "./", 2) != 0 && cells[0].size > 2 && strncmp(cells[0].bytes, "./", 2) == 0
            ? 2
            : 0;
    file->name = table_copy(cells[0].bytes + extra, cells[0].size - extra);
    file->path = table_copy(cells[0].bytes, cells[0].size);
  }
  found->failed = !file || !file->name || !file->path;
  return !found->failed;
}

static sy_status expand_glob(sy_table *table, sy_error *error) {
  const char *source = table->options.source;
  matches found = {table, false};
  table_failure failure;
  table_text sql = {0};
  table_text_add(&sql, "SELECT file FROM glob(");
  table_text_literal(&sql, source);
  table_text_add(&sql, ") ORDER BY file");
  bool done = !sql.failed && table_rows(table->connection, sql.bytes, take_match, &found, &failure);
  bool no_memory = sql.failed || found.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  if (!done) return table_failure_tell(&failure, source, error);
  if (table->n_files) return SY_OK;
  return table_fail(error, SY_FILE_NOT_READ, "%s: no file matches", source);
}

bool table_source_is_plain(const char *name, const char *head, size_t size) {
  return kind_by_name(name) == TABLE_DELIMITED && packing_of(head, size) == TABLE_PLAIN &&
         (size < 4 || memcmp(head, "PAR1", 4) != 0);
}

/* Closes an owned descriptor, at the latest when the table is closed. */
static sy_status spool(sy_table *table, int from, bool owned, sy_error *error) {
  table_file *file = add_file(table);
  if (file) file->name = table_copy(table->name, strlen(table->name));
  bool begun = file && file->name && table->options.in_pieces;
  if (begun) return table_pieces_begin(table, from, owned, file, error);
  sy_status status = file && file->name ? table_spool_copy(from, table->name, file, error)
                                        : table_fail_memory(error);
  if (owned) close(from);
  return status;
}

/* A pipe gives its bytes once, and DuckDB looks at them several times. */
static sy_status spool_pipe(sy_table *table, sy_error *error) {
  int from;
  do /* waits for a writer */
    from = open(table->options.source, O_RDONLY | O_CLOEXEC);
  while (from < 0 && errno == EINTR && !table_interrupted());
  if (from < 0 && table_interrupted())
    return table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
  if (from < 0) return table_fail(error, SY_FILE_NOT_READ, "%s: %s", table->name, strerror(errno));
  return spool(table, from, true, error);
}

static sy_status take_file(sy_table *table, sy_error *error) {
  const char *source = table->options.source;
  table_file *file = add_file(table);
  if (!file) return table_fail_memory(error);
  file->name = table_copy(source, strlen(source));
  file->path = table_copy(source, strlen(source));
  return file->name && file->path ? SY_OK : table_fail_memory(error);
}

static sy_status find_files(sy_table *table, sy_error *error) {
  const char *source = table->options.source;
  struct stat facts;
  if (strcmp(source, "-") == 0) return spool(table, STDIN_FILENO, false, error);
  if (stat(source, &facts) != 0) {
    if (errno != ENOENT && errno != ENOTDIR)
      return table_fail(error, SY_FILE_NOT_READ, "%s: %s", source, strerror(errno));
    return strpbrk(source, "*?[") ? expand_glob(table, error) : fail_missing(source, error);
  }
  if (S_ISDIR(facts.st_mode)) {
    const char *slash = source[strlen(source) - 1] == '/' ? "" : "/";
    return table_fail(error, SY_FILE_NOT_READ,
                      "%s: is a folder; give a file in it, or several as '%s%s*.csv'", source,
                      source, slash);
  }
  if (S_ISSOCK(facts.st_mode) || S_ISBLK(facts.st_mode))
    return table_fail(error, SY_FILE_NOT_READ, "%s: is a %s, no file", source,
                      S_ISSOCK(facts.st_mode) ? "socket" : "disk");
  return S_ISREG(facts.st_mode) ? take_file(table, error) : spool_pipe(table, error);
}

bool table_file_is(const char *name, const char *path) {
  struct stat a, b;
  if (stat(name, &a) != 0 || stat(path, &b) != 0) return false;
  return S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool sy_table_reads(const sy_table *table, const char *path) {
  if (table->kind == TABLE_QUERY) return table_query_names(table, path);
  for (size_t i = 0; i < table->n_files; i++)
    if (table_file_is(table->files[i].name, path)) return true;
  return false;
}

static sy_status find_kinds(sy_table *table, sy_error *error) {
  for (size_t i = 0; i < table->n_files; i++) {
    table_kind kind = TABLE_DELIMITED;
    sy_status status = look_inside(&table->files[i], &kind, error);
    if (status != SY_OK) return status;
    if (i > 0 && kind != table->kind)
      return table_fail(error, SY_INVALID_DATA,
                        "%s: files of one source must be of one kind, and %s is of another",
                        table->files[i].name, table->files[0].name);
    table->kind = kind;
  }
  return SY_OK;
}

sy_status table_source_find(sy_table *table, sy_error *error) {
  const char *source = table->options.source;
  bool query = table_query_is(source);
  const char *name = query ? "query" : strcmp(source, "-") == 0 ? "stdin" : source;
  table->name = table_copy(name, strlen(name));
  if (!table->name) return table_fail_memory(error);
  if (query) return table_query_take(table, error);
  sy_status status = find_files(table, error);
  return status == SY_OK ? find_kinds(table, error) : status;
}
