#include "label_truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/weights.h>

#include "say.h"

int label_truth_check(const settings *given) {
  const char *separator = given->label_separator;
  if (given->labels.n && given->label)
    return say_usage("--label names one column of classes, --labels several of 0 and 1: give one");
  if (given->labels.n && separator)
    return say_usage("--label-separator is for lists in one column, --label COL; --labels has a "
                     "column a label");
  if (separator && !given->label)
    return say_usage("--label-separator needs --label COL, the column that holds the lists");
  if (separator && !*separator) return say_usage("--label-separator is empty");
  return EXIT_DONE;
}

static int check_role(const reading *opened, const role *other, const char *option, size_t column) {
  if (!other->used || other->column != column) return EXIT_DONE;
  return say_usage("--labels and %s name the same column, \"%s\"", option,
                   sy_table_column_name(opened->table, column));
}

static int check_roles(const reading *opened, const roles *asked, const label_truth *truth) {
  int code = EXIT_DONE;
  for (size_t i = 0; i < truth->asked.n && code == EXIT_DONE; i++) {
    size_t column = truth->asked.columns[i];
    code = check_role(opened, &asked->weight, "--sample-weight", column);
    if (code == EXIT_DONE) code = check_role(opened, &asked->sequence, "--sequence", column);
    if (code == EXIT_DONE) code = check_role(opened, &asked->group, "--group", column);
  }
  return code;
}

/* Columns that a model calls its labels have exactly these names. */
static int ask_exactly(reading *opened, const text_list *names, column_list *list) {
  *list = (column_list){.columns = grab(names->n, sizeof *list->columns)};
  for (size_t i = 0; i < names->n; i++) {
    size_t column;
    if (!reading_find_exact(opened, names->items[i], &column)) {
      const char *nearest = reading_nearest(opened, names->items[i]);
      return say_failed("%s has no column \"%s\", which holds a label of the training%s%s%s",
                        opened->source, names->items[i], nearest ? "; the nearest is \"" : "",
                        nearest ? nearest : "", nearest ? "\"" : "");
    }
    size_t place = reading_ask(opened, column, SY_AS_DOUBLE);
    if (!list->n) list->first = place;
    list->columns[list->n++] = column;
  }
  return EXIT_DONE;
}

int label_truth_ask(const settings *given, reading *opened, const roles *asked,
                    const text_list *names, label_truth *truth) {
  int code;
  if (names) {
    code = ask_exactly(opened, names, &truth->asked);
  } else {
    char *all = text_list_join(&given->labels, ",");
    code = column_list_ask(opened, "--labels", all, SY_AS_DOUBLE, &truth->asked);
    free(all);
  }
  if (code == EXIT_DONE) code = check_roles(opened, asked, truth);
  for (size_t i = 0; i < truth->asked.n && code == EXIT_DONE; i++)
    text_list_add(&truth->names, column_list_name(opened, &truth->asked, i));
  if (code == EXIT_DONE && truth->names.n < 2)
    code = say_usage("--labels names one column, \"%s\": several labels a row are two or more; one "
                     "alone is --label \"%s\"",
                     truth->names.items[0], truth->names.items[0]);
  return code;
}

bool label_truth_has(const label_truth *truth, size_t column) {
  for (size_t i = 0; i < truth->asked.n; i++)
    if (truth->asked.columns[i] == column) return true;
  return false;
}

static int say_bad(const reading *opened, const char *name, size_t row, double value) {
  char number[SY_NUMBER_SIZE];
  if (isnan(value))
    return say_failed("%s row %zu: column \"%s\" is missing, where a label is 0 or 1",
                      opened->source, row + 1, name);
  return say_failed("%s row %zu: column \"%s\": %s is neither 0 nor 1; a column of class names or "
                    "ids is read with --label",
                    opened->source, row + 1, name, sy_number_format(value, number));
}

int label_truth_columns(const reading *opened, label_truth *truth) {
  size_t n = reading_rows(opened), width = truth->asked.n;
  truth->there = grab(n * width, 1);
  for (size_t i = 0; i < n; i++)
    for (size_t l = 0; l < width; l++) {
      const sy_column *column = column_list_get(opened, &truth->asked, l);
      double value = column_number(column, i);
      if (value != 0 && value != 1) return say_bad(opened, truth->names.items[l], i, value);
      truth->there[i * width + l] = value == 1;
    }
  return EXIT_DONE;
}

/* An empty cell, and one that is missing, is a list of no labels. */
static void take_lists(const sy_column *column, size_t n, const char **names, size_t *n_names,
                       uint32_t *codes) {
  size_t empty = 0;
  while (empty < column->n_values && *column->values[empty]) empty++;
  for (size_t v = 0; v < column->n_values; v++) names[v] = column->values[v];
  if (empty == column->n_values) names[empty] = "";
  *n_names = column->n_values + (empty == column->n_values);
  for (size_t i = 0; i < n; i++)
    codes[i] = column->codes[i] == SY_MISSING ? (uint32_t)empty : column->codes[i];
}

/* Presence weighing 1 and absence 0, the weight of a cell is the truth about it. */
static sy_status mark(const sy_counter *counter, const sy_label_array *lists, size_t n,
                      label_truth *truth, sy_error *error) {
  size_t width = truth->names.n;
  double *pairs = grab(2 * width, sizeof *pairs), *marks = grab(n * width, sizeof *marks);
  for (size_t l = 0; l < width; l++) pairs[2 * l + 1] = 1;
  sy_status status = sy_label_weights(counter, pairs, lists, marks, SY_F64, error);
  truth->there = grab(n * width, 1);
  for (size_t i = 0; i < n * width; i++) truth->there[i] = marks[i] > 0;
  free(pairs);
  free(marks);
  return status;
}

static sy_status count_lists(const sy_label_array *lists, const sy_labels_options *options,
                             size_t n, label_truth *truth, sy_error *error) {
  sy_counter *counter = NULL;
  sy_counts *counts = NULL;
  sy_status status = sy_counter_new(SY_LABEL_NAME_LIST, options, &counter, error);
  if (status == SY_OK) status = sy_counter_add(counter, lists, error);
  if (status == SY_OK) status = sy_counter_counts(counter, &counts, error);
  for (size_t l = 0; status == SY_OK && l < sy_counts_n_labels(counts); l++)
    text_list_add(&truth->names, sy_counts_labels(counts)[l]);
  if (status == SY_OK) status = mark(counter, lists, n, truth, error);
  sy_counts_free(counts);
  sy_counter_free(counter);
  return status;
}

int label_truth_lists(const settings *given, const reading *opened, size_t place,
                      const char *const *names, size_t n_names, label_truth *truth) {
  const sy_column *column = reading_column(opened, place);
  size_t n = reading_rows(opened);
  const char **texts = grab(column->n_values + 1, sizeof *texts);
  uint32_t *codes = grab(n, sizeof *codes);
  sy_label_array lists = {.kind = SY_LABEL_NAME_LIST};
  take_lists(column, n, texts, &lists.n_names, codes);
  lists.names = texts;
  lists.values = sy_array_of(codes, SY_U32, 1, &n);
  sy_labels_options options = sy_labels_options_default();
  options.separator = given->label_separator;
  options.ignore = given->ignore;
  options.classes = n_names ? names : NULL;
  options.n_classes = n_names;
  sy_error error;
  sy_status status = count_lists(&lists, &options, n, truth, &error);
  free(codes);
  free(texts);
  if (status != SY_OK)
    return say_error_at(&error, EXIT_DATA, "%s: column \"%s\"", opened->source, column->name);
  if (truth->names.n > 1) return EXIT_DONE;
  return say_failed("%s: the lists of column \"%s\" name one label: several labels a row are two "
                    "or more; is \"%s\" what stands between them?",
                    opened->source, column->name, given->label_separator);
}

int label_truth_counts(const label_truth *truth, size_t rows, const double *row_weights,
                       sy_counts **counts) {
  size_t shape[] = {rows, truth->names.n};
  sy_array weights = sy_array_of(row_weights, SY_F64, 1, shape);
  sy_label_array array = {.kind = SY_LABEL_MULTI_HOT,
                          .values = sy_array_of(truth->there, SY_U8, 2, shape),
                          .row_weights = row_weights ? &weights : NULL};
  sy_labels_options options = sy_labels_options_default();
  options.classes = text_list_view(&truth->names);
  options.n_classes = truth->names.n;
  sy_counter *counter = NULL;
  sy_error error;
  sy_status status = sy_counter_new(SY_LABEL_MULTI_HOT, &options, &counter, &error);
  if (status == SY_OK) status = sy_counter_add(counter, &array, &error);
  if (status == SY_OK) status = sy_counter_counts(counter, counts, &error);
  sy_counter_free(counter);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

void label_truth_free(label_truth *truth) {
  text_list_free(&truth->names);
  column_list_free(&truth->asked);
  free(truth->there);
  *truth = (label_truth){0};
}
