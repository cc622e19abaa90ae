/* trees_walk.c: rows on their way down the trees. One tree after the other, so that it stays in the
 * nearest cache while all rows of a tile go down; several rows side by side, step by step, so that
 * none waits for what another reads; and no branch that depends on a row. Vectors that gather what
 * they read are no faster than that. */
#include <math.h>

#include "base/memory.h"
#include "model/trees.h"

/* Rows side by side. Steps of a row that is alone are not looked at one by one whether it is there
 * already, until a tree is so deep that they may be many. */
enum { LANES = SY_LANES, ALWAYS_STEPS = 8 };

static inline uint32_t next_of(const sy_walk_node *node, const float *row, bool missing) {
  float x = row[node->column];
  uint32_t left = x < node->value;
  if (missing) left |= (uint32_t)(x != x) & node->missing_left;
  return node->left + 1 - left;
}

static inline void walk(const sy_walk_node *tree, uint32_t depth, const float *values, size_t width,
                        size_t lanes, bool missing, double *sums) {
  uint32_t at[LANES] = {0};
  for (uint32_t step = 0; step < depth; step++) {
    uint32_t moved = 0;
    for (size_t l = 0; l < lanes; l++) {
      uint32_t next = next_of(tree + at[l], values + l * width, missing);
      moved |= next ^ at[l];
      at[l] = next;
    }
    if (step >= ALWAYS_STEPS && !moved) break;
  }
  for (size_t l = 0; l < lanes; l++) sums[l] += (double)tree[at[l]].leaf;
}

/* One tree, all rows. */
#define DEFINE_WALK(name, missing)                                                                 \
  static void name(const sy_walk_node *tree, uint32_t depth, const float *values, size_t width,    \
                   size_t rows, double *sums) {                                                    \
    if (rows == 1)                                                                                 \
      walk(tree, depth, values, width, 1, missing, sums);                                          \
    else                                                                                           \
      for (size_t row = 0; row < rows; row += LANES)                                               \
        walk(tree, depth, values + row * width, width, LANES, missing, sums + row);                \
  }

DEFINE_WALK(trees_walk_known, false)
DEFINE_WALK(trees_walk_missing, true)

void sy_trees_walk(const sy_trees *trees, const float *values, size_t rows, size_t stride,
                   bool missing, double *sums) {
  const sy_forest *forest = &trees->forest;
  size_t width = sy_trees_width(trees);
  for (size_t t = 0; t < forest->n_trees; t++) {
    const sy_walk_node *tree = trees->walk + forest->roots[t];
    double *to = sums + forest->outputs[t] * stride;
    if (missing)
      trees_walk_missing(tree, trees->depths[t], values, width, rows, to);
    else
      trees_walk_known(tree, trees->depths[t], values, width, rows, to);
  }
}

/* --- what is walked --- */

static void find_columns(sy_trees *trees) {
  const sy_forest *forest = &trees->forest;
  for (size_t j = 0; j <= forest->n_features; j++) trees->columns[j] = 0;
  for (size_t n = 0; n < forest->n_nodes; n++)
    if (forest->nodes[n].feature != SY_TREE_LEAF) trees->columns[forest->nodes[n].feature] = 1;
  for (size_t j = 0; j < forest->n_features; j++)
    if (trees->columns[j]) trees->used[trees->n_used++] = (uint32_t)j;
  for (size_t j = 0; j <= forest->n_features; j++) trees->columns[j] = (uint32_t)trees->n_used + 1;
  for (size_t u = 0; u < trees->n_used; u++) trees->columns[trees->used[u]] = (uint32_t)u;
}

/* Lays the nodes of a tree out level by level, so that the two children of each lie side by side;
 * returns its depth. `order` (n_nodes) is scratch. */
static uint32_t lay_out(const sy_trees *trees, size_t begin, uint32_t *order) {
  const sy_forest *forest = &trees->forest;
  sy_walk_node *to = trees->walk + begin;
  uint32_t depth = 0;
  size_t n = 1, level_end = 1;
  order[0] = (uint32_t)begin;
  for (size_t at = 0; at < n; at++) {
    const sy_tree_node *node = &forest->nodes[order[at]];
    if (at == level_end) depth++, level_end = n;
    if (node->feature == SY_TREE_LEAF) {
      to[at] =
          (sy_walk_node){INFINITY, (uint32_t)trees->n_used, (uint32_t)at, {.leaf = node->value}};
      continue;
    }
    to[at] = (sy_walk_node){
        node->value, trees->columns[node->feature], (uint32_t)n, {node->missing_left}};
    order[n++] = node->left;
    order[n++] = node->right;
  }
  return depth;
}

bool sy_trees_prepare(sy_trees *trees) {
  const sy_forest *forest = &trees->forest;
  uint32_t *order = sy_alloc(forest->n_nodes, sizeof *order);
  size_t most_used = forest->n_nodes < forest->n_features ? forest->n_nodes : forest->n_features;
  trees->walk = sy_alloc(forest->n_nodes, sizeof *trees->walk);
  trees->depths = sy_alloc(forest->n_trees, sizeof *trees->depths);
  trees->used = sy_alloc(most_used, sizeof *trees->used);
  trees->columns = sy_alloc(forest->n_features + 1, sizeof *trees->columns);
  bool complete = order && trees->walk && trees->depths && trees->used && trees->columns;
  if (complete) {
    find_columns(trees);
    for (size_t t = 0; t < forest->n_trees; t++)
      trees->depths[t] = lay_out(trees, forest->roots[t], order);
  }
  free(order);
  return complete;
}
