/* test_report_families.c: families that were tried, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <steelyard/report.h>

static sy_families make_families(void) {
  sy_families made = {.n = 3, .chosen = 1, .measure = "average cost", .rows = 1234};
  made.trials[0] = (sy_family_trial){.family = SY_STUDY_LOGISTIC,
                                     .judged = true,
                                     .metrics = {.log_loss = 0.5},
                                     .value = 0.4,
                                     .difference = 0.1,
                                     .low = -0.05,
                                     .high = 0.25,
                                     .seconds = 0.5};
  made.trials[1] = (sy_family_trial){.family = SY_STUDY_MLP,
                                     .judged = true,
                                     .metrics = {.log_loss = 0.25},
                                     .value = 0.3,
                                     .seconds = 2};
  made.trials[2] = (sy_family_trial){.family = SY_STUDY_BOOSTED, .trouble = "no XGBoost here"};
  return made;
}

static void tables_say_what_chose_and_what_was_left_out(void **state) {
  (void)state;
  sy_families families = make_families();
  char *text = NULL;
  assert_int_equal(sy_report_families(&families, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "1,234 unseen rows; the one of least cost per 1000 is kept\n"));
  assert_non_null(strstr(text, "+100 (-50.0 to +250)"));
  assert_non_null(strstr(text, "may be chance\n"));
  assert_non_null(strstr(text, "<- kept\n"));
  assert_non_null(strstr(text, "boosted     left out: no XGBoost here\n"));
  for (const char *line = text; *line; line = strchr(line, '\n') + 1)
    assert_true(strcspn(line, "\n") <= 100);
  free(text);
}

static void differences_that_are_sure_are_not_called_chance(void **state) {
  (void)state;
  sy_families families = make_families();
  char *text = NULL;
  families.trials[0].low = 0.05;
  strcpy(families.measure, "log-loss");
  assert_int_equal(sy_report_families(&families, &text, NULL), SY_OK);
  assert_null(strstr(text, "may be chance"));
  assert_non_null(strstr(text, "worse\n"));
  assert_non_null(strstr(text, "the one of least log-loss is kept"));
  assert_null(strstr(text, "cost"));
  free(text);
}

static void measures_of_which_more_is_better_say_so(void **state) {
  (void)state;
  sy_families families = make_families();
  char *text = NULL;
  strcpy(families.measure, "macro_f1");
  families.greater_is_better = true;
  assert_int_equal(sy_report_families(&families, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "the one of greatest macro_f1 is kept"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tables_say_what_chose_and_what_was_left_out),
      cmocka_unit_test(differences_that_are_sure_are_not_called_chance),
      cmocka_unit_test(measures_of_which_more_is_better_say_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
