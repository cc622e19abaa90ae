/* test_decide_properties.c: what holds of every decision, on random probabilities and costs. Rows
 * whose best two expected costs differ by less than 1e-12 relative are ties and prove nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/decide.h>

enum { N = 3000, MAX_CLASSES = 70 };

static const size_t class_counts[] = {2, 3, 5, 23, MAX_CLASSES};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t random_state;

/* Uniform in (0, 1): an own generator, so that a failure repeats anywhere. */
static double uniform(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(random_state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* A random case of K classes. */
static struct {
  size_t n_classes;
  double logits[N * MAX_CLASSES]; /* of the weighted model */
  double p[N * MAX_CLASSES];      /* true probabilities */
  double weights[MAX_CLASSES];
  double cost[MAX_CLASSES * MAX_CLASSES];
  int32_t decisions[N], others[N];
} c;

/* Logits are those of true probabilities with the class weights put in. */
static void draw(size_t n_classes) {
  random_state = n_classes;
  c.n_classes = n_classes;
  for (size_t k = 0; k < n_classes; k++) c.weights[k] = exp(4 * uniform() - 2);
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++)
      c.cost[k * n_classes + j] = j == k ? -uniform() : exp(3 * uniform() - 1);
  for (size_t i = 0; i < N; i++) {
    double *p = c.p + i * n_classes, *logits = c.logits + i * n_classes, total = 0, any = uniform();
    for (size_t k = 0; k < n_classes; k++) total += p[k] = exp(6 * uniform());
    for (size_t k = 0; k < n_classes; k++) {
      p[k] /= total;
      logits[k] = log(p[k]) + log(c.weights[k]) + 10 * any;
    }
  }
}

/* The two cheapest decisions of row i and what they are expected to cost, the sum as the textbook
 * has it. */
typedef struct cheapest {
  int32_t decision;
  long double cost, second;
} cheapest;

static cheapest brute_force(size_t i, const double *cost) {
  cheapest found = {-1, INFINITY, INFINITY};
  for (size_t j = 0; j < c.n_classes; j++) {
    long double expected = 0;
    for (size_t k = 0; k < c.n_classes; k++)
      expected += (long double)c.p[i * c.n_classes + k] * (long double)cost[k * c.n_classes + j];
    if (expected < found.cost) {
      found = (cheapest){(int32_t)j, expected, found.cost};
    } else if (expected < found.second) {
      found.second = expected;
    }
  }
  return found;
}

static bool is_tie(cheapest found) {
  return fabsl(found.second - found.cost) <= 1e-12L * fmaxl(fabsl(found.cost), 1e-3L);
}

static void decision_is_the_brute_force_minimum(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test]);
    sy_decide(c.p, N, c.n_classes, c.cost, c.decisions);
    size_t n_checked = 0;
    for (size_t i = 0; i < N; i++) {
      cheapest found = brute_force(i, c.cost);
      if (is_tie(found)) continue;
      assert_int_equal(c.decisions[i], found.decision);
      n_checked++;
    }
    assert_true(n_checked > N * 9 / 10);
  }
}

/* To the last bit, ties included: a third of the rows is rounded to a few values. */
static void implied_costs_take_the_largest_weighted_probability(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test]);
    for (size_t k = 0; k < c.n_classes; k += 2) c.weights[k] = 1;
    for (size_t i = 0; i < N * c.n_classes / 3; i++) c.p[i] = round(c.p[i] * 8) / 8;
    sy_cost_implied(c.weights, c.n_classes, c.cost);
    sy_decide(c.p, N, c.n_classes, c.cost, c.decisions);
    for (size_t i = 0; i < N; i++) {
      const double *p = c.p + i * c.n_classes;
      size_t best = 0;
      for (size_t k = 1; k < c.n_classes; k++)
        if (c.weights[k] * p[k] > c.weights[best] * p[best]) best = k;
      assert_int_equal(c.decisions[i], best);
    }
  }
}

static void weights_move_decisions_and_leave_probabilities_true(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test]);
    static double corrected[N * MAX_CLASSES];
    sy_correct(c.logits, N, c.n_classes, c.weights, corrected);
    for (size_t i = 0; i < N * c.n_classes; i++) {
      corrected[i] = exp(corrected[i]);
      assert_true(fabs(corrected[i] - c.p[i]) <= 1e-13 * c.p[i]);
    }
    sy_cost_implied(c.weights, c.n_classes, c.cost);
    sy_decide(corrected, N, c.n_classes, c.cost, c.decisions);
    size_t n_moved = 0;
    for (size_t i = 0; i < N; i++) {
      if (is_tie(brute_force(i, c.cost))) continue;
      const double *logits = c.logits + i * c.n_classes, *p = c.p + i * c.n_classes;
      size_t best = 0, most_probable = 0;
      for (size_t k = 1; k < c.n_classes; k++) {
        if (logits[k] > logits[best]) best = k;
        if (p[k] > p[most_probable]) most_probable = k;
      }
      assert_int_equal(c.decisions[i], best); /* the weighted model's own arg-max */
      n_moved += best != most_probable;
    }
    assert_true(n_moved > N / 20);
  }
}

static void assert_same_decisions(const double *changed) {
  sy_decide(c.p, N, c.n_classes, c.cost, c.decisions);
  sy_decide(c.p, N, c.n_classes, changed, c.others);
  for (size_t i = 0; i < N; i++)
    if (!is_tie(brute_force(i, c.cost))) assert_int_equal(c.decisions[i], c.others[i]);
}

static void constants_and_units_change_nothing(void **state) {
  (void)state;
  static double changed[MAX_CLASSES * MAX_CLASSES];
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test]);
    for (size_t k = 0; k < c.n_classes; k++) {
      double constant = 40 * uniform() - 20; /* one for each actual class */
      for (size_t j = 0; j < c.n_classes; j++)
        changed[k * c.n_classes + j] = c.cost[k * c.n_classes + j] + constant;
    }
    assert_same_decisions(changed);
    for (size_t i = 0; i < c.n_classes * c.n_classes; i++) changed[i] = 0.37 * c.cost[i];
    assert_same_decisions(changed);
  }
}

static void threshold_is_the_decision(void **state) {
  (void)state;
  draw(2);
  for (int positive = 0; positive < 2; positive++) {
    double threshold;
    assert_true(sy_cost_threshold(c.cost, positive, &threshold));
    sy_decide(c.p, N, 2, c.cost, c.decisions);
    for (size_t i = 0; i < N; i++) {
      double p = c.p[2 * i + (size_t)positive];
      if (fabs(p - threshold) > 1e-12)
        assert_int_equal(c.decisions[i], p > threshold ? positive : 1 - positive);
    }
  }
}

static void neither_threads_nor_blocks_matter(void **state) {
  (void)state;
  static double corrected[N * MAX_CLASSES], first[N * MAX_CLASSES];
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test]);
    for (int threads = 1; threads <= 3; threads++) {
      sy_threads_set(threads);
      sy_correct(c.logits, N, c.n_classes, c.weights, corrected);
      sy_decide(c.p, N, c.n_classes, c.cost, c.others);
      if (threads == 1) {
        memcpy(first, corrected, sizeof first);
        memcpy(c.decisions, c.others, sizeof c.decisions);
      }
      assert_memory_equal(corrected, first, N * c.n_classes * sizeof *first);
      assert_memory_equal(c.others, c.decisions, sizeof c.others);
    }
    sy_threads_set(0);
    for (size_t i = 0; i < N; i++) {
      int32_t alone;
      sy_decide(c.p + i * c.n_classes, 1, c.n_classes, c.cost, &alone);
      assert_int_equal(alone, c.decisions[i]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decision_is_the_brute_force_minimum),
      cmocka_unit_test(implied_costs_take_the_largest_weighted_probability),
      cmocka_unit_test(weights_move_decisions_and_leave_probabilities_true),
      cmocka_unit_test(constants_and_units_change_nothing),
      cmocka_unit_test(threshold_is_the_decision),
      cmocka_unit_test(neither_threads_nor_blocks_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
