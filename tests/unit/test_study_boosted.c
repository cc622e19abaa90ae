/* A study of boosted trees: what it grows, for how long, what it undoes and what it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boosted_study.h"

/* Numbers that are missing now and then stay so for the trees, and are filled for the rival. */
static void trees_learn_beside_logistic_regression(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  for (size_t i = 0; i < ROWS; i += 7) w.z[i] = NAN;
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  sy_study study = run_study(&w.data, &options);
  options.family = SY_STUDY_LOGISTIC;
  sy_study logistic = run_study(&w.data, &options);
  const sy_metrics *own = stored_metrics(&study.test), *other = stored_metrics(&logistic.test);
  assert_string_equal(sy_predictor_family(sy_model_predictor(study.model)), "boosted");
  assert_true(sy_encoder_is_raw(sy_model_encoder(study.model)));
  assert_int_equal(own->rows, ROWS);
  assert_near(own->log_loss, other->log_loss, 0.05);
  assert_true(study.rival.judged);
  assert_near(study.rival.logistic_log_loss, other->log_loss, 1e-12);
  assert_near(study.rival.log_loss, own->log_loss, 1e-12);
  options.family = SY_STUDY_BOOSTED;
  options.alone = true;
  sy_study alone = run_study(&w.data, &options);
  assert_false(alone.rival.judged);
  assert_same_trees(alone.model, study.model);
  sy_study_clear(&study);
  sy_study_clear(&logistic);
  sy_study_clear(&alone);
  sy_labels_free(w.labels);
}

static void the_kept_trees_are_as_many_as_the_folds_chose(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 3);
  sy_boosted_options boosted = small_trees();
  boosted.rounds = 60;
  sy_study_options options = study_of_trees(&boosted);
  sy_study study = run_study(&w.data, &options);
  const sy_training_result *kept = &study.training;
  const sy_forest *forest = sy_predictor_forest(sy_model_predictor(study.model));
  assert_true(kept->epochs >= 1 && kept->epochs < 60);
  assert_int_equal(kept->n_curve, kept->epochs);
  assert_int_equal(forest->n_trees, 3 * kept->epochs);
  assert_int_equal(study.fit.iterations, kept->epochs);
  assert_int_equal(study.epochs_most, 60);
  assert_true(study.fit.converged);
  assert_string_equal(study.fit.solver, "XGBoost");
  assert_true(isnan(kept->held_loss) && isfinite(kept->curve[0].held_loss));
  assert_memory_equal(sy_model_note(study.model, SY_NOTE_CURVE), "1:", 2);
  options.test = SY_TEST_NONE;
  sy_study untested = run_study(&w.data, &options);
  assert_true(isfinite(untested.training.curve[0].held_loss));
  options.held_share = 0;
  sy_study all = run_study(&w.data, &options);
  assert_int_equal(all.training.epochs, 60);
  assert_false(all.fit.converged);
  sy_study_clear(&study);
  sy_study_clear(&untested);
  sy_study_clear(&all);
  sy_labels_free(w.labels);
}

static void growing_on_at_the_last_round_is_told(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_boosted_options boosted = small_trees();
  boosted.rounds = 3;
  boosted.learning_rate = 0.05;
  sy_study_options options = study_of_trees(&boosted);
  sy_study study = run_study(&w.data, &options);
  assert_true(is_told(study.messages, "still improving at the last of 3 rounds: --rounds"));
  assert_false(is_told(study.messages, "network"));
  assert_false(study.fit.converged);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_policy *policy = policy_of("balanced");
  sy_boosted_options boosted = small_trees();
  boosted.subsample = 0.8;
  sy_study_options options = study_of_trees(&boosted);
  options.policy = policy;
  options.alone = true;
  sy_threads_set(1);
  sy_study one = run_study(&w.data, &options);
  sy_threads_set(3);
  sy_study three = run_study(&w.data, &options);
  sy_threads_set(0);
  assert_same_trees(one.model, three.model);
  assert_same_rows(&one.test.rows, &three.test.rows);
  size_t sizes[2];
  void *files[2] = {onnx_of(&one, &sizes[0]), onnx_of(&three, &sizes[1])};
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(files[0], files[1], sizes[0]);
  free(files[0]);
  free(files[1]);
  sy_study_clear(&one);
  sy_study_clear(&three);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Weights tilt the trees; what the model says is near the truth all the same, and so it decides as
 * the costs do that the weights imply. */
static void class_weights_are_undone_and_decide(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  options.policy = policy;
  sy_study study = run_study(&w.data, &options);
  assert_near(study.test.mean_probability, study.test.observed_share, 0.03);
  assert_true(study.twin.judged && isfinite(study.twin.log_loss));
  const sy_judged_rows *rows = &study.train.rows;
  const double *cost = sy_model_cost(study.model);
  for (size_t i = 0; i < rows->n; i++) {
    double p[2] = {exp(rows->log_probabilities[2 * i]), exp(rows->log_probabilities[2 * i + 1])};
    double none = p[0] * cost[0] + p[1] * cost[2], flag = p[0] * cost[1] + p[1] * cost[3];
    if (fabs(none - flag) < 1e-9) continue;
    assert_int_equal(rows->decisions[i], flag < none);
  }
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Slopes go into leaves and base, offsets into the weights. */
static void shifts_and_slopes_of_the_loss_are_undone(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  static const char *const parts[] = {"logit-adjustment:tau=1", "vs:gamma=0.15,tau=1"};
  for (int n_classes = 2; n_classes <= 3; n_classes++) {
    make_world(&w, n_classes);
    for (size_t i = 0; i < 2; i++) {
      sy_loss_options loss = sy_loss_options_default((size_t)n_classes);
      loss.parts = parts[i];
      sy_boosted_options boosted = small_trees();
      boosted.loss = &loss;
      sy_study_options options = study_of_trees(&boosted);
      options.alone = true;
      sy_study study = run_study(&w.data, &options);
      assert_string_equal(study.scores_only, "");
      if (n_classes == 2) assert_near(study.test.mean_probability, study.test.observed_share, 0.03);
      boosted.loss = NULL;
      sy_study plain = run_study(&w.data, &options);
      assert_near(stored_metrics(&study.test)->log_loss, stored_metrics(&plain.test)->log_loss,
                  0.05);
      sy_study_clear(&study);
      sy_study_clear(&plain);
    }
    sy_labels_free(w.labels);
  }
}

static void focal_trees_give_scores_until_calibrated(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_loss_options loss = sy_loss_options_default(2);
  loss.parts = "focal:gamma=2";
  sy_boosted_options boosted = small_trees();
  boosted.loss = &loss;
  sy_study_options options = study_of_trees(&boosted);
  sy_study study = run_study(&w.data, &options);
  assert_string_equal(study.scores_only, "focal:gamma=2");
  assert_string_equal(sy_model_note(study.model, SY_NOTE_SCORES), "focal:gamma=2");
  options.calibrate = SY_STUDY_CALIBRATE_TEMPERATURE;
  sy_study calibrated = run_study(&w.data, &options);
  assert_string_equal(calibrated.scores_only, "");
  assert_true(calibrated.calibration.log_loss_after < calibrated.calibration.log_loss_before);
  sy_study_clear(&study);
  sy_study_clear(&calibrated);
  sy_labels_free(w.labels);
}

static void weights_are_chosen_along_six_exponents(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_objective objective = objective_of("balanced_accuracy");
  sy_tune_options tune = tuned_for("f1");
  sy_boosted_options boosted = small_trees();
  boosted.rounds = 8;
  sy_study_options options = study_of_trees(&boosted);
  options.automatic = &objective;
  options.tune = &tune;
  sy_study study = run_study(&w.data, &options);
  assert_int_equal(study.path.n, 6);
  assert_true(study.tuned);
  assert_true(is_told(study.messages, "6 exponents of class weights were tried, each trained"));
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void refitting_keeps_the_probabilities_of_a_twin(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  options.alone = true;
  sy_study plain = run_study(&w.data, &options);
  options.policy = policy;
  options.calibrate = SY_STUDY_CALIBRATE_REFIT;
  sy_study study = run_study(&w.data, &options);
  assert_same_trees(study.model, plain.model);
  assert_true(sy_model_decision_source(study.model) == SY_DECISION_IMPLIED);
  sy_study_clear(&plain);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Another source, marked rows, groups, rows held back by name, float64. */
static void tests_of_all_kinds_judge_trees(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w, other;
  static uint8_t mask[ROWS], held[ROWS];
  static uint32_t groups[ROWS];
  make_world(&w, 2);
  make_world(&other, 2);
  for (size_t i = 0; i < ROWS; i++) {
    mask[i] = i % 4 == 0;
    held[i] = i % 5 == 1;
    groups[i] = (uint32_t)(i / 3);
  }
  sy_policy *policy = policy_of("balanced");
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  options.policy = policy;
  options.test = SY_TEST_OTHER;
  w.data.test_frame = &other.frame;
  w.data.test_labels = other.labels;
  sy_study study = run_study(&w.data, &options);
  assert_true(study.rival.judged && study.twin.judged);
  assert_int_equal(stored_metrics(&study.test)->rows, ROWS);
  sy_study_clear(&study);
  options.test = SY_TEST_MASK;
  w.data.test_mask = mask;
  w.data.groups = groups;
  options.calibrate = SY_STUDY_CALIBRATE_ISOTONIC;
  study = run_study(&w.data, &options);
  assert_int_equal(stored_metrics(&study.test)->rows, ROWS / 4);
  sy_study_clear(&study);
  options.calibrate = SY_STUDY_CALIBRATE_NONE;
  w.data.held_mask = held;
  study = run_study(&w.data, &options);
  assert_true(isfinite(study.training.held_loss));
  sy_study wide = study;
  options.dtype = SY_F64;
  study = run_study(&w.data, &options);
  assert_same_trees(study.model, wide.model);
  sy_study_clear(&study);
  sy_study_clear(&wide);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
  sy_labels_free(other.labels);
}

static void costs_of_the_loss_are_those_of_the_study(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  const double cost[] = {0, 1, 5, 0};
  sy_cost_rule rule = rule_of(cost, 2);
  sy_loss_options loss = sy_loss_options_default(2);
  loss.cost_use = SY_COST_EXPECTED;
  sy_boosted_options boosted = small_trees();
  boosted.loss = &loss;
  sy_study_options options = study_of_trees(&boosted);
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "goes by what mistakes cost");
  options.cost_rule = &rule;
  sy_study study = run_study(&w.data, &options);
  assert_string_equal(study.scores_only, "cost-expected");
  assert_true(stored_metrics(&study.test)->average_cost <
              stored_metrics(&study.test)->best_constant_cost);
  sy_study_clear(&study);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

static bool stop_soon(void *context, const char *stage, double fraction) {
  (void)stage, (void)fraction;
  return ++*(int *)context >= 5;
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  if (!sy_xgboost_version()) {
    assert_refused(&w.data, &options, SY_UNSUPPORTED, "XGBoost");
    sy_labels_free(w.labels);
    return;
  }
  boosted.learning_rate = 2;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "learning_rate must be above 0");
  boosted = small_trees();
  options.checkpoint.path = "state";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "boosted trees are grown without");
  options.checkpoint.path = NULL;
  options.held_share = 1;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "held back must be");
  options.held_share = 0.1;
  int calls = 0;
  options.progress = (sy_progress){stop_soon, &calls};
  assert_refused(&w.data, &options, SY_CANCELLED, "");
  sy_labels_free(w.labels);
}

typedef struct seen {
  int calls, last_fit, fits;
} seen;

static void look_on(void *context, int fit, int fits, const sy_epoch *epoch) {
  seen *s = context;
  assert_true(epoch->epoch >= 1 && epoch->epoch <= 25);
  s->calls++;
  s->last_fit = fit;
  s->fits = fits;
}

static void each_round_is_told(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  make_world(&w, 2);
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_trees(&boosted);
  seen s = {0};
  options.epoch = look_on;
  options.epoch_context = &s;
  sy_study study = run_study(&w.data, &options);
  assert_true(s.calls > study.training.epochs);
  assert_int_equal(s.last_fit, 4);
  assert_int_equal(s.fits, 4);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trees_learn_beside_logistic_regression),
      cmocka_unit_test(the_kept_trees_are_as_many_as_the_folds_chose),
      cmocka_unit_test(growing_on_at_the_last_round_is_told),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(class_weights_are_undone_and_decide),
      cmocka_unit_test(shifts_and_slopes_of_the_loss_are_undone),
      cmocka_unit_test(focal_trees_give_scores_until_calibrated),
      cmocka_unit_test(weights_are_chosen_along_six_exponents),
      cmocka_unit_test(refitting_keeps_the_probabilities_of_a_twin),
      cmocka_unit_test(tests_of_all_kinds_judge_trees),
      cmocka_unit_test(costs_of_the_loss_are_those_of_the_study),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(each_round_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
