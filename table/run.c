/* run.c: DuckDB itself: opening it and running statements. Two ways of it to fail quietly are shut
 * here: a result that ends early because of an error looks like one that is complete until
 * duckdb_result_error is asked, and a streaming statement that fails to start keeps its message in
 * the pending result. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a signal handler may stop: the one statement the program waits for. */
static volatile duckdb_connection interruptible;
static volatile sig_atomic_t interrupted;

void table_interruptible(duckdb_connection connection) {
  if (connection) interrupted = 0;
  interruptible = connection;
}

bool table_interrupted(void) {
  return interrupted != 0;
}

void sy_table_interrupt(void) {
  duckdb_connection connection = interruptible;
  interrupted = 1;
  if (connection) duckdb_interrupt(connection);
}

static const char *temporary_folder(void) {
  const char *folder = getenv("TMPDIR");
  return folder && *folder ? folder : "/tmp";
}

/* Nothing is downloaded or loaded behind the user's back, and what does not fit in memory goes to
 * TMPDIR, not to a .tmp beside the user's files. Each file is read once, so none is cached. */
static bool configure(duckdb_config config) {
  char threads[16];
  snprintf(threads, sizeof threads, "%d", sy_threads_get());
  const char *options[][2] = {{"threads", threads},
                              {"autoinstall_known_extensions", "false"},
                              {"autoload_known_extensions", "false"},
                              {"preserve_insertion_order", "true"},
                              {"enable_external_file_cache", "false"},
                              {"temp_directory", temporary_folder()}};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (duckdb_set_config(config, options[i][0], options[i][1]) != DuckDBSuccess) return false;
  return true;
}

static bool set(duckdb_connection connection, const char *setting) {
  return duckdb_query(connection, setting, NULL) == DuckDBSuccess;
}

/* Times without a zone mean UTC whatever the machine's zone. A DuckDB built without ICU knows no
 * zones, nor the setting, and takes all times as UTC. */
static bool set_zone(duckdb_connection connection) {
  duckdb_result result;
  bool done = duckdb_query(connection, "SET TimeZone = 'UTC'", &result) == DuckDBSuccess;
  if (!done) done = duckdb_result_error_type(&result) == DUCKDB_ERROR_CATALOG;
  duckdb_destroy_result(&result);
  return done;
}

sy_status table_database_open(duckdb_database *database, duckdb_connection *connection,
                              sy_error *error) {
  duckdb_config config = NULL;
  char *message = NULL;
  bool opened = duckdb_create_config(&config) == DuckDBSuccess && configure(config) &&
                duckdb_open_ext(":memory:", database, config, &message) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  opened =
      opened && duckdb_connect(*database, connection) == DuckDBSuccess && set_zone(*connection);
  sy_status status = SY_OK;
  if (!opened)
    status = table_fail(error, SY_INVALID_DATA, "DuckDB does not start: %s",
                        message ? message : "unknown failure");
  duckdb_free(message);
  return status;
}

const char *table_type_name(duckdb_type type) {
  switch (type) {
  case DUCKDB_TYPE_FLOAT:
    return "FLOAT";
  case DUCKDB_TYPE_DOUBLE:
    return "DOUBLE";
  case DUCKDB_TYPE_BOOLEAN:
    return "BOOLEAN";
  case DUCKDB_TYPE_DATE:
    return "DATE";
  case DUCKDB_TYPE_TIMESTAMP:
    return "TIMESTAMP";
  case DUCKDB_TYPE_TIMESTAMP_TZ:
    return "TIMESTAMPTZ";
  default:
    return "VARCHAR";
  }
}

void table_use_threads(duckdb_connection connection, int threads) {
  char sql[40];
  snprintf(sql, sizeof sql, "SET threads = %d", threads);
  set(connection, sql);
}

void table_read_ahead(duckdb_connection connection) {
  set(connection, "SET streaming_buffer_size = '32MB'");
}

void table_measure_progress(duckdb_connection connection) {
  /* In this order: the time turns the bar on, and then the next statement would draw one. */
  if (set(connection, "SET enable_progress_bar_print = false") &&
      set(connection, "SET progress_bar_time = 0"))
    set(connection, "SET enable_progress_bar = true");
}

static bool fail(table_run *run, const char *message) {
  table_failure_read(&run->failure, message);
  return false;
}

/* Drawing must not cost more than reading, so the callback is not asked at every step. */
bool table_run_tell(table_run *run, duckdb_connection connection, sy_progress progress,
                    const char *stage) {
  if (!progress.call) return true;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
  if (seconds - run->told < 0.05) return true;
  run->told = seconds;
  double percentage = duckdb_query_progress(connection).percentage;
  if (!progress.call(progress.context, stage, percentage > 0 ? percentage / 100 : 0)) return true;
  run->cancelled = true;
  return fail(run, "INTERRUPT Error: cancelled");
}

bool table_run_start(table_run *run, duckdb_connection connection, const char *sql) {
  *run = (table_run){0};
  if (duckdb_prepare(connection, sql, &run->statement) != DuckDBSuccess)
    return fail(run, duckdb_prepare_error(run->statement));
  if (duckdb_pending_prepared_streaming(run->statement, &run->pending) != DuckDBSuccess)
    return fail(run, duckdb_pending_error(run->pending));
  run->executed = true;
  if (duckdb_execute_pending(run->pending, &run->result) == DuckDBSuccess) return true;
  const char *message = duckdb_pending_error(run->pending);
  return fail(run, message ? message : duckdb_result_error(&run->result));
}

duckdb_data_chunk table_run_next(table_run *run, bool *ended) {
  *ended = false;
  duckdb_data_chunk chunk = duckdb_fetch_chunk(run->result);
  if (chunk) return chunk;
  const char *message = duckdb_result_error(&run->result);
  if (message && *message)
    fail(run, message);
  else
    *ended = true;
  return NULL;
}

void table_run_end(table_run *run) {
  if (run->executed) duckdb_destroy_result(&run->result);
  duckdb_destroy_pending(&run->pending);
  duckdb_destroy_prepare(&run->statement);
  run->executed = false;
}

enum { MOST_CELLS = 8 };

static bool hand_over(duckdb_data_chunk chunk, table_row_fn take, void *context) {
  size_t n = duckdb_data_chunk_get_column_count(chunk), rows = duckdb_data_chunk_get_size(chunk);
  if (n > MOST_CELLS) n = MOST_CELLS;
  for (size_t row = 0; row < rows; row++) {
    table_cell cells[MOST_CELLS];
    for (size_t i = 0; i < n; i++) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      uint64_t *valid = duckdb_vector_get_validity(vector);
      duckdb_string_t *text = (duckdb_string_t *)duckdb_vector_get_data(vector) + row;
      bool null = valid && !duckdb_validity_row_is_valid(valid, row);
      cells[i] = null ? (table_cell){NULL, 0}
                      : (table_cell){duckdb_string_t_data(text), duckdb_string_t_length(*text)};
    }
    if (!take(context, n, cells)) return false;
  }
  return true;
}

bool table_rows(duckdb_connection connection, const char *sql, table_row_fn take, void *context,
                table_failure *failure) {
  table_run run;
  bool ended = false;
  if (table_run_start(&run, connection, sql)) {
    bool more = true;
    duckdb_data_chunk chunk;
    while (more && (chunk = table_run_next(&run, &ended))) {
      more = hand_over(chunk, take, context);
      duckdb_destroy_data_chunk(&chunk);
    }
    ended = ended || !more;
  }
  *failure = run.failure;
  table_run_end(&run);
  return ended;
}
