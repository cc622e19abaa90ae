#include "test_rows.h"

#include <math.h>
#include <string.h>

#include "say.h"

static int read_folds(const char *text, test_plan *plan) {
  double folds;
  bool good = sy_number_parse(text, &folds) && folds >= 2 && folds <= 1e6 && folds == floor(folds);
  if (!good) return say_usage("--test cv:%s: the number of folds is a whole number from 2", text);
  plan->kind = SY_TEST_FOLDS;
  plan->folds = (int)folds;
  return EXIT_DONE;
}

static int read_share(double share, const char *text, test_plan *plan) {
  if (!(share > 0 && share < 1))
    return say_usage("--test %s: a share of the rows lies between 0 and 1; folds are asked for as "
                     "cv:5",
                     text);
  plan->kind = SY_TEST_SHARE;
  plan->share = share;
  return EXIT_DONE;
}

int test_plan_read(const settings *given, test_plan *plan) {
  *plan = (test_plan){.folds = TEST_FOLDS, .share = TEST_SHARE};
  const char *test = given->test;
  double share;
  if (test && given->test_after)
    return say_usage("--test and --test-after are two ways to choose the test rows: give one");
  if (given->group && given->sequence)
    return say_usage("--group and --sequence both say which rows stay together: give one, the "
                     "wider of them");
  if (given->test_after && (given->group || given->sequence))
    return say_usage("--test-after splits by time and %s by groups: give one (a query can leave "
                     "out the groups on both sides)",
                     given->group ? "--group" : "--sequence");
  if (given->test_after) {
    plan->kind = SY_TEST_MASK;
    return EXIT_DONE;
  }
  if (!test) {
    plan->automatic = true;
    return EXIT_DONE;
  }
  if (strncmp(test, "cv:", 3) == 0) return read_folds(test + 3, plan);
  if (sy_number_parse(test, &share)) return read_share(share, test, plan);
  bool none = strcmp(test, "none") == 0;
  if (!*test) return say_usage("--test takes cv:K, a share, a SOURCE or none");
  plan->kind = none ? SY_TEST_NONE : SY_TEST_OTHER;
  plan->source = none ? NULL : test;
  return EXIT_DONE;
}

int test_plan_settle(test_plan *plan, size_t rows) {
  if (plan->automatic) {
    plan->kind = rows < TEST_SHARE_FROM_ROWS ? SY_TEST_FOLDS : SY_TEST_SHARE;
    if (rows >= 2 && rows < (size_t)plan->folds) plan->folds = (int)rows;
  }
  if (plan->kind != SY_TEST_FOLDS || (size_t)plan->folds <= rows) return EXIT_DONE;
  return say_usage("--test cv:%d: there are more folds than rows (%zu)", plan->folds, rows);
}

char *test_plan_text(const test_plan *plan, const settings *given) {
  char number[SY_NUMBER_SIZE];
  switch (plan->kind) {
  case SY_TEST_NONE:
    return text_copy("none");
  case SY_TEST_FOLDS:
    return text_format("cv:%d", plan->folds);
  case SY_TEST_SHARE:
    return text_copy(sy_number_format(plan->share, number));
  case SY_TEST_MASK:
    return text_format("after %s", given->test_after);
  case SY_TEST_OTHER:
    break;
  }
  return text_copy("another source");
}
