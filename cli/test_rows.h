/* test_rows.h: --test: which rows judge a model. */
#ifndef CLI_TEST_ROWS_H
#define CLI_TEST_ROWS_H

#include <steelyard/study.h>

#include "settings.h"

/* The default: folds where that is quick, a share where one training is long enough. */
#define TEST_FOLDS           5
#define TEST_SHARE           0.2
#define TEST_SHARE_FROM_ROWS 100000
#define TEST_DEFAULT_WORDS   "cv:5 below 100,000 rows, else 0.2"

typedef struct test_plan {
  bool automatic; /* nothing was asked for: test_plan_settle chooses */
  sy_test_kind kind;
  int folds;
  double share;
  const char *source; /* for SY_TEST_OTHER */
} test_plan;

/* Reads --test and whether --test-after is there; an exit code, having said what is wrong. */
int test_plan_read(const settings *given, test_plan *plan);

/* Chooses by the number of rows where nothing was asked for; refuses more folds than rows. */
int test_plan_settle(test_plan *plan, size_t rows);

/* The plan as text, for the notes of a model ("cv:5", "0.25", "another source", "none"); free(). */
char *test_plan_text(const test_plan *plan, const settings *given);

#endif
