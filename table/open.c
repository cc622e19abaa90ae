/* open.c: opening a source and asking about its columns. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

sy_table_options sy_table_options_default(const char *source) {
  return (sy_table_options){.source = source, .header = SY_HEADER_AUTO};
}

sy_column_type table_type_of(duckdb_type native) {
  switch (native) {
  case DUCKDB_TYPE_TINYINT:
  case DUCKDB_TYPE_SMALLINT:
  case DUCKDB_TYPE_INTEGER:
  case DUCKDB_TYPE_BIGINT:
  case DUCKDB_TYPE_HUGEINT:
  case DUCKDB_TYPE_UTINYINT:
  case DUCKDB_TYPE_USMALLINT:
  case DUCKDB_TYPE_UINTEGER:
  case DUCKDB_TYPE_UBIGINT:
  case DUCKDB_TYPE_UHUGEINT:
  case DUCKDB_TYPE_BIGNUM:
  case DUCKDB_TYPE_FLOAT:
  case DUCKDB_TYPE_DOUBLE:
  case DUCKDB_TYPE_DECIMAL:
  case DUCKDB_TYPE_SQLNULL:
    return SY_COLUMN_NUMBER;
  case DUCKDB_TYPE_BOOLEAN:
    return SY_COLUMN_BOOLEAN;
  case DUCKDB_TYPE_DATE:
  case DUCKDB_TYPE_TIMESTAMP:
  case DUCKDB_TYPE_TIMESTAMP_S:
  case DUCKDB_TYPE_TIMESTAMP_MS:
  case DUCKDB_TYPE_TIMESTAMP_NS:
  case DUCKDB_TYPE_TIMESTAMP_TZ:
    return SY_COLUMN_DATE;
  default:
    return SY_COLUMN_TEXT;
  }
}

sy_status table_tell(const sy_table *table, const table_failure *failure, sy_error *error) {
  const char *name = table_source_shown(table, failure->file);
  if (table->kind == TABLE_PARQUET && failure->trouble == TROUBLE_OTHER)
    return table_fail(error, SY_INVALID_DATA,
                      "%s: cannot be read as Parquet, it may be damaged: %s", name, failure->text);
  return table_failure_tell(failure, name, error);
}

void table_columns_clear(sy_table *table) {
  for (size_t i = 0; i < table->n_columns; i++) {
    free(table->columns[i].name);
    free(table->columns[i].written);
  }
  free(table->columns);
  table->columns = NULL;
  table->n_columns = 0;
}

/* --- SQL of a source --- */

static void add_paths(const sy_table *table, table_text *sql) {
  for (size_t i = 0; i < table->n_files; i++) {
    table_text_add(sql, "%s", i ? ", " : "[");
    table_csv_path(sql, table->files[i].path);
  }
  table_text_add(sql, "]");
}

/* Types are unified over all files and, in JSON, over all values: by its first file or values
 * DuckDB would round a later 1.5 to a whole number. */
static void add_reader(const sy_table *table, table_text *sql) {
  bool parquet = table->kind == TABLE_PARQUET;
  table_text_add(sql, parquet ? "(SELECT * FROM read_parquet(" : "(SELECT * FROM read_json(");
  add_paths(table, sql);
  if (parquet) {
    table_text_add(sql, ", union_by_name=%s))", table->n_files > 1 ? "true" : "false");
    return;
  }
  static const char *const packings[] = {"uncompressed", "gzip", "zstd"};
  table_text_add(sql, ", sample_size=-1, maximum_sample_files=1000000, compression='%s'))",
                 packings[table->files[0].packing]);
}

/* A query's columns get names of their own: it may give one name twice. */
static void add_query(const sy_table *table, table_text *sql) {
  table_text_add(sql, "(%s\n) AS source(", table->query);
  for (size_t i = 0; i < table->n_columns; i++) {
    table_text_add(sql, "%s", i ? ", " : "");
    table_text_identifier(sql, table->columns[i].name);
  }
  table_text_add(sql, ")");
}

void table_source_sql(const sy_table *table, const bool *as_text, table_text *sql) {
  if (table->kind == TABLE_QUERY) {
    add_query(table, sql);
    return;
  }
  if (table->kind == TABLE_DELIMITED)
    table_csv_sql(table, as_text, sql);
  else
    add_reader(table, sql);
  table_text_add(sql, " AS source");
}

/* --- columns --- */

/* A name no earlier column has; DuckDB takes upper and lower case for equal. */
static char *distinct_name(const sy_table *table, const char *wanted) {
  char *name = table_copy(wanted, strlen(wanted));
  for (size_t suffix = 1; name; suffix++) {
    size_t i = 0;
    while (i < table->n_columns && strcasecmp(table->columns[i].name, name) != 0) i++;
    if (i == table->n_columns) return name;
    free(name);
    table_text longer = {0};
    table_text_add(&longer, "%s_%zu", wanted, suffix);
    if (longer.failed) table_text_free(&longer);
    name = longer.bytes;
  }
  return NULL;
}

/* JSON whose values are of several types comes as JSON. */
static bool is_json(duckdb_prepared_statement statement, size_t column) {
  duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(statement, column);
  char *alias = type ? duckdb_logical_type_get_alias(type) : NULL;
  bool json = alias && strcmp(alias, "JSON") == 0;
  duckdb_free(alias);
  duckdb_destroy_logical_type(&type);
  return json;
}

static sy_status take_columns(sy_table *table, duckdb_prepared_statement statement,
                              sy_error *error) {
  size_t n = duckdb_prepared_statement_column_count(statement);
  table->columns = calloc(n ? n : 1, sizeof *table->columns);
  if (!table->columns) return table_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    const char *name = duckdb_prepared_statement_column_name(statement, i);
    char *own = name ? distinct_name(table, name) : NULL;
    bool renamed = own && strcmp(own, name) != 0;
    char *written = renamed ? table_copy(name, strlen(name)) : NULL;
    duckdb_free((void *)name);
    duckdb_type native = duckdb_prepared_statement_column_type(statement, i);
    table->columns[i] = (table_column){
        .name = own, .written = written, .native = native, .is_json = is_json(statement, i)};
    table->n_columns++;
    if (!own || (renamed && !written)) return table_fail_memory(error);
  }
  return SY_OK;
}

static sy_status describe(sy_table *table, sy_error *error) {
  table_text sql = {0};
  duckdb_prepared_statement statement = NULL;
  if (table->kind == TABLE_QUERY) {
    table_text_add(&sql, "%s", table->query);
  } else {
    table_text_add(&sql, "SELECT * FROM ");
    table_source_sql(table, NULL, &sql);
  }
  sy_status status = SY_OK;
  if (sql.failed) {
    status = table_fail_memory(error);
  } else if (duckdb_prepare(table->connection, sql.bytes, &statement) != DuckDBSuccess) {
    table_failure failure;
    table_failure_read(&failure, duckdb_prepare_error(statement));
    status = table_tell(table, &failure, error);
  } else {
    status = take_columns(table, statement, error);
  }
  duckdb_destroy_prepare(&statement);
  table_text_free(&sql);
  return status;
}

typedef struct lacking {
  char column[128], file[256];
} lacking;

static bool take_lacking(void *context, size_t n, const table_cell *cells) {
  lacking *found = context;
  if (n != 2) return false;
  snprintf(found->column, sizeof found->column, "%.*s",
           table_text_fit(cells[0].bytes, cells[0].size, sizeof found->column - 1), cells[0].bytes);
  snprintf(found->file, sizeof found->file, "%.*s",
           table_text_fit(cells[1].bytes, cells[1].size, sizeof found->file - 1), cells[1].bytes);
  return false;
}

/* Several Parquet files are joined by name, and DuckDB fills a column that one of them lacks. */
static sy_status check_parquet(const sy_table *table, sy_error *error) {
  if (table->kind != TABLE_PARQUET || table->n_files < 2) return SY_OK;
  table_text sql = {0};
  lacking found = {"", ""};
  table_failure failure;
  table_text_add(&sql, "WITH leaves AS (SELECT DISTINCT file_name, name FROM parquet_schema(");
  add_paths(table, &sql);
  table_text_add(&sql, ") WHERE coalesce(num_children, 0) = 0) "
                       "SELECT n.name, f.file_name FROM (SELECT DISTINCT name FROM leaves) n, "
                       "(SELECT DISTINCT file_name FROM leaves) f WHERE NOT EXISTS (FROM leaves l "
                       "WHERE l.name = n.name AND l.file_name = f.file_name) ORDER BY ALL LIMIT 1");
  bool read =
      !sql.failed && table_rows(table->connection, sql.bytes, take_lacking, &found, &failure);
  bool no_memory = sql.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  if (!read) return table_tell(table, &failure, error);
  if (!found.file[0]) return SY_OK;
  return table_fail(error, SY_INVALID_DATA, "%s: lacks the column \"%s\" of the other files",
                    found.file, found.column);
}

/* What is no object DuckDB puts into a single column of JSON. */
static sy_status check_records(const sy_table *table, sy_error *error) {
  bool alone = table->kind == TABLE_JSON && table->n_columns == 1;
  if (!alone || strcmp(table->columns[0].name, "json") != 0) return SY_OK;
  return table_fail(error, SY_INVALID_DATA,
                    "%s: holds no records; a list of objects, or one object a line, would be right",
                    table->name);
}

static sy_status find_columns(sy_table *table, sy_error *error) {
  if (table->kind != TABLE_QUERY && table_source_bytes(table) == 0)
    return table_fail(error, SY_NO_ROWS, "%s: is empty", table->name);
  if (table->kind == TABLE_DELIMITED) {
    sy_status status = table_csv_dialect(table, error);
    return status == SY_OK ? table_csv_types(table, error) : status;
  }
  sy_status status = check_parquet(table, error);
  if (status == SY_OK) status = describe(table, error);
  return status == SY_OK ? check_records(table, error) : status;
}

/* --- opening and closing --- */

static bool copy_text(const char **text) {
  if (!*text) return true;
  *text = table_copy(*text, strlen(*text));
  return *text != NULL;
}

static bool copy_options(sy_table *table, const sy_table_options *options) {
  table->options = *options;
  /* All three are copied before any failure is looked at: closing frees all three. */
  bool source = copy_text(&table->options.source);
  bool delimiter = copy_text(&table->options.delimiter);
  return copy_text(&table->options.null_text) && source && delimiter;
}

sy_status sy_table_open(const sy_table_options *options, sy_table **table, sy_error *error) {
  *table = NULL;
  if (!options || !options->source || !*options->source)
    return table_fail(error, SY_INVALID_ARGUMENT, "no source: give a file, - or a query");
  sy_table *opened = calloc(1, sizeof *opened);
  if (!opened) return table_fail_memory(error);
  sy_status status = copy_options(opened, options) ? SY_OK : table_fail_memory(error);
  if (status == SY_OK) status = table_database_open(&opened->database, &opened->connection, error);
  if (status == SY_OK) {
    table_interruptible(opened->connection);
    status = table_source_find(opened, error);
    if (status == SY_OK) status = find_columns(opened, error);
    table_interruptible(NULL);
  }
  if (status == SY_OK)
    *table = opened;
  else
    sy_table_close(opened);
  return status;
}

void sy_table_release(sy_table *table) {
  duckdb_disconnect(&table->connection);
  duckdb_close(&table->database);
}

void sy_table_close(sy_table *table) {
  if (!table) return;
  sy_table_release(table);
  table_columns_clear(table);
  table_pieces_free(table->pieces);
  for (size_t i = 0; i < table->n_files; i++) table_file_clear(&table->files[i]);
  free(table->files);
  free(table->dialect.date_format);
  free(table->dialect.timestamp_format);
  free(table->query);
  free(table->name);
  free((void *)table->options.source);
  free((void *)table->options.delimiter);
  free((void *)table->options.null_text);
  free(table);
}

const char *sy_table_source_name(const sy_table *table) {
  return table->name;
}

bool sy_table_is_delimited(const sy_table *table) {
  return table->kind == TABLE_DELIMITED;
}

uint64_t sy_table_sequences(const sy_table *table) {
  return table->n_sequences;
}

size_t sy_table_n_columns(const sy_table *table) {
  return table->n_columns;
}

const char *sy_table_column_name(const sy_table *table, size_t column) {
  return table->columns[column].name;
}

sy_column_type sy_table_column_type(const sy_table *table, size_t column) {
  return table_type_of(table->columns[column].native);
}
