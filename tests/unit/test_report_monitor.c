/* test_report_monitor.c: the screen of rows without labels. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report_width.h"
#include <steelyard/report.h>

enum { MOST = 60 };

/* A monitor of made-up figures, in memory of its own that is overwritten by the next. */
static sy_monitor make(size_t n_classes, size_t n_columns, bool known) {
  static double shares[MOST];
  static sy_watched_column columns[MOST];
  for (size_t k = 0; k < n_classes; k++) shares[k] = 1.0 / (double)n_classes;
  for (size_t i = 0; i < n_columns; i++)
    columns[i] = (sy_watched_column){
        .name = "a column with a name that is longer than any table has room for",
        .type = i % 2 ? SY_COLUMN_TEXT : SY_COLUMN_NUMBER,
        .missing = 0.123456,
        .missing_training = known ? 1e-7 : (double)NAN,
        .unseen = i % 2 ? 0.999999999 : (double)NAN,
        .psi = known ? 123.45678 : (double)NAN,
        .psi_expected = 0.1,
        .psi_chance = known ? 0.01 : (double)NAN,
        .mean_difference = i % 2 ? (double)NAN : -1e12,
        .shift = !known   ? SY_SHIFT_UNKNOWN
                 : i < 30 ? SY_SHIFT_LARGE
                          : SY_SHIFT_NONE};
  return (sy_monitor){.n_classes = n_classes,
                      .positive = n_classes == 2 ? 1 : -1,
                      .rows = 1234567,
                      .decided = shares,
                      .mean_probability = shares,
                      .has_prior = known,
                      .trained_prior = known ? shares : NULL,
                      .prior = {n_classes, shares, shares, shares, 3, true},
                      .has_profiles = known,
                      .n_columns = n_columns,
                      .columns = columns};
}

static char *report(const sy_monitor *monitor, const char *const *classes) {
  char *text = NULL;
  sy_error error;
  assert_int_equal(sy_report_monitor(monitor, "heading", classes, &text, &error), SY_OK);
  return text;
}

static void stays_within_the_screen(void **state) {
  (void)state;
  const char *classes[MOST];
  for (size_t k = 0; k < MOST; k++)
    classes[k] = "a class that is called \xC3\xA4hnlich, at greater length than anybody would";
  for (int known = 0; known < 2; known++)
    for (size_t n = 2; n <= MOST; n += 29) {
      sy_monitor monitor = make(n, n, known);
      char *text = report(&monitor, classes);
      assert_fits(text);
      free(text);
    }
}

static void has(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("no '%s' in\n%s", part, text);
}

static void says_what_it_found(void **state) {
  (void)state;
  const char *const classes[] = {"no", "yes"};
  double decided[] = {0.9, 0.1}, mean[] = {0.8, 0.2}, was[] = {0.95, 0.05};
  double now[] = {0.7, 0.3}, low[] = {0.65, 0.25}, high[] = {0.75, 0.35};
  sy_watched_column column = {.name = "age",
                              .missing = 0.5,
                              .missing_training = 0.25,
                              .unseen = NAN,
                              .psi = 0.05,
                              .psi_chance = 0.09,
                              .mean_difference = 0.125,
                              .shift = SY_SHIFT_NONE};
  sy_monitor monitor = make(2, 1, true);
  monitor.decided = decided;
  monitor.mean_probability = mean;
  monitor.trained_prior = was;
  monitor.prior = (sy_prior_estimate){2, now, low, high, 3, true};
  monitor.columns = &column;
  char *text = report(&monitor, classes);
  has(text, "heading\n\nclass ");
  has(text, "10.0 %       20.0 %         5.0 %          30.0 % (25.0 to 35.0 %)\n");
  has(text, "0.050      0.090  no shift");
  has(text, "25.0 %  50.0 %        -\n");
  has(text, "No column moved by more than chance and the rule of thumb.\n");
  has(text,
      "'yes' seems to be 30.0 % of the rows now, 5.0 % in training. steelyard decide --prior");
  free(text);
  column.shift = SY_SHIFT_SOME;
  text = report(&monitor, classes);
  has(text, "1 of 1 column moved");
  has(text, "perhaps far off if columns moved by themselves");
  free(text);
  low[0] = low[1] = 0; /* the interval holds what was: nothing to say */
  high[0] = high[1] = 1;
  text = report(&monitor, classes);
  assert_null(strstr(text, "seems to be"));
  free(text);
  monitor.has_prior = monitor.has_profiles = false;
  text = report(&monitor, classes);
  has(text, "no profiles of its columns");
  has(text, "does not know the shares of its classes");
  free(text);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  const char *const classes[] = {"no", "yes"};
  sy_monitor monitor = make(2, 40, true);
  double low[] = {0.6, 0.1};
  monitor.prior.low = low;
  bool done = false;
  for (size_t n = 1; !done; n++) {
    char *text = NULL;
    sy_error error;
    sy_memory_fail_nth(n);
    sy_status status = sy_report_monitor(&monitor, "heading", classes, &text, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stays_within_the_screen),
      cmocka_unit_test(says_what_it_found),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
