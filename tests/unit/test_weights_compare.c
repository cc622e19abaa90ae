/* test_weights_compare.c: all policies side by side: which there are, which are alike, and their
 * figures against audits made one by one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "label_counts.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

static sy_counts *counts_of(const double *numbers, size_t n_classes) {
  sy_counts *counts;
  sy_error error;
  if (sy_counts_of(letters(), numbers, n_classes, &counts, &error) != SY_OK)
    fail_msg("%s", error.text);
  return counts;
}

static sy_comparison compare(const sy_counts *counts, const double *cost) {
  sy_comparison comparison;
  sy_error error;
  if (sy_policies_compare(counts, cost, &comparison, &error) != SY_OK) fail_msg("%s", error.text);
  return comparison;
}

static size_t find(const sy_comparison *comparison, const char *text) {
  for (size_t p = 0; p < comparison->n_policies; p++)
    if (strcmp(comparison->policies[p].text, text) == 0) return p;
  return SIZE_MAX;
}

/* Policy `text` has the same weights as `same`, and is a multiple of `multiple`. */
static void check_like(const sy_comparison *comparison, const char *text, const char *same,
                       const char *multiple) {
  size_t p = find(comparison, text);
  assert_true(p < comparison->n_policies);
  assert_string_equal(comparison->policies[comparison->policies[p].same_as].text, same);
  assert_string_equal(comparison->policies[comparison->policies[p].multiple_of].text, multiple);
}

static void figures_are_those_of_an_audit(void **state) {
  (void)state;
  const double numbers[] = {8000, 700, 0, 41},
               cost[16] = {0, 1, 1, 1, 2, 0, 2, 2, 1, 1, 0, 1, 9, 9, 9, 0};
  sy_counts *counts = counts_of(numbers, 4);
  sy_comparison comparison = compare(counts, cost);
  assert_int_equal(comparison.n_classes, 4);
  assert_int_equal(comparison.n_labels, 0);
  assert_int_equal(comparison.n_parts, 1);
  assert_int_equal(comparison.rarest[0], 3);
  assert_int_equal(comparison.n_policies, 12); /* all that are listed but pos */
  for (size_t p = 0; p < comparison.n_policies; p++) {
    const sy_compared_policy *one = &comparison.policies[p];
    sy_policy *policy;
    sy_audit audit;
    double weights[4];
    assert_int_equal(sy_policy_parse(one->text, &policy, NULL), SY_OK);
    if (sy_policy_needs_cost(policy))
      assert_int_equal(sy_policy_set_cost(policy, cost, 4, letters(), NULL), SY_OK);
    assert_int_equal(
        sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), numbers, 4, weights, NULL), SY_OK);
    assert_int_equal(sy_audit_make(policy, letters(), counts, weights, 4, &audit, NULL), SY_OK);
    for (size_t k = 0; k < 4; k++) assert_true(one->weights[k] == weights[k]);
    assert_true(one->rarest_shares[0] == audit.classes[3].weight_share);
    assert_true(one->effective_rows[0] == audit.effective_rows);
    /* Told once for all: class c has no rows. */
    assert_int_equal(sy_messages_count(audit.warnings), sy_messages_count(one->warnings) + 1);
    sy_audit_clear(&audit);
    sy_policy_free(policy);
  }
  assert_int_equal(sy_messages_count(comparison.warnings), 1);
  assert_string_equal(sy_messages_get(comparison.warnings, 0),
                      "class 'c' has no rows: it weighs 1 and cannot be learnt");
  const sy_messages *own = comparison.policies[find(&comparison, "balanced")].warnings;
  assert_int_equal(sy_messages_count(own), 1);
  assert_non_null(strstr(sy_messages_get(own, 0), "class 'd' carries 33.3 % of the loss on 41"));
  sy_comparison_clear(&comparison);
  assert_null(comparison.policies);
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
}

static void like_policies_are_found(void **state) {
  (void)state;
  const double two[] = {8939, 1061}, absent[] = {8000, 0, 700, 41}, equal[] = {5, 5, 5};
  sy_counts *counts = counts_of(two, 2);
  sy_comparison comparison = compare(counts, NULL);
  check_like(&comparison, "none", "none", "none");
  check_like(&comparison, "log", "none", "none");
  check_like(&comparison, "median", "balanced", "balanced");
  check_like(&comparison, "inverse", "inverse", "balanced");
  check_like(&comparison, "max-ratio", "max-ratio", "balanced");
  check_like(&comparison, "sqrt", "sqrt", "sqrt");
  check_like(&comparison, "log:auto", "log:auto", "log:auto");
  assert_int_equal(find(&comparison, "cost"), SIZE_MAX);
  assert_int_equal(find(&comparison, "pos"), SIZE_MAX);
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
  counts = counts_of(absent, 4); /* an absent class weighs 1 under all, which is no multiple */
  comparison = compare(counts, NULL);
  check_like(&comparison, "inverse", "inverse", "balanced");
  check_like(&comparison, "median", "median", "balanced");
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
  counts = counts_of(equal, 3);
  comparison = compare(counts, NULL);
  for (size_t p = 0; p < comparison.n_policies; p++)
    assert_int_equal(comparison.policies[p].multiple_of, 0);
  check_like(&comparison, "enet", "enet", "none");
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
}

static void labels_are_compared_one_by_one(void **state) {
  (void)state;
  const size_t without[] = {400, 100, 0}, with[] = {100, 400, 500};
  sy_counts *counts = label_counts(letters(), without, with, 3);
  sy_comparison comparison = compare(counts, NULL);
  assert_int_equal(comparison.n_classes, 0);
  assert_int_equal(comparison.n_labels, 3);
  assert_int_equal(comparison.n_parts, 3);
  assert_true(comparison.rarest[0] == 1 && comparison.rarest[1] == 0);
  size_t pos = find(&comparison, "pos");
  const double wanted[] = {1, 4, 1, 0.25, 1, 1};
  for (size_t i = 0; i < 6; i++) assert_near(comparison.policies[pos].weights[i], wanted[i], 1e-15);
  assert_near(comparison.policies[pos].rarest_shares[0], 0.5, 1e-15);
  assert_near(comparison.policies[pos].rarest_shares[1], 0.5, 1e-15);
  assert_near(comparison.policies[pos].effective_rows[0], 800.0 * 800 / (400 + 1600), 1e-15);
  check_like(&comparison, "pos", "pos", "balanced");
  check_like(&comparison, "median", "balanced", "balanced");
  check_like(&comparison, "sqrt", "sqrt", "sqrt");
  assert_int_equal(sy_messages_count(comparison.warnings), 1);
  assert_non_null(strstr(sy_messages_get(comparison.warnings, 0), "label 'c' is in every row"));
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
}

/* Row weights that add up to less than one row are no rows for effective:auto. */
static void policies_out_of_range_are_left_out(void **state) {
  (void)state;
  const double numbers[] = {0.5, 0.25};
  sy_counts *counts = counts_of(numbers, 2);
  sy_comparison comparison = compare(counts, NULL);
  assert_int_equal(find(&comparison, "effective:auto"), SIZE_MAX);
  assert_true(find(&comparison, "enet") != SIZE_MAX);
  size_t n = sy_messages_count(comparison.warnings);
  assert_non_null(strstr(sy_messages_get(comparison.warnings, n - 1),
                         "left out: policy 'effective:auto' is (n - 1) / n"));
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
}

static void wrong_input_is_refused(void **state) {
  (void)state;
  const double numbers[] = {5, 9}, zeros[] = {0, 0}, cost[] = {3, 1, 1, 0};
  sy_counts *counts = counts_of(numbers, 2), *none = counts_of(zeros, 2);
  sy_counts *nameless = sy_counts_new(2);
  sy_comparison comparison;
  sy_error error;
  assert_int_equal(sy_policies_compare(counts, cost, &comparison, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "class 'a' cost -2 in sum"));
  assert_null(comparison.policies);
  assert_int_equal(sy_policies_compare(none, NULL, &comparison, &error), SY_NO_WEIGHT);
  assert_int_equal(sy_policies_compare(nameless, NULL, &comparison, &error), SY_INVALID_ARGUMENT);
  sy_counts_free(counts);
  sy_counts_free(none);
  sy_counts_free(nameless);
}

/* --- out of memory --- */

static sy_status weigh_labels(const sy_counts *counts) {
  double weights[6];
  sy_policy *policy;
  sy_label_audits audits = {0};
  sy_status status = sy_policy_parse("a=2,b=3,default=1", &policy, NULL);
  if (status == SY_OK) status = sy_counts_weights(policy, SY_NORMALIZE_ROWS, counts, weights, NULL);
  if (status == SY_OK) status = sy_label_audits_make(policy, counts, weights, &audits, NULL);
  sy_label_audits_clear(&audits);
  sy_policy_free(policy);
  return status;
}

static sy_status compare_and_clear(const sy_counts *counts) {
  const double cost[] = {0, 1, 5, 0};
  sy_comparison comparison;
  sy_status status = sy_policies_compare(counts, cost, &comparison, NULL);
  sy_comparison_clear(&comparison);
  return status;
}

static sy_status weigh_by_position(const sy_counts *counts) {
  const double given[] = {1, 2};
  double weights[2];
  sy_policy *policy;
  sy_status status = sy_policy_by_position(given, 2, &policy, NULL);
  if (status == SY_OK) status = sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, weights, NULL);
  sy_policy_free(policy);
  return status;
}

/* Fails every allocation once. */
static void check_no_memory(sy_status (*run)(const sy_counts *), const sy_counts *counts) {
  size_t nth = 0;
  sy_status status;
  do {
    sy_memory_fail_nth(++nth);
    status = run(counts);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
  } while (status != SY_OK);
  assert_true(nth > 4);
}

static void comparing_survives_no_memory(void **state) {
  (void)state;
  const size_t without[] = {400, 100, 0}, with[] = {30, 400, 500};
  const double numbers[] = {900, 41};
  sy_counts *labels = label_counts(letters(), without, with, 3), *classes = counts_of(numbers, 2);
  check_no_memory(weigh_labels, labels);
  check_no_memory(compare_and_clear, labels);
  check_no_memory(compare_and_clear, classes);
  check_no_memory(weigh_by_position, classes);
  sy_counts_free(labels);
  sy_counts_free(classes);
}

/* A class that weighs 0 is not learnt: that is no multiple of weights that are not 0. */
static void weight_0_is_a_multiple_of_0_alone(void **state) {
  (void)state;
  const double numbers[] = {400, 100}, cost[] = {0, 0, 7, 0};
  sy_counts *counts = counts_of(numbers, 2);
  sy_comparison comparison = compare(counts, cost);
  size_t p = find(&comparison, "cost");
  assert_true(p < comparison.n_policies);
  assert_true(comparison.policies[p].weights[0] == 0);
  check_like(&comparison, "cost", "cost", "cost");
  sy_comparison_clear(&comparison);
  sy_counts_free(counts);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(figures_are_those_of_an_audit),
      cmocka_unit_test(like_policies_are_found),
      cmocka_unit_test(weight_0_is_a_multiple_of_0_alone),
      cmocka_unit_test(labels_are_compared_one_by_one),
      cmocka_unit_test(policies_out_of_range_are_left_out),
      cmocka_unit_test(wrong_input_is_refused),
      cmocka_unit_test(comparing_survives_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
