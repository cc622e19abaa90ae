/* test_weights_explicit.c: explicit weights by id and by position, and what they are refused for.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/weights.h>

static const char *const words[] = {"cat", "dog", "owl"}, *const numbers[] = {"3", "1", "2"};

static sy_status weigh(const char *text, const char *const *classes, double *weights,
                       sy_error *error) {
  const double counts[] = {10, 20, 30};
  sy_policy *policy;
  sy_status status = sy_policy_parse(text, &policy, error);
  if (status != SY_OK) return status;
  status = sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, 3, weights, error);
  sy_policy_free(policy);
  return status;
}

static void check(const char *text, const char *const *classes, double a, double b, double c) {
  double weights[3];
  sy_error error;
  if (weigh(text, classes, weights, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  if (!(weights[0] == a && weights[1] == b && weights[2] == c))
    fail_msg("%s: %g %g %g", text, weights[0], weights[1], weights[2]);
}

static void check_refused(const char *text, const char *const *classes, const char *said) {
  double weights[3];
  sy_error error = {SY_OK, ""};
  assert_int_equal(weigh(text, classes, weights, &error), SY_INVALID_WEIGHT);
  if (!strstr(error.text, said)) fail_msg("'%s' does not hold '%s'", error.text, said);
}

static void ids_stand_for_classes(void **state) {
  (void)state;
  check("0=5,2=7,default=1", words, 5, 1, 7);
  check("2.0=7,dog=3,0=5", words, 5, 3, 7); /* as {0: 5, 'dog': 3, 2.0: 7} has it */
  check_refused("3=1,default=1", words, "'3', which is none of the 3 classes");
  check_refused("-1=1,default=1", words, "'-1'");
  check_refused("1.5=1,default=1", words, "'1.5'");
  check_refused("1=1,dog=2,default=1", words,
                "the weight of class 'dog' is given twice, by its name and by its id 1");
}

/* Where a class is called by an integer, an integer is a name. */
static void names_win_over_ids(void **state) {
  (void)state;
  check("3=5,1=6,2=7", numbers, 5, 6, 7);
  check_refused("0=1,default=1", numbers, "'0', which is none of the 3 classes");
  const char *const mixed[] = {"cat", "1", "owl"};
  check("1=5,default=2", mixed, 2, 5, 2);
  check_refused("0=5,default=2", mixed, "'0'");
}

static void positions_are_in_class_order(void **state) {
  (void)state;
  check("[5, 6,7]", words, 5, 6, 7);
  check("[5,6,7]", numbers, 5, 6, 7);
  check(" [0.5,-0,1e3 ] ", words, 0.5, 0, 1000);
  check_refused(
      "[1,2]", words,
      "2 weights are given by position, but there are 3 classes, in this order: cat, dog, "
      "owl");
  check_refused("[1]", words, "1 weight is given by position, but there are 3 classes");
  check_refused("[1,2,3,4]", numbers, "in this order: 3, 1, 2");
  check_refused("[1,x,3]", words, "the weight 'x' at position 2 is no number");
  check_refused("[1,,3]", words, "the weight '' at position 2 is no number");
  check_refused("[]", words, "the weight '' at position 1 is no number");
  check_refused("[1,2,-3]", words, "the weight -3 at position 3 is not usable");
  check_refused("[1,nan,3]", words, "the weight nan at position 2");
  check_refused("[1,2,3", words, "ending in ']'");
  check_refused("[1,2,3] 4", words, "ending in ']'");
}

/* A class may be called by a bracket: names have a '='. */
static void brackets_in_names(void **state) {
  (void)state;
  const char *const classes[] = {"[a]", "[b", "c"};
  check("[a]=1,[b=2,c=3", classes, 1, 2, 3);
}

static void positions_from_elsewhere(void **state) {
  (void)state;
  sy_error error;
  sy_policy *policy, *again;
  const double given[] = {0.5, 2, 0}, wrong[] = {1, INFINITY, 1};
  assert_int_equal(sy_policy_by_position(given, 3, &policy, &error), SY_OK);
  assert_string_equal(sy_policy_text(policy), "[0.5,2,0]");
  assert_int_equal(sy_policy_parse(sy_policy_text(policy), &again, &error), SY_OK);
  assert_string_equal(sy_policy_text(again), "[0.5,2,0]");
  const double counts[] = {1, 0, 1};
  double weights[3];
  assert_int_equal(sy_class_weights(policy, SY_NORMALIZE_NONE, numbers, counts, 3, weights, &error),
                   SY_OK);
  assert_true(weights[0] == 0.5 && weights[1] == 1 && weights[2] == 0); /* absent: 1 */
  sy_policy_free(policy);
  sy_policy_free(again);
  assert_int_equal(sy_policy_by_position(wrong, 3, &policy, &error), SY_INVALID_WEIGHT);
  assert_null(policy);
  assert_string_equal(error.text,
                      "the weight inf at position 2 is not usable; it must be 0 or more "
                      "and finite");
  assert_int_equal(sy_policy_by_position(given, 0, &policy, &error), SY_INVALID_WEIGHT);
  assert_string_equal(error.text, "no class weights are given");
}

/* The list of classes ends before it fills the message. */
static void many_classes_are_not_all_listed(void **state) {
  (void)state;
  enum { MANY = 300 };
  static char names[MANY][8];
  const char *classes[MANY];
  double counts[MANY], weights[MANY];
  for (size_t k = 0; k < MANY; k++) {
    memcpy(names[k], "c000", 5);
    names[k][1] = (char)('0' + k / 100);
    names[k][2] = (char)('0' + k / 10 % 10);
    names[k][3] = (char)('0' + k % 10);
    classes[k] = names[k];
    counts[k] = 1;
  }
  sy_policy *policy;
  sy_error error;
  assert_int_equal(sy_policy_parse("[1,2]", &policy, NULL), SY_OK);
  assert_int_equal(
      sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, MANY, weights, &error),
      SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "c000, c001, "));
  assert_non_null(strstr(error.text, " and 253 more"));
  sy_policy_free(policy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_stand_for_classes),
      cmocka_unit_test(names_win_over_ids),
      cmocka_unit_test(positions_are_in_class_order),
      cmocka_unit_test(brackets_in_names),
      cmocka_unit_test(positions_from_elsewhere),
      cmocka_unit_test(many_classes_are_not_all_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
