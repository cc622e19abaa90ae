#include "count_table.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

/* Names the columns there are, unless looking would take what stdin gives once. */
static int say_no_label(const settings *given, const char *source) {
  enum { SHOWN = 8 };
  reading opened = {0};
  text_list names = {NULL, 0};
  int code = strcmp(source, "-") == 0 ? EXIT_DONE : reading_open(given, source, &opened);
  size_t n = opened.table ? sy_table_n_columns(opened.table) : 0;
  for (size_t i = 0; i < n && i < SHOWN; i++)
    text_list_add(&names, sy_table_column_name(opened.table, i));
  if (n > SHOWN) text_list_add(&names, "...");
  char *columns = text_list_join(&names, ", ");
  if (code == EXIT_DONE)
    code = say_usage("weights needs --label COL, the column of the classes (or --labels A,B,C, "
                     "columns of 0 and 1)%s%s",
                     n ? "; there are " : "", columns);
  free(columns);
  text_list_free(&names);
  reading_close(&opened);
  return code;
}

/* What options on labels say together: which kind the columns are of. */
static int find_kind(const settings *given, const char *source, sy_label_kind *kind) {
  bool several = given->labels.n > 0, list = given->label_separator != NULL;
  if (several && given->label)
    return say_usage("--label names one column of classes, --labels several of 0 and 1: give one");
  if (several && list)
    return say_usage("--label-separator is for lists in one column, --label COL; --labels has a "
                     "column a label");
  if (list && !given->label)
    return say_usage("--label-separator needs --label COL, the column that holds the lists");
  if (!several && !given->label) return say_no_label(given, source);
  if (list && !*given->label_separator) return say_usage("--label-separator is empty");
  int code = label_kind_read(given, several ? SY_LABEL_MULTI_HOT : SY_LABEL_NAME, kind);
  if (code != EXIT_DONE) return code;
  bool hot = *kind == SY_LABEL_ONE_HOT || *kind == SY_LABEL_MULTI_HOT;
  if (several && !hot)
    return say_usage("--labels takes --label-kind one-hot or multi-hot; for %s, name the one "
                     "column with --label",
                     given->label_kind);
  if (several && (given->classes.n || given->group_classes.n))
    return say_usage("%s does not go with --labels, whose columns are the classes, in the order "
                     "given",
                     given->classes.n ? "--classes" : "--group-classes");
  if (list && *kind != SY_LABEL_INDEX && *kind != SY_LABEL_ONE_HOT) {
    *kind = SY_LABEL_NAME_LIST;
    return EXIT_DONE;
  }
  if (list)
    return say_usage("--label-separator makes lists of names, several labels a row: it does not "
                     "go with --label-kind %s",
                     given->label_kind);
  if (hot && !several)
    return say_usage("--label-kind %s is for several columns: --labels A,B,C in the place of "
                     "--label",
                     given->label_kind);
  if (*kind == SY_LABEL_INDEX && given->group_classes.n)
    return say_usage("--group-classes takes names of labels: it does not go with --label-kind "
                     "index");
  return EXIT_DONE;
}

static sy_labels_options options_of(table_counting *counts) {
  sy_labels_options options = label_options_view(counts->work->given, &counts->work->options);
  if (counts->hot.n) options.classes = text_list_view(&counts->hot);
  if (counts->hot.n) options.n_classes = counts->hot.n;
  return options;
}

static int begin(table_counting *counts) {
  counting *work = counts->work;
  sy_error error;
  int code = reading_open_pieces(work->given, work->source, &counts->table);
  if (code != EXIT_DONE) return code;
  work->source = counts->table.source;
  code = roles_ask(work->given, &counts->table, &counts->asked);
  if (code == EXIT_DONE) code = count_hot_ask(counts);
  if (code != EXIT_DONE) return code;
  sy_labels_options options = options_of(counts);
  code = counting_begin(work, counts->kind, &options);
  if (code == EXIT_DONE && counts->asked.sequence.used &&
      sy_counter_new(SY_LABEL_NAME, NULL, &counts->sequences, &error) != SY_OK)
    code = say_error(&error);
  return code;
}

/* A cell of delimited text that is empty is a list of no labels; so NULL becomes "". */
static int add_lists(table_counting *counts, sy_label_array *labels, const sy_column *column) {
  size_t n = reading_rows(&counts->table), empty = 0;
  while (empty < column->n_values && *column->values[empty]) empty++;
  const char **names = grab(column->n_values + 1, sizeof *names);
  uint32_t *codes = grab(n, sizeof *codes);
  for (size_t v = 0; v < column->n_values; v++) names[v] = column->values[v];
  if (empty == column->n_values) names[empty] = "";
  for (size_t i = 0; i < n; i++)
    codes[i] = column->codes[i] == SY_MISSING ? (uint32_t)empty : column->codes[i];
  labels->names = names;
  labels->n_names = column->n_values + (empty == column->n_values);
  labels->values = sy_array_of(codes, SY_U32, 1, &n);
  int code =
      counting_add(counts->work, labels, "%s: column \"%s\"", counts->table.source, column->name);
  free(codes);
  free(names);
  return code;
}

static bool any_separated(const sy_column *column, const char *separator) {
  for (size_t v = 0; v < column->n_values; v++)
    if (strstr(column->values[v], separator)) return true;
  return false;
}

static int add_names(table_counting *counts, sy_label_array *labels) {
  reading *table = &counts->table;
  size_t n = reading_rows(table), place = counts->asked.label.place;
  const sy_column *column = reading_column(table, place);
  if (counts->kind == SY_LABEL_NAME_LIST && !counts->separated)
    counts->separated = any_separated(column, counts->work->given->label_separator);
  if (counts->kind == SY_LABEL_NAME_LIST && sy_table_is_delimited(table->table))
    return add_lists(counts, labels, column);
  int code = counts->kind == SY_LABEL_NAME ? missing_labels_check(table, place, &counts->missing)
                                           : EXIT_DONE;
  if (code != EXIT_DONE) return code;
  labels->values = sy_array_of(column->codes, SY_U32, 1, &n);
  labels->names = column->values;
  labels->n_names = column->n_values;
  return counting_add(counts->work, labels, "%s: column \"%s\"", table->source, column->name);
}

static int add_ids(table_counting *counts, sy_label_array *labels) {
  reading *table = &counts->table;
  size_t n = reading_rows(table), place = counts->asked.label.place;
  int64_t *ids = NULL;
  int code = missing_labels_check(table, place, &counts->missing);
  if (code == EXIT_DONE) code = label_ids_read(table, place, &ids);
  labels->values = sy_array_of(ids, SY_I64, 1, &n);
  if (code == EXIT_DONE)
    code = counting_add(counts->work, labels, "%s: column \"%s\"", table->source,
                        reading_column(table, place)->name);
  free(ids);
  return code;
}

static int add_piece(table_counting *counts) {
  double *row_weights = NULL;
  size_t n = reading_rows(&counts->table);
  int code =
      roles_row_weights(&counts->table, &counts->asked.weight, &row_weights, &counts->weighed);
  sy_array weights = sy_array_of(row_weights, SY_F64, 1, &n);
  sy_label_array labels = {.kind = counts->kind, .row_weights = row_weights ? &weights : NULL};
  if (code == EXIT_DONE && counts->sequences) code = count_sequences_add(counts);
  if (code == EXIT_DONE)
    code = counts->hot.n                    ? count_hot_add(counts, row_weights)
           : counts->kind == SY_LABEL_INDEX ? add_ids(counts, &labels)
                                            : add_names(counts, &labels);
  free(row_weights);
  return code;
}

static int add_all(table_counting *counts) {
  bool more = true;
  int code = reading_run(&counts->table);
  while (code == EXIT_DONE && more) {
    code = add_piece(counts);
    if (code == EXIT_DONE) code = reading_next(&counts->table, &more);
  }
  return code;
}

/* What only all pieces together can tell. */
static int end(table_counting *counts) {
  const reading *table = &counts->table;
  const role *label = &counts->asked.label;
  int code = roles_row_weights_end(table, &counts->asked.weight, counts->weighed);
  if (code == EXIT_DONE && label->used)
    code = missing_labels_end(table, sy_table_column_name(table->table, label->column),
                              &counts->missing);
  if (code == EXIT_DONE && counts->sequences) code = count_sequences_end(counts);
  if (code == EXIT_DONE && counts->kind == SY_LABEL_NAME_LIST && !counts->separated)
    sy_messages_add(counts->work->notes,
                    "no cell of column \"%s\" holds the separator \"%s\": every row has one label "
                    "at most",
                    sy_table_column_name(table->table, label->column),
                    counts->work->given->label_separator);
  uint64_t blank = code == EXIT_DONE ? sy_table_sequences(table->table) : 0;
  char number[SY_NUMBER_SIZE];
  if (blank)
    sy_messages_add(counts->work->notes, SEQUENCES_OF_BLANK_LINES, text_count(blank, number));
  return code;
}

int count_table(counting *work) {
  table_counting counts = {.work = work};
  int code = find_kind(work->given, work->source, &counts.kind);
  if (code == EXIT_DONE) code = begin(&counts);
  if (code == EXIT_DONE) code = add_all(&counts);
  if (code == EXIT_DONE) code = end(&counts);
  sy_counter_free(counts.sequences);
  text_list_free(&counts.hot);
  roles_free(&counts.asked);
  /* The name of the source is told after it is closed. */
  work->called = text_copy(work->source);
  work->source = work->called;
  reading_close(&counts.table);
  return code;
}
