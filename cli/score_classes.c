/* score_classes.c: which class each column of scores is of. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "label_column.h"
#include "say.h"
#include "score_parts.h"

char *score_names_shown(const char *const *names, size_t n) {
  enum { SHOWN = 8 };
  text_list shown = {NULL, 0};
  for (size_t i = 0; i < n && i < SHOWN; i++) text_list_add(&shown, names[i]);
  if (n > SHOWN) text_list_add(&shown, "...");
  char *joined = text_list_join(&shown, ", ");
  text_list_free(&shown);
  return joined;
}

static bool names_class(const char *column, const char *class_name) {
  size_t length = strlen(column), tail = strlen(class_name);
  return length > tail && column[length - tail - 1] == '_' &&
         strcmp(column + length - tail, class_name) == 0;
}

/* The longest class where several fit: "p_not_yes" is of "not_yes", not of "yes". */
int score_named_class(const char *column, const char *const *classes, size_t n_classes) {
  int found = -1;
  for (size_t k = 0; k < n_classes; k++) {
    bool longer = found < 0 || strlen(classes[k]) > strlen(classes[found]);
    if (longer && names_class(column, classes[k])) found = (int)k;
  }
  return found;
}

/* A model called "tree_1" need not speak of class 1, but p_1, as predict writes it, does. */
static int class_of_one_column(const char *column, const char *const *classes, size_t n_classes) {
  int k = score_named_class(column, classes, n_classes);
  double number;
  if (k < 0 || !sy_number_parse(classes[k], &number)) return k;
  return strncmp(column, "p_", 2) == 0 && strcmp(column + 2, classes[k]) == 0 ? k : -1;
}

static int say_columns(const score_rows *rows, const score_model *model) {
  size_t n_classes = rows->n_classes;
  char *classes = score_names_shown(score_rows_classes(rows), n_classes);
  int code = say_usage(
      "--scores %s: %zu column%s for %zu classes (%s): give %sone for each class, in this order "
      "or called NAME_<class>, as in --scores 'NAME_*'",
      model->text, model->columns.n, model->columns.n == 1 ? "" : "s", n_classes, classes,
      n_classes == 2 ? "one of the positive class, or " : "");
  free(classes);
  return code;
}

static int say_unlike(const score_rows *rows, size_t first, size_t other,
                      const score_model *model) {
  return say_usage(
      "--scores %s: column \"%s\" is called by a class and column \"%s\" by none: rename it in a "
      "query, or name the columns in the order of the classes without such endings",
      model->text, column_list_name(&rows->table, &model->columns, first),
      column_list_name(&rows->table, &model->columns, other));
}

static int say_again(const score_rows *rows, const score_model *model, size_t i, int k) {
  return say_usage("--scores %s: column \"%s\" is another one of class \"%s\"", model->text,
                   column_list_name(&rows->table, &model->columns, i), score_rows_classes(rows)[k]);
}

static void tell_order(const score_rows *rows, const score_model *model) {
  text_list names = {NULL, 0};
  for (size_t i = 0; i < model->columns.n; i++)
    text_list_add(&names, column_list_name(&rows->table, &model->columns, i));
  char *columns = score_names_shown(text_list_view(&names), names.n);
  char *classes = score_names_shown(score_rows_classes(rows), rows->n_classes);
  sy_messages_add(rows->messages, "columns %s are taken for the classes in this order: %s", columns,
                  classes);
  free(classes);
  free(columns);
  text_list_free(&names);
}

/* All columns by their names, or none. */
static int match_by_name(const score_rows *rows, const score_model *model, size_t *order,
                         bool *named) {
  size_t n = model->columns.n, with = n, without = n;
  bool *seen = grab(rows->n_classes, sizeof *seen);
  int code = EXIT_DONE;
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    const char *column = column_list_name(&rows->table, &model->columns, i);
    int k = score_named_class(column, score_rows_classes(rows), rows->n_classes);
    if (k < 0)
      without = i;
    else if (seen[k])
      code = say_again(rows, model, i, k);
    else
      with = i, seen[k] = true, order[i] = (size_t)k;
  }
  free(seen);
  *named = without == n;
  if (code == EXIT_DONE && with < n && without < n) code = say_unlike(rows, with, without, model);
  return code;
}

int score_classes_match(const score_rows *rows, const score_model *model, size_t *order) {
  size_t n = model->columns.n;
  const char *const *classes = score_rows_classes(rows);
  if (n == 1 && rows->n_classes == 2) {
    int own = class_of_one_column(column_list_name(&rows->table, &model->columns, 0), classes, 2);
    order[0] = (size_t)(own < 0 ? rows->positive : own);
    return EXIT_DONE;
  }
  if (n != rows->n_classes) return say_columns(rows, model);
  bool named;
  int code = match_by_name(rows, model, order, &named);
  if (code != EXIT_DONE || named) return code;
  for (size_t i = 0; i < n; i++) order[i] = i;
  tell_order(rows, model);
  return EXIT_DONE;
}

/* What the columns of a model are called behind its name and '_': the classes it knows. */
static text_list classes_of_columns(const score_rows *rows, const score_model *model) {
  text_list classes = {NULL, 0};
  size_t begin = strlen(model->name);
  for (size_t i = 0; i < model->columns.n; i++) {
    const char *column = column_list_name(&rows->table, &model->columns, i);
    bool begins = strncmp(column, model->name, begin) == 0 && column[begin] == '_';
    if (begins && column[begin + 1]) text_list_add(&classes, column + begin + 1);
  }
  return classes;
}

static bool all_among(const sy_labels *labels, const text_list *classes) {
  for (size_t k = 0; k < sy_labels_n_classes(labels); k++) {
    bool found = false;
    for (size_t i = 0; i < classes->n && !found; i++)
      found = strcmp(classes->items[i], sy_labels_classes(labels)[k]) == 0;
    if (!found) return false;
  }
  return true;
}

/* A class may have no rows here and a column all the same. */
static int read_again(const settings *given, const roles *asked, const text_list *classes,
                      score_rows *rows) {
  declared_classes declared = {text_list_view(classes), classes->n};
  sy_labels_free(rows->labels);
  rows->labels = NULL;
  return label_column_read(given, &rows->table, asked->label.place, declared, &rows->labels);
}

int score_classes_read(const settings *given, const roles *asked, score_rows *rows) {
  int code = label_column_read(given, &rows->table, asked->label.place, (declared_classes){0},
                               &rows->labels);
  if (code != EXIT_DONE) return code;
  const score_model *model = &rows->models[0];
  text_list classes = classes_of_columns(rows, model);
  bool more = model->columns.n > 1 && classes.n == model->columns.n &&
              classes.n > sy_labels_n_classes(rows->labels) && all_among(rows->labels, &classes);
  if (more) code = read_again(given, asked, &classes, rows);
  text_list_free(&classes);
  if (code != EXIT_DONE) return code;
  rows->n_classes = sy_labels_n_classes(rows->labels);
  if (rows->n_classes >= 2) return EXIT_DONE;
  return say_failed("%s: column \"%s\" has one class only, \"%s\"; --classes A,B declares those "
                    "without rows",
                    rows->table.source, reading_column(&rows->table, asked->label.place)->name,
                    score_rows_classes(rows)[0]);
}

static bool same_word(const char *a, const char *b) {
  while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) a++, b++;
  return !*a && !*b;
}

/* Of two classes that mean no and yes, the yes: what every program's scores are of, rarer or not.
 */
static int plain_positive(const char *const *classes) {
  static const char *const pairs[][2] = {
      {"0", "1"},    {"-1", "1"}, {"false", "true"},        {"f", "t"},
      {"no", "yes"}, {"n", "y"},  {"negative", "positive"}, {"neg", "pos"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    for (int k = 0; k < 2; k++)
      if (same_word(classes[1 - k], pairs[i][0]) && same_word(classes[k], pairs[i][1])) return k;
  return -1;
}

/* By the sums of row weights; the later one of two equals, as everywhere. */
static int rarer(const score_rows *rows) {
  double total[2] = {0, 0};
  for (size_t i = 0; i < rows->n; i++)
    total[rows->ids[i]] += rows->row_weights ? rows->row_weights[i] : 1;
  return total[0] < total[1] ? 0 : 1;
}

static int positive_given(const settings *given, score_rows *rows) {
  const char *const *classes = score_rows_classes(rows);
  if (rows->n_classes != 2)
    return say_usage("--positive is for two classes, and there are %zu; --group-classes makes "
                     "fewer of them",
                     rows->n_classes);
  rows->positive = sy_labels_find(rows->labels, given->positive);
  if (rows->positive >= 0) return EXIT_DONE;
  return say_usage("--positive: there is no class '%s'; there are '%s' and '%s'", given->positive,
                   classes[0], classes[1]);
}

/* The class that one column names is the one to catch, where all models speak of the same. */
static int positive_named(const score_rows *rows) {
  int named = -1;
  for (size_t m = 0; m < rows->n_models; m++) {
    const score_model *model = &rows->models[m];
    int k = model->columns.n > 1
                ? -1
                : class_of_one_column(column_list_name(&rows->table, &model->columns, 0),
                                      score_rows_classes(rows), 2);
    if (k < 0 || (m && k != named)) return -1;
    named = k;
  }
  return named;
}

/* What nobody said has to be seen: the wrong class would turn every figure upside down. */
static void tell_rarer(const score_rows *rows) {
  for (size_t m = 0; m < rows->n_models; m++)
    if (rows->models[m].columns.n == 1)
      sy_messages_add(rows->messages,
                      "column \"%s\" is taken for the probability of \"%s\", the rarer class; "
                      "--positive names the other one",
                      rows->models[m].name, score_rows_classes(rows)[rows->positive]);
}

int score_positive_find(const settings *given, score_rows *rows) {
  if (given->positive) return positive_given(given, rows);
  if (rows->n_classes != 2) return EXIT_DONE;
  rows->positive = positive_named(rows);
  if (rows->positive < 0) rows->positive = plain_positive(score_rows_classes(rows));
  if (rows->positive >= 0) return EXIT_DONE;
  rows->positive = rarer(rows);
  tell_rarer(rows);
  return EXIT_DONE;
}
