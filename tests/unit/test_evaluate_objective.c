/* test_evaluate_objective.c: objectives by their formulas, and how they are read. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate/objective.h"

#include <steelyard/evaluate.h>

static sy_objective read(const char *text) {
  sy_objective objective;
  sy_error error = {0};
  if (sy_objective_parse(text, &objective, &error) != SY_OK) fail_msg("%s", error.text);
  return objective;
}

static void assert_value(const char *text, const double *confusion, size_t n_classes, int positive,
                         double wanted) {
  sy_objective objective = read(text);
  double value = sy_objective_value(&objective, confusion, n_classes, positive, 7);
  bool same = isnan(wanted) ? isnan(value) : fabs(value - wanted) <= 1e-14;
  if (!same) fail_msg("%s is %.17g instead of %.17g", text, value, wanted);
}

/* 50 negatives, 10 positives; 6 caught, 4 missed, 5 false alarms. */
static void two_classes(void **state) {
  (void)state;
  const double confusion[] = {45, 5, 4, 6};
  double precision = 6.0 / 11, recall = 6.0 / 10, rest = 45.0 / 49;
  double f1 = 2 * precision * recall / (precision + recall);
  double rest_f1 = 2 * rest * 0.9 / (rest + 0.9);
  assert_value("cost", confusion, 2, 1, -7);
  assert_value("precision", confusion, 2, 1, precision);
  assert_value("recall", confusion, 2, 1, recall);
  assert_value("precision", confusion, 2, 0, rest);
  assert_value("f1", confusion, 2, 1, f1);
  assert_value("fbeta:1", confusion, 2, 1, f1);
  assert_value("fbeta:2", confusion, 2, 1, 5 * precision * recall / (4 * precision + recall));
  assert_value("youden", confusion, 2, 1, recall + 0.9 - 1);
  assert_value("accuracy", confusion, 2, 1, 51.0 / 60);
  assert_value("balanced_accuracy", confusion, 2, 1, (0.9 + 0.6) / 2);
  assert_value("g_mean", confusion, 2, 1, sqrt(0.9 * 0.6));
  assert_value("macro_f1", confusion, 2, 1, (f1 + rest_f1) / 2);
  assert_value("weighted_f1", confusion, 2, 1, (10 * f1 + 50 * rest_f1) / 60);
  assert_value("mcc", confusion, 2, 1, (6.0 * 45 - 5 * 4) / sqrt(11.0 * 10 * 50 * 49));
}

static void three_classes(void **state) {
  (void)state;
  const double confusion[] = {8, 1, 1, 2, 3, 0, 0, 0, 0}; /* the last has no rows */
  double recalls = 0.8 + 0.6, f1s = 16.0 / 20 + 6.0 / 9;
  assert_value("balanced_accuracy", confusion, 3, -1, recalls / 2);
  assert_value("g_mean", confusion, 3, -1, sqrt(0.8 * 0.6));
  assert_value("macro_f1", confusion, 3, -1, f1s / 2);
  assert_value("accuracy", confusion, 3, -1, 11.0 / 15);
  double both = 11.0 * 15 - 10 * 10 - 4 * 5;
  double sides = sqrt(15.0 * 15 - 100 - 16 - 1) * sqrt(15.0 * 15 - 100 - 25);
  assert_value("mcc", confusion, 3, -1, both / sides);
  assert_value("precision", confusion, 3, 0, 0.8);
}

static void what_is_not_defined(void **state) {
  (void)state;
  const double nothing_flagged[] = {50, 0, 10, 0}, no_positives[] = {50, 5, 0, 0};
  assert_value("precision", nothing_flagged, 2, 1, NAN);
  assert_value("mcc", nothing_flagged, 2, 1, NAN);
  assert_value("f1", nothing_flagged, 2, 1, 0);
  assert_value("g_mean", nothing_flagged, 2, 1, 0);
  assert_value("recall", no_positives, 2, 1, NAN);
  assert_value("f1", no_positives, 2, 1, NAN);
  assert_value("f1", no_positives, 2, -1, NAN);
}

/* The search keeps margins, and must see the value of the confusion matrix. */
static void margins_give_the_same(void **state) {
  (void)state;
  const double confusion[] = {45, 5, 4, 6}, right[] = {45, 6}, actual[] = {50, 10};
  const double predicted[] = {49, 11};
  for (size_t i = 0; sy_objective_form(i); i++) {
    bool fbeta = strcmp(sy_objective_form(i), "fbeta:BETA") == 0;
    sy_objective objective = read(fbeta ? "fbeta:0.5" : sy_objective_form(i));
    sy_outcome outcome = {2, 1, right, actual, predicted, NULL, 3};
    assert_true(sy_objective_of(&objective, &outcome) ==
                sy_objective_value(&objective, confusion, 2, 1, 3));
    assert_non_null(sy_objective_formula(i));
  }
}

static void assert_refused(const char *text, const char *why) {
  sy_objective objective;
  sy_error error = {0};
  assert_int_equal(sy_objective_parse(text, &objective, &error), SY_INVALID_ARGUMENT);
  if (!strstr(error.text, why)) fail_msg("'%s' is refused by \"%s\"", text, error.text);
}

static void reading(void **state) {
  (void)state;
  char text[SY_OBJECTIVE_SIZE];
  sy_objective objective = read("fbeta:0.50");
  assert_string_equal(sy_objective_text(&objective, text), "fbeta:0.5");
  objective = read("balanced-accuracy");
  assert_string_equal(sy_objective_text(&objective, text), "balanced_accuracy");
  assert_false(sy_objective_is_cost(&objective));
  assert_false(sy_objective_is_of_positive(&objective));
  objective = sy_objective_cost();
  assert_string_equal(sy_objective_text(&objective, text), "cost");
  assert_true(sy_objective_is_cost(&objective));
  objective = read("f1");
  assert_true(sy_objective_is_of_positive(&objective));
  assert_refused("balanced_acuracy", "did you mean 'balanced_accuracy'? there are cost, f1, ");
  assert_refused("", "there is no objective ''; there are cost, ");
  assert_refused("f1:2", "objective 'f1' takes no parameter, but 'f1:2' is given");
  assert_refused("fbeta", "needs its parameter, BETA, how many times recall counts");
  assert_refused("fbeta:0", "'0' is not usable; it must be a finite number above 0");
  assert_refused("fbeta:", "'' is not usable");
  assert_refused("fbeta:inf", "'inf' is not usable");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes),
      cmocka_unit_test(three_classes),
      cmocka_unit_test(what_is_not_defined),
      cmocka_unit_test(margins_give_the_same),
      cmocka_unit_test(reading),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
