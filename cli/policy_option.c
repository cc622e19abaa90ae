#include "policy_option.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/dialect.h>
#include <steelyard/store.h>

#include "cells.h"
#include "cost_option.h"
#include "say.h"

/* "NAME"=W, as sy_policy_parse reads it. */
static void add_weight(text_list *pieces, const char *name, const char *weight) {
  text_list parts = {NULL, 0};
  text_list_split(&parts, name, '"');
  char *doubled = text_list_join(&parts, "\"\"");
  char *piece = text_format("\"%s\"=%s", doubled, weight);
  text_list_add(pieces, piece);
  free(piece);
  free(doubled);
  text_list_free(&parts);
}

static int csv_weights(const char *path, text_list *pieces) {
  cells read;
  int code = cells_read(path, &read);
  if (code == EXIT_DONE && read.columns != 2)
    code = say_failed("%s: class weights are two columns, class and weight, not %zu", path,
                      read.columns);
  for (size_t row = 0; row < read.rows && code == EXIT_DONE; row++) {
    char *name = cells_get(&read, row, 0), *weight = cells_get(&read, row, 1);
    double number;
    bool heading = row == 0 && !sy_number_parse(weight, &number);
    if (!heading) add_weight(pieces, name, weight);
    free(name);
    free(weight);
  }
  cells_close(&read);
  return code;
}

static int json_weight(const char *path, const char *name, const json_t *value, text_list *pieces) {
  char number[SY_NUMBER_SIZE];
  if (!json_is_number(value))
    return say_failed("%s: the weight of class \"%s\" is no number", path, name);
  add_weight(pieces, name, sy_number_format(json_number_value(value), number));
  return EXIT_DONE;
}

/* {"class": weight, ..} */
static int json_object_weights(const char *path, json_t *object, text_list *pieces) {
  const char *name;
  json_t *value;
  int code = EXIT_DONE;
  json_object_foreach(object, name, value) {
    if (code == EXIT_DONE) code = json_weight(path, name, value, pieces);
  }
  return code;
}

/* [{"class": name, "weight": w}, ..], as `weights --json` prints it. */
static int json_list_weights(const char *path, json_t *list, text_list *pieces) {
  size_t i;
  json_t *entry;
  int code = EXIT_DONE;
  json_array_foreach(list, i, entry) {
    const char *name = json_string_value(json_object_get(entry, "class"));
    if (code != EXIT_DONE) break;
    code = name ? json_weight(path, name, json_object_get(entry, "weight"), pieces)
                : say_failed("%s: entry %zu of \"classes\" has no \"class\"", path, i + 1);
  }
  return code;
}

/* [1, 5]: by position. */
static int json_positions(const char *path, json_t *list, sy_policy **policy) {
  size_t n = json_array_size(list);
  double *weights = grab(n, sizeof *weights);
  int code = EXIT_DONE;
  sy_error error;
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    json_t *value = json_array_get(list, i);
    if (!json_is_number(value))
      code = say_failed("%s: weight %zu of the list is no number", path, i + 1);
    weights[i] = json_number_value(value);
  }
  if (code == EXIT_DONE && sy_policy_by_position(weights, n, policy, &error) != SY_OK)
    code = say_error_at(&error, EXIT_USAGE, "%s", path);
  free(weights);
  return code;
}

static int json_open(const char *path, json_t **root) {
  void *bytes;
  size_t size;
  sy_error error;
  json_error_t problem;
  if (sy_file_read(path, &bytes, &size, &error) != SY_OK) return say_error(&error);
  const char *text = text_past_mark(bytes);
  size -= (size_t)(text - (const char *)bytes);
  *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
  free(bytes);
  return *root ? EXIT_DONE : say_failed("%s, line %d: %s", path, problem.line, problem.text);
}

/* Names and weights become pieces, a list of numbers a policy. */
static int json_weights(const char *path, text_list *pieces, sy_policy **policy) {
  json_t *root;
  int code = json_open(path, &root);
  if (code != EXIT_DONE) return code;
  json_t *list = json_object_get(root, "classes"), *map = json_object_get(root, "class_weights");
  if (json_is_array(root))
    code = json_positions(path, root, policy);
  else if (json_is_array(list) && !map)
    code = json_list_weights(path, list, pieces);
  else if (json_is_object(map) || json_is_object(root))
    code = json_object_weights(path, json_is_object(map) ? map : root, pieces);
  else
    code = say_failed("%s holds no JSON object of classes and their weights", path);
  json_decref(root);
  return code;
}

static int parse(const char *text, sy_policy **policy) {
  sy_error error;
  return sy_policy_parse(text, policy, &error) == SY_OK ? EXIT_DONE
                                                        : say_error_as(&error, EXIT_USAGE);
}

/* --class-weight @FILE */
static int file_weights(const char *path, weighting *read) {
  text_list pieces = {NULL, 0};
  if (text_ends_in(path, ".cost")) {
    read->cost_file = path;
    return parse("cost", &read->policy);
  }
  int code = text_ends_in(path, ".json") ? json_weights(path, &pieces, &read->policy)
                                         : csv_weights(path, &pieces);
  if (code == EXIT_DONE && !read->policy) {
    char *text = text_list_join(&pieces, ",");
    code = pieces.n ? parse(text, &read->policy) : say_failed("%s holds no class weights", path);
    free(text);
  }
  text_list_free(&pieces);
  return code;
}

/* Another system's syntax, or a policy of this one. */
static int text_weights(const char *text, weighting *read) {
  sy_error error;
  if (sy_dialect_read(text, &read->policy, &read->dialect, &error) != SY_OK)
    return say_error_as(&error, EXIT_USAGE);
  if (read->policy) return EXIT_DONE;
  read->dialect = NULL;
  return parse(text, &read->policy);
}

/* What stands behind "auto", or NULL where this is another policy. */
static const char *automatic_part(const char *text) {
  if (strcmp(text, "auto") == 0) return "";
  bool with_metric = strncmp(text, "auto:", 5) == 0 && !strchr(text, '=');
  return with_metric ? text + 5 : NULL;
}

int weighting_automatic(const settings *given, bool *automatic, sy_objective *objective) {
  const char *metric = given->class_weight ? automatic_part(given->class_weight) : NULL;
  sy_error error;
  *automatic = metric != NULL;
  if (!metric) return EXIT_DONE;
  if (!*metric) metric = given->cost ? "cost" : "macro_f1";
  if (sy_objective_parse(metric, objective, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_USAGE, "--class-weight %s", given->class_weight);
}

int weighting_read(const settings *given, const char *usual, weighting *read) {
  *read = (weighting){0};
  sy_error error;
  const char *asked = given->class_weight ? given->class_weight : usual;
  if (sy_normalize_parse(given->normalize, &read->normalize, &error) != SY_OK)
    return say_error(&error);
  if (automatic_part(asked))
    return say_usage("--class-weight %s is chosen by training on parts of the rows, as 'steelyard "
                     "fit' does; here give a policy, as power:0.5",
                     asked);
  if (strcmp(asked, "@") == 0)
    return say_usage("--class-weight @ names no file: @weights.json, @weights.csv or @matrix.cost");
  int code = asked[0] == '@' ? file_weights(asked + 1, read) : text_weights(asked, read);
  if (code == EXIT_DONE && sy_policy_needs_cost(read->policy) && !given->cost && !read->cost_file)
    code = say_usage("--class-weight cost needs the costs: --cost 'ACTUAL:PREDICTED=COST,..'");
  if (code != EXIT_DONE) weighting_clear(read);
  return code;
}

void weighting_clear(weighting *read) {
  sy_policy_free(read->policy);
  read->policy = NULL;
}

char *weighting_reading(const weighting *read, const char *const *classes, size_t n_classes) {
  enum { SHOWN = 8 };
  if (!read->dialect) return NULL;
  text_list shown = {NULL, 0};
  for (size_t k = 0; k < n_classes && k < SHOWN; k++) text_list_add(&shown, classes[k]);
  if (n_classes > SHOWN) text_list_add(&shown, "...");
  char *order = text_list_join(&shown, ", ");
  char *text = text_format("--class-weight is read as %s has it, for the classes in this order: %s",
                           read->dialect, order);
  free(order);
  text_list_free(&shown);
  return text;
}

static int set_cost(const weighting *read, const char *const *classes, size_t n_classes,
                    const double *cost) {
  sy_error error;
  double *own = NULL;
  int code = EXIT_DONE;
  if (read->cost_file) {
    own = grab(n_classes * n_classes, sizeof *own);
    code = cost_file_read(read->cost_file, classes, n_classes, own);
    cost = own;
  }
  if (code == EXIT_DONE &&
      sy_policy_set_cost(read->policy, cost, n_classes, classes, &error) != SY_OK)
    code = say_error_as(&error, EXIT_USAGE);
  free(own);
  return code;
}

int weighting_settle(const weighting *read, const char *const *classes, size_t n_classes,
                     const double *cost) {
  return sy_policy_needs_cost(read->policy) ? set_cost(read, classes, n_classes, cost) : EXIT_DONE;
}

/* Only a policy can be wrong here, or all weights zero: labels and row weights were checked. */
static int weights_failed(const sy_error *error) {
  return say_error_as(error, error->status == SY_NO_WEIGHT ? EXIT_DATA : EXIT_USAGE);
}

int weighting_weigh(const weighting *read, const sy_counts *counts, double **weights) {
  size_t n_labels = sy_counts_n_labels(counts);
  sy_error error;
  *weights = grab(n_labels ? 2 * n_labels : sy_counts_n_classes(counts), sizeof **weights);
  if (sy_counts_weights(read->policy, read->normalize, counts, *weights, &error) == SY_OK)
    return EXIT_DONE;
  return weights_failed(&error);
}
