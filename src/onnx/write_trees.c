/* write_trees.c: boosted trees as nodes of the graph; docs/model-file.md draws it. All trees are
 * one node, a TreeEnsembleRegressor, whose attributes are lists: one entry for each node of a tree,
 * tree after tree, and one for each leaf. */
#include "onnx/trees.h"

#include "classifier/classifier.h"

enum {
  FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
  DOUBLE = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE
};

/* One entry a node. */
typedef struct node_lists {
  int64_t *tree, *node, *feature, *left, *right, *missing_left;
  char **mode;
  double *value;
  size_t n;
} node_lists;

/* One entry a leaf. */
typedef struct leaf_lists {
  int64_t *tree, *node, *output;
  double *value;
  size_t n;
} leaf_lists;

static int64_t *take_integers(sy_graph *graph, size_t n) {
  return sy_graph_take(graph, n, sizeof(int64_t));
}

static node_lists take_nodes(sy_graph *graph, size_t n) {
  return (node_lists){.tree = take_integers(graph, n),
                      .node = take_integers(graph, n),
                      .feature = take_integers(graph, n),
                      .left = take_integers(graph, n),
                      .right = take_integers(graph, n),
                      .missing_left = take_integers(graph, n),
                      .mode = sy_graph_take(graph, n, sizeof(char *)),
                      .value = sy_graph_take(graph, n, sizeof(double))};
}

static leaf_lists take_leaves(sy_graph *graph, size_t n) {
  return (leaf_lists){.tree = take_integers(graph, n),
                      .node = take_integers(graph, n),
                      .output = take_integers(graph, n),
                      .value = sy_graph_take(graph, n, sizeof(double))};
}

/* What a leaf has no use for is 0. */
static void list_node(node_lists *nodes, const sy_tree_node *node, size_t tree, size_t place,
                      size_t root) {
  static char branch[] = SY_TREE_BRANCH_MODE, leaf[] = SY_TREE_LEAF_MODE;
  bool is_leaf = node->feature == SY_TREE_LEAF;
  size_t n = nodes->n++;
  nodes->tree[n] = (int64_t)tree;
  nodes->node[n] = (int64_t)place;
  nodes->mode[n] = is_leaf ? leaf : branch;
  if (is_leaf) return;
  nodes->feature[n] = node->feature;
  nodes->left[n] = (int64_t)(node->left - root);
  nodes->right[n] = (int64_t)(node->right - root);
  nodes->missing_left[n] = node->missing_left;
  nodes->value[n] = (double)node->value;
}

static void list_leaf(leaf_lists *leaves, const sy_tree_node *node, size_t tree, size_t place,
                      size_t output) {
  size_t n = leaves->n++;
  leaves->tree[n] = (int64_t)tree;
  leaves->node[n] = (int64_t)place;
  leaves->output[n] = (int64_t)output;
  leaves->value[n] = (double)node->value;
}

static void list_all(const sy_forest *forest, node_lists *nodes, leaf_lists *leaves) {
  for (size_t t = 0; t < forest->n_trees; t++) {
    size_t root = forest->roots[t];
    size_t end = t + 1 < forest->n_trees ? forest->roots[t + 1] : forest->n_nodes;
    for (size_t n = root; n < end; n++) {
      const sy_tree_node *node = &forest->nodes[n];
      list_node(nodes, node, t, n - root, root);
      if (node->feature == SY_TREE_LEAF) list_leaf(leaves, node, t, n - root, forest->outputs[t]);
    }
  }
}

/* Numbers of an encoder that standardises are rounded to float32 here: raw ones are already. */
static char *write_rounded(sy_graph *graph, char *encoded) {
  char *single =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "trees/single"), encoded, (char *)NULL);
  sy_graph_set_integer(graph, "to", FLOAT);
  char *rounded =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "trees/rounded"), single, (char *)NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  return rounded;
}

/* Encoded rows -> sums of leaves (N, outputs), summed in double and rounded to float32. */
static char *write_leaves(sy_graph *graph, const sy_forest *forest, char *encoded) {
  node_lists nodes = take_nodes(graph, forest->n_nodes);
  leaf_lists leaves = take_leaves(graph, forest->n_nodes);
  if (graph->failed) return NULL;
  list_all(forest, &nodes, &leaves);
  char *sums = sy_graph_node(graph, "TreeEnsembleRegressor", sy_graph_name(graph, "trees/leaves"),
                             encoded, (char *)NULL);
  sy_graph_set_domain(graph, "ai.onnx.ml");
  sy_graph_set_integer(graph, "n_targets", (int64_t)forest->n_outputs);
  sy_graph_set_integers(graph, "nodes_treeids", nodes.tree, nodes.n);
  sy_graph_set_integers(graph, "nodes_nodeids", nodes.node, nodes.n);
  sy_graph_set_strings(graph, "nodes_modes", nodes.mode, nodes.n);
  sy_graph_set_integers(graph, "nodes_featureids", nodes.feature, nodes.n);
  sy_graph_set_doubles(graph, "nodes_values_as_tensor", nodes.value, nodes.n);
  sy_graph_set_integers(graph, "nodes_truenodeids", nodes.left, nodes.n);
  sy_graph_set_integers(graph, "nodes_falsenodeids", nodes.right, nodes.n);
  sy_graph_set_integers(graph, "nodes_missing_value_tracks_true", nodes.missing_left, nodes.n);
  sy_graph_set_integers(graph, "target_treeids", leaves.tree, leaves.n);
  sy_graph_set_integers(graph, "target_nodeids", leaves.node, leaves.n);
  sy_graph_set_integers(graph, "target_ids", leaves.output, leaves.n);
  sy_graph_set_doubles(graph, "target_weights_as_tensor", leaves.value, leaves.n);
  return sums;
}

/* Without trees: encoded rows -> zeros (N, 1), one a row. Nothing is less than itself, whatever a
 * row holds. */
static char *write_no_leaves(sy_graph *graph, char *encoded) {
  static const int64_t over_columns[] = {1};
  char *less = sy_graph_node(graph, "Less", sy_graph_name(graph, "trees/is_less"), encoded, encoded,
                             (char *)NULL);
  char *zeros =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "trees/zeros"), less, (char *)NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  char *none =
      sy_graph_node(graph, "ReduceMean", sy_graph_name(graph, "trees/none"), zeros, (char *)NULL);
  sy_graph_set_integers(graph, "axes", over_columns, 1);
  return none;
}

char *sy_graph_trees(sy_graph *graph, const sy_model *model, char *encoded) {
  const sy_forest *forest = sy_predictor_forest(model->predictor);
  char *sums;
  if (forest->n_trees == 0) {
    sums = write_no_leaves(graph, encoded);
  } else {
    bool is_rounded = sy_encoder_is_raw(model->encoder);
    char *leaves =
        write_leaves(graph, forest, is_rounded ? encoded : write_rounded(graph, encoded));
    sums = sy_graph_node(graph, "Cast", sy_graph_name(graph, "trees/sums"), leaves, (char *)NULL);
    sy_graph_set_integer(graph, "to", DOUBLE);
  }
  char *base = sy_graph_doubles(graph, sy_graph_name(graph, "trees/base"),
                                (int64_t)forest->n_outputs, -1, forest->base);
  char *logits =
      sy_graph_node(graph, "Add", sy_graph_name(graph, "trees/logits"), sums, base, (char *)NULL);
  bool one_of_two = forest->n_outputs == 1;
  return one_of_two ? sy_graph_first_class(graph, logits) : logits;
}
