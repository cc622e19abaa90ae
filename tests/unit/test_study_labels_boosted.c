/* test_study_labels_boosted.c: boosted trees for each of several labels, grown by a study. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "label_world.h"

#define SKIP_WITHOUT_XGBOOST()                                                                     \
  do {                                                                                             \
    if (sy_xgboost_version()) break;                                                               \
    print_message("no XGBoost here: skipped\n");                                                   \
    skip();                                                                                        \
  } while (0)

static sy_boosted_options small_trees(void) {
  sy_boosted_options boosted = sy_boosted_options_default();
  boosted.rounds = 30;
  boosted.early_stopping_rounds = 4;
  boosted.learning_rate = 0.3;
  boosted.max_depth = 2;
  return boosted;
}

static sy_study_options trees_of(const sy_policy *policy, const sy_boosted_options *boosted) {
  sy_study_options options = options_of(policy);
  options.family = SY_STUDY_BOOSTED;
  options.boosted = boosted;
  return options;
}

/* One forest has all labels, each with as many trees as it chose; weights are undone from logits,
 * and missing numbers stay missing. */
static void trees_say_all_labels(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  static double probabilities[ROWS * LABELS], logits[ROWS * LABELS];
  static float encoded[ROWS * COLUMNS];
  sy_policy *policy = policy_of("pos");
  sy_boosted_options boosted = small_trees();
  sy_study_options options = trees_of(policy, &boosted);
  sy_label_study study;
  world_make(&w, 10);
  for (size_t i = 0; i < ROWS; i += 9) w.values[2][i] = (float)NAN;
  run(&w, &options, &study);
  const sy_predictor *predictor = sy_model_predictor(study.model);
  const sy_forest *forest = sy_predictor_forest(predictor);
  assert_non_null(forest);
  assert_int_equal(forest->n_outputs, LABELS);
  assert_int_equal(sy_encoder_apply(sy_model_encoder(study.model), &w.frame, 0, ROWS, SY_F32,
                                    encoded, COLUMNS, NULL),
                   SY_OK);
  sy_matrix rows = {encoded, SY_F32, ROWS, COLUMNS, COLUMNS};
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, NULL), SY_OK);
  assert_int_equal(sy_model_score_labels(study.model, &w.frame, probabilities, NULL, NULL), SY_OK);
  for (size_t i = 0; i < ROWS * LABELS; i++) {
    double weight = pos_weight(&w, i % LABELS, NULL, -1);
    assert_true(fabs(probabilities[i] - 1 / (1 + weight * exp(-logits[i]))) < 1e-5);
  }
  double share = study.test.per_label[0].support / ROWS;
  double of_share = -share * log(share) - (1 - share) * log1p(-share);
  assert_true(study.test.log_losses[0] < 0.85 * of_share);
  assert_int_equal(study.training.steps, forest->n_trees);
  assert_int_equal(study.training.n_curve, study.training.epochs);
  assert_int_equal(study.fit.iterations, study.training.epochs);
  assert_true(isfinite(study.training.curve[0].held_loss));
  assert_int_equal(study.epochs_most, 30);
  assert_string_equal(study.fit.solver, "XGBoost");
  assert_memory_equal(sy_model_note(study.model, SY_NOTE_CURVE), "1:", 2);
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

/* A label of all rows is as logistic regression has it; the others are those of studies of two
 * classes on the same rows. */
static void a_label_is_what_two_classes_are(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  static float encoded[ROWS * COLUMNS];
  static int32_t ids[ROWS];
  static double logits[ROWS * LABELS], own[ROWS * 2];
  sy_boosted_options boosted = small_trees();
  sy_study_options options = trees_of(NULL, &boosted);
  options.test = SY_TEST_NONE;
  options.held_share = 0;
  world_make(&w, 13);
  for (size_t i = 0; i < ROWS; i++) w.truth[i * LABELS + 1] = 1;
  sy_label_study study;
  run(&w, &options, &study);
  const sy_predictor *predictor = sy_model_predictor(study.model);
  assert_int_equal(sy_encoder_apply(sy_model_encoder(study.model), &w.frame, 0, ROWS, SY_F32,
                                    encoded, COLUMNS, NULL),
                   SY_OK);
  sy_matrix rows = {encoded, SY_F32, ROWS, COLUMNS, COLUMNS};
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, NULL), SY_OK);
  for (size_t l = 0; l < LABELS; l++) {
    if (l == 1) {
      for (size_t i = 0; i < ROWS; i++)
        assert_true(fabs(logits[i * LABELS + l] - log((ROWS + 0.5) / 0.5)) < 1e-12);
      continue;
    }
    sy_predictor *one = NULL;
    boosted.seed = options.seed;
    for (size_t i = 0; i < ROWS; i++) ids[i] = w.truth[i * LABELS + l];
    sy_training_data data = {.rows = rows, .ids = ids, .n_outputs = 2};
    assert_int_equal(sy_fit_boosted(&data, &boosted, NULL, &one, NULL, NULL), SY_OK);
    assert_int_equal(sy_predictor_logits(one, rows, own, NULL), SY_OK);
    for (size_t i = 0; i < ROWS; i++) assert_true(own[2 * i + 1] == logits[i * LABELS + l]);
    sy_predictor_free(one);
  }
  assert_int_equal(study.training.epochs, 30);
  assert_false(study.fit.converged);
  sy_label_study_clear(&study);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  void *bytes[2];
  size_t size[2];
  sy_boosted_options boosted = small_trees();
  sy_study_options options = trees_of(NULL, &boosted);
  options.calibrate = SY_STUDY_CALIBRATE_TEMPERATURE;
  world_make(&w, 12);
  for (int t = 0; t < 2; t++) {
    sy_label_study study;
    sy_threads_set(1 + 2 * t);
    run(&w, &options, &study);
    assert_int_equal(sy_model_to_onnx(study.model, &bytes[t], &size[t], NULL), SY_OK);
    sy_label_study_clear(&study);
  }
  sy_threads_set(0);
  assert_int_equal(size[0], size[1]);
  assert_memory_equal(bytes[0], bytes[1], size[0]);
  free(bytes[0]);
  free(bytes[1]);
}

static bool stop_late(void *context, const char *stage, double fraction) {
  (void)stage;
  double *last = context;
  *last = fmax(*last, fraction);
  return *last >= 0.4;
}

static void assert_refused(const world *w, const sy_study_options *options, sy_status status,
                           const char *words) {
  sy_label_study study;
  sy_error error = {0};
  assert_int_equal(sy_label_study_run(&w->data, options, &study, &error), status);
  if (!strstr(error.text, words)) fail_msg("'%s' says nothing of '%s'", error.text, words);
  assert_null(study.model);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  static world w;
  sy_boosted_options boosted = small_trees();
  sy_study_options options = trees_of(NULL, &boosted);
  world_make(&w, 14);
  if (!sy_xgboost_version()) {
    assert_refused(&w, &options, SY_UNSUPPORTED, "XGBoost");
    return;
  }
  sy_loss_options loss = sy_loss_options_default(LABELS);
  loss.parts = "ldam";
  boosted.loss = &loss;
  assert_refused(&w, &options, SY_INVALID_ARGUMENT, "the loss of several labels");
  boosted = small_trees();
  boosted.rounds = 0;
  assert_refused(&w, &options, SY_INVALID_ARGUMENT, "rounds must be at least 1");
  boosted = small_trees();
  options.checkpoint.path = "state";
  assert_refused(&w, &options, SY_INVALID_ARGUMENT, "a checkpoint");
  options.checkpoint.path = NULL;
  double last = 0;
  options.progress = (sy_progress){stop_late, &last};
  assert_refused(&w, &options, SY_CANCELLED, "");
  assert_true(last >= 0.4 && last < 0.8);
}

static void focal_trees_give_scores(void **state) {
  (void)state;
  SKIP_WITHOUT_XGBOOST();
  static world w;
  sy_loss_options loss = sy_loss_options_default(LABELS);
  loss.base = SY_LOSS_SIGMOID;
  loss.parts = "focal:gamma=2";
  sy_boosted_options boosted = small_trees();
  boosted.loss = &loss;
  sy_study_options options = trees_of(NULL, &boosted);
  sy_label_study study;
  world_make(&w, 15);
  run(&w, &options, &study);
  assert_string_equal(study.scores_only, "focal:gamma=2");
  assert_true(study.test.per_label[0].roc_auc > 0.8);
  sy_label_study_clear(&study);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trees_say_all_labels),    cmocka_unit_test(a_label_is_what_two_classes_are),
      cmocka_unit_test(threads_change_no_bit),   cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(focal_trees_give_scores),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
