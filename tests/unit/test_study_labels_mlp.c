/* test_study_labels_mlp.c: networks with a sigmoid for each label, trained by a study. */
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

/* A small network, quickly trained. */
static sy_network_options small_network(void) {
  static const size_t hidden[] = {6};
  sy_network_options network = sy_network_options_default();
  network.hidden = hidden;
  network.n_hidden = 1;
  network.epochs = 30;
  network.learning_rate = 0.02;
  network.batch_size = 32;
  return network;
}

/* One network has all labels, whose weights are undone from its logits. */
static void a_network_says_all_labels(void **state) {
  (void)state;
  static world w;
  static double probabilities[ROWS * LABELS], logits[ROWS * LABELS];
  static float encoded[ROWS * COLUMNS];
  sy_policy *policy = policy_of("pos");
  sy_network_options network = small_network();
  sy_study_options options = options_of(policy);
  sy_label_study study;
  world_make(&w, 10);
  options.family = SY_STUDY_MLP;
  options.network = &network;
  run(&w, &options, &study);
  const sy_predictor *predictor = sy_model_predictor(study.model);
  const sy_network_shape *shape = sy_predictor_shape(predictor);
  assert_non_null(shape);
  assert_int_equal(shape->n_outputs, LABELS);
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
  /* It learns: no label is told worse than by its share alone, and happy much better. */
  for (size_t l = 0; l < LABELS; l++) {
    double share = study.test.per_label[l].support / ROWS;
    double of_share = -share * log(share) - (1 - share) * log1p(-share);
    assert_true(study.test.log_losses[l] < of_share * (l == 0 ? 0.8 : 1));
  }
  assert_true(study.training.epochs >= 1 && study.training.epochs <= 30);
  assert_int_equal(study.epochs_most, 30);
  assert_non_null(sy_model_note(study.model, SY_NOTE_CURVE));
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

/* Without folds the rows held back of one more training say how long. */
static void a_network_without_test_is_stopped_in_time(void **state) {
  (void)state;
  static world w;
  sy_network_options network = small_network();
  sy_study_options options = options_of(NULL);
  sy_label_study study;
  int epochs[2];
  world_make(&w, 11);
  options.family = SY_STUDY_MLP;
  options.network = &network;
  options.test = SY_TEST_NONE;
  network.epochs = 300;
  network.learning_rate = 0.05;
  for (int held = 0; held < 2; held++) {
    options.held_share = held ? 0.2 : 0;
    run(&w, &options, &study);
    epochs[held] = study.training.epochs;
    assert_int_equal(study.test.n_labels, 0);
    assert_int_equal(study.fit.converged, held);
    sy_label_study_clear(&study);
  }
  assert_int_equal(epochs[0], 300);
  assert_true(epochs[1] < 300);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  static world w;
  void *bytes[2];
  size_t size[2];
  sy_network_options network = small_network();
  sy_study_options options = options_of(NULL);
  world_make(&w, 12);
  options.network = &network;
  for (int mlp = 0; mlp < 2; mlp++) {
    options.family = mlp ? SY_STUDY_MLP : SY_STUDY_LOGISTIC;
    for (int t = 0; t < 2; t++) {
      sy_label_study study;
      sy_threads_set(t + 1);
      run(&w, &options, &study);
      assert_int_equal(sy_model_to_onnx(study.model, &bytes[t], &size[t], NULL), SY_OK);
      sy_label_study_clear(&study);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
  }
  sy_threads_set(0);
}

/* A focal loss leaves scores; what shifts classes is refused. */
static void losses_of_labels(void **state) {
  (void)state;
  static world w;
  sy_network_options network = small_network();
  sy_loss_options loss = sy_loss_options_default(LABELS);
  sy_study_options options = options_of(NULL);
  sy_label_study study;
  sy_error error;
  world_make(&w, 13);
  options.family = SY_STUDY_MLP;
  options.network = &network;
  network.loss = &loss;
  loss.parts = "focal:gamma=2";
  run(&w, &options, &study);
  assert_string_equal(study.scores_only, "focal:gamma=2");
  sy_label_study_clear(&study);
  loss.parts = "logit-adjustment:tau=1";
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "'logit-adjustment:tau=1' goes with one class a row"));
  network.loss = NULL;
  network.balanced_sampling = true;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  network.balanced_sampling = false;
  options.held_share = 1;
  assert_int_equal(sy_label_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
}

/* Weights from a late epoch on are in the network that is kept, which is of that epoch or later. */
static void late_weights_are_undone(void **state) {
  (void)state;
  static world w;
  sy_policy *policy = policy_of("pos");
  sy_network_options network = small_network();
  sy_study_options options = options_of(policy);
  sy_label_study study;
  world_make(&w, 14);
  options.family = SY_STUDY_MLP;
  options.network = &network;
  options.test = SY_TEST_NONE;
  network.reweight_from = network.epochs;
  run(&w, &options, &study);
  assert_int_equal(study.training.epochs, network.epochs);
  for (size_t l = 0; l < LABELS; l++)
    assert_true(fabs(study.weights[2 * l + 1] - pos_weight(&w, l, NULL, -1)) < 1e-12);
  sy_label_study_clear(&study);
  sy_policy_free(policy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_network_says_all_labels),
      cmocka_unit_test(a_network_without_test_is_stopped_in_time),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(losses_of_labels),
      cmocka_unit_test(late_weights_are_undone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
