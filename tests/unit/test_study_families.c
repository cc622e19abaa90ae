/* Families tried on the same rows: which is kept, by what, and how sure that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boosted_study.h"

static sy_study choose(const sy_study_data *data, const sy_study_options *options,
                       sy_families *families) {
  sy_study study;
  sy_error error = {0};
  if (sy_study_choose(data, options, &study, families, &error) != SY_OK) fail_msg("%s", error.text);
  return study;
}

static sy_study_options study_of_all(const sy_network_options *network,
                                     const sy_boosted_options *boosted) {
  sy_study_options options = study_of_trees(boosted);
  options.network = network;
  return options;
}

/* What is kept is what a study of that family alone keeps. */
static void assert_kept(const sy_study *study, const sy_families *families,
                        const sy_study_data *data, sy_study_options options) {
  const sy_family_trial *chosen = &families->trials[families->chosen];
  options.family = chosen->family;
  options.alone = true;
  sy_study alone = run_study(data, &options);
  assert_int_equal(study->family, chosen->family);
  assert_same_rows(&study->test.rows, &alone.test.rows);
  assert_false(study->rival.judged);
  assert_near(chosen->metrics.log_loss, stored_metrics(&alone.test)->log_loss, 0);
  assert_true(chosen->difference == 0 && chosen->low == 0 && chosen->high == 0);
  sy_study_clear(&alone);
}

static void the_least_log_loss_is_kept(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_network_options network = small_network();
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_all(&network, &boosted);
  sy_families families;
  sy_study study = choose(&w.data, &options, &families);
  assert_int_equal(families.n, SY_N_FAMILIES);
  assert_string_equal(families.measure, "log-loss");
  assert_false(families.greater_is_better);
  assert_int_equal(families.rows, ROWS);
  double best = families.trials[families.chosen].value;
  for (size_t i = 0; i < families.n; i++) {
    const sy_family_trial *trial = &families.trials[i];
    assert_int_equal(trial->family, i);
    if (!trial->judged) {
      assert_true(trial->family == SY_STUDY_BOOSTED && !sy_xgboost_version());
      assert_non_null(strstr(trial->trouble, "XGBoost"));
      continue;
    }
    assert_near(trial->value, trial->metrics.log_loss, 0);
    assert_true(trial->value >= best);
    assert_near(trial->difference, trial->value - best, 1e-12);
    assert_true(trial->low <= trial->difference && trial->difference <= trial->high);
  }
  assert_kept(&study, &families, &w.data, options);
  assert_true(is_told(study.messages, "was chosen by its log-loss on the rows of the test"));
  assert_true(is_told(study.messages, "a little too hopeful"));
  sy_families_clear(&families);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Intervals are those of the metrics' own paired bootstrap. */
static void costs_decide_where_there_are_some(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  const double cost[] = {0, 1, 8, 0};
  sy_cost_rule rule = rule_of(cost, 2);
  sy_network_options network = small_network();
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_all(&network, &boosted);
  options.cost_rule = &rule;
  options.test = SY_TEST_SHARE;
  sy_families families;
  sy_study study = choose(&w.data, &options, &families);
  assert_string_equal(families.measure, "average cost");
  size_t other = families.chosen == 0 ? 1 : 0;
  const sy_family_trial *trial = &families.trials[other];
  options.family = trial->family;
  options.alone = true;
  sy_study second = run_study(&w.data, &options);
  sy_costs costs = sy_cost_rule_view(&rule, NULL);
  sy_evaluation a = sy_review_evaluation(&second.test, &costs);
  sy_evaluation b = sy_review_evaluation(&study.test, &costs);
  sy_metrics difference, low, high;
  int samples = sy_bootstrap_samples_default(a.n);
  assert_int_equal(sy_evaluate_difference(&a, &b, samples, options.seed, (sy_progress){NULL, NULL},
                                          &difference, &low, &high, NULL),
                   SY_OK);
  assert_near(trial->difference, difference.average_cost, 1e-12);
  assert_near(trial->low, low.average_cost, 1e-12);
  assert_near(trial->high, high.average_cost, 1e-12);
  sy_metrics_clear(&difference);
  sy_metrics_clear(&low);
  sy_metrics_clear(&high);
  assert_kept(&study, &families, &w.data, options);
  sy_families_clear(&families);
  sy_study_clear(&study);
  sy_study_clear(&second);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

/* That of the tuned rule before that of the class weights. */
static void the_objective_that_was_given_decides(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_tune_options tune = tuned_for("fbeta:2");
  sy_network_options network = small_network();
  network.epochs = 5;
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_all(&network, &boosted);
  options.tune = &tune;
  sy_families families;
  sy_study study = choose(&w.data, &options, &families);
  assert_string_equal(families.measure, "fbeta:2");
  assert_true(families.greater_is_better);
  const sy_family_trial *chosen = &families.trials[families.chosen];
  for (size_t i = 0; i < families.n; i++) {
    const sy_family_trial *trial = &families.trials[i];
    if (!trial->judged) continue;
    const double *m = trial->metrics.confusion;
    assert_near(trial->value, 5 * m[3] / (5 * m[3] + 4 * m[2] + m[1]), 1e-12);
    assert_true(trial->value <= chosen->value);
    assert_true(trial->low <= trial->difference && trial->difference <= trial->high);
  }
  assert_kept(&study, &families, &w.data, options);
  sy_families_clear(&families);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static bool stop_late(void *context, const char *stage, double fraction) {
  (void)stage;
  double *last = context;
  *last = fmax(*last, fraction);
  return *last >= 0.5;
}

static void assert_no_choice(const sy_study_data *data, const sy_study_options *options,
                             sy_status status, const char *words) {
  sy_study study;
  sy_families families;
  sy_error error = {0};
  assert_int_equal(sy_study_choose(data, options, &study, &families, &error), status);
  if (!strstr(error.text, words)) fail_msg("'%s' says nothing of '%s'", error.text, words);
  assert_null(study.model);
  assert_int_equal(families.n, 0);
}

static void what_cannot_be_chosen_is_refused(void **state) {
  (void)state;
  static world w;
  static uint8_t held[ROWS];
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_boosted_options boosted = small_trees();
  sy_study_options options = study_of_all(&network, &boosted);
  options.test = SY_TEST_NONE;
  assert_no_choice(&w.data, &options, SY_INVALID_ARGUMENT, "give a test");
  options.test = SY_TEST_FOLDS;
  options.checkpoint.path = "state";
  assert_no_choice(&w.data, &options, SY_INVALID_ARGUMENT, "a checkpoint is of one family");
  options.checkpoint.path = NULL;
  w.data.held_mask = held;
  assert_no_choice(&w.data, &options, SY_INVALID_ARGUMENT, "held back by name");
  w.data.held_mask = NULL;
  network.epochs = 0;
  assert_no_choice(&w.data, &options, SY_INVALID_ARGUMENT, "epochs");
  network = small_network();
  double last = 0;
  options.progress = (sy_progress){stop_late, &last};
  assert_no_choice(&w.data, &options, SY_CANCELLED, "");
  assert_near(last, 0.5, 0.2);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_least_log_loss_is_kept),
      cmocka_unit_test(costs_decide_where_there_are_some),
      cmocka_unit_test(the_objective_that_was_given_decides),
      cmocka_unit_test(what_cannot_be_chosen_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
