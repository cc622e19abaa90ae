/* match.c: columns by name, number and pattern. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static bool is_written(const table_column *column, const char *name) {
  return strcmp(column->written ? column->written : column->name, name) == 0;
}

/* How many columns are called so in the source; where none is, how many are called so here. *index
 * is the last of them. */
static size_t find_exact(const sy_table *table, const char *name, size_t *index) {
  size_t count = 0;
  for (size_t i = 0; i < table->n_columns; i++) {
    if (!is_written(&table->columns[i], name)) continue;
    *index = i;
    count++;
  }
  for (size_t i = 0; i < table->n_columns && count == 0; i++) {
    if (strcmp(table->columns[i].name, name) != 0) continue;
    *index = i;
    return 1;
  }
  return count;
}

/* Bytes of a name that a message shows. */
static int shown_size(const char *name) {
  return table_text_fit(name, strlen(name), 100);
}

static sy_status fail_ambiguous(const sy_table *table, const char *name, size_t count,
                                sy_error *error) {
  size_t first = 0;
  while (!is_written(&table->columns[first], name)) first++;
  return table_fail(error, SY_MISSING_COLUMN,
                    "%s: %zu columns are called \"%.*s\"; give the number of the right one (%zu is "
                    "the first)",
                    table->name, count, shown_size(name), name, first + 1);
}

/* Whether the text is a number of a column: 1 is the first, -1 the last. *inside: there is such a
 * column. */
static bool find_number(const sy_table *table, const char *text, size_t *index, bool *inside) {
  bool from_end = *text == '-';
  const char *digits = text + from_end;
  size_t length = strspn(digits, "0123456789");
  if (length == 0 || digits[length] != '\0') return false;
  unsigned long long number = length > 15 ? 0 : strtoull(digits, NULL, 10);
  *inside = number >= 1 && number <= table->n_columns;
  if (*inside) *index = from_end ? table->n_columns - (size_t)number : (size_t)number - 1;
  return true;
}

static sy_status fail_number(const sy_table *table, const char *text, sy_error *error) {
  return table_fail(error, SY_MISSING_COLUMN, "%s: no column number %s, there are %zu", table->name,
                    text, table->n_columns);
}

static sy_status fail_name(const sy_table *table, const char *name, sy_error *error) {
  const char **names = calloc(table->n_columns + 1, sizeof *names);
  if (!names) return table_fail_memory(error);
  for (size_t i = 0; i < table->n_columns; i++) names[i] = table->columns[i].name;
  const char *nearest = sy_nearest_name(name, names, table->n_columns);
  free(names);
  const char *headerless = table->kind == TABLE_DELIMITED && !table->dialect.header
                               ? " (no header: they are called c1, c2, ...)"
                               : "";
  const char *verb = table->n_columns == 1 ? "is" : "are", *s = table->n_columns == 1 ? "" : "s";
  if (nearest)
    return table_fail(error, SY_MISSING_COLUMN,
                      "%s: no column \"%.*s\"; did you mean \"%s\"? There %s %zu column%s%s",
                      table->name, shown_size(name), name, nearest, verb, table->n_columns, s,
                      headerless);
  return table_fail(error, SY_MISSING_COLUMN, "%s: no column \"%.*s\"; there %s %zu column%s%s",
                    table->name, shown_size(name), name, verb, table->n_columns, s, headerless);
}

sy_status sy_table_find(const sy_table *table, const char *column, size_t *index, sy_error *error) {
  bool inside = false;
  size_t count = find_exact(table, column, index);
  if (count == 1) return SY_OK;
  if (count > 1) return fail_ambiguous(table, column, count, error);
  if (!find_number(table, column, index, &inside)) return fail_name(table, column, error);
  return inside ? SY_OK : fail_number(table, column, error);
}

/* Behind one character of UTF-8. */
static const char *past_character(const char *text) {
  if (*text) text++;
  while (((unsigned char)*text & 0xC0) == 0x80) text++;
  return text;
}

/* '*' is any text, '?' one character. On a mismatch only the last '*' has to take more: an earlier
 * one could not do better. */
static bool matches_glob(const char *pattern, const char *text) {
  const char *star = NULL, *resume = NULL;
  while (*text) {
    if (*pattern == '*') {
      star = ++pattern;
      resume = text;
    } else if (*pattern == '?') {
      pattern++;
      text = past_character(text);
    } else if (*pattern == *text) {
      pattern++;
      text++;
    } else if (star) {
      pattern = star;
      text = ++resume;
    } else {
      return false;
    }
  }
  return pattern[strspn(pattern, "*")] == '\0';
}

/* Marks the column of that name, or all where several have it. */
static bool mark_exact(const sy_table *table, const char *name, bool *chosen) {
  size_t index, count = find_exact(table, name, &index);
  if (count == 1) chosen[index] = true;
  for (size_t i = 0; i < table->n_columns && count > 1; i++)
    if (is_written(&table->columns[i], name)) chosen[i] = true;
  return count > 0;
}

/* Marks the columns one piece of a list stands for. */
static sy_status match_piece(const sy_table *table, const char *piece, bool quoted, bool *chosen,
                             sy_error *error) {
  size_t index;
  bool inside = false, found = false;
  if (mark_exact(table, piece, chosen)) return SY_OK;
  if (quoted) return fail_name(table, piece, error);
  if (find_number(table, piece, &index, &inside)) {
    if (!inside) return fail_number(table, piece, error);
    chosen[index] = true;
    return SY_OK;
  }
  if (!strpbrk(piece, "*?")) return fail_name(table, piece, error);
  for (size_t i = 0; i < table->n_columns; i++)
    if (matches_glob(piece, table->columns[i].name)) chosen[i] = found = true;
  if (found) return SY_OK;
  return table_fail(error, SY_MISSING_COLUMN, "%s: no column matches %s; there %s %zu column%s",
                    table->name, piece, table->n_columns == 1 ? "is" : "are", table->n_columns,
                    table->n_columns == 1 ? "" : "s");
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Copies the next piece of a list without its quotes and moves behind its comma; NULL when out of
 * memory. In quotes, "" is a quote. */
static char *take_piece(const char **list, bool *quoted) {
  const char *at = *list + strspn(*list, " \t");
  char *piece = malloc(strlen(at) + 1);
  if (!piece) return NULL;
  size_t size = 0;
  *quoted = *at == '"';
  if (*quoted) {
    for (at++; *at && !(at[0] == '"' && at[1] != '"'); at++) {
      if (*at == '"') at++;
      piece[size++] = *at;
    }
    at += strcspn(at, ",");
  } else {
    while (*at && *at != ',') piece[size++] = *at++;
    while (size > 0 && is_blank(piece[size - 1])) size--;
  }
  piece[size] = '\0';
  *list = *at == ',' ? at + 1 : at;
  return piece;
}

sy_status sy_table_match(const sy_table *table, const char *list, bool *chosen, sy_error *error) {
  if (mark_exact(table, list, chosen)) return SY_OK;
  do {
    bool quoted;
    char *piece = take_piece(&list, &quoted);
    if (!piece) return table_fail_memory(error);
    sy_status status = match_piece(table, piece, quoted, chosen, error);
    free(piece);
    if (status != SY_OK) return status;
  } while (*list);
  return SY_OK;
}
