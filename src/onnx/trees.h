/* trees.h: boosted trees in the graph, written and read. Trees count from 0 as those of a
 * predictor do, and so do the nodes of each, its root first. */
#ifndef SY_ONNX_TREES_H
#define SY_ONNX_TREES_H

#include "onnx/graph.h"
#include "onnx/reading.h"
#include <steelyard/classifier.h>

/* What the node of a tree does: go left where x < value; or stay. */
#define SY_TREE_BRANCH_MODE "BRANCH_LT"
#define SY_TREE_LEAF_MODE   "LEAF"

/* Encoded rows -> logits (N, K). */
char *sy_graph_trees(sy_graph *graph, const sy_model *model, char *encoded);

/* The logit (N, 1) of class 1 of two -> both (N, 2): a column of zeros before. */
char *sy_graph_first_class(sy_graph *graph, char *logits);

/* Whether the graph holds trees. */
bool sy_reading_has_trees(const sy_reading *reading);

/* The trees behind an encoder of `width` columns, for n_classes classes. */
sy_status sy_reading_trees(sy_reading *reading, size_t width, size_t n_classes,
                           sy_predictor **predictor);

#endif
