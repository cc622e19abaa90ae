/* test_study_labels.c: a study of several labels is what regressions of each label alone come to,
 * split, fitted and judged here by the public calls of the other rooms. */
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

/* Logits of all rows for a label, by a regression on the rows that train. */
static void fit_alone(const world *w, size_t l, const int32_t *fold, int without, double weight,
                      double *logits) {
  static float encoded[ROWS * COLUMNS];
  int32_t ids[ROWS];
  double weights[ROWS], both[2 * ROWS], total = 0;
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_fit_options options = sy_fit_options_default();
  assert_int_equal(sy_encoder_fit(&w->frame, w->row_weights, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_encoder_apply(encoder, &w->frame, 0, ROWS, SY_F32, encoded, COLUMNS, NULL),
                   SY_OK);
  for (size_t i = 0; i < ROWS; i++) {
    bool trains = without < 0 || fold[i] != without;
    ids[i] = w->truth[i * LABELS + l];
    total += trains ? w->row_weights[i] : 0;
    weights[i] = trains ? w->row_weights[i] * (ids[i] ? weight : 1) : 0;
  }
  options.l2 = 1 / total;
  sy_matrix rows = {encoded, SY_F32, ROWS, COLUMNS, COLUMNS};
  assert_int_equal(sy_fit_logistic(rows, ids, weights, 2, &options, &predictor, NULL, NULL), SY_OK);
  assert_int_equal(sy_predictor_logits(predictor, rows, both, NULL), SY_OK);
  for (size_t i = 0; i < ROWS; i++) logits[i] = both[2 * i + 1];
  sy_predictor_free(predictor);
  sy_encoder_free(encoder);
}

/* Of each label, log-odds of unseen rows under "pos", corrected, and its weights by fold. */
typedef struct unseen {
  double log_odds[ROWS][LABELS], weights[FOLDS][LABELS];
  int32_t fold[ROWS];
} unseen;

static void judge_alone(const world *w, uint64_t seed, unseen *to) {
  int32_t strata[ROWS];
  double logits[ROWS];
  assert_int_equal(sy_label_strata(w->truth, ROWS, LABELS, NULL, strata, NULL), SY_OK);
  assert_int_equal(sy_split_folds(strata, ROWS, LABELS + 1, NULL, FOLDS, seed, to->fold, NULL),
                   SY_OK);
  for (int f = 0; f < FOLDS; f++)
    for (size_t l = 0; l < LABELS; l++) {
      double weight = to->weights[f][l] = pos_weight(w, l, to->fold, f);
      fit_alone(w, l, to->fold, f, weight, logits);
      for (size_t i = 0; i < ROWS; i++)
        if (to->fold[i] == f) to->log_odds[i][l] = logits[i] - log(weight);
    }
}

static double log_loss_of(const world *w, const unseen *of, size_t l) {
  double sum = 0;
  for (size_t i = 0; i < ROWS; i++) {
    double z = of->log_odds[i][l];
    sum += log1p(exp(w->truth[i * LABELS + l] ? -z : z));
  }
  return sum / ROWS;
}

static void folds_are_judged_by_models_that_did_not_see_them(void **state) {
  (void)state;
  static world w;
  static unseen alone;
  sy_policy *policy = policy_of("pos");
  sy_study_options options = options_of(policy);
  sy_label_study study;
  world_make(&w, 1);
  judge_alone(&w, options.seed, &alone);
  run(&w, &options, &study);
  assert_int_equal(study.test.rows, ROWS);
  for (size_t l = 0; l < LABELS; l++) {
    size_t there = 0, said = 0;
    for (size_t i = 0; i < ROWS; i++) {
      double p = 1 / (1 + exp(-alone.log_odds[i][l]));
      there += w.truth[i * LABELS + l];
      said += p * alone.weights[alone.fold[i]][l] > 1 - p;
    }
    assert_true(fabs(study.test.log_losses[l] - log_loss_of(&w, &alone, l)) < 1e-6);
    assert_true(study.test.per_label[l].support == (double)there);
    assert_true(study.test.per_label[l].predicted == (double)said);
  }
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

static void the_model_kept_is_of_all_rows(void **state) {
  (void)state;
  static world w;
  static double probabilities[ROWS * LABELS];
  static uint8_t there[ROWS * LABELS];
  double logits[ROWS];
  sy_policy *policy = policy_of("pos");
  sy_study_options options = options_of(policy);
  sy_label_study study;
  world_make(&w, 2);
  run(&w, &options, &study);
  assert_int_equal(sy_model_score_labels(study.model, &w.frame, probabilities, there, NULL), SY_OK);
  for (size_t l = 0; l < LABELS; l++) {
    double weight = pos_weight(&w, l, NULL, -1);
    assert_true(fabs(study.weights[2 * l + 1] - weight) < 1e-12 && study.weights[2 * l] == 1);
    fit_alone(&w, l, NULL, -1, weight, logits);
    for (size_t i = 0; i < ROWS; i++) {
      double p = 1 / (1 + exp(log(weight) - logits[i]));
      assert_true(fabs(probabilities[i * LABELS + l] - p) < 1e-6);
      assert_int_equal(there[i * LABELS + l], probabilities[i * LABELS + l] > 1 / (1 + weight));
    }
  }
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

/* A row of weight 2 is two rows, one of weight 0 is none. */
static void weights_are_copies(void **state) {
  (void)state;
  static world weighted, copied;
  static double first[ROWS * LABELS], second[ROWS * LABELS];
  sy_policy *policy = policy_of("balanced");
  sy_study_options options = options_of(policy);
  sy_label_study study, other;
  size_t n = 0;
  options.test = SY_TEST_NONE;
  world_make(&weighted, 3);
  world_make(&copied, 3);
  for (size_t i = 0; i < ROWS; i++) {
    weighted.row_weights[i] = (double)(i % 3);
    for (size_t copy = 0; copy < i % 3; copy++, n++) {
      for (size_t j = 0; j < COLUMNS; j++) copied.values[j][n] = weighted.values[j][i];
      memcpy(copied.truth + n * LABELS, weighted.truth + i * LABELS, LABELS);
    }
  }
  weighted.data.row_weights = weighted.row_weights;
  copied.frame.rows = n;
  run(&weighted, &options, &study);
  run(&copied, &options, &other);
  assert_int_equal(sy_model_score_labels(study.model, &weighted.frame, first, NULL, NULL), SY_OK);
  assert_int_equal(sy_model_score_labels(other.model, &weighted.frame, second, NULL, NULL), SY_OK);
  for (size_t i = 0; i < ROWS * LABELS; i++) assert_true(fabs(first[i] - second[i]) < 1e-6);
  for (size_t l = 0; l < LABELS; l++)
    assert_true(fabs(study.train.log_losses[l] - other.train.log_losses[l]) < 1e-6);
  sy_label_study_clear(&study);
  sy_label_study_clear(&other);
  sy_policy_free(policy);
}

/* The map of the model comes from all unseen rows; each fold is calibrated by the others. */
static void calibration_sees_other_rows_alone(void **state) {
  (void)state;
  static world w;
  static unseen alone;
  static double logs[2 * ROWS];
  int32_t ids[ROWS];
  sy_policy *policy = policy_of("pos");
  sy_study_options options = options_of(policy);
  sy_label_study study;
  options.calibrate = SY_STUDY_CALIBRATE_TEMPERATURE;
  world_make(&w, 4);
  judge_alone(&w, options.seed, &alone);
  run(&w, &options, &study);
  for (size_t l = 0; l < LABELS; l++) {
    double loss = 0;
    for (int f = -1; f < FOLDS; f++) {
      sy_calibration *map = NULL;
      for (size_t i = 0; i < ROWS; i++) {
        logs[2 * i] = -log1p(exp(alone.log_odds[i][l]));
        logs[2 * i + 1] = -log1p(exp(-alone.log_odds[i][l]));
        ids[i] = alone.fold[i] == f ? SY_IGNORED : w.truth[i * LABELS + l];
      }
      assert_int_equal(
          sy_calibrate(SY_CALIBRATION_TEMPERATURE, logs, ROWS, 2, ids, NULL, &map, NULL), SY_OK);
      const sy_calibration *kept = sy_model_calibration(sy_model_label(study.model, l));
      if (f < 0)
        assert_true(fabs(sy_calibration_scales(kept)[0] - sy_calibration_scales(map)[0]) < 1e-4);
      sy_calibration_apply(map, logs, ROWS, logs);
      for (size_t i = 0; i < ROWS && f >= 0; i++)
        if (alone.fold[i] == f) loss -= logs[2 * i + w.truth[i * LABELS + l]] / ROWS;
      sy_calibration_free(map);
    }
    assert_true(fabs(study.test.log_losses[l] - loss) < 1e-5);
  }
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

static bool is_told(const sy_label_study *study, const char *words) {
  for (size_t i = 0; i < sy_messages_count(study->messages); i++)
    if (strstr(sy_messages_get(study->messages, i), words)) return true;
  return false;
}

static void labels_that_never_vary_say_a_constant(void **state) {
  (void)state;
  static world w;
  static double probabilities[ROWS * LABELS];
  sy_policy *policy = policy_of("balanced");
  sy_study_options options = options_of(policy);
  sy_label_study study;
  world_make(&w, 5);
  for (size_t i = 0; i < ROWS; i++) {
    w.truth[i * LABELS] = 0;
    w.truth[i * LABELS + 1] = 1;
  }
  run(&w, &options, &study);
  assert_true(is_told(&study, "'happy'"));
  assert_true(is_told(&study, "'sad'"));
  assert_true(study.weights[0] == 1 && study.weights[1] == 1);
  assert_int_equal(sy_model_score_labels(study.model, &w.frame, probabilities, NULL, NULL), SY_OK);
  for (size_t i = 0; i < ROWS; i++) {
    assert_true(fabs(probabilities[i * LABELS] - 0.5 / (ROWS + 1)) < 1e-12);
    assert_true(fabs(probabilities[i * LABELS + 1] - (ROWS + 0.5) / (ROWS + 1)) < 1e-12);
  }
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

static void other_tests_judge_their_rows(void **state) {
  (void)state;
  static world w, other;
  static uint8_t mask[ROWS];
  static double probabilities[ROWS * LABELS];
  static uint8_t there[ROWS * LABELS];
  sy_study_options options = options_of(NULL);
  sy_label_study study;
  sy_label_metrics metrics;
  world_make(&w, 6);
  world_make(&other, 7);
  for (size_t i = 0; i < ROWS; i++) mask[i] = i % 4 == 1;
  w.data.test_mask = mask;
  options.test = SY_TEST_MASK;
  run(&w, &options, &study);
  assert_int_equal(study.test.rows, ROWS / 4);
  sy_label_study_clear(&study);
  options.test = SY_TEST_SHARE;
  run(&w, &options, &study);
  assert_true(study.test.rows > ROWS / 5 - 5 && study.test.rows < ROWS / 5 + 5);
  sy_label_study_clear(&study);
  options.test = SY_TEST_OTHER;
  w.data.test_frame = &other.frame;
  w.data.test_truth = other.truth;
  run(&w, &options, &study);
  assert_int_equal(sy_model_score_labels(study.model, &other.frame, probabilities, there, NULL),
                   SY_OK);
  sy_label_evaluation evaluation = {.n = ROWS,
                                    .n_labels = LABELS,
                                    .truth = other.truth,
                                    .probabilities = probabilities,
                                    .decisions = there};
  assert_int_equal(sy_evaluate_labels(&evaluation, &metrics, NULL), SY_OK);
  assert_true(metrics.log_loss == study.test.log_loss);
  assert_true(metrics.macro_f1 == study.test.macro_f1);
  sy_label_metrics_clear(&metrics);
  sy_label_study_clear(&study);
}

static void strata_are_the_rarest_label(void **state) {
  (void)state;
  /* c is rarest, in two rows; d is there once and gives its row to the next one, b. */
  static const uint8_t truth[] = {1, 1, 0, 0, /**/ 1, 0, 1, 0, /**/ 0, 1, 0, 1,
                                  0, 0, 0, 0, /**/ 1, 1, 1, 0, /**/ 1, 1, 0, 0};
  static const double weights[] = {1, 1, 1, 1, 1, 0};
  static const int32_t wanted[] = {1, 2, 1, 4, 2, SY_IGNORED};
  int32_t strata[6];
  assert_int_equal(sy_label_strata(truth, 6, 4, weights, strata, NULL), SY_OK);
  assert_memory_equal(strata, wanted, sizeof wanted);
}

static void what_is_of_one_class_is_refused(void **state) {
  (void)state;
  static world w;
  sy_label_study study;
  sy_error error;
  sy_objective objective = {0};
  world_make(&w, 8);
  sy_study_options options = options_of(NULL);
  options.automatic = &objective;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "class weights chosen automatically: this is of one class a row, "
                                  "not of several labels");
  options = options_of(NULL);
  options.calibrate = SY_STUDY_CALIBRATE_ISOTONIC;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  options.calibrate = SY_STUDY_CALIBRATE_VECTOR;
  options.test = SY_TEST_SHARE;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  options = options_of(NULL);
  options.test = SY_TEST_MASK;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  options = options_of(NULL);
  w.truth[5] = 2;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_LABEL);
  assert_string_equal(error.text, "label \"rare\" is 2 at row 2: it must be 0 or 1");
  w.data.n_labels = 1;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_TOO_FEW_CLASSES);
}

static void the_screen_has_a_line_a_label(void **state) {
  (void)state;
  static world w;
  sy_policy *policy = policy_of("pos");
  sy_study_options options = options_of(policy);
  sy_label_study study;
  char *text;
  world_make(&w, 9);
  run(&w, &options, &study);
  assert_int_equal(sy_report_label_study(&study, ROWS, COLUMNS, 0.1, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "240 rows, 3 of 3 columns used"));
  assert_non_null(strstr(text, "class weights of each: pos"));
  assert_non_null(strstr(text, "4-fold cross-validation, every row judged"));
  for (size_t l = 0; l < LABELS; l++) {
    char line[64];
    snprintf(line, sizeof line, "\n%s ", names[l]);
    assert_non_null(strstr(text, line));
  }
  free(text);
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_are_judged_by_models_that_did_not_see_them),
      cmocka_unit_test(the_model_kept_is_of_all_rows),
      cmocka_unit_test(weights_are_copies),
      cmocka_unit_test(calibration_sees_other_rows_alone),
      cmocka_unit_test(labels_that_never_vary_say_a_constant),
      cmocka_unit_test(other_tests_judge_their_rows),
      cmocka_unit_test(strata_are_the_rarest_label),
      cmocka_unit_test(what_is_of_one_class_is_refused),
      cmocka_unit_test(the_screen_has_a_line_a_label),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
