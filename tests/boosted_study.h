/* boosted_study.h: small studies of boosted trees; after study_world.h. */
#ifndef SY_TESTS_BOOSTED_STUDY_H
#define SY_TESTS_BOOSTED_STUDY_H

#include "network_study.h"

#define SKIP_WITHOUT_XGBOOST()                                                                     \
  do {                                                                                             \
    if (sy_xgboost_version()) break;                                                               \
    print_message("no XGBoost here: skipped\n");                                                   \
    skip();                                                                                        \
  } while (0)

/* Few small trees, which learn the world within some rounds. */
static inline sy_boosted_options small_trees(void) {
  sy_boosted_options boosted = sy_boosted_options_default();
  boosted.rounds = 25;
  boosted.early_stopping_rounds = 4;
  boosted.learning_rate = 0.3;
  boosted.max_depth = 2;
  return boosted;
}

static inline sy_study_options study_of_trees(const sy_boosted_options *boosted) {
  sy_study_options options = sy_study_options_default();
  options.family = SY_STUDY_BOOSTED;
  options.boosted = boosted;
  options.folds = 3;
  return options;
}

static inline void assert_same_trees(const sy_model *a, const sy_model *b) {
  const sy_forest *left = sy_predictor_forest(sy_model_predictor(a));
  const sy_forest *right = sy_predictor_forest(sy_model_predictor(b));
  assert_int_equal(left->n_nodes, right->n_nodes);
  assert_int_equal(left->n_trees, right->n_trees);
  assert_memory_equal(left->base, right->base, left->n_outputs * sizeof(double));
  for (size_t i = 0; i < left->n_nodes; i++) {
    assert_int_equal(left->nodes[i].feature, right->nodes[i].feature);
    assert_true(left->nodes[i].value == right->nodes[i].value);
  }
}

#endif
