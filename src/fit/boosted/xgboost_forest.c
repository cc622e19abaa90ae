/* xgboost_forest.c: trees as XGBoost saves them: an array for each part of a node, a node being a
 * place in all of them. */
#include "fit/boosted/xgboost_forest.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

long long sy_xgboost_whole(const json_t *object, const char *name, long long least, long long most,
                           long long otherwise) {
  const json_t *value = json_object_get(object, name);
  double number = json_is_number(value) ? json_number_value(value) : NAN;
  if (json_is_string(value)) sy_number_parse(json_string_value(value), &number);
  bool whole = number >= (double)least && number <= (double)most && number == floor(number);
  return whole ? (long long)number : otherwise;
}

/* The arrays of a tree; all have a value for each node. */
typedef struct parts {
  const json_t *left, *right, *value, *feature, *missing_left;
  const json_t *kind; /* 0: a number is held against a value; NULL: it always is */
  size_t n;
} parts;

static bool has_parts(const json_t *tree, parts *of) {
  *of = (parts){.left = json_object_get(tree, "left_children"),
                .right = json_object_get(tree, "right_children"),
                .value = json_object_get(tree, "split_conditions"),
                .feature = json_object_get(tree, "split_indices"),
                .missing_left = json_object_get(tree, "default_left"),
                .kind = json_object_get(tree, "split_type")};
  of->n = json_array_size(of->left);
  const json_t *others[] = {of->right, of->value, of->feature, of->missing_left};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (!json_is_array(others[i]) || json_array_size(others[i]) != of->n) return false;
  return of->n > 0 && (!of->kind || json_array_size(of->kind) == of->n);
}

/* A whole number of an array; -1 where there is none from 0 to most. */
static long long whole_at(const json_t *array, size_t at, long long most) {
  const json_t *value = json_array_get(array, at);
  if (json_is_boolean(value)) return json_is_true(value);
  long long number = json_is_integer(value) ? json_integer_value(value) : -1;
  return number >= 0 && number <= most ? number : -1;
}

/* A forest under way, and the tree that is read. */
typedef struct reading {
  const char *what;
  sy_forest *to;
  sy_tree_node *nodes;
  size_t *roots;
  uint32_t *outputs;
  size_t capacity;   /* of nodes */
  uint32_t *origins; /* (n) place in the arrays of each node of this tree that was laid out */
  uint8_t *met;      /* (n) 1 = the place was met */
  size_t n, n_met;
  sy_error *error;
} reading;

static sy_status refuse(const reading *work, size_t node) {
  return sy_fail(work->error, SY_INVALID_MODEL, "%s: tree %zu is damaged at node %zu", work->what,
                 work->to->n_trees, node);
}

/* Meets a child; false where it is no node, or one that has a parent. */
static bool meet(reading *work, long long child) {
  if (child < 0 || work->met[child]) return false;
  work->met[child] = 1;
  work->origins[work->n_met++] = (uint32_t)child;
  return true;
}

static sy_status read_node(reading *work, const parts *of, size_t begin, size_t at) {
  size_t origin = work->origins[at], last = of->n - 1;
  sy_tree_node *node = &work->nodes[begin + at];
  const json_t *value = json_array_get(of->value, origin);
  *node = (sy_tree_node){.feature = SY_TREE_LEAF, .value = (float)json_number_value(value)};
  if (!json_is_number(value) || !isfinite(node->value)) return refuse(work, origin);
  if (json_integer_value(json_array_get(of->left, origin)) == -1) return SY_OK;
  if (of->kind && whole_at(of->kind, origin, 0) != 0)
    return sy_fail(work->error, SY_INVALID_MODEL,
                   "%s: tree %zu splits by categories, which are not read: train with "
                   "enable_categorical=False on one-hot columns",
                   work->what, work->to->n_trees);
  long long feature = whole_at(of->feature, origin, (long long)work->to->n_features - 1);
  long long missing_left = whole_at(of->missing_left, origin, 1);
  node->left = (uint32_t)(begin + work->n_met);
  node->right = node->left + 1;
  if (feature < 0 || missing_left < 0 || !meet(work, whole_at(of->left, origin, (long long)last)) ||
      !meet(work, whole_at(of->right, origin, (long long)last)))
    return refuse(work, origin);
  node->feature = (uint32_t)feature;
  node->missing_left = missing_left == 1;
  return SY_OK;
}

/* Room for the nodes of a tree, were there none that was pruned. */
static bool make_room(reading *work, size_t n) {
  size_t needed = work->to->n_nodes + n;
  if (needed > work->capacity) {
    size_t capacity = needed > 2 * work->capacity ? needed : 2 * work->capacity;
    sy_tree_node *nodes = sy_realloc(work->nodes, capacity, sizeof *nodes);
    if (!nodes) return false;
    work->nodes = nodes;
    work->capacity = capacity;
  }
  if (n > work->n) {
    free(work->origins);
    free(work->met);
    work->origins = sy_alloc(n, sizeof *work->origins);
    work->met = sy_alloc(n, sizeof *work->met);
    work->n = work->origins && work->met ? n : 0;
  }
  for (size_t i = 0; i < n && work->n > 0; i++) work->met[i] = 0;
  return work->n > 0;
}

/* Level by level from the root, as they are met. */
static sy_status read_tree(reading *work, const json_t *tree) {
  parts of;
  const json_t *param = json_object_get(tree, "tree_param");
  if (sy_xgboost_whole(param, "size_leaf_vector", 0, 1, 0) !=
      sy_xgboost_whole(param, "size_leaf_vector", 0, INT32_MAX, 0))
    return sy_fail(work->error, SY_INVALID_MODEL,
                   "%s: leaves of tree %zu are vectors, which are not read: train with "
                   "multi_strategy=one_output_per_tree",
                   work->what, work->to->n_trees);
  if (!has_parts(tree, &of) || of.n >= UINT32_MAX - work->to->n_nodes)
    return sy_fail(work->error, SY_INVALID_MODEL, "%s: tree %zu lacks a part of its nodes",
                   work->what, work->to->n_trees);
  if (!make_room(work, of.n)) return sy_fail_memory(work->error);
  size_t begin = work->to->n_nodes;
  work->n_met = 0;
  meet(work, 0);
  for (size_t at = 0; at < work->n_met; at++) {
    sy_status status = read_node(work, &of, begin, at);
    if (status) return status;
  }
  work->roots[work->to->n_trees] = begin;
  work->to->n_nodes += work->n_met;
  return SY_OK;
}

static sy_status read_trees(reading *work, const json_t *trees, const json_t *outputs) {
  size_t n = json_array_size(trees);
  work->roots = sy_alloc(n, sizeof *work->roots);
  work->outputs = sy_alloc(n, sizeof *work->outputs);
  if (!work->roots || !work->outputs) return sy_fail_memory(work->error);
  for (size_t t = 0; t < n; t++) {
    long long output = whole_at(outputs, t, (long long)work->to->n_outputs - 1);
    if (output < 0)
      return sy_fail(work->error, SY_INVALID_MODEL,
                     "%s: tree_info does not say which of %zu "
                     "outputs tree %zu adds to",
                     work->what, work->to->n_outputs, t);
    work->outputs[t] = (uint32_t)output;
    sy_status status = read_tree(work, json_array_get(trees, t));
    if (status) return status;
    work->to->n_trees++;
  }
  return SY_OK;
}

sy_status sy_xgboost_forest_read(const json_t *model, const char *what, sy_forest *forest,
                                 sy_error *error) {
  const json_t *trees = json_object_get(model, "trees");
  const json_t *outputs = json_object_get(model, "tree_info");
  forest->n_trees = forest->n_nodes = 0;
  if (!json_is_array(trees) || !json_is_array(outputs) ||
      json_array_size(trees) != json_array_size(outputs))
    return sy_fail(error, SY_INVALID_MODEL, "%s: trees and tree_info do not match", what);
  reading work = {.what = what, .to = forest, .error = error};
  sy_status status = read_trees(&work, trees, outputs);
  free(work.origins);
  free(work.met);
  forest->nodes = work.nodes;
  forest->roots = work.roots;
  forest->outputs = work.outputs;
  return status;
}
