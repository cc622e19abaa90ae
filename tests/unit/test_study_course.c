/* How long a network is trained, and the note that tells how that went. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/curve.h"
#include "study/course.h"

enum { LONGEST = 1000 };

/* A training of `epochs` epochs that was best at `best`. */
static sy_training_result result_of(sy_epoch *curve, int restart, int epochs, int best,
                                    double held) {
  for (int e = 1; e <= epochs; e++)
    curve[e - 1] = (sy_epoch){.restart = restart,
                              .epoch = e,
                              .loss = 1.0 / e,
                              .held_loss = held + e,
                              .held_accuracy = 0.5,
                              .best = e <= best};
  return (sy_training_result){.curve = curve, .n_curve = (size_t)epochs};
}

static void the_median_of_the_best_epochs_is_taken(void **state) {
  (void)state;
  const int best[] = {7, 2, 30, 9};
  const int medians[] = {7, 5, 7, 8}; /* of the first one, two, ..; halves up */
  static sy_epoch curve[LONGEST];
  sy_course course = {0};
  assert_int_equal(sy_course_epochs(&course), 0);
  for (int i = 0; i < 4; i++) {
    sy_training_result one = result_of(curve, 1, best[i] + 3, best[i], i);
    assert_int_equal(sy_course_add(&course, &one, NULL), SY_OK);
    assert_int_equal(sy_course_epochs(&course), medians[i]);
  }
  sy_course_clear(&course);
}

static void restarts_count_one_by_one(void **state) {
  (void)state;
  static sy_epoch curve[LONGEST];
  sy_course course = {0};
  result_of(curve, 1, 10, 4, 0);
  result_of(curve + 10, 2, 20, 12, 0);
  sy_training_result both = result_of(curve + 30, 3, 8, 6, 0);
  both.curve = curve;
  both.n_curve = 38;
  assert_int_equal(sy_course_add(&course, &both, NULL), SY_OK);
  assert_int_equal(course.n, 3);
  assert_int_equal(sy_course_epochs(&course), 6);
  sy_course_clear(&course);
}

static void held_figures_are_means_of_those_that_came_so_far(void **state) {
  (void)state;
  static sy_epoch curve[LONGEST], kept[LONGEST];
  sy_course course = {0};
  sy_training_result one = result_of(curve, 1, 3, 2, 10);
  assert_int_equal(sy_course_add(&course, &one, NULL), SY_OK);
  one = result_of(curve, 1, 2, 1, 20);
  assert_int_equal(sy_course_add(&course, &one, NULL), SY_OK);
  sy_training_result told = result_of(kept, 1, 5, 5, 0);
  sy_course_tell(&course, &told);
  assert_true(kept[0].held_loss == 16 && kept[1].held_loss == 17 && kept[2].held_loss == 13);
  assert_true(isnan(kept[3].held_loss) && isnan(kept[4].held_accuracy));
  assert_true(kept[2].held_accuracy == 0.5);
  assert_true(kept[4].loss == 1.0 / 5);
  sy_course_clear(&course);
}

static void a_curve_is_a_short_text_that_reads_back(void **state) {
  (void)state;
  static sy_epoch curve[LONGEST];
  sy_training_result result = result_of(curve, 1, 3, 3, 0.25);
  curve[2].held_loss = curve[2].held_accuracy = NAN;
  char *text = sy_curve_text(&result);
  assert_string_equal(text, "1:1/1.25/0.5 2:0.5/2.25/0.5 3:0.3333/-/-");
  sy_text table = {0};
  sy_put_curve(&table, text, false);
  assert_non_null(strstr(table.data, "training curve\n  epoch "));
  assert_non_null(strstr(table.data, "0.3333"));
  assert_non_null(strstr(table.data, "2.2500"));
  free(table.data);
  free(text);
  result = result_of(curve, 1, LONGEST, 3, 0.25);
  text = sy_curve_text(&result);
  size_t points = 1;
  for (const char *at = text; *at; at++) points += *at == ' ';
  assert_in_range(points, 195, 205);
  assert_non_null(strstr(text, " 1000:0.001/"));
  table = (sy_text){0};
  sy_put_curve(&table, text, true);
  assert_non_null(strstr(table.data, "training curve\n  round "));
  size_t lines = 0;
  for (const char *at = table.data; *at; at++) lines += *at == '\n';
  assert_in_range(lines, 10, 16);
  free(table.data);
  free(text);
}

static void what_is_no_curve_is_no_table(void **state) {
  (void)state;
  const char *const notes[] = {NULL, "", "x", "1", ":", "-:1/1/1", "1:a/2/3"};
  for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
    sy_text table = {0};
    sy_put_curve(&table, notes[i], false);
    assert_int_equal(table.length, 0);
    free(table.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_median_of_the_best_epochs_is_taken),
      cmocka_unit_test(restarts_count_one_by_one),
      cmocka_unit_test(held_figures_are_means_of_those_that_came_so_far),
      cmocka_unit_test(a_curve_is_a_short_text_that_reads_back),
      cmocka_unit_test(what_is_no_curve_is_no_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
