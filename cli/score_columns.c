#include "score_columns.h"

#include <stdlib.h>
#include <string.h>

#include "cost_option.h"
#include "say.h"
#include "score_parts.h"

static int check_options(const settings *given) {
  if (given->labels.n && given->label)
    return say_usage("--label names one column of classes, --labels several of 0 and 1: give one");
  if (!given->labels.n && !given->label)
    return say_usage("--scores needs --label COL, the column of the classes (or --labels A,B,C, "
                     "columns of 0 and 1)");
  if (!given->labels.n) return EXIT_DONE;
  const struct {
    const char *option;
    bool used;
  } of_classes[] = {
      {"--classes", given->classes.n > 0}, {"--group-classes", given->group_classes.n > 0},
      {"--ignore", given->ignore != NULL}, {"--positive", given->positive != NULL},
      {"--cost", given->cost != NULL},     {"--label-kind", given->label_kind != NULL}};
  for (size_t i = 0; i < sizeof of_classes / sizeof of_classes[0]; i++)
    if (of_classes[i].used)
      return say_usage("%s does not go with --labels, whose columns are yes or no each",
                       of_classes[i].option);
  return EXIT_DONE;
}

static bool role_taken(const roles *asked, size_t column) {
  return (asked->label.used && asked->label.column == column) ||
         (asked->weight.used && asked->weight.column == column);
}

/* What the columns have in common: "xgb" of xgb_a, xgb_b; else the text that names them. */
static char *model_name(const reading *table, const score_model *model, const char *text) {
  const char *first = column_list_name(table, &model->columns, 0);
  size_t length = strlen(first);
  if (model->columns.n == 1) return text_copy(first);
  for (size_t i = 1; i < model->columns.n; i++) {
    const char *other = column_list_name(table, &model->columns, i);
    size_t common = 0;
    while (common < length && first[common] == other[common]) common++;
    length = common;
  }
  while (length && first[length] != '_') length--;
  char *name = text_copy(length ? first : text);
  if (length) name[length] = 0;
  return name;
}

static int ask_model(const char *text, const roles *asked, score_rows *rows, score_model *model) {
  reading *table = &rows->table;
  model->text = text;
  int code = column_list_ask(table, "--scores", text, SY_AS_DOUBLE, &model->columns);
  for (size_t i = 0; code == EXIT_DONE && i < model->columns.n; i++)
    if (role_taken(asked, model->columns.columns[i]))
      code = say_usage("--scores: column \"%s\" is the label or the row weight already",
                       column_list_name(table, &model->columns, i));
  if (code == EXIT_DONE) model->name = model_name(table, model, text);
  return code;
}

static int ask_models(const settings *given, const roles *asked, score_rows *rows) {
  rows->models = grab(given->scores.n, sizeof *rows->models);
  int code = EXIT_DONE;
  for (size_t m = 0; m < given->scores.n && code == EXIT_DONE; m++) {
    rows->n_models++;
    code = ask_model(given->scores.items[m], asked, rows, &rows->models[m]);
    for (size_t other = 0; other < m && code == EXIT_DONE; other++)
      if (strcmp(rows->models[m].name, rows->models[other].name) == 0)
        code = say_usage("--scores: \"%s\" is given twice; each --scores names another model",
                         rows->models[m].name);
  }
  return code;
}

static bool is_there(const score_rows *rows, const double *row_weights, size_t i) {
  bool ignored = rows->labels && sy_labels_ids(rows->labels)[i] == SY_IGNORED;
  return !ignored && !(row_weights && row_weights[i] == 0);
}

/* Keeps the rows that are there: nothing is asked of the scores of the others. */
static int keep_rows(const roles *asked, score_rows *rows) {
  double *all = NULL;
  bool positive = false;
  int code = roles_row_weights(&rows->table, &asked->weight, &all, &positive);
  if (code == EXIT_DONE) code = roles_row_weights_end(&rows->table, &asked->weight, positive);
  size_t n = code == EXIT_DONE ? reading_rows(&rows->table) : 0;
  rows->rows = grab(n, sizeof *rows->rows);
  if (all) rows->row_weights = grab(n, sizeof *rows->row_weights);
  if (rows->labels) rows->ids = grab(n, sizeof *rows->ids);
  for (size_t i = 0; i < n; i++) {
    if (!is_there(rows, all, i)) continue;
    rows->rows[rows->n] = i;
    if (all) rows->row_weights[rows->n] = all[i];
    if (rows->labels) rows->ids[rows->n] = sy_labels_ids(rows->labels)[i];
    rows->n++;
  }
  free(all);
  if (code == EXIT_DONE && !rows->n)
    code = say_failed("%s: --ignore and row weights of 0 leave no row", rows->table.source);
  return code;
}

static void tell_absent(score_rows *rows) {
  bool *present = grab(rows->n_classes, sizeof *present);
  for (size_t i = 0; i < rows->n; i++) present[rows->ids[i]] = true;
  for (size_t k = 0; k < rows->n_classes; k++)
    if (!present[k])
      sy_messages_add(rows->messages,
                      "class \"%s\" has no rows here: its recall, F1, AP and AUC are not defined",
                      score_rows_classes(rows)[k]);
  free(present);
}

/* (rows) of the source: 1 where a row is there, else 0, so that nobody looks at its costs. */
static double *presence(const score_rows *rows) {
  double *present = grab(reading_rows(&rows->table), sizeof *present);
  for (size_t i = 0; i < rows->n; i++) present[rows->rows[i]] = 1;
  return present;
}

static int read_costs(const settings *given, const cost_columns *asked, score_rows *rows) {
  const char *const *classes = score_rows_classes(rows);
  double *all = NULL;
  int code = cost_rule_read(given, classes, rows->n_classes, &rows->rule, rows->messages);
  size_t width = rows->rule.n_expressions;
  if (code != EXIT_DONE || !width) return code;
  double *present = presence(rows);
  code = cost_columns_values(asked, &rows->table, &rows->rule, classes, present, &all);
  rows->cost_values = grab(rows->n, width * sizeof *rows->cost_values);
  for (size_t i = 0; i < rows->n && code == EXIT_DONE; i++)
    memcpy(rows->cost_values + i * width, all + rows->rows[i] * width, width * sizeof *all);
  free(present);
  free(all);
  return code;
}

/* One label a row, or several. */
static int take_labels(const settings *given, const roles *asked, const cost_columns *costs,
                       score_rows *rows) {
  if (given->labels.n) {
    int code = keep_rows(asked, rows);
    return code == EXIT_DONE ? score_labels_read(rows) : code;
  }
  int code = score_classes_read(given, asked, rows);
  if (code == EXIT_DONE) code = keep_rows(asked, rows);
  if (code == EXIT_DONE) code = score_positive_find(given, rows);
  if (code == EXIT_DONE) code = read_costs(given, costs, rows);
  if (code == EXIT_DONE) tell_absent(rows);
  return code;
}

int score_rows_read(const settings *given, const char *source, score_rows *rows) {
  *rows = (score_rows){.positive = -1};
  roles asked = {0};
  cost_columns costs = {0};
  int code = check_options(given);
  if (code != EXIT_DONE) return code;
  rows->messages = sy_messages_new();
  if (!rows->messages) return say_failed("out of memory");
  code = reading_open(given, source, &rows->table);
  if (code == EXIT_DONE) code = roles_ask(given, &rows->table, &asked);
  if (code == EXIT_DONE && given->labels.n) code = score_labels_ask(given, rows);
  if (code == EXIT_DONE) code = ask_models(given, &asked, rows);
  if (code == EXIT_DONE) code = cost_columns_ask(given, &rows->table, &costs);
  if (code == EXIT_DONE) code = reading_run(&rows->table);
  if (code == EXIT_DONE) code = take_labels(given, &asked, &costs, rows);
  if (code == EXIT_DONE) code = score_undo_read(given, rows, &rows->undo);
  if (code == EXIT_DONE) code = score_values_read(given, rows, rows->undo);
  cost_columns_free(&costs);
  roles_free(&asked);
  return code;
}

void score_rows_close(score_rows *rows) {
  for (size_t m = 0; m < rows->n_models; m++) {
    free(rows->models[m].name);
    free(rows->models[m].order);
    free(rows->models[m].probabilities);
    free(rows->models[m].log_probabilities);
    column_list_free(&rows->models[m].columns);
  }
  free(rows->models);
  free(rows->rows);
  free(rows->row_weights);
  free(rows->ids);
  free(rows->truth);
  free(rows->undo);
  free(rows->cost_values);
  sy_cost_rule_clear(&rows->rule);
  column_list_free(&rows->label_columns);
  sy_labels_free(rows->labels);
  sy_messages_free(rows->messages);
  reading_close(&rows->table);
  *rows = (score_rows){0};
}

sy_costs score_rows_costs(const score_rows *rows) {
  return sy_cost_rule_view(&rows->rule, rows->cost_values);
}

sy_scores score_rows_scores(const score_rows *rows, const score_model *model, const sy_costs *costs,
                            double threshold) {
  return (sy_scores){.n = rows->n,
                     .n_classes = rows->n_classes,
                     .classes = score_rows_classes(rows),
                     .rows = rows->rows,
                     .ids = rows->ids,
                     .row_weights = rows->row_weights,
                     .probabilities = model->probabilities,
                     .log_probabilities = model->log_probabilities,
                     .costs = costs->n_classes ? costs : NULL,
                     .positive = rows->positive,
                     .threshold = threshold};
}

const char *const *score_rows_classes(const score_rows *rows) {
  return sy_labels_classes(rows->labels);
}

const char **score_rows_label_names(const score_rows *rows) {
  const char **names = grab(rows->n_labels, sizeof *names);
  for (size_t l = 0; l < rows->n_labels; l++)
    names[l] = column_list_name(&rows->table, &rows->label_columns, l);
  return names;
}
