#include "dataset.h"

#include <stdlib.h>
#include <string.h>

#include "roles.h"
#include "say.h"

/* What the roles hold, once it is read. */
static int take_roles(const settings *given, const roles *asked, declared_classes declared,
                      dataset *read) {
  const reading *table = &read->table;
  read->label_place = asked->label.place;
  int code = EXIT_DONE;
  if (read->truth.names.n)
    code = label_truth_columns(table, &read->truth);
  else if (asked->label.used && given->label_separator)
    code = label_truth_lists(given, table, asked->label.place, declared.names, declared.n,
                             &read->truth);
  else if (asked->label.used)
    code = label_column_read(given, table, asked->label.place, declared, &read->labels);
  bool positive = false;
  if (code == EXIT_DONE)
    code = roles_row_weights(table, &asked->weight, &read->row_weights, &positive);
  if (code == EXIT_DONE) code = roles_row_weights_end(table, &asked->weight, positive);
  if (code == EXIT_DONE) code = roles_groups(table, asked, &read->groups);
  if (code == EXIT_DONE) code = roles_test_mask(given, table, &asked->after, &read->test_mask);
  return code;
}

/* Marks the columns of a list of options ("--features a,b --features c"). */
static int mark(const sy_table *table, const char *option, const text_list *lists, bool *marked) {
  for (size_t i = 0; i < lists->n; i++) {
    sy_error error;
    if (sy_table_match(table, lists->items[i], marked, &error) != SY_OK)
      return say_error_at(&error, EXIT_USAGE, "%s", option);
  }
  return EXIT_DONE;
}

static bool has_role(const roles *asked, const dataset *read, size_t column) {
  return label_truth_has(&read->truth, column) ||
         (asked->label.used && asked->label.column == column) ||
         (asked->weight.used && asked->weight.column == column) ||
         (asked->group.used && asked->group.column == column) ||
         (asked->sequence.used && asked->sequence.column == column);
}

/* Asks for the features: all columns without a role, or those listed; less those excluded. */
static int ask_features(const settings *given, const roles *asked, dataset *read) {
  sy_table *table = read->table.table;
  size_t n = sy_table_n_columns(table), first = read->table.n_requests;
  bool *listed = grab(n, sizeof *listed), *excluded = grab(n, sizeof *excluded);
  int code = mark(table, "--features", &given->features, listed);
  if (code == EXIT_DONE) code = mark(table, "--exclude", &given->exclude, excluded);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    if (has_role(asked, read, i)) continue;
    read->columns_given++;
    bool wanted = (listed[i] || !given->features.n) && !excluded[i];
    if (wanted) reading_ask(&read->table, i, SY_AS_FOUND);
  }
  free(listed);
  free(excluded);
  if (code != EXIT_DONE) return code;
  read->features.n_columns = read->table.n_requests - first;
  if (read->features.n_columns) return EXIT_DONE;
  return say_usage("%s has no column left to learn from", read->table.source);
}

/* The features are the last columns that were asked for. */
static void take_features(dataset *read) {
  size_t n = read->features.n_columns;
  read->features = reading_frame(&read->table, read->table.n_requests - n, n);
}

int dataset_read_training(const settings *given, const char *source, dataset *read) {
  *read = (dataset){0};
  roles asked = {0};
  int code = reading_open(given, source, &read->table);
  if (code == EXIT_DONE) code = roles_ask(given, &read->table, &asked);
  if (code == EXIT_DONE) code = cost_columns_ask(given, &read->table, &read->costs);
  if (code == EXIT_DONE && given->labels.n)
    code = label_truth_ask(given, &read->table, &asked, NULL, &read->truth);
  if (code == EXIT_DONE) code = ask_features(given, &asked, read);
  if (code == EXIT_DONE) code = reading_run(&read->table);
  if (code == EXIT_DONE) take_features(read);
  if (code == EXIT_DONE) code = take_roles(given, &asked, (declared_classes){0}, read);
  roles_free(&asked);
  return code;
}

static needed_columns needed_make(size_t n, const char *who) {
  needed_columns needed = {.who = who, .n = n};
  needed.names = grab(n, sizeof *needed.names);
  needed.types = grab(n, sizeof *needed.types);
  needed.costs = grab(n, sizeof *needed.costs);
  return needed;
}

needed_columns needed_by_model(const sy_encoder *encoder, const char *who) {
  needed_columns needed = needed_make(sy_encoder_n_inputs(encoder), who);
  for (size_t i = 0; i < needed.n; i++) {
    needed.names[i] = sy_encoder_input_name(encoder, i);
    needed.types[i] = sy_encoder_input_type(encoder, i);
  }
  return needed;
}

needed_columns needed_by_frame(const sy_frame *frame, const char *who) {
  needed_columns needed = needed_make(frame->n_columns, who);
  for (size_t i = 0; i < needed.n; i++) {
    needed.names[i] = frame->columns[i].name;
    needed.types[i] = frame->columns[i].type;
  }
  return needed;
}

size_t needed_count(const sy_model *model) {
  return sy_encoder_n_inputs(sy_model_encoder(model)) + sy_model_cost_rule(model)->n_expressions;
}

static void add_model(needed_columns *all, size_t first, const sy_model *model) {
  const sy_encoder *encoder = sy_model_encoder(model);
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  size_t n = sy_encoder_n_inputs(encoder);
  for (size_t i = 0; i < n; i++) {
    all->names[first + i] = sy_encoder_input_name(encoder, i);
    all->types[first + i] = sy_encoder_input_type(encoder, i);
  }
  for (size_t i = 0; i < rule->n_expressions; i++) {
    char *name = text_format(SY_COST_COLUMN "%s", rule->expressions[i]);
    text_list_add(&all->own, name);
    free(name);
    all->names[first + n + i] = all->own.items[all->own.n - 1];
    all->types[first + n + i] = SY_COLUMN_NUMBER;
    all->costs[first + n + i] = true;
  }
}

needed_columns needed_by_models(const sy_model *const *models, size_t n, const char *who) {
  size_t total = 0, put = 0;
  for (size_t m = 0; m < n; m++) total += needed_count(models[m]);
  needed_columns all = needed_make(total, who);
  for (size_t m = 0; m < n; m++) {
    add_model(&all, put, models[m]);
    put += needed_count(models[m]);
  }
  return all;
}

void needed_free(needed_columns *needed) {
  free(needed->names);
  free(needed->types);
  free(needed->costs);
  text_list_free(&needed->own);
}

static int lacking(const reading *opened, const needed_columns *needed, size_t i) {
  const char *nearest = reading_nearest(opened, needed->names[i]);
  const char *first = sy_table_column_name(opened->table, 0);
  /* The name of a first column without a name. */
  const char *unnamed =
      strcmp(first, "c1") == 0 ? "; --header yes where its first line holds names" : "";
  return nearest ? say_failed("%s has no column \"%s\", which %s needs; the nearest is \"%s\"",
                              opened->source, needed->names[i], needed->who, nearest)
                 : say_failed("%s has no column \"%s\", which %s needs (its columns begin with "
                              "\"%s\"%s)",
                              opened->source, needed->names[i], needed->who, first, unnamed);
}

/* Dates count in days: taken for numbers, or numbers for days, they would be far off the mark. */
static int check_kind(const reading *opened, const needed_columns *needed, size_t i,
                      size_t column) {
  sy_column_type found = sy_table_column_type(opened->table, column), type = needed->types[i];
  if (type == SY_COLUMN_TEXT || found == SY_COLUMN_TEXT) return EXIT_DONE;
  if ((found == SY_COLUMN_DATE) == (type == SY_COLUMN_DATE)) return EXIT_DONE;
  bool dates = found == SY_COLUMN_DATE;
  return say_failed("%s: column \"%s\" holds %s, where %s has %s", opened->source, needed->names[i],
                    dates ? "dates" : "numbers", needed->who, dates ? "numbers" : "dates");
}

static sy_table_as as_needed(sy_column_type type) {
  return type == SY_COLUMN_TEXT ? SY_AS_TEXT : type == SY_COLUMN_DATE ? SY_AS_DATE : SY_AS_NUMBER;
}

int dataset_ask_needed(reading *opened, const needed_columns *needed) {
  for (size_t i = 0; i < needed->n; i++) {
    size_t column;
    if (needed->costs[i]) {
      reading_ask_double(opened, needed->names[i] + strlen(SY_COST_COLUMN), needed->names[i]);
      continue;
    }
    if (!reading_find_exact(opened, needed->names[i], &column)) return lacking(opened, needed, i);
    int code = check_kind(opened, needed, i, column);
    if (code != EXIT_DONE) return code;
    reading_ask(opened, column, as_needed(needed->types[i]));
  }
  return EXIT_DONE;
}

/* Rows of an opened source. */
static int read_judged(const settings *given, const needed_columns *needed,
                       declared_classes declared, dataset *read) {
  roles asked = {0};
  int code = roles_ask(given, &read->table, &asked);
  if (code == EXIT_DONE) code = cost_columns_ask(given, &read->table, &read->costs);
  if (code == EXIT_DONE) code = dataset_ask_needed(&read->table, needed);
  if (code == EXIT_DONE) code = reading_run(&read->table);
  read->features.n_columns = needed->n;
  if (code == EXIT_DONE) take_features(read);
  if (code == EXIT_DONE) code = take_roles(given, &asked, declared, read);
  roles_free(&asked);
  return code;
}

int dataset_read_judged(const settings *given, const char *source, const needed_columns *needed,
                        declared_classes declared, dataset *read) {
  *read = (dataset){0};
  int code = reading_open(given, source, &read->table);
  return code == EXIT_DONE ? read_judged(given, needed, declared, read) : code;
}

int dataset_read_several(const settings *given, const char *source, const needed_columns *needed,
                         const text_list *labels, dataset *read) {
  roles asked = {0};
  *read = (dataset){0};
  int code = reading_open(given, source, &read->table);
  if (code == EXIT_DONE) code = roles_ask(given, &read->table, &asked);
  if (code == EXIT_DONE && !given->label_separator)
    code = label_truth_ask(given, &read->table, &asked, labels, &read->truth);
  if (code == EXIT_DONE) code = dataset_ask_needed(&read->table, needed);
  if (code == EXIT_DONE) code = reading_run(&read->table);
  read->features.n_columns = needed->n;
  if (code == EXIT_DONE) take_features(read);
  declared_classes declared = {text_list_view(labels), labels->n};
  if (code == EXIT_DONE) code = take_roles(given, &asked, declared, read);
  roles_free(&asked);
  return code;
}

int dataset_read_watched(const settings *given, const char *source, const needed_columns *needed,
                         declared_classes declared, dataset *read) {
  settings found = *given; /* its lists belong to main */
  size_t column;
  *read = (dataset){0};
  int code = reading_open(given, source, &read->table);
  if (code != EXIT_DONE) return code;
  if (found.label && !reading_find_exact(&read->table, found.label, &column)) found.label = NULL;
  return read_judged(&found, needed, declared, read);
}

void dataset_close(dataset *read) {
  sy_labels_free(read->labels);
  label_truth_free(&read->truth);
  free(read->row_weights);
  free(read->groups);
  free(read->test_mask);
  cost_columns_free(&read->costs);
  reading_close(&read->table);
  *read = (dataset){0};
}
