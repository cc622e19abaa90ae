/* table_fixture.h: small sources in a folder of their own, and short ways to open and read them. */
#ifndef SY_TESTS_TABLE_FIXTURE_H
#define SY_TESTS_TABLE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <duckdb.h>

#include "table.h"

static char fixture_folder[64];

static inline int fixture_setup(void **state) {
  (void)state;
  strcpy(fixture_folder, "/tmp/steelyard-test-XXXXXX");
  return mkdtemp(fixture_folder) ? 0 : -1;
}

static inline int fixture_teardown(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", fixture_folder);
  return system(command) == 0 ? 0 : -1;
}

/* Path of a file in the folder; the last four stay valid. */
static inline const char *fixture_path(const char *name) {
  static char paths[4][256];
  static int turn;
  char *path = paths[turn++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", fixture_folder, name);
  return path;
}

static inline const char *put_bytes(const char *name, const void *bytes, size_t size) {
  const char *path = fixture_path(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  return path;
}

static inline const char *put(const char *name, const char *text) {
  return put_bytes(name, text, strlen(text));
}

/* A file of `rows` lines made by printf of one format with the row's number (from 1) twice, between
 * two texts. */
static inline const char *put_rows(const char *name, const char *before, const char *format,
                                   int rows, const char *after) {
  const char *path = fixture_path(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fputs(before, file);
  for (int i = 1; i <= rows; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    fprintf(file, format, i, i);
#pragma GCC diagnostic pop
  }
  fputs(after, file);
  assert_int_equal(fclose(file), 0);
  return path;
}

/* Size of a file, read into `bytes`. */
static inline size_t get_bytes(const char *path, char *bytes, size_t capacity) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t size = fread(bytes, 1, capacity - 1, file);
  bytes[size] = '\0';
  fclose(file);
  return size;
}

/* Runs one statement in a DuckDB of its own: for making Parquet and packed files. */
static inline void run_sql(const char *format, ...) {
  char sql[1024];
  va_list arguments;
  va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  vsnprintf(sql, sizeof sql, format, arguments);
#pragma GCC diagnostic pop
  va_end(arguments);
  duckdb_database database;
  duckdb_connection connection;
  assert_int_equal(duckdb_open(NULL, &database), DuckDBSuccess);
  assert_int_equal(duckdb_connect(database, &connection), DuckDBSuccess);
  assert_int_equal(duckdb_query(connection, sql, NULL), DuckDBSuccess);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
}

static inline sy_table *open_with(const sy_table_options *options) {
  sy_error error = {SY_OK, ""};
  sy_table *table;
  if (sy_table_open(options, &table, &error) != SY_OK) fail_msg("%s", error.text);
  return table;
}

static inline sy_table *open_source(const char *source) {
  sy_table_options options = sy_table_options_default(source);
  return open_with(&options);
}

/* Reads all columns, all as `as`. */
static inline sy_table_data *read_as(sy_table *table, sy_table_as as) {
  sy_error error = {SY_OK, ""};
  size_t n = sy_table_n_columns(table);
  sy_table_request *requests = calloc(n, sizeof *requests);
  assert_non_null(requests);
  for (size_t i = 0; i < n; i++) requests[i] = (sy_table_request){.column = i, .as = as};
  sy_table_data *data;
  sy_status status = sy_table_read(table, requests, n, (sy_progress){NULL, NULL}, &data, &error);
  free(requests);
  if (status != SY_OK) fail_msg("%s", error.text);
  return data;
}

/* Opens, reads all columns as they are and closes. */
static inline sy_table_data *read_source(const char *source) {
  sy_table *table = open_source(source);
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  sy_table_close(table);
  return data;
}

static inline const sy_column *column_of(const sy_table_data *data, size_t index) {
  const sy_frame *frame = sy_table_frame(data);
  assert_true(index < frame->n_columns);
  return &frame->columns[index];
}

static inline size_t rows_of(const sy_table_data *data) {
  return sy_table_frame(data)->rows;
}

static inline double number_at(const sy_table_data *data, size_t column, size_t row) {
  const sy_column *found = column_of(data, column);
  assert_true(found->type != SY_COLUMN_TEXT);
  assert_true(!found->f32 != !found->f64);
  return found->f64 ? found->f64[row] : (double)found->f32[row];
}

/* Text of a cell, NULL = missing. */
static inline const char *text_at(const sy_table_data *data, size_t column, size_t row) {
  const sy_column *found = column_of(data, column);
  assert_int_equal(found->type, SY_COLUMN_TEXT);
  uint32_t code = found->codes[row];
  if (code == SY_MISSING) return NULL;
  assert_true(code < found->n_values);
  return found->values[code];
}

static inline void assert_contains(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("\"%s\" does not hold \"%s\"", text, part);
  if (strpbrk(text, "\n\r")) fail_msg("\"%s\" is more than one line", text);
}

/* Opening fails, or opening succeeds and reading all columns as `as` does. */
static inline void assert_fails(const sy_table_options *options, sy_table_as as, sy_status status,
                                const char *part) {
  sy_error error = {SY_OK, ""};
  sy_table *table = NULL;
  sy_table_data *data = NULL;
  sy_status found = sy_table_open(options, &table, &error);
  if (found == SY_OK) {
    sy_table_request requests[32] = {{0}};
    size_t n = sy_table_n_columns(table);
    assert_true(n <= 32);
    for (size_t i = 0; i < n; i++) requests[i] = (sy_table_request){.column = i, .as = as};
    found = sy_table_read(table, requests, n, (sy_progress){NULL, NULL}, &data, &error);
    assert_null(found == SY_OK ? NULL : data);
    sy_table_data_free(data);
    sy_table_close(table);
  }
  if (found != status)
    fail_msg("%s instead of %s: %s", sy_status_name(found), sy_status_name(status), error.text);
  assert_int_equal(error.status, status);
  assert_contains(error.text, part);
}

static inline void assert_source_fails(const char *source, sy_status status, const char *part) {
  sy_table_options options = sy_table_options_default(source);
  assert_fails(&options, SY_AS_FOUND, status, part);
}

#endif
