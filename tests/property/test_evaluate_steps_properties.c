/* test_evaluate_steps_properties.c: steps of thresholds and bins of reliability against brute
 * force, on random rows with many ties. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#include <steelyard/evaluate.h>

enum { N = 300, TRIALS = 60 };

static struct {
  size_t n, n_classes;
  int positive;
  bool with_costs;
  int32_t ids[N], decisions[N], which[4];
  double scores[N], weights[N], log_p[2 * N], fixed[4], values[2 * N];
  sy_costs costs;
} drawn;

static double uniform(uint64_t trial, uint64_t index) {
  return sy_random_uniform(trial, 71, index);
}

/* Few distinct scores, weights of 0 and fractions, ignored rows whose score is NaN; costs of which
 * two differ by row. */
static void draw(uint64_t trial) {
  drawn.n = 1 + (size_t)(uniform(trial, 1) * N);
  drawn.with_costs = trial % 2;
  drawn.n_classes = drawn.with_costs ? 2 : 2 + trial % 3;
  drawn.positive = (int)(uniform(trial, 2) * (double)drawn.n_classes);
  double n_distinct = 1 + floor(uniform(trial, 3) * 40);
  for (size_t i = 0; i < drawn.n; i++) {
    uint64_t base = 16 * (i + 1);
    drawn.scores[i] = floor(uniform(trial, base) * n_distinct) / n_distinct - 0.3;
    drawn.ids[i] = (int32_t)(uniform(trial, base + 1) * (double)drawn.n_classes);
    drawn.weights[i] = floor(uniform(trial, base + 2) * 9) / 4;
    if (i > 0 && i % 17 == 3) drawn.ids[i] = SY_IGNORED, drawn.scores[i] = NAN;
    for (size_t v = 0; v < 2; v++) drawn.values[2 * i + v] = 9 * uniform(trial, base + 3 + v) - 2;
  }
  drawn.ids[0] = 0;
  drawn.weights[0] = 1;
  const int32_t which[] = {-1, 1, 0, -1};
  memcpy(drawn.which, which, sizeof which);
  for (size_t i = 0; i < 4; i++) drawn.fixed[i] = uniform(trial, 4 + i);
  drawn.costs = (sy_costs){.n_classes = 2,
                           .fixed = drawn.fixed,
                           .n_varying = trial % 4 == 1 ? 2 : 0,
                           .which = drawn.which,
                           .values = drawn.values};
}

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

static double weight_at(size_t i) {
  return drawn.ids[i] == SY_IGNORED ? 0 : drawn.weights[i];
}

static bool is_hit(size_t i) {
  return drawn.ids[i] == drawn.positive;
}

/* What flagging the rows with score >= threshold catches and costs. */
typedef struct caught {
  double positives, negatives, cost;
} caught;

static caught flag_from(double threshold) {
  caught found = {0};
  for (size_t i = 0; i < drawn.n; i++) {
    if (!(weight_at(i) > 0)) continue;
    bool flagged = drawn.scores[i] >= threshold;
    if (flagged) *(is_hit(i) ? &found.positives : &found.negatives) += weight_at(i);
    size_t said = (size_t)(flagged ? drawn.positive : 1 - drawn.positive);
    if (drawn.with_costs)
      found.cost += weight_at(i) * sy_costs_at(&drawn.costs, i, (size_t)drawn.ids[i], said);
  }
  return found;
}

static sy_steps make_steps(void) {
  sy_steps steps;
  sy_error error = {0};
  if (sy_steps_make(drawn.scores, drawn.ids, drawn.n, drawn.positive, drawn.weights,
                    drawn.with_costs ? &drawn.costs : NULL, &steps, &error) != SY_OK)
    fail_msg("%s", error.text);
  return steps;
}

static size_t count_distinct(void) {
  size_t distinct = 0;
  for (size_t i = 0; i < drawn.n; i++) {
    bool seen = !(weight_at(i) > 0);
    for (size_t j = 0; j < i && !seen; j++)
      seen = weight_at(j) > 0 && drawn.scores[j] == drawn.scores[i];
    distinct += !seen;
  }
  return distinct;
}

static void steps_are_what_flagging_gives(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    draw(trial);
    sy_steps steps = make_steps();
    assert_int_equal(steps.n, count_distinct());
    assert_true((steps.costs != NULL) == drawn.with_costs);
    for (size_t i = 0; i < steps.n; i++) {
      caught wanted = flag_from(steps.scores[i]);
      if (i > 0) assert_true(steps.scores[i] < steps.scores[i - 1]);
      assert_true(near(steps.positives[i], wanted.positives));
      assert_true(near(steps.negatives[i], wanted.negatives));
      if (steps.costs) assert_true(near(steps.costs[i], wanted.cost));
    }
    assert_true(near(steps.none_cost, flag_from(INFINITY).cost));
    assert_true(steps.all_positives == steps.positives[steps.n - 1]);
    assert_true(steps.all_negatives == steps.negatives[steps.n - 1]);
    sy_steps_clear(&steps);
    assert_null(steps.scores);
  }
}

/* Log-probabilities whose order in the positive class is that of the scores. */
static sy_metrics evaluate_scores(double *p) {
  for (size_t i = 0; i < drawn.n; i++) {
    size_t hit = 2 * i + (size_t)drawn.positive, other = 2 * i + 1 - (size_t)drawn.positive;
    p[i] = (drawn.scores[i] + 0.35) / 1.1;
    drawn.log_p[hit] = log(p[i]);
    drawn.log_p[other] = log(1 - p[i]);
    drawn.decisions[i] = 0;
  }
  sy_evaluation evaluation = {.n = drawn.n,
                              .n_classes = 2,
                              .ids = drawn.ids,
                              .log_probabilities = drawn.log_p,
                              .decisions = drawn.decisions,
                              .row_weights = drawn.weights,
                              .positive = drawn.positive};
  sy_metrics metrics;
  sy_error error = {0};
  if (sy_evaluate(&evaluation, &metrics, &error) != SY_OK) fail_msg("%s", error.text);
  return metrics;
}

static bool same(double a, double b) {
  return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : near(a, b);
}

static void areas_follow_from_the_steps(void **state) {
  (void)state;
  for (uint64_t trial = 1; trial < TRIALS; trial += 2) {
    double p[N], area = 0, precision = 0, before = 0, wrong_before = 0;
    draw(trial);
    sy_metrics m = evaluate_scores(p);
    sy_steps steps = make_steps();
    for (size_t i = 0; i < steps.n; i++) {
      double hits = steps.positives[i], wrong = steps.negatives[i];
      area += (wrong - wrong_before) * (hits + before) / 2; /* trapezoids */
      precision += (hits - before) * hits / (hits + wrong);
      before = hits;
      wrong_before = wrong;
    }
    bool hit = steps.all_positives > 0, both = hit && steps.all_negatives > 0;
    assert_true(same(both ? area / steps.all_positives / steps.all_negatives : NAN, m.roc_auc));
    assert_true(same(hit ? precision / steps.all_positives : NAN, m.average_precision));
    sy_steps_clear(&steps);
    sy_metrics_clear(&m);
  }
}

static void bins_hold_all_rows_in_order(void **state) {
  (void)state;
  for (uint64_t trial = 1; trial < TRIALS; trial += 2) {
    double p[N], total = 0, predicted = 0, hits = 0, weight = 0;
    draw(trial);
    sy_metrics m = evaluate_scores(p);
    sy_reliability r;
    assert_int_equal(
        sy_reliability_make(p, drawn.ids, drawn.n, drawn.positive, drawn.weights, 10, &r, NULL),
        SY_OK);
    assert_true(r.n_bins >= 1 && r.n_bins <= 10);
    for (size_t b = 0; b < r.n_bins; b++) {
      if (b > 0) assert_true(r.predicted[b] > r.predicted[b - 1]);
      assert_true(r.low[b] >= 0 && r.low[b] <= r.observed[b] && r.observed[b] <= r.high[b]);
      assert_true(r.high[b] <= 1 && r.high[b] - r.low[b] > 0);
      predicted += r.weight[b] * r.predicted[b];
      hits += r.weight[b] * r.observed[b];
      weight += r.weight[b];
    }
    double wanted_predicted = 0, wanted_hits = 0;
    for (size_t i = 0; i < drawn.n; i++) {
      if (!(weight_at(i) > 0)) continue;
      total += weight_at(i);
      wanted_predicted += weight_at(i) * p[i];
      if (is_hit(i)) wanted_hits += weight_at(i);
    }
    assert_true(near(weight, total) && near(predicted, wanted_predicted));
    assert_true(near(hits, wanted_hits));
    sy_reliability_clear(&r);
    sy_metrics_clear(&m);
  }
}

/* A calibration error is the mean of those of both classes, each with bins of its own. */
static void calibration_error_is_that_of_the_bins(void **state) {
  (void)state;
  for (uint64_t trial = 1; trial < TRIALS; trial += 2) {
    double p[N], q[N], off = 0, total = 0;
    draw(trial);
    sy_metrics m = evaluate_scores(p);
    size_t n_present = 0;
    for (size_t i = 0; i < drawn.n; i++) q[i] = 1 - p[i];
    for (int k = 0; k < 2; k++) {
      if (!(m.per_class[k].support > 0)) continue;
      sy_reliability r;
      assert_int_equal(sy_reliability_make(k == drawn.positive ? p : q, drawn.ids, drawn.n, k,
                                           drawn.weights, 10, &r, NULL),
                       SY_OK);
      n_present++;
      total = m.weighted_rows;
      for (size_t b = 0; b < r.n_bins; b++)
        off += r.weight[b] * fabs(r.predicted[b] - r.observed[b]);
      sy_reliability_clear(&r);
    }
    assert_true(near(off / total / (double)n_present, m.calibration_error));
    sy_metrics_clear(&m);
  }
}

static void thinned_steps_are_steps(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    draw(trial);
    sy_steps steps = make_steps(), thinned;
    size_t most = 4 + trial % 9, from = 0, best = 0, kept_best = 0;
    assert_int_equal(sy_steps_thin(&steps, most, &thinned, NULL), SY_OK);
    assert_true(thinned.n <= most && thinned.n <= steps.n);
    if (steps.n <= most) assert_int_equal(thinned.n, steps.n);
    for (size_t i = 0; i < thinned.n; i++, from++) {
      while (from < steps.n && steps.scores[from] != thinned.scores[i]) from++;
      assert_true(from < steps.n);
      assert_true(thinned.positives[i] == steps.positives[from]);
      assert_true(thinned.negatives[i] == steps.negatives[from]);
      if (steps.costs) assert_true(thinned.costs[i] == steps.costs[from]);
      if (steps.costs && thinned.costs[i] < thinned.costs[kept_best]) kept_best = i;
    }
    for (size_t i = 0; steps.costs && i < steps.n; i++)
      if (steps.costs[i] < steps.costs[best]) best = i;
    if (steps.costs) assert_true(thinned.costs[kept_best] == steps.costs[best]);
    assert_true(thinned.scores[0] == steps.scores[0]);
    assert_true(thinned.scores[thinned.n - 1] == steps.scores[steps.n - 1]);
    assert_true(thinned.all_positives == steps.all_positives);
    assert_true(thinned.none_cost == steps.none_cost);
    sy_steps_clear(&steps);
    sy_steps_clear(&thinned);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_what_flagging_gives),
      cmocka_unit_test(areas_follow_from_the_steps),
      cmocka_unit_test(bins_hold_all_rows_in_order),
      cmocka_unit_test(calibration_error_is_that_of_the_bins),
      cmocka_unit_test(thinned_steps_are_steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
