/* count_hot.c: labels in several columns of a table: of 0 and 1, or of shares of one label. */
#include <math.h>
#include <stdlib.h>

#include "column_list.h"
#include "count_table.h"
#include "say.h"

/* Rows counted at once: what a block takes depends on the columns alone, not on the table. */
#define BLOCK 8192

static int check_role(const table_counting *counts, const role *other, const char *option,
                      size_t column) {
  if (!other->used || other->column != column) return EXIT_DONE;
  return say_usage("--labels and %s name the same column, \"%s\"", option,
                   sy_table_column_name(counts->table.table, column));
}

static int take(table_counting *counts, size_t column) {
  const roles *asked = &counts->asked;
  int code = check_role(counts, &asked->weight, "--sample-weight", column);
  if (code == EXIT_DONE) code = check_role(counts, &asked->sequence, "--sequence", column);
  text_list_add(&counts->hot, sy_table_column_name(counts->table.table, column));
  return code;
}

int count_hot_ask(table_counting *counts) {
  if (!counts->work->given->labels.n) return EXIT_DONE;
  char *all = text_list_join(&counts->work->given->labels, ",");
  column_list list;
  /* Digits of shares count, so that a table gives what an array of float64 gives. */
  int code = column_list_ask(&counts->table, "--labels", all, SY_AS_DOUBLE, &list);
  if (list.n) counts->first_hot = list.first;
  for (size_t i = 0; i < list.n && code == EXIT_DONE; i++) code = take(counts, list.columns[i]);
  column_list_free(&list);
  free(all);
  return code;
}

static int say_missing(const table_counting *counts, size_t row, size_t column) {
  const reading *table = &counts->table;
  return say_failed("%s row %zu: column \"%s\" is missing, where a label is 0 or 1%s",
                    table->source, table->rows_before + row + 1, counts->hot.items[column],
                    counts->kind == SY_LABEL_ONE_HOT ? ", or a share between" : "");
}

/* What a cell may hold; sums of rows are looked at by the counter. */
static bool is_good(const table_counting *counts, double value) {
  const char *ignore = counts->work->given->ignore;
  double ignored;
  if (counts->kind == SY_LABEL_ONE_HOT) return value >= 0 && value <= 1 + 1e-4;
  if (value == 0 || value == 1) return true;
  return ignore && sy_number_parse(ignore, &ignored) && value == ignored;
}

static int say_bad(const table_counting *counts, size_t row, size_t column, double value) {
  const reading *table = &counts->table;
  char number[SY_NUMBER_SIZE];
  return say_failed("%s row %zu: column \"%s\": %s is %s; a column of class names or ids is read "
                    "with --label",
                    table->source, table->rows_before + row + 1, counts->hot.items[column],
                    sy_number_format(value, number),
                    counts->kind == SY_LABEL_ONE_HOT ? "no share of a label, which is 0 to 1"
                                                     : "neither 0 nor 1");
}

/* Rows of the columns, side by side; true in *whole where all of them are integers. */
static int gather(const table_counting *counts, size_t first, size_t n, double *values,
                  bool *whole) {
  size_t width = counts->hot.n;
  *whole = true;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < width; j++) {
      const sy_column *column = reading_column(&counts->table, counts->first_hot + j);
      double value = column_number(column, first + i);
      if (isnan(value)) return say_missing(counts, first + i, j);
      if (!is_good(counts, value)) return say_bad(counts, first + i, j, value);
      values[i * width + j] = value;
      *whole = *whole && value == floor(value) && fabs(value) < 0x1p31;
    }
  return EXIT_DONE;
}

static int add_block(table_counting *counts, size_t first, size_t n, const double *row_weights,
                     double *values, int32_t *integers) {
  size_t shape[] = {n, counts->hot.n};
  sy_array weights = sy_array_of(row_weights ? row_weights + first : NULL, SY_F64, 1, &n);
  sy_label_array labels = {.kind = counts->kind, .row_weights = row_weights ? &weights : NULL};
  bool whole;
  int code = gather(counts, first, n, values, &whole);
  if (code != EXIT_DONE) return code;
  /* Integers have a value that may be ignored, such as -1. */
  for (size_t i = 0; i < n * counts->hot.n && whole; i++) integers[i] = (int32_t)values[i];
  labels.values =
      whole ? sy_array_of(integers, SY_I32, 2, shape) : sy_array_of(values, SY_F64, 2, shape);
  return counting_add(counts->work, &labels, "%s", counts->table.source);
}

int count_hot_add(table_counting *counts, const double *row_weights) {
  size_t rows = reading_rows(&counts->table), cells = BLOCK * counts->hot.n;
  double *values = grab(cells, sizeof *values);
  int32_t *integers = grab(cells, sizeof *integers);
  int code = EXIT_DONE;
  for (size_t first = 0; first < rows && code == EXIT_DONE; first += BLOCK) {
    size_t n = rows - first < BLOCK ? rows - first : BLOCK;
    code = add_block(counts, first, n, row_weights, values, integers);
  }
  free(integers);
  free(values);
  return code;
}
