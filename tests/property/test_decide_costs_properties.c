/* test_decide_costs_properties.c: what holds of every decision at costs that differ from row to
 * row. Rows whose best two expected costs differ by less than 1e-12 relative are ties and prove
 * nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decide/tile.h"

enum { N = 2100, MAX_CLASSES = 70, MAX_VARYING = 6 };

static const size_t class_counts[] = {2, 3, 5, 23, MAX_CLASSES};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t random_state;

/* Uniform in (0, 1): an own generator, so that a failure repeats anywhere. */
static double uniform(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(random_state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* Random probabilities and costs of K classes; a share of the cells varies. */
static struct {
  size_t n_classes;
  double p[N * MAX_CLASSES];
  double fixed[MAX_CLASSES * MAX_CLASSES], values[N * MAX_VARYING];
  int32_t which[MAX_CLASSES * MAX_CLASSES];
  sy_costs costs;
  int32_t decisions[N], others[N];
} c;

static void draw(size_t n_classes, double share) {
  random_state = n_classes + (uint64_t)(share * 100);
  c.n_classes = n_classes;
  for (size_t cell = 0; cell < n_classes * n_classes; cell++) {
    bool right = cell / n_classes == cell % n_classes;
    c.fixed[cell] = right ? -uniform() : exp(3 * uniform() - 1);
    c.which[cell] = uniform() < share ? (int32_t)(uniform() * MAX_VARYING) : -1;
    if (c.which[cell] >= 0) c.fixed[cell] = NAN; /* not looked at */
  }
  for (size_t i = 0; i < N * MAX_VARYING; i++) c.values[i] = exp(6 * uniform() - 3);
  for (size_t i = 0; i < N; i++) {
    double *p = c.p + i * n_classes, total = 0;
    for (size_t k = 0; k < n_classes; k++) total += p[k] = exp(6 * uniform());
    for (size_t k = 0; k < n_classes; k++) p[k] /= total;
  }
  c.costs = (sy_costs){.n_classes = n_classes,
                       .fixed = c.fixed,
                       .n_varying = MAX_VARYING,
                       .which = c.which,
                       .values = c.values};
}

/* The cheapest decision of row i, the sum as the textbook has it; -1 where two are as cheap. */
static int32_t brute_force(size_t i) {
  long double least = INFINITY, second = INFINITY, size = 0;
  int32_t decision = -1;
  for (size_t j = 0; j < c.n_classes; j++) {
    long double expected = 0;
    for (size_t k = 0; k < c.n_classes; k++) {
      size_t cell = k * c.n_classes + j;
      long double cost = c.which[cell] < 0
                             ? (long double)c.fixed[cell]
                             : (long double)c.values[i * MAX_VARYING + (size_t)c.which[cell]];
      expected += (long double)c.p[i * c.n_classes + k] * cost;
      size = fmaxl(size, fabsl(cost));
    }
    second = fminl(second, fmaxl(least, expected));
    if (!(expected < least)) continue;
    least = expected;
    decision = (int32_t)j;
  }
  return second - least <= 1e-12L * size ? -1 : decision;
}

static void decision_is_the_brute_force_minimum(void **state) {
  (void)state;
  const double shares[] = {0.1, 0.5, 1};
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (size_t s = 0; s < COUNT(shares); s++) {
      draw(class_counts[test], shares[s]);
      sy_decide_costs(c.p, N, &c.costs, c.decisions);
      size_t n_checked = 0;
      for (size_t i = 0; i < N; i++) {
        int32_t wanted = brute_force(i);
        if (wanted < 0) continue;
        assert_int_equal(c.decisions[i], wanted);
        n_checked++;
      }
      assert_true(n_checked > N * 9 / 10 || shares[s] == 1);
    }
}

/* A constant added to all costs of one actual class, another one on each row. All cells vary: a
 * quantity each. */
static void constants_of_a_row_change_nothing(void **state) {
  (void)state;
  enum { K = 3, V = K * K };
  static double values[N * V], changed[N * V];
  int32_t which[V];
  draw(K, 0);
  for (int32_t cell = 0; cell < V; cell++) which[cell] = cell;
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < K; k++) {
      double constant = 40 * uniform() - 20;
      for (size_t j = 0; j < K; j++) {
        double *value = &values[i * V + k * K + j];
        *value = j == k ? 0 : exp(4 * uniform() - 2);
        changed[i * V + k * K + j] = *value + constant;
      }
    }
  sy_costs costs = {
      .n_classes = K, .fixed = c.fixed, .n_varying = V, .which = which, .values = values};
  sy_decide_costs(c.p, N, &costs, c.decisions);
  costs.values = changed;
  sy_decide_costs(c.p, N, &costs, c.others);
  size_t n_same = 0;
  for (size_t i = 0; i < N; i++) {
    n_same += c.decisions[i] == c.others[i];
    if (c.decisions[i] == c.others[i]) continue;
    /* Only where the two cost the same but for rounding. */
    double gap = 0;
    for (size_t k = 0; k < K; k++)
      gap += c.p[i * K + k] * (values[i * V + k * K + (size_t)c.decisions[i]] -
                               values[i * V + k * K + (size_t)c.others[i]]);
    assert_true(fabs(gap) < 1e-13);
  }
  assert_true(n_same > N - 3);
}

/* Constants that rounding cannot touch change nothing at all, ties included: costs are small whole
 * numbers. */
static void exact_constants_change_nothing_at_all(void **state) {
  (void)state;
  enum { K = 4, V = K * K };
  static double values[N * V], changed[N * V];
  int32_t which[V];
  draw(K, 0);
  for (size_t i = 0; i < N * K; i++) c.p[i] = floor(c.p[i] * 8) / 8; /* ties */
  for (int32_t cell = 0; cell < V; cell++) which[cell] = cell;
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < K; k++) {
      double constant = floor(2000 * uniform()) - 1000;
      for (size_t j = 0; j < K; j++) {
        double *value = &values[i * V + k * K + j];
        *value = j == k ? 0 : floor(5 * uniform());
        changed[i * V + k * K + j] = *value + constant;
      }
    }
  sy_costs costs = {
      .n_classes = K, .fixed = c.fixed, .n_varying = V, .which = which, .values = values};
  sy_decide_costs(c.p, N, &costs, c.decisions);
  costs.values = changed;
  sy_decide_costs(c.p, N, &costs, c.others);
  assert_memory_equal(c.decisions, c.others, sizeof c.decisions);
}

/* With equal costs on all rows, what a matrix decides, to the bits. */
static void equal_rows_are_a_matrix(void **state) {
  (void)state;
  static double matrix[MAX_CLASSES * MAX_CLASSES];
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test], 0.4);
    for (size_t i = 0; i < N * MAX_VARYING; i++) c.values[i] = c.values[i % MAX_VARYING];
    for (size_t cell = 0; cell < c.n_classes * c.n_classes; cell++)
      matrix[cell] = c.which[cell] < 0 ? c.fixed[cell] : c.values[c.which[cell]];
    sy_decide_costs(c.p, N, &c.costs, c.decisions);
    sy_decide(c.p, N, c.n_classes, matrix, c.others);
    assert_memory_equal(c.decisions, c.others, sizeof c.decisions);
    sy_costs fixed = {.n_classes = c.n_classes, .fixed = matrix};
    sy_decide_costs(c.p, N, &fixed, c.decisions);
    assert_memory_equal(c.decisions, c.others, sizeof c.decisions);
  }
}

/* On their side, and on any number of threads. */
static void tiles_and_threads_do_not_matter(void **state) {
  (void)state;
  static double p[MAX_CLASSES * SY_TILE_ROWS], values[MAX_VARYING * SY_TILE_ROWS];
  static double expected[MAX_CLASSES * SY_TILE_ROWS];
  for (size_t test = 0; test < COUNT(class_counts); test++) {
    draw(class_counts[test], 0.5);
    sy_threads_set(1);
    sy_decide_costs(c.p, N, &c.costs, c.decisions);
    sy_threads_set(3);
    sy_decide_costs(c.p, N, &c.costs, c.others);
    sy_threads_set(0);
    assert_memory_equal(c.decisions, c.others, sizeof c.decisions);
    for (size_t row = 0; row < SY_TILE_ROWS; row++) {
      for (size_t k = 0; k < c.n_classes; k++)
        p[k * SY_TILE_ROWS + row] = c.p[row * c.n_classes + k];
      for (size_t v = 0; v < MAX_VARYING; v++)
        values[v * SY_TILE_ROWS + row] = c.values[row * MAX_VARYING + v];
    }
    sy_costs tile = c.costs;
    tile.values = values;
    sy_decide_costs_tile(p, SY_TILE_ROWS, &tile, expected, c.others);
    assert_memory_equal(c.decisions, c.others, SY_TILE_ROWS * sizeof *c.others);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decision_is_the_brute_force_minimum),
      cmocka_unit_test(constants_of_a_row_change_nothing),
      cmocka_unit_test(exact_constants_change_nothing_at_all),
      cmocka_unit_test(equal_rows_are_a_matrix),
      cmocka_unit_test(tiles_and_threads_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
