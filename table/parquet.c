/* parquet.c: columns as Parquet, which DuckDB writes: they go into a table of its own first. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

static duckdb_type native_of(const sy_column *column, size_t rows) {
  switch (column->type) {
  case SY_COLUMN_BOOLEAN:
    return DUCKDB_TYPE_BOOLEAN;
  case SY_COLUMN_DATE:
    return table_dates_whole(column, rows) ? DUCKDB_TYPE_DATE : DUCKDB_TYPE_TIMESTAMP;
  case SY_COLUMN_TEXT:
    return DUCKDB_TYPE_VARCHAR;
  default:
    return column->f64 ? DUCKDB_TYPE_DOUBLE : DUCKDB_TYPE_FLOAT;
  }
}

/* A frame on its way into DuckDB, and out again. */
typedef struct passage {
  const table_writing *work;
  const sy_frame *frame;
  duckdb_type *types;
  duckdb_database database;
  duckdb_connection connection;
  table_failure failure;
  bool cancelled; /* by the caller's callback */
} passage;

/* Runs a statement without rows, which sy_table_interrupt ends; false with passage->failure. */
static bool run(passage *way, const table_text *sql) {
  duckdb_result result;
  if (sql->failed) {
    way->failure.trouble = TROUBLE_MEMORY;
    return false;
  }
  bool done = duckdb_query(way->connection, sql->bytes, &result) == DuckDBSuccess;
  if (!done) table_failure_read(&way->failure, duckdb_result_error(&result));
  duckdb_destroy_result(&result);
  return done;
}

static void fill_numbers(const sy_column *column, duckdb_type type, duckdb_vector vector,
                         size_t begin, size_t count) {
  void *data = duckdb_vector_get_data(vector);
  uint64_t *valid = duckdb_vector_get_validity(vector);
  for (size_t i = 0; i < count; i++) {
    double value = table_value(column, begin + i);
    if (isnan(value) || (column->type == SY_COLUMN_DATE && isinf(value))) {
      duckdb_validity_set_row_invalid(valid, i);
      value = 0;
    }
    if (type == DUCKDB_TYPE_FLOAT)
      ((float *)data)[i] = (float)value;
    else if (type == DUCKDB_TYPE_DOUBLE)
      ((double *)data)[i] = value;
    else if (type == DUCKDB_TYPE_BOOLEAN)
      ((bool *)data)[i] = value != 0;
    else if (type == DUCKDB_TYPE_DATE)
      ((int32_t *)data)[i] = (int32_t)value;
    else
      ((int64_t *)data)[i] = llround(value * 86400e6);
  }
}

static void fill_texts(const sy_column *column, duckdb_vector vector, size_t begin, size_t count) {
  uint64_t *valid = duckdb_vector_get_validity(vector);
  for (size_t i = 0; i < count; i++) {
    const char *text = table_cell_text(column, begin + i);
    if (!text)
      duckdb_validity_set_row_invalid(valid, i);
    else
      duckdb_vector_assign_string_element(vector, i, text);
  }
}

static void fill(const passage *way, duckdb_data_chunk chunk, size_t begin, size_t count) {
  duckdb_data_chunk_reset(chunk);
  for (size_t i = 0; i < way->frame->n_columns; i++) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    duckdb_vector_ensure_validity_writable(vector);
    const sy_column *column = &way->frame->columns[i];
    if (column->type == SY_COLUMN_TEXT)
      fill_texts(column, vector, begin, count);
    else
      fill_numbers(column, way->types[i], vector, begin, count);
  }
  duckdb_data_chunk_set_size(chunk, count);
}

static bool append_chunks(passage *way, duckdb_data_chunk chunk) {
  duckdb_appender appender = NULL;
  bool good = duckdb_appender_create(way->connection, NULL, "frame", &appender) == DuckDBSuccess;
  size_t rows = way->frame->rows, step = duckdb_vector_size();
  for (size_t begin = 0; begin < rows && good && !way->cancelled; begin += step) {
    fill(way, chunk, begin, rows - begin < step ? rows - begin : step);
    good = duckdb_append_data_chunk(appender, chunk) == DuckDBSuccess;
    way->cancelled = table_writing_tell(way->work, (double)begin / (double)rows, NULL) != SY_OK;
  }
  good = good && !way->cancelled && duckdb_appender_close(appender) == DuckDBSuccess;
  if (!good) table_failure_read(&way->failure, duckdb_appender_error(appender));
  duckdb_appender_destroy(&appender);
  return good;
}

static bool append_frame(passage *way) {
  size_t n = way->frame->n_columns;
  duckdb_logical_type *types = calloc(n, sizeof *types);
  if (!types) {
    way->failure.trouble = TROUBLE_MEMORY;
    return false;
  }
  for (size_t i = 0; i < n; i++) types[i] = duckdb_create_logical_type(way->types[i]);
  duckdb_data_chunk chunk = duckdb_create_data_chunk(types, n);
  bool good = append_chunks(way, chunk);
  duckdb_destroy_data_chunk(&chunk);
  for (size_t i = 0; i < n; i++) duckdb_destroy_logical_type(&types[i]);
  free(types);
  return good;
}

static bool create_table(passage *way) {
  table_text sql = {0};
  table_text_add(&sql, "CREATE TABLE frame (");
  for (size_t i = 0; i < way->frame->n_columns; i++) {
    table_text_add(&sql, "%s", i ? ", " : "");
    table_text_identifier(&sql, way->frame->columns[i].name);
    table_text_add(&sql, " %s", table_type_name(way->types[i]));
  }
  table_text_add(&sql, ")");
  bool good = run(way, &sql);
  table_text_free(&sql);
  return good;
}

/* Into the file that is there already, with its mode: another one of DuckDB's own would not be
 * removed where the program is ended. */
static bool copy_out(passage *way, const char *path) {
  table_text sql = {0};
  table_text_add(&sql, "COPY frame TO ");
  table_text_literal(&sql, path);
  table_text_add(&sql, " (FORMAT parquet, USE_TMP_FILE false)");
  bool good = run(way, &sql);
  table_text_free(&sql);
  return good;
}

static sy_status tell(const passage *way, const char *path, sy_error *error) {
  bool interrupted = way->failure.trouble == TROUBLE_INTERRUPT && table_interrupted();
  if (way->cancelled || interrupted)
    return table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
  if (way->failure.trouble == TROUBLE_MEMORY) return table_fail_memory(error);
  return table_fail(error, SY_FILE_NOT_WRITTEN, "%s: %s", path, way->failure.text);
}

static sy_status write_frame(passage *way, const char *path, sy_error *error) {
  sy_status status = table_database_open(&way->database, &way->connection, error);
  if (status != SY_OK) return status;
  table_interruptible(way->connection);
  bool written = create_table(way) && append_frame(way) &&
                 copy_out(way, sy_output_temporary(way->work->output));
  table_interruptible(NULL);
  return written ? SY_OK : tell(way, path, error);
}

sy_status table_parquet_write(const table_writing *work, const char *path, sy_error *error) {
  const sy_frame *frame = work->frame;
  if (!sy_output_temporary(work->output))
    return table_fail(error, SY_FILE_NOT_WRITTEN, "%s: Parquet needs a file, not a pipe", path);
  passage way = {
      .work = work, .frame = frame, .types = calloc(frame->n_columns, sizeof *way.types)};
  if (!way.types) return table_fail_memory(error);
  for (size_t i = 0; i < frame->n_columns; i++)
    way.types[i] = native_of(&frame->columns[i], frame->rows);
  sy_status status = write_frame(&way, path, error);
  duckdb_disconnect(&way.connection);
  duckdb_close(&way.database);
  free(way.types);
  return status;
}
