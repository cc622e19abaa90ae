/* read.c: one scan of the source, all requested columns at once. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct sy_table_data {
  table_values *values;
  sy_column *columns;
  sy_frame frame;
};

/* A read under way. */
typedef struct reading {
  sy_table *table;
  const sy_table_request *requests;
  size_t n_requests;
  sy_progress progress;
  bool *as_text;         /* columns of the table that are wanted exactly as written */
  bool *fixed;           /* columns of the table that must be numbers */
  char *stage;           /* what progress is told */
  table_failure failure; /* of the scan, where it failed */
  bool cancelled;        /* the caller's callback ended the latest scan */
  bool alone;            /* scanning on one thread, to learn what was wrong */
} reading;

/* --- what is asked for --- */

static const char *nested_words(duckdb_type native) {
  switch (native) {
  case DUCKDB_TYPE_LIST:
  case DUCKDB_TYPE_ARRAY:
    return "lists";
  case DUCKDB_TYPE_STRUCT:
    return "structures";
  case DUCKDB_TYPE_MAP:
    return "maps";
  case DUCKDB_TYPE_UNION:
    return "unions";
  default:
    return NULL;
  }
}

static table_fetch fetch_of(duckdb_type native) {
  switch (native) {
  case DUCKDB_TYPE_BOOLEAN:
    return FETCH_BOOLEAN;
  case DUCKDB_TYPE_DATE:
    return FETCH_DAYS;
  case DUCKDB_TYPE_TIMESTAMP_S:
    return FETCH_SECONDS;
  case DUCKDB_TYPE_TIMESTAMP_MS:
    return FETCH_MILLISECONDS;
  case DUCKDB_TYPE_TIMESTAMP:
  case DUCKDB_TYPE_TIMESTAMP_TZ:
    return FETCH_MICROSECONDS;
  case DUCKDB_TYPE_TIMESTAMP_NS:
    return FETCH_NANOSECONDS;
  default:
    return table_type_of(native) == SY_COLUMN_NUMBER ? FETCH_DOUBLE : FETCH_TEXT;
  }
}

static bool wants_number(const sy_table_request *request) {
  return request->as == SY_AS_NUMBER || request->as == SY_AS_DOUBLE;
}

static const char *requested_name(const reading *read, size_t index) {
  const sy_table_request *request = &read->requests[index];
  if (request->name) return request->name;
  if (request->expression) return request->expression;
  return read->table->columns[request->column].name;
}

/* Adds the request as written, uncast. */
static void add_item(const reading *read, size_t index, table_text *sql) {
  const sy_table_request *request = &read->requests[index];
  const table_column *column = &read->table->columns[request->column];
  table_text name = {0};
  if (request->expression) {
    /* The newline ends a comment in the expression. */
    table_text_add(sql, "(%s\n)", request->expression);
    return;
  }
  bool as_written = request->as == SY_AS_TEXT && read->table->kind == TABLE_DELIMITED;
  table_text_add(&name, "%s%s", as_written ? TABLE_AS_WRITTEN : "", column->name);
  table_text_add(sql, "%s", column->is_json ? "(" : "");
  if (name.failed)
    sql->failed = true;
  else
    table_text_identifier(sql, name.bytes);
  table_text_add(sql, "%s", column->is_json ? " ->> '$')" : "");
  table_text_free(&name);
}

static bool is_date_text(const sy_table_request *request, const table_values *values) {
  return request->as == SY_AS_DATE && values->from_text;
}

static void add_cast(const reading *read, size_t index, const table_values *values,
                     table_text *sql) {
  const char *type = values->fetch == FETCH_DOUBLE ? "DOUBLE"
                     : values->fetch >= FETCH_TEXT ? "VARCHAR"
                                                   : NULL;
  if (is_date_text(&read->requests[index], values)) {
    table_text_add(sql, "CAST(nullif(trim(");
    add_item(read, index, sql);
    table_text_add(sql, "), '') AS TIMESTAMP)");
    return;
  }
  if (type) table_text_add(sql, "CAST(");
  add_item(read, index, sql);
  if (type) table_text_add(sql, " AS %s)", type);
}

/* The first text of a column that is wanted as dates and is none. */
typedef struct odd_date {
  char row[24], text[80];
} odd_date;

static bool take_odd_date(void *context, size_t n, const table_cell *cells) {
  odd_date *odd = context;
  if (n != 2) return false;
  snprintf(odd->row, sizeof odd->row, "%.*s", (int)cells[0].size, cells[0].bytes);
  snprintf(odd->text, sizeof odd->text, "%.*s",
           table_text_fit(cells[1].bytes, cells[1].size, sizeof odd->text - 1), cells[1].bytes);
  return false;
}

static sy_status check_dates(const reading *read, size_t index, const char *source,
                             sy_error *error) {
  table_text sql = {0};
  table_failure failure = {0};
  odd_date odd = {"", ""};
  table_text_add(&sql,
                 "SELECT CAST(r AS VARCHAR), v FROM (SELECT row_number() OVER () + %zu AS r, CAST(",
                 read->table->rows_before);
  add_item(read, index, &sql);
  table_text_add(&sql,
                 " AS VARCHAR) AS v FROM %s) WHERE trim(v) <> '' AND TRY_CAST(v AS TIMESTAMP) IS "
                 "NULL LIMIT 1",
                 source);
  bool done =
      !sql.failed && table_rows(read->table->connection, sql.bytes, take_odd_date, &odd, &failure);
  bool no_memory = sql.failed;
  table_text_free(&sql);
  if (no_memory) return table_fail_memory(error);
  if (!done) return table_tell(read->table, &failure, error);
  if (!odd.row[0]) return SY_OK;
  return table_fail(error, SY_INVALID_DATA, "%s row %s: column \"%s\": \"%s\" is not a date",
                    read->table->name, odd.row, requested_name(read, index), odd.text);
}

static sy_status fail_expression(const char *expression, const table_failure *failure,
                                 sy_error *error) {
  if (failure->trouble == TROUBLE_MEMORY || failure->trouble == TROUBLE_INTERRUPT)
    return table_failure_tell(failure, "expression", error);
  return table_fail(error, SY_INVALID_DATA, "expression '%s': %s", expression, failure->text);
}

static bool prepares(const sy_table *table, const table_text *sql, size_t n_columns,
                     duckdb_type *native, table_failure *failure) {
  duckdb_prepared_statement statement = NULL;
  bool good = duckdb_prepare(table->connection, sql->bytes, &statement) == DuckDBSuccess;
  if (!good) table_failure_read(failure, duckdb_prepare_error(statement));
  if (good && n_columns && duckdb_prepared_statement_column_count(statement) != n_columns) {
    table_failure_read(failure, "must be one expression");
    good = false;
  }
  if (good && native) *native = duckdb_prepared_statement_column_type(statement, 0);
  duckdb_destroy_prepare(&statement);
  return good;
}

/* Checks that the expression is one, and of the row: as a condition DuckDB allows neither
 * aggregates nor windows nor unnest, which would change the number of rows. */
static sy_status check_expression(const reading *read, size_t index, const char *source,
                                  duckdb_type *native, sy_error *error) {
  table_text value = {0}, condition = {0};
  table_failure failure = {0};
  table_text_add(&value, "SELECT ");
  add_item(read, index, &value);
  table_text_add(&value, " FROM %s", source);
  table_text_add(&condition, "SELECT 1 FROM %s WHERE ", source);
  add_item(read, index, &condition);
  table_text_add(&condition, " IS NULL");
  sy_status status = SY_OK;
  if (value.failed || condition.failed)
    status = table_fail_memory(error);
  else if (!prepares(read->table, &value, 1, native, &failure) ||
           !prepares(read->table, &condition, 0, NULL, &failure))
    status = fail_expression(read->requests[index].expression, &failure, error);
  table_text_free(&value);
  table_text_free(&condition);
  return status;
}

/* Decides how a request is fetched and delivered. */
static sy_status plan(const reading *read, size_t index, const char *source, table_values *values,
                      sy_error *error) {
  const sy_table_request *request = &read->requests[index];
  const char *name = requested_name(read, index);
  duckdb_type native = read->table->columns[request->expression ? 0 : request->column].native;
  if (request->expression) {
    sy_status status = check_expression(read, index, source, &native, error);
    if (status != SY_OK) return status;
  }
  const char *nested = nested_words(native);
  if (nested)
    return table_fail(error, SY_INVALID_DATA,
                      "%s: column \"%s\" holds %s, no single values; leave it out, or take it "
                      "apart in a query",
                      read->table->name, name, nested);
  *values = (table_values){.fetch = fetch_of(native), .first = SIZE_MAX};
  values->type = table_type_of(native);
  if (request->as == SY_AS_TEXT) {
    values->type = SY_COLUMN_TEXT;
    values->fetch = FETCH_TEXT;
  } else if (wants_number(request)) {
    values->type = SY_COLUMN_NUMBER;
    values->exact = request->as == SY_AS_DOUBLE;
    if (values->fetch == FETCH_TEXT) values->fetch = FETCH_NUMBER_TEXT;
  } else if (request->as == SY_AS_DATE && values->fetch == FETCH_TEXT) {
    sy_status status = check_dates(read, index, source, error);
    if (status != SY_OK) return status;
    *values = (table_values){
        .type = SY_COLUMN_DATE, .fetch = FETCH_MICROSECONDS, .from_text = true, .first = SIZE_MAX};
  }
  values->before = read->table->rows_before;
  values->name = table_copy(name, strlen(name));
  return values->name ? SY_OK : table_fail_memory(error);
}

static sy_status plan_all(const reading *read, table_values *values, table_text *sql,
                          sy_error *error) {
  table_text source = {0};
  table_source_sql(read->table, read->as_text, &source);
  sy_status status = source.failed ? table_fail_memory(error) : SY_OK;
  table_text_add(sql, "SELECT ");
  for (size_t i = 0; i < read->n_requests && status == SY_OK; i++) {
    status = plan(read, i, source.bytes, &values[i], error);
    table_text_add(sql, "%s", i ? ", " : "");
    if (status == SY_OK) add_cast(read, i, &values[i], sql);
  }
  table_text_add(sql, " FROM %s", source.bytes ? source.bytes : "");
  table_text_free(&source);
  return status == SY_OK && sql->failed ? table_fail_memory(error) : status;
}

/* --- the scan --- */

static sy_status add_chunk(const reading *read, duckdb_data_chunk chunk, table_values *values,
                           sy_error *error) {
  size_t count = duckdb_data_chunk_get_size(chunk);
  for (size_t i = 0; i < read->n_requests; i++) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    sy_status status = table_values_add(&values[i], vector, count, read->table->name, error);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

/* Fetches all rows. SY_OK with *done false: DuckDB failed, read->failure says why. */
static sy_status scan(reading *read, const char *sql, table_values *values, bool *done,
                      sy_error *error) {
  duckdb_connection connection = read->table->connection;
  table_run run;
  sy_status status = SY_OK;
  *done = false;
  /* Text takes longer to parse than to take over, Parquet does not. */
  if (read->table->kind != TABLE_PARQUET) table_read_ahead(connection);
  if (read->progress.call) table_measure_progress(connection);
  if (table_run_start(&run, connection, sql)) {
    duckdb_data_chunk chunk;
    while (status == SY_OK && (chunk = table_run_next(&run, done))) {
      status = add_chunk(read, chunk, values, error);
      duckdb_destroy_data_chunk(&chunk);
      if (status == SY_OK && !table_run_tell(&run, connection, read->progress, read->stage)) break;
    }
  }
  read->failure = run.failure;
  if (read->failure.line) read->failure.line += read->table->lines_before;
  read->cancelled = run.cancelled;
  table_run_end(&run);
  return status;
}

static void clear_values(const reading *read, table_values *values) {
  for (size_t i = 0; i < read->n_requests; i++) table_values_free(&values[i]);
}

static sy_status scan_once(reading *read, table_values *values, bool *done, sy_error *error) {
  table_text sql = {0};
  *done = false;
  sy_status status = plan_all(read, values, &sql, error);
  if (status == SY_OK) status = scan(read, sql.bytes, values, done, error);
  table_text_free(&sql);
  if (status != SY_OK || !*done) clear_values(read, values);
  return status;
}

/* Whether a text column had nothing but missing values where its type was guessed: then all rows
 * have to be asked, or numbers that come later would be taken for text. */
static bool was_guessed_blindly(const reading *read, const table_values *values) {
  const sy_table *table = read->table;
  if (table->kind != TABLE_DELIMITED || table->whole || table->lines_before) return false;
  for (size_t i = 0; i < read->n_requests; i++) {
    const sy_table_request *request = &read->requests[i];
    if (!request->expression && request->as == SY_AS_FOUND && values[i].fetch == FETCH_TEXT &&
        values[i].first >= table_csv_sample_rows(table) && values[i].first != SIZE_MAX)
      return true;
  }
  return false;
}

/* When one of DuckDB's threads fails it interrupts the others, and now and then their
 * "Interrupted!" is all that is told. Where nobody interrupted, one thread alone tells what was
 * wrong. */
static bool ask_one_thread(reading *read) {
  bool asked = read->cancelled || table_interrupted();
  if (read->failure.trouble != TROUBLE_INTERRUPT || asked || read->alone) return false;
  read->alone = true;
  table_use_threads(read->table->connection, 1);
  return true;
}

/* Scans until it succeeds: each failure that a guess of ours caused corrects that guess. */
static sy_status scan_all(reading *read, table_values *values, sy_error *error) {
  sy_table *table = read->table;
  table_failure first = {0};
  for (bool done = false; !done;) {
    sy_status status = scan_once(read, values, &done, error);
    /* An expression that no longer fits the corrected types: the value that broke the guess is
     * the news. */
    if (status != SY_OK && first.line) return table_tell(table, &first, error);
    if (status != SY_OK) return status;
    if (done && was_guessed_blindly(read, values)) {
      clear_values(read, values);
      table->whole = true;
      status = table_csv_types(table, error);
      done = false;
    } else if (!done && !ask_one_thread(read)) {
      if (table->kind != TABLE_DELIMITED ||
          !table_csv_relax(table, &read->failure, read->fixed, &status, error))
        return table_tell(table, &read->failure, error);
      if (!first.line) first = read->failure;
    }
    if (status != SY_OK) return status;
  }
  table->piece_rows = values[0].rows;
  if (table->piece_rows > 0 || table->lines_before > 0) return SY_OK;
  clear_values(read, values);
  const char *why = table->kind == TABLE_QUERY ? "gives no rows"
                    : table->dialect.header    ? "has no rows, only a header"
                                               : "has no rows";
  return table_fail(error, SY_NO_ROWS, "%s: %s", table->name, why);
}

/* --- the result --- */

static sy_column view_of(const table_values *values) {
  return (sy_column){.name = values->name,
                     .type = values->type,
                     .f32 = values->f32,
                     .f64 = values->f64,
                     .codes = values->codes,
                     .values = (const char *const *)values->dictionary.values,
                     .n_values = values->dictionary.n_values};
}

/* The sniffer takes "1.5 " and "+5" for text, and a column without any value too; all of them are
 * numbers here, missing throughout in the last case. */
static sy_status finish(const reading *read, sy_table_data *data, sy_error *error) {
  for (size_t i = 0; i < read->n_requests; i++) {
    table_values *values = &data->values[i];
    bool guessed = read->table->kind == TABLE_DELIMITED && read->requests[i].as == SY_AS_FOUND &&
                   !read->requests[i].expression && values->fetch == FETCH_TEXT;
    if (guessed && !table_values_text_to_number(values)) return table_fail_memory(error);
    data->columns[i] = view_of(values);
  }
  data->frame = (sy_frame){data->columns, read->n_requests, data->values[0].rows};
  return SY_OK;
}

static sy_status check_requests(const reading *read, sy_error *error) {
  if (!read->table->connection)
    return table_fail(error, SY_INVALID_ARGUMENT, "%s: was released", read->table->name);
  if (read->n_requests == 0)
    return table_fail(error, SY_INVALID_ARGUMENT, "%s: no columns are asked for",
                      read->table->name);
  for (size_t i = 0; i < read->n_requests; i++)
    if (!read->requests[i].expression && read->requests[i].column >= read->table->n_columns)
      return table_fail(error, SY_INVALID_ARGUMENT, "%s: column %zu of %zu", read->table->name,
                        read->requests[i].column + 1, read->table->n_columns);
  return SY_OK;
}

static bool prepare_reading(reading *read) {
  const sy_table *table = read->table;
  table_text stage = {0};
  table_text_add(&stage, "reading %s", table->name);
  read->stage = stage.failed ? NULL : stage.bytes;
  read->as_text = calloc(table->n_columns + 1, sizeof *read->as_text);
  read->fixed = calloc(table->n_columns + 1, sizeof *read->fixed);
  if (!read->stage || !read->as_text || !read->fixed) return false;
  for (size_t i = 0; i < read->n_requests; i++) {
    const sy_table_request *request = &read->requests[i];
    if (request->expression) continue;
    if (request->as == SY_AS_TEXT) read->as_text[request->column] = true;
    if (wants_number(request) || request->as == SY_AS_DATE) read->fixed[request->column] = true;
  }
  return true;
}

static sy_status read_into(reading *read, sy_table_data *data, sy_error *error) {
  if (!prepare_reading(read)) return table_fail_memory(error);
  data->values = calloc(read->n_requests, sizeof *data->values);
  data->columns = calloc(read->n_requests, sizeof *data->columns);
  if (!data->values || !data->columns) return table_fail_memory(error);
  data->frame.n_columns = read->n_requests;
  table_interruptible(read->table->connection);
  sy_status status = scan_all(read, data->values, error);
  table_interruptible(NULL);
  if (read->alone) table_use_threads(read->table->connection, sy_threads_get());
  return status == SY_OK ? finish(read, data, error) : status;
}

sy_status sy_table_read(sy_table *table, const sy_table_request *requests, size_t n_requests,
                        sy_progress progress, sy_table_data **data, sy_error *error) {
  *data = NULL;
  reading read = {
      .table = table, .requests = requests, .n_requests = n_requests, .progress = progress};
  sy_status status = check_requests(&read, error);
  if (status != SY_OK) return status;
  sy_table_data *result = calloc(1, sizeof *result);
  status = result ? read_into(&read, result, error) : table_fail_memory(error);
  free(read.stage);
  free(read.as_text);
  free(read.fixed);
  if (status == SY_OK)
    *data = result;
  else
    sy_table_data_free(result);
  return status;
}

const sy_frame *sy_table_frame(const sy_table_data *data) {
  return &data->frame;
}

void sy_table_data_free(sy_table_data *data) {
  if (!data) return;
  for (size_t i = 0; data->values && i < data->frame.n_columns; i++)
    table_values_free(&data->values[i]);
  free(data->values);
  free(data->columns);
  free(data);
}
