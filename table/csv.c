/* csv.c: delimited text: names and types of its columns, and the SQL that reads it. The dialect is
 * always given to DuckDB in full, so that nothing is sniffed twice and nothing is skipped. Numbers
 * are read as DOUBLE even where a sample holds integers only, because DuckDB would round a later
 * 1.5 to 2, and dates as TIMESTAMP, because it would drop a later time of day. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

void table_csv_path(table_text *sql, const char *path) {
  table_text pattern = {0};
  if (path[0] == '~') table_text_add(&pattern, "./"); /* which DuckDB takes for a home */
  for (const char *c = path; *c; c++)
    if (strchr("*?[", *c))
      table_text_add(&pattern, "[%c]", *c);
    else
      table_text_bytes(&pattern, c, 1);
  if (pattern.failed)
    sql->failed = true;
  else
    table_text_literal(sql, pattern.bytes);
  table_text_free(&pattern);
}

static const char *packing_name(const table_file *file) {
  return file->packing == TABLE_GZIP ? "gzip" : file->packing == TABLE_ZSTD ? "zstd" : "none";
}

void table_csv_lines(table_text *sql, const table_file *file, size_t skip) {
  table_csv_path(sql, file->path);
  /* A delimiter no text holds. Strict mode allows one kind of line ends only, even where one of the
   * other kind stands inside a quoted field, of which nothing is known here. */
  table_text_add(sql,
                 ", auto_detect=false, columns={'line': 'VARCHAR'}, delim=e'\\x01\\x02\\x03', "
                 "quote='', escape='', comment='', header=false, skip=%zu, compression='%s', "
                 "strict_mode=false, buffer_size=%d",
                 skip, packing_name(file), TABLE_GLANCE_BYTES);
}

/* ", delim=..., skip=...": all of the dialect but header and columns. */
static void add_dialect(const sy_table *table, const table_file *file, table_text *sql) {
  const table_dialect *dialect = &table->dialect;
  table_text_add(sql, ", delim=");
  table_text_literal(sql, dialect->delimiter);
  const char *quote = dialect->quoted ? "\"" : "";
  table_text_add(sql, ", quote='%s', escape='%s', comment='', skip=%zu, compression='%s'", quote,
                 quote, file->skip, packing_name(file));
  if (!table->options.null_text) return;
  table_text_add(sql, ", nullstr=['', ");
  table_text_literal(sql, table->options.null_text);
  table_text_add(sql, "]");
}

void table_csv_as_text(const sy_table *table, const table_file *file, table_text *sql) {
  table_csv_path(sql, file->path);
  add_dialect(table, file, sql);
  table_text_add(sql, ", auto_detect=false, header=false, columns={");
  for (size_t i = 0; i < table->dialect.n_fields; i++)
    table_text_add(sql, "%s'c%zu': 'VARCHAR'", i ? ", " : "", i + 1);
  table_text_add(sql, "}");
}

/* --- dialect --- */

static void drop_file(sy_table *table, size_t index) {
  table_file_clear(&table->files[index]);
  memmove(&table->files[index], &table->files[index + 1],
          (table->n_files - index - 1) * sizeof *table->files);
  table->n_files--;
}

sy_status table_csv_dialect(sy_table *table, sy_error *error) {
  table_dialect *dialect = &table->dialect;
  bool blanks = false;
  for (size_t i = 0; i < table->n_files;) {
    table_dialect here = *dialect;
    bool empty = false;
    sy_status status = table_dialect_find(table, &table->files[i], &here, &blanks, &empty, error);
    if (status != SY_OK) return status;
    if (empty) {
      drop_file(table, i);
      continue;
    }
    if (i > 0 && here.n_fields != dialect->n_fields)
      return table_fail(error, SY_INVALID_DATA, "%s: %zu column%s, and %s has %zu",
                        table->files[i].name, here.n_fields, here.n_fields == 1 ? "" : "s",
                        table->files[0].name, dialect->n_fields);
    *dialect = here;
    status = table_pieces_cut(table, &table->files[i], blanks, error);
    if (status == SY_OK) status = table_spool_lines(table, &table->files[i], blanks, error);
    if (status != SY_OK) return status;
    i++;
  }
  if (blanks) {
    strcpy(dialect->delimiter, "\t");
    dialect->quoted = true;
  }
  if (table->n_files) return SY_OK;
  const char *why =
      table->options.skip ? "has no lines behind those that --skip leaves out" : "is empty";
  return table_fail(error, SY_NO_ROWS, "%s: %s", table->name, why);
}

/* --- names and types --- */

/* What the sniffer says of one file. */
typedef struct sniffed {
  table_column *columns;
  size_t n_columns;
  bool header, failed;
  char *date_format, *timestamp_format;
} sniffed;

static void free_columns(table_column *columns, size_t n_columns) {
  for (size_t i = 0; i < n_columns; i++) free(columns[i].name);
  free(columns);
}

static void free_sniffed(sniffed *found) {
  free_columns(found->columns, found->n_columns);
  free(found->date_format);
  free(found->timestamp_format);
}

static duckdb_type type_named(const table_cell *name, bool dated) {
  static const char *const numbers[] = {"TINYINT", "SMALLINT", "INTEGER",   "BIGINT",
                                        "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                        "UBIGINT", "UHUGEINT", "FLOAT",     "DOUBLE"};
  char text[32] = "";
  if (name->bytes && name->size < sizeof text) memcpy(text, name->bytes, name->size);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (strcmp(text, numbers[i]) == 0) return DUCKDB_TYPE_DOUBLE;
  if (strncmp(text, "DECIMAL", 7) == 0) return DUCKDB_TYPE_DOUBLE;
  if (strcmp(text, "BOOLEAN") == 0) return DUCKDB_TYPE_BOOLEAN;
  if (strcmp(text, "DATE") == 0) return dated ? DUCKDB_TYPE_DATE : DUCKDB_TYPE_TIMESTAMP;
  if (strcmp(text, "TIMESTAMP WITH TIME ZONE") == 0) return DUCKDB_TYPE_TIMESTAMP_TZ;
  if (strncmp(text, "TIMESTAMP", 9) == 0) return DUCKDB_TYPE_TIMESTAMP;
  return DUCKDB_TYPE_VARCHAR;
}

/* Cells: has header, date format, timestamp format, name, type. */
static bool take_column(void *context, size_t n, const table_cell *cells) {
  sniffed *found = context;
  if (n != 5) return false;
  size_t count = found->n_columns;
  table_column *columns = realloc(found->columns, (count + 1) * sizeof *columns);
  if (columns) found->columns = columns;
  char number[32];
  snprintf(number, sizeof number, "c%zu", count + 1);
  table_cell given = cells[3];
  if (given.size == 0) given = (table_cell){number, strlen(number)};
  char *name = columns ? table_copy(given.bytes, given.size) : NULL;
  found->failed = !name;
  if (!name) return false;
  columns[count] =
      (table_column){.name = name, .native = type_named(&cells[4], cells[1].bytes != NULL)};
  found->n_columns++;
  if (count > 0) return true;
  found->header = cells[0].size == 4;
  if (cells[1].bytes) found->date_format = table_copy(cells[1].bytes, cells[1].size);
  if (cells[2].bytes) found->timestamp_format = table_copy(cells[2].bytes, cells[2].size);
  found->failed =
      (cells[1].bytes && !found->date_format) || (cells[2].bytes && !found->timestamp_format);
  return !found->failed;
}

/* Guessing takes some ten times as long as reading a value for good, and a guess that turns out to
 * be wrong costs no more than another look. */
size_t table_csv_sample_rows(const sy_table *table) {
  enum { CELLS = 1 << 17, FEWEST = 2048, MOST = 20480 };
  size_t rows = CELLS / (table->dialect.n_fields + 1);
  return rows < FEWEST ? FEWEST : rows > MOST ? MOST : rows;
}

/* Runs sniff_csv on a file. False with SY_OK: it could not make a table of it. */
static bool sniff(sy_table *table, const table_file *file, sy_table_header header, sniffed *found,
                  table_failure *failure, sy_status *status, sy_error *error) {
  table_text sql = {0};
  table_text_add(&sql, "SELECT CAST(HasHeader AS VARCHAR), DateFormat, TimestampFormat, c.name, "
                       "c.type FROM (SELECT HasHeader, DateFormat, TimestampFormat, "
                       "unnest(Columns) AS c FROM sniff_csv(");
  table_csv_path(&sql, file->path);
  add_dialect(table, file, &sql);
  if (table->whole)
    table_text_add(&sql, ", sample_size=-1");
  else
    table_text_add(&sql, ", sample_size=%zu, buffer_size=%d", table_csv_sample_rows(table),
                   TABLE_GLANCE_BYTES);
  if (header != SY_HEADER_AUTO)
    table_text_add(&sql, ", header=%s", header == SY_HEADER_YES ? "true" : "false");
  table_text_add(&sql, "))");
  bool done = !sql.failed && table_rows(table->connection, sql.bytes, take_column, found, failure);
  *status = sql.failed || found->failed ? table_fail_memory(error) : SY_OK;
  if (*status == SY_OK && !done &&
      (failure->trouble == TROUBLE_INTERRUPT || failure->trouble == TROUBLE_MEMORY))
    *status = table_failure_tell(failure, file->name, error);
  table_text_free(&sql);
  return done && *status == SY_OK && found->n_columns == table->dialect.n_fields;
}

static bool ignore_row(void *context, size_t n, const table_cell *cells) {
  (void)context, (void)n, (void)cells;
  return true;
}

/* Why no table can be made of a file: reading all of it as text meets the line that does not fit,
 * where the sniffer only says that some line does not. */
static sy_status diagnose(sy_table *table, const table_file *file, const table_failure *sniffing,
                          sy_error *error) {
  table_text sql = {0};
  table_failure failure = {0};
  table_text_add(&sql, "SELECT CAST(count(*) AS VARCHAR) FROM read_csv(");
  table_csv_as_text(table, file, &sql);
  table_text_add(&sql, ")");
  bool read = !sql.failed && table_rows(table->connection, sql.bytes, ignore_row, NULL, &failure);
  bool no_memory = sql.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  if (!read) return table_failure_tell(&failure, file->name, error);
  table_failure told = *sniffing;
  told.line = 0; /* the sniffer counts from where it looks */
  if (told.trouble != TROUBLE_OTHER) return table_failure_tell(&told, file->name, error);
  return table_fail(error, SY_INVALID_DATA,
                    "%s: cannot be read as a table of %zu columns; if they are apart by something "
                    "else than \"%s\", give --delimiter",
                    file->name, table->dialect.n_fields, table->dialect.delimiter);
}

static sy_status sniff_file(sy_table *table, const table_file *file, sy_table_header header,
                            sniffed *found, sy_error *error) {
  table_failure failure = {0};
  sy_status status;
  if (sniff(table, file, header, found, &failure, &status, error) || status != SY_OK) return status;
  free_sniffed(found);
  *found = (sniffed){0};
  /* Tabs separate: then the quotes may be letters. */
  bool again = table->dialect.quoted && strcmp(table->dialect.delimiter, "\t") == 0;
  if (!again) return diagnose(table, file, &failure, error);
  table->dialect.quoted = false;
  if (sniff(table, file, header, found, &failure, &status, error) || status != SY_OK) return status;
  table->dialect.quoted = true;
  return diagnose(table, file, &failure, error);
}

/* Files may differ in what their samples show: an empty column shows nothing, so the other file
 * decides; where that is wrong, reading fails and table_csv_relax corrects it. */
static duckdb_type unified(duckdb_type a, duckdb_type b) {
  if (a == b || b == DUCKDB_TYPE_VARCHAR) return a;
  if (a == DUCKDB_TYPE_VARCHAR) return b;
  bool times = (a == DUCKDB_TYPE_DATE || a == DUCKDB_TYPE_TIMESTAMP) &&
               (b == DUCKDB_TYPE_DATE || b == DUCKDB_TYPE_TIMESTAMP);
  return times ? DUCKDB_TYPE_TIMESTAMP : DUCKDB_TYPE_VARCHAR;
}

/* Which column of the table a field of a later file is. */
static sy_status match_name(const sy_table *table, const sniffed *found, size_t field,
                            const table_file *file, size_t *column, sy_error *error) {
  *column = field;
  if (!table->dialect.header) return SY_OK;
  for (size_t i = 0; i < table->n_columns; i++) {
    *column = (field + i) % table->n_columns;
    if (strcmp(table->columns[*column].name, found->columns[field].name) == 0) return SY_OK;
  }
  return table_fail(error, SY_INVALID_DATA, "%s: column \"%s\" is not in %s", file->name,
                    found->columns[field].name, table->files[0].name);
}

static sy_status merge_file(sy_table *table, table_file *file, const sniffed *found,
                            sy_error *error) {
  free(file->order);
  file->order = malloc(found->n_columns * sizeof *file->order);
  if (!file->order) return table_fail_memory(error);
  for (size_t i = 0; i < found->n_columns; i++) {
    sy_status status = match_name(table, found, i, file, &file->order[i], error);
    if (status != SY_OK) return status;
    table_column *column = &table->columns[file->order[i]];
    column->native = unified(column->native, found->columns[i].native);
  }
  return SY_OK;
}

/* The first file's columns become the table's. */
static sy_status adopt(sy_table *table, sniffed *found, sy_error *error) {
  table_columns_clear(table);
  table->columns = found->columns;
  table->n_columns = found->n_columns;
  table->dialect.header = found->header;
  free(table->dialect.date_format);
  free(table->dialect.timestamp_format);
  table->dialect.date_format = found->date_format;
  table->dialect.timestamp_format = found->timestamp_format;
  *found = (sniffed){0};
  for (size_t i = 0; i < table->n_columns && !table->dialect.header; i++) {
    char name[32];
    snprintf(name, sizeof name, "c%zu", i + 1);
    free(table->columns[i].name);
    table->columns[i].name = table_copy(name, strlen(name));
    if (!table->columns[i].name) return table_fail_memory(error);
  }
  return SY_OK;
}

/* The first of the tokens is no name: all are text. */
static sy_status drop_header(sy_table *table, sniffed *found, sy_error *error) {
  bool guessed = table->dialect.tokens && table->options.header == SY_HEADER_AUTO && found->header;
  for (size_t i = 0; i < found->n_columns && guessed; i++)
    guessed = found->columns[i].native == DUCKDB_TYPE_VARCHAR;
  if (!guessed) return SY_OK;
  free_sniffed(found);
  *found = (sniffed){0};
  return sniff_file(table, &table->files[0], SY_HEADER_NO, found, error);
}

sy_status table_csv_types(sy_table *table, sy_error *error) {
  for (size_t i = 0; i < table->n_files; i++) {
    sniffed found = {0};
    sy_table_header header = table->options.header;
    if (i > 0) header = table->dialect.header ? SY_HEADER_YES : SY_HEADER_NO;
    sy_status status = sniff_file(table, &table->files[i], header, &found, error);
    if (status == SY_OK && i == 0) status = drop_header(table, &found, error);
    if (status == SY_OK && i > 0) status = merge_file(table, &table->files[i], &found, error);
    if (status == SY_OK && i == 0) status = adopt(table, &found, error);
    if (status == SY_OK && i == 0) status = table_header_read(table, error);
    free_sniffed(&found);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

static size_t find_column(const sy_table *table, const char *name) {
  size_t i = 0;
  while (i < table->n_columns && strcmp(table->columns[i].name, name) != 0) i++;
  return i;
}

bool table_csv_relax(sy_table *table, const table_failure *failure, const bool *fixed,
                     sy_status *status, sy_error *error) {
  *status = SY_OK;
  if (table->lines_before) return false; /* the pieces before were read by what was guessed */
  bool tabs = strcmp(table->dialect.delimiter, "\t") == 0;
  if (failure->trouble == TROUBLE_QUOTE || failure->trouble == TROUBLE_RAGGED) {
    if (!tabs || !table->dialect.quoted) return false;
    table->dialect.quoted = false;
    *status = table_csv_types(table, error);
    return true;
  }
  if (failure->trouble != TROUBLE_CONVERSION) return false;
  size_t column = find_column(table, failure->column);
  if (column < table->n_columns && fixed[column]) return false;
  if (!table->whole) {
    table->whole = true;
    *status = table_csv_types(table, error);
    return true;
  }
  if (column == table->n_columns || table->columns[column].text_only) return false;
  table->columns[column].text_only = true;
  table->columns[column].native = DUCKDB_TYPE_VARCHAR;
  return true;
}

/* --- SQL --- */

static bool same_order(const sy_table *table, size_t a, size_t b) {
  const size_t *x = table->files[a].order, *y = table->files[b].order;
  for (size_t i = 0; i < table->n_columns; i++)
    if ((x ? x[i] : i) != (y ? y[i] : i)) return false;
  return true;
}

/* read_csv of files [begin, end), which are packed alike, begin in the same line and have their
 * fields in one order. */
static void add_files(const sy_table *table, size_t begin, size_t end, const bool *as_text,
                      table_text *sql) {
  const table_dialect *dialect = &table->dialect;
  table_text_add(sql, "read_csv([");
  for (size_t i = begin; i < end; i++) {
    table_text_add(sql, "%s", i > begin ? ", " : "");
    table_csv_path(sql, table->files[i].path);
  }
  table_text_add(sql, "]");
  add_dialect(table, &table->files[begin], sql);
  table_text_add(sql, ", auto_detect=false, buffer_size=%d, header=%s, columns={",
                 TABLE_BUFFER_BYTES, dialect->header && !table->lines_before ? "true" : "false");
  for (size_t i = 0; i < table->n_columns; i++) {
    size_t column = table->files[begin].order ? table->files[begin].order[i] : i;
    table_text_add(sql, "%s", i ? ", " : "");
    table_text_literal(sql, table->columns[column].name);
    bool text = as_text && as_text[column];
    table_text_add(sql, ": '%s'",
                   text ? "VARCHAR" : table_type_name(table->columns[column].native));
  }
  table_text_add(sql, "}");
  const char *formats[2] = {dialect->date_format, dialect->timestamp_format};
  for (int i = 0; i < 2; i++) {
    if (!formats[i]) continue;
    table_text_add(sql, ", %s=", i ? "timestampformat" : "dateformat");
    table_text_literal(sql, formats[i]);
  }
  table_text_add(sql, ")");
}

/* The value by its type of a column that is read as it is written. */
static void add_typed(const sy_table *table, size_t column, table_text *sql) {
  const table_column *from = &table->columns[column];
  const char *format = from->native == DUCKDB_TYPE_DATE        ? table->dialect.date_format
                       : from->native == DUCKDB_TYPE_TIMESTAMP ? table->dialect.timestamp_format
                                                               : NULL;
  table_text_add(sql, "CAST(%s", format ? "strptime(" : "");
  table_text_identifier(sql, from->name);
  if (format) {
    table_text_add(sql, ", ");
    table_text_literal(sql, format);
    table_text_add(sql, ")");
  }
  table_text_add(sql, " AS %s) AS ", table_type_name(from->native));
  table_text_identifier(sql, from->name);
}

void table_csv_sql(const sy_table *table, const bool *as_text, table_text *sql) {
  table_text_add(sql, "(");
  for (size_t begin = 0, end; begin < table->n_files; begin = end) {
    for (end = begin + 1; end < table->n_files; end++)
      if (table->files[end].packing != table->files[begin].packing ||
          table->files[end].skip != table->files[begin].skip || !same_order(table, begin, end))
        break;
    table_text_add(sql, "%sSELECT ", begin ? " UNION ALL " : "");
    for (size_t i = 0; i < table->n_columns; i++) {
      table_text_add(sql, "%s", i ? ", " : "");
      bool both = as_text && as_text[i];
      if (both)
        add_typed(table, i, sql);
      else
        table_text_identifier(sql, table->columns[i].name);
      if (!both) continue;
      table_text as_written = {0};
      table_text_add(&as_written, TABLE_AS_WRITTEN "%s", table->columns[i].name);
      table_text_add(sql, ", ");
      table_text_identifier(sql, table->columns[i].name);
      table_text_add(sql, " AS ");
      if (as_written.failed)
        sql->failed = true;
      else
        table_text_identifier(sql, as_written.bytes);
      table_text_free(&as_written);
    }
    table_text_add(sql, " FROM ");
    add_files(table, begin, end, as_text, sql);
  }
  table_text_add(sql, ")");
}
