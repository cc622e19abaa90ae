/* boosted_calls.h: small data to grow trees on, and fits that must succeed. */
#ifndef TESTS_BOOSTED_CALLS_H
#define TESTS_BOOSTED_CALLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fit_problem.h"

/* Columns: two that matter together, one that does alone, whole numbers with many ties, a copy of
 * the first, noise. Every eleventh number of the third is missing. */
typedef struct forest_world {
  size_t n, n_classes;
  float *f32;
  double *f64, *weights; /* weights in (0.2, 3) */
  int32_t *ids;
  uint8_t *held; /* every fifth row */
} forest_world;

enum { FOREST_COLUMNS = 6 };

static inline void fill_forest_row(forest_world *world, size_t i, uint64_t *seed) {
  float *row = world->f32 + i * FOREST_COLUMNS;
  for (size_t j = 0; j < FOREST_COLUMNS; j++) row[j] = (float)normal(seed);
  row[3] = (float)(int)(4 * uniform(seed));
  row[4] = row[0];
  double score = (double)row[0] * (double)row[1] + (double)row[2] + (row[3] > 2) + normal(seed) / 2;
  size_t k = 0;
  while (k + 1 < world->n_classes && score > 0.8 + 0.7 * (double)k) k++;
  world->ids[i] = (int32_t)(i < world->n_classes ? i : k);
  if (i % 11 == 7) row[2] = NAN;
}

static inline forest_world new_forest_world(size_t n, size_t n_classes, uint64_t seed) {
  forest_world made = {.n = n, .n_classes = n_classes};
  made.f32 = calloc(n * FOREST_COLUMNS, sizeof *made.f32);
  made.f64 = calloc(n * FOREST_COLUMNS, sizeof *made.f64);
  made.weights = calloc(n, sizeof *made.weights);
  made.ids = calloc(n, sizeof *made.ids);
  made.held = calloc(n, 1);
  if (!made.f32 || !made.f64 || !made.weights || !made.ids || !made.held) abort();
  for (size_t i = 0; i < n; i++) {
    fill_forest_row(&made, i, &seed);
    made.weights[i] = 0.2 + 2.8 * uniform(&seed);
    made.held[i] = i % 5 == 4;
  }
  for (size_t j = 0; j < n * FOREST_COLUMNS; j++) made.f64[j] = (double)made.f32[j];
  return made;
}

static inline void free_forest_world(forest_world *world) {
  free(world->f32);
  free(world->f64);
  free(world->weights);
  free(world->ids);
  free(world->held);
}

/* Its rows of float32, without weights and rows held back. */
static inline sy_training_data forest_data(const forest_world *world) {
  return (sy_training_data){.rows = {world->f32, SY_F32, world->n, FOREST_COLUMNS, FOREST_COLUMNS},
                            .ids = world->ids,
                            .n_outputs = world->n_classes};
}

static inline sy_boosted_options few_rounds(int rounds) {
  sy_boosted_options options = sy_boosted_options_default();
  options.rounds = rounds;
  options.max_depth = 4;
  options.learning_rate = 0.3;
  return options;
}

static inline sy_predictor *grow(const sy_training_data *data, const sy_boosted_options *options,
                                 sy_training_result *result) {
  sy_predictor *made = NULL;
  sy_error error = {0};
  sy_status status = sy_fit_boosted(data, options, NULL, &made, result, &error);
  if (status != SY_OK) fail_msg("%s", error.text);
  return made;
}

/* Whether two forests are the same in structure and leaves: to the last bit where `tolerance` is
 * 0, else leaves to as much of their size, or of 0.1 where they are less. */
static inline void check_same_trees(const sy_predictor *one, const sy_predictor *other,
                                    double tolerance) {
  const sy_forest *a = sy_predictor_forest(one), *b = sy_predictor_forest(other);
  assert_true(a && b);
  assert_int_equal(a->n_trees, b->n_trees);
  assert_int_equal(a->n_nodes, b->n_nodes);
  assert_int_equal(a->n_outputs, b->n_outputs);
  assert_memory_equal(a->roots, b->roots, a->n_trees * sizeof *a->roots);
  assert_memory_equal(a->outputs, b->outputs, a->n_trees * sizeof *a->outputs);
  for (size_t n = 0; n < a->n_nodes; n++) {
    const sy_tree_node *x = &a->nodes[n], *y = &b->nodes[n];
    bool leaf = x->feature == SY_TREE_LEAF;
    assert_int_equal(x->feature, y->feature);
    if (!leaf && (x->left != y->left || x->right != y->right || x->value != y->value ||
                  x->missing_left != y->missing_left))
      fail_msg("node %zu: %g, not %g", n, (double)x->value, (double)y->value);
    double size = fmax(fabs((double)x->value), 1e-1);
    if (leaf && fabs((double)x->value - (double)y->value) > tolerance * size)
      fail_msg("leaf %zu: %.9g, not %.9g", n, (double)x->value, (double)y->value);
  }
}

/* And begin at the same logits. */
static inline void check_same_bits(const sy_predictor *one, const sy_predictor *other) {
  check_same_trees(one, other, 0);
  const sy_forest *a = sy_predictor_forest(one), *b = sy_predictor_forest(other);
  assert_memory_equal(a->base, b->base, a->n_outputs * sizeof *a->base);
}

/* The tests of a file, or one that says that they cannot be run. */
static inline void needs_xgboost(void **state) {
  (void)state;
  print_message("XGBoost is not here: nothing is grown\n");
  skip();
}

#define RUN_WITH_XGBOOST(tests)                                                                    \
  do {                                                                                             \
    const struct CMUnitTest without[] = {cmocka_unit_test(needs_xgboost)};                         \
    if (!sy_xgboost_version()) return cmocka_run_group_tests(without, NULL, NULL);                 \
    return cmocka_run_group_tests(tests, NULL, NULL);                                              \
  } while (0)

#endif
