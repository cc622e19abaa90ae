/* What the losses of networks leave in their logits, and what a study makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "network_study.h"
#include "study/trainings.h"

/* The stored decisions are those of the largest w_k p_k. */
static void assert_weighted_argmax(const sy_study *study) {
  const double *weights = sy_model_class_weights(study->model);
  const sy_judged_rows *rows = &study->train.rows;
  size_t n_classes = rows->n_classes;
  for (size_t i = 0; i < rows->n; i++) {
    const double *logs = rows->log_probabilities + i * n_classes;
    size_t best = 0;
    for (size_t k = 1; k < n_classes; k++)
      if (log(weights[k]) + logs[k] > log(weights[best]) + logs[best] + 1e-12) best = k;
    assert_int_equal(rows->decisions[i], best);
  }
}

static sy_study run_with(world *w, sy_network_options network, const char *parts,
                         const sy_policy *policy) {
  sy_loss_options loss = sy_loss_options_default(2);
  loss.parts = parts;
  network.epochs = 40;
  network.patience = 10;
  network.loss = parts ? &loss : NULL;
  sy_study_options options = study_of(&network);
  options.policy = policy;
  return run_study(&w->data, &options);
}

/* About as many positives are expected as there are, and they weigh as the formula says. */
static void assert_true_in_the_large(const sy_study *study, double ratio, const char *policy) {
  const double *weights = sy_model_class_weights(study->model);
  assert_near(study->test.mean_probability, study->test.observed_share, 0.025);
  assert_near(weights[1] / weights[0], ratio, 1e-9 * ratio);
  assert_near(study->audit.classes[1].weight / study->audit.classes[0].weight, ratio, 1e-9 * ratio);
  assert_int_equal(sy_model_decision_source(study->model), SY_DECISION_IMPLIED);
  assert_string_equal(study->policy, policy);
  assert_string_equal(study->scores_only, "");
  assert_weighted_argmax(study);
}

/* Each of them makes the rare class more probable than it is, until it is taken off. */
static void what_weighs_is_taken_off_and_decides(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  double counts[2] = {0};
  for (size_t i = 0; i < ROWS; i++) counts[w.label_codes[i]]++;
  double ratio = counts[0] / counts[1];
  assert_true(ratio > 3);
  sy_network_options network = small_network(), sampling = network;
  sampling.balanced_sampling = true;
  sy_study weighted = run_with(&w, network, NULL, policy);
  assert_true_in_the_large(&weighted, ratio, "balanced");
  sy_study sampled = run_with(&w, sampling, NULL, NULL);
  assert_true_in_the_large(&sampled, ratio, "balanced sampling");
  assert_true(sampled.twin.judged);
  sy_study adjusted = run_with(&w, network, "logit-adjustment:tau=1", NULL);
  assert_true_in_the_large(&adjusted, ratio, "logit-adjustment:tau=1");
  assert_false(adjusted.twin.judged);
  sy_study scaled = run_with(&w, network, "vs:gamma=0.2,tau=0.5", NULL);
  assert_true_in_the_large(&scaled, sqrt(ratio), "vs:gamma=0.2,tau=0.5");
  sy_study both = run_with(&w, network, "logit-adjustment:tau=0.5", policy);
  assert_true_in_the_large(&both, ratio * sqrt(ratio), "balanced + logit-adjustment:tau=0.5");
  sy_study plain = run_with(&w, network, NULL, NULL);
  assert_int_equal(sy_model_decision_source(plain.model), SY_DECISION_PLAIN);
  sy_study *all[] = {&weighted, &sampled, &adjusted, &scaled, &both, &plain};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) sy_study_clear(all[i]);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Logits are scaled by the slopes, an unlearnt class stays so, and offsets are weights. */
static void slopes_go_into_the_last_layer(void **state) {
  (void)state;
  size_t hidden[] = {5};
  double parameters[2 * (4 * 5 + 5 + 5 * 3 + 3)], slopes[] = {1, 0.5, 0.25},
                                                  offsets[] = {0.1, -1, 2};
  size_t members = 2, n = sizeof parameters / sizeof parameters[0] / members;
  sy_network_shape shape = {.n_features = 4, .n_outputs = 3, .hidden = hidden, .n_hidden = 1};
  for (size_t i = 0; i < members * n; i++) parameters[i] = sy_random_uniform(3, 40, i) - 0.5;
  parameters[n - 1] = parameters[2 * n - 1] = -INFINITY;
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_predictor_network(&shape, parameters, members, &predictor, NULL), SY_OK);
  float row[4] = {0.3f, -1, 2, 0.5f};
  sy_matrix rows = {row, SY_F32, 1, 4, 4};
  double before[3], after[3], weights[] = {2, 3, 4}, numbers[3];
  assert_int_equal(sy_predictor_logits(predictor, rows, before, NULL), SY_OK);
  sy_trainings networks = {
      .loss = {.n_classes = 3, .slopes = slopes, .offsets = offsets, .scale = 2},
      .counts = numbers};
  int32_t ids[] = {0, 0, 1, 2};
  sy_counts *counts = sy_counts_new(3);
  assert_int_equal(sy_counts_add(counts, ids, 4, NULL, NULL), SY_OK);
  assert_int_equal(sy_trainings_undo(&networks, counts, false, weights, &predictor, NULL), SY_OK);
  assert_int_equal(sy_predictor_logits(predictor, rows, after, NULL), SY_OK);
  for (int k = 0; k < 2; k++) assert_near(after[k], 2 * slopes[k] * before[k], 1e-12);
  assert_true(isinf(after[2]) && after[2] < 0);
  for (int k = 0; k < 3; k++) assert_near(weights[k], (2 + k) * exp(-2 * offsets[k]), 1e-12);
  sy_predictor_free(predictor);
  sy_counts_free(counts);
}

typedef struct inverse {
  const char *parts;
  double smoothing;
  sy_cost_use cost_use;
  bool by_prediction;
  const char *told;
} inverse;

static void what_has_no_inverse_is_told(void **state) {
  (void)state;
  const inverse cases[] = {
      {"focal", 0, SY_COST_UNUSED, false, "focal"},
      {"focal:gamma=0", 0, SY_COST_UNUSED, false, ""},
      {"logit-adjustment+focal:gamma=1e+1", 0.1, SY_COST_UNUSED, false,
       "focal:gamma=1e+1+smoothing:0.1"},
      {"ldam:margin=0.5,scale=2", 0, SY_COST_UNUSED, false, "ldam:margin=0.5,scale=2"},
      {"vs", 0, SY_COST_UNUSED, false, ""},
      {NULL, 0, SY_COST_EXPECTED, false, "cost-expected"},
      {NULL, 0, SY_COST_ARGMAX, true, "cost-argmax+by-prediction"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[64];
    sy_loss_options loss = {.parts = cases[i].parts,
                            .smoothing = cases[i].smoothing,
                            .cost_use = cases[i].cost_use,
                            .weigh_by_prediction = cases[i].by_prediction};
    sy_network_options network = small_network();
    network.loss = &loss;
    sy_study_options options = study_of(&network);
    assert_int_equal(sy_trainings_scores(&options, 3, text, sizeof text, NULL), SY_OK);
    assert_string_equal(text, cases[i].told);
  }
}

static void scores_are_called_so_until_calibrated(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_loss_options loss = sy_loss_options_default(2);
  loss.parts = "focal:gamma=2";
  sy_network_options network = small_network();
  network.loss = &loss;
  sy_study_options options = study_of(&network);
  sy_study scores = run_study(&w.data, &options);
  assert_string_equal(scores.scores_only, "focal:gamma=2");
  assert_string_equal(sy_model_note(scores.model, SY_NOTE_SCORES), "focal:gamma=2");
  assert_true(scores.test.is_raw && scores.train.is_raw);
  assert_true(is_told(scores.messages, "scores, not probabilities: focal:gamma=2 has no inverse; "
                                       "--calibrate isotonic makes probabilities of them"));
  assert_false(is_told(scores.messages, "logistic regression"));
  sy_review review;
  assert_int_equal(sy_review_model(scores.model, &w.frame, w.labels, NULL, NULL, &review, NULL),
                   SY_OK);
  assert_true(review.is_raw);
  sy_review_clear(&review);
  options.calibrate = SY_STUDY_CALIBRATE_ISOTONIC;
  sy_study calibrated = run_study(&w.data, &options);
  assert_string_equal(calibrated.scores_only, "");
  assert_null(sy_model_note(calibrated.model, SY_NOTE_SCORES));
  assert_false(calibrated.test.is_raw || is_told(calibrated.messages, "scores"));
  assert_near(calibrated.test.mean_probability, calibrated.test.observed_share, 0.02);
  sy_study_clear(&scores);
  sy_study_clear(&calibrated);
  sy_labels_free(w.labels);
}

/* Costs of each row enter the loss: other costs make another network. */
static void costs_of_rows_enter_the_loss(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  static double values[2][ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    values[0][i] = 4;
    values[1][i] = w.x[i] > 0 ? 1 : 7;
  }
  const double fixed[] = {0, 1, 4, 0};
  sy_cost_rule varying = rule_of(fixed, 2), numbers = rule_of(fixed, 2);
  assert_int_equal(sy_cost_rule_set(&varying, 1, 0, "amount", NULL), SY_OK);
  sy_loss_options loss = sy_loss_options_default(2);
  loss.cost_use = SY_COST_EXPECTED;
  sy_network_options network = small_network();
  network.loss = &loss;
  sy_study_options options = study_of(&network);
  options.test = SY_TEST_NONE;
  sy_study studies[3];
  for (int v = 0; v < 3; v++) {
    options.cost_rule = v < 2 ? &varying : &numbers;
    w.data.cost_values = v < 2 ? values[v] : NULL;
    studies[v] = run_study(&w.data, &options);
    assert_string_equal(studies[v].scores_only, "cost-expected");
    assert_int_equal(sy_model_decision_source(studies[v].model), SY_DECISION_GIVEN);
  }
  const double *parameters[3];
  for (int v = 0; v < 3; v++)
    parameters[v] = sy_predictor_parameters(sy_model_predictor(studies[v].model));
  size_t n = sy_network_n_parameters(sy_predictor_shape(sy_model_predictor(studies[0].model)));
  assert_memory_equal(parameters[0], parameters[2], n * sizeof(double));
  assert_memory_not_equal(parameters[0], parameters[1], n * sizeof(double));
  for (int v = 0; v < 3; v++) sy_study_clear(&studies[v]);
  sy_cost_rule_clear(&varying);
  sy_cost_rule_clear(&numbers);
  sy_labels_free(w.labels);
}

/* Weights are in force at the end, however late they come in. Where the training breaks off before
 * they do, there are none, and they imply no costs; that is told, and why. */
static void weights_that_never_came_in_are_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_policy *policy = policy_of("balanced");
  sy_network_options network = small_network();
  network.reweight_from = 8;
  sy_study_options options = study_of(&network);
  options.policy = policy;
  sy_study late = run_study(&w.data, &options);
  assert_true(late.training.epochs >= 8);
  assert_true(sy_model_class_weights(late.model)[1] > 1.5);
  assert_false(is_told(late.messages, "class weights were to come in"));
  network.optimizer = SY_OPTIMIZER_SGD; /* each epoch a step, each step far too long */
  network.learning_rate = 1e5;
  network.batch_size = ROWS;
  sy_study broken = run_study(&w.data, &options);
  const double *weights = sy_model_class_weights(broken.model);
  assert_true(broken.training.epochs < 8);
  assert_true(weights[0] == 1 && weights[1] == 1);
  assert_true(
      is_told(broken.messages, "class weights were to come in at epoch 8, and the network "));
  assert_true(is_told(broken.messages, "the loss became infinite"));
  assert_false(broken.fit.converged);
  sy_study_clear(&late);
  sy_study_clear(&broken);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_weighs_is_taken_off_and_decides),
      cmocka_unit_test(slopes_go_into_the_last_layer),
      cmocka_unit_test(what_has_no_inverse_is_told),
      cmocka_unit_test(scores_are_called_so_until_calibrated),
      cmocka_unit_test(costs_of_rows_enter_the_loss),
      cmocka_unit_test(weights_that_never_came_in_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
