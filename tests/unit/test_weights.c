/* test_weights.c: policies against their formulas and published figures, explicit weights,
 * normalisation, row weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/random.h"
#include "letter_classes.h"

#include <steelyard/weights.h>

static sy_status weigh(const char *policy_text, sy_normalize normalize, const double *counts,
                       size_t n_classes, double *weights, sy_error *error) {
  sy_policy *policy = NULL;
  sy_status status = sy_policy_parse(policy_text, &policy, error);
  if (status != SY_OK) {
    assert_null(policy);
    return status;
  }
  status = sy_class_weights(policy, normalize, letters(), counts, n_classes, weights, error);
  sy_policy_free(policy);
  return status;
}

/* Weights that must exist. */
static void weigh_ok(const char *policy_text, sy_normalize normalize, const double *counts,
                     size_t n_classes, double *weights) {
  sy_error error;
  if (weigh(policy_text, normalize, counts, n_classes, weights, &error) != SY_OK)
    fail_msg("%s: %s", policy_text, error.text);
}

static void check_weights(const char *policy, const double *counts, size_t n_classes,
                          const double *wanted, double tolerance) {
  double weights[MOST_CLASSES];
  weigh_ok(policy, SY_NORMALIZE_NONE, counts, n_classes, weights);
  for (size_t k = 0; k < n_classes; k++) assert_near(weights[k], wanted[k], tolerance);
}

/* --- policies --- */

static void published_figures(void **state) {
  (void)state;
  const double counts[] = {198, 436, 710, 272};
  check_weights("none", counts, 4, (const double[]){1, 1, 1, 1}, 0);
  check_weights("balanced", counts, 4, (const double[]){2.04040, 0.92661, 0.56901, 1.48529}, 5e-6);
  check_weights("max-ratio", counts, 4, (const double[]){3.58586, 1.62844, 1, 2.61029}, 5e-6);
  check_weights("sqrt", counts, 4, (const double[]){1.42843, 0.96260, 0.75433, 1.21873}, 5e-6);
  check_weights("power:max=20", counts, 4, (const double[]){20, 0.72600, 0.09361, 5.26909}, 5e-6);
  check_weights("log:auto", counts, 4, (const double[]){1.27700, 1, 1, 1}, 5e-6);
  const double eight[] = {2813, 78, 2814, 78, 7914, 248, 7914, 248};
  check_weights("log:0.15", eight, 8,
                (const double[]){1, 3.749820767859636, 1, 3.749820767859636, 1, 2.5931008483842453,
                                 1, 2.5931008483842453},
                4e-16);
  check_weights("log", eight, 2 * 4,
                (const double[]){1, 3.749820767859636, 1, 3.749820767859636, 1, 2.5931008483842453,
                                 1, 2.5931008483842453},
                4e-16);
  const double four[] = {5, 78, 2814, 7914};
  check_weights("log:auto", four, 4,
                (const double[]){7.366950709511269, 4.619679795255778, 1.034026384271035, 1},
                4e-16);
}

/* Every formula written out, on random counts (fractions too), with an absent class among them. */
static void formulas_on_random_counts(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < 200; trial++) {
    double counts[MOST_CLASSES], n = 0, largest = 0, present = 0;
    size_t n_classes = 2 + (size_t)(sy_random_bits(trial, 80, 0) % (MOST_CLASSES - 1));
    size_t absent = (size_t)(sy_random_bits(trial, 80, 1) % (2 * n_classes));
    for (size_t k = 0; k < n_classes; k++) {
      counts[k] = k == absent ? 0 : exp(12 * sy_random_uniform(trial, 81, k));
      n += counts[k];
      largest = fmax(largest, counts[k]);
      present += counts[k] > 0;
    }
    double balanced[MOST_CLASSES], power[MOST_CLASSES], ratio[MOST_CLASSES], logs[MOST_CLASSES],
        automatic[MOST_CLASSES];
    for (size_t k = 0; k < n_classes; k++) {
      bool is_absent = counts[k] == 0;
      balanced[k] = is_absent ? 1 : n / (present * counts[k]);
      power[k] = is_absent ? 1 : pow(n / (present * counts[k]), 0.3);
      ratio[k] = is_absent ? 1 : largest / counts[k];
      logs[k] = is_absent ? 1 : fmax(1, log(0.4 * n / counts[k]));
      automatic[k] = is_absent ? 1 : fmax(1, log(largest / n * n / counts[k]));
    }
    check_weights("balanced", counts, n_classes, balanced, 1e-14);
    check_weights("power:1", counts, n_classes, balanced, 1e-14);
    check_weights("power:0.3", counts, n_classes, power, 1e-14);
    check_weights("max-ratio", counts, n_classes, ratio, 1e-14);
    check_weights("log:0.4", counts, n_classes, logs, 1e-14);
    check_weights("log:auto", counts, n_classes, automatic, 1e-13);
    for (size_t k = 0; k < n_classes; k++) power[k] = counts[k] == 0 ? 1 : sqrt(balanced[k]);
    check_weights("sqrt", counts, n_classes, power, 1e-14);
    check_weights("power:0.5", counts, n_classes, power, 1e-14);
  }
}

/* All counts twice as many: no weight changes. */
static void scale_of_counts_is_no_matter(void **state) {
  (void)state;
  static const char *const policies[] = {"balanced",  "power:0.7", "sqrt",     "power:max=20",
                                         "max-ratio", "log:0.15",  "log:auto", "log:max=20"};
  const double counts[] = {3, 50, 800, 12000}, scaled[] = {3e-9, 5e-8, 8e-7, 1.2e-5};
  for (size_t p = 0; p < COUNT(policies); p++) {
    double weights[4], again[4];
    weigh_ok(policies[p], SY_NORMALIZE_NONE, counts, 4, weights);
    weigh_ok(policies[p], SY_NORMALIZE_NONE, scaled, 4, again);
    for (size_t k = 0; k < 4; k++) assert_near(again[k], weights[k], 1e-13);
    for (size_t k = 1; k < 4; k++) assert_true(weights[k] <= weights[k - 1]);
  }
}

/* The rarest class gets the weight asked for, the others what the same a or mu gives them. */
static void targets_are_reached(void **state) {
  (void)state;
  const double counts[] = {12, 700, 100, 9000};
  double weights[4];
  weigh_ok("power:max=20", SY_NORMALIZE_NONE, counts, 4, weights);
  double a = log(20) / log(9812.0 / (4 * 12));
  for (size_t k = 0; k < 4; k++) assert_near(weights[k], pow(9812.0 / (4 * counts[k]), a), 1e-13);
  assert_near(weights[0], 20, 1e-14);
  weigh_ok("log:max=20", SY_NORMALIZE_NONE, counts, 4, weights);
  double mu = exp(20) * 12 / 9812;
  for (size_t k = 0; k < 4; k++)
    assert_near(weights[k], fmax(1, log(mu * 9812 / counts[k])), 1e-13);
  assert_near(weights[0], 20, 1e-15);
  weigh_ok("log:max=5000", SY_NORMALIZE_NONE, counts, 4, weights); /* e^5000 is no double */
  assert_near(weights[3], 5000 + log(12.0 / 9000), 1e-14);
  check_weights("power:max=1", counts, 4, (const double[]){1, 1, 1, 1}, 0);
  const double equal[] = {7, 7, 7};
  check_weights("power:max=1", equal, 3, (const double[]){1, 1, 1}, 0);
  sy_error error;
  assert_int_equal(weigh("power:max=20", SY_NORMALIZE_NONE, equal, 3, weights, &error),
                   SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "'power:max=20' cannot be reached"));
}

static void check_refused(const char *policy, sy_status wanted, const char *text) {
  sy_error error = {0};
  sy_policy *read = NULL;
  assert_int_equal(sy_policy_parse(policy, &read, &error), wanted);
  assert_null(read);
  if (!strstr(error.text, text)) fail_msg("'%s' does not hold '%s'", error.text, text);
}

static void wrong_policies_are_named(void **state) {
  (void)state;
  check_refused("balancd", SY_INVALID_POLICY,
                "there is no class weight policy 'balancd'; did you mean 'balanced'? there are "
                "none, balanced, inverse, max-ratio, median, power:A|power:max=W, sqrt, "
                "log[:MU|:auto|:max=W], effective[:BETA|:auto], enet[:C], cost, pos, or weights as "
                "NAME=W,NAME=W");
  check_refused("Balanced", SY_INVALID_POLICY, "did you mean 'balanced'");
  check_refused("pwer:0.5", SY_INVALID_POLICY, "did you mean 'power'");
  check_refused("nothing like it", SY_INVALID_POLICY, "'nothing like it'; there are none");
  check_refused("", SY_INVALID_POLICY, "there is no class weight policy ''");
  check_refused("power", SY_INVALID_POLICY, "needs its exponent");
  check_refused("power:-1", SY_INVALID_POLICY, "of at least 0");
  check_refused("power:inf", SY_INVALID_POLICY, "finite");
  check_refused("power:x", SY_INVALID_POLICY, "'x' is not usable");
  check_refused("power:max=0.5", SY_INVALID_POLICY, "of at least 1");
  check_refused("power:max=", SY_INVALID_POLICY, "'' is not usable");
  check_refused("log:0", SY_INVALID_POLICY, "above 0");
  check_refused("log:nan", SY_INVALID_POLICY, "'nan' is not usable");
  check_refused("log:max=0", SY_INVALID_POLICY, "of at least 1");
  check_refused("log:", SY_INVALID_POLICY, "'' is not usable");
  check_refused("balanced:2", SY_INVALID_POLICY, "takes no parameter");
  check_refused("none:", SY_INVALID_POLICY, "takes no parameter");
  check_refused("effective:1", SY_INVALID_POLICY,
                "'1' is not usable; it must be a finite number of at least 0 and below 1");
  check_refused("effective:-0.1", SY_INVALID_POLICY, "of at least 0 and below 1");
  check_refused("effective:Auto", SY_INVALID_POLICY, "'Auto' is not usable");
  check_refused("enet:1", SY_INVALID_POLICY,
                "'1' is not usable; it must be a finite number above 1");
  check_refused("median:2", SY_INVALID_POLICY, "takes no parameter");
}

static void weights_out_of_range_are_refused(void **state) {
  (void)state;
  sy_error error;
  double weights[2];
  const double counts[] = {1, 1e6}, zeros[] = {0, 0}, wrong[] = {1, -2}, missing[] = {NAN, 1};
  const double huge[] = {1e308, 1e308};
  assert_int_equal(weigh("power:400", SY_NORMALIZE_NONE, counts, 2, weights, &error),
                   SY_INVALID_POLICY);
  assert_non_null(strstr(error.text, "class 'a' the weight inf"));
  assert_int_equal(weigh("balanced", SY_NORMALIZE_NONE, zeros, 2, weights, &error), SY_NO_WEIGHT);
  assert_int_equal(weigh("balanced", SY_NORMALIZE_NONE, wrong, 2, weights, &error),
                   SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "the count -2 of class 'b'"));
  assert_int_equal(weigh("balanced", SY_NORMALIZE_NONE, missing, 2, weights, &error),
                   SY_INVALID_WEIGHT);
  assert_int_equal(weigh("balanced", SY_NORMALIZE_NONE, huge, 2, weights, &error),
                   SY_INVALID_WEIGHT);
}

static void check_text(const char *text, const char *wanted, bool none) {
  sy_policy *policy = NULL;
  sy_error error;
  if (sy_policy_parse(text, &policy, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  assert_string_equal(sy_policy_text(policy), wanted);
  assert_true(sy_policy_is_none(policy) == none);
  sy_policy *again = NULL;
  assert_int_equal(sy_policy_parse(sy_policy_text(policy), &again, NULL), SY_OK);
  assert_string_equal(sy_policy_text(again), wanted);
  sy_policy_free(policy);
  sy_policy_free(again);
}

static void policies_read_back(void **state) {
  (void)state;
  check_text("none", "none", true);
  check_text(" balanced ", "balanced", false);
  check_text("log:max=20", "log:max=20", false);
  check_text("None=1,damage=5", "None=1,damage=5", false);
  check_text("\"a,b\"=2, a=b=3 , default=0.1", "\"a,b\"=2,\"a=b\"=3,default=0.1", false);
  check_text("\"default\"=2,\"say \"\"so\"\"\" = 1", "\"default\"=2,\"say \"\"so\"\"\"=1", false);
  check_text("\"log:a\"=1,b=2", "\"log:a\"=1,b=2", false);
  check_text("1.0=3,0=-0", "1=3,0=0", false);
  check_text("default=2", "default=2", false);
  sy_policy_free(NULL);
}

static void policies_are_listed(void **state) {
  (void)state;
  size_t n = 0;
  for (; sy_policy_form(n); n++) assert_non_null(sy_policy_formula(n));
  assert_int_equal(n, 12);
  assert_null(sy_policy_formula(n));
  assert_string_equal(sy_policy_form(0), "none");
  assert_string_equal(sy_policy_formula(1), "n / (K n_k)");
  static const char *const listed[] = {
      "none",     "balanced",  "inverse",        "max-ratio", "median", "sqrt", "log",
      "log:auto", "effective", "effective:auto", "enet",      "cost",   "pos"};
  for (size_t i = 0; i < COUNT(listed); i++) {
    assert_string_equal(sy_policy_listed(i), listed[i]);
    check_text(listed[i], listed[i], i == 0);
  }
  assert_null(sy_policy_listed(COUNT(listed)));
}

/* --- explicit weights --- */

static void explicit_weights_go_by_name(void **state) {
  (void)state;
  const double counts[] = {10, 20, 30};
  check_weights("b=2,a=0.5,c=0", counts, 3, (const double[]){0.5, 2, 0}, 0);
  check_weights("b=2,default=7", counts, 3, (const double[]){7, 2, 7}, 0);
  check_weights("default=7", counts, 3, (const double[]){7, 7, 7}, 0);
  check_weights("\"b\" = 2 ,default=1e-3", counts, 3, (const double[]){1e-3, 2, 1e-3}, 0);
  /* Numbers are one class in any writing. */
  sy_policy *policy = NULL;
  const char *classes[] = {"0", "1.0"};
  double weights[2];
  assert_int_equal(sy_policy_parse("1=3,0.0=4", &policy, NULL), SY_OK);
  assert_int_equal(sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, 2, weights, NULL),
                   SY_OK);
  assert_true(weights[0] == 4 && weights[1] == 3);
  sy_policy_free(policy);
}

static void absent_classes_need_no_weight(void **state) {
  (void)state;
  const double counts[] = {10, 0, 30};
  check_weights("a=2,c=3", counts, 3, (const double[]){2, 1, 3}, 0);
  check_weights("a=2,c=3,b=9", counts, 3, (const double[]){2, 1, 3}, 0);
}

static void explicit_mistakes_are_named(void **state) {
  (void)state;
  check_refused("a=-1", SY_INVALID_WEIGHT, "the weight -1 of class 'a' is not usable");
  check_refused("a=1,b=nan", SY_INVALID_WEIGHT, "the weight nan of class 'b'");
  check_refused("a=inf", SY_INVALID_WEIGHT, "the weight inf of class 'a'");
  check_refused("default=-2", SY_INVALID_WEIGHT, "the weight -2 of class 'default'");
  check_refused("a=x", SY_INVALID_WEIGHT, "the weight 'x' of class 'a' is no number");
  check_refused("a=", SY_INVALID_WEIGHT, "the weight '' of class 'a'");
  check_refused("=1", SY_INVALID_WEIGHT, "has no class name");
  check_refused("a=1,a=2", SY_INVALID_WEIGHT, "'a' is given twice");
  check_refused("1=1,1.0=2", SY_INVALID_WEIGHT, "'1.0' is given twice");
  check_refused("default=1,default=1", SY_INVALID_WEIGHT, "default weight is given twice");
  check_refused("a,b=1", SY_INVALID_WEIGHT, "'a' is no class weight NAME=W");
  check_refused("a=1,", SY_INVALID_WEIGHT, "'' is no class weight NAME=W");
  check_refused("\"a=1", SY_INVALID_WEIGHT, "a quote is not closed");
  check_refused("\"a\"b=1", SY_INVALID_WEIGHT, "is no class weight NAME=W");
  check_refused("\"a\",b=1", SY_INVALID_WEIGHT, "is no class weight NAME=W");
  sy_error error;
  double weights[3];
  const double counts[] = {1, 2, 3};
  assert_int_equal(weigh("a=1,b=1", SY_NORMALIZE_NONE, counts, 3, weights, &error),
                   SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "class 'c' has no weight"));
  assert_int_equal(weigh("a=0,default=0", SY_NORMALIZE_NONE, counts, 3, weights, &error),
                   SY_NO_WEIGHT);
}

static void unknown_classes_get_the_nearest(void **state) {
  (void)state;
  sy_error error;
  sy_policy *policy = NULL;
  const char *classes[] = {"None", "damage"};
  const double counts[] = {5, 5};
  double weights[2];
  assert_int_equal(sy_policy_parse("None=1,damge=5", &policy, NULL), SY_OK);
  assert_int_equal(sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, 2, weights, &error),
                   SY_INVALID_WEIGHT);
  assert_string_equal(
      error.text,
      "a weight is given for class 'damge', which is not there; did you mean 'damage'?");
  sy_policy_free(policy);
}

static void weights_from_elsewhere(void **state) {
  (void)state;
  sy_error error;
  sy_policy *policy = NULL;
  const char *names[] = {"a", "b=,\"", "default"};
  const double given[] = {1, 2, 3}, wrong[] = {1, INFINITY, 3};
  assert_int_equal(sy_policy_explicit(names, given, 3, true, 4, &policy, &error), SY_OK);
  assert_string_equal(sy_policy_text(policy), "a=1,\"b=,\"\"\"=2,\"default\"=3,default=4");
  const char *classes[] = {"default", "x", "b=,\"", "a"};
  const double counts[] = {1, 1, 1, 1};
  double weights[4];
  assert_int_equal(sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, 4, weights, &error),
                   SY_OK);
  assert_true(weights[0] == 3 && weights[1] == 4 && weights[2] == 2 && weights[3] == 1);
  check_text(sy_policy_text(policy), sy_policy_text(policy), false);
  sy_policy_free(policy);
  assert_int_equal(sy_policy_explicit(names, wrong, 3, false, 0, &policy, &error),
                   SY_INVALID_WEIGHT);
  assert_int_equal(sy_policy_explicit(names, given, 3, true, NAN, &policy, &error),
                   SY_INVALID_WEIGHT);
  assert_int_equal(sy_policy_explicit(names, given, 0, false, 0, &policy, &error),
                   SY_INVALID_WEIGHT);
  assert_null(policy);
}

/* --- normalisation --- */

static void normalisations(void **state) {
  (void)state;
  const double counts[] = {10, 0, 30, 60}, given[] = {6, 0.5, 2};
  const struct {
    sy_normalize normalize;
    double factor;
  } cases[] = {{SY_NORMALIZE_NONE, 1},          {SY_NORMALIZE_SUM, 1 / 8.5},
               {SY_NORMALIZE_CLASSES, 3 / 8.5}, {SY_NORMALIZE_ROWS, 100 / (60.0 + 15 + 120)},
               {SY_NORMALIZE_MIN, 2},           {SY_NORMALIZE_MAX, 1 / 6.0}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    double weights[4];
    weigh_ok("a=6,b=100,c=0.5,d=2", cases[c].normalize, counts, 4, weights);
    assert_near(weights[0], given[0] * cases[c].factor, 1e-15);
    assert_true(weights[1] == 1); /* absent: outside every formula */
    assert_near(weights[2], given[1] * cases[c].factor, 1e-15);
    assert_near(weights[3], given[2] * cases[c].factor, 1e-15);
  }
  double weights[4];
  weigh_ok("a=0,c=0.5,d=2", SY_NORMALIZE_MIN, counts, 4, weights); /* smallest above zero */
  assert_true(weights[0] == 0 && weights[2] == 1 && weights[3] == 4);
  weigh_ok("a=1e308,c=1e308,d=1e308", SY_NORMALIZE_CLASSES, counts, 4, weights);
  assert_true(weights[0] == 1 && weights[2] == 1 && weights[3] == 1);
}

static void normalisations_have_names(void **state) {
  (void)state;
  sy_error error;
  for (int i = SY_NORMALIZE_NONE; i <= SY_NORMALIZE_MAX; i++) {
    sy_normalize read = SY_NORMALIZE_NONE;
    assert_int_equal(sy_normalize_parse(sy_normalize_name((sy_normalize)i), &read, &error), SY_OK);
    assert_int_equal(read, i);
  }
  sy_normalize read;
  assert_int_equal(sy_normalize_parse("mean", &read, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(
      error.text, "there is no normalisation 'mean'; there are none, sum, classes, rows, min, max");
}

/* --- row weights --- */

static void row_weights_multiply(void **state) {
  (void)state;
  const int32_t ids[] = {1, 0, SY_IGNORED, 1};
  const double class_weights[] = {0.5, 3}, row_weights[] = {2, 4, NAN, 0};
  double weights[4];
  assert_int_equal(sy_row_weights(ids, 4, class_weights, 2, row_weights, weights, NULL), SY_OK);
  assert_true(weights[0] == 6 && weights[1] == 2 && weights[2] == 0 && weights[3] == 0);
  assert_int_equal(sy_row_weights(ids, 4, class_weights, 2, NULL, weights, NULL), SY_OK);
  assert_true(weights[0] == 3 && weights[1] == 0.5 && weights[2] == 0 && weights[3] == 3);
  assert_int_equal(sy_row_weights(ids, 2, NULL, 2, row_weights, weights, NULL), SY_OK);
  assert_true(weights[0] == 2 && weights[1] == 4);
  assert_int_equal(sy_row_weights(ids, 2, NULL, 2, NULL, weights, NULL), SY_OK);
  assert_true(weights[0] == 1 && weights[1] == 1);
}

static void wrong_row_weights_are_named(void **state) {
  (void)state;
  sy_error error;
  const int32_t ids[] = {1, 0};
  const double negative[] = {1, -1}, missing[] = {NAN, 1}, huge[] = {1e300, 1};
  double weights[2];
  assert_int_equal(sy_row_weights(ids, 2, NULL, 2, negative, weights, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "-1 at row 2"));
  assert_int_equal(sy_row_weights(ids, 2, NULL, 2, missing, weights, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "nan at row 1"));
  assert_int_equal(sy_row_weights(ids, 2, huge, 2, huge, weights, &error), SY_OK);
  const double both[] = {1, 1e300};
  assert_int_equal(sy_row_weights(ids, 2, both, 2, huge, weights, &error), SY_INVALID_WEIGHT);
  assert_int_equal(sy_row_weights(ids, 2, negative, 2, NULL, weights, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "class 2 of 2"));
  assert_int_equal(sy_row_weights(ids, 2, NULL, 1, NULL, weights, &error), SY_INVALID_LABEL);
  assert_non_null(strstr(error.text, "label 1 at row 1"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_figures),
      cmocka_unit_test(formulas_on_random_counts),
      cmocka_unit_test(scale_of_counts_is_no_matter),
      cmocka_unit_test(targets_are_reached),
      cmocka_unit_test(wrong_policies_are_named),
      cmocka_unit_test(weights_out_of_range_are_refused),
      cmocka_unit_test(policies_read_back),
      cmocka_unit_test(policies_are_listed),
      cmocka_unit_test(explicit_weights_go_by_name),
      cmocka_unit_test(absent_classes_need_no_weight),
      cmocka_unit_test(explicit_mistakes_are_named),
      cmocka_unit_test(unknown_classes_get_the_nearest),
      cmocka_unit_test(weights_from_elsewhere),
      cmocka_unit_test(normalisations),
      cmocka_unit_test(normalisations_have_names),
      cmocka_unit_test(row_weights_multiply),
      cmocka_unit_test(wrong_row_weights_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
