/* What a study chooses: the same on any number of threads, refused where it cannot be, and whole
 * where memory is lacking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study_world.h"

static sy_study_options everything(sy_objective *chooser, sy_tune_options *tune) {
  sy_study_options options = sy_study_options_default();
  *chooser = objective_of("macro_f1");
  *tune = tuned_for("balanced_accuracy");
  tune->samples = 20;
  options.automatic = chooser;
  options.tune = tune;
  options.calibrate = SY_STUDY_CALIBRATE_ISOTONIC;
  options.folds = 2;
  return options;
}

static void threads_do_not_matter(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  sy_objective chooser;
  sy_tune_options tune;
  sy_study_options options = everything(&chooser, &tune);
  sy_threads_set(1);
  sy_study one = run_study(&w.data, &options);
  sy_threads_set(4);
  sy_study four = run_study(&w.data, &options);
  sy_threads_set(0);
  assert_same_rows(&one.test.rows, &four.test.rows);
  assert_same_rows(&one.train.rows, &four.train.rows);
  assert_memory_equal(one.path.points, four.path.points, 11 * sizeof *one.path.points);
  assert_memory_equal(sy_model_cost(one.model), sy_model_cost(four.model), 9 * sizeof(double));
  assert_true(one.tuned_rule.value_low == four.tuned_rule.value_low);
  sy_study_clear(&one);
  sy_study_clear(&four);
  sy_labels_free(w.labels);
}

static void what_cannot_be_chosen_is_refused(void **state) {
  (void)state;
  static world w;
  sy_error error = {0};
  sy_study study;
  make_world(&w, 3);
  sy_study_options options = sy_study_options_default();
  sy_objective cost = sy_objective_cost(), f1 = objective_of("f1");
  options.automatic = &cost;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "say what mistakes cost"));
  options.automatic = &f1;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "'macro_f1'"));
  options.automatic = NULL;
  options.calibrate = SY_STUDY_CALIBRATE_REFIT;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "give class weights"));
  sy_objective macro = objective_of("macro_f1");
  options.automatic = &macro;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "give a policy"));
  /* All test rows of one group cannot choose on one half and judge on the other. */
  static uint32_t groups[ROWS];
  for (size_t i = 0; i < ROWS; i++) groups[i] = (uint32_t)(i % 5);
  sy_tune_options tune = tuned_for("macro_f1");
  options = sy_study_options_default();
  options.test = SY_TEST_SHARE;
  options.tune = &tune;
  w.data.groups = groups;
  assert_int_equal(sy_study_run(&w.data, &options, &study, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "of one group"));
  sy_labels_free(w.labels);
}

/* Every allocation fails once: told, and all released. One thread: failures count by thread. */
static void choices_survive_no_memory(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_objective chooser;
  sy_tune_options tune;
  sy_study_options options = everything(&chooser, &tune);
  size_t n = 1;
  tune.samples = 2;
  options.test = SY_TEST_SHARE;
  sy_threads_set(1);
  for (bool struck = true; struck; n += 1 + n / 40) { /* later ones repeat those of the folds */
    sy_study study;
    sy_memory_fail_nth(n);
    sy_status status = sy_study_run(&w.data, &options, &study, NULL);
    struck = sy_memory_fail_nth(0) == 0;
    assert_true(status == SY_OK || (struck && status == SY_OUT_OF_MEMORY));
    if (status == SY_OK)
      sy_study_clear(&study);
    else
      assert_true(!study.model && !study.path.points && !study.test.ways);
  }
  sy_threads_set(0);
  assert_true(n > 100);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(what_cannot_be_chosen_is_refused),
      cmocka_unit_test(choices_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
