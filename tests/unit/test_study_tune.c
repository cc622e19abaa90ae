/* test_study_tune.c: tuning: what is refused, in which words; short decimals; failing memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/between.h"
#include "base/memory.h"

#include <steelyard/study.h>

static void short_decimals(void **state) {
  (void)state;
  const struct {
    double below, above, wanted;
  } cases[] = {{0.271, 0.318, 0.3},
               {0.2, 0.9, 0.6},
               {0, 1, 0.5},
               {-1, 1, 0},
               {0.30, 0.31, 0.305},
               {9.99e-5, 1.01e-4, 1e-4},
               {1e300, 3e300, 2e300},
               {-0.31, -0.27, -0.3},
               {4.9e-324, 1e-320, 5e-321},
               {123456, 123457, 123456.5}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double decimal = sy_decimal_between(cases[i].below, cases[i].above);
    if (decimal != cases[i].wanted)
      fail_msg("%.17g between %g and %g", decimal, cases[i].below, cases[i].above);
  }
  double next = nextafter(0.3, 1);
  assert_true(sy_decimal_between(0.3, next) == next);
  assert_true(sy_decimal_between(-INFINITY, 2) == 2);
  assert_true(sy_decimal_between(2, INFINITY) == INFINITY);
}

enum { N = 10 };
static const double scores[N] = {0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2};
static const int32_t ids[N] = {1, 0, 1, 1, 0, 0, 0, 0, 0, 0};

static sy_tuned tune(const sy_tune_options *options) {
  sy_tuned tuned;
  sy_error error = {0};
  if (sy_tune_threshold(scores, ids, N, 1, NULL, NULL, options, &tuned, &error) != SY_OK)
    fail_msg("%s", error.text);
  return tuned;
}

static void constraints_move_the_threshold(void **state) {
  (void)state;
  sy_tune_options options = sy_tune_options_default();
  sy_objective_parse("recall", &options.objective, NULL);
  sy_tuned tuned = tune(&options);
  assert_true(tuned.threshold == 0.75 && tuned.recall == 1 && tuned.flagged == 0.4);
  options.max_flagged = 0.3;
  tuned = tune(&options);
  assert_true(tuned.recall == 2.0 / 3 && tuned.flagged == 0.3);
  options.max_flagged = NAN;
  options.min_precision = 1;
  tuned = tune(&options);
  assert_true(tuned.recall == 1.0 / 3 && tuned.precision == 1);
  options = sy_tune_options_default();
  options.min_recall = 0.9;
  assert_true(tune(&options).recall == 1);
  assert_true(tune(&options).average_cost == 0.1);
}

static void assert_refused(const sy_tune_options *options, const char *wanted) {
  sy_tuned tuned;
  sy_error error = {0};
  assert_int_equal(sy_tune_threshold(scores, ids, N, 1, NULL, NULL, options, &tuned, &error),
                   SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, wanted);
}

static void constraints_that_nothing_meets(void **state) {
  (void)state;
  sy_tune_options options = sy_tune_options_default();
  options.min_precision = 0.8;
  options.min_recall = 0.5;
  assert_refused(&options, "no threshold that has precision 0.8 has recall 0.5: the nearest, p >= "
                           "0.92, has 0.3333");
  options.max_flagged = 0.07;
  assert_refused(&options, "no threshold that flags at most 7 % has precision 0.8: the rows of the "
                           "highest score alone are more");
  options.max_flagged = 0.2;
  options.min_precision = NAN;
  assert_refused(&options, "no threshold that flags at most 20 % has recall 0.5: the nearest, p >= "
                           "0.92, has 0.3333");
  options.max_flagged = 1.5;
  assert_refused(&options, "the most that may be flagged is a share from 0 to 1, not 1.5");
  options = sy_tune_options_default();
  options.samples = -1;
  assert_refused(&options, "the number of samples is at least 0, not -1");
}

static void rows_that_cannot_be_tuned_on(void **state) {
  (void)state;
  sy_tune_options options = sy_tune_options_default();
  sy_tuned tuned;
  sy_error error = {0};
  const int32_t all[] = {1, 1}, none[] = {0, 0};
  assert_int_equal(sy_tune_threshold(scores, none, 2, 1, NULL, NULL, &options, &tuned, &error),
                   SY_NO_WEIGHT);
  assert_string_equal(error.text,
                      "there are no rows of the class to flag: a threshold takes both to tune");
  assert_int_equal(sy_tune_threshold(scores, all, 2, 1, NULL, NULL, &options, &tuned, &error),
                   SY_NO_WEIGHT);
  assert_string_equal(
      error.text,
      "there are no rows but those of the class to flag: a threshold takes both to tune");
}

static const double log_p[] = {-0.5, -1.5, -2, -1, -0.5, -3, -2, -2, -0.3, -0.2, -2, -4};
static const int32_t many_ids[] = {0, 1, 2, 1};

static void assert_no_factors(const sy_tune_options *options, const double *logs, size_t n_classes,
                              const char *wanted) {
  double factors[3];
  sy_tuned tuned;
  sy_error error = {0};
  assert_true(sy_tune_factors(logs, many_ids, 4, n_classes, NULL, NULL, options, factors, &tuned,
                              &error) != SY_OK);
  if (!strstr(error.text, wanted)) fail_msg("%s", error.text);
}

static void factors_are_of_all_classes(void **state) {
  (void)state;
  sy_tune_options options = sy_tune_options_default();
  double logs[12];
  memcpy(logs, log_p, sizeof logs);
  logs[7] = NAN;
  assert_no_factors(&options, logs, 3, "row 3 holds no log-probabilities");
  assert_no_factors(&options, log_p, 2, "class 2 at row 3 is outside the 2 classes");
  assert_no_factors(&options, log_p, 1, "two classes or more apart, not 1");
  options.min_recall = 0.5;
  assert_no_factors(&options, log_p, 3, "constraints are for thresholds");
  options = sy_tune_options_default();
  sy_objective_parse("f1", &options.objective, NULL);
  assert_no_factors(&options, log_p, 3, "objective 'f1' is about one class");
}

/* Every allocation fails once; what was taken is given back (the sanitizers look). */
static void memory_that_fails(void **state) {
  (void)state;
  sy_tune_options options = sy_tune_options_default();
  sy_tuned tuned;
  double factors[3];
  options.samples = 5;
  sy_threads_set(1);
  for (size_t nth = 1, struck = 1; struck; nth++) {
    sy_memory_fail_nth(nth);
    sy_status status = sy_tune_threshold(scores, ids, N, 1, NULL, NULL, &options, &tuned, NULL);
    struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
  }
  for (size_t nth = 1, struck = 1; struck; nth++) {
    sy_memory_fail_nth(nth);
    sy_status status =
        sy_tune_factors(log_p, many_ids, 4, 3, NULL, NULL, &options, factors, &tuned, NULL);
    struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(short_decimals),
      cmocka_unit_test(constraints_move_the_threshold),
      cmocka_unit_test(constraints_that_nothing_meets),
      cmocka_unit_test(rows_that_cannot_be_tuned_on),
      cmocka_unit_test(factors_are_of_all_classes),
      cmocka_unit_test(memory_that_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
