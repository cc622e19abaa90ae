/* Splits, and a whole study on small made-up data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "study_world.h"

/* Three classes of 400, 170 and 30 rows in a mixed order, 20 groups. */
static void make_ids(int32_t ids[ROWS], uint32_t groups[ROWS]) {
  for (size_t i = 0; i < ROWS; i++) {
    size_t place = (i * 7919) % ROWS;
    ids[i] = place < 400 ? 0 : place < 570 ? 1 : 2;
    groups[i] = (uint32_t)(i / 30);
  }
}

static void folds_are_stratified_and_even(void **state) {
  (void)state;
  int32_t ids[ROWS], fold[ROWS];
  uint32_t groups[ROWS];
  make_ids(ids, groups);
  assert_int_equal(sy_split_folds(ids, ROWS, 3, NULL, 7, 3, fold, NULL), SY_OK);
  size_t counts[7][3] = {{0}}, total[7] = {0};
  for (size_t i = 0; i < ROWS; i++) {
    assert_in_range(fold[i], 0, 6);
    counts[fold[i]][ids[i]]++;
    total[fold[i]]++;
  }
  const size_t rows_of[3] = {400, 170, 30};
  for (int f = 0; f < 7; f++) {
    assert_in_range(total[f], ROWS / 7, ROWS / 7 + 1);
    for (int k = 0; k < 3; k++) assert_in_range(counts[f][k], rows_of[k] / 7, rows_of[k] / 7 + 1);
  }
}

static void folds_depend_on_the_seed_alone(void **state) {
  (void)state;
  int32_t ids[ROWS], first[ROWS], again[ROWS], other[ROWS];
  uint32_t groups[ROWS];
  make_ids(ids, groups);
  assert_int_equal(sy_split_folds(ids, ROWS, 3, NULL, 5, 1, first, NULL), SY_OK);
  assert_int_equal(sy_split_folds(ids, ROWS, 3, NULL, 5, 1, again, NULL), SY_OK);
  assert_int_equal(sy_split_folds(ids, ROWS, 3, NULL, 5, 2, other, NULL), SY_OK);
  assert_memory_equal(first, again, sizeof first);
  assert_true(memcmp(first, other, sizeof first) != 0);
}

static void lone_and_ignored_rows_are_never_judged(void **state) {
  (void)state;
  int32_t ids[] = {0, 0, 0, 0, 1, 1, 2, SY_IGNORED, 1}, fold[9];
  assert_int_equal(sy_split_folds(ids, 9, 3, NULL, 2, 0, fold, NULL), SY_OK);
  for (size_t i = 0; i < 9; i++) {
    bool never = ids[i] == 2 || ids[i] == SY_IGNORED;
    assert_int_equal(fold[i] < 0, never);
  }
}

static void groups_stay_together(void **state) {
  (void)state;
  int32_t ids[ROWS], fold[ROWS];
  uint32_t groups[ROWS];
  uint8_t test[ROWS];
  make_ids(ids, groups);
  assert_int_equal(sy_split_folds(ids, ROWS, 3, groups, 4, 0, fold, NULL), SY_OK);
  assert_int_equal(sy_split_share(ids, ROWS, 3, groups, 0.3, 0, test, NULL), SY_OK);
  size_t rows[4] = {0}, tested = 0;
  for (size_t i = 0; i < ROWS; i++) {
    assert_int_equal(fold[i], fold[i / 30 * 30]);
    assert_int_equal(test[i], test[i / 30 * 30]);
    rows[fold[i]]++;
    tested += test[i];
  }
  for (int f = 0; f < 4; f++) assert_int_equal(rows[f], ROWS / 4);
  assert_in_range(tested, 150, 210);
}

static void fewer_groups_than_folds_is_refused(void **state) {
  (void)state;
  int32_t ids[] = {0, 1, 0, 1}, fold[4];
  uint32_t groups[] = {5, 5, 9, 9};
  sy_error error;
  sy_status status = sy_split_folds(ids, 4, 2, groups, 3, 0, fold, &error);
  assert_int_equal(status, SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "2 groups"));
}

/* Groups of one class each tie everywhere: no fold stays empty while others hold two. */
static void groups_of_one_class_fill_all_folds(void **state) {
  (void)state;
  int32_t ids[50], fold[50];
  uint32_t groups[50];
  for (size_t i = 0; i < 50; i++) {
    groups[i] = (uint32_t)(i / 10);
    ids[i] = (int32_t)(i / 10);
  }
  assert_int_equal(sy_split_folds(ids, 50, 5, groups, 5, 0, fold, NULL), SY_OK);
  size_t rows[5] = {0};
  for (size_t i = 0; i < 50; i++) rows[fold[i]]++;
  for (size_t f = 0; f < 5; f++) assert_int_equal(rows[f], 10);
}

/* All rows of class 1 are in one group, which a share of 0.8 would like to test. */
static void a_share_of_groups_leaves_every_class_to_train_on(void **state) {
  (void)state;
  int32_t ids[100];
  uint32_t groups[100];
  uint8_t test[100];
  for (size_t i = 0; i < 100; i++) {
    groups[i] = (uint32_t)(i / 10);
    ids[i] = i < 10;
  }
  assert_int_equal(sy_split_share(ids, 100, 2, groups, 0.8, 0, test, NULL), SY_OK);
  size_t tested = 0;
  for (size_t i = 0; i < 100; i++) {
    tested += test[i];
    if (ids[i] == 1) assert_int_equal(test[i], 0);
  }
  assert_int_equal(tested, 70);
}

static void a_share_keeps_its_size_and_a_training_row(void **state) {
  (void)state;
  int32_t ids[ROWS];
  uint32_t groups[ROWS];
  uint8_t test[ROWS];
  make_ids(ids, groups);
  assert_int_equal(sy_split_share(ids, ROWS, 3, NULL, 0.25, 0, test, NULL), SY_OK);
  size_t counts[3] = {0};
  for (size_t i = 0; i < ROWS; i++) counts[ids[i]] += test[i];
  assert_int_equal(counts[0], 100);
  assert_int_equal(counts[1], 43);
  assert_int_equal(counts[2], 8);
  int32_t few[] = {0, 0, 1, 1};
  assert_int_equal(sy_split_share(few, 4, 2, NULL, 0.9, 0, test, NULL), SY_OK);
  assert_int_equal(test[0] + test[1], 1);
  assert_int_equal(test[2] + test[3], 1);
  assert_int_equal(sy_split_share(few, 4, 2, NULL, 1.5, 0, test, NULL), SY_INVALID_ARGUMENT);
}

static void costs_decide_and_are_stored(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  double cost[] = {0, 1, 5, 0};
  sy_study_options options = sy_study_options_default();
  sy_cost_rule rule = rule_of(cost, 2);
  options.cost_rule = &rule;
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_OK);
  assert_int_equal(study.test.n_ways, 4);
  assert_int_equal(study.test.stored, 3);
  assert_string_equal(study.test.ways[0].name, "never flag");
  assert_string_equal(study.test.ways[3].name, "p >= 0.167");
  assert_int_equal(sy_model_decision_source(study.model), SY_DECISION_GIVEN);
  assert_int_equal(study.test.ways[3].metrics.rows, ROWS);
  assert_true(study.test.has_saving && study.test.saving.saving > 0.1);
  assert_true(study.fit.converged);
  double mean = study.test.ways[1].metrics.average_cost - study.test.ways[3].metrics.average_cost;
  assert_near(study.test.saving.difference, mean, 1e-12);
  mean = study.test.ways[0].metrics.average_cost - study.test.ways[3].metrics.average_cost;
  assert_near(study.test.saving_constant.difference, mean, 1e-12);
  assert_near(study.test.saving_constant.saving, mean / study.test.ways[0].metrics.average_cost,
              1e-12);
  sy_study_clear(&study);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

/* Weights imply costs: decisions follow the weights, probabilities stay true. */
static void weights_move_decisions_not_probabilities(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_OK);
  const sy_way *stored = &study.test.ways[study.test.stored];
  assert_int_equal(sy_model_decision_source(study.model), SY_DECISION_IMPLIED);
  assert_true(stored->flagged > 2 * study.test.ways[1].flagged);
  assert_near(study.test.mean_probability, study.test.observed_share, 0.03);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Row weights of k are k copies for the model kept: the same coefficients, counts and figures. */
static void row_weights_are_copies(void **state) {
  (void)state;
  static world w, copies;
  make_world(&w, 2);
  w.data.row_weights = w.weights;
  size_t at = 0;
  for (size_t i = 0; i < ROWS && at + 3 <= ROWS; i++) {
    for (size_t k = 0; k < (size_t)w.weights[i]; k++, at++) {
      copies.x[at] = w.x[i];
      copies.z[at] = w.z[i];
      copies.codes[at] = w.codes[i];
      copies.label_codes[at] = w.label_codes[i];
    }
    w.frame.rows = i + 1;
  }
  sy_labels_options declared = {.classes = NAMES, .n_classes = 2};
  sy_labels_free(w.labels);
  assert_int_equal(
      sy_labels_from_names(w.label_codes, w.frame.rows, NAMES, 3, &declared, &w.labels, NULL),
      SY_OK);
  w.data.labels = w.labels;
  memcpy(copies.columns, w.columns, sizeof copies.columns);
  copies.columns[0].f64 = copies.x;
  copies.columns[1].f64 = copies.z;
  copies.columns[2].codes = copies.codes;
  copies.frame = (sy_frame){copies.columns, 3, at};
  assert_int_equal(
      sy_labels_from_names(copies.label_codes, at, NAMES, 3, &declared, &copies.labels, NULL),
      SY_OK);
  copies.data = (sy_study_data){.frame = &copies.frame, .labels = copies.labels};
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  sy_study weighted, copied;
  assert_int_equal(sy_study_run(&w.data, &options, &weighted, NULL), SY_OK);
  assert_int_equal(sy_study_run(&copies.data, &options, &copied, NULL), SY_OK);
  const sy_predictor *a = sy_model_predictor(weighted.model), *b = sy_model_predictor(copied.model);
  for (size_t j = 0; j < sy_predictor_n_features(a); j++) {
    assert_near(sy_predictor_coefficients(a)[j], sy_predictor_coefficients(b)[j], 1e-6);
  }
  assert_near(weighted.train.ways[1].metrics.log_loss, copied.train.ways[1].metrics.log_loss, 1e-7);
  assert_true(weighted.train.has_unweighted);
  sy_study_clear(&weighted);
  sy_study_clear(&copied);
  sy_labels_free(w.labels);
  sy_labels_free(copies.labels);
}

/* The figures of a mask come from the marked rows, judged by a model of the others. */
static void a_mask_judges_its_rows(void **state) {
  (void)state;
  world w;
  make_world(&w, 3);
  uint8_t mask[ROWS];
  for (size_t i = 0; i < ROWS; i++) mask[i] = i >= 500;
  w.data.test_mask = mask;
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_MASK;
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_OK);
  assert_int_equal(study.test.ways[study.test.stored].metrics.rows, 100);
  assert_int_equal(study.train.ways[study.train.stored].metrics.rows, ROWS);
  assert_int_equal(study.test.positive, -1);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void one_class_is_refused(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  sy_labels *labels;
  uint32_t codes[ROWS] = {0};
  assert_int_equal(sy_labels_from_names(codes, ROWS, NAMES, 1, NULL, &labels, NULL), SY_OK);
  w.data.labels = labels;
  sy_study_options options = sy_study_options_default();
  sy_study study;
  sy_error error;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_TOO_FEW_CLASSES);
  assert_non_null(strstr(error.text, "'no'"));
  sy_labels_free(labels);
  sy_labels_free(w.labels);
}

static bool cancel_late(void *context, const char *stage, double fraction) {
  (void)stage;
  *(double *)context = fraction;
  return fraction > 0.5;
}

static void a_study_can_be_cancelled(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  double seen = 0;
  sy_study_options options = sy_study_options_default();
  options.progress = (sy_progress){cancel_late, &seen};
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_CANCELLED);
  assert_true(seen > 0.5 && seen <= 1);
  sy_labels_free(w.labels);
}

/* Same bits on any number of threads: the whole JSON-worthy outcome hangs on these. */
static void threads_change_nothing(void **state) {
  (void)state;
  world w;
  make_world(&w, 3);
  sy_policy *policy = policy_of("power:0.5");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  sy_study one, three;
  sy_threads_set(1);
  assert_int_equal(sy_study_run(&w.data, &options, &one, NULL), SY_OK);
  sy_threads_set(3);
  assert_int_equal(sy_study_run(&w.data, &options, &three, NULL), SY_OK);
  sy_threads_set(0);
  size_t n = 3 * sy_predictor_n_features(sy_model_predictor(one.model));
  assert_memory_equal(sy_predictor_coefficients(sy_model_predictor(one.model)),
                      sy_predictor_coefficients(sy_model_predictor(three.model)),
                      n * sizeof(double));
  assert_true(one.test.ways[2].metrics.log_loss == three.test.ways[2].metrics.log_loss);
  sy_study_clear(&one);
  sy_study_clear(&three);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_are_stratified_and_even),
      cmocka_unit_test(folds_depend_on_the_seed_alone),
      cmocka_unit_test(lone_and_ignored_rows_are_never_judged),
      cmocka_unit_test(groups_stay_together),
      cmocka_unit_test(fewer_groups_than_folds_is_refused),
      cmocka_unit_test(groups_of_one_class_fill_all_folds),
      cmocka_unit_test(a_share_of_groups_leaves_every_class_to_train_on),
      cmocka_unit_test(a_share_keeps_its_size_and_a_training_row),
      cmocka_unit_test(costs_decide_and_are_stored),
      cmocka_unit_test(weights_move_decisions_not_probabilities),
      cmocka_unit_test(row_weights_are_copies),
      cmocka_unit_test(a_mask_judges_its_rows),
      cmocka_unit_test(one_class_is_refused),
      cmocka_unit_test(a_study_can_be_cancelled),
      cmocka_unit_test(threads_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
