/* test_evaluate_order_properties.c: the sort of scores, and both classes read off one order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "evaluate/order.h"

#include <steelyard/evaluate.h>

enum { MANY = 200000, N_SHAPES = 6 };

static double uniform(uint64_t shape, uint64_t index) {
  return sy_random_uniform(shape, 77, index);
}

/* Scores as they come: logarithms, few values, one value, an outlier that stretches the range, all
 * doubles there are, rising already. */
static double score_of(int shape, size_t i, size_t n) {
  double u = uniform((uint64_t)shape, i);
  switch (shape) {
  case 0:
    return log(u);
  case 1:
    return floor(50 * u) / 7;
  case 2:
    return -2.5;
  case 3:
    return i == n / 3 ? -INFINITY : i == n / 2 ? 1e300 : -1 - 1e-9 * floor(1e5 * u);
  case 4:
    return (u < 0.5 ? -1 : 1) * exp(1400 * (uniform(40, i) - 0.5));
  default:
    return (double)i;
  }
}

static void assert_sorted(const sy_ranked *sorted, size_t n) {
  for (size_t i = 1; i < n; i++) {
    bool rises = sorted[i - 1].key < sorted[i].key;
    bool stays = sorted[i - 1].key == sorted[i].key && sorted[i - 1].row < sorted[i].row;
    assert_true(rises || stays);
  }
}

static void any_scores_are_sorted_stably(void **state) {
  (void)state;
  const size_t sizes[] = {0, 1, 2, 40, 41, 255, 4096, 4097, 65535, 65536, MANY};
  sy_ranked *rows = malloc(2 * MANY * sizeof *rows);
  bool *seen = malloc(MANY);
  assert_true(rows && seen);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int shape = 0; shape < N_SHAPES; shape++) {
      size_t n = sizes[s];
      for (size_t i = 0; i < n; i++)
        rows[i] = (sy_ranked){.key = sy_order_key(score_of(shape, i, n)), .row = i};
      const sy_ranked *sorted = sy_order_sort(rows, rows + n, n);
      assert_sorted(sorted, n);
      memset(seen, 0, MANY);
      for (size_t i = 0; i < n; i++) {
        assert_true(sorted[i].key == sy_order_key(score_of(shape, sorted[i].row, n)));
        assert_true(!seen[sorted[i].row]);
        seen[sorted[i].row] = true;
      }
    }
  free(rows);
  free(seen);
}

/* What is evaluated: rows of two classes. */
static struct {
  size_t n;
  int32_t ids[MANY], zeros[MANY];
  double logs[2 * MANY], ones[MANY];
} drawn;

static sy_metrics evaluate(bool by_weights) {
  sy_evaluation evaluation = {.n = drawn.n,
                              .n_classes = 2,
                              .ids = drawn.ids,
                              .log_probabilities = drawn.logs,
                              .decisions = drawn.zeros,
                              .row_weights = by_weights ? drawn.ones : NULL,
                              .positive = 1};
  sy_metrics metrics;
  sy_error error = {0};
  if (sy_evaluate(&evaluation, &metrics, &error) != SY_OK) fail_msg("%s", error.text);
  return metrics;
}

/* How class 0 keeps to class 1: computed alike; rounded, so that its ties are not those of class 1;
 * with an error as large as tolerated; or with a logarithm above 0 by rounding. */
static void draw(int kind, size_t n) {
  drawn.n = n;
  for (size_t i = 0; i < n; i++) {
    double z = 12 * uniform(50, 4 * i) - 6, p = 1 / (1 + exp(-z));
    if (i % 3 == 0) p = floor(p * 64) / 64 + 1.0 / 128;
    drawn.ids[i] = uniform(50, 4 * i + 1) < p;
    if (i % 1000 == 9) drawn.ids[i] = SY_IGNORED;
    double q = 1 - p;
    if (kind == 1) q = (double)(float)q;
    if (kind == 2) q *= 1 + 1e-4 * (uniform(50, 4 * i + 2) - 0.5);
    if (kind == 3 && i % 50 == 0) p = 1 + 1e-9, q = 0;
    drawn.logs[2 * i] = log(q);
    drawn.logs[2 * i + 1] = log(p);
    drawn.ones[i] = 1;
  }
}

/* Rows weighed by an array of ones take the way of sorting every class for itself. */
static void one_order_serves_both_classes(void **state) {
  (void)state;
  const size_t sizes[] = {2, 50, 300, 5000, MANY};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (int kind = 0; kind < 4; kind++) {
      draw(kind, sizes[s]);
      drawn.ids[0] = 0;
      drawn.ids[1] = 1;
      sy_metrics one = evaluate(false), each = evaluate(true);
      for (size_t k = 0; k < 2; k++) {
        assert_true(one.per_class[k].roc_auc == each.per_class[k].roc_auc);
        assert_true(fabs(one.per_class[k].average_precision -
                         each.per_class[k].average_precision) <= 1e-12);
      }
      assert_true(fabs(one.calibration_error - each.calibration_error) <= 1e-12);
      sy_metrics_clear(&one);
      sy_metrics_clear(&each);
    }
}

/* The area of class 0 by pairs, where the orders of the classes are not each other's reverse. */
static void orders_that_disagree_are_told_apart(void **state) {
  (void)state;
  draw(2, 400);
  sy_metrics metrics = evaluate(false);
  for (size_t k = 0; k < 2; k++) {
    double pairs = 0, ordered = 0;
    for (size_t i = 0; i < drawn.n; i++)
      for (size_t j = 0; j < drawn.n; j++) {
        if (drawn.ids[i] != (int32_t)k || drawn.ids[j] != 1 - (int32_t)k) continue;
        double a = drawn.logs[2 * i + k], b = drawn.logs[2 * j + k];
        pairs++;
        ordered += a > b ? 1 : a == b ? 0.5 : 0;
      }
    assert_true(fabs(metrics.per_class[k].roc_auc - ordered / pairs) <= 1e-12);
  }
  assert_true(metrics.per_class[0].roc_auc != metrics.per_class[1].roc_auc);
  sy_metrics_clear(&metrics);
}

static void threads_do_not_matter(void **state) {
  (void)state;
  draw(0, MANY);
  for (size_t i = 0; i < MANY; i++) drawn.ones[i] = 0.5 + uniform(51, i);
  for (int by_weights = 0; by_weights < 2; by_weights++) {
    double wanted[3] = {0};
    for (int threads = 1; threads <= 4; threads++) {
      sy_threads_set(threads);
      sy_metrics m = evaluate(by_weights);
      double got[] = {m.roc_auc, m.average_precision, m.calibration_error};
      if (threads == 1) memcpy(wanted, got, sizeof got);
      assert_memory_equal(got, wanted, sizeof got);
      sy_metrics_clear(&m);
    }
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_scores_are_sorted_stably),
      cmocka_unit_test(one_order_serves_both_classes),
      cmocka_unit_test(orders_that_disagree_are_told_apart),
      cmocka_unit_test(threads_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
