/* What a study chooses on unseen rows: map, rule, exponent and twin, and that its figures are of
 * rows that had no part in the choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study_world.h"

/* The rows of a review that are (or are not) of a fold, compact. */
typedef struct some_rows {
  size_t n;
  int32_t ids[ROWS];
  double logs[3 * ROWS], scores[ROWS];
} some_rows;

static void pick(const sy_judged_rows *rows, const int32_t *fold, int wanted, bool inside,
                 some_rows *out) {
  size_t n_classes = rows->n_classes;
  out->n = 0;
  for (size_t i = 0; i < rows->n; i++) {
    if ((fold[rows->rows[i]] == wanted) != inside) continue;
    memcpy(out->logs + out->n * n_classes, rows->log_probabilities + i * n_classes,
           n_classes * sizeof(double));
    out->scores[out->n] = exp(rows->log_probabilities[i * n_classes + 1]);
    out->ids[out->n++] = rows->ids[i];
  }
}

static void fold_rows(const world *w, int folds, int32_t *fold) {
  assert_int_equal(sy_split_folds(sy_labels_ids(w->labels), ROWS, sy_labels_n_classes(w->labels),
                                  NULL, folds, 0, fold, NULL),
                   SY_OK);
}

/* Each fold is decided by the threshold of the others; the model keeps that of all. */
static void a_threshold_is_tuned_on_the_other_folds(void **state) {
  (void)state;
  static world w;
  static some_rows others;
  int32_t fold[ROWS];
  make_world(&w, 2);
  fold_rows(&w, 5, fold);
  sy_tune_options tune = tuned_for("f1");
  sy_study_options options = sy_study_options_default();
  options.tune = &tune;
  sy_study study = run_study(&w.data, &options);
  const sy_judged_rows *rows = &study.test.rows;
  sy_tuned tuned;
  for (int f = 0; f < 5; f++) {
    pick(rows, fold, f, false, &others);
    assert_int_equal(
        sy_tune_threshold(others.scores, others.ids, others.n, 1, NULL, NULL, &tune, &tuned, NULL),
        SY_OK);
    for (size_t i = 0; i < rows->n; i++)
      if (fold[rows->rows[i]] == f)
        assert_int_equal(rows->decisions[i],
                         exp(rows->log_probabilities[2 * i + 1]) >= tuned.threshold);
  }
  pick(rows, fold, -2, false, &others);
  assert_int_equal(others.n, ROWS);
  assert_int_equal(
      sy_tune_threshold(others.scores, others.ids, ROWS, 1, NULL, NULL, &tune, &tuned, NULL),
      SY_OK);
  double threshold;
  assert_true(sy_cost_threshold(sy_model_cost(study.model), 1, &threshold));
  assert_near(threshold, tuned.threshold, 1e-15);
  assert_int_equal(sy_model_decision_source(study.model), SY_DECISION_TUNED);
  assert_string_equal(sy_model_note(study.model, "decision tuned for"), "f1");
  assert_string_equal(study.test.ways[study.test.stored].remark, "tuned for f1");
  assert_int_equal(study.unseen_rows, ROWS);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Probabilities of a fold come from the map of the others; the model keeps that of all. */
static void a_map_is_made_on_the_other_folds(void **state) {
  (void)state;
  static world w;
  static some_rows others;
  int32_t fold[ROWS];
  make_world(&w, 3);
  fold_rows(&w, 4, fold);
  sy_policy *policy = policy_of("balanced");
  sy_study_options options = sy_study_options_default();
  options.folds = 4;
  options.policy = policy;
  sy_study plain = run_study(&w.data, &options);
  options.calibrate = SY_STUDY_CALIBRATE_VECTOR;
  sy_study study = run_study(&w.data, &options);
  const sy_judged_rows *before = &plain.test.rows, *after = &study.test.rows;
  sy_calibration *map;
  for (int f = 0; f < 5; f++) { /* the last: of all, as the model has it */
    pick(before, fold, f == 4 ? -2 : f, false, &others);
    assert_int_equal(
        sy_calibrate(SY_CALIBRATION_VECTOR, others.logs, others.n, 3, others.ids, NULL, &map, NULL),
        SY_OK);
    for (size_t i = 0; i < after->n; i++) {
      double wanted[3];
      if (fold[after->rows[i]] != f) continue;
      sy_calibration_apply(map, before->log_probabilities + 3 * i, 1, wanted);
      for (size_t k = 0; k < 3; k++) assert_true(after->log_probabilities[3 * i + k] == wanted[k]);
    }
    if (f == 4)
      assert_memory_equal(sy_calibration_shifts(sy_model_calibration(study.model)),
                          sy_calibration_shifts(map), 3 * sizeof(double));
    sy_calibration_free(map);
  }
  const sy_metrics *raw = &plain.test.ways[plain.test.stored].metrics;
  const sy_metrics *mapped = &study.test.ways[study.test.stored].metrics;
  assert_near(study.calibration.log_loss_before, raw->log_loss, 0);
  assert_near(study.calibration.log_loss_after, mapped->log_loss, 0);
  assert_near(study.calibration.error_before, raw->calibration_error, 0);
  assert_near(study.calibration.error_after, mapped->calibration_error, 0);
  assert_int_equal(study.calibration.rows, ROWS);
  sy_study_clear(&plain);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* With test rows set apart, no label of theirs has a say in how they are judged. */
static void test_rows_set_apart_are_not_asked(void **state) {
  (void)state;
  static world w, other;
  static uint8_t mask[ROWS];
  make_world(&w, 2);
  make_world(&other, 2);
  for (size_t i = 0; i < ROWS; i++) {
    mask[i] = i % 4 == 0;
    if (mask[i]) other.label_codes[i] = 1 - other.label_codes[i];
  }
  sy_labels_options declared = {.classes = NAMES, .n_classes = 2};
  sy_labels_free(other.labels);
  assert_int_equal(
      sy_labels_from_names(other.label_codes, ROWS, NAMES, 2, &declared, &other.labels, NULL),
      SY_OK);
  other.data.labels = other.labels;
  w.data.test_mask = other.data.test_mask = mask;
  sy_tune_options tune = tuned_for("balanced_accuracy");
  sy_objective chooser = objective_of("macro_f1");
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_MASK;
  options.positive = 1;
  options.automatic = &chooser;
  options.calibrate = SY_STUDY_CALIBRATE_ISOTONIC;
  options.tune = &tune;
  sy_study a = run_study(&w.data, &options), b = run_study(&other.data, &options);
  assert_int_equal(a.test.rows.n, ROWS / 4);
  assert_int_equal(a.unseen_rows, ROWS);
  assert_same_rows(&a.test.rows, &b.test.rows);
  assert_true(a.tuned_rule.threshold != b.tuned_rule.threshold); /* the one kept knows them all */
  sy_study_clear(&a);
  sy_study_clear(&b);
  sy_labels_free(w.labels);
  sy_labels_free(other.labels);
}

/* Without a test there are inner folds to choose on, and the model is still that of all rows. */
static void without_a_test_inner_folds_choose(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_tune_options tune = tuned_for("f1");
  sy_study_options options = sy_study_options_default();
  sy_study tested = run_study(&w.data, &options);
  options.tune = &tune;
  options.calibrate = SY_STUDY_CALIBRATE_TEMPERATURE;
  sy_study folds = run_study(&w.data, &options);
  options.test = SY_TEST_NONE;
  sy_study none = run_study(&w.data, &options);
  assert_int_equal(none.test.n_ways, 0);
  assert_int_equal(none.unseen_rows, ROWS);
  assert_near(none.tuned_rule.threshold, folds.tuned_rule.threshold, 0);
  assert_near(none.calibration.log_loss_after, folds.calibration.log_loss_after, 0);
  const sy_predictor *a = sy_model_predictor(none.model), *b = sy_model_predictor(tested.model);
  assert_memory_equal(sy_predictor_coefficients(a), sy_predictor_coefficients(b),
                      sy_predictor_n_features(a) * sizeof(double));
  assert_near(sy_calibration_scales(sy_model_calibration(none.model))[0],
              sy_calibration_scales(sy_model_calibration(folds.model))[0], 0);
  sy_study_clear(&tested);
  sy_study_clear(&folds);
  sy_study_clear(&none);
  /* A share of the rows is cut in two halves; another source leaves all rows to choose on. */
  options.test = SY_TEST_SHARE;
  sy_study share = run_study(&w.data, &options);
  assert_int_equal(share.unseen_rows, share.test.rows.n);
  options.test = SY_TEST_OTHER;
  w.data.test_frame = &w.frame;
  w.data.test_labels = w.labels;
  sy_study other = run_study(&w.data, &options);
  assert_int_equal(other.unseen_rows, ROWS);
  assert_int_equal(other.test.rows.n, ROWS);
  assert_true(other.test.ways[other.test.stored].stored);
  assert_string_equal(other.test.ways[other.test.stored].remark, "tuned for f1");
  sy_study_clear(&share);
  sy_study_clear(&other);
  sy_labels_free(w.labels);
}

/* A model refitted has the probabilities of the unweighted one, to the bit, and the decisions that
 * the weights ask for. */
static void a_refit_keeps_decisions_and_takes_probabilities(void **state) {
  (void)state;
  static world w;
  static double p[3 * ROWS], q[3 * ROWS];
  static int32_t said[ROWS];
  make_world(&w, 3);
  sy_study_options options = sy_study_options_default();
  sy_study plain = run_study(&w.data, &options);
  sy_policy *policy = policy_of("balanced");
  options.policy = policy;
  sy_study weighted = run_study(&w.data, &options);
  options.calibrate = SY_STUDY_CALIBRATE_REFIT;
  sy_study study = run_study(&w.data, &options);
  assert_int_equal(sy_model_score(plain.model, &w.frame, NULL, p, NULL, NULL), SY_OK);
  assert_int_equal(sy_model_score(study.model, &w.frame, NULL, q, said, NULL), SY_OK);
  assert_memory_equal(p, q, sizeof p);
  const double *weights = sy_model_class_weights(weighted.model);
  for (size_t i = 0; i < ROWS; i++) {
    int32_t best = 0;
    for (int32_t k = 1; k < 3; k++)
      if (weights[k] * p[3 * i + (size_t)k] > weights[best] * p[3 * i + (size_t)best]) best = k;
    assert_int_equal(said[i], best);
  }
  for (size_t k = 0; k < 3; k++) {
    assert_near(sy_model_class_weights(study.model)[k], 1, 0);
    assert_near(study.audit.classes[k].weight, weights[k], 0);
  }
  assert_int_equal(sy_model_decision_source(study.model), SY_DECISION_IMPLIED);
  const sy_metrics *bare = &plain.test.ways[plain.test.stored].metrics;
  const sy_metrics *heavy = &weighted.test.ways[weighted.test.stored].metrics;
  const sy_metrics *kept = &study.test.ways[study.test.stored].metrics;
  assert_near(kept->log_loss, bare->log_loss, 0);
  assert_near(study.calibration.log_loss_before, heavy->log_loss, 0);
  assert_near(study.calibration.log_loss_after, bare->log_loss, 0);
  assert_near(weighted.twin.log_loss, bare->log_loss, 1e-12);
  assert_near(weighted.twin.weighted_log_loss, heavy->log_loss, 1e-12);
  assert_near(weighted.twin.difference, heavy->log_loss - bare->log_loss, 1e-12);
  sy_study_clear(&plain);
  sy_study_clear(&weighted);
  sy_study_clear(&study);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* The interval of a twin is that of the mean difference of the losses of a row. */
static void a_twin_is_compared_row_by_row(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  w.data.row_weights = w.weights;
  sy_study_options options = sy_study_options_default();
  sy_study plain = run_study(&w.data, &options);
  sy_policy *policy = policy_of("no=1,yes=30");
  options.policy = policy;
  sy_study study = run_study(&w.data, &options);
  const sy_judged_rows *a = &study.test.rows, *b = &plain.test.rows;
  double total = 0, mean = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < ROWS; i++) {
      size_t at = 2 * i + (size_t)a->ids[i];
      double weight = a->row_weights[i], gap = b->log_probabilities[at] - a->log_probabilities[at];
      if (pass == 0) {
        total += weight;
        mean += weight * gap;
      } else {
        squares += weight * weight * (gap - mean) * (gap - mean);
      }
    }
    if (pass == 0) mean /= total;
  }
  double half = 1.959963984540054 * sqrt(squares) / total;
  assert_true(study.twin.judged && !plain.twin.judged);
  assert_near(study.twin.difference, mean, 1e-12);
  assert_near(study.twin.low, mean - half, 1e-12);
  assert_near(study.twin.high, mean + half, 1e-12);
  assert_int_equal(is_told(study.messages, "--calibrate refit"), study.twin.low > 0);
  /* The same twin on another source, here the training rows. */
  w.data.test_frame = &w.frame;
  w.data.test_labels = w.labels;
  w.data.test_row_weights = w.weights;
  options.test = SY_TEST_OTHER;
  sy_study other = run_study(&w.data, &options);
  assert_near(other.twin.log_loss, plain.train.ways[plain.train.stored].metrics.log_loss, 1e-6);
  sy_study_clear(&plain);
  sy_study_clear(&study);
  sy_study_clear(&other);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* Each point of the path is the study of that policy; the one chosen is the model. */
static void a_path_is_its_policies(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  sy_objective objective = objective_of("macro_f1");
  sy_study_options options = sy_study_options_default();
  options.automatic = &objective;
  sy_study study = run_study(&w.data, &options);
  options.automatic = NULL;
  assert_int_equal(study.path.n, 11);
  double ratio = 0;
  for (size_t i = 0; i < 11; i++) {
    char text[32];
    snprintf(text, sizeof text, "power:%s", i == 10 ? "1" : (char[]){'0', '.', (char)('0' + i), 0});
    sy_policy *policy = policy_of(text);
    options.policy = policy;
    sy_study one = run_study(&w.data, &options);
    const sy_metrics *metrics = &one.test.ways[one.test.stored].metrics;
    assert_near(study.path.points[i].value, metrics->macro_f1, 1e-9);
    assert_true(study.path.points[i].low < metrics->macro_f1);
    if (i == study.path.chosen) {
      const sy_predictor *a = sy_model_predictor(one.model), *b = sy_model_predictor(study.model);
      for (size_t j = 0; j < 3 * sy_predictor_n_features(a); j++)
        assert_near(sy_predictor_coefficients(a)[j], sy_predictor_coefficients(b)[j], 1e-12);
      char wanted[64];
      snprintf(wanted, sizeof wanted, "%s (auto, by macro_f1)", i == 0 ? "power:0" : text);
      assert_string_equal(study.policy, wanted);
      assert_string_equal(sy_model_note(study.model, "class weights"), wanted);
    }
    const sy_audit_class *classes = one.audit.classes;
    double most = fmax(fmax(classes[0].weight, classes[1].weight), classes[2].weight);
    double least = fmin(fmin(classes[0].weight, classes[1].weight), classes[2].weight);
    ratio = most / least;
    assert_near(study.path.points[i].max_ratio, ratio, 1e-9 * ratio);
    sy_study_clear(&one);
    sy_policy_free(policy);
  }
  assert_true(ratio > 2);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Costs by row decide and are counted, in folds and on the training rows. */
static void costs_by_row_go_everywhere(void **state) {
  (void)state;
  static world w;
  static double values[ROWS];
  make_world(&w, 2);
  for (size_t i = 0; i < ROWS; i++) values[i] = 2 + 10 * sy_random_uniform(1, 104, i);
  sy_cost_rule rule;
  assert_int_equal(sy_cost_rule_parse("yes:no=amount, no:yes=2", NAMES, 2, &rule, NULL), SY_OK);
  w.data.cost_values = values;
  sy_study_options options = sy_study_options_default();
  options.cost_rule = &rule;
  sy_study study = run_study(&w.data, &options);
  const sy_review *reviews[] = {&study.test, &study.train};
  for (int r = 0; r < 2; r++) {
    const sy_judged_rows *rows = &reviews[r]->rows;
    double cost = 0, never = 0, always = 0;
    assert_int_equal(rows->n_varying, 1);
    for (size_t i = 0; i < ROWS; i++) {
      double amount = values[rows->rows[i]], p = exp(rows->log_probabilities[2 * i + 1]);
      assert_true(rows->cost_values[i] == amount);
      assert_int_equal(rows->decisions[i], p * amount > (1 - p) * 2);
      if (rows->ids[i] != rows->decisions[i]) cost += rows->ids[i] == 1 ? amount : 2;
      never += rows->ids[i] == 1 ? amount : 0;
      always += rows->ids[i] == 1 ? 0 : 2;
    }
    const sy_metrics *metrics = &reviews[r]->ways[reviews[r]->stored].metrics;
    assert_near(metrics->average_cost, cost / ROWS, 1e-9);
    assert_near(reviews[r]->ways[0].metrics.average_cost, fmin(never, always) / ROWS, 1e-9);
    assert_true(isnan(reviews[r]->miss_cost));
  }
  assert_int_equal(sy_model_cost_rule(study.model)->n_expressions, 1);
  assert_string_equal(sy_model_cost_rule(study.model)->expressions[0], "amount");
  sy_study_clear(&study);
  values[17] = -1;
  sy_error error = {0};
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "row 18"));
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_threshold_is_tuned_on_the_other_folds),
      cmocka_unit_test(a_map_is_made_on_the_other_folds),
      cmocka_unit_test(test_rows_set_apart_are_not_asked),
      cmocka_unit_test(without_a_test_inner_folds_choose),
      cmocka_unit_test(a_refit_keeps_decisions_and_takes_probabilities),
      cmocka_unit_test(a_twin_is_compared_row_by_row),
      cmocka_unit_test(a_path_is_its_policies),
      cmocka_unit_test(costs_by_row_go_everywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
