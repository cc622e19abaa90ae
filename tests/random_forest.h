/* random_forest.h: random boosted trees; a part of random_model.h. */
#ifndef TESTS_RANDOM_FOREST_H
#define TESTS_RANDOM_FOREST_H

enum {
  RANDOM_TREES = 40,
  RANDOM_MOST_TREES = 300,
  RANDOM_DEPTH = 6,
  RANDOM_NODES = RANDOM_MOST_TREES << RANDOM_DEPTH
};

/* None at all, a few, or as many as are grown in earnest. */
static size_t random_n_trees(random_table *table) {
  size_t draw = random_below(table, 16);
  return draw == 0 ? 0 : draw == 1 ? RANDOM_MOST_TREES : random_below(table, RANDOM_TREES + 1);
}

/* A split that some rows lie exactly on, in the middle of the numbers, or of one-hot columns. */
static float random_threshold(random_table *table) {
  double u = random_uniform(table), v = random_uniform(table);
  if (u < 0.2) return (float)(floor(18000 + 900 * v) + 0.25);
  return u < 0.5 ? 1 : u < 0.6 ? 0 : (float)((v - 0.5) * 10);
}

/* Grows a tree from its root, which is the last node there is: nodes level by level. */
static size_t random_tree(random_table *table, size_t n_features, sy_tree_node *nodes,
                          size_t root) {
  size_t n = root + 1, most = root + ((size_t)1 << RANDOM_DEPTH) - 2;
  for (size_t at = root; at < n; at++) {
    bool is_leaf = n > most || random_uniform(table) < 0.3;
    nodes[at] =
        (sy_tree_node){.feature = SY_TREE_LEAF, .value = (float)(random_uniform(table) - 0.5)};
    if (is_leaf) continue;
    nodes[at] = (sy_tree_node){.feature = (uint32_t)random_below(table, n_features),
                               .left = (uint32_t)n,
                               .right = (uint32_t)n + 1,
                               .value = random_threshold(table),
                               .missing_left = random_below(table, 2)};
    if (random_below(table, 2)) {
      nodes[at].left = (uint32_t)n + 1;
      nodes[at].right = (uint32_t)n;
    }
    n += 2;
  }
  return n;
}

static sy_predictor *random_forest(random_table *table, size_t n_features, size_t n_classes,
                                   const double *class_weights) {
  bool one_of_two = n_classes == 2 && random_uniform(table) < 0.7;
  size_t n_trees = random_n_trees(table), n = 0;
  double base[RANDOM_CLASSES];
  sy_tree_node *nodes = malloc(RANDOM_NODES * sizeof *nodes);
  size_t roots[RANDOM_MOST_TREES];
  uint32_t outputs[RANDOM_MOST_TREES];
  if (!nodes) abort();
  sy_forest forest = {.n_features = n_features,
                      .n_outputs = one_of_two ? 1 : n_classes,
                      .base = base,
                      .nodes = nodes,
                      .roots = roots,
                      .outputs = outputs,
                      .n_trees = n_trees};
  for (size_t o = 0; o < forest.n_outputs; o++)
    base[o] = class_weights[one_of_two ? 1 : o] == 0 ? -INFINITY : random_uniform(table) - 0.5;
  for (size_t t = 0; t < n_trees; t++) {
    roots[t] = n;
    outputs[t] = (uint32_t)random_below(table, forest.n_outputs);
    n = random_tree(table, n_features, nodes, n);
  }
  forest.n_nodes = n;
  sy_predictor *predictor = NULL;
  if (sy_predictor_boosted(&forest, n_classes, &predictor, NULL)) abort();
  free(nodes);
  return predictor;
}

#endif
