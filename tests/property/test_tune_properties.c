/* test_tune_properties.c: a tuned threshold is the best of all there are, tried one by one from
 * scratch; factors are no worse than where they began, and for two classes as good as any. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_arrays.h"

#include <steelyard/study.h>

enum { MOST_ROWS = 60, TRIALS = 4000, MAX_CLASSES = 4 };

static const double near = 1e-12;

static double uniform(void) {
  return (double)(random_bits() >> 12) / (double)(UINT64_C(1) << 52);
}

/* Rows, what their mistakes cost, and what is asked of a threshold. */
typedef struct trial {
  size_t n;
  double scores[MOST_ROWS], weights[MOST_ROWS], cost_values[MOST_ROWS];
  int32_t ids[MOST_ROWS];
  int positive;
  const double *row_weights;
  sy_costs costs;
  const sy_costs *used_costs;
  sy_tune_options options;
} trial;

static const double fixed_costs[] = {0.5, 1, 7, 0.25};
static const int32_t which_cells[] = {-1, -1, 0, -1};

static void draw_objective(trial *t) {
  size_t n = 0;
  while (sy_objective_form(n)) n++;
  const char *form = sy_objective_form(random_below(n));
  const char *text = strcmp(form, "fbeta:BETA") == 0 ? "fbeta:2" : form;
  assert_int_equal(sy_objective_parse(text, &t->options.objective, NULL), SY_OK);
}

static void draw_rows(trial *t) {
  size_t grid = 2 + random_below(30);
  bool fine = random_below(3) == 0, of_three = random_below(4) == 0;
  int weighing = (int)random_below(3); /* none, whole ones, fractions */
  t->n = 2 + random_below(MOST_ROWS - 2);
  for (size_t i = 0; i < t->n; i++) {
    t->scores[i] = fine ? uniform() : (double)random_below(grid) / (double)(grid - 1);
    t->ids[i] = (int32_t)random_below(of_three ? 3 : 2);
    if (random_below(20) == 0) t->ids[i] = SY_IGNORED;
    t->weights[i] = weighing == 1 ? (double)random_below(4) : 3 * uniform();
    t->cost_values[i] = (double)random_below(100);
  }
  t->row_weights = weighing ? t->weights : NULL;
  t->positive = (int)random_below(2);
  t->costs = (sy_costs){.n_classes = 2, .fixed = fixed_costs};
  if (random_below(2)) {
    t->costs.n_varying = 1;
    t->costs.which = which_cells;
    t->costs.values = t->cost_values;
  }
  t->used_costs = of_three || random_below(3) == 0 ? NULL : &t->costs;
}

static void draw_trial(trial *t) {
  t->options = sy_tune_options_default();
  draw_rows(t);
  draw_objective(t);
  t->options.samples = 0;
  if (random_below(3) == 0) t->options.max_flagged = (double)random_below(11) / 10;
  if (random_below(3) == 0) t->options.min_precision = (double)random_below(11) / 10;
  if (random_below(4) == 0) t->options.min_recall = (double)random_below(11) / 10;
}

static double weight_of(const trial *t, size_t i) {
  if (t->ids[i] == SY_IGNORED) return 0;
  return t->row_weights ? t->row_weights[i] : 1;
}

/* What flagging the rows with such scores comes to; NaN where the constraints do not hold. */
static double value_at(const trial *t, double threshold, double *share) {
  double confusion[4] = {0}, cost = 0, total = 0;
  for (size_t i = 0; i < t->n; i++) {
    double weight = weight_of(t, i);
    if (!(weight > 0)) continue;
    bool actual = t->ids[i] == t->positive, said = t->scores[i] >= threshold;
    confusion[2 * actual + said] += weight;
    total += weight;
    size_t predicted = (size_t)(said ? t->positive : 1 - t->positive);
    cost += weight * (t->used_costs ? sy_costs_at(t->used_costs, i, (size_t)t->ids[i], predicted)
                                    : actual != said);
  }
  double flagged = confusion[1] + confusion[3];
  *share = flagged / total;
  const sy_tune_options *o = &t->options;
  if (*share > o->max_flagged * (1 + near)) return NAN;
  if (!isnan(o->min_precision) && !(confusion[3] / flagged >= o->min_precision * (1 - near)))
    return NAN;
  if (confusion[3] / (confusion[2] + confusion[3]) < o->min_recall * (1 - near)) return NAN;
  return sy_objective_value(&o->objective, confusion, 2, 1, cost / total);
}

static double slack_of(const sy_objective *objective, double value) {
  return near * fabs(value) + (sy_objective_is_cost(objective) ? 0 : 1e-14);
}

/* The best of flagging none and of all thresholds that are scores; of equals the one that flags
 * fewest. */
static double exhaustive(const trial *t, double *best_share) {
  double best = NAN;
  for (size_t i = 0; i <= t->n; i++) {
    double share;
    if (i < t->n && !(weight_of(t, i) > 0)) continue;
    double value = value_at(t, i < t->n ? t->scores[i] : INFINITY, &share);
    if (isnan(value)) continue;
    double slack = slack_of(&t->options.objective, best);
    bool better = isnan(best) || value > best + slack;
    bool equal = !better && value >= best - slack;
    if (better || (equal && share < *best_share)) *best_share = share;
    if (better) best = value;
  }
  return best;
}

static bool has_both_sides(const trial *t) {
  double sides[2] = {0};
  for (size_t i = 0; i < t->n; i++) sides[t->ids[i] == t->positive] += weight_of(t, i);
  return sides[0] > 0 && sides[1] > 0;
}

static sy_status tune(const trial *t, sy_tuned *tuned, sy_error *error) {
  return sy_tune_threshold(t->scores, t->ids, t->n, t->positive, t->row_weights, t->used_costs,
                           &t->options, tuned, error);
}

static void thresholds_are_the_best_of_all(void **state) {
  (void)state;
  size_t found = 0, refused = 0;
  random_begin();
  for (size_t i = 0; i < TRIALS; i++) {
    trial t;
    draw_trial(&t);
    if (!has_both_sides(&t)) continue;
    sy_tuned tuned;
    sy_error error = {0};
    double share = NAN, wanted = exhaustive(&t, &share), shown;
    sy_status status = tune(&t, &tuned, &error);
    if (isnan(wanted)) {
      refused++;
      assert_int_equal(status, SY_INVALID_ARGUMENT);
      continue;
    }
    found++;
    if (status != SY_OK) fail_msg("trial %zu: %s", i, error.text);
    double value = value_at(&t, tuned.threshold, &shown);
    double slack = slack_of(&t.options.objective, wanted);
    bool same = value == wanted || fabs(value - wanted) <= slack;
    if (!same || fabs(tuned.value - value) > slack)
      fail_msg("trial %zu: %.17g at %.17g instead of %.17g", i, value, tuned.threshold, wanted);
    if (fabs(shown - share) > near || fabs(tuned.flagged - share) > near)
      fail_msg("trial %zu: flags %.17g instead of %.17g", i, shown, share);
  }
  assert_true(found > 1000 && refused > 100);
}

/* A threshold says nothing about the scores that nobody has: it is short. */
static void thresholds_are_short(void **state) {
  (void)state;
  const double scores[] = {0.9371824, 0.9128374, 0.3141592, 0.2718281};
  const int32_t ids[] = {1, 1, 0, 0};
  sy_tune_options options = sy_tune_options_default();
  sy_tuned tuned;
  options.samples = 0;
  assert_int_equal(sy_tune_threshold(scores, ids, 4, 1, NULL, NULL, &options, &tuned, NULL), SY_OK);
  assert_true(tuned.threshold == 0.6 && tuned.value == 0 && tuned.n_scores == 4);
  assert_int_equal(sy_tune_threshold(scores, ids, 4, 0, NULL, NULL, &options, &tuned, NULL), SY_OK);
  assert_true(tuned.threshold == INFINITY && tuned.flagged == 0 && isnan(tuned.precision));
}

static void intervals_do_not_depend_on_threads(void **state) {
  (void)state;
  random_begin();
  for (size_t i = 0; i < 20; i++) {
    trial t;
    draw_trial(&t);
    sy_tuned alone, together;
    t.options.samples = 50;
    t.options.seed = i;
    memset(&alone, 0, sizeof alone);
    memset(&together, 0, sizeof together);
    sy_threads_set(1);
    sy_status status = tune(&t, &alone, NULL);
    sy_threads_set(4);
    assert_int_equal(tune(&t, &together, NULL), status);
    assert_memory_equal(&alone, &together, sizeof alone);
  }
  sy_threads_set(0);
}

/* Scores that tell nothing at one end, all at the other: where the threshold is sure, the interval
 * is narrow; it holds the threshold itself. */
static void intervals_hold_the_threshold(void **state) {
  (void)state;
  enum { N = 2000 };
  static double scores[N];
  static int32_t ids[N];
  sy_tune_options options = sy_tune_options_default();
  sy_tuned tuned;
  random_begin();
  for (size_t i = 0; i < N; i++) {
    scores[i] = uniform();
    ids[i] = uniform() < scores[i];
  }
  assert_int_equal(sy_tune_threshold(scores, ids, N, 1, NULL, NULL, &options, &tuned, NULL), SY_OK);
  assert_true(tuned.threshold_low <= tuned.threshold && tuned.threshold <= tuned.threshold_high);
  assert_true(tuned.value_low < tuned.value && tuned.value < tuned.value_high);
  /* p >= 0.5 is best, and costs 1/4 on average: a share of N rows errs by sqrt(3/16 / N). */
  assert_true(fabs(tuned.threshold - 0.5) < 0.2 &&
              tuned.threshold_high - tuned.threshold_low < 0.5);
  double half = 1.96 * sqrt(0.1875 / N);
  double width = tuned.value_high - tuned.value_low;
  assert_true(width > 1.4 * half && width < 2.8 * half);
}

/* Rows of K classes. */
typedef struct many {
  size_t n, n_classes;
  double log_p[MOST_ROWS * MAX_CLASSES], weights[MOST_ROWS];
  double cost[MAX_CLASSES * MAX_CLASSES];
  int32_t ids[MOST_ROWS];
  sy_costs costs;
  sy_tune_options options;
} many;

static void draw_many(size_t n_classes, bool ties, many *m) {
  m->n = 10 + random_below(MOST_ROWS - 10);
  m->n_classes = n_classes;
  m->options = sy_tune_options_default();
  m->options.samples = 0;
  do {
    trial t;
    draw_objective(&t);
    m->options.objective = t.options.objective;
  } while (sy_objective_is_of_positive(&m->options.objective));
  for (size_t k = 0; k < n_classes * n_classes; k++)
    m->cost[k] = k % (n_classes + 1) == 0 ? 0 : (double)(1 + random_below(9));
  m->costs = (sy_costs){.n_classes = n_classes, .fixed = m->cost};
  for (size_t i = 0; i < m->n; i++) {
    double total = 0, p[MAX_CLASSES];
    for (size_t k = 0; k < n_classes; k++)
      total += p[k] = ties ? (double)(1 + random_below(8)) : 1 + 7 * uniform();
    for (size_t k = 0; k < n_classes; k++) m->log_p[i * n_classes + k] = log(p[k] / total);
    m->ids[i] = (int32_t)random_below(n_classes);
    m->weights[i] = (double)random_below(4);
  }
  m->weights[0] = 1;
}

/* Deciding argmax_k f_k p_k, as a model does, ties to the lower class. */
static double value_of_factors(const many *m, const double *factors) {
  double confusion[MAX_CLASSES * MAX_CLASSES] = {0}, cost = 0, total = 0;
  size_t n_classes = m->n_classes;
  for (size_t i = 0; i < m->n; i++) {
    size_t best = 0, actual = (size_t)m->ids[i];
    const double *log_p = m->log_p + i * n_classes;
    for (size_t k = 1; k < n_classes; k++)
      if (log(factors[k]) + log_p[k] > log(factors[best]) + log_p[best]) best = k;
    confusion[actual * n_classes + best] += m->weights[i];
    cost += m->weights[i] * m->cost[actual * n_classes + best];
    total += m->weights[i];
  }
  return sy_objective_value(&m->options.objective, confusion, n_classes, -1, cost / total);
}

static void check_factors(const many *m, const double *factors, double value) {
  double found = value_of_factors(m, factors), largest = 0;
  if (fabs(found - value) > near * fmax(1, fabs(value)))
    fail_msg("these factors give %.17g, not %.17g", found, value);
  for (size_t k = 0; k < m->n_classes; k++) largest = fmax(largest, factors[k]);
  assert_true(largest == 1);
}

static double start_value(const many *m, bool balanced) {
  double factors[MAX_CLASSES], support[MAX_CLASSES] = {0};
  for (size_t i = 0; i < m->n; i++) support[m->ids[i]] += m->weights[i];
  for (size_t k = 0; k < m->n_classes; k++)
    factors[k] = balanced && support[k] > 0 ? 1 / support[k] : 1;
  return value_of_factors(m, factors);
}

static void factors_are_no_worse_than_their_starts(void **state) {
  (void)state;
  random_begin();
  for (size_t i = 0; i < 1000; i++) {
    static many m;
    double factors[MAX_CLASSES];
    sy_tuned tuned;
    sy_error error = {0};
    bool ties = i % 3 == 0;
    draw_many(3 + i % 2, ties, &m);
    if (sy_tune_factors(m.log_p, m.ids, m.n, m.n_classes, m.weights, &m.costs, &m.options, factors,
                        &tuned, &error) != SY_OK)
      fail_msg("%s", error.text);
    check_factors(&m, factors, tuned.value);
    assert_true(!(start_value(&m, false) > tuned.value + near));
    /* Where rows tie under balanced factors, rounding decides. */
    assert_true(ties || !(start_value(&m, true) > tuned.value + near));
  }
}

/* Two classes: the factors that decide differently are as many as there are distinct odds. */
static double best_of_two(const many *m) {
  double best = NAN;
  for (size_t i = 0; i < m->n; i++) {
    double odds = exp(m->log_p[2 * i + 1] - m->log_p[2 * i]);
    for (int side = -1; side <= 1; side += 2) {
      double value = value_of_factors(m, (const double[]){odds * (1 + side * 1e-9), 1});
      best = isnan(best) || value > best ? value : best;
    }
  }
  return best;
}

static void two_factors_are_the_best_of_all(void **state) {
  (void)state;
  random_begin();
  for (size_t i = 0; i < 1000; i++) {
    static many m;
    double factors[MAX_CLASSES];
    sy_tuned tuned;
    draw_many(2, i % 2 == 0, &m);
    double best = best_of_two(&m);
    sy_status status = sy_tune_factors(m.log_p, m.ids, m.n, 2, m.weights, &m.costs, &m.options,
                                       factors, &tuned, NULL);
    if (isnan(best)) continue;
    assert_int_equal(status, SY_OK);
    check_factors(&m, factors, tuned.value);
    if (fabs(tuned.value - best) > near) fail_msg("%.17g instead of %.17g", tuned.value, best);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(thresholds_are_the_best_of_all),
      cmocka_unit_test(thresholds_are_short),
      cmocka_unit_test(intervals_do_not_depend_on_threads),
      cmocka_unit_test(intervals_hold_the_threshold),
      cmocka_unit_test(factors_are_no_worse_than_their_starts),
      cmocka_unit_test(two_factors_are_the_best_of_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
