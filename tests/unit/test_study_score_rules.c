/* test_study_score_rules.c: rules for scores by hand: shares and their intervals, which is chosen,
 * halves that are judged by each other, and screens that keep their width. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "random_arrays.h"
#include "report_width.h"

#include <steelyard/report.h>

enum { N = 400, MAX_CLASSES = 3 };

static const char *const classes[] = {"no", "yes", "perhaps"};
static const double prices[] = {0, 1, 9, 0};

static double p[N * MAX_CLASSES], logs[N * MAX_CLASSES];
static int32_t ids[N];

static double uniform(void) {
  return (double)(random_bits() >> 12) / (double)(UINT64_C(1) << 52);
}

static sy_scores draw(size_t n_classes, const sy_costs *costs) {
  random_begin();
  for (size_t i = 0; i < N; i++) {
    double total = 0, pick = uniform(), *row = p + i * n_classes;
    for (size_t k = 0; k < n_classes; k++) total += row[k] = (k ? 0.4 : 1) * uniform();
    ids[i] = 0;
    for (size_t k = 0; k < n_classes; k++) {
      row[k] /= total;
      logs[i * n_classes + k] = log(row[k]);
      pick -= row[k];
      if (pick > 0 && k + 1 < n_classes) ids[i] = (int32_t)k + 1;
    }
  }
  return (sy_scores){.n = N,
                     .n_classes = n_classes,
                     .classes = classes,
                     .ids = ids,
                     .probabilities = p,
                     .log_probabilities = logs,
                     .costs = costs,
                     .positive = n_classes == 2 ? 1 : -1,
                     .threshold = NAN};
}

static sy_rules find(const sy_scores *scores, const sy_rules_options *options) {
  sy_rules rules;
  sy_error error = {0};
  if (sy_rules_find(scores, options, &rules, &error) != SY_OK) fail_msg("%s", error.text);
  return rules;
}

/* Flagging where p >= 0.1, counted here. */
static void costs_give_a_threshold(void **state) {
  (void)state;
  sy_costs costs = {.n_classes = 2, .fixed = prices};
  sy_scores scores = draw(2, &costs);
  sy_rules_options options = {0};
  sy_rules rules = find(&scores, &options);
  assert_int_equal(rules.n_lines, 4); /* never, always, usual default, from costs */
  assert_int_equal(rules.chosen, 3);
  assert_true(rules.kind == SY_RULE_COSTS && fabs(rules.threshold - 0.1) < 1e-15);
  double flagged = 0, positives = 0, caught = 0;
  for (size_t i = 0; i < N; i++) {
    bool said = p[2 * i + 1] >= 0.1;
    assert_int_equal(rules.decisions[i], said);
    flagged += said;
    positives += ids[i];
    caught += said && ids[i];
  }
  const sy_rule_line *line = &rules.lines[3];
  assert_true(line->flagged.value == flagged / N && line->caught.value == caught / positives);
  assert_true(line->precision.value == caught / flagged);
  double cost = (9 * (positives - caught) + flagged - caught) / N;
  assert_true(fabs(line->metrics.average_cost - cost) < 1e-12);
  assert_true(rules.lines[0].flagged.value == 0 && rules.lines[1].caught.value == 1);
  assert_true(isnan(rules.lines[0].precision.value));
  sy_rules_clear(&rules);
}

/* Wilson's interval solves |share - x| = z sqrt(x (1 - x) / n). */
static void intervals_are_wilsons(void **state) {
  (void)state;
  sy_scores scores = draw(2, NULL);
  sy_rules_options options = {0};
  sy_rules rules = find(&scores, &options);
  const sy_share *flagged = &rules.lines[2].flagged;
  const double ends[] = {flagged->low, flagged->high};
  for (size_t e = 0; e < 2; e++) {
    double z = fabs(flagged->value - ends[e]) / sqrt(ends[e] * (1 - ends[e]) / N);
    assert_true(fabs(z - 1.959963984540054) < 1e-9);
  }
  assert_true(rules.kind == SY_RULE_DEFAULT && rules.threshold == 0.5);
  sy_rules_clear(&rules);
}

/* A score that tells nothing: its best threshold looks better than chance on its own rows, and must
 * not where each half is judged by the other. */
static void halves_are_honest(void **state) {
  (void)state;
  sy_scores scores = draw(2, NULL);
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  double crossed = 0, own = 0;
  tune.samples = 0;
  sy_objective_parse("balanced_accuracy", &tune.objective, NULL);
  for (size_t repeat = 0; repeat < 20; repeat++) {
    for (size_t i = 0; i < N; i++) ids[i] = uniform() < 0.3;
    options.seed = repeat;
    sy_rules rules = find(&scores, &options);
    assert_true(rules.tuned && rules.crossed && rules.kind == SY_RULE_THRESHOLD);
    crossed += rules.lines[rules.chosen].metrics.balanced_accuracy / 20;
    own += rules.tuning.value / 20;
    sy_rules_clear(&rules);
  }
  assert_true(own > 0.52);
  assert_true(crossed > 0.48 && crossed < 0.52);
}

static void few_rows_are_told(void **state) {
  (void)state;
  sy_scores scores = draw(2, NULL);
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  tune.samples = 0;
  for (size_t i = 0; i < N; i++) ids[i] = i == 0;
  sy_rules rules = find(&scores, &options);
  assert_true(rules.tuned && !rules.crossed);
  sy_rules_clear(&rules);
}

static void a_typed_threshold_stands_beside(void **state) {
  (void)state;
  sy_costs costs = {.n_classes = 2, .fixed = prices};
  sy_scores scores = draw(2, &costs);
  int32_t before[N] = {0};
  sy_rules_options options = {.before = before, .before_name = "rule before"};
  scores.threshold = 0.25;
  sy_rules rules = find(&scores, &options);
  assert_int_equal(rules.n_lines, 6);
  assert_string_equal(rules.lines[3].name, "rule before");
  assert_string_equal(rules.lines[5].name, "p >= 0.25");
  assert_true(rules.lines[5].chosen && rules.threshold == 0.25);
  for (size_t i = 0; i < N; i++) assert_int_equal(rules.decisions[i], p[2 * i + 1] >= 0.25);
  sy_rules_clear(&rules);
}

/* argmax f_k p_k, counted here. */
static void factors_decide(void **state) {
  (void)state;
  sy_scores scores = draw(3, NULL);
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  sy_objective_parse("macro_f1", &tune.objective, NULL);
  sy_rules rules = find(&scores, &options);
  assert_true(rules.kind == SY_RULE_FACTORS && rules.factors && isnan(rules.threshold));
  for (size_t i = 0; i < N; i++) {
    size_t best = 0;
    for (size_t k = 1; k < 3; k++)
      if (rules.factors[k] * p[3 * i + k] > rules.factors[best] * p[3 * i + best]) best = k;
    assert_int_equal(rules.decisions[i], best);
  }
  char *text;
  assert_int_equal(sy_report_rules(&rules, "heading", classes, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "Factors: no "));
  assert_fits(text);
  free(text);
  sy_rules_clear(&rules);
}

/* Names are é all over, so one that is cut within a character ends in half of one. */
static void assert_whole_characters(const char *text) {
  for (const char *half = text; (half = strchr(half, '\xC3')); half++)
    if (half[1] != '\xA9') fail_msg("half a character: '%s'", text);
}

/* One of these names has its characters at even places, the other at odd ones. */
static void long_names_are_cut_between_characters(void **state) {
  (void)state;
  char even[2 * 80 + 1] = {0}, odd[sizeof even + 1] = "x";
  for (size_t i = 0; i < 80; i++) memcpy(even + 2 * i, "\xC3\xA9", 2);
  strcat(odd, even);
  const char *const names[][3] = {{even, odd, "b"}, {odd, even, "b"}};
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  for (size_t i = 0; i < 2; i++) {
    char *text;
    sy_review review;
    sy_scores scores = draw(3, NULL);
    scores.classes = names[i];
    sy_rules rules = find(&scores, &options);
    for (size_t line = 0; line < rules.n_lines; line++)
      assert_whole_characters(rules.lines[line].name);
    assert_int_equal(sy_report_rules(&rules, NULL, names[i], &text, NULL), SY_OK);
    assert_whole_characters(text);
    free(text);
    sy_rules_clear(&rules);
    assert_int_equal(sy_review_scores(&scores, &review, NULL), SY_OK);
    assert_string_not_equal(review.ways[0].name, "always b");
    assert_whole_characters(review.ways[0].name);
    sy_review_clear(&review);
  }
}

static void screens_keep_their_width(void **state) {
  (void)state;
  const double dear[] = {0, 1e7, 9e8, 0}, gains[] = {-3, 1, 9, -1e-5};
  const double *const matrices[] = {prices, dear, gains};
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  const char *const labels[] = {"a label whose name is longer than anybody would like", "b"};
  for (size_t m = 0; m < 3; m++) {
    sy_costs costs = {.n_classes = 2, .fixed = matrices[m]};
    sy_scores scores = draw(2, &costs);
    sy_rules rules[] = {find(&scores, &options), find(&scores, &options)};
    char *text;
    assert_int_equal(sy_report_rules(&rules[0], NULL, classes, &text, NULL), SY_OK);
    assert_fits(text);
    assert_non_null(strstr(text, "judged by halves"));
    free(text);
    assert_int_equal(sy_report_label_rules(rules, labels, 2, &text, NULL), SY_OK);
    assert_fits(text);
    free(text);
    sy_rules_clear(&rules[0]);
    sy_rules_clear(&rules[1]);
  }
}

static void memory_that_fails(void **state) {
  (void)state;
  sy_tune_options tune = sy_tune_options_default();
  sy_rules_options options = {.tune = &tune};
  sy_scores scores = draw(3, NULL);
  tune.samples = 2;
  sy_threads_set(1);
  for (size_t nth = 1, struck = 1; struck; nth++) {
    sy_rules rules;
    sy_memory_fail_nth(nth);
    sy_status status = sy_rules_find(&scores, &options, &rules, NULL);
    struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    sy_rules_clear(&rules);
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(costs_give_a_threshold),
      cmocka_unit_test(intervals_are_wilsons),
      cmocka_unit_test(halves_are_honest),
      cmocka_unit_test(few_rows_are_told),
      cmocka_unit_test(a_typed_threshold_stands_beside),
      cmocka_unit_test(factors_decide),
      cmocka_unit_test(long_names_are_cut_between_characters),
      cmocka_unit_test(screens_keep_their_width),
      cmocka_unit_test(memory_that_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
