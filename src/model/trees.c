/* trees.c: the family of boosted trees. A row goes down each tree alone; its leaves are summed in
 * double in the order of the trees, so that blocks, tiles and single rows give the same bits. */
#include "model/trees.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static void trees_clear(sy_predictor *predictor) {
  sy_trees *trees = predictor->trees;
  if (!trees) return;
  free(trees->base);
  free(trees->nodes);
  free(trees->roots);
  free(trees->outputs);
  free(trees->walk);
  free(trees->depths);
  free(trees->used);
  free(trees->columns);
  free(trees);
}

/* A number as it is walked; notes whether it is missing. */
static float taken(double number, bool *missing) {
  float x = (float)number;
  *missing |= isnan(x);
  return x;
}

/* Doubles for the rows of a tile as they are walked. */
static size_t trees_scratch(const sy_predictor *predictor, size_t stride) {
  return (sy_trees_width(predictor->trees) * stride + 1) / 2;
}

static double logit_of(const sy_trees *trees, size_t output, double sum) {
  return trees->base[output] + (double)(float)sum;
}

/* Walks rows that are laid out. */
static void walk_rows(const sy_predictor *predictor, const float *values, size_t rows,
                      size_t stride, bool missing, double *logits) {
  const sy_trees *trees = predictor->trees;
  size_t n_outputs = trees->forest.n_outputs, first = n_outputs == 1 ? 1 : 0;
  for (size_t i = 0; i < predictor->n_classes * stride; i++) logits[i] = 0;
  double *sums = logits + first * stride;
  sy_trees_walk(trees, values, rows, stride, missing, sums);
  for (size_t o = 0; o < n_outputs; o++)
    for (size_t row = 0; row < stride; row++)
      sums[o * stride + row] = logit_of(trees, o, sums[o * stride + row]);
}

/* --- rows of a matrix --- */

/* Lays out rows of a matrix; tells whether a number is missing. */
static bool take_rows(const sy_trees *trees, sy_matrix rows, size_t begin, size_t n,
                      float *values) {
  size_t width = sy_trees_width(trees);
  bool missing = false;
  for (size_t row = 0; row < n; row++, values += width) {
    size_t at = (begin + row) * rows.stride;
    for (size_t u = 0; u < trees->n_used; u++) {
      size_t from = at + trees->used[u];
      values[u] = taken(rows.dtype == SY_F32 ? (double)((const float *)rows.data)[from]
                                             : ((const double *)rows.data)[from],
                        &missing);
    }
  }
  return missing;
}

static sy_status trees_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                              sy_error *error) {
  const sy_trees *trees = predictor->trees;
  size_t n_classes = predictor->n_classes, width = sy_trees_width(trees);
  size_t most = sy_tile_rows(width), all = sy_tile_stride(rows.rows);
  size_t stride = all < most ? all : most;
  float *values = sy_alloc_zero(width * stride, sizeof *values);
  double *columns = sy_alloc(n_classes * stride, sizeof *columns);
  for (size_t begin = 0; values && columns && begin < rows.rows; begin += stride) {
    size_t left = rows.rows - begin, n = left < stride ? left : stride;
    bool missing = take_rows(trees, rows, begin, n, values);
    walk_rows(predictor, values, n, stride, missing, columns);
    for (size_t row = 0; row < n; row++)
      for (size_t k = 0; k < n_classes; k++)
        logits[(begin + row) * n_classes + k] = columns[k * stride + row];
  }
  sy_status status = values && columns ? SY_OK : sy_fail_memory(error);
  free(values);
  free(columns);
  return status;
}

/* --- tiles --- */

/* Lays out a tile: its numbers, and a 1 where a text is. Only rows there are, or all to the end of
 * the lanes. */
static bool take_tile(const sy_trees *trees, const sy_tile *tile, size_t rows, float *values) {
  size_t width = sy_trees_width(trees), n_dense = 0;
  bool missing = false;
  while (n_dense < trees->n_used && trees->used[n_dense] < tile->n_dense) n_dense++;
  for (size_t row = 0; row < rows; row++) {
    float *to = values + row * width;
    for (size_t u = 0; u < n_dense; u++)
      to[u] = taken(tile->dense[trees->used[u] * tile->stride + row], &missing);
    for (size_t u = n_dense; u < width; u++) to[u] = 0;
    for (size_t t = 0; t < tile->n_texts; t++)
      to[trees->columns[tile->places[t * tile->stride + row]]] = 1;
  }
  return missing;
}

static void trees_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                       double *logits) {
  float *values = (float *)(void *)scratch;
  size_t rows = tile->rows == 1 ? 1 : tile->stride;
  bool missing = take_tile(predictor->trees, tile, rows, values);
  walk_rows(predictor, values, tile->rows, tile->stride, missing, logits);
}

static const sy_family boosted = {.name = "boosted",
                                  .clear = trees_clear,
                                  .logits = trees_logits,
                                  .scratch = trees_scratch,
                                  .tile = trees_tile};

/* --- checks --- */

static sy_status check_shape(const sy_forest *forest, size_t n_classes, sy_error *error) {
  if (forest->n_features == 0 || forest->n_features >= SY_TREE_LEAF)
    return sy_fail(error, SY_INVALID_SHAPE, "trees of %zu features", forest->n_features);
  if (n_classes < 2)
    return sy_fail(error, SY_INVALID_SHAPE, "a model needs at least 2 classes, not %zu", n_classes);
  if (forest->n_outputs != n_classes && !(forest->n_outputs == 1 && n_classes == 2))
    return sy_fail(error, SY_INVALID_SHAPE, "%zu logits do not fit %zu classes", forest->n_outputs,
                   n_classes);
  if (forest->n_nodes >= UINT32_MAX)
    return sy_fail(error, SY_INVALID_SHAPE, "%zu nodes are too many", forest->n_nodes);
  for (size_t o = 0; o < forest->n_outputs; o++)
    if (isnan(forest->base[o]) || forest->base[o] == (double)INFINITY)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "base %zu is %g; it must be finite, or -inf for a class not learnt", o + 1,
                     forest->base[o]);
  return SY_OK;
}

/* The nodes of one tree: children lie behind their parents, each has one parent, and there are no
 * others. */
static sy_status check_tree(const sy_forest *forest, size_t begin, size_t end, uint8_t *has_parent,
                            sy_error *error) {
  memset(has_parent + begin, 0, end - begin);
  for (size_t n = begin; n < end; n++) {
    const sy_tree_node *node = &forest->nodes[n];
    if (!isfinite(node->value))
      return sy_fail(error, SY_INVALID_ARGUMENT, "node %zu holds %g; it must be finite", n,
                     (double)node->value);
    if (node->feature == SY_TREE_LEAF) continue;
    bool inside = node->left > n && node->left < end && node->right > n && node->right < end;
    if (node->feature >= forest->n_features || !inside || node->left == node->right ||
        has_parent[node->left] || has_parent[node->right])
      return sy_fail(error, SY_INVALID_ARGUMENT, "node %zu is no node of a tree", n);
    has_parent[node->left] = has_parent[node->right] = 1;
  }
  for (size_t n = begin + 1; n < end; n++)
    if (!has_parent[n]) return sy_fail(error, SY_INVALID_ARGUMENT, "node %zu has no parent", n);
  return SY_OK;
}

static size_t tree_end(const sy_forest *forest, size_t t) {
  return t + 1 < forest->n_trees ? forest->roots[t + 1] : forest->n_nodes;
}

static sy_status check_trees(const sy_forest *forest, sy_error *error) {
  if ((forest->n_trees == 0) != (forest->n_nodes == 0) ||
      (forest->n_trees && forest->roots[0] != 0))
    return sy_fail(error, SY_INVALID_SHAPE, "the first tree does not begin with the first node");
  uint8_t *has_parent = sy_alloc(forest->n_nodes, 1);
  if (!has_parent) return sy_fail_memory(error);
  sy_status status = SY_OK;
  for (size_t t = 0; t < forest->n_trees && !status; t++) {
    size_t end = tree_end(forest, t);
    if (forest->roots[t] >= end || end > forest->n_nodes)
      status = sy_fail(error, SY_INVALID_SHAPE, "tree %zu has no nodes", t);
    else if (forest->outputs[t] >= forest->n_outputs)
      status = sy_fail(error, SY_INVALID_ARGUMENT, "tree %zu adds to no logit", t);
    else
      status = check_tree(forest, forest->roots[t], end, has_parent, error);
  }
  free(has_parent);
  return status;
}

/* --- making --- */

static sy_status fill(sy_trees *to, const sy_forest *from, sy_error *error) {
  to->base = sy_alloc(from->n_outputs, sizeof *to->base);
  to->nodes = sy_alloc(from->n_nodes, sizeof *to->nodes);
  to->roots = sy_alloc(from->n_trees, sizeof *to->roots);
  to->outputs = sy_alloc(from->n_trees, sizeof *to->outputs);
  bool complete = to->base && to->nodes && to->roots && to->outputs;
  if (complete) {
    memcpy(to->base, from->base, from->n_outputs * sizeof *to->base);
    if (from->n_trees > 0) {
      memcpy(to->nodes, from->nodes, from->n_nodes * sizeof *to->nodes);
      memcpy(to->roots, from->roots, from->n_trees * sizeof *to->roots);
      memcpy(to->outputs, from->outputs, from->n_trees * sizeof *to->outputs);
    }
    to->forest = *from;
    to->forest.base = to->base;
    to->forest.nodes = to->nodes;
    to->forest.roots = to->roots;
    to->forest.outputs = to->outputs;
    complete = sy_trees_prepare(to);
  }
  return complete ? SY_OK : sy_fail_memory(error);
}

sy_status sy_predictor_boosted(const sy_forest *forest, size_t n_classes, sy_predictor **predictor,
                               sy_error *error) {
  sy_status status = check_shape(forest, n_classes, error);
  if (!status) status = check_trees(forest, error);
  if (status) return status;
  sy_predictor *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  *made =
      (sy_predictor){.family = &boosted, .n_features = forest->n_features, .n_classes = n_classes};
  made->trees = sy_alloc_zero(1, sizeof *made->trees);
  status = made->trees ? fill(made->trees, forest, error) : sy_fail_memory(error);
  if (status)
    sy_predictor_free(made);
  else
    *predictor = made;
  return status;
}

const sy_forest *sy_predictor_forest(const sy_predictor *predictor) {
  return predictor->trees ? &predictor->trees->forest : NULL;
}
