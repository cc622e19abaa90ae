/* test_weights_audit.c: the figures of an audit and its warnings; policies, weights and audit out
 * of memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

/* --- audit --- */

/* Counts of `rows[k]` rows of weight `row_weight` each. */
static sy_counts *make_counts(const size_t *rows, size_t n_classes, double row_weight) {
  sy_counts *counts = sy_counts_new(n_classes);
  for (size_t k = 0; k < n_classes; k++)
    for (size_t i = 0; i < rows[k]; i++) {
      int32_t id = (int32_t)k;
      sy_counts_add(counts, &id, 1, &row_weight, NULL);
    }
  return counts;
}

/* Audits `policy_text` (NULL = unknown, weights given) on plain rows. */
static void audit(const char *policy_text, const size_t *rows, size_t n_classes, double row_weight,
                  const double *given, sy_audit *result) {
  sy_policy *policy = NULL;
  sy_error error = {0};
  double weights[MOST_CLASSES], counted[MOST_CLASSES];
  sy_counts *counts = make_counts(rows, n_classes, row_weight);
  for (size_t k = 0; k < n_classes; k++) {
    counted[k] = sy_counts_weight(counts, k);
    weights[k] = given ? given[k] : 0;
  }
  if (policy_text) {
    assert_int_equal(sy_policy_parse(policy_text, &policy, &error), SY_OK);
    if (sy_class_weights(policy, SY_NORMALIZE_NONE, letters(), counted, n_classes, weights,
                         &error) != SY_OK)
      fail_msg("%s", error.text);
  }
  if (sy_audit_make(policy, letters(), counts, weights, n_classes, result, &error) != SY_OK)
    fail_msg("%s", error.text);
  sy_policy_free(policy);
  sy_counts_free(counts);
}

static void check_warnings(const char *policy, const size_t *rows, size_t n_classes,
                           const char *const *wanted, size_t n_wanted) {
  sy_audit result;
  audit(policy, rows, n_classes, 1, NULL, &result);
  for (size_t i = 0; i < sy_messages_count(result.warnings); i++) {
    if (i >= n_wanted) fail_msg("not wanted: %s", sy_messages_get(result.warnings, i));
    assert_string_equal(sy_messages_get(result.warnings, i), wanted[i]);
  }
  assert_int_equal(sy_messages_count(result.warnings), n_wanted);
  sy_audit_clear(&result);
}

static void audit_figures(void **state) {
  (void)state;
  const size_t rows[] = {900, 100};
  sy_audit result;
  audit("a=1,b=4", rows, 2, 0.5, NULL, &result);
  assert_int_equal(result.rows, 1000);
  assert_true(result.weighted_rows == 500);
  assert_true(result.imbalance_ratio == 9);
  assert_true(result.classes[1].count == 50 && result.classes[1].rows == 100);
  assert_true(result.classes[1].share == 0.1 && result.classes[1].weight == 4);
  assert_near(result.classes[1].weight_share, 200.0 / 650, 1e-15);
  assert_near(result.effective_rows, 650.0 * 650 / (450 + 50 * 16), 1e-14);
  sy_audit_clear(&result);
  assert_null(result.classes);
  sy_audit_clear(&result);
}

/* Kish's number: all rows where weights are equal, and no unit of the weights matters. */
static void effective_rows(void **state) {
  (void)state;
  const size_t rows[] = {30, 50, 20};
  sy_audit result;
  audit("none", rows, 3, 1, NULL, &result);
  assert_near(result.effective_rows, 100, 1e-15);
  sy_audit_clear(&result);
  const double weights[] = {1e200, 3e200, 7e200};
  audit(NULL, rows, 3, 1, weights, &result);
  assert_near(result.effective_rows, 320.0 * 320 / (30 + 50 * 9 + 20 * 49), 1e-14);
  assert_near(result.classes[2].weight_share, 140.0 / 320, 1e-14);
  sy_audit_clear(&result);
}

static void no_warnings_without_cause(void **state) {
  (void)state;
  const size_t rows[] = {900, 400}, small[] = {50, 49};
  check_warnings("none", rows, 2, NULL, 0);
  check_warnings("balanced", rows, 2, NULL, 0);
  check_warnings("a=1,b=3", rows, 2, NULL, 0);
  check_warnings("none", small, 2, NULL, 0);
  sy_audit result;
  const double equal[] = {1, 1};
  audit(NULL, rows, 2, 1, equal, &result); /* unknown origin, perhaps none */
  assert_int_equal(sy_messages_count(result.warnings), 0);
  sy_audit_clear(&result);
}

static void warns_of_frequencies(void **state) {
  (void)state;
  const char *wanted[] = {"the weights are the frequencies of the classes: that makes common "
                          "classes count even more; balanced would help the rare ones"};
  const size_t rows[] = {900, 100}, three[] = {8939, 961, 100}, equal[] = {500, 500};
  check_warnings("a=0.9,b=0.1", rows, 2, wanted, 1);
  check_warnings("a=9,b=1", rows, 2, wanted, 1);
  check_warnings("a=0.89,b=0.1,c=0.01", three, 3, wanted, 1); /* as people round */
  check_warnings("a=0.1,b=0.9", rows, 2, NULL, 0);
  check_warnings("a=0.8,b=0.2", rows, 2, NULL, 0);
  const char *all_equal[] = {"policy 'a=0.5,b=0.5' gives every class the weight 0.5, for all are "
                             "equally frequent: this trains as without weights"};
  check_warnings("a=0.5,b=0.5", equal, 2, all_equal, 1);
}

static void warns_of_equal_weights(void **state) {
  (void)state;
  const size_t rows[] = {900, 500}, equal[] = {500, 500}, one[] = {500, 0};
  const char *wanted[] = {"policy 'log' gives every class the same weight, 1: this trains as "
                          "without weights; balanced or sqrt would tell the classes apart"};
  check_warnings("log", rows, 2, wanted, 1);
  const char *frequent[] = {"policy 'balanced' gives every class the weight 1, for all are equally "
                            "frequent: this trains as without weights"};
  check_warnings("balanced", equal, 2, frequent, 1);
  const char *absent[] = {"class 'b' has no rows: it weighs 1 and cannot be learnt"};
  check_warnings("balanced", one, 2, absent, 1);
}

/* beta^n_k is all but 0 for all classes: nothing is left of their counts. */
static void warns_of_a_beta_too_small(void **state) {
  (void)state;
  const size_t rows[] = {198, 436, 710, 272}, some[] = {9000, 30000, 70000, 120};
  const char *all[] = {
      "policy 'effective:0.9' gives every class the same weight, 1: this trains as "
      "without weights; effective:auto, or a BETA nearer to 1, would tell the "
      "classes apart"};
  check_warnings("effective:0.9", rows, 4, all, 1);
  check_warnings("effective", rows, 4, NULL, 0);
  const char *two[] = {"classes 'b' (30000 rows) and 'c' (70000 rows) get the same weight, 0.198, "
                       "though one is 2 times as frequent"};
  check_warnings("effective:0.9995", some, 4, two, 1);
}

static void warns_of_same_weight(void **state) {
  (void)state;
  const size_t rows[] = {2813, 78, 7914, 3000};
  const char *wanted[] = {"classes 'a' (2813 rows) and 'c' (7914 rows) get the same weight, 1, "
                          "though one is 3 times as frequent"};
  check_warnings("log", rows, 4, wanted, 1);
  const size_t twofold[] = {1000, 2000, 70};
  check_warnings("log:0.1", twofold, 3, NULL, 0); /* not more than twofold */
}

static void warns_of_few_rows(void **state) {
  (void)state;
  const size_t rows[] = {1300, 40}, enough[] = {1300, 100};
  const char *wanted[] = {
      "class 'b' carries 50 % of the loss on 40 rows: a few odd rows can decide "
      "the model; a milder policy such as sqrt or log relies on them less"};
  check_warnings("balanced", rows, 2, wanted, 1);
  check_warnings("balanced", enough, 2, NULL, 0);
  const size_t three[] = {40, 5000, 3000}; /* a third exactly */
  sy_audit result;
  audit("balanced", three, 3, 1, NULL, &result);
  assert_int_equal(sy_messages_count(result.warnings), 1);
  sy_audit_clear(&result);
}

static void warns_of_unlearnt_classes(void **state) {
  (void)state;
  const size_t rows[] = {900, 400, 0};
  const char *wanted[] = {
      "class 'b' has weight 0: its 400 rows are not learnt from and it is never predicted",
      "class 'c' has no rows: it weighs 1 and cannot be learnt"};
  check_warnings("a=1,b=0", rows, 3, wanted, 2);
  sy_counts *counts = sy_counts_new(2); /* rows, but all of weight 0 */
  const int32_t ids[] = {0, 1};
  const double row_weights[] = {1, 0}, weights[] = {1, 1};
  sy_counts_add(counts, ids, 2, row_weights, NULL);
  sy_audit result;
  assert_int_equal(sy_audit_make(NULL, letters(), counts, weights, 2, &result, NULL), SY_OK);
  assert_string_equal(sy_messages_get(result.warnings, 0),
                      "class 'b' has no row with a weight above 0: it cannot be learnt");
  sy_audit_clear(&result);
  sy_counts_free(counts);
}

static void audit_refuses(void **state) {
  (void)state;
  sy_error error;
  sy_audit result;
  sy_counts *counts = sy_counts_new(2);
  const double wrong[] = {1, NAN}, ones[] = {1, 1};
  assert_int_equal(sy_audit_make(NULL, letters(), counts, ones, 2, &result, &error), SY_NO_WEIGHT);
  assert_int_equal(sy_audit_make(NULL, letters(), counts, wrong, 2, &result, &error),
                   SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "the weight nan of class 'b'"));
  assert_null(result.classes);
  sy_counts_free(counts);
}

/* --- out of memory --- */

static void weights_survive_no_memory(void **state) {
  (void)state;
  const size_t rows[] = {9, 4};
  const double counted[] = {9, 4};
  double weights[2];
  sy_counts *counts = make_counts(rows, 2, 1);
  static const char *const texts[] = {"balanced", "a=1,\"b\"=2,default=3"};
  for (size_t t = 0; t < COUNT(texts); t++) {
    size_t nth = 0;
    sy_status status;
    do {
      sy_policy *policy = NULL;
      sy_audit result = {0};
      sy_memory_fail_nth(++nth);
      status = sy_policy_parse(texts[t], &policy, NULL);
      if (status == SY_OK)
        status = sy_class_weights(policy, SY_NORMALIZE_ROWS, letters(), counted, 2, weights, NULL);
      if (status == SY_OK)
        status = sy_audit_make(policy, letters(), counts, weights, 2, &result, NULL);
      bool struck = sy_memory_fail_nth(0) == 0;
      assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && struck));
      if (struck && status == SY_OK) status = SY_OUT_OF_MEMORY; /* a warning was dropped */
      sy_audit_clear(&result);
      sy_policy_free(policy);
    } while (status != SY_OK);
    assert_true(nth > 8);
  }
  sy_counts_free(counts);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(audit_figures),
      cmocka_unit_test(effective_rows),
      cmocka_unit_test(no_warnings_without_cause),
      cmocka_unit_test(warns_of_frequencies),
      cmocka_unit_test(warns_of_equal_weights),
      cmocka_unit_test(warns_of_a_beta_too_small),
      cmocka_unit_test(warns_of_same_weight),
      cmocka_unit_test(warns_of_few_rows),
      cmocka_unit_test(warns_of_unlearnt_classes),
      cmocka_unit_test(audit_refuses),
      cmocka_unit_test(weights_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
