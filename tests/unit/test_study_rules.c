/* What decides in the model that a study keeps, and that no memory it cannot have breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study_world.h"

/* Weighted and priced: the costs alone decide, on probabilities from which the weights are undone,
 * and no figure knows of the weights. */
static void a_mistake_is_not_weighed_and_priced(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  const double cost[] = {0, 1, 5, 0};
  sy_policy *policy = policy_of("no=1,yes=8");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  sy_cost_rule rule = rule_of(cost, 2);
  options.cost_rule = &rule;
  sy_study study = run_study(&w.data, &options);
  assert_int_equal(sy_model_decision_source(study.model), SY_DECISION_GIVEN);
  assert_memory_equal(sy_model_cost(study.model), cost, sizeof cost);
  assert_near(sy_model_class_weights(study.model)[1], 8, 0);
  assert_int_equal(study.test.n_ways, 4);
  assert_int_equal(study.test.stored, 3);
  assert_string_equal(study.test.ways[2].name, "weighted 'no=1,yes=8'");
  assert_string_equal(study.test.ways[3].name, "p >= 0.167");
  double p[2 * ROWS], right = 0, mean = 0;
  int32_t said[ROWS];
  assert_int_equal(sy_model_score(study.model, &w.frame, NULL, p, said, NULL), SY_OK);
  for (size_t i = 0; i < ROWS; i++) {
    assert_int_equal(said[i], p[2 * i + 1] > 1.0 / 6);
    right += said[i] == (int32_t)w.label_codes[i];
    mean += p[2 * i + 1] / ROWS;
  }
  const sy_metrics *train = &study.train.ways[study.train.stored].metrics;
  assert_near(train->weighted_rows, ROWS, 0);
  assert_near(train->accuracy, right / ROWS, 0.005); /* the study encodes in float32 */
  assert_near(mean, study.train.observed_share, 0.04);
  /* The weighted arg-max is p >= 1 / 9, another rule than the one that is kept. */
  assert_true(study.test.ways[2].flagged > study.test.ways[3].flagged);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

static void a_small_threshold_keeps_its_digits(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  const double cost[] = {0, 1, 5000, 0};
  sy_study_options options = sy_study_options_default();
  sy_cost_rule rule = rule_of(cost, 2);
  options.cost_rule = &rule;
  options.test = SY_TEST_NONE;
  sy_study study = run_study(&w.data, &options);
  assert_string_equal(study.train.ways[study.train.stored].name, "p >= 0.0002");
  sy_study_clear(&study);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

/* A class of weight 0 is not learnt and never said, but its rows are judged; one that is declared
 * and absent is outside all formulas. */
static void classes_that_cannot_be_learnt_are_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  sy_policy *policy = policy_of("no=1,yes=3,maybe=0");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  options.folds = 2;
  sy_study study = run_study(&w.data, &options);
  const sy_metrics *test = &study.test.ways[study.test.stored].metrics;
  assert_int_equal(test->rows, ROWS);
  assert_true(test->per_class[2].support > 0 && test->per_class[2].predicted == 0);
  assert_true(isinf(test->log_loss));
  assert_true(is_told(study.messages, "class 'maybe' has weight 0"));
  assert_true(is_told(study.messages, "log-loss is infinite"));
  sy_study_clear(&study);
  sy_policy_free(policy);
  for (size_t i = 0; i < ROWS; i++) w.label_codes[i] %= 2;
  sy_labels_options declared = {.classes = NAMES, .n_classes = 3};
  sy_labels_free(w.labels);
  assert_int_equal(sy_labels_from_names(w.label_codes, ROWS, NAMES, 3, &declared, &w.labels, NULL),
                   SY_OK);
  w.data.labels = w.labels;
  options.policy = policy = policy_of("balanced");
  study = run_study(&w.data, &options);
  double yes = 0, p[3 * ROWS];
  for (size_t i = 0; i < ROWS; i++) yes += w.label_codes[i];
  const double *weights = sy_model_class_weights(study.model);
  assert_near(weights[0], ROWS / (2 * (ROWS - yes)), 1e-12);
  assert_near(weights[1], ROWS / (2 * yes), 1e-12);
  assert_near(weights[2], 1, 0);
  assert_int_equal(sy_model_score(study.model, &w.frame, NULL, p, NULL, NULL), SY_OK);
  for (size_t i = 0; i < ROWS; i++) assert_true(p[3 * i + 2] == 0);
  assert_true(is_told(study.messages, "class 'maybe' has no rows"));
  assert_true(isfinite(study.test.ways[study.test.stored].metrics.log_loss));
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* The default penalty is 1 / sum of row weights, whatever the classes weigh. */
static void the_default_penalty_knows_row_weights_only(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  double total = 0;
  for (size_t i = 0; i < ROWS; i++) total += w.weights[i];
  w.data.row_weights = w.weights;
  sy_policy *policy = policy_of("no=1,yes=100");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  options.test = SY_TEST_NONE;
  sy_study study = run_study(&w.data, &options);
  assert_true(study.l2_default);
  assert_near(study.l2, 1 / total, 1e-15);
  sy_study_clear(&study);
  options.l2 = 0.25;
  study = run_study(&w.data, &options);
  assert_false(study.l2_default);
  assert_near(study.l2, 0.25, 0);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

static void the_rarer_class_is_positive_unless_named(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  sy_study study = run_study(&w.data, &options);
  assert_int_equal(sy_model_positive(study.model), 1);
  sy_study_clear(&study);
  options.positive = 0;
  study = run_study(&w.data, &options);
  assert_int_equal(sy_model_positive(study.model), 0);
  assert_near(study.train.observed_share, study.audit.classes[0].share, 1e-12);
  sy_study_clear(&study);
  /* By row weights, not by rows. */
  options.positive = -1;
  for (size_t i = 0; i < ROWS; i++) w.weights[i] = w.label_codes[i] ? 50 : 1;
  w.data.row_weights = w.weights;
  study = run_study(&w.data, &options);
  assert_int_equal(sy_model_positive(study.model), 0);
  sy_study_clear(&study);
  options.positive = 2;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_INVALID_ARGUMENT);
  sy_labels_free(w.labels);
}

/* A model of two classes need not say which is positive: then it is the second, as in its words. */
static void a_model_without_a_positive_class_is_reviewed(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  assert_int_equal(sy_encoder_fit(&w.frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  double coefficients[16] = {1}, intercept = -2;
  size_t width = sy_encoder_n_outputs(encoder);
  assert_in_range(width, 1, 16);
  assert_int_equal(sy_predictor_logistic(width, 2, 1, coefficients, &intercept, &predictor, NULL),
                   SY_OK);
  sy_model_parts parts = {.classes = NAMES, .n_classes = 2, .positive = -1};
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  sy_review review;
  assert_int_equal(sy_review_model(model, &w.frame, w.labels, NULL, NULL, &review, NULL), SY_OK);
  assert_int_equal(review.positive, 1);
  double yes = 0;
  for (size_t i = 0; i < ROWS; i++) yes += w.label_codes[i];
  assert_near(review.observed_share, yes / ROWS, 1e-12);
  sy_review_clear(&review);
  sy_model_free(model);
  sy_labels_free(w.labels);
}

/* Every allocation of a study fails once: it is told, or only cost a message, and all is released
 * (the sanitizers see what is not). One thread: failures are counted by thread. */
static void sweep(const world *w, const sy_study_options *options) {
  size_t n = 1;
  for (bool struck = true; struck; n++) {
    sy_study study;
    sy_memory_fail_nth(n);
    sy_status status = sy_study_run(&w->data, options, &study, NULL);
    struck = sy_memory_fail_nth(0) == 0;
    assert_true(status == SY_OK || (struck && status == SY_OUT_OF_MEMORY));
    if (status == SY_OK)
      sy_study_clear(&study);
    else
      assert_true(!study.model && !study.messages && !study.test.ways && !study.audit.classes);
  }
  assert_true(n > 100);
}

static void a_study_survives_no_memory(void **state) {
  (void)state;
  static world w, test;
  make_world(&w, 3);
  make_world(&test, 3);
  const double cost[] = {0, 1, 1, 5, 0, 1, 2, 1, 0};
  static uint32_t groups[ROWS];
  for (size_t i = 0; i < ROWS; i++) groups[i] = (uint32_t)(i % 7);
  sy_study_options options = sy_study_options_default();
  sy_policy *policy = policy_of("log:auto");
  options.folds = 2;
  sy_cost_rule rule = rule_of(cost, 3);
  options.cost_rule = &rule;
  sy_threads_set(1);
  sweep(&w, &options);
  w.data.row_weights = w.weights;
  w.data.groups = groups;
  options.test = SY_TEST_SHARE;
  options.policy = policy;
  sweep(&w, &options);
  w.data.test_frame = &test.frame;
  w.data.test_labels = test.labels;
  options.test = SY_TEST_OTHER;
  options.cost_rule = NULL;
  sweep(&w, &options);
  sy_threads_set(0);
  sy_policy_free(policy);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
  sy_labels_free(test.labels);
}

/* A column that repeats the label is told by name, numbers and text alike; honest ones are not. */
static void a_column_that_knows_the_label_is_told(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  for (size_t i = 0; i < ROWS; i++) {
    if (sy_labels_ids(w.labels)[i] == 1) w.z[i] += 1000;
    w.codes[i] = sy_labels_ids(w.labels)[i] == 1 ? 2 : w.codes[i] % 2;
  }
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_OK);
  size_t told_z = 0, told_colour = 0, told = 0;
  for (size_t i = 0; i < sy_messages_count(study.messages); i++) {
    const char *message = sy_messages_get(study.messages, i);
    if (!strstr(message, "known at prediction time")) continue;
    told++;
    told_z += strstr(message, "'z' alone") != NULL;
    told_colour += strstr(message, "'colour' alone") != NULL;
  }
  assert_int_equal(told_z, 1);
  assert_int_equal(told_colour, 1);
  assert_int_equal(told, 2);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_column_that_knows_the_label_is_told),
      cmocka_unit_test(a_mistake_is_not_weighed_and_priced),
      cmocka_unit_test(a_small_threshold_keeps_its_digits),
      cmocka_unit_test(classes_that_cannot_be_learnt_are_told),
      cmocka_unit_test(the_default_penalty_knows_row_weights_only),
      cmocka_unit_test(the_rarer_class_is_positive_unless_named),
      cmocka_unit_test(a_model_without_a_positive_class_is_reviewed),
      cmocka_unit_test(a_study_survives_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
