/* A study of networks: what it trains, for how long, and what it tells of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network_study.h"

static void a_network_learns_what_logistic_regression_learns(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  network.epochs = 60;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  options.family = SY_STUDY_LOGISTIC;
  sy_study logistic = run_study(&w.data, &options);
  const sy_metrics *own = stored_metrics(&study.test), *other = stored_metrics(&logistic.test);
  assert_string_equal(sy_predictor_family(sy_model_predictor(study.model)), "mlp");
  assert_int_equal(study.family, SY_STUDY_MLP);
  assert_int_equal(own->rows, ROWS);
  assert_near(own->log_loss, other->log_loss, 0.05);
  assert_true(own->roc_auc > 0.8);
  assert_true(study.rival.judged && !logistic.rival.judged);
  assert_near(study.rival.logistic_log_loss, other->log_loss, 1e-12);
  assert_near(study.rival.log_loss, own->log_loss, 1e-12);
  assert_near(study.rival.difference, own->log_loss - other->log_loss, 1e-12);
  assert_true(study.rival.low < study.rival.difference);
  assert_true(study.rival.high > study.rival.difference);
  sy_study_clear(&study);
  sy_study_clear(&logistic);
  sy_labels_free(w.labels);
}

/* What folds chose is what the kept training did; figures of held rows end where folds end. */
static void the_kept_training_goes_as_long_as_the_folds_chose(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  network.learning_rate = 0.2; /* best soon */
  network.epochs = 40;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  const sy_training_result *kept = &study.training;
  assert_true(kept->epochs >= 1 && kept->epochs < 40);
  assert_int_equal(kept->n_curve, kept->epochs);
  assert_int_equal(study.fit.iterations, kept->epochs);
  assert_int_equal(study.epochs_most, 40);
  assert_true(study.fit.converged);
  assert_true(study.fit.objective == kept->loss);
  assert_string_equal(study.fit.solver, "Adam");
  assert_true(isnan(study.fit.gradient_norm));
  assert_true(isnan(kept->held_loss));
  assert_true(isfinite(kept->curve[0].held_loss) && isfinite(kept->curve[0].held_accuracy));
  assert_non_null(sy_model_note(study.model, SY_NOTE_CURVE));
  assert_memory_equal(sy_model_note(study.model, SY_NOTE_CURVE), "1:", 2);
  assert_null(sy_model_note(study.model, SY_NOTE_SCORES));
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void without_a_test_one_more_training_chooses(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  options.test = SY_TEST_NONE;
  sy_study study = run_study(&w.data, &options);
  assert_true(isfinite(study.training.curve[0].held_loss));
  assert_true(isnan(study.training.held_loss));
  assert_false(study.rival.judged);
  network.patience = 0;
  options.held_share = 0;
  sy_study all = run_study(&w.data, &options);
  assert_int_equal(all.training.epochs, network.epochs);
  assert_true(isnan(all.training.curve[0].held_loss));
  assert_false(all.fit.converged);
  assert_false(is_told(all.messages, "too few rows"));
  sy_study_clear(&study);
  sy_study_clear(&all);
  sy_labels_free(w.labels);
}

/* 60 rows leave 6 to hold back. */
static void few_rows_are_trained_for_all_epochs_and_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  w.frame.rows = 60;
  sy_labels_free(w.labels);
  sy_labels_options naming = {.classes = NAMES, .n_classes = 2};
  assert_int_equal(sy_labels_from_names(w.label_codes, 60, NAMES, 3, &naming, &w.labels, NULL),
                   SY_OK);
  w.data.labels = w.labels;
  sy_network_options network = small_network();
  for (int test = SY_TEST_NONE; test <= SY_TEST_FOLDS; test++) {
    sy_study_options options = study_of(&network);
    options.test = (sy_test_kind)test;
    sy_study study = run_study(&w.data, &options);
    assert_int_equal(study.training.epochs, network.epochs);
    assert_true(
        is_told(study.messages, "too few rows to hold any back: trained for all 12 epochs"));
    sy_study_clear(&study);
  }
  sy_labels_free(w.labels);
}

static void holding_back_most_rows_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  options.test = SY_TEST_NONE;
  for (int most = 0; most < 2; most++) {
    options.held_share = most ? 0.9 : 0.5;
    sy_study study = run_study(&w.data, &options);
    assert_int_equal(is_told(study.messages, "90 % of the rows were held back to choose the "
                                             "epochs, more than were left to train on"),
                     most);
    assert_int_equal(is_told(study.messages, "held back"), most);
    sy_study_clear(&study);
  }
  sy_labels_free(w.labels);
}

static void training_on_at_the_last_epoch_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  network.learning_rate = 0.0005;
  network.epochs = 3;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  assert_true(is_told(study.messages, "still improving at the last of 3 epochs"));
  assert_false(study.fit.converged);
  network.schedule = SY_SCHEDULE_COSINE; /* ends there of itself */
  sy_study cosine = run_study(&w.data, &options);
  assert_false(is_told(cosine.messages, "still improving"));
  sy_study_clear(&study);
  sy_study_clear(&cosine);
  sy_labels_free(w.labels);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_policy *policy = policy_of("balanced");
  sy_network_options network = small_network();
  network.dropout = 0.2;
  network.restarts = 2;
  sy_study_options options = study_of(&network);
  options.policy = policy;
  options.calibrate = SY_STUDY_CALIBRATE_VECTOR;
  sy_threads_set(1);
  sy_study one = run_study(&w.data, &options);
  sy_threads_set(2);
  sy_study two = run_study(&w.data, &options);
  sy_threads_set(0);
  assert_same_rows(&one.test.rows, &two.test.rows);
  assert_same_rows(&one.train.rows, &two.train.rows);
  assert_same_file(&one, &two);
  assert_int_equal(sy_predictor_n_members(sy_model_predictor(one.model)), 2);
  sy_study_clear(&one);
  sy_study_clear(&two);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Epochs of all trainings in their order. */
typedef struct log {
  int n, fits, last_fit;
  bool in_order;
} epoch_log;

static void note_epoch(void *context, int fit, int fits, const sy_epoch *epoch) {
  epoch_log *log = context;
  log->in_order = log->in_order && fit >= log->last_fit && fit <= fits && epoch->epoch >= 1;
  log->last_fit = fit;
  log->fits = fits;
  log->n++;
}

static void every_epoch_of_every_training_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_network_options network = small_network();
  network.patience = 0;
  sy_study_options options = study_of(&network);
  options.policy = policy; /* a twin beside it */
  epoch_log log = {.in_order = true};
  options.epoch = note_epoch;
  options.epoch_context = &log;
  sy_study study = run_study(&w.data, &options);
  assert_true(log.in_order);
  assert_int_equal(log.fits, 3 * 2 + 1);
  assert_int_equal(log.last_fit, log.fits);
  assert_int_equal(log.n, 6 * network.epochs + study.training.epochs);
  assert_true(study.twin.judged);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* A network that is hardly trained is worse, one that is trained about as good: both are told; one
 * that sees what logistic regression cannot is better, and nothing is said. */
static void a_rival_that_does_as_well_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  network.learning_rate = 1e-5;
  network.epochs = 1;
  sy_study worse = run_study(&w.data, &options);
  assert_true(worse.rival.low > 0);
  assert_true(is_told(worse.messages, "logistic regression does better here: log-loss 0."));
  network = small_network();
  network.n_hidden = 0;
  network.epochs = 100;
  network.patience = 40;
  sy_study equal = run_study(&w.data, &options);
  assert_true(equal.rival.low < 0 && equal.rival.high > 0);
  assert_true(is_told(equal.messages, "logistic regression does as well within chance here: "));
  assert_true(is_told(equal.messages, "--model logistic is simpler and faster"));
  for (size_t i = 0; i < ROWS; i++)
    w.label_codes[i] = (w.x[i] > 0) != (w.z[i] > 50) ? 1 : 0; /* exclusive or */
  sy_labels_free(w.labels);
  sy_labels_options naming = {.classes = NAMES, .n_classes = 2};
  assert_int_equal(sy_labels_from_names(w.label_codes, ROWS, NAMES, 3, &naming, &w.labels, NULL),
                   SY_OK);
  w.data.labels = w.labels;
  network = small_network();
  network.epochs = 60;
  sy_study better = run_study(&w.data, &options);
  assert_true(better.rival.high < 0);
  assert_false(is_told(better.messages, "logistic regression"));
  sy_study_clear(&worse);
  sy_study_clear(&equal);
  sy_study_clear(&better);
  sy_labels_free(w.labels);
}

/* Steps so long that nothing is learnt: intervals would call that chance. */
static void a_network_that_failed_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  network.learning_rate = 1e4;
  network.epochs = 3;
  sy_study_options options = study_of(&network);
  sy_study study = run_study(&w.data, &options);
  assert_true(study.rival.log_loss > 1);
  assert_true(is_told(study.messages, "the network is worse than no model: its log-loss is "));
  assert_false(is_told(study.messages, "logistic regression does"));
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static bool cancel(void *context, const char *stage, double fraction) {
  (void)stage;
  (void)fraction;
  return --*(int *)context == 0;
}

static void a_study_of_networks_can_be_cancelled(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  int left = 7;
  options.progress = (sy_progress){cancel, &left};
  assert_refused(&w.data, &options, SY_CANCELLED, "");
  sy_labels_free(w.labels);
}

/* Whatever judges and chooses, and whichever rows stay together. */
static void everything_a_study_does_is_done_with_networks(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  static uint32_t groups[ROWS];
  static uint8_t mask[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    groups[i] = (uint32_t)(i / 4);
    mask[i] = i >= 450;
  }
  sy_policy *policy = policy_of("sqrt");
  sy_tune_options tune = tuned_for("f1");
  sy_network_options network = small_network();
  network.epochs = 4;
  w.data.test_mask = mask;
  w.data.test_frame = &w.frame;
  w.data.test_labels = w.labels;
  for (int test = SY_TEST_NONE; test <= SY_TEST_OTHER; test++) {
    for (int kind = SY_STUDY_CALIBRATE_NONE; kind <= SY_STUDY_CALIBRATE_REFIT; kind++) {
      sy_study_options options = study_of(&network);
      options.test = (sy_test_kind)test;
      options.folds = 2;
      options.calibrate = (sy_study_calibration)kind;
      options.policy = policy;
      options.tune = kind % 2 ? &tune : NULL;
      w.data.groups = kind % 2 ? groups : NULL;
      sy_study study = run_study(&w.data, &options);
      assert_int_equal(study.rival.judged, test != SY_TEST_NONE);
      assert_int_equal(study.twin.judged,
                       test != SY_TEST_NONE && !(test == SY_TEST_OTHER &&
                                                 options.calibrate == SY_STUDY_CALIBRATE_REFIT));
      assert_int_equal(study.tuned, options.tune != NULL);
      if (test != SY_TEST_NONE) assert_true(stored_metrics(&study.test)->log_loss < 0.7);
      assert_true(stored_metrics(&study.train)->log_loss < 0.7);
      sy_study_clear(&study);
    }
  }
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

static void exponents_of_networks_are_fewer_and_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  network.epochs = 3;
  sy_study_options options = study_of(&network);
  sy_objective objective = objective_of("balanced_accuracy");
  options.automatic = &objective;
  options.folds = 2;
  sy_study study = run_study(&w.data, &options);
  assert_int_equal(study.path.n, 6);
  assert_near(study.path.points[1].exponent, 0.2, 1e-12);
  assert_near(study.path.points[5].exponent, 1, 1e-12);
  assert_true(is_told(study.messages, "6 exponents of class weights were tried"));
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Texts of many values are embedded by the network and one-hot columns of its rival. */
static void codes_are_embedded(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  static char names[40][8];
  static const char *values[40];
  for (size_t v = 0; v < 40; v++) {
    snprintf(names[v], sizeof names[v], "v%02zu", v);
    values[v] = names[v];
  }
  for (size_t i = 0; i < ROWS; i++) w.codes[i] = (uint32_t)(sy_random_bits(2, 50, i) % 40);
  w.columns[2].values = values;
  w.columns[2].n_values = 40;
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  options.encoder.max_categories = 10;
  sy_study study = run_study(&w.data, &options);
  const sy_network_shape *shape = sy_predictor_shape(sy_model_predictor(study.model));
  assert_int_equal(shape->n_embeddings, 1);
  assert_int_equal(shape->n_features, 3);
  assert_true(shape->embeddings[0].n_values >= 40);
  options.family = SY_STUDY_LOGISTIC;
  sy_study logistic = run_study(&w.data, &options);
  assert_near(study.rival.logistic_log_loss, stored_metrics(&logistic.test)->log_loss, 1e-12);
  sy_study_clear(&study);
  sy_study_clear(&logistic);
  sy_labels_free(w.labels);
}

static void what_cannot_be_trained_is_refused(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_loss_options loss = sy_loss_options_default(2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  network.learning_rate = 0;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "learning rate");
  network.learning_rate = 0.01;
  options.held_share = 1;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "held back must be 0 or more and below 1");
  options.held_share = 0.1;
  network.balanced_sampling = true;
  options.policy = policy;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "takes the place of class weights");
  network.balanced_sampling = false;
  network.loss = &loss;
  loss.parts = "focl";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "focal");
  loss.parts = NULL;
  loss.cost_use = SY_COST_EXPECTED;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "what mistakes cost");
  loss.cost_use = SY_COST_UNUSED;
  loss.base = SY_LOSS_SIGMOID;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "softmax, not sigmoid");
  options.family = SY_STUDY_LOGISTIC;
  options.checkpoint.path = "somewhere";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "checkpoints are of networks");
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_network_learns_what_logistic_regression_learns),
      cmocka_unit_test(the_kept_training_goes_as_long_as_the_folds_chose),
      cmocka_unit_test(without_a_test_one_more_training_chooses),
      cmocka_unit_test(few_rows_are_trained_for_all_epochs_and_told),
      cmocka_unit_test(holding_back_most_rows_is_told),
      cmocka_unit_test(training_on_at_the_last_epoch_is_told),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(every_epoch_of_every_training_is_told),
      cmocka_unit_test(a_rival_that_does_as_well_is_told),
      cmocka_unit_test(a_network_that_failed_is_told),
      cmocka_unit_test(a_study_of_networks_can_be_cancelled),
      cmocka_unit_test(everything_a_study_does_is_done_with_networks),
      cmocka_unit_test(exponents_of_networks_are_fewer_and_told),
      cmocka_unit_test(codes_are_embedded),
      cmocka_unit_test(what_cannot_be_trained_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
