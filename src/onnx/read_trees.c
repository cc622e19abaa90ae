/* read_trees.c: the trees of a graph. The lists must be as long as each other, trees and nodes
 * counted as they are written, each leaf there once, each number one of float32; that the nodes
 * are those of trees is for the predictor to check. */
#include "base/error.h"
#include "base/memory.h"
#include "onnx/trees.h"
#include <float.h>
#include <string.h>

typedef struct trees_reading {
  sy_reading *reading;
  const Onnx__NodeProto *node;
  /* One entry a node. */
  const int64_t *tree, *place, *feature, *left, *right, *missing_left;
  const ProtobufCBinaryData *mode;
  const double *value;
  size_t n;
  /* One entry a leaf. */
  const int64_t *leaf_tree, *leaf_place, *leaf_output;
  const double *leaf_value;
  size_t n_leaves;
  sy_forest forest; /* points to the next three */
  sy_tree_node *nodes;
  size_t *roots;
  uint32_t *outputs;
} trees_reading;

bool sy_reading_has_trees(const sy_reading *reading) {
  return sy_reading_tensor(reading, "trees/base", ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
}

/* --- the lists --- */

/* n integers of 0 .. below - 1, or NULL. */
static const int64_t *integers(const trees_reading *at, const char *name, size_t n, size_t below) {
  const Onnx__AttributeProto *list = sy_reading_attribute(at->node, name);
  if (!list || list->n_ints != n) return NULL;
  for (size_t i = 0; i < n; i++)
    if (list->ints[i] < 0 || (uint64_t)list->ints[i] >= below) return NULL;
  return list->ints;
}

/* n numbers that float32 holds, or NULL. */
static const double *numbers(const trees_reading *at, const char *name, size_t n) {
  const Onnx__AttributeProto *list = sy_reading_attribute(at->node, name);
  if (!sy_attribute_has_doubles(list, n)) return NULL;
  const double *values = list->t->double_data;
  for (size_t i = 0; i < n; i++)
    if (!(values[i] >= -(double)FLT_MAX && values[i] <= (double)FLT_MAX) ||
        (double)(float)values[i] != values[i])
      return NULL;
  return values;
}

/* Every node is in a list of its own size; n is less than UINT32_MAX, and so are all of them. */
static bool find_nodes(trees_reading *at) {
  const Onnx__AttributeProto *modes = sy_reading_attribute(at->node, "nodes_modes");
  size_t n = at->n = modes ? modes->n_strings : 0;
  if (n == 0 || n >= UINT32_MAX) return false;
  at->mode = modes->strings;
  at->tree = integers(at, "nodes_treeids", n, n);
  at->place = integers(at, "nodes_nodeids", n, n);
  at->feature = integers(at, "nodes_featureids", n, at->forest.n_features);
  at->left = integers(at, "nodes_truenodeids", n, n);
  at->right = integers(at, "nodes_falsenodeids", n, n);
  at->missing_left = integers(at, "nodes_missing_value_tracks_true", n, 2);
  at->value = numbers(at, "nodes_values_as_tensor", n);
  return at->tree && at->place && at->feature && at->left && at->right && at->missing_left &&
         at->value;
}

static bool find_leaves(trees_reading *at) {
  const Onnx__AttributeProto *trees = sy_reading_attribute(at->node, "target_treeids");
  const Onnx__AttributeProto *targets = sy_reading_attribute(at->node, "n_targets");
  size_t n = at->n_leaves = trees ? trees->n_ints : 0;
  at->leaf_tree = integers(at, "target_treeids", n, at->n);
  at->leaf_place = integers(at, "target_nodeids", n, at->n);
  at->leaf_output = integers(at, "target_ids", n, at->forest.n_outputs);
  at->leaf_value = numbers(at, "target_weights_as_tensor", n);
  return targets && targets->i == (int64_t)at->forest.n_outputs && at->leaf_tree &&
         at->leaf_place && at->leaf_output && at->leaf_value;
}

/* --- the forest --- */

/* Trees follow each other, the nodes of each too. */
static bool begin_tree(trees_reading *at, size_t n) {
  size_t t = at->forest.n_trees;
  bool begins = at->place[n] == 0;
  if (begins) {
    at->roots[t] = n;
    at->forest.n_trees = ++t;
  }
  return t > 0 && at->tree[n] == (int64_t)t - 1 && at->place[n] == (int64_t)(n - at->roots[t - 1]);
}

static bool mode_is(const trees_reading *at, size_t n, const char *mode) {
  return at->mode[n].len == strlen(mode) && memcmp(at->mode[n].data, mode, at->mode[n].len) == 0;
}

/* The next leaf of the list is node n, and adds to what the other leaves of its tree add to. */
static bool take_leaf(trees_reading *at, size_t n, size_t *leaf) {
  size_t l = (*leaf)++, t = at->forest.n_trees - 1;
  if (l >= at->n_leaves || at->leaf_tree[l] != at->tree[n] || at->leaf_place[l] != at->place[n])
    return false;
  bool is_first = l == 0 || at->leaf_tree[l - 1] != at->leaf_tree[l];
  if (is_first) at->outputs[t] = (uint32_t)at->leaf_output[l];
  at->nodes[n] = (sy_tree_node){.feature = SY_TREE_LEAF, .value = (float)at->leaf_value[l]};
  return at->outputs[t] == (uint32_t)at->leaf_output[l];
}

/* A sum below 2^33 that does not fit is no place among the nodes, as the predictor will find. */
static uint32_t place_of(size_t root, int64_t node) {
  uint64_t place = root + (uint64_t)node;
  return place < UINT32_MAX ? (uint32_t)place : UINT32_MAX;
}

static void take_branch(trees_reading *at, size_t n) {
  size_t root = at->roots[at->forest.n_trees - 1];
  at->nodes[n] = (sy_tree_node){.feature = (uint32_t)at->feature[n],
                                .left = place_of(root, at->left[n]),
                                .right = place_of(root, at->right[n]),
                                .value = (float)at->value[n],
                                .missing_left = at->missing_left[n]};
}

static bool take_nodes(trees_reading *at) {
  size_t leaf = 0;
  for (size_t n = 0; n < at->n; n++) {
    if (!begin_tree(at, n)) return false;
    if (mode_is(at, n, SY_TREE_BRANCH_MODE))
      take_branch(at, n);
    else if (!mode_is(at, n, SY_TREE_LEAF_MODE) || !take_leaf(at, n, &leaf))
      return false;
  }
  return leaf == at->n_leaves;
}

static sy_status read_nodes(trees_reading *at) {
  if (!find_nodes(at) || !find_leaves(at)) return sy_reading_fail(at->reading, "trees/leaves");
  at->nodes = sy_alloc(at->n, sizeof *at->nodes);
  at->roots = sy_alloc(at->n, sizeof *at->roots);
  at->outputs = sy_alloc_zero(at->n, sizeof *at->outputs);
  if (!at->nodes || !at->roots || !at->outputs) return sy_fail_memory(at->reading->error);
  if (!take_nodes(at)) return sy_reading_fail(at->reading, "trees/leaves");
  at->forest.nodes = at->nodes;
  at->forest.n_nodes = at->n;
  at->forest.roots = at->roots;
  at->forest.outputs = at->outputs;
  return SY_OK;
}

/* Where no node has leaves, another says that there are no trees. */
static sy_status read_forest(trees_reading *at) {
  sy_reading *reading = at->reading;
  const Onnx__TensorProto *base = sy_reading_doubles(reading, "trees/base", 0, 0);
  if (!base) return SY_INVALID_MODEL;
  at->forest.base = base->double_data;
  at->forest.n_outputs = base->n_double_data;
  at->node = sy_reading_node(reading, "trees/leaves", "TreeEnsembleRegressor");
  if (at->node) return read_nodes(at);
  if (sy_reading_node(reading, "trees/none", "ReduceMean")) return SY_OK;
  return sy_reading_fail(reading, "trees/leaves");
}

sy_status sy_reading_trees(sy_reading *reading, size_t width, size_t n_classes,
                           sy_predictor **predictor) {
  trees_reading at = {.reading = reading, .forest = {.n_features = width}};
  sy_status status = read_forest(&at);
  if (!status) {
    status = sy_predictor_boosted(&at.forest, n_classes, predictor, NULL);
    if (status == SY_OUT_OF_MEMORY)
      sy_fail_memory(reading->error);
    else if (status)
      status = sy_reading_fail(reading, "trees");
  }
  free(at.nodes);
  free(at.roots);
  free(at.outputs);
  return status;
}
