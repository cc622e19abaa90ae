/* test_fit_boosted_refusals.c: defaults and names, and what is refused of options and data. */
#include "boosted_calls.h"

static void test_defaults(void **state) {
  (void)state;
  sy_boosted_options options = sy_boosted_options_default();
  assert_int_equal(options.rounds, 1000);
  assert_int_equal(options.early_stopping_rounds, 20);
  assert_int_equal(options.max_depth, 6);
  assert_int_equal(options.max_bin, 256);
  assert_true(options.learning_rate == 0.1 && options.reg_lambda == 1 && options.subsample == 1);
  assert_int_equal(sy_boosted_options_check(&options, NULL), SY_OK);
}

static void test_names(void **state) {
  (void)state;
  sy_grow_policy policy;
  sy_error error;
  for (int p = SY_GROW_DEPTHWISE; p <= SY_GROW_LOSSGUIDE; p++) {
    assert_int_equal(sy_grow_policy_parse(sy_grow_policy_name((sy_grow_policy)p), &policy, NULL),
                     SY_OK);
    assert_int_equal(policy, p);
  }
  assert_int_equal(sy_grow_policy_parse("breadth", &policy, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "depthwise or lossguide"));
}

static void check_option(const sy_boosted_options *options, const char *words) {
  sy_error error = {0};
  assert_int_equal(sy_boosted_options_check(options, &error), SY_INVALID_ARGUMENT);
  if (strcmp(error.text, words) != 0) fail_msg("\"%s\", not \"%s\"", error.text, words);
}

#define REFUSE(member, number, words)                                                              \
  do {                                                                                             \
    sy_boosted_options options = sy_boosted_options_default();                                     \
    options.member = number;                                                                       \
    check_option(&options, words);                                                                 \
  } while (0)

static void test_options_refused(void **state) {
  (void)state;
  REFUSE(rounds, 0, "rounds must be at least 1 and at most 100000, not 0");
  REFUSE(rounds, 100001, "rounds must be at least 1 and at most 100000, not 100001");
  REFUSE(stop_after, -1, "stop_after must be at least 0 and at most 100000, not -1");
  REFUSE(early_stopping_rounds, -1, "early_stopping_rounds must be at least 0, not -1");
  REFUSE(learning_rate, 0, "learning_rate must be above 0 and at most 1, not 0");
  REFUSE(learning_rate, 1.5, "learning_rate must be above 0 and at most 1, not 1.5");
  REFUSE(learning_rate, NAN, "learning_rate must be above 0 and at most 1, not nan");
  REFUSE(max_depth, 31, "max_depth must be at least 0 and at most 30, not 31");
  REFUSE(max_leaves, -2, "max_leaves must be at least 0 and at most 1000000, not -2");
  REFUSE(min_child_weight, -1, "min_child_weight must be at least 0, not -1");
  REFUSE(gamma, INFINITY, "gamma must be at least 0, not inf");
  REFUSE(reg_lambda, -0.5, "reg_lambda must be at least 0, not -0.5");
  REFUSE(reg_alpha, NAN, "reg_alpha must be at least 0, not nan");
  REFUSE(max_delta_step, -1, "max_delta_step must be at least 0, not -1");
  REFUSE(subsample, 0, "subsample must be above 0 and at most 1, not 0");
  REFUSE(colsample_bytree, 2, "colsample_bytree must be above 0 and at most 1, not 2");
  REFUSE(colsample_bylevel, -1, "colsample_bylevel must be above 0 and at most 1, not -1");
  REFUSE(colsample_bynode, 0, "colsample_bynode must be above 0 and at most 1, not 0");
  REFUSE(max_bin, 1, "max_bin must be at least 2 and at most 65535, not 1");
  REFUSE(max_leaves, 1,
         "a tree of 1 leaf tells nothing apart: max_leaves is 0 (without limit) or 2 and more");
  REFUSE(max_depth, 0,
         "max_depth 0, without limit, is for grow_policy lossguide with max_leaves; else it is 1 "
         "to 30");
}

/* --- data --- */

static void check_data(const sy_training_data *data, const sy_boosted_options *options,
                       sy_status status, const char *words) {
  sy_error error = {0};
  sy_predictor *made = NULL;
  assert_int_equal(sy_fit_boosted(data, options, NULL, &made, NULL, &error), status);
  assert_null(made);
  if (strcmp(error.text, words) != 0) fail_msg("\"%s\", not \"%s\"", error.text, words);
}

static void test_values_refused(void **state) {
  (void)state;
  if (!sy_xgboost_version()) skip();
  forest_world world = new_forest_world(50, 2, 1);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(2);
  world.f32[7 * FOREST_COLUMNS + 2] = -INFINITY;
  check_data(&data, &options, SY_INVALID_DATA,
             "-inf at row 8, column 3 is not a finite float32; trees take finite numbers, and NaN "
             "for missing ones");
  data.rows.data = world.f64;
  data.rows.dtype = SY_F64;
  world.f64[9 * FOREST_COLUMNS] = 1e39;
  check_data(&data, &options, SY_INVALID_DATA,
             "1e+39 at row 10, column 1 is not a finite float32; trees take finite numbers, and "
             "NaN for missing ones");
  free_forest_world(&world);
}

static void test_kinds_refused(void **state) {
  (void)state;
  if (!sy_xgboost_version()) skip();
  forest_world world = new_forest_world(50, 2, 1);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(2);
  sy_embedding code = {0, 4, 0};
  float labels[100] = {0};
  data.embeddings = &code;
  data.n_embeddings = 1;
  check_data(&data, &options, SY_INVALID_ARGUMENT,
             "boosted trees take numbers, no codes: encode texts one-hot");
  data = forest_data(&world);
  data.ids = NULL;
  data.labels = labels;
  check_data(&data, &options, SY_INVALID_ARGUMENT,
             "boosted trees tell classes apart (ids), not several labels a row");
  data = forest_data(&world);
  options.max_bin = 0;
  check_data(&data, &options, SY_INVALID_ARGUMENT,
             "max_bin must be at least 2 and at most 65535, not 0");
  free_forest_world(&world);
}

static void test_rows_refused(void **state) {
  (void)state;
  if (!sy_xgboost_version()) skip();
  forest_world world = new_forest_world(50, 2, 1);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(2);
  data.rows.rows = 0;
  check_data(&data, &options, SY_NO_ROWS, "there are no rows to fit");
  data = forest_data(&world);
  for (size_t i = 0; i < world.n; i++) world.weights[i] = 0;
  data.row_weights = world.weights;
  check_data(&data, &options, SY_NO_WEIGHT, "all weights are zero");
  data = forest_data(&world);
  for (size_t i = 0; i < world.n; i++) world.held[i] = 1;
  data.held = world.held;
  check_data(&data, &options, SY_NO_ROWS,
             "all 50 rows of positive weight are held back: none is left to train on");
  data = forest_data(&world);
  for (size_t i = 0; i < world.n; i++) world.ids[i] = 1;
  check_data(&data, &options, SY_TOO_FEW_CLASSES,
             "only class 1 has rows of positive weight; a fit needs at least two classes");
  world.ids[3] = 2;
  check_data(&data, &options, SY_INVALID_LABEL, "label 2 at row 4 is outside the 2 classes 0..1");
  free_forest_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),        cmocka_unit_test(test_names),
      cmocka_unit_test(test_options_refused), cmocka_unit_test(test_values_refused),
      cmocka_unit_test(test_kinds_refused),   cmocka_unit_test(test_rows_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
