/* Screens of several models and of intervals: figures where they belong, at most 100 columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/steelyard.h>

#include "report_width.h"

enum { ROWS = 60, MODELS = 3 };

static const char *const names[MODELS] = {"a model with a name that is longer than its column",
                                          "scores/of/a/file.onnx", "c"};

typedef struct world {
  int32_t ids[ROWS];
  double probabilities[MODELS][3 * ROWS], logs[MODELS][3 * ROWS];
  sy_review reviews[MODELS];
} world;

/* Model m says the actual class with a probability that falls with m. */
static void make(world *made, size_t n_classes, const char *const *classes, const sy_costs *costs) {
  for (size_t i = 0; i < ROWS; i++) made->ids[i] = (int32_t)(i % n_classes);
  for (size_t m = 0; m < MODELS; m++) {
    for (size_t i = 0; i < ROWS; i++)
      for (size_t k = 0; k < n_classes; k++) {
        double hit = 0.9 - 0.2 * (double)m - 0.1 * (i % 7 == 0);
        double p = (int32_t)k == made->ids[i] ? hit : (1 - hit) / (double)(n_classes - 1);
        made->probabilities[m][i * n_classes + k] = p;
        made->logs[m][i * n_classes + k] = log(p);
      }
    sy_scores scores = {.n = ROWS,
                        .n_classes = n_classes,
                        .classes = classes,
                        .ids = made->ids,
                        .probabilities = made->probabilities[m],
                        .log_probabilities = made->logs[m],
                        .costs = costs,
                        .positive = n_classes == 2 ? 1 : -1,
                        .threshold = NAN};
    assert_int_equal(sy_review_scores(&scores, &made->reviews[m], NULL), SY_OK);
  }
}

static char *compared(const world *made, const sy_costs *costs) {
  sy_review_comparison comparison;
  char *text;
  assert_int_equal(sy_reviews_compare(made->reviews, MODELS, costs, 100, 0,
                                      (sy_progress){NULL, NULL}, &comparison, NULL),
                   SY_OK);
  assert_int_equal(
      sy_report_comparison(names, made->reviews, &comparison, "three models", &text, NULL), SY_OK);
  sy_review_comparison_clear(&comparison);
  return text;
}

static void clear(world *made) {
  for (size_t m = 0; m < MODELS; m++) sy_review_clear(&made->reviews[m]);
}

static void several_models_fit_on_the_screen(void **state) {
  (void)state;
  static const char *const classes[] = {"no", "yes", "perhaps"};
  double price[] = {0, 1e7, 3e8, 0};
  sy_costs costs = {.n_classes = 2, .fixed = price};
  world *made = calloc(1, sizeof *made);
  for (size_t n_classes = 2; n_classes <= 3; n_classes++) {
    make(made, n_classes, classes, NULL);
    char *text = compared(made, NULL);
    assert_fits(text);
    assert_non_null(strstr(text, "\nminus a model "));
    assert_non_null(strstr(text, "has the lowest log-loss, by more than chance against"));
    free(text);
    clear(made);
  }
  make(made, 2, classes, &costs);
  char *text = compared(made, &costs);
  assert_fits(text);
  assert_non_null(strstr(text, "cost per 1000"));
  free(text);
  clear(made);
  free(made);
}

static void intervals_stand_beside_their_metrics(void **state) {
  (void)state;
  static const char *const classes[] = {"no", "a class with a name that is longer than its column"};
  world *made = calloc(1, sizeof *made);
  make(made, 2, classes, NULL);
  const sy_metrics *metrics = &made->reviews[1].ways[made->reviews[1].stored].metrics;
  sy_evaluation evaluation = sy_review_evaluation(&made->reviews[1], NULL);
  sy_metrics low, high;
  assert_int_equal(
      sy_evaluate_intervals(&evaluation, 100, 0, (sy_progress){NULL, NULL}, &low, &high, NULL),
      SY_OK);
  char *text, wanted[128];
  assert_int_equal(sy_report_intervals(metrics, &low, &high, 100, true, 1, classes, &text, NULL),
                   SY_OK);
  assert_fits(text);
  snprintf(wanted, sizeof wanted, "log-loss            %9.3f   %.3f to %.3f\n", metrics->log_loss,
           low.log_loss, high.log_loss);
  assert_non_null(strstr(text, wanted));
  assert_non_null(strstr(text, "(100 bootstrap samples of the rows)"));
  assert_null(strstr(text, "\nno  "));
  free(text);
  sy_metrics_clear(&low);
  sy_metrics_clear(&high);
  clear(made);
  free(made);
}

static void labels_stand_in_lines(void **state) {
  (void)state;
  static const char *const labels[] = {"rain",
                                       "a label with a name that is longer than its column"};
  const uint8_t truth[] = {1, 0, 0, 0, 1, 0}, said[] = {1, 0, 0, 1, 0, 0};
  const double probabilities[] = {0.9, 0.1, 0.2, 0.6, 0.4, 0.3};
  sy_label_evaluation evaluation = {
      .n = 3, .n_labels = 2, .truth = truth, .probabilities = probabilities, .decisions = said};
  sy_label_metrics metrics;
  char *text;
  assert_int_equal(sy_evaluate_labels(&evaluation, &metrics, NULL), SY_OK);
  assert_int_equal(sy_report_labels(&metrics, labels, "two labels", &text, NULL), SY_OK);
  assert_fits(text);
  assert_non_null(
      strstr(text, "\nrain                              2        1      1.000   0.500"));
  assert_non_null(
      strstr(text, "\na label with a name tha…          0        1      0.000       -"));
  assert_non_null(
      strstr(text, "all labels of a row right: 33.3 % of the rows; labels wrong: 33.3 %"));
  free(text);
  sy_label_metrics_clear(&metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(several_models_fit_on_the_screen),
      cmocka_unit_test(intervals_stand_beside_their_metrics),
      cmocka_unit_test(labels_stand_in_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
