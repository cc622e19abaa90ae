/* test_weights_properties.c: what must be true of the weights of any counts: units, order and names
 * of classes do not matter, classes may be merged, and a row of weight k is k rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/random.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

enum { TRIALS = 200, MOST = 9 };

static const char *const policies[] = {
    "none",          "balanced",       "inverse", "max-ratio", "median",     "power:0.3",
    "power:max=30",  "sqrt",           "log",     "log:auto",  "log:max=30", "effective",
    "effective:0.9", "effective:auto", "enet",    "enet:1.5",  "cost"};

/* Those that know only shares. An effective number is of rows, so it has a unit. */
static bool has_no_unit(const char *policy) {
  return policy[0] != 'e' || policy[1] == 'n';
}

typedef struct drawn {
  size_t n;
  double counts[MOST], cost[MOST * MOST];
} drawn;

/* Whole numbers of rows over six orders of magnitude, no two of them equal. */
static drawn draw(uint64_t trial) {
  drawn made = {.n = 2 + sy_random_bits(trial, 90, 0) % (MOST - 1)};
  for (size_t k = 0; k < made.n; k++)
    made.counts[k] = floor(exp(14 * sy_random_uniform(trial, 91, k))) * MOST + (double)k + 1;
  for (size_t k = 0; k < made.n; k++)
    for (size_t j = 0; j < made.n; j++)
      made.cost[k * made.n + j] = k == j ? 0 : 5 * sy_random_uniform(trial, 92, k * MOST + j);
  return made;
}

static void weigh(const char *text, const drawn *of, const char *const *names, double *weights) {
  sy_policy *policy;
  sy_error error;
  if (sy_policy_parse(text, &policy, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  if (sy_policy_needs_cost(policy))
    assert_int_equal(sy_policy_set_cost(policy, of->cost, of->n, names, NULL), SY_OK);
  if (sy_class_weights(policy, SY_NORMALIZE_NONE, names, of->counts, of->n, weights, &error) !=
      SY_OK)
    fail_msg("%s: %s", text, error.text);
  sy_policy_free(policy);
}

static void the_unit_of_counts_is_no_matter(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn one = draw(trial), other = one;
    double weights[MOST], again[MOST];
    for (size_t k = 0; k < one.n; k++) other.counts[k] *= 0.37;
    for (size_t p = 0; p < COUNT(policies); p++) {
      if (!has_no_unit(policies[p])) continue;
      weigh(policies[p], &one, letters(), weights);
      weigh(policies[p], &other, letters(), again);
      for (size_t k = 0; k < one.n; k++) assert_near(again[k], weights[k], 1e-12);
    }
  }
}

/* The same classes in another order weigh the same; the rarer one never weighs less. */
static void the_order_of_classes_is_no_matter(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn one = draw(trial), other = {.n = one.n};
    size_t shift = 1 + sy_random_bits(trial, 93, 0) % one.n;
    const char *names[MOST];
    double weights[MOST], again[MOST];
    for (size_t k = 0; k < one.n; k++) {
      size_t from = (k + shift) % one.n;
      names[k] = letters()[from];
      other.counts[k] = one.counts[from];
      for (size_t j = 0; j < one.n; j++)
        other.cost[k * one.n + j] = one.cost[from * one.n + (j + shift) % one.n];
    }
    for (size_t p = 0; p < COUNT(policies); p++) {
      weigh(policies[p], &one, letters(), weights);
      weigh(policies[p], &other, names, again);
      for (size_t k = 0; k < one.n; k++) assert_near(again[k], weights[(k + shift) % one.n], 1e-12);
      for (size_t k = 0; k < one.n && policies[p][0] != 'c'; k++)
        for (size_t j = 0; j < one.n; j++)
          if (one.counts[k] < one.counts[j]) assert_true(weights[k] >= weights[j] * (1 - 1e-14));
    }
  }
}

/* A class that is declared and has no rows changes nothing. */
static void absent_classes_are_no_matter(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn one = draw(trial), other = {.n = one.n + 1};
    if (other.n > MOST) continue;
    double weights[MOST], again[MOST];
    for (size_t k = 0; k < one.n; k++) other.counts[k + 1] = one.counts[k];
    for (size_t k = 0; k < other.n; k++)
      for (size_t j = 0; j < other.n; j++)
        other.cost[k * other.n + j] = k > 0 && j > 0 ? one.cost[(k - 1) * one.n + j - 1] : 0;
    for (size_t p = 0; p < COUNT(policies); p++) {
      weigh(policies[p], &one, letters(), weights);
      weigh(policies[p], &other, letters(), again);
      assert_true(again[0] == 1);
      for (size_t k = 0; k < one.n; k++) assert_true(again[k + 1] == weights[k]);
    }
  }
}

/* Merging the last two classes leaves the others what they weigh, but for the number of classes;
 * the merged class weighs by the sum of the counts. */
static void classes_may_be_merged(void **state) {
  (void)state;
  static const char *const kept[] = {"inverse", "log", "log:0.4", "enet"};
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn one = draw(trial), merged = one;
    double weights[MOST], again[MOST];
    merged.n--;
    if (merged.n < 2) continue;
    merged.counts[merged.n - 1] += one.counts[one.n - 1];
    for (size_t p = 0; p < COUNT(kept); p++) {
      weigh(kept[p], &one, letters(), weights);
      weigh(kept[p], &merged, letters(), again);
      for (size_t k = 0; k + 1 < merged.n; k++) assert_near(again[k], weights[k], 1e-13);
    }
    weigh("inverse", &one, letters(), weights);
    weigh("inverse", &merged, letters(), again);
    assert_near(1 / again[merged.n - 1], 1 / weights[merged.n - 1] + 1 / weights[merged.n], 1e-13);
    weigh("balanced", &one, letters(), weights);
    weigh("balanced", &merged, letters(), again);
    for (size_t k = 0; k + 1 < merged.n; k++)
      assert_near(again[k] * (double)merged.n, weights[k] * (double)one.n, 1e-13);
  }
}

/* Rows of weight 1, 2, 3 against as many copies: the same bits under every policy. */
static void weighted_rows_are_copies(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < 40; trial++) {
    drawn of = draw(trial);
    sy_counts *weighted = sy_counts_new(of.n), *copied = sy_counts_new(of.n);
    for (size_t row = 0; row < 300; row++) {
      int32_t id = (int32_t)(row < of.n ? row : sy_random_bits(trial, 94, row) % of.n);
      size_t copies = 1 + sy_random_bits(trial, 95, row) % 3;
      double weight = (double)copies;
      assert_int_equal(sy_counts_add(weighted, &id, 1, &weight, NULL), SY_OK);
      for (size_t c = 0; c < copies; c++)
        assert_int_equal(sy_counts_add(copied, &id, 1, NULL, NULL), SY_OK);
    }
    drawn other = of;
    double weights[MOST], again[MOST];
    for (size_t k = 0; k < of.n; k++) {
      of.counts[k] = sy_counts_weight(weighted, k);
      other.counts[k] = sy_counts_weight(copied, k);
    }
    for (size_t p = 0; p < COUNT(policies); p++) {
      weigh(policies[p], &of, letters(), weights);
      weigh(policies[p], &other, letters(), again);
      for (size_t k = 0; k < of.n; k++) assert_true(again[k] == weights[k]);
    }
    sy_counts_free(weighted);
    sy_counts_free(copied);
  }
}

/* Sums that the formulas promise: balanced and cost have a mean weight of 1 over rows, effective
 * one over classes, and the targets are reached by the rarest class. */
static void promised_sums(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn of = draw(trial);
    double weights[MOST];
    static const char *const over_rows[] = {"balanced", "cost"};
    for (size_t p = 0; p < COUNT(over_rows); p++) {
      double sum = 0, n = 0;
      weigh(over_rows[p], &of, letters(), weights);
      for (size_t k = 0; k < of.n; k++) {
        sum += weights[k] * of.counts[k];
        n += of.counts[k];
      }
      assert_near(sum / n, 1, 1e-13);
    }
    double sum = 0, largest = 0;
    weigh("effective", &of, letters(), weights);
    for (size_t k = 0; k < of.n; k++) sum += weights[k];
    assert_near(sum, (double)of.n, 1e-13);
    weigh("log:max=30", &of, letters(), weights);
    for (size_t k = 0; k < of.n; k++) largest = fmax(largest, weights[k]);
    assert_near(largest, 30, 1e-13);
    weigh("power:max=30", &of, letters(), weights);
    for (size_t k = 0; k < of.n; k++) assert_true(weights[k] <= 30 * (1 + 1e-9));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_unit_of_counts_is_no_matter),
      cmocka_unit_test(the_order_of_classes_is_no_matter),
      cmocka_unit_test(absent_classes_are_no_matter),
      cmocka_unit_test(classes_may_be_merged),
      cmocka_unit_test(weighted_rows_are_copies),
      cmocka_unit_test(promised_sums),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
