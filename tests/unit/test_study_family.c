/* Families of models by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <steelyard/steelyard.h>

static void names_read_back(void **state) {
  (void)state;
  sy_study_family family = SY_STUDY_LOGISTIC;
  assert_int_equal(sy_study_family_parse("mlp", &family, NULL), SY_OK);
  assert_int_equal(family, SY_STUDY_MLP);
  assert_string_equal(sy_study_family_name(family), "mlp");
  assert_int_equal(sy_study_family_parse("logistic", &family, NULL), SY_OK);
  assert_int_equal(family, SY_STUDY_LOGISTIC);
  assert_string_equal(sy_study_family_name(family), "logistic");
}

static void others_are_refused_with_a_list(void **state) {
  (void)state;
  sy_study_family family = SY_STUDY_MLP;
  sy_error error;
  assert_int_equal(sy_study_family_parse("forest", &family, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "there is no model 'forest': logistic, mlp or boosted");
  assert_int_equal(family, SY_STUDY_MLP);
}

static void the_default_is_logistic_without_a_checkpoint(void **state) {
  (void)state;
  sy_study_options options = sy_study_options_default();
  assert_int_equal(options.family, SY_STUDY_LOGISTIC);
  assert_true(options.held_share == 0.1 && options.checkpoint.seconds == 5);
  assert_null(options.checkpoint.path);
  assert_null(options.checkpoint.resume);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_read_back),
      cmocka_unit_test(others_are_refused_with_a_list),
      cmocka_unit_test(the_default_is_logistic_without_a_checkpoint),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
