/* test_weights_labels.c: weights of several labels a row, in pairs of absence and presence:
 * formulas, explicit weights, normalisation, audits and what they warn of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "label_counts.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

enum { LABELS = 4 };

static const char *const names[LABELS] = {"calm", "anger", "noise", "words"};

/* Rarely, often, always and never present, of 100 rows. */
static const size_t without[LABELS] = {80, 25, 0, 100}, with[LABELS] = {20, 75, 100, 0};

static sy_status weigh(const char *text, sy_normalize normalize, double *weights, sy_error *error) {
  sy_policy *policy;
  sy_status status = sy_policy_parse(text, &policy, error);
  if (status != SY_OK) return status;
  sy_counts *counts = label_counts(names, without, with, LABELS);
  status = sy_counts_weights(policy, normalize, counts, weights, error);
  sy_counts_free(counts);
  sy_policy_free(policy);
  return status;
}

/* The pairs of the first two labels; the other two weigh (1, 1) whatever is asked for. */
static void check_pairs(const char *text, sy_normalize normalize, const double wanted[4]) {
  double weights[2 * LABELS];
  sy_error error;
  if (weigh(text, normalize, weights, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  for (size_t i = 0; i < 4; i++) assert_near(weights[i], wanted[i], 1e-15);
  for (size_t i = 4; i < 2 * LABELS; i++) assert_true(weights[i] == 1);
}

static void each_label_is_a_pair(void **state) {
  (void)state;
  const sy_normalize plain = SY_NORMALIZE_NONE;
  check_pairs("none", plain, (const double[]){1, 1, 1, 1});
  check_pairs("balanced", plain, (const double[]){0.625, 2.5, 2, 100.0 / 150});
  check_pairs("inverse", plain, (const double[]){1.25, 5, 4, 100.0 / 75});
  check_pairs("max-ratio", plain, (const double[]){1, 4, 3, 1});
  check_pairs("pos", plain, (const double[]){1, 4, 1, 25.0 / 75});
  check_pairs("median", plain, (const double[]){0.625, 2.5, 2, 100.0 / 150});
  check_pairs("sqrt", plain, (const double[]){sqrt(0.625), sqrt(2.5), sqrt(2), sqrt(100.0 / 150)});
  check_pairs("log:1", plain, (const double[]){1, log(5), log(4), 1});
  check_pairs("power:max=8", plain,
              (const double[]){pow(0.625, log(8) / log(2.5)), 8, 8, pow(2.0 / 3, 3)});
}

static void each_pair_is_normalised(void **state) {
  (void)state;
  check_pairs("pos", SY_NORMALIZE_SUM, (const double[]){0.2, 0.8, 0.75, 0.25});
  check_pairs("pos", SY_NORMALIZE_CLASSES, (const double[]){0.4, 1.6, 1.5, 0.5});
  check_pairs("pos", SY_NORMALIZE_ROWS, (const double[]){1 / 1.6, 2.5, 2, 2.0 / 3});
  check_pairs("pos", SY_NORMALIZE_MIN, (const double[]){1, 4, 3, 1});
  check_pairs("pos", SY_NORMALIZE_MAX, (const double[]){0.25, 1, 1, 1.0 / 3});
  check_pairs("calm=3,default=1", SY_NORMALIZE_SUM, (const double[]){0.25, 0.75, 0.5, 0.5});
}

static void explicit_weights_are_of_presence(void **state) {
  (void)state;
  const sy_normalize plain = SY_NORMALIZE_NONE;
  check_pairs("anger=5,calm=2", plain, (const double[]){1, 2, 1, 5}); /* the others need none */
  check_pairs("anger=5,default=0.5", plain, (const double[]){1, 0.5, 1, 5});
  check_pairs("1=5,0=0", plain, (const double[]){1, 0, 1, 5});
  check_pairs("[2,5,9,9]", plain, (const double[]){1, 2, 1, 5});
}

static void check_refused(const char *text, sy_status wanted, const char *said) {
  double weights[2 * LABELS];
  sy_error error = {SY_OK, ""};
  assert_int_equal(weigh(text, SY_NORMALIZE_NONE, weights, &error), wanted);
  if (!strstr(error.text, said)) fail_msg("'%s' does not hold '%s'", error.text, said);
}

static void mistakes_name_the_label(void **state) {
  (void)state;
  check_refused("anger=5", SY_INVALID_WEIGHT, "label 'calm' has no weight; name it");
  check_refused("angr=5,default=1", SY_INVALID_WEIGHT,
                "for label 'angr', which is not there; did you mean 'anger'?");
  check_refused("joyful=5,default=1", SY_INVALID_WEIGHT,
                "which is none of the 4 labels: calm, anger, noise, words");
  check_refused("[1,2]", SY_INVALID_WEIGHT,
                "2 weights are given by position, but there are 4 labels, in this order: calm, "
                "anger, noise, words");
  check_refused("power:5000", SY_INVALID_POLICY,
                "label 'calm': policy 'power:5000' gives class 'absent' the weight 0");
  check_refused("cost", SY_INVALID_POLICY, "policy 'cost' is for classes, of which a row has one");
  check_refused("anger=1e200,default=1", SY_INVALID_WEIGHT, "label 'anger': the weight 1e+200");
}

static void nameless_counts_are_refused(void **state) {
  (void)state;
  sy_error error;
  double weights[2];
  sy_policy *policy;
  sy_counts *counts = sy_counts_new(2);
  assert_int_equal(sy_policy_parse("balanced", &policy, NULL), SY_OK);
  assert_int_equal(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, weights, &error),
                   SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "the classes of these counts have no names");
  sy_label_audits audits;
  assert_int_equal(sy_label_audits_make(policy, counts, weights, &audits, &error),
                   SY_INVALID_SHAPE);
  sy_policy_free(policy);
  sy_counts_free(counts);
}

/* --- audits --- */

typedef struct audited {
  sy_counts *counts;
  sy_policy *policy;
  double weights[2 * MOST_CLASSES];
  sy_label_audits audits;
} audited;

static void audit(const char *text, const char *const *labels, const size_t *absent,
                  const size_t *present, size_t n_labels, audited *made) {
  sy_error error;
  made->counts = label_counts(labels, absent, present, n_labels);
  assert_int_equal(sy_policy_parse(text, &made->policy, &error), SY_OK);
  if (sy_counts_weights(made->policy, SY_NORMALIZE_NONE, made->counts, made->weights, &error) !=
          SY_OK ||
      sy_label_audits_make(made->policy, made->counts, made->weights, &made->audits, &error) !=
          SY_OK)
    fail_msg("%s: %s", text, error.text);
}

static void release(audited *made) {
  sy_label_audits_clear(&made->audits);
  sy_policy_free(made->policy);
  sy_counts_free(made->counts);
}

static void audits_have_a_pair_each(void **state) {
  (void)state;
  audited made;
  audit("pos", names, without, with, LABELS, &made);
  assert_int_equal(made.audits.n_labels, LABELS);
  const sy_audit *calm = &made.audits.labels[0], *never = &made.audits.labels[3];
  assert_int_equal(calm->n_classes, 2);
  assert_int_equal(calm->rows, 100);
  assert_true(calm->classes[1].share == 0.2 && calm->classes[1].weight == 4);
  assert_near(calm->classes[1].weight_share, 0.5, 1e-15);
  assert_near(calm->effective_rows, 160.0 * 160 / (80 + 20 * 16), 1e-15);
  assert_true(calm->imbalance_ratio == 4);
  assert_true(never->classes[0].share == 1 && never->effective_rows == 100);
  release(&made);
  assert_null(made.audits.labels);
  sy_label_audits_clear(&made.audits);
}

static void check_warnings(const char *text, const char *const *labels, const size_t *absent,
                           const size_t *present, size_t n_labels, const char *const *wanted,
                           size_t n_wanted) {
  audited made;
  audit(text, labels, absent, present, n_labels, &made);
  const sy_messages *warnings = made.audits.warnings;
  for (size_t i = 0; i < sy_messages_count(warnings); i++) {
    if (i >= n_wanted) fail_msg("not wanted: %s", sy_messages_get(warnings, i));
    assert_string_equal(sy_messages_get(warnings, i), wanted[i]);
  }
  assert_int_equal(sy_messages_count(warnings), n_wanted);
  release(&made);
}

static void constant_labels_are_told(void **state) {
  (void)state;
  const char *wanted[] = {"label 'words' is in no row: it weighs 1 and cannot be learnt",
                          "label 'noise' is in every row: it weighs 1 and there is nothing to "
                          "learn"};
  check_warnings("none", names, without, with, LABELS, wanted, 2);
  const size_t nobody[] = {0, 0}, hundred[] = {100, 0};
  const char *two[] = {
      "labels 'calm' and 'anger' are in no row: they weigh 1 and cannot be learnt"};
  check_warnings("balanced", names, hundred, nobody, 2, two, 1); /* 'anger' has no cell at all */
  audited made;
  audit("balanced", names, hundred, nobody, 2, &made);
  const sy_audit *empty = &made.audits.labels[1];
  assert_true(empty->classes[0].share == 0 && empty->classes[1].weight_share == 0);
  assert_true(empty->effective_rows == 0 && empty->imbalance_ratio == 1);
  release(&made);
}

/* One line for each thing, however many labels it is true of. */
static void warnings_are_folded(void **state) {
  (void)state;
  enum { MANY = 9 };
  size_t absent[MANY], present[MANY];
  for (size_t l = 0; l < MANY; l++) {
    absent[l] = 700;
    present[l] = l == 4 ? 700 : 300;
  }
  const char *wanted[] = {
      "labels 'a', 'b', 'c', 'd' and 4 more: policy 'log' gives presence and absence the same "
      "weight, which trains as without weights; balanced or sqrt would tell them apart",
      "label 'e': half of the rows have it, so presence and absence weigh the same"};
  check_warnings("log", letters(), absent, present, MANY, wanted, 2);
  const char *effective[] = {
      "label 'a': policy 'effective:0.5' gives presence and absence the same weight, which trains "
      "as without weights; effective:auto, or a BETA nearer to 1, would tell them apart"};
  check_warnings("effective:0.5", letters(), absent, present, 1, effective, 1);
  check_warnings("a=2", letters(), absent, present, 1, NULL, 0);
  check_warnings("a=1", letters(), absent, present, 1, NULL, 0); /* as asked for */
  check_warnings("balanced", letters(), absent, present, 4, NULL, 0);
}

static void doubtful_weights_are_told(void **state) {
  (void)state;
  const size_t absent[] = {900, 9960, 700}, present[] = {100, 40, 300};
  const char *few[] = {
      "label 'b': a third of its loss or more lies on fewer than 100 rows, so that "
      "a few odd ones can decide the model; a milder policy such as sqrt relies on "
      "them less"};
  check_warnings("balanced", letters(), absent, present, 3, few, 1);
  check_warnings("sqrt", letters(), absent, present, 3, NULL, 0);
  const char *shares[] = {"the weights are the frequencies of the labels: that makes rare labels "
                          "count even less; pos or balanced would help them"};
  check_warnings("a=0.1,b=0.004,c=0.3", letters(), absent, present, 3, shares, 1);
  check_warnings("a=0.1,b=0.004,c=0.4", letters(), absent, present, 3, NULL, 0);
  const char *zero[] = {"labels 'a' and 'c' have weight 0 where present: those rows are not learnt "
                        "from and they are never predicted"};
  check_warnings("b=1,default=0", letters(), absent, present, 3, zero, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_label_is_a_pair),
      cmocka_unit_test(each_pair_is_normalised),
      cmocka_unit_test(explicit_weights_are_of_presence),
      cmocka_unit_test(mistakes_name_the_label),
      cmocka_unit_test(nameless_counts_are_refused),
      cmocka_unit_test(audits_have_a_pair_each),
      cmocka_unit_test(constant_labels_are_told),
      cmocka_unit_test(warnings_are_folded),
      cmocka_unit_test(doubtful_weights_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
