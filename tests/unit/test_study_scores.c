/* Scores of any origin, judged: rules exact at their thresholds, figures as brute force has them,
 * models compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/steelyard.h>

enum { ROWS = 240 };

static const char *const classes[] = {"no", "yes"};

/* Rows of two classes whose probabilities are numbers of few digits, many of them equal. */
typedef struct world {
  int32_t ids[ROWS];
  double probabilities[2 * ROWS], logs[2 * ROWS], weights[ROWS], amounts[ROWS];
} world;

static void assert_close(double found, double wanted, double error) {
  if (!(fabs(found - wanted) <= error)) fail_msg("%.17g is not %.17g", found, wanted);
}

static uint32_t draw(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

static void set_probability(world *made, size_t i, double p) {
  made->probabilities[2 * i] = 1 - p;
  made->probabilities[2 * i + 1] = p;
  made->logs[2 * i] = log1p(-p);
  made->logs[2 * i + 1] = log(p);
}

static void make(world *made, uint32_t seed) {
  for (size_t i = 0; i < ROWS; i++) {
    double p = (1 + draw(&seed) % 19) / 20.0;
    made->ids[i] = draw(&seed) % 1000 < 1000 * p;
    made->weights[i] = 1 + draw(&seed) % 3;
    made->amounts[i] = 1 + draw(&seed) % 40;
    set_probability(made, i, p);
  }
}

static sy_scores scores_of(const world *made) {
  return (sy_scores){.n = ROWS,
                     .n_classes = 2,
                     .classes = classes,
                     .ids = made->ids,
                     .probabilities = made->probabilities,
                     .log_probabilities = made->logs,
                     .positive = 1,
                     .threshold = NAN};
}

static sy_review review_of(const sy_scores *scores) {
  sy_review review;
  sy_error error;
  if (sy_review_scores(scores, &review, &error) != SY_OK) fail_msg("%s", error.text);
  return review;
}

static void check_decisions(const sy_review *review, const world *made, double threshold,
                            size_t positive) {
  for (size_t i = 0; i < ROWS; i++) {
    size_t wanted = made->probabilities[2 * i + positive] >= threshold ? positive : 1 - positive;
    assert_int_equal(review->rows.decisions[i], wanted);
  }
}

static void a_score_of_exactly_the_threshold_is_flagged(void **state) {
  (void)state;
  world made;
  make(&made, 1);
  sy_scores scores = scores_of(&made);
  for (int positive = 0; positive < 2; positive++) {
    scores.positive = positive;
    sy_review review = review_of(&scores);
    check_decisions(&review, &made, 0.5, (size_t)positive);
    sy_review_clear(&review);
    for (int step = 0; step <= 20; step++) {
      scores.threshold = step / 20.0;
      review = review_of(&scores);
      check_decisions(&review, &made, scores.threshold, (size_t)positive);
      assert_string_equal(review.ways[review.stored].remark, "as typed");
      sy_review_clear(&review);
    }
    scores.threshold = NAN;
  }
}

/* A miss at 4 and a false alarm at 1 are the threshold 1 / 5, a score that many rows have. */
static void costs_are_a_threshold_that_flags_what_is_on_it(void **state) {
  (void)state;
  world made;
  make(&made, 2);
  double cost[] = {0, 1, 4, 0};
  sy_costs costs = {.n_classes = 2, .fixed = cost};
  sy_scores scores = scores_of(&made);
  scores.costs = &costs;
  sy_review review = review_of(&scores);
  check_decisions(&review, &made, 0.2, 1);
  assert_string_equal(review.ways[review.stored].name, "p >= 0.200");
  assert_true(review.of_scores && review.priced && review.has_saving);
  sy_review_clear(&review);
}

/* A miss costs the row's amount, a false alarm 3. */
static void costs_of_each_row_decide_that_row(void **state) {
  (void)state;
  world made;
  make(&made, 3);
  double fixed[] = {0, 3, 0, 0}, spent = 0, all = 0;
  int32_t which[] = {-1, -1, 0, -1};
  sy_costs costs = {
      .n_classes = 2, .fixed = fixed, .n_varying = 1, .which = which, .values = made.amounts};
  sy_scores scores = scores_of(&made);
  scores.costs = &costs;
  scores.row_weights = made.weights;
  sy_review review = review_of(&scores);
  for (size_t i = 0; i < ROWS; i++) {
    double p = made.probabilities[2 * i + 1], q = made.probabilities[2 * i];
    int flag = 3 * q < made.amounts[i] * p;
    if (3 * q != made.amounts[i] * p) assert_int_equal(review.rows.decisions[i], flag);
    double price = made.ids[i] ? (flag ? 0 : made.amounts[i]) : (flag ? 3 : 0);
    if (3 * q == made.amounts[i] * p) price = made.ids[i] ? made.amounts[i] : 0;
    spent += made.weights[i] * price;
    all += made.weights[i];
  }
  assert_close(review.ways[review.stored].metrics.average_cost, spent / all, 1e-12);
  assert_true(review.has_unweighted);
  sy_review_clear(&review);
}

static void of_many_classes_the_most_probable_is_usual(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c"};
  double probabilities[] = {0.2, 0.5, 0.3, 0.4, 0.4, 0.2, 0.1, 0.1, 0.8}, logs[9];
  for (size_t i = 0; i < 9; i++) logs[i] = log(probabilities[i]);
  int32_t ids[] = {1, 1, 0};
  sy_scores scores = {.n = 3,
                      .n_classes = 3,
                      .classes = names,
                      .ids = ids,
                      .probabilities = probabilities,
                      .log_probabilities = logs,
                      .positive = -1,
                      .threshold = NAN};
  sy_review review = review_of(&scores);
  assert_int_equal(review.rows.decisions[0], 1);
  assert_int_equal(review.rows.decisions[1], 0);
  assert_int_equal(review.rows.decisions[2], 2);
  assert_close(review.ways[review.stored].metrics.accuracy, 1.0 / 3, 1e-15);
  sy_review_clear(&review);
}

/* The same scores with noise are worse, by what the figures say. */
static void the_better_of_two_models_is_found(void **state) {
  (void)state;
  world made[2];
  uint32_t seed = 9;
  make(&made[0], 4);
  make(&made[1], 4);
  for (size_t i = 0; i < ROWS; i++) set_probability(&made[0], i, (1 + draw(&seed) % 19) / 20.0);
  sy_review reviews[2];
  for (size_t m = 0; m < 2; m++) {
    sy_scores scores = scores_of(&made[m]);
    reviews[m] = review_of(&scores);
  }
  sy_review_comparison found;
  sy_progress none = {NULL, NULL};
  assert_int_equal(sy_reviews_compare(reviews, 2, NULL, 200, 0, none, &found, NULL), SY_OK);
  assert_int_equal(found.best, 1);
  assert_int_equal(found.measure, SY_BY_LOG_LOSS);
  const sy_metrics *random = &reviews[0].ways[reviews[0].stored].metrics;
  const sy_metrics *good = &reviews[1].ways[reviews[1].stored].metrics;
  assert_close(found.differences[0].difference.log_loss, random->log_loss - good->log_loss, 1e-12);
  assert_true(found.differences[0].low.log_loss > 0);
  const char *names[] = {"noise", "good"};
  char *text;
  assert_int_equal(sy_report_comparison(names, reviews, &found, NULL, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "good has the lower log-loss, by more than chance.\n"));
  free(text);
  sy_review_comparison_clear(&found);
  /* A model against itself differs in nothing. */
  assert_int_equal(sy_reviews_compare((sy_review[]){reviews[1], reviews[1]}, 2, NULL, 200, 0, none,
                                      &found, NULL),
                   SY_OK);
  assert_close(found.differences[1].low.log_loss, 0, 0);
  assert_close(found.differences[1].high.roc_auc, 0, 0);
  assert_int_equal(sy_report_comparison(names, reviews, &found, NULL, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "but on these rows the difference may be chance.\n"));
  free(text);
  sy_review_comparison_clear(&found);
  sy_review_clear(&reviews[0]);
  sy_review_clear(&reviews[1]);
}

static void models_with_infinite_log_loss_are_compared_by_brier(void **state) {
  (void)state;
  world made;
  make(&made, 5);
  made.ids[7] = 1;
  set_probability(&made, 7, 0);
  sy_scores scores = scores_of(&made);
  sy_review reviews[] = {review_of(&scores), review_of(&scores)};
  sy_review_comparison found;
  sy_error error;
  assert_int_equal(
      sy_reviews_compare(reviews, 2, NULL, 100, 0, (sy_progress){NULL, NULL}, &found, NULL), SY_OK);
  assert_int_equal(found.measure, SY_BY_BRIER);
  sy_review_comparison_clear(&found);
  reviews[1].rows.n--;
  assert_int_equal(
      sy_reviews_compare(reviews, 2, NULL, 100, 0, (sy_progress){NULL, NULL}, &found, &error),
      SY_INVALID_SHAPE);
  assert_non_null(strstr(error.text, "the same rows, not on 240 and 239"));
  sy_review_clear(&reviews[0]);
  sy_review_clear(&reviews[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_score_of_exactly_the_threshold_is_flagged),
      cmocka_unit_test(costs_are_a_threshold_that_flags_what_is_on_it),
      cmocka_unit_test(costs_of_each_row_decide_that_row),
      cmocka_unit_test(of_many_classes_the_most_probable_is_usual),
      cmocka_unit_test(the_better_of_two_models_is_found),
      cmocka_unit_test(models_with_infinite_log_loss_are_compared_by_brier),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
