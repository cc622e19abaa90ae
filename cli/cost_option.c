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

static int read_costs(const cost_file *file, const size_t *actual, const size_t *predicted,
                      double *cost) {
  size_t n = file->n_classes;
  for (size_t i = 0; i < n * n; i++) {
    size_t row = i / n + 1, column = i % n + 1;
    char *text = cells_get(&file->read, row, column);
    double *value = &cost[actual[row - 1] * n + predicted[column - 1]];
    bool good = sy_number_parse(text, value) && isfinite(*value);
    if (!good)
      say_usage("%s, row %zu, column %zu: the cost '%s' is no finite number", file->path, row + 1,
                column + 1, text);
    free(text);
    if (!good) return EXIT_USAGE;
  }
  return EXIT_DONE;
}

static int read_matrix(const cost_file *file, double *cost) {
  size_t n = file->n_classes;
  if (file->read.rows != n + 1 || file->read.columns != n + 1)
    return say_usage("%s: a cost matrix of %zu classes has %zu rows and columns, names included, "
                     "not %zu rows and %zu columns",
                     file->path, n, n + 1, file->read.rows, file->read.columns);
  size_t *actual = grab(n, sizeof *actual), *predicted = grab(n, sizeof *predicted);
  int code = read_edge(file, true, actual);
  if (code == EXIT_DONE) code = read_edge(file, false, predicted);
  if (code == EXIT_DONE) code = read_costs(file, actual, predicted, cost);
  free(actual);
  free(predicted);
  return code;
}

static int read_table(const char *path, const char *const *classes, size_t n_classes,
                      double *cost) {
  cost_file file = {.path = path, .classes = classes, .n_classes = n_classes};
  int code = cells_read(path, &file.read);
  if (code == EXIT_DONE) code = read_matrix(&file, cost);
  cells_close(&file.read);
  return code;
}

/* As Weka writes it: numbers alone, rows and columns in the order of the classes. */
static int read_cost_file(const char *path, size_t n_classes, double *cost) {
  void *bytes;
  size_t size;
  sy_error error;
  if (sy_file_read(path, &bytes, &size, &error) != SY_OK) return say_error(&error);
  sy_status status = sy_dialect_read_cost(bytes, n_classes, cost, &error);
  free(bytes);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_USAGE, "%s", path);
}

int cost_file_read(const char *path, const char *const *classes, size_t n_classes, double *cost) {
  return text_ends_in(path, ".cost") ? read_cost_file(path, n_classes, cost)
                                     : read_table(path, classes, n_classes, cost);
}

int cost_read(const settings *given, const char *const *classes, size_t n_classes, double **cost,
              sy_messages *messages) {
  *cost = NULL;
  if (!given->cost) return EXIT_DONE;
  *cost = grab(n_classes * n_classes, sizeof **cost);
  sy_error error;
  if (given->cost[0] == '@') {
    int code = cost_file_read(given->cost + 1, classes, n_classes, *cost);
    if (code != EXIT_DONE) return code;
  } else if (sy_cost_parse(given->cost, classes, n_classes, *cost, &error) != SY_OK) {
    return say_error_as(&error, EXIT_USAGE);
  }
  if (sy_cost_check(*cost, classes, n_classes, messages, &error) != SY_OK)
    return say_error_as(&error, EXIT_USAGE);
  return EXIT_DONE;
}
