/* Which rows a study learns from and which ones judge it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "study_world.h"

static const sy_metrics *stored(const sy_review *review) {
  return &review->ways[review->stored].metrics;
}

/* Replaces the labels of a world by its codes as they are now. */
static void relabel(world *w, size_t n_classes, const char *ignore) {
  sy_labels_options options = {.classes = NAMES, .n_classes = n_classes, .ignore = ignore};
  sy_labels_free(w->labels);
  assert_int_equal(
      sy_labels_from_names(w->label_codes, w->frame.rows, NAMES, 3, &options, &w->labels, NULL),
      SY_OK);
  w->data.labels = w->labels;
}

/* Keeps the rows with keep[i], in their order. */
static void keep_rows(world *w, size_t n_classes, const bool *keep) {
  size_t at = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (!keep[i]) continue;
    w->x[at] = w->x[i];
    w->z[at] = w->z[i];
    w->weights[at] = w->weights[i];
    w->codes[at] = w->codes[i];
    w->label_codes[at++] = w->label_codes[i];
  }
  w->frame.rows = at;
  relabel(w, n_classes, NULL);
}

static void assert_same_model(const sy_study *a, const sy_study *b, double tolerance) {
  const sy_predictor *left = sy_model_predictor(a->model), *right = sy_model_predictor(b->model);
  size_t n = sy_predictor_n_features(left) * sy_predictor_n_vectors(left);
  assert_int_equal(sy_predictor_n_features(left), sy_predictor_n_features(right));
  for (size_t j = 0; j < n; j++)
    assert_near(sy_predictor_coefficients(left)[j], sy_predictor_coefficients(right)[j], tolerance);
}

static void assert_same_figures(const sy_metrics *a, const sy_metrics *b, double tolerance) {
  assert_int_equal(a->rows, b->rows);
  assert_near(a->weighted_rows, b->weighted_rows, tolerance);
  assert_near(a->log_loss, b->log_loss, tolerance);
  assert_near(a->brier, b->brier, tolerance);
  assert_near(a->average_cost, b->average_cost, tolerance);
  assert_near(a->accuracy, b->accuracy, tolerance);
}

/* The rows of another source judge the model that all rows of this one made. */
static void another_source_judges(void **state) {
  (void)state;
  static world w, other;
  make_world(&w, 2);
  make_world(&other, 2);
  bool keep[ROWS];
  for (size_t i = 0; i < ROWS; i++) keep[i] = i % 3 == 0;
  keep_rows(&other, 2, keep);
  w.data.test_frame = &other.frame;
  w.data.test_labels = other.labels;
  w.data.test_row_weights = other.weights;
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_OTHER;
  sy_study judged = run_study(&w.data, &options);
  options.test = SY_TEST_NONE;
  sy_study plain = run_study(&w.data, &options);
  assert_same_model(&judged, &plain, 0);
  assert_int_equal(stored(&judged.test)->rows, ROWS / 3);
  assert_int_equal(stored(&judged.train)->rows, ROWS);
  assert_true(judged.test.has_unweighted && !judged.train.has_unweighted);
  double logs[2 * ROWS], loss = 0, total = 0;
  assert_int_equal(sy_model_score(judged.model, &other.frame, logs, NULL, NULL, NULL), SY_OK);
  for (size_t i = 0; i < ROWS / 3; i++) {
    loss -= other.weights[i] * logs[2 * i + other.label_codes[i]];
    total += other.weights[i];
  }
  assert_near(stored(&judged.test)->log_loss, loss / total, 1e-12);
  sy_study_clear(&judged);
  sy_study_clear(&plain);
  sy_labels_free(other.labels);
  sy_labels_free(w.labels);
}

/* A share is judged by the same model as the rows of that share marked by hand. */
static void a_share_is_a_mask_drawn(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  uint8_t mask[ROWS];
  assert_int_equal(sy_split_share(sy_labels_ids(w.labels), ROWS, 3, NULL, 0.25, 11, mask, NULL),
                   SY_OK);
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_SHARE;
  options.share = 0.25;
  options.seed = 11;
  sy_study share = run_study(&w.data, &options);
  options.test = SY_TEST_MASK;
  w.data.test_mask = mask;
  sy_study masked = run_study(&w.data, &options);
  size_t marked = 0;
  for (size_t i = 0; i < ROWS; i++) marked += mask[i];
  assert_int_equal(stored(&share.test)->rows, marked);
  assert_same_figures(stored(&share.test), stored(&masked.test), 0);
  assert_same_model(&share, &masked, 0);
  options.test = SY_TEST_NONE;
  sy_study plain = run_study(&w.data, &options);
  assert_same_model(&share, &plain, 1e-6); /* trained on all rows, whatever was tested */
  assert_int_equal(plain.test.n_ways, 0);
  sy_study_clear(&share);
  sy_study_clear(&masked);
  sy_study_clear(&plain);
  sy_labels_free(w.labels);
}

/* The model that judges weighs its classes, and sets its penalty, by its own training rows: the
 * marked rows repeat the features of the others, so the encoding is the same without them. */
static void a_judging_model_knows_only_its_rows(void **state) {
  (void)state;
  static world w, train, test;
  make_world(&w, 2);
  bool first[ROWS], second[ROWS];
  uint8_t mask[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    mask[i] = i >= ROWS / 2;
    second[i] = mask[i];
    first[i] = !mask[i];
    if (first[i]) continue;
    w.x[i] = w.x[i - ROWS / 2];
    w.z[i] = w.z[i - ROWS / 2];
    w.codes[i] = w.codes[i - ROWS / 2];
    w.label_codes[i] = i % 2; /* other classes, in other shares */
  }
  relabel(&w, 2, NULL);
  make_world(&train, 2);
  make_world(&test, 2);
  memcpy(test.x, w.x, sizeof w.x);
  memcpy(test.z, w.z, sizeof w.z);
  memcpy(test.codes, w.codes, sizeof w.codes);
  memcpy(test.label_codes, w.label_codes, sizeof w.label_codes);
  keep_rows(&train, 2, first);
  keep_rows(&test, 2, second);
  w.data.test_mask = mask;
  train.data.test_frame = &test.frame;
  train.data.test_labels = test.labels;
  sy_policy *policy = policy_of("balanced");
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  options.test = SY_TEST_MASK;
  sy_study masked = run_study(&w.data, &options);
  options.test = SY_TEST_OTHER;
  sy_study apart = run_study(&train.data, &options);
  assert_same_figures(stored(&masked.test), stored(&apart.test), 1e-5);
  assert_near(apart.l2, 2.0 / ROWS, 1e-15);
  assert_near(masked.l2, 1.0 / ROWS, 1e-15);
  sy_study_clear(&masked);
  sy_study_clear(&apart);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
  sy_labels_free(train.labels);
  sy_labels_free(test.labels);
}

/* Rows without a label, and rows of weight 0, are as if they were not there. */
static void absent_rows_take_no_part(void **state) {
  (void)state;
  static world ignored, weightless, left;
  make_world(&ignored, 3);
  make_world(&weightless, 3);
  make_world(&left, 3);
  bool keep[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    keep[i] = left.label_codes[i] != 2;
    weightless.weights[i] = keep[i] ? 1 : 0;
    if (!keep[i]) weightless.label_codes[i] = i % 2;
    if (!keep[i]) ignored.x[i] = 1000; /* nor do they scale the columns */
    if (!keep[i]) weightless.x[i] = -1000;
  }
  relabel(&ignored, 2, "maybe");
  relabel(&weightless, 2, NULL);
  keep_rows(&left, 2, keep);
  weightless.data.row_weights = weightless.weights;
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  sy_study a = run_study(&ignored.data, &options), b = run_study(&weightless.data, &options),
           c = run_study(&left.data, &options);
  assert_same_model(&a, &c, 1e-5);
  assert_same_model(&b, &c, 1e-5);
  assert_same_figures(stored(&a.train), stored(&c.train), 1e-6);
  assert_same_figures(stored(&b.train), stored(&c.train), 1e-6);
  assert_same_figures(&b.train.unweighted, stored(&c.train), 1e-6);
  assert_int_equal(b.audit.rows, left.frame.rows);
  sy_review review;
  assert_int_equal(sy_review_model(b.model, &weightless.frame, weightless.labels,
                                   weightless.weights, NULL, &review, NULL),
                   SY_OK);
  assert_same_figures(&review.unweighted, &b.train.unweighted, 1e-6);
  sy_review_clear(&review);
  options.test = SY_TEST_FOLDS;
  sy_study folds = run_study(&ignored.data, &options);
  assert_int_equal(stored(&folds.test)->rows, left.frame.rows);
  sy_study_clear(&folds);
  sy_study_clear(&a);
  sy_study_clear(&b);
  sy_study_clear(&c);
  sy_labels_free(ignored.labels);
  sy_labels_free(weightless.labels);
  sy_labels_free(left.labels);
}

/* A class whose rows are all in one group is unknown to the model that judges them. */
static void a_class_absent_from_a_fold_is_told(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  static uint32_t groups[ROWS];
  for (size_t i = 0; i < ROWS; i++) groups[i] = w.label_codes[i] == 2 ? 99 : (uint32_t)(i % 10);
  w.data.groups = groups;
  sy_study_options options = sy_study_options_default();
  options.folds = 3;
  sy_study study = run_study(&w.data, &options);
  const sy_metrics *metrics = stored(&study.test);
  assert_int_equal(metrics->rows, ROWS);
  assert_true(isinf(metrics->log_loss));
  assert_true(metrics->per_class[2].recall == 0);
  assert_true(is_told(study.messages, "log-loss is infinite"));
  assert_false(is_told(study.messages, "single row"));
  assert_true(isfinite(stored(&study.train)->log_loss));
  sy_study_clear(&study);
  /* Of two classes, one is left to train on: no model can be made. */
  for (size_t i = 0; i < ROWS; i++) w.label_codes[i] = w.label_codes[i] == 2;
  relabel(&w, 2, NULL);
  sy_error error;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_TOO_FEW_CLASSES);
  assert_non_null(strstr(error.text, "of 3: "));
  assert_non_null(strstr(error.text, "left to train on"));
  sy_labels_free(w.labels);
}

/* The only row of a class always trains, unless its group is judged. */
static void lone_rows_are_told_where_they_train(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  w.label_codes[5] = 2;
  relabel(&w, 3, NULL);
  sy_study_options options = sy_study_options_default();
  sy_study study = run_study(&w.data, &options);
  assert_true(is_told(study.messages, "1 class (maybe) has a single row, which always trains"));
  assert_int_equal(stored(&study.test)->rows, ROWS - 1);
  sy_study_clear(&study);
  static uint32_t groups[ROWS];
  for (size_t i = 0; i < ROWS; i++) groups[i] = (uint32_t)(i / 10);
  w.data.groups = groups;
  study = run_study(&w.data, &options);
  assert_false(is_told(study.messages, "single row"));
  assert_int_equal(stored(&study.test)->rows, ROWS);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void assert_refused(const world *w, const sy_study_options *options, const char *part) {
  sy_study study;
  sy_error error;
  assert_int_equal(sy_study_run(&w->data, options, &study, &error), SY_INVALID_ARGUMENT);
  if (!strstr(error.text, part)) fail_msg("not told '%s': %s", part, error.text);
}

static void a_side_without_rows_is_refused(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  uint8_t mask[ROWS] = {0};
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_MASK;
  assert_refused(&w, &options, "test_mask");
  w.data.test_mask = mask;
  assert_refused(&w, &options, "no row is left to test on");
  memset(mask, 1, sizeof mask);
  assert_refused(&w, &options, "none is left to train on");
  options.test = SY_TEST_OTHER;
  assert_refused(&w, &options, "test_frame");
  options.test = SY_TEST_FOLDS;
  options.folds = 1;
  assert_refused(&w, &options, "2 or more");
  sy_labels_free(w.labels);
}

/* What a review keeps are the rows behind its figures: each once, as it was decided. */
static void assert_rows_tell_the_figures(const sy_review *review, const world *w, size_t n) {
  const sy_judged_rows *rows = &review->rows;
  const sy_metrics *figures = stored(review);
  bool seen[ROWS] = {false};
  double right = 0, loss = 0, total = 0;
  assert_int_equal(rows->n, n);
  for (size_t i = 0; i < n; i++) {
    size_t row = rows->rows[i];
    assert_false(seen[row]);
    seen[row] = true;
    assert_int_equal(rows->ids[i], sy_labels_ids(w->labels)[row]);
    assert_true(rows->row_weights[i] == w->weights[row]);
    right += rows->row_weights[i] * (rows->decisions[i] == rows->ids[i]);
    loss -=
        rows->row_weights[i] * rows->log_probabilities[i * rows->n_classes + (size_t)rows->ids[i]];
    total += rows->row_weights[i];
  }
  assert_near(figures->accuracy, right / total, 1e-12);
  assert_near(figures->log_loss, loss / total, 1e-12);
}

static void a_review_keeps_the_rows_it_judged(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  const double cost[] = {0, 1, 1, 5, 0, 1, 2, 1, 0};
  sy_study_options options = sy_study_options_default();
  sy_cost_rule rule = rule_of(cost, 3);
  options.cost_rule = &rule;
  sy_study study = run_study(&w.data, &options);
  assert_rows_tell_the_figures(&study.test, &w, ROWS);
  assert_rows_tell_the_figures(&study.train, &w, ROWS);
  sy_study_clear(&study);
  w.data.test_frame = &w.frame;
  w.data.test_labels = w.labels;
  w.data.test_row_weights = w.weights;
  options.test = SY_TEST_OTHER;
  study = run_study(&w.data, &options);
  assert_rows_tell_the_figures(&study.test, &w, ROWS);
  sy_study_clear(&study);
  sy_cost_rule_clear(&rule);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(another_source_judges),
      cmocka_unit_test(a_share_is_a_mask_drawn),
      cmocka_unit_test(a_judging_model_knows_only_its_rows),
      cmocka_unit_test(absent_rows_take_no_part),
      cmocka_unit_test(a_class_absent_from_a_fold_is_told),
      cmocka_unit_test(lone_rows_are_told_where_they_train),
      cmocka_unit_test(a_side_without_rows_is_refused),
      cmocka_unit_test(a_review_keeps_the_rows_it_judged),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
