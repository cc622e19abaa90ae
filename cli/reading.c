#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "progress.h"
#include "say.h"
#include "source_kind.h"

/* Which of three words an option is given. */
static int word_read(const char *option, const char *text, const char *const words[3],
                     size_t *index) {
  for (*index = 0; *index < 3; ++*index)
    if (strcmp(text, words[*index]) == 0) return EXIT_DONE;
  return say_usage("%s is %s, %s or %s, not '%s'", option, words[0], words[1], words[2], text);
}

static int header_read(const char *text, sy_table_header *header) {
  static const char *const words[] = {"auto", "yes", "no"};
  static const sy_table_header values[] = {SY_HEADER_AUTO, SY_HEADER_YES, SY_HEADER_NO};
  size_t i;
  int code = word_read("--header", text, words, &i);
  if (code == EXIT_DONE) *header = values[i];
  return code;
}

static int blank_lines_read(const char *text, sy_table_blank_lines *blank_lines) {
  static const char *const words[] = {"auto", "end", "rows"};
  static const sy_table_blank_lines values[] = {SY_BLANK_LINES_AUTO, SY_BLANK_LINES_END,
                                                SY_BLANK_LINES_ROWS};
  size_t i;
  int code = word_read("--blank-lines", text, words, &i);
  if (code == EXIT_DONE) *blank_lines = values[i];
  return code;
}

/* How a source is written. */
static int options_of(const settings *given, const char *source, sy_table_options *options) {
  *options = sy_table_options_default(source);
  options->skip = given->skip;
  options->delimiter = given->delimiter;
  options->null_text = given->null_text;
  int code = header_read(given->header, &options->header);
  return code == EXIT_DONE ? blank_lines_read(given->blank_lines, &options->blank_lines) : code;
}

/* What labels may come from has no columns. */
static int check_table(const char *source) {
  const char *slash = source[strlen(source) - 1] == '/' ? "" : "/";
  switch (source_kind_of(source)) {
  case SOURCE_ARRAY:
    return say_failed("%s: an array has no columns; steelyard weights counts its labels, all else "
                      "needs a table: save it as CSV or Parquet",
                      source);
  case SOURCE_FOLDERS:
    return say_failed("%s: is a folder; steelyard weights counts class folders, all else needs a "
                      "table: give a file in it, or several as '%s%s*.csv'",
                      source, source, slash);
  default:
    return EXIT_DONE;
  }
}

static void remark_options(const settings *given, const sy_table_options *options,
                           const reading *opened) {
  bool of_text = given->skip || given->delimiter || given->null_text ||
                 options->header != SY_HEADER_AUTO || options->blank_lines != SY_BLANK_LINES_AUTO;
  if (of_text && !sy_table_is_delimited(opened->table))
    say_remark("note: --header, --skip, --delimiter, --null and --blank-lines are for delimited "
               "text; %s is read without them",
               opened->source);
}

static int open_source(const settings *given, const char *source, bool in_pieces, reading *opened) {
  *opened = (reading){.in_pieces = in_pieces};
  sy_table_options options;
  int code = options_of(given, source, &options);
  if (code == EXIT_DONE && *source) code = check_table(source);
  if (code != EXIT_DONE) return code;
  options.in_pieces = in_pieces;
  double begun = clock_seconds();
  sy_error error;
  if (sy_table_open(&options, &opened->table, &error) != SY_OK) return say_error(&error);
  opened->source = sy_table_source_name(opened->table);
  if (given->output && sy_table_reads(opened->table, given->output))
    return say_usage("-o %s would overwrite what is read from it; give another name",
                     given->output);
  opened->seconds = clock_seconds() - begun;
  remark_options(given, &options, opened);
  return EXIT_DONE;
}

int reading_open(const settings *given, const char *source, reading *opened) {
  return open_source(given, source, false, opened);
}

int reading_open_pieces(const settings *given, const char *source, reading *opened) {
  return open_source(given, source, true, opened);
}

int reading_find(const reading *opened, const char *option, const char *column, size_t *index) {
  sy_error error;
  if (sy_table_find(opened->table, column, index, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_USAGE, "%s", option);
}

bool reading_find_exact(const reading *opened, const char *name, size_t *index) {
  size_t n = sy_table_n_columns(opened->table);
  for (size_t i = 0; i < n; i++) {
    if (strcmp(sy_table_column_name(opened->table, i), name) != 0) continue;
    *index = i;
    return true;
  }
  return false;
}

const char *reading_nearest(const reading *opened, const char *name) {
  size_t n = sy_table_n_columns(opened->table);
  const char **names = grab(n, sizeof *names);
  for (size_t i = 0; i < n; i++) names[i] = sy_table_column_name(opened->table, i);
  const char *nearest = sy_nearest_name(name, names, n);
  free(names);
  return nearest;
}

static size_t ask(reading *opened, sy_table_request request) {
  size_t n = opened->n_requests;
  sy_table_request *requests = grab(n + 1, sizeof *requests);
  if (n) memcpy(requests, opened->requests, n * sizeof *requests);
  free(opened->requests);
  requests[n] = request;
  opened->requests = requests;
  opened->n_requests = n + 1;
  return n;
}

size_t reading_ask(reading *opened, size_t column, sy_table_as as) {
  return ask(opened, (sy_table_request){.column = column, .as = as});
}

size_t reading_ask_expression(reading *opened, const char *expression, const char *name) {
  return ask(opened,
             (sy_table_request){.expression = expression, .name = name, .as = SY_AS_NUMBER});
}

size_t reading_ask_double(reading *opened, const char *expression, const char *name) {
  return ask(opened,
             (sy_table_request){.expression = expression, .name = name, .as = SY_AS_DOUBLE});
}

int reading_run(reading *opened) {
  double begun = clock_seconds();
  sy_error error;
  sy_status status = sy_table_read(opened->table, opened->requests, opened->n_requests,
                                   progress_callback(), &opened->data, &error);
  if (status != SY_OK) return say_error(&error);
  if (!opened->in_pieces) sy_table_release(opened->table);
  opened->seconds += clock_seconds() - begun;
  if (!opened->in_pieces && sy_table_sequences(opened->table)) {
    char number[SY_NUMBER_SIZE];
    say_remark("note: " SEQUENCES_OF_BLANK_LINES,
               text_count(sy_table_sequences(opened->table), number));
  }
  return EXIT_DONE;
}

int reading_next(reading *opened, bool *more) {
  sy_error error;
  *more = false;
  opened->rows_before += reading_rows(opened);
  sy_table_data_free(opened->data);
  opened->data = NULL;
  if (sy_table_next(opened->table, more, &error) != SY_OK) return say_error(&error);
  return *more ? reading_run(opened) : EXIT_DONE;
}

size_t reading_rows(const reading *opened) {
  return sy_table_frame(opened->data)->rows;
}

const sy_column *reading_column(const reading *opened, size_t place) {
  return &sy_table_frame(opened->data)->columns[place];
}

sy_frame reading_frame(const reading *opened, size_t first, size_t n_columns) {
  const sy_frame *all = sy_table_frame(opened->data);
  return (sy_frame){.columns = all->columns + first, .n_columns = n_columns, .rows = all->rows};
}

double column_number(const sy_column *column, size_t row) {
  return column->f64 ? column->f64[row] : (double)column->f32[row];
}

const char *column_text(const sy_column *column, size_t row) {
  uint32_t code = column->codes[row];
  return code == SY_MISSING ? NULL : column->values[code];
}

void reading_close(reading *opened) {
  sy_table_data_free(opened->data);
  sy_table_close(opened->table);
  free(opened->requests);
  *opened = (reading){0};
}
