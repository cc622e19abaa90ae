/* A study of networks whose rows are held back by mark, or computed in float64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "network_study.h"

static uint8_t HELD[ROWS]; /* every fifth row */

static void mark_rows(void) {
  for (size_t i = 0; i < ROWS; i++) HELD[i] = i % 5 == 0;
}

static void read_labels(world *w) {
  sy_labels_free(w->labels);
  sy_labels_options naming = {.classes = NAMES, .n_classes = 2};
  assert_int_equal(sy_labels_from_names(w->label_codes, ROWS, NAMES, 3, &naming, &w->labels, NULL),
                   SY_OK);
  w->data.labels = w->labels;
}

/* (n) parameters of the model kept; free(). */
static double *parameters_of(const world *w, const sy_study_options *options, size_t *n) {
  sy_study study = run_study(&w->data, options);
  const sy_predictor *predictor = sy_model_predictor(study.model);
  *n = sy_network_n_parameters(sy_predictor_shape(predictor));
  double *copy = malloc(*n * sizeof *copy);
  assert_non_null(copy);
  memcpy(copy, sy_predictor_parameters(predictor), *n * sizeof *copy);
  sy_study_clear(&study);
  return copy;
}

/* After one epoch there is nothing that they could have told it, either. */
static void rows_held_back_are_never_trained_on(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  mark_rows();
  sy_network_options network = small_network();
  network.epochs = 1;
  sy_study_options options = study_of(&network);
  options.test = SY_TEST_NONE;
  w.data.held_mask = HELD;
  size_t n;
  double *before = parameters_of(&w, &options, &n);
  for (size_t i = 0; i < ROWS; i++)
    if (HELD[i]) w.label_codes[i] = 1 - w.label_codes[i];
  read_labels(&w);
  double *after = parameters_of(&w, &options, &n);
  assert_memory_equal(before, after, n * sizeof *before);
  free(after);
  w.label_codes[1] = 1 - w.label_codes[1];
  read_labels(&w);
  after = parameters_of(&w, &options, &n);
  assert_memory_not_equal(before, after, n * sizeof *before);
  free(after);
  free(before);
  sy_labels_free(w.labels);
}

static void rows_held_back_tell_when_to_stop_and_count_nowhere(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  mark_rows();
  sy_network_options network = small_network();
  network.learning_rate = 0.2; /* best soon */
  network.epochs = 40;
  sy_study_options options = study_of(&network);
  w.data.held_mask = HELD;
  sy_study study = run_study(&w.data, &options);
  const sy_training_result *kept = &study.training;
  assert_true(kept->stopped_early && kept->epochs < 40);
  assert_true(kept->curve[kept->best_epoch - 1].held_loss == kept->held_loss);
  double yes = 0, n = 0;
  for (size_t i = 0; i < ROWS; i++) {
    yes += !HELD[i] && w.label_codes[i] == 1;
    n += !HELD[i];
  }
  assert_near(sy_model_trained_prior(study.model)[1], yes / n, 1e-12);
  assert_int_equal(stored_metrics(&study.test)->rows, ROWS);
  assert_false(is_told(study.messages, "too few rows"));
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void columns_may_be_encoded_to_float64(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  size_t n;
  options.test = SY_TEST_NONE;
  double *narrow = parameters_of(&w, &options, &n);
  options.dtype = SY_F64;
  double *wide = parameters_of(&w, &options, &n);
  size_t differ = 0;
  for (size_t i = 0; i < n; i++) {
    assert_near(wide[i], narrow[i], 1e-3);
    differ += wide[i] != (double)(float)wide[i];
  }
  assert_true(differ > n / 2);
  free(narrow);
  free(wide);
  options.test = SY_TEST_FOLDS;
  sy_study study = run_study(&w.data, &options);
  options.dtype = SY_F32;
  sy_study usual = run_study(&w.data, &options);
  assert_near(stored_metrics(&study.test)->log_loss, stored_metrics(&usual.test)->log_loss, 1e-3);
  assert_near(study.rival.logistic_log_loss, usual.rival.logistic_log_loss, 1e-5);
  sy_study_clear(&usual);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  mark_rows();
  sy_network_options network = small_network();
  sy_study_options options = study_of(&network);
  options.dtype = SY_I32;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "float32 or float64");
  options.dtype = SY_F32;
  options.family = SY_STUDY_LOGISTIC;
  w.data.held_mask = HELD;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "this is logistic regression");
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_held_back_are_never_trained_on),
      cmocka_unit_test(rows_held_back_tell_when_to_stop_and_count_nowhere),
      cmocka_unit_test(columns_may_be_encoded_to_float64),
      cmocka_unit_test(what_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
