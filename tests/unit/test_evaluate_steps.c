/* test_evaluate_steps.c: steps of thresholds and reliability by hand, and what they refuse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#include <steelyard/evaluate.h>

static void assert_near(double value, double wanted) {
  if (!(fabs(value - wanted) <= 1e-14 * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

static const int32_t ids[] = {1, 0, 1, 0, SY_IGNORED, 1};
static const double scores[] = {-0.0, INFINITY, 0.0, -INFINITY, NAN, 2};
static const double weights[] = {1, 2, 3, 4, 5, 0};
static const double cost_matrix[] = {0, 1, 10, 2};

static void ties_and_infinite_scores_are_steps(void **state) {
  (void)state;
  const sy_costs costs = {.n_classes = 2, .fixed = cost_matrix};
  sy_steps steps;
  assert_int_equal(sy_steps_make(scores, ids, 6, 1, weights, &costs, &steps, NULL), SY_OK);
  assert_int_equal(steps.n, 3);
  assert_true(steps.scores[0] == INFINITY && steps.scores[1] == 0 && steps.scores[2] == -INFINITY);
  const double positives[] = {0, 4, 4}, negatives[] = {2, 2, 6}, wanted[] = {42, 10, 14};
  assert_memory_equal(steps.positives, positives, sizeof positives);
  assert_memory_equal(steps.negatives, negatives, sizeof negatives);
  assert_memory_equal(steps.costs, wanted, sizeof wanted);
  assert_true(steps.none_cost == 40 && steps.all_positives == 4 && steps.all_negatives == 6);
  sy_steps_clear(&steps);
  sy_steps_clear(&steps);
}

/* A million small costs beside one that is 1e12 times as much: added one by one they would be off
 * by their own size. */
static void sums_are_compensated(void **state) {
  (void)state;
  enum { MANY = 1000000 };
  double *many = malloc(MANY * sizeof *many), *price = malloc(MANY * sizeof *price);
  int32_t *zeros = calloc(MANY, sizeof *zeros);
  assert_true(many && price && zeros);
  for (size_t i = 0; i < MANY; i++) many[i] = 1, price[i] = i ? 0.1 : 1e11;
  const int32_t which[] = {-1, 0, -1, -1};
  const double fixed[] = {0, NAN, 1, 0};
  const sy_costs costs = {
      .n_classes = 2, .fixed = fixed, .n_varying = 1, .which = which, .values = price};
  sy_steps steps;
  assert_int_equal(sy_steps_make(many, zeros, MANY, 1, NULL, &costs, &steps, NULL), SY_OK);
  assert_int_equal(steps.n, 1);
  assert_true(fabs(steps.costs[0] - (1e11 + 0.1 * (MANY - 1))) <= 2e-5); /* an ulp is 1.5e-5 */
  sy_steps_clear(&steps);
  free(many);
  free(price);
  free(zeros);
}

static void refuse(const double *s, const int32_t *y, size_t n, int positive, const double *w,
                   const sy_costs *costs, sy_status wanted, const char *says) {
  sy_steps steps;
  sy_error error = {0};
  assert_int_equal(sy_steps_make(s, y, n, positive, w, costs, &steps, &error), wanted);
  if (!strstr(error.text, says)) fail_msg("does not say '%s': %s", says, error.text);
  assert_null(steps.scores);
}

static void bad_steps_are_named(void **state) {
  (void)state;
  const double s[] = {0.5, NAN, 0.25}, bad_weights[] = {1, 0, -1}, zeros[] = {0, 0, 0};
  const double without_nan[] = {1, 0, 1};
  const int32_t y[] = {0, 1, 2}, below[] = {0, -7, 1}, none[] = {SY_IGNORED, SY_IGNORED};
  const double values[] = {1, 2, NAN};
  const int32_t which[] = {-1, 0, -1, -1};
  sy_costs costs = {
      .n_classes = 2, .fixed = cost_matrix, .n_varying = 1, .which = which, .values = values};
  refuse(s, y, 3, 1, NULL, NULL, SY_INVALID_DATA, "score nan at row 2");
  refuse(s, y, 3, 1, bad_weights, NULL, SY_INVALID_WEIGHT, "-1 at row 3");
  refuse(s, y, 3, 1, zeros, NULL, SY_NO_WEIGHT, "weight 0");
  refuse(s, below, 3, 1, NULL, NULL, SY_INVALID_LABEL, "class -7 at row 2");
  refuse(s, y, 3, 1, without_nan, &costs, SY_INVALID_LABEL, "class 2 at row 3");
  refuse(s, y, 3, -1, NULL, NULL, SY_INVALID_ARGUMENT, "not -1");
  refuse(s, y, 2, 2, NULL, &costs, SY_INVALID_ARGUMENT, "0 or 1, not 2");
  refuse(s, none, 2, 1, NULL, NULL, SY_NO_ROWS, "ignored");
  const int32_t two[] = {0, 1, 1};
  refuse(s, two, 3, 1, without_nan, &costs, SY_INVALID_COST, "cost nan at row 3");
  costs.n_classes = 3;
  refuse(s, two, 3, 1, without_nan, &costs, SY_INVALID_ARGUMENT, "costs of 3 classes");
  sy_steps steps = {0}, thinned;
  sy_error error = {0};
  assert_int_equal(sy_steps_thin(&steps, 3, &thinned, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "not 3"));
  assert_int_equal(sy_steps_thin(&steps, 4, &thinned, &error), SY_OK);
  assert_int_equal(thinned.n, 0);
  sy_steps_clear(&thinned);
}

static void reliability_by_hand(void **state) {
  (void)state;
  /* Two bins of weight 4: {0.2 x 3, 0.4} and {0.9, 0.9, 0.9, 0.5}. */
  const double p[] = {0.9, 0.2, 0.5, 0.2, 0.9, 0.4, 0.2, 0.9, NAN};
  const int32_t y[] = {2, 0, 1, 2, 2, 0, 0, 2, SY_IGNORED};
  sy_reliability r;
  assert_int_equal(sy_reliability_make(p, y, 9, 2, NULL, 2, &r, NULL), SY_OK);
  assert_int_equal(r.n_bins, 2);
  assert_near(r.weight[0], 4);
  assert_near(r.predicted[0], 0.25);
  assert_near(r.observed[0], 0.25);
  assert_near(r.predicted[1], 0.8);
  assert_near(r.observed[1], 0.75);
  /* Wilson, n = 4 and 1 of 4: the roots of (x - p)^2 = z^2 x (1 - x) / n. */
  double z = 1.959963984540054;
  for (size_t b = 0; b < 2; b++)
    for (int side = 0; side < 2; side++) {
      double x = side ? r.high[b] : r.low[b], q = r.observed[b];
      assert_near(pow(x - q, 2), z * z * x * (1 - x) / 4);
    }
  sy_reliability_clear(&r);
  const double heavy[] = {7, 7, 7, 7, 7, 7, 7, 7, 7};
  sy_reliability same;
  assert_int_equal(sy_reliability_make(p, y, 9, 2, NULL, 2, &r, NULL), SY_OK);
  assert_int_equal(sy_reliability_make(p, y, 9, 2, heavy, 2, &same, NULL), SY_OK);
  assert_near(same.low[0], r.low[0]); /* weights that only rescale make nothing surer */
  assert_near(same.high[1], r.high[1]);
  sy_reliability_clear(&r);
  sy_reliability_clear(&same);
}

static void bad_reliability_is_named(void **state) {
  (void)state;
  const double p[] = {0.5, 1.25, 0.5};
  const int32_t y[] = {0, 1, -3};
  sy_reliability r;
  sy_error error = {0};
  assert_int_equal(sy_reliability_make(p, y, 2, 1, NULL, 10, &r, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "probability 1.25 at row 2 is outside 0..1"));
  assert_int_equal(sy_reliability_make(p, y, 3, 1, NULL, 10, &r, &error), SY_INVALID_LABEL);
  assert_int_equal(sy_reliability_make(p, y, 1, 1, NULL, 0, &r, &error), SY_INVALID_ARGUMENT);
  assert_int_equal(sy_reliability_make(p, y, 1, -1, NULL, 9, &r, &error), SY_INVALID_ARGUMENT);
  assert_int_equal(sy_reliability_make(p, y, 0, 1, NULL, 9, &r, &error), SY_NO_ROWS);
  assert_null(r.weight);
}

static void no_memory_is_an_error(void **state) {
  (void)state;
  const sy_costs costs = {.n_classes = 2, .fixed = cost_matrix};
  const double p[] = {0.5, 0.25, 0.125, 0.5, 0.5, 0.5};
  sy_steps steps, thinned;
  sy_reliability r;
  for (size_t n = 1; n <= 3; n++) {
    sy_memory_fail_nth(n);
    sy_status status = sy_steps_make(scores, ids, 6, 1, weights, &costs, &steps, NULL);
    assert_int_equal(status, n < 3 ? SY_OUT_OF_MEMORY : SY_OK);
    if (n < 3) assert_null(steps.scores);
  }
  for (size_t n = 1; n <= 3; n++) {
    sy_memory_fail_nth(n);
    sy_status status = sy_steps_thin(&steps, 4, &thinned, NULL);
    assert_int_equal(status, n < 3 ? SY_OUT_OF_MEMORY : SY_OK);
    sy_steps_clear(&thinned);
  }
  sy_steps_clear(&steps);
  for (size_t n = 1; n <= 4; n++) {
    sy_memory_fail_nth(n);
    sy_status status = sy_reliability_make(p, ids, 6, 1, NULL, 3, &r, NULL);
    assert_int_equal(status, n < 4 ? SY_OUT_OF_MEMORY : SY_OK);
    sy_reliability_clear(&r);
  }
  sy_memory_fail_nth(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ties_and_infinite_scores_are_steps),
      cmocka_unit_test(sums_are_compensated),
      cmocka_unit_test(bad_steps_are_named),
      cmocka_unit_test(reliability_by_hand),
      cmocka_unit_test(bad_reliability_is_named),
      cmocka_unit_test(no_memory_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
