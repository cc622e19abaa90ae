/* internal.h: what the files of this folder share. A source goes through them in this order:
 * source.c (files or a query), dialect.c and csv.c (how delimited text is written), open.c (the
 * columns), read.c with values.c (the rows). run.c is the only one that runs statements, errors.c
 * the only one that reads DuckDB's messages. */
#ifndef SY_TABLE_INTERNAL_H
#define SY_TABLE_INTERNAL_H

#include "table.h"

#include <duckdb.h>
#include <stdio.h>
#include <steelyard/store.h>

/* --- text.c: growing text, and names and values as SQL --- */

/* Growing text, always terminated once anything was added. A failed allocation sticks: later
 * additions do nothing, so one check at the end is enough. */
typedef struct table_text {
  char *bytes;
  size_t size, capacity;
  bool failed;
} table_text;

void table_text_bytes(table_text *text, const char *bytes, size_t size);
void table_text_add(table_text *text, const char *format, ...) SY_PRINTF(2, 3);
/* Adds 'value' as an SQL literal. */
void table_text_literal(table_text *text, const char *value);
/* Adds "name" as an SQL identifier. */
void table_text_identifier(table_text *text, const char *name);
void table_text_free(table_text *text);
/* Bytes of a text that fit in `most`, as a message shows them: no character is cut in two. */
int table_text_fit(const char *bytes, size_t size, size_t most);
/* A copy of `size` bytes, terminated; NULL when out of memory. */
char *table_copy(const char *bytes, size_t size);

/* --- errors.c: one line for each failure --- */

/* What DuckDB's message is about, as far as it can be told. */
typedef enum table_trouble {
  TROUBLE_OTHER,
  TROUBLE_RAGGED,     /* a line with another number of fields */
  TROUBLE_CONVERSION, /* a value that is not of its column's type */
  TROUBLE_QUOTE,      /* a quote that is never closed */
  TROUBLE_ENCODING,   /* not UTF-8 */
  TROUBLE_LINE_ENDS,  /* of two kinds */
  TROUBLE_LONG_LINE,  /* longer than DuckDB's buffers */
  TROUBLE_JSON,       /* not JSON */
  TROUBLE_CUT,        /* the end of a file is missing */
  TROUBLE_INTERRUPT,
  TROUBLE_MEMORY
} table_trouble;

/* DuckDB's message, taken apart; empty and 0 where it does not say. */
typedef struct table_failure {
  table_trouble trouble;
  unsigned long long line, expected, found, byte;
  bool counts_records; /* `line` is no line but a record of JSON */
  char file[256], column[128], value[80], type[40], text[400];
} table_failure;

/* Fills `error` (where there is one) printf-style and returns status: one line, control characters
 * as blanks, "..." where cut. */
sy_status table_fail(sy_error *error, sy_status status, const char *format, ...) SY_PRINTF(3, 4);
sy_status table_fail_memory(sy_error *error);
/* Takes a message of DuckDB apart. */
void table_failure_read(table_failure *failure, const char *message);
/* Reports a failure that happened in `name` (a file or "query"). */
sy_status table_failure_tell(const table_failure *failure, const char *name, sy_error *error);

/* --- run.c: DuckDB itself --- */

/* One statement under way; chunks are fetched from it. */
typedef struct table_run {
  duckdb_prepared_statement statement;
  duckdb_pending_result pending;
  duckdb_result result;
  bool executed, cancelled;
  double told;           /* when progress was told last */
  table_failure failure; /* of the call that failed last */
} table_run;

/* One value of a row as text, not terminated; bytes is NULL for NULL. */
typedef struct table_cell {
  const char *bytes;
  size_t size;
} table_cell;

/* Takes one row of n cells; false ends the reading. */
typedef bool (*table_row_fn)(void *context, size_t n, const table_cell *cells);

/* An in-memory database that downloads nothing and keeps the order of rows. */
sy_status table_database_open(duckdb_database *database, duckdb_connection *connection,
                              sy_error *error);
/* Prepares and starts a statement whose rows are then fetched while DuckDB makes more of them.
 * False: run->failure says why. */
bool table_run_start(table_run *run, duckdb_connection connection, const char *sql);
/* The next chunk, to be destroyed by the caller; NULL at the end with *ended set, or on failure. */
duckdb_data_chunk table_run_next(table_run *run, bool *ended);
/* Tells progress, at most every 50 ms. False where the caller cancels: run->failure says so. */
bool table_run_tell(table_run *run, duckdb_connection connection, sy_progress progress,
                    const char *stage);
/* Frees it; legal for a run that failed or is zero. */
void table_run_end(table_run *run);
/* Runs a statement whose columns are all VARCHAR and hands over its rows, in order. */
bool table_rows(duckdb_connection connection, const char *sql, table_row_fn take, void *context,
                table_failure *failure);
/* A type's name in SQL; all that is no number, boolean or date is VARCHAR. */
const char *table_type_name(duckdb_type type);
/* Sets on how many threads DuckDB works from now on. */
void table_use_threads(duckdb_connection connection, int threads);
/* Lets DuckDB's threads work ahead of what is fetched: without, one alone finds work. */
void table_read_ahead(duckdb_connection connection);
/* Lets DuckDB find out how far a statement is, for table_run_tell. */
void table_measure_progress(duckdb_connection connection);
/* Makes `connection` the one that sy_table_interrupt stops; NULL = none. */
void table_interruptible(duckdb_connection connection);
/* Whether sy_table_interrupt was called since the last table_interruptible. */
bool table_interrupted(void);

/* --- source.c, spool.c, whole.c: the files --- */

typedef enum table_kind { TABLE_DELIMITED, TABLE_PARQUET, TABLE_JSON, TABLE_QUERY } table_kind;
typedef enum table_packing { TABLE_PLAIN, TABLE_GZIP, TABLE_ZSTD } table_packing;

/* One file of a source. */
typedef struct table_file {
  char *name;     /* what the user calls it */
  char *path;     /* where DuckDB reads it */
  int descriptor; /* of an unlinked temporary copy, else -1 */
  table_packing packing;
  size_t bytes;  /* its size on disk */
  size_t skip;   /* delimited text: lines before the table, as asked for and blank ones */
  size_t *order; /* delimited text: field i is column order[i] of the table */
} table_file;

/* How delimited text is written. */
typedef struct table_dialect {
  char delimiter[8];
  bool quoted;       /* "..." quotes; false: a quote is a letter like others */
  bool header;       /* the first line holds names */
  bool tokens;       /* lines of blanks and delimiters alone end sequences */
  size_t n_fields;   /* on a line */
  char *date_format; /* strptime's, or NULL for ISO 8601 */
  char *timestamp_format;
} table_dialect;

typedef struct table_column {
  char *name;
  char *written;      /* in the source, where that is not distinct; else NULL */
  duckdb_type native; /* DuckDB's type */
  bool is_json;       /* a value of any type, as JSON text: strings are in quotes */
  bool text_only;     /* delimited text: some value was of no other type */
} table_column;

/* A stream that comes in pieces. */
typedef struct table_pieces table_pieces;

struct sy_table {
  sy_table_options options; /* its texts are the table's own copies */
  char *name;
  table_kind kind;
  char *query; /* without comments after its end, or NULL */
  table_file *files;
  size_t n_files;
  table_dialect dialect;
  bool whole;       /* types were found on all rows, not on a sample */
  bool in_sequence; /* the last line that was copied was not blank */
  uint64_t n_sequences;
  table_pieces *pieces;             /* NULL for what is read at once */
  size_t lines_before, rows_before; /* in the pieces before */
  size_t piece_rows;                /* in this one */
  table_column *columns;
  size_t n_columns;
  duckdb_database database;
  duckdb_connection connection;
};

/* Finds out what options->source is: files, their kind and packing, or a query. */
sy_status table_source_find(sy_table *table, sy_error *error);
void table_file_clear(table_file *file);
/* Number of bytes of all files. */
size_t table_source_bytes(const sy_table *table);
/* foreign.c: what a file with these first bytes is instead of a table, and what to do about it;
 * NULL = it may be one. */
const char *table_foreign_words(const char *head, size_t size);
/* Whether the bytes are no text. Control characters make up a ninth of random bytes and next to
 * nothing of text; zero bytes do not count, for there are many in UTF-16. */
bool table_foreign_binary(const char *head, size_t size);
/* Name under which a failure in DuckDB's `path` is told ("" = unknown). */
const char *table_source_shown(const sy_table *table, const char *path);
/* Whether a file is the one at `path`. */
bool table_file_is(const char *name, const char *path);
/* Whether a query names the file at `path`, by itself or by a pattern. */
bool table_query_names(const sy_table *table, const char *path);
/* Whether a source is a query: begins with SELECT, FROM or WITH. */
bool table_query_is(const char *source);
/* Checks that a query is one statement that only reads and keeps its text. */
sy_status table_query_take(sy_table *table, sy_error *error);

/* Makes the file an unlinked temporary one of these bytes, and of no others. */
sy_status table_spool_bytes(const char *name, const char *bytes, size_t size, table_file *file,
                            sy_error *error);
/* Copies what is left of a descriptor that can be read only once behind the bytes. */
sy_status table_spool_copy(int from, const char *name, table_file *file, sy_error *error);
/* Replaces a file that DuckDB cannot read by an unlinked copy, line by line, so that the same lines
 * are counted: fields apart by runs of blanks (`blanks`) become apart by tabs, and of token files
 * lines that end a sequence become empty, and are counted. Other files stay. */
sy_status table_spool_lines(sy_table *table, table_file *file, bool blanks, sy_error *error);

/* Begins a stream whose first bytes are those of a table to be read in pieces; one that is none, or
 * ends soon, is copied whole. Takes the descriptor over where it is owned. */
sy_status table_pieces_begin(sy_table *table, int from, bool owned, table_file *file,
                             sy_error *error);
/* Cuts the first piece where a record ends, once the dialect is known. */
sy_status table_pieces_cut(sy_table *table, table_file *file, bool blanks, sy_error *error);
void table_pieces_free(table_pieces *pieces);
/* Bytes of a piece: large enough that each of a few threads has a share of it. */
#define TABLE_PIECE_BYTES 16777216
/* Whether what begins so is delimited text, neither packed nor of another kind. */
bool table_source_is_plain(const char *name, const char *head, size_t size);

/* tokens.c: whether a line holds nothing but blanks and delimiters (NULL: runs of blanks). */
bool table_tokens_blank(const char *at, const char *end, const char *delimiter);
/* Whether the first lines, each ending in a newline, are those of a token file: a token a line,
 * and a blank line after each sequence. */
bool table_tokens_are(const char *text, size_t size, const char *delimiter);

/* Number of fields apart by runs of blanks in a line. */
size_t table_blank_fields(const char *at, const char *end);

/* Checks that a packed file is not cut short, which DuckDB takes for the end of the data. */
sy_status table_whole_check(const table_file *file, sy_error *error);

/* --- dialect.c, csv.c: delimited text --- */

/* Finds delimiter, quotes and number of fields of a file from its first lines; *blanks is set where
 * fields are apart by runs of blanks. A delimiter that is set already, or *blanks, is kept.
 * *empty: there is no line that is not blank. Sets file->skip. */
sy_status table_dialect_find(sy_table *table, table_file *file, table_dialect *dialect,
                             bool *blanks, bool *empty, sy_error *error);
/* Number of rows on which types are guessed first. */
size_t table_csv_sample_rows(const sy_table *table);
/* Bytes that DuckDB reads of text at a time, a fraction of its own choice: as fast, in less memory.
 * A line may have half of the smaller one, which is for looking into a file. */
#define TABLE_BUFFER_BYTES 8388608
#define TABLE_GLANCE_BYTES 4194304
/* Bytes of the longest line that DuckDB takes. */
#define TABLE_LONGEST_LINE 2000000
/* Adds a path as an SQL literal that matches no other file, whatever letters it holds. */
void table_csv_path(table_text *sql, const char *path);
/* Adds the arguments that make read_csv give the lines of a file as one column, `line`. */
void table_csv_lines(table_text *sql, const table_file *file, size_t skip);
/* Finds the dialect of the table's files; empty files are dropped. */
sy_status table_csv_dialect(sy_table *table, sy_error *error);
/* Adds the arguments that make read_csv give the fields of a file as text, c1, c2, ..: names are a
 * row like others. */
void table_csv_as_text(const sy_table *table, const table_file *file, table_text *sql);
/* header.c: reads how names are written that DuckDB may have changed. */
sy_status table_header_read(sy_table *table, sy_error *error);
/* Finds names and types of the columns, on a sample or, with table->whole, on all rows. */
sy_status table_csv_types(sy_table *table, sy_error *error);
/* After a failed read: changes what was guessed, so that another read may succeed. `fixed` says of
 * a column that it must be a number. False: nothing can be changed, the failure stands. */
bool table_csv_relax(sy_table *table, const table_failure *failure, const bool *fixed,
                     sy_status *status, sy_error *error);
/* SQL that reads the table: columns of as_text (n_columns, or NULL) exactly as written. */
void table_csv_sql(const sy_table *table, const bool *as_text, table_text *sql);
/* Name of the second copy, exactly as written, of a column that is also read by its type. */
#define TABLE_AS_WRITTEN "as written: "

/* --- open.c --- */

/* SQL of the table's rows in parentheses, as FROM takes it. */
void table_source_sql(const sy_table *table, const bool *as_text, table_text *sql);
/* Reports why a statement over the table failed. */
sy_status table_tell(const sy_table *table, const table_failure *failure, sy_error *error);
void table_columns_clear(sy_table *table);
/* The type as which a column of DuckDB's is delivered. */
sy_column_type table_type_of(duckdb_type native);

/* --- values.c, dictionary.c: rows become columns --- */

/* How a column comes from DuckDB. */
typedef enum table_fetch {
  FETCH_DOUBLE,
  FETCH_BOOLEAN,
  FETCH_DAYS,
  FETCH_SECONDS,
  FETCH_MILLISECONDS,
  FETCH_MICROSECONDS,
  FETCH_NANOSECONDS,
  FETCH_TEXT,
  FETCH_NUMBER_TEXT /* text that must be a number */
} table_fetch;

/* Where a dictionary finds a text: its code + 1 (0 = free) and, so that other texts are rarely
 * looked at, its hash. */
typedef struct table_slot {
  uint32_t entry, hash;
} table_slot;

/* Distinct texts, coded in the order of their first appearance. */
typedef struct table_dictionary {
  char **values;
  uint32_t *sizes;
  size_t n_values, value_capacity;
  table_slot *slots; /* open addressing */
  size_t n_slots;
  char **blocks; /* the texts lie in these, one after another */
  size_t n_blocks, block_room;
  char *block_end;
} table_dictionary;

/* A text's hash; where the dictionary is larger than the cache, what it leads to is on its way
 * when it is asked for. */
uint32_t table_dictionary_hash(const table_dictionary *dictionary, const char *bytes, size_t size);
/* Code of a text, new or known, with its hash. False when out of memory (or of codes). */
bool table_dictionary_code(table_dictionary *dictionary, const char *bytes, uint32_t size,
                           uint32_t hash, uint32_t *code);
void table_dictionary_free(table_dictionary *dictionary);

/* One column being filled. Numbers are float32 until a magnitude above 2^24 comes, unless they are
 * to be exact. */
typedef struct table_values {
  char *name;
  sy_column_type type;
  table_fetch fetch;
  bool exact;     /* float64 throughout */
  bool from_text; /* dates that are text in the source */
  float *f32;
  double *f64;
  uint32_t *codes;
  size_t rows, capacity;
  size_t first;  /* row of the first value that is not missing; SIZE_MAX = none */
  size_t before; /* rows before those of this piece of a stream */
  table_dictionary dictionary;
} table_values;

/* Adds `count` values of a vector. `source` names the table in errors. */
sy_status table_values_add(table_values *values, duckdb_vector vector, size_t count,
                           const char *source, sy_error *error);
/* Makes a text column all of whose values are numbers (or that has none) a number column. False
 * when out of memory. */
bool table_values_text_to_number(table_values *values);
void table_values_free(table_values *values);

/* --- write.c, parquet.c: writing --- */

/* A frame on its way into a file. */
typedef struct table_writing {
  const sy_frame *frame;
  sy_output *output;
  sy_progress progress;
  const char *stage; /* what progress is told */
} table_writing;

/* Tells progress; SY_CANCELLED where the caller wants no more. */
sy_status table_writing_tell(const table_writing *work, double fraction, sy_error *error);
/* Fills the output, which the user calls `path`, with Parquet. */
sy_status table_parquet_write(const table_writing *work, const char *path, sy_error *error);

/* --- cell.c, lines.c: values and rows as text --- */

/* A number, boolean or date of a column; NaN = missing. */
double table_value(const sy_column *column, size_t row);
/* Text of a row of a text column, or NULL where it is missing. */
const char *table_cell_text(const sy_column *column, size_t row);
/* Whether all values of a date column are whole days. */
bool table_dates_whole(const sy_column *column, size_t rows);
bool table_cell_missing(const sy_column *column, size_t row);
/* Bytes that hold any value that is no text. */
#define TABLE_CELL_SIZE 64
/* A value that is no text, as CSV and JSON write it. */
const char *table_cell_format(const sy_column *column, size_t row, bool whole_dates,
                              char text[TABLE_CELL_SIZE]);
/* Adds the names, or a row, as a line. whole_dates[i]: column i holds whole days. */
void table_csv_head(table_text *out, const sy_frame *frame);
void table_csv_row(table_text *out, const sy_frame *frame, size_t row, const bool *whole_dates);
void table_json_row(table_text *out, const sy_frame *frame, size_t row, const bool *whole_dates);

#endif
