/* test_evaluate_properties.c: what holds of every evaluation: a row of weight k is k copies, the
 * order of rows and the number of threads do not matter, curves are what pairs and cuts say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/evaluate.h>

enum { N = 4000, MAX_WEIGHT = 3, ROOM = N * MAX_WEIGHT, MAX_CLASSES = 6 };

static const size_t class_counts[] = {2, 3, MAX_CLASSES};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t random_state;

static double uniform(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(random_state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* Rows to evaluate. */
typedef struct sample {
  size_t n, n_classes;
  int32_t ids[ROOM], decisions[ROOM];
  double log_p[ROOM * MAX_CLASSES], weights[ROOM];
  double cost[MAX_CLASSES * MAX_CLASSES];
} sample;

static sample original, changed;

/* Probabilities, and a class drawn from half of them and half of none. */
static int32_t draw_row(size_t n_classes, double *p) {
  double total = 0, so_far = 0, pick = uniform();
  for (size_t k = 0; k < n_classes; k++) total += p[k] = 1 + floor(9 * uniform() / (double)(k + 1));
  for (size_t k = 0; k < n_classes; k++) p[k] /= total;
  size_t k = 0;
  while (k + 1 < n_classes && (so_far += p[k] / 2 + 0.5 / (double)n_classes) < pick) k++;
  return (int32_t)k;
}

/* Small whole numbers as odds, so that many rows tie; weights 0..3, or fractions. */
static void draw(size_t n, size_t n_classes, bool whole_weights) {
  random_state = n_classes;
  sample *s = &original;
  s->n = n;
  s->n_classes = n_classes;
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++) s->cost[k * n_classes + j] = j == k ? 0 : 5 * uniform();
  for (size_t i = 0; i < n; i++) {
    double p[MAX_CLASSES], weight = 4 * uniform();
    s->ids[i] = draw_row(n_classes, p);
    if (i % 50 == 7) s->ids[i] = SY_IGNORED;
    sy_decide(p, 1, n_classes, s->cost, &s->decisions[i]);
    s->weights[i] = whole_weights ? floor(weight) : weight;
    for (size_t k = 0; k < n_classes; k++) s->log_p[i * n_classes + k] = log(p[k]);
  }
}

static void copy_row(size_t from, size_t into, double weight) {
  size_t k = original.n_classes;
  changed.ids[into] = original.ids[from];
  changed.decisions[into] = original.decisions[from];
  changed.weights[into] = weight;
  memcpy(changed.log_p + into * k, original.log_p + from * k, k * sizeof(double));
}

static sy_metrics evaluate(const sample *s, bool weighted) {
  sy_costs costs = {.n_classes = s->n_classes, .fixed = s->cost};
  sy_evaluation evaluation = {
      s->n, s->n_classes, s->ids, s->log_p, s->decisions, weighted ? s->weights : NULL, &costs, 1};
  sy_metrics metrics;
  sy_error error = {0};
  if (sy_evaluate(&evaluation, &metrics, &error) != SY_OK) fail_msg("%s", error.text);
  return metrics;
}

static bool same(double a, double b, double tolerance) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
  return fabs(a - b) <= tolerance * fmax(1, fabs(a));
}

/* Every number of two sets of metrics but the interval, which takes a row as one observation. */
static void assert_same_metrics(const sy_metrics *a, const sy_metrics *b, double tolerance) {
  size_t n_classes = a->n_classes;
  const double wholes[][2] = {{a->weighted_rows, b->weighted_rows},
                              {a->log_loss, b->log_loss},
                              {a->brier, b->brier},
                              {a->accuracy, b->accuracy},
                              {a->balanced_accuracy, b->balanced_accuracy},
                              {a->macro_f1, b->macro_f1},
                              {a->weighted_f1, b->weighted_f1},
                              {a->mcc, b->mcc},
                              {a->g_mean, b->g_mean},
                              {a->roc_auc, b->roc_auc},
                              {a->average_precision, b->average_precision},
                              {a->calibration_error, b->calibration_error},
                              {a->average_cost, b->average_cost},
                              {a->best_constant_cost, b->best_constant_cost}};
  for (size_t i = 0; i < COUNT(wholes); i++)
    if (!same(wholes[i][0], wholes[i][1], tolerance))
      fail_msg("metric %zu: %.17g, %.17g", i, wholes[i][0], wholes[i][1]);
  assert_int_equal(a->best_constant, b->best_constant);
  for (size_t i = 0; i < n_classes * n_classes; i++)
    assert_true(same(a->confusion[i], b->confusion[i], tolerance));
  const double *fields_a = (const double *)a->per_class, *fields_b = (const double *)b->per_class;
  for (size_t i = 0; i < n_classes * sizeof *a->per_class / sizeof(double); i++)
    assert_true(same(fields_a[i], fields_b[i], tolerance));
}

static void weight_k_is_k_copies(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(N, class_counts[test], true);
    changed = original;
    changed.n = 0;
    for (size_t i = 0; i < N; i++)
      for (int copy = 0; copy < (int)original.weights[i]; copy++) copy_row(i, changed.n++, 1);
    sy_metrics weighted = evaluate(&original, true), copies = evaluate(&changed, false);
    sy_metrics unweighted = evaluate(&original, false);
    assert_same_metrics(&weighted, &copies, 1e-12);
    /* And the weights did count. */
    assert_false(same(weighted.log_loss, unweighted.log_loss, 1e-6));
    assert_false(same(weighted.calibration_error, unweighted.calibration_error, 1e-6));
    sy_metrics_clear(&weighted);
    sy_metrics_clear(&copies);
    sy_metrics_clear(&unweighted);
  }
}

static void order_of_rows_does_not_matter(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(N, class_counts[test], false);
    changed = original;
    for (size_t i = 0; i < N; i++) copy_row(i, (i * 1237 + 11) % N, original.weights[i]);
    sy_metrics a = evaluate(&original, true), b = evaluate(&changed, true);
    assert_same_metrics(&a, &b, 1e-12);
    assert_true(same(a.average_cost_low, b.average_cost_low, 1e-12));
    assert_true(same(a.average_cost_high, b.average_cost_high, 1e-12));
    sy_metrics_clear(&a);
    sy_metrics_clear(&b);
  }
}

static void unit_of_weights_does_not_matter(void **state) {
  (void)state;
  draw(N, 3, true);
  changed = original;
  for (size_t i = 0; i < N; i++) changed.weights[i] *= 0.1;
  sy_metrics a = evaluate(&original, true), b = evaluate(&changed, true);
  assert_true(same(a.log_loss, b.log_loss, 1e-12) && same(a.roc_auc, b.roc_auc, 1e-12));
  assert_true(same(a.calibration_error, b.calibration_error, 1e-12));
  assert_true(same(a.mcc, b.mcc, 1e-12) && same(a.average_cost_low, b.average_cost_low, 1e-12));
  sy_metrics_clear(&a);
  sy_metrics_clear(&b);
}

static void threads_do_not_matter(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(N, class_counts[test], false);
    sy_threads_set(1);
    sy_metrics one = evaluate(&original, true);
    for (int threads = 2; threads <= 3; threads++) {
      sy_threads_set(threads);
      sy_metrics more = evaluate(&original, true);
      assert_same_metrics(&one, &more, 0);
      assert_true(one.average_cost_low == more.average_cost_low);
      sy_metrics_clear(&more);
    }
    sy_metrics_clear(&one);
    sy_threads_set(0);
  }
}

/* Weight of the row where it takes part. */
static double weight_of(const sample *s, size_t i) {
  return s->ids[i] == SY_IGNORED ? 0 : s->weights[i];
}

static double pairs_in_order(const sample *s, size_t k) {
  double ordered = 0, all = 0;
  for (size_t i = 0; i < s->n; i++) {
    if (s->ids[i] != (int32_t)k) continue;
    for (size_t j = 0; j < s->n; j++) {
      if (s->ids[j] == (int32_t)k) continue;
      double above = s->log_p[i * s->n_classes + k], below = s->log_p[j * s->n_classes + k];
      double weight = weight_of(s, i) * weight_of(s, j);
      ordered += weight * (above > below ? 1 : above == below ? 0.5 : 0);
      all += weight;
    }
  }
  return ordered / all;
}

/* Mean over the rows of class k of the precision where the cut is at that row. */
static double mean_precision(const sample *s, size_t k) {
  double sum = 0, all = 0;
  for (size_t i = 0; i < s->n; i++) {
    if (s->ids[i] != (int32_t)k) continue;
    double right = 0, flagged = 0;
    for (size_t j = 0; j < s->n; j++) {
      if (s->log_p[j * s->n_classes + k] < s->log_p[i * s->n_classes + k]) continue;
      flagged += weight_of(s, j);
      if (s->ids[j] == (int32_t)k) right += weight_of(s, j);
    }
    if (flagged > 0) sum += weight_of(s, i) * right / flagged;
    all += weight_of(s, i);
  }
  return sum / all;
}

static void curves_are_pairs_and_cuts(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    size_t n_classes = class_counts[test];
    draw(700, n_classes, false);
    sy_metrics m = evaluate(&original, true);
    double areas = 0, precisions = 0;
    for (size_t k = 0; k < n_classes; k++) {
      assert_true(same(m.per_class[k].roc_auc, pairs_in_order(&original, k), 1e-12));
      assert_true(same(m.per_class[k].average_precision, mean_precision(&original, k), 1e-12));
      areas += m.per_class[k].roc_auc / (double)n_classes;
      precisions += m.per_class[k].average_precision / (double)n_classes;
    }
    bool two = n_classes == 2;
    assert_true(same(m.roc_auc, two ? m.per_class[1].roc_auc : areas, 1e-12));
    assert_true(
        same(m.average_precision, two ? m.per_class[1].average_precision : precisions, 1e-12));
    sy_metrics_clear(&m);
  }
}

static void best_constant_is_what_a_constant_costs(void **state) {
  (void)state;
  draw(N, MAX_CLASSES, true);
  sy_metrics m = evaluate(&original, true);
  double least = INFINITY;
  for (int32_t j = 0; j < MAX_CLASSES; j++) {
    changed = original;
    for (size_t i = 0; i < N; i++) changed.decisions[i] = j;
    sy_metrics constant = evaluate(&changed, true);
    assert_true(same(constant.best_constant_cost, m.best_constant_cost, 1e-12));
    if (j == m.best_constant) assert_true(same(constant.average_cost, m.best_constant_cost, 1e-12));
    least = fmin(least, constant.average_cost);
    sy_metrics_clear(&constant);
  }
  assert_true(same(least, m.best_constant_cost, 1e-12));
  sy_metrics_clear(&m);
}

static void comparison_is_the_difference_of_averages(void **state) {
  (void)state;
  draw(N, 3, false);
  changed = original;
  for (size_t i = 0; i < N; i++) changed.decisions[i] = 0;
  sy_metrics a = evaluate(&changed, true), b = evaluate(&original, true);
  sy_costs costs = {.n_classes = 3, .fixed = original.cost};
  sy_cost_comparison c;
  assert_int_equal(sy_cost_compare(original.ids, N, 3, original.weights, &costs, changed.decisions,
                                   original.decisions, &c, NULL),
                   SY_OK);
  assert_true(same(c.difference, a.average_cost - b.average_cost, 1e-12));
  assert_true(same(c.saving, 1 - b.average_cost / a.average_cost, 1e-12));
  assert_true(c.low < c.difference && c.difference < c.high);
  assert_true(c.saving_low < c.saving && c.saving < c.saving_high);
  sy_metrics_clear(&a);
  sy_metrics_clear(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weight_k_is_k_copies),
      cmocka_unit_test(order_of_rows_does_not_matter),
      cmocka_unit_test(unit_of_weights_does_not_matter),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(curves_are_pairs_and_cuts),
      cmocka_unit_test(best_constant_is_what_a_constant_costs),
      cmocka_unit_test(comparison_is_the_difference_of_averages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
