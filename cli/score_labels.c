/* score_labels.c: --labels A,B,C --scores PA,PB,PC: several labels a row, each yes or no. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "score_parts.h"

int score_labels_ask(const settings *given, score_rows *rows) {
  char *all = text_list_join(&given->labels, ",");
  int code = column_list_ask(&rows->table, "--labels", all, SY_AS_DOUBLE, &rows->label_columns);
  free(all);
  rows->n_labels = rows->label_columns.n;
  return code;
}

static int say_bad(const score_rows *rows, size_t i, size_t l, double value) {
  char number[SY_NUMBER_SIZE];
  return say_failed("%s row %zu: column \"%s\" holds %s, where a label is 0 or 1",
                    rows->table.source, rows->rows[i] + 1,
                    column_list_name(&rows->table, &rows->label_columns, l),
                    isnan(value) ? "nothing" : sy_number_format(value, number));
}

int score_labels_read(score_rows *rows) {
  size_t width = rows->n_labels;
  rows->truth = grab(rows->n, width);
  for (size_t l = 0; l < width; l++) {
    const sy_column *column = column_list_get(&rows->table, &rows->label_columns, l);
    bool seen[2] = {false, false};
    for (size_t i = 0; i < rows->n; i++) {
      double value = column_number(column, rows->rows[i]);
      if (value != 0 && value != 1) return say_bad(rows, i, l, value);
      rows->truth[i * width + l] = value == 1;
      seen[value == 1] = true;
    }
    if (!seen[0] || !seen[1])
      sy_messages_add(rows->messages, "label \"%s\" is %s here: its AUC is not defined",
                      column->name, seen[0] ? "never there" : "always there");
  }
  return EXIT_DONE;
}

static int say_columns(const score_rows *rows, const score_model *model) {
  const char **names = score_rows_label_names(rows);
  char *labels = score_names_shown(names, rows->n_labels);
  int code = say_usage("--scores %s: %zu column%s for %zu labels (%s): give one for each label, in "
                       "this order or called NAME_<label>",
                       model->text, model->columns.n, model->columns.n == 1 ? "" : "s",
                       rows->n_labels, labels);
  free(labels);
  free(names);
  return code;
}

int score_labels_match(const score_rows *rows, const score_model *model, size_t *order) {
  size_t n = rows->n_labels, named = 0;
  if (model->columns.n != n) return say_columns(rows, model);
  const char **names = score_rows_label_names(rows);
  bool *seen = grab(n, sizeof *seen);
  for (size_t j = 0; j < n; j++) {
    const char *column = column_list_name(&rows->table, &model->columns, j);
    int l = score_named_class(column, names, n);
    if (l < 0 || seen[l]) continue;
    order[j] = (size_t)l;
    seen[l] = true;
    named++;
  }
  for (size_t j = 0; j < n && named < n; j++) order[j] = j;
  free(seen);
  free(names);
  return EXIT_DONE;
}
