#include "policy_option.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "cells.h"
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

static int json_weights(const char *path, text_list *pieces) {
  void *bytes;
  size_t size;
  sy_error error;
  json_error_t problem;
  if (sy_file_read(path, &bytes, &size, &error) != SY_OK) return say_error(&error);
  const char *text = text_past_mark(bytes);
  size -= (size_t)(text - (const char *)bytes);
  json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
  free(bytes);
  if (!root) return say_failed("%s, line %d: %s", path, problem.line, problem.text);
  json_t *list = json_object_get(root, "classes"), *map = json_object_get(root, "class_weights");
  int code;
  if (json_is_array(list) && !map)
    code = json_list_weights(path, list, pieces);
  else if (json_is_object(map) || json_is_object(root))
    code = json_object_weights(path, json_is_object(map) ? map : root, pieces);
  else
    code = say_failed("%s holds no JSON object of classes and their weights", path);
  json_decref(root);
  return code;
}

/* What stands in a file of weights, as text for sy_policy_parse; free(). */
static int file_weights(const char *path, char **text) {
  size_t length = strlen(path);
  bool json = length > 5 && strcmp(path + length - 5, ".json") == 0;
  text_list pieces = {NULL, 0};
  int code = json ? json_weights(path, &pieces) : csv_weights(path, &pieces);
  if (code == EXIT_DONE && !pieces.n) code = say_failed("%s holds no class weights", path);
  if (code == EXIT_DONE) *text = text_list_join(&pieces, ",");
  text_list_free(&pieces);
  return code;
}

int weighting_read(const settings *given, weighting *read) {
  *read = (weighting){0};
  sy_error error;
  const char *asked = given->class_weight ? given->class_weight : "none";
  char *text = NULL;
  if (sy_normalize_parse(given->normalize, &read->normalize, &error) != SY_OK)
    return say_error(&error);
  int code = asked[0] == '@' ? file_weights(asked + 1, &text) : EXIT_DONE;
  if (code != EXIT_DONE) return code;
  if (sy_policy_parse(text ? text : asked, &read->policy, &error) != SY_OK)
    code = say_error_as(&error, EXIT_USAGE);
  free(text);
  return code;
}

void weighting_clear(weighting *read) {
  sy_policy_free(read->policy);
  read->policy = NULL;
}

/* Only a policy can be wrong here, or all weights zero: labels and row weights were checked. */
static int weights_failed(const sy_error *error) {
  return say_error_as(error, error->status == SY_NO_WEIGHT ? EXIT_DATA : EXIT_USAGE);
}

int weighting_audit(const weighting *read, const sy_labels *labels, const double *row_weights,
                    double **weights, sy_audit *audit) {
  size_t n_classes = sy_labels_n_classes(labels);
  const char *const *classes = sy_labels_classes(labels);
  sy_counts *counts = sy_counts_new(n_classes);
  double *sums = grab(n_classes, sizeof *sums);
  sy_error error = {.status = SY_OUT_OF_MEMORY};
  *weights = grab(n_classes, sizeof **weights);
  *audit = (sy_audit){0};
  sy_status status = counts ? sy_counts_add(counts, sy_labels_ids(labels), sy_labels_rows(labels),
                                            row_weights, &error)
                            : SY_OUT_OF_MEMORY;
  for (size_t k = 0; k < n_classes && status == SY_OK; k++) sums[k] = sy_counts_weight(counts, k);
  if (status == SY_OK)
    status =
        sy_class_weights(read->policy, read->normalize, classes, sums, n_classes, *weights, &error);
  int code = status == SY_OK ? EXIT_DONE : weights_failed(&error);
  if (code == EXIT_DONE &&
      sy_audit_make(read->policy, classes, counts, *weights, n_classes, audit, &error) != SY_OK)
    code = say_error(&error);
  sy_counts_free(counts);
  free(sums);
  return code;
}
