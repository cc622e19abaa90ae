/* test_xgboost_library.c: where XGBoost's library is looked for: a file in which no name is known
 * that any machine has, so that it is absent until its place is told. What is found is kept for the
 * life of a process, so each test has one of its own. */
#ifdef SY_XGBOOST
#undef SY_XGBOOST_PATH
#define SY_XGBOOST_NAMES "libno-such-trees.so.0"
#include "fit/boosted/xgboost_library.c"
#endif

#include "boosted_calls.h"

#include <steelyard/steelyard.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs it in a process of its own, in which it is to end with 0. */
static void in_a_process(int (*check)(void)) {
  int status = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(check());
  assert_true(waitpid(child, &status, 0) == child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* Status of a short training; its message in *error. */
static sy_status train(sy_predictor **made, sy_error *error) {
  forest_world world = new_forest_world(50, 2, 1);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(2);
  sy_status status = sy_fit_boosted(&data, &options, NULL, made, NULL, error);
  free_forest_world(&world);
  return status;
}

static int is_refused(void) {
  sy_predictor *made = NULL;
  sy_error error = {0};
  if (train(&made, &error) != SY_UNSUPPORTED || made) return 1;
  if (sy_xgboost_version()) return 2;
  return !strstr(error.text, "XGBoost") || !strstr(error.text, "install") ||
         strchr(error.text, '\n');
}

/* Without XGBoost nothing is looked at. */
static void test_absent(void **state) {
  (void)state;
  in_a_process(is_refused);
}

static int is_refused_at_a_wrong_place(void) {
  return sy_xgboost_locate("/no/such/libxgboost.so", NULL) != SY_OK || is_refused() != 0;
}

static void test_wrong_place(void **state) {
  (void)state;
  in_a_process(is_refused_at_a_wrong_place);
}

static void test_long_path(void **state) {
  (void)state;
  static char path[5000];
  sy_error error = {0};
  memset(path, 'x', sizeof path - 1);
  assert_int_equal(sy_xgboost_locate(path, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "4999 bytes"));
}

#ifdef XGBOOST_LIBRARY

static int trains_where_told(void) {
  sy_predictor *made = NULL;
  if (sy_xgboost_locate("/no/such/libxgboost.so", NULL) != SY_OK) return 1;
  if (sy_xgboost_locate(XGBOOST_LIBRARY, NULL) != SY_OK) return 2;
  if (!sy_xgboost_version() || train(&made, NULL) != SY_OK) return 3;
  sy_predictor_free(made);
  return 0;
}

/* The place that was told last. */
static void test_located(void **state) {
  (void)state;
  in_a_process(trains_where_told);
}

static int takes_back(void) {
  if (sy_xgboost_locate(XGBOOST_LIBRARY, NULL) || sy_xgboost_locate(NULL, NULL)) return 1;
  return is_refused();
}

static void test_taken_back(void **state) {
  (void)state;
  in_a_process(takes_back);
}

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_absent),    cmocka_unit_test(test_wrong_place),
      cmocka_unit_test(test_long_path),
#ifdef XGBOOST_LIBRARY
      cmocka_unit_test(test_located),   cmocka_unit_test(test_taken_back),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
