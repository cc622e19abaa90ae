/* match.c: columns by name, number and pattern. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static bool find_exact(const sy_table *table, const char *name, size_t *index) {
  for (size_t i = 0; i < table->n_columns; i++) {
    if (strcmp(table->columns[i].name, name) != 0) continue;
    *index = i;
    return true;
  }
  return false;
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
  if (nearest)
    return table_fail(error, SY_MISSING_COLUMN,
                      "%s: no column \"%.100s\"; did you mean \"%s\"? There are %zu columns%s",
                      table->name, name, nearest, table->n_columns, headerless);
  return table_fail(error, SY_MISSING_COLUMN, "%s: no column \"%.100s\"; there are %zu columns%s",
                    table->name, name, table->n_columns, headerless);
}

sy_status sy_table_find(const sy_table *table, const char *column, size_t *index, sy_error *error) {
  bool inside = false;
  if (find_exact(table, column, index)) return SY_OK;
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

/* Marks the columns one piece of a list stands for. */
static sy_status match_piece(const sy_table *table, const char *piece, bool quoted, bool *chosen,
                             sy_error *error) {
  size_t index;
  bool inside = false, found = false;
  if (find_exact(table, piece, &index)) {
    chosen[index] = true;
    return SY_OK;
  }
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
  return table_fail(error, SY_MISSING_COLUMN, "%s: no column matches %s; there are %zu columns",
                    table->name, piece, table->n_columns);
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
  size_t index;
  if (find_exact(table, list, &index)) {
    chosen[index] = true;
    return SY_OK;
  }
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
