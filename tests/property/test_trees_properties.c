/* test_trees_properties.c: random forests give the bits of a walk that is as plain as can be, for
 * matrices and for tiles of any number of rows, with texts and with what is missing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <steelyard/model.h>

#include "base/memory.h"
#include "model/predictor.h"

enum { MOST_TREES = 12, MOST_NODES = 201, MOST_OUTPUTS = 4, MOST_FEATURES = 40, MOST_ROWS = 300 };

/* A forest, rows of its encoded numbers, and how many of them are dense. */
typedef struct world {
  uint64_t state;
  sy_forest forest;
  sy_tree_node nodes[MOST_TREES * MOST_NODES];
  size_t roots[MOST_TREES];
  uint32_t outputs[MOST_TREES];
  double base[MOST_OUTPUTS];
  size_t n_classes, n_dense, n_texts, rows;
  size_t texts[MOST_FEATURES + 1]; /* where the columns of each text begin, and their end */
  float values[MOST_ROWS * MOST_FEATURES];
  double doubles[MOST_ROWS * MOST_FEATURES];
  double expected[MOST_ROWS * MOST_OUTPUTS];
} world;

static size_t below(world *of, size_t n) {
  of->state = of->state * 6364136223846793005u + 1442695040888963407u;
  return (size_t)((of->state >> 33) % n);
}

/* Few values, so that rows often meet a threshold. */
static float some_number(world *of) {
  return (float)below(of, 9) / 4 - 1;
}

/* Splits a leaf again and again: the last one, which makes a tree deep, or any. */
static size_t grow(world *of, size_t begin, size_t splits) {
  size_t n = 1;
  of->nodes[begin] = (sy_tree_node){.feature = SY_TREE_LEAF, .value = some_number(of) / 3};
  bool deep = below(of, 3) == 0;
  for (size_t s = 0; s < splits; s++) {
    size_t at = deep ? n - 1 : below(of, n);
    if (of->nodes[begin + at].feature != SY_TREE_LEAF) continue;
    uint32_t left = (uint32_t)(begin + n + below(of, 2)),
             right = (uint32_t)(2 * (begin + n) + 1) - left;
    of->nodes[begin + at] = (sy_tree_node){.feature = (uint32_t)below(of, of->forest.n_features),
                                           .left = left,
                                           .right = right,
                                           .value = some_number(of),
                                           .missing_left = below(of, 2)};
    for (size_t c = 0; c < 2; c++)
      of->nodes[begin + n + c] =
          (sy_tree_node){.feature = SY_TREE_LEAF, .value = some_number(of) / 3};
    n += 2;
  }
  return n;
}

static void make_forest(world *of) {
  size_t n_outputs = 1 + below(of, MOST_OUTPUTS), n_nodes = 0, n_trees = below(of, MOST_TREES + 1);
  of->n_classes = n_outputs == 1 ? 2 : n_outputs;
  of->forest = (sy_forest){.n_features = 1 + below(of, MOST_FEATURES),
                           .n_outputs = n_outputs,
                           .base = of->base,
                           .nodes = of->nodes,
                           .roots = of->roots,
                           .outputs = of->outputs,
                           .n_trees = n_trees};
  for (size_t o = 0; o < n_outputs; o++) of->base[o] = some_number(of) / 7;
  for (size_t t = 0; t < n_trees; t++) {
    of->roots[t] = n_nodes;
    of->outputs[t] = (uint32_t)below(of, n_outputs);
    n_nodes += grow(of, n_nodes, below(of, (MOST_NODES - 1) / 2));
  }
  of->forest.n_nodes = n_nodes;
}

/* Dense columns first, then those of texts, of which one at most is 1. */
static void make_rows(world *of) {
  size_t n = of->forest.n_features;
  bool missing = below(of, 2);
  of->n_dense = below(of, n + 1);
  of->n_texts = 0;
  for (size_t c = of->n_dense; c < n; c += 1 + below(of, 5)) of->texts[of->n_texts++] = c;
  of->texts[of->n_texts] = n;
  of->rows = below(of, 3) == 0 ? 1 : 1 + below(of, MOST_ROWS);
  memset(of->values, 0, sizeof of->values);
  for (size_t row = 0; row < of->rows; row++) {
    float *to = of->values + row * n;
    for (size_t c = 0; c < of->n_dense; c++)
      to[c] = missing && below(of, 4) == 0 ? NAN : below(of, 50) == 0 ? INFINITY : some_number(of);
    for (size_t t = 0; t < of->n_texts; t++) {
      size_t begin = of->texts[t], end = of->texts[t + 1], at = begin + below(of, end - begin + 1);
      if (at < end) to[at] = 1;
    }
  }
  for (size_t i = 0; i < of->rows * n; i++) of->doubles[i] = (double)of->values[i];
}

static double plain_leaf(const world *of, size_t t, const float *row) {
  const sy_tree_node *node = &of->nodes[of->roots[t]];
  while (node->feature != SY_TREE_LEAF) {
    float x = row[node->feature];
    bool left = isnan(x) ? node->missing_left : x < node->value;
    node = &of->nodes[left ? node->left : node->right];
  }
  return (double)node->value;
}

static void walk_plainly(world *of) {
  size_t n_outputs = of->forest.n_outputs;
  for (size_t row = 0; row < of->rows; row++) {
    double sums[MOST_OUTPUTS] = {0}, *to = of->expected + row * of->n_classes;
    for (size_t t = 0; t < of->forest.n_trees; t++)
      sums[of->outputs[t]] += plain_leaf(of, t, of->values + row * of->forest.n_features);
    if (n_outputs == 1) *to++ = 0;
    for (size_t o = 0; o < n_outputs; o++) to[o] = of->base[o] + (double)(float)sums[o];
  }
}

static void check_matrix(const world *of, const sy_predictor *predictor, sy_dtype dtype) {
  static double logits[MOST_ROWS * MOST_OUTPUTS];
  size_t n = of->forest.n_features;
  sy_matrix rows = {.data = dtype == SY_F32 ? (const void *)of->values : of->doubles,
                    .dtype = dtype,
                    .rows = of->rows,
                    .columns = n,
                    .stride = n};
  sy_error error;
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, &error), SY_OK);
  assert_memory_equal(logits, of->expected, of->rows * of->n_classes * sizeof *logits);
}

/* The rows from `begin` on as a tile. */
static void check_tile(const world *of, const sy_predictor *predictor, size_t begin, size_t rows) {
  size_t stride = sy_tile_stride(rows), n = of->forest.n_features;
  sy_tile tile = {.rows = rows, .stride = stride, .n_dense = of->n_dense, .n_texts = of->n_texts};
  tile.dense = sy_alloc_zero(of->n_dense * stride, sizeof(double));
  tile.places = sy_alloc(of->n_texts * stride, sizeof(uint32_t));
  size_t doubles = sy_predictor_scratch(predictor, stride);
  double *scratch = sy_alloc(doubles, sizeof(double));
  double *logits = sy_alloc(of->n_classes * stride, sizeof(double));
  assert_true(tile.dense && tile.places && scratch && logits);
  memset(scratch, 0xff, doubles * sizeof(double));
  for (size_t i = 0; i < of->n_texts * stride; i++) tile.places[i] = (uint32_t)n;
  for (size_t row = 0; row < rows; row++) {
    const float *from = of->values + (begin + row) * n;
    for (size_t c = 0; c < of->n_dense; c++) tile.dense[c * stride + row] = (double)from[c];
    for (size_t t = 0; t < of->n_texts; t++)
      for (size_t c = of->texts[t]; c < of->texts[t + 1]; c++)
        if (from[c] > 0) tile.places[t * stride + row] = (uint32_t)c;
  }
  sy_predictor_tile(predictor, &tile, scratch, logits);
  for (size_t row = 0; row < rows; row++)
    for (size_t k = 0; k < of->n_classes; k++)
      assert_memory_equal(&logits[k * stride + row],
                          &of->expected[(begin + row) * of->n_classes + k], sizeof(double));
  free(tile.dense);
  free(tile.places);
  free(scratch);
  free(logits);
}

static void test_same_bits(void **state) {
  (void)state;
  static world of;
  for (uint64_t seed = 0; seed < 400; seed++) {
    of.state = seed;
    make_forest(&of);
    make_rows(&of);
    walk_plainly(&of);
    sy_predictor *predictor = NULL;
    sy_error error = {0};
    if (sy_predictor_boosted(&of.forest, of.n_classes, &predictor, &error) != SY_OK)
      fail_msg("%s", error.text);
    check_matrix(&of, predictor, SY_F32);
    check_matrix(&of, predictor, SY_F64);
    for (size_t begin = 0; begin < of.rows; begin += SY_TILE_ROWS)
      check_tile(&of, predictor, begin,
                 of.rows - begin < SY_TILE_ROWS ? of.rows - begin : SY_TILE_ROWS);
    check_tile(&of, predictor, of.rows - 1, 1);
    sy_predictor_free(predictor);
  }
}

static void test_memory(void **state) {
  (void)state;
  static world of;
  of.state = 3;
  make_forest(&of);
  for (size_t nth = 1;; nth++) {
    sy_predictor *predictor = NULL;
    sy_error error;
    sy_memory_fail_nth(nth);
    sy_status status = sy_predictor_boosted(&of.forest, of.n_classes, &predictor, &error);
    bool struck = sy_memory_fail_nth(0) == 0;
    if (!struck) {
      assert_int_equal(status, SY_OK);
      sy_predictor_free(predictor);
      return;
    }
    assert_int_equal(status, SY_OUT_OF_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
