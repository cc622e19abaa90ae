#include "cost_option.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/dialect.h>
#include <steelyard/store.h>

#include "cells.h"
#include "say.h"

/* A matrix in a file: class names in the first row (predicted) and the first column (actual). */
typedef struct cost_file {
  const char *path;
  cells read;
  const char *const *classes;
  size_t n_classes;
  bool may_vary; /* cells may be expressions */
} cost_file;

static int find_class(const cost_file *file, size_t row, size_t column, size_t *k) {
  char *name = cells_get(&file->read, row, column);
  int code = EXIT_DONE;
  for (*k = 0; *k < file->n_classes; ++*k)
    if (strcmp(file->classes[*k], name) == 0) break;
  if (*k == file->n_classes) {
    const char *nearest = sy_nearest_name(name, file->classes, file->n_classes);
    code = say_usage("%s, row %zu, column %zu: there is no class \"%s\"%s%s%s", file->path, row + 1,
                     column + 1, name, nearest ? "; the nearest is \"" : "", nearest ? nearest : "",
                     nearest ? "\"" : "");
  }
  free(name);
  return code;
}

/* The classes along an edge of the matrix: each exactly once. */
static int read_edge(const cost_file *file, bool down, size_t *order) {
  bool *seen = grab(file->n_classes, sizeof *seen);
  int code = EXIT_DONE;
  for (size_t i = 0; i < file->n_classes && code == EXIT_DONE; i++) {
    code = down ? find_class(file, i + 1, 0, &order[i]) : find_class(file, 0, i + 1, &order[i]);
    if (code == EXIT_DONE && seen[order[i]])
      code = say_usage("%s: class \"%s\" stands twice in the first %s", file->path,
                       file->classes[order[i]], down ? "column" : "row");
    if (code == EXIT_DONE) seen[order[i]] = true;
  }
  free(seen);
  return code;
}

/* A number with a decimal comma, or no cost at all, is no expression. */
static bool is_expression(const char *text) {
  return text[strspn(text, "0123456789.,+-eE ")] != 0;
}

/* Enters a cell; false where it holds no cost. */
static bool enter_cell(const cost_file *file, const char *text, size_t actual, size_t predicted,
                       sy_cost_rule *rule) {
  double value;
  if (sy_number_parse(text, &value)) {
    rule->fixed[actual * rule->n_classes + predicted] = value;
    return isfinite(value);
  }
  if (!file->may_vary || !is_expression(text)) return false;
  if (sy_cost_rule_set(rule, actual, predicted, text, NULL) != SY_OK) grab(SIZE_MAX, 1);
  return true;
}

static int read_costs(const cost_file *file, const size_t *actual, const size_t *predicted,
                      sy_cost_rule *rule) {
  size_t n = file->n_classes;
  for (size_t i = 0; i < n * n; i++) {
    size_t row = i / n + 1, column = i % n + 1;
    char *text = cells_get(&file->read, row, column);
    bool good = enter_cell(file, text, actual[row - 1], predicted[column - 1], rule);
    if (!good)
      say_usage("%s, row %zu, column %zu: the cost '%s' is no finite number", file->path, row + 1,
                column + 1, text);
    free(text);
    if (!good) return EXIT_USAGE;
  }
  return EXIT_DONE;
}

static int read_matrix(const cost_file *file, sy_cost_rule *rule) {
  size_t n = file->n_classes;
  if (file->read.rows != n + 1 || file->read.columns != n + 1)
    return say_usage("%s: a cost matrix of %zu classes has %zu rows and columns, names included, "
                     "not %zu rows and %zu columns",
                     file->path, n, n + 1, file->read.rows, file->read.columns);
  size_t *actual = grab(n, sizeof *actual), *predicted = grab(n, sizeof *predicted);
  int code = read_edge(file, true, actual);
  if (code == EXIT_DONE) code = read_edge(file, false, predicted);
  if (code == EXIT_DONE) code = read_costs(file, actual, predicted, rule);
  free(actual);
  free(predicted);
  return code;
}

/* As Weka writes it: numbers alone, rows and columns in the order of the classes. */
static int read_weka(const char *path, sy_cost_rule *rule) {
  void *bytes;
  size_t size;
  sy_error error;
  if (sy_file_read(path, &bytes, &size, &error) != SY_OK) return say_error(&error);
  sy_status status = sy_dialect_read_cost(bytes, rule->n_classes, rule->fixed, &error);
  free(bytes);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_USAGE, "%s", path);
}

/* A file of costs as a rule, whose memory is there; see cost_file_read. */
static int read_file(const char *path, const char *const *classes, bool may_vary,
                     sy_cost_rule *rule) {
  if (text_ends_in(path, ".cost")) return read_weka(path, rule);
  cost_file file = {
      .path = path, .classes = classes, .n_classes = rule->n_classes, .may_vary = may_vary};
  int code = cells_read(path, &file.read);
  if (code == EXIT_DONE) code = read_matrix(&file, rule);
  cells_close(&file.read);
  return code;
}

static sy_cost_rule empty_rule(size_t n_classes) {
  sy_cost_rule rule = {.n_classes = n_classes};
  rule.fixed = grab(n_classes * n_classes, sizeof *rule.fixed);
  return rule;
}

int cost_file_read(const char *path, const char *const *classes, size_t n_classes, double *cost) {
  sy_cost_rule rule = empty_rule(n_classes);
  int code = read_file(path, classes, false, &rule);
  memcpy(cost, rule.fixed, n_classes * n_classes * sizeof *cost);
  sy_cost_rule_clear(&rule);
  return code;
}

static sy_status parse(const char *text, const char *const *classes, bool may_vary,
                       sy_cost_rule *rule, sy_error *error) {
  size_t n_classes = rule->n_classes;
  if (!may_vary) return sy_cost_parse(text, classes, n_classes, rule->fixed, error);
  sy_cost_rule_clear(rule);
  return sy_cost_rule_parse(text, classes, n_classes, rule, error);
}

static int read_option(const settings *given, const char *const *classes, bool may_vary,
                       sy_cost_rule *rule, sy_messages *messages) {
  sy_error error;
  if (given->cost[0] == '@') {
    int code = read_file(given->cost + 1, classes, may_vary, rule);
    if (code != EXIT_DONE) return code;
  } else if (parse(given->cost, classes, may_vary, rule, &error) != SY_OK) {
    return say_error_as(&error, EXIT_USAGE);
  }
  if (rule->n_expressions) return EXIT_DONE;
  if (sy_cost_check(rule->fixed, classes, rule->n_classes, messages, &error) != SY_OK)
    return say_error_as(&error, EXIT_USAGE);
  return EXIT_DONE;
}

int cost_rule_read(const settings *given, const char *const *classes, size_t n_classes,
                   sy_cost_rule *rule, sy_messages *messages) {
  *rule = (sy_cost_rule){0};
  if (!given->cost) return EXIT_DONE;
  *rule = empty_rule(n_classes);
  return read_option(given, classes, true, rule, messages);
}

int cost_read(const settings *given, const char *const *classes, size_t n_classes, double **cost,
              sy_messages *messages) {
  *cost = NULL;
  if (!given->cost) return EXIT_DONE;
  sy_cost_rule rule = empty_rule(n_classes);
  int code = read_option(given, classes, false, &rule, messages);
  *cost = rule.fixed;
  return code;
}

/* Every cell within the edges that is no number. */
static int scan_file(const char *path, text_list *expressions) {
  if (text_ends_in(path, ".cost")) return EXIT_DONE;
  cells read;
  int code = cells_read(path, &read);
  for (size_t i = 1; code == EXIT_DONE && i < read.rows; i++)
    for (size_t j = 1; j < read.columns; j++) {
      char *text = cells_get(&read, i, j);
      double value;
      bool known = false;
      for (size_t e = 0; e < expressions->n && !known; e++)
        known = strcmp(expressions->items[e], text) == 0;
      if (!known && !sy_number_parse(text, &value) && is_expression(text))
        text_list_add(expressions, text);
      free(text);
    }
  cells_close(&read);
  return code;
}

int cost_expressions_read(const settings *given, text_list *expressions) {
  *expressions = (text_list){0};
  if (!given->cost) return EXIT_DONE;
  if (given->cost[0] == '@') return scan_file(given->cost + 1, expressions);
  sy_cost_rule rule;
  sy_error error;
  if (sy_cost_rule_scan(given->cost, &rule, &error) != SY_OK)
    return say_error_as(&error, EXIT_USAGE);
  for (size_t i = 0; i < rule.n_expressions; i++) text_list_add(expressions, rule.expressions[i]);
  sy_cost_rule_clear(&rule);
  return EXIT_DONE;
}
