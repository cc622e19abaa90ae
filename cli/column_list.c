#include "column_list.h"

#include <stdlib.h>

#include "say.h"

static void ask(reading *opened, size_t column, sy_table_as as, column_list *list) {
  size_t place = reading_ask(opened, column, as);
  if (!list->n) list->first = place;
  list->columns[list->n++] = column;
}

/* The columns of one name, number or glob, but for those that an earlier one has named. */
static int ask_matching(reading *opened, const char *option, const char *piece, sy_table_as as,
                        bool *taken, column_list *list) {
  size_t n = sy_table_n_columns(opened->table);
  bool *matching = grab(n, sizeof *matching);
  sy_error error;
  int code = EXIT_DONE;
  if (sy_table_match(opened->table, piece, matching, &error) != SY_OK)
    code = say_error_at(&error, EXIT_USAGE, "%s", option);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    if (!matching[i] || taken[i]) continue;
    taken[i] = true;
    ask(opened, i, as, list);
  }
  free(matching);
  return code;
}

int column_list_ask(reading *opened, const char *option, const char *text, sy_table_as as,
                    column_list *list) {
  size_t n = sy_table_n_columns(opened->table);
  text_list pieces = {NULL, 0};
  text_list_split(&pieces, text, ',');
  bool *taken = grab(n, sizeof *taken);
  *list = (column_list){.columns = grab(n, sizeof *list->columns)};
  int code = EXIT_DONE;
  for (size_t i = 0; i < pieces.n && code == EXIT_DONE; i++)
    code = ask_matching(opened, option, pieces.items[i], as, taken, list);
  free(taken);
  text_list_free(&pieces);
  return code;
}

void column_list_free(column_list *list) {
  free(list->columns);
  *list = (column_list){0};
}

const char *column_list_name(const reading *opened, const column_list *list, size_t i) {
  return sy_table_column_name(opened->table, list->columns[i]);
}

const sy_column *column_list_get(const reading *opened, const column_list *list, size_t i) {
  return reading_column(opened, list->first + i);
}
