/* test_weights_formulas.c: the policies that have parameters, images or costs of their own, against
 * their published figures and against their formulas written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "labels/counts.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

static sy_policy *read_policy(const char *text) {
  sy_policy *policy = NULL;
  sy_error error;
  if (sy_policy_parse(text, &policy, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  return policy;
}

static sy_status weigh(const char *text, const double *counts, size_t n_classes, double *weights,
                       sy_error *error) {
  sy_policy *policy = read_policy(text);
  sy_status status =
      sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), counts, n_classes, weights, error);
  sy_policy_free(policy);
  return status;
}

static void check_weights(const char *text, const double *counts, size_t n_classes,
                          const double *wanted, double tolerance) {
  double weights[MOST_CLASSES];
  sy_error error;
  if (weigh(text, counts, n_classes, weights, &error) != SY_OK)
    fail_msg("%s: %s", text, error.text);
  for (size_t k = 0; k < n_classes; k++) assert_near(weights[k], wanted[k], tolerance);
}

static const double four[] = {198, 436, 710, 272};

static void published_figures(void **state) {
  (void)state;
  check_weights("inverse", four, 4, (const double[]){8.161616, 3.706422, 2.276056, 5.941176}, 5e-7);
  check_weights("median", four, 4, (const double[]){1.78788, 0.81193, 0.49859, 1.30147}, 5e-6);
  check_weights("effective", four, 4, (const double[]){1.52903, 0.77727, 0.54035, 1.15335}, 5e-6);
  check_weights("effective:0.999", four, 4, (const double[]){1.52903, 0.77727, 0.54035, 1.15335},
                5e-6);
  check_weights("effective:0.9999", four, 4, (const double[]){1.61537, 0.74232, 0.46208, 1.18024},
                5e-6);
  check_weights("enet", four, 4, (const double[]){7.50523, 3.92945, 2.64553, 5.79583}, 5e-6);
  check_weights("enet:1.02", four, 4, (const double[]){7.50523, 3.92945, 2.64553, 5.79583}, 5e-6);
}

static void published_normalisations(void **state) {
  (void)state;
  const double sum[] = {0.40635, 0.18453, 0.11332, 0.29580};
  const double classes[] = {1.62539, 0.73814, 0.45328, 1.18319};
  static const char *const policies[] = {"balanced", "inverse", "max-ratio", "median"};
  for (size_t p = 0; p < COUNT(policies); p++) {
    double weights[4];
    sy_policy *policy = read_policy(policies[p]);
    assert_int_equal(sy_class_weights(policy, SY_NORMALIZE_SUM, letters(), four, 4, weights, NULL),
                     SY_OK);
    for (size_t k = 0; k < 4; k++) assert_near(weights[k], sum[k], 5e-6);
    assert_int_equal(
        sy_class_weights(policy, SY_NORMALIZE_CLASSES, letters(), four, 4, weights, NULL), SY_OK);
    for (size_t k = 0; k < 4; k++) assert_near(weights[k], classes[k], 5e-6);
    sy_policy_free(policy);
  }
}

/* --- effective number --- */

/* 1 - beta^n as the sum of n terms of a geometric series, in long double: no cancellation. */
static long double effective_number(long double beta, size_t rows) {
  long double sum = 0, power = 1;
  for (size_t i = 0; i < rows; i++, power *= beta) sum += power;
  return sum;
}

/* Where beta is next to 1, 1 - beta^n loses its digits unless care is taken. */
static void effective_numbers_are_exact(void **state) {
  (void)state;
  const double counts[] = {3, 2000000, 45000};
  static const double betas[] = {0.9, 0.9999999, 0.999999999999};
  static const char *const texts[] = {"effective:0.9", "effective:0.9999999",
                                      "effective:0.999999999999"};
  for (size_t b = 0; b < COUNT(betas); b++) {
    long double inverse[3], sum = 0;
    double wanted[3];
    for (size_t k = 0; k < 3; k++) {
      inverse[k] = 1 / effective_number(betas[b], (size_t)counts[k]);
      sum += inverse[k];
    }
    for (size_t k = 0; k < 3; k++) wanted[k] = (double)(3 * inverse[k] / sum);
    check_weights(texts[b], counts, 3, wanted, 1e-14);
  }
}

static void effective_between_none_and_balanced(void **state) {
  (void)state;
  check_weights("effective:0", four, 4, (const double[]){1, 1, 1, 1}, 0);
  const double counts[] = {5, 2e9};
  /* beta so near to 1 that a row is never old: inverse counts, summing to 2. */
  check_weights("effective:0.9999999999999999", counts, 2,
                (const double[]){2 / (1 + 5 / 2e9), 2 / (1 + 2e9 / 5)}, 1e-6);
}

static void effective_beta_from_the_rows(void **state) {
  (void)state;
  double n = 198 + 436 + 710 + 272, sum = 0, wanted[4];
  for (size_t k = 0; k < 4; k++) {
    wanted[k] = 1 / (1 - pow((n - 1) / n, four[k]));
    sum += wanted[k];
  }
  for (size_t k = 0; k < 4; k++) wanted[k] *= 4 / sum;
  check_weights("effective:auto", four, 4, wanted, 1e-12);
  const double one[] = {1, 0}, less[] = {0.25, 0.5};
  check_weights("effective:auto", one, 2, (const double[]){1, 1}, 0);
  const double many[] = {5, 2e12}; /* (n - 1) / n has lost its digits where its logarithm has not */
  double weights[2];
  assert_int_equal(weigh("effective:auto", many, 2, weights, NULL), SY_OK);
  assert_near(weights[0] / weights[1], (1 - exp(-1)) / 5 * 2e12, 1e-9);
  sy_error error;
  assert_int_equal(weigh("effective:auto", less, 2, weights, &error), SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "weigh only 0.75 in all"));
}

/* --- median --- */

static void median_of_any_number(void **state) {
  (void)state;
  const double odd[] = {9, 1, 4}, even[] = {10, 0, 1, 40, 4}, one[] = {7};
  check_weights("median", odd, 3, (const double[]){4.0 / 9, 4, 1}, 1e-15);
  check_weights("median", even, 5, (const double[]){0.7, 1, 7, 0.175, 1.75}, 1e-15);
  check_weights("median", one, 1, (const double[]){1}, 0);
}

/* Two images of 100 and 50 pixels: class a is in both (90 + 20), b in the first only (10), c in the
 * second only (30). So f = 110 / 150, 10 / 100, 30 / 50. */
static void median_of_images(void **state) {
  (void)state;
  sy_counts *counts = sy_counts_new(4);
  assert_int_equal(sy_counts_name_classes(counts, letters(), NULL), SY_OK);
  const uint64_t rows[] = {110, 10, 30, 0}, held[] = {150, 100, 50, 0};
  for (size_t k = 0; k < 4; k++) {
    sy_counts_add_ones(counts, k, rows[k]);
    counts->rows[k].held = held[k];
  }
  counts->knows_holding = true;
  double weights[4];
  sy_policy *policy = read_policy("median");
  assert_int_equal(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, weights, NULL), SY_OK);
  assert_near(weights[0], 0.6 / (110.0 / 150), 1e-15);
  assert_near(weights[1], 6, 1e-15);
  assert_near(weights[2], 1, 1e-15);
  assert_true(weights[3] == 1); /* absent */
  counts->knows_holding = false;
  assert_int_equal(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, weights, NULL), SY_OK);
  assert_near(weights[1], 3, 1e-15);
  sy_policy_free(policy);
  sy_counts_free(counts);
}

/* --- cost --- */

static sy_status weigh_by_cost(const double *cost, const double *counts, size_t n_classes,
                               double *weights, sy_error *error) {
  sy_policy *policy = read_policy("cost");
  sy_status status = sy_policy_set_cost(policy, cost, n_classes, letters(), error);
  if (status == SY_OK)
    status =
        sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), counts, n_classes, weights, error);
  sy_policy_free(policy);
  return status;
}

/* The German credit costs, 700 good and 300 bad: Ting's weights n W_k / sum W_j n_j. */
static void weights_from_costs(void **state) {
  (void)state;
  const double german[] = {0, 1, 5, 0}, counts[] = {700, 300};
  double weights[3];
  assert_int_equal(weigh_by_cost(german, counts, 2, weights, NULL), SY_OK);
  assert_near(weights[0], 1000.0 / 2200, 1e-15);
  assert_near(weights[1], 5000.0 / 2200, 1e-15);
  /* A constant added to a row, as in being right costing something, changes nothing. */
  const double shifted[] = {2, 3, 4, -1};
  assert_int_equal(weigh_by_cost(shifted, counts, 2, weights, NULL), SY_OK);
  assert_near(weights[1], 5000.0 / 2200, 1e-15);
  const double three[] = {0, 1, 2, 4, 0, 4, 9, 1, 0}, rows[] = {10, 20, 70};
  assert_int_equal(weigh_by_cost(three, rows, 3, weights, NULL), SY_OK);
  double sum = 3 * 10 + 8 * 20 + 10 * 70;
  assert_near(weights[0], 300 / sum, 1e-15);
  assert_near(weights[1], 800 / sum, 1e-15);
  assert_near(weights[2], 1000 / sum, 1e-15);
  /* A class without rows is never predicted, so what predicting it costs does not matter. */
  const double absent[] = {10, 0, 70};
  assert_int_equal(weigh_by_cost(three, absent, 3, weights, NULL), SY_OK);
  assert_near(weights[0], 80 * 2 / (2.0 * 10 + 9 * 70), 1e-15);
  assert_near(weights[2], 80 * 9 / (2.0 * 10 + 9 * 70), 1e-15);
  assert_true(weights[1] == 1);
}

static void check_cost_refused(const double *cost, const double *counts, sy_status wanted,
                               const char *text) {
  double weights[3];
  sy_error error = {SY_OK, ""};
  assert_int_equal(weigh_by_cost(cost, counts, 3, weights, &error), wanted);
  if (!strstr(error.text, text)) fail_msg("'%s' does not hold '%s'", error.text, text);
}

static void wrong_costs_are_named(void **state) {
  (void)state;
  const double counts[] = {1, 2, 3}, two[] = {1, 0, 3};
  check_cost_refused((const double[]){0, 1, 1, 1, 3, 1, 1, 1, 0}, counts, SY_INVALID_COST,
                     "the mistakes of class 'b' cost -4 in sum");
  check_cost_refused((const double[]){0, 1, 1, 1, 0, 1, 1, NAN, 0}, counts, SY_INVALID_COST,
                     "a cost of class 'c' is nan");
  check_cost_refused((const double[]){0, 1, 1, 1, 0, 1, 1, 1e101, 0}, counts, SY_INVALID_COST,
                     "a cost of class 'c' is 1e+101");
  check_cost_refused((const double[9]){0}, counts, SY_INVALID_COST, "no mistake costs anything");
  /* Not negative over all classes, but over those that have rows. */
  check_cost_refused((const double[]){0, 5, -1, 1, 0, 1, 1, 1, 0}, two, SY_INVALID_COST,
                     "the mistakes of class 'a' cost -1 in sum");
  check_cost_refused((const double[]){0, 1, 0, 1, 0, 1, 0, 1, 0}, two, SY_INVALID_COST,
                     "no mistake among the classes that have rows");
  sy_policy *policy = read_policy("cost");
  sy_error error;
  double weights[3];
  assert_int_equal(
      sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), counts, 3, weights, &error),
      SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "but none are given"));
  const double cost[] = {0, 1, 5, 0};
  assert_int_equal(sy_policy_set_cost(policy, cost, 2, letters(), NULL), SY_OK);
  assert_int_equal(
      sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), counts, 3, weights, &error),
      SY_INVALID_COST);
  assert_string_equal(error.text, "there are costs for 2 classes, but 3 classes");
  sy_policy_free(policy);
}

/* A class whose mistakes are free weighs 0: that is what was asked for. */
static void free_mistakes_weigh_nothing(void **state) {
  (void)state;
  const double cost[] = {0, 0, 5, 0}, counts[] = {700, 300};
  double weights[2];
  assert_int_equal(weigh_by_cost(cost, counts, 2, weights, NULL), SY_OK);
  assert_true(weights[0] == 0);
  assert_near(weights[1], 1000.0 / 300, 1e-15);
}

static void costs_are_asked_for(void **state) {
  (void)state;
  for (size_t i = 0; sy_policy_listed(i); i++) {
    sy_policy *policy = read_policy(sy_policy_listed(i));
    assert_true(sy_policy_needs_cost(policy) == (strcmp(sy_policy_listed(i), "cost") == 0));
    sy_policy_free(policy);
  }
  sy_policy *named = read_policy("cost=1,b=2");
  assert_false(sy_policy_needs_cost(named));
  sy_policy_free(named);
}

/* --- targets --- */

static void targets_at_their_edges(void **state) {
  (void)state;
  sy_error error;
  double weights[2];
  const double equal[] = {5, 5}, nearly[] = {1e6, 1e6 + 1}, wide[] = {1, 1e9};
  check_weights("log:max=3", equal, 2, (const double[]){3, 3}, 0);
  check_weights("log:max=1", wide, 2, (const double[]){1, 1}, 0);
  assert_int_equal(weigh("power:max=3", nearly, 2, weights, &error), SY_OK);
  assert_near(weights[0], 3, 1e-12);
  assert_near(weights[1], 1.0 / 3, 1e-6);
  const double last_digit[] = {0x1p60, 0x1.0000000000001p60};
  assert_int_equal(weigh("power:max=3", last_digit, 2, weights, &error), SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "cannot be reached"));
  assert_int_equal(weigh("power:max=1e300", wide, 2, weights, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "of class 'a' is out of range"));
}

/* --- pos --- */

static void pos_is_for_labels(void **state) {
  (void)state;
  sy_error error;
  double weights[2];
  const double counts[] = {900, 100};
  assert_int_equal(weigh("pos", counts, 2, weights, &error), SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "for classes max-ratio does the same"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_figures),
      cmocka_unit_test(published_normalisations),
      cmocka_unit_test(effective_numbers_are_exact),
      cmocka_unit_test(effective_between_none_and_balanced),
      cmocka_unit_test(effective_beta_from_the_rows),
      cmocka_unit_test(median_of_any_number),
      cmocka_unit_test(median_of_images),
      cmocka_unit_test(weights_from_costs),
      cmocka_unit_test(wrong_costs_are_named),
      cmocka_unit_test(free_mistakes_weigh_nothing),
      cmocka_unit_test(costs_are_asked_for),
      cmocka_unit_test(targets_at_their_edges),
      cmocka_unit_test(pos_is_for_labels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
