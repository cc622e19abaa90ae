/* trees.h: boosted trees as they are walked. */
#ifndef SY_MODEL_TREES_H
#define SY_MODEL_TREES_H

#include "model/predictor.h"

/* A node to walk. A leaf is its own left child, and looks at a column that is always 0 whether it
 * is less than infinity: so a walk may go on at a leaf, and stays. */
typedef struct sy_walk_node {
  float value;     /* what a number is held against */
  uint32_t column; /* of the walk */
  uint32_t left;   /* place of the left child within its tree; the right one follows it */
  union {
    uint32_t missing_left; /* 0 or 1 */
    float leaf;            /* what a leaf adds */
  };
} sy_walk_node;

/* Rows are walked as float32, row after row, of the columns alone that some node looks at: all
 * those of one-hot columns may be many. After them one that is 0 and one that nobody looks at. */
typedef struct sy_trees {
  sy_forest forest; /* points into the next members */
  double *base;
  sy_tree_node *nodes;
  size_t *roots;
  uint32_t *outputs;
  sy_walk_node *walk; /* (n_nodes) */
  uint32_t *depths;   /* (n_trees) steps to the lowest leaf */
  uint32_t *used;     /* (n_used) encoded column of each column of the walk, rising */
  uint32_t *columns;  /* (n_features + 1) the other way round; of what is not used and of the one
                         that is none: the column that nobody looks at */
  size_t n_used;
} sy_trees;

/* Numbers of a row as it is walked. */
static inline size_t sy_trees_width(const sy_trees *trees) {
  return trees->n_used + 2;
}

/* Lays out what is walked from trees->forest; false without memory. */
bool sy_trees_prepare(sy_trees *trees);

/* Adds the leaves of rows to `sums` (n_outputs, stride), tree after tree.
 * @param values   (stride, width), see above; any numbers after the last row
 * @param missing  whether one may be NaN */
void sy_trees_walk(const sy_trees *trees, const float *values, size_t rows, size_t stride,
                   bool missing, double *sums);

#endif
