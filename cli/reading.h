/* reading.h: a source is opened, columns are asked for, and all of them are read in one scan. */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "settings.h"
#include "table.h"

typedef struct reading {
  sy_table *table;
  const char *source; /* what it is called in messages */
  sy_table_request *requests;
  size_t n_requests;
  sy_table_data *data;
  size_t rows_before; /* rows of earlier pieces of a stream */
  double seconds;     /* opening and reading */
  bool in_pieces;
} reading;

/* What is said where blank lines are no rows; takes their number as text. */
#define SEQUENCES_OF_BLANK_LINES                                                                   \
  "%s sequences, each ended by a blank line (--blank-lines rows reads such lines as rows)"

/* Opens a source as the settings say; zeroes what is not there yet. All calls return an exit code,
 * having said what is wrong. */
int reading_open(const settings *given, const char *source, reading *opened);

/* The same for a stream that may be longer than memory: reading_run reads its first piece,
 * reading_next the others. Any other source is one piece. */
int reading_open_pieces(const settings *given, const char *source, reading *opened);

/* Finds a column that option `option` names ("--label"). */
int reading_find(const reading *opened, const char *option, const char *column, size_t *index);

/* Finds a column by its exact name alone; false where there is none. */
bool reading_find_exact(const reading *opened, const char *name, size_t *index);

/* Name of the column nearest to `name`, or NULL. */
const char *reading_nearest(const reading *opened, const char *name);

/* Asks for a column, or for an SQL expression that lives until reading_run; returns its place among
 * the columns read. */
size_t reading_ask(reading *opened, size_t column, sy_table_as as);
size_t reading_ask_expression(reading *opened, const char *expression, const char *name);

/* The same in float64 throughout, for costs: their digits count. */
size_t reading_ask_double(reading *opened, const char *expression, const char *name);

/* Reads all that was asked for. */
int reading_run(reading *opened);

/* Reads the next piece, over the last one.
 * @param more  out: false where there is none */
int reading_next(reading *opened, bool *more);

/* What was read. */
size_t reading_rows(const reading *opened);
const sy_column *reading_column(const reading *opened, size_t place);
sy_frame reading_frame(const reading *opened, size_t first, size_t n_columns);

/* Value of a number, boolean or date at a row; NaN = missing. */
double column_number(const sy_column *column, size_t row);

/* Text at a row; NULL = missing. */
const char *column_text(const sy_column *column, size_t row);

void reading_close(reading *opened);

#endif
