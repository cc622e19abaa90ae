/* table.h: any table -> columns, through DuckDB; the only reader of users' tables. A source is
 * scanned once: text is coded on the fly. */
#ifndef STEELYARD_TABLE_H
#define STEELYARD_TABLE_H

#include <steelyard/features.h>

/** Whether delimited text begins with a line of names. */
typedef enum sy_table_header { SY_HEADER_AUTO, SY_HEADER_YES, SY_HEADER_NO } sy_table_header;

/** What lines mean that hold nothing but blanks and delimiters. */
typedef enum sy_table_blank_lines {
  SY_BLANK_LINES_AUTO, /**< the ends of sequences in a token file, else as rows */
  SY_BLANK_LINES_END,  /**< the ends of sequences, not rows */
  SY_BLANK_LINES_ROWS  /**< delimiters: a row of missing values; nothing at all: no row */
} sy_table_blank_lines;

/** Where a table is and how it is written; see SOURCE in docs/sources.md. */
typedef struct sy_table_options {
  const char *source; /**< file, glob, "-" (stdin) or query */
  sy_table_header header;
  size_t skip;           /**< lines to skip first (delimited text) */
  const char *delimiter; /**< one character, "\t" or "tab"; " " = runs of spaces; NULL = find out */
  const char *null_text; /**< text that means missing, besides the empty one; NULL = none */
  bool in_pieces; /**< delimited text on stdin or from a pipe comes in pieces: see sy_table_next */
  size_t piece_bytes; /**< about how many a piece has (4 MiB to begin with); 0 = 16 MiB */
  sy_table_blank_lines blank_lines; /**< of delimited text */
} sy_table_options;

/** Options that find everything out. */
sy_table_options sy_table_options_default(const char *source);

/** An opened source, its columns known. */
typedef struct sy_table sy_table;

/** Opens a source and finds its columns. Fails with SY_FILE_NOT_READ (no such file: nearest name in
 * its folder), SY_NO_ROWS (an empty file), SY_INVALID_DATA (not readable as a table; a query that
 * fails or is more than one statement), SY_MISSING_COLUMN never. One line, naming the source. */
sy_status sy_table_open(const sy_table_options *options, sy_table **table, sy_error *error);

/** Ends DuckDB's part and gives back its memory, once all is read: names and types of the columns
 * stay known, sy_table_read fails with SY_INVALID_ARGUMENT. */
void sy_table_release(sy_table *table);

/** Closes it; NULL is legal. Data read from it live on. */
void sy_table_close(sy_table *table);

/** What the source is called in messages ("data.csv", "query", "stdin"). */
const char *sy_table_source_name(const sy_table *table);

/** Whether it is delimited text: header, skip, delimiter and null_text matter to nothing else. */
bool sy_table_is_delimited(const sy_table *table);

/** Sequences that blank lines end; 0 where blank lines mean no such thing. Of a stream in pieces:
 * so far. */
uint64_t sy_table_sequences(const sy_table *table);

/** Number of columns. */
size_t sy_table_n_columns(const sy_table *table);

/** Name of a column, "c1", "c2", ... without a header. */
const char *sy_table_column_name(const sy_table *table, size_t column);

/** Whether the source reads the file at `path`, so that writing it would destroy what is read: one
 * of its files, or one that a query names. Before sy_table_release. */
bool sy_table_reads(const sy_table *table, const char *path);

/** Type of a column as found. */
sy_column_type sy_table_column_type(const sy_table *table, size_t column);

/** Finds one column by exact name, else by number (1-based, -1 = the last). Fails with
 * SY_MISSING_COLUMN, giving the nearest name and how many columns there are. */
sy_status sy_table_find(const sy_table *table, const char *column, size_t *index, sy_error *error);

/** Marks columns matching a list "NAME,GLOB*,3,-1" in chosen[n_columns] (true = matches; others are
 * left). "double quotes" around a name keep its commas; a name that matches exactly wins over glob
 * and number. SY_MISSING_COLUMN where a piece matches none. */
sy_status sy_table_match(const sy_table *table, const char *list, bool *chosen, sy_error *error);

/** How a requested column is delivered. */
typedef enum sy_table_as {
  SY_AS_FOUND,  /**< by its type */
  SY_AS_NUMBER, /**< number, boolean or date as a number; text that is no number is an error */
  SY_AS_DOUBLE, /**< the same, float64 throughout: for row weights, whose digits count */
  SY_AS_DATE,   /**< days; text that is no date is an error */
  SY_AS_TEXT    /**< coded text exactly as written (CSV: before any type was guessed) */
} sy_table_as;

/** One column to read: a column of the source, or an SQL expression over its columns. */
typedef struct sy_table_request {
  size_t column;          /**< index; unused with an expression */
  const char *expression; /**< SQL, or NULL */
  const char *name;       /**< name of the delivered column; NULL = the source's */
  sy_table_as as;
} sy_table_request;

/** Columns that were read; owns them. */
typedef struct sy_table_data sy_table_data;

/** Reads columns in one scan, all rows in their order. Numbers come as float32 unless the column
 * is asked for as SY_AS_DOUBLE or holds a magnitude above 2^24 or below 2^-126, then as float64.
 * Dates come as days since 1970-01-01. Fails with SY_INVALID_DATA: a ragged row, a truncated .gz, a
 * value that is no number; the text names source, line or row, column and value. SY_NO_ROWS for a
 * header alone. SY_CANCELLED. */
sy_status sy_table_read(sy_table *table, const sy_table_request *requests, size_t n_requests,
                        sy_progress progress, sy_table_data **data, sy_error *error);

/** Goes on to the next piece of a stream, after sy_table_read of the one before; it is read by the
 * same requests, lines and rows of errors counted from the beginning. So a stream of any length
 * takes the memory (and the temporary file) of one piece. Only for options.in_pieces; any other
 * source is one piece. Types are found on the first piece and cannot be corrected later: ask for
 * SY_AS_TEXT, SY_AS_NUMBER or SY_AS_DOUBLE. A piece of blank lines has no rows.
 * @param more  out: false at the end
 * Fails with SY_FILE_NOT_READ, SY_INVALID_DATA (a record of more than 2 million bytes, line ends of
 * another kind than before), SY_CANCELLED. */
sy_status sy_table_next(sy_table *table, bool *more, sy_error *error);

/** The columns in the order of the requests; the rows of each follow each other (stride 0). Lives
 * as long as the data. */
const sy_frame *sy_table_frame(const sy_table_data *data);

/** Frees data; NULL is legal. */
void sy_table_data_free(sy_table_data *data);

/** Interrupts a read or a write under way from a signal handler; it ends with SY_CANCELLED, a write
 * at the latest when its callback is asked. */
void sy_table_interrupt(void);

/** Writes columns as .csv, .jsonl or .parquet by the ending of `path`, whole or not at all; NULL or
 * "-" writes CSV to stdout. Numbers are written shortest (sy_number_format), missing as empty (null
 * in JSON). Fails with SY_FILE_NOT_WRITTEN, SY_INVALID_ARGUMENT (another ending), SY_CANCELLED. */
sy_status sy_table_write(const sy_frame *frame, const char *path, sy_progress progress,
                         sy_error *error);

#endif
