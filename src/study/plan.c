/* plan.c: which rows judge which model. */
#include "study/run.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { INNER_FOLDS = 5, INNER_SHARE_FROM_ROWS = 100000 };
static const double INNER_SHARE = 0.2;

bool sy_run_chooses(const sy_run *run) {
  return sy_run_chooses_map(run) || run->options->tune || run->options->automatic;
}

static void use_mask(sy_bench *bench, const uint8_t *mask, int fold) {
  for (size_t i = 0; i < bench->n; i++)
    if (mask[i] && bench->ids[i] != SY_IGNORED && bench->fold[i] < 0) bench->fold[i] = fold;
  bench->n_folds = fold + 1;
}

static sy_status draw_share(sy_run *run, const int32_t *ids, double share, sy_error *error) {
  sy_bench *bench = &run->bench;
  uint8_t *test = sy_alloc(bench->n, 1);
  if (!test) return sy_fail_memory(error);
  sy_status status = sy_split_share(ids, bench->n, bench->n_classes, run->data->groups, share,
                                    run->options->seed, test, error);
  if (status == SY_OK) use_mask(bench, test, bench->n_folds);
  free(test);
  return status;
}

static sy_status plan_test(sy_run *run, sy_error *error) {
  sy_bench *bench = &run->bench;
  const sy_study_options *options = run->options;
  switch (options->test) {
  case SY_TEST_FOLDS:
    bench->n_folds = options->folds;
    return sy_split_folds(bench->ids, bench->n, bench->n_classes, run->data->groups, options->folds,
                          options->seed, bench->fold, error);
  case SY_TEST_SHARE:
    return draw_share(run, bench->ids, options->share, error);
  case SY_TEST_MASK:
    use_mask(bench, run->data->test_mask, 0);
    break;
  case SY_TEST_NONE:
  case SY_TEST_OTHER:
    break;
  }
  return SY_OK;
}

/* Groups may be fewer than folds: then as many as there are, so that no option is in the way. */
static sy_status inner_folds(sy_run *run, const int32_t *ids, int32_t *fold, int *folds,
                             sy_error *error) {
  const sy_bench *bench = &run->bench;
  sy_status status = SY_INVALID_ARGUMENT;
  for (*folds = INNER_FOLDS; *folds >= 2 && status == SY_INVALID_ARGUMENT; --*folds) {
    status = sy_split_folds(ids, bench->n, bench->n_classes, run->data->groups, *folds,
                            run->options->seed, fold, error);
  }
  ++*folds;
  return status;
}

/* `ids`: those of the rows that are not in the test. */
static sy_status cut_inner(sy_run *run, const int32_t *ids, sy_error *error) {
  sy_bench *bench = &run->bench;
  size_t n = 0;
  for (size_t i = 0; i < bench->n; i++) n += ids[i] != SY_IGNORED;
  if (n >= INNER_SHARE_FROM_ROWS) return draw_share(run, ids, INNER_SHARE, error);
  int32_t *fold = sy_alloc(bench->n, sizeof *fold);
  int folds = 0;
  if (!fold) return sy_fail_memory(error);
  sy_status status = inner_folds(run, ids, fold, &folds, error);
  for (size_t i = 0; status == SY_OK && i < bench->n; i++)
    if (fold[i] >= 0) bench->fold[i] = bench->n_folds + fold[i];
  bench->n_folds += folds;
  free(fold);
  return status;
}

static sy_status plan_inner(sy_run *run, sy_error *error) {
  const sy_bench *bench = &run->bench;
  int32_t *ids = sy_alloc(bench->n, sizeof *ids);
  if (!ids) return sy_fail_memory(error);
  for (size_t i = 0; i < bench->n; i++) ids[i] = bench->fold[i] < 0 ? bench->ids[i] : SY_IGNORED;
  sy_status status = cut_inner(run, ids, error);
  free(ids);
  return status;
}

static sy_status check_sides(const sy_run *run, sy_error *error) {
  const sy_bench *bench = &run->bench;
  size_t judged = 0, present = 0;
  for (size_t i = 0; i < bench->n; i++) {
    judged += bench->fold[i] >= 0;
    present += bench->ids[i] != SY_IGNORED;
  }
  if (judged == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "no row is left to test on: give more rows, or test nothing (--test none)");
  if (bench->n_folds == 1 && judged == present)
    return sy_fail(error, SY_INVALID_ARGUMENT, "every row is a test row: none is left to train on");
  return SY_OK;
}

sy_status sy_run_plan(sy_run *run, sy_error *error) {
  sy_bench *bench = &run->bench;
  sy_test_kind kind = run->options->test;
  sy_status status = plan_test(run, error);
  bench->n_tested = bench->n_folds;
  if (status == SY_OK && bench->n_folds > 0) status = check_sides(run, error);
  bool spare = kind == SY_TEST_FOLDS || kind == SY_TEST_SHARE;
  if (status == SY_OK && sy_run_chooses(run) && !spare) status = plan_inner(run, error);
  return status;
}
