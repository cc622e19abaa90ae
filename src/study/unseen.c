#include "study/unseen.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "study/split.h"

static size_t count_judged(const sy_bench *bench, int folds) {
  size_t count = 0;
  for (size_t i = 0; i < bench->n; i++) count += bench->fold[i] >= 0 && bench->fold[i] < folds;
  return count;
}

static sy_status make_room(sy_unseen *unseen, bool weighted, sy_error *error) {
  size_t n = unseen->n;
  unseen->rows = sy_alloc(n, sizeof *unseen->rows);
  unseen->ids = sy_alloc(n, sizeof *unseen->ids);
  unseen->fold = sy_alloc(n, sizeof *unseen->fold);
  unseen->part = sy_alloc(n, sizeof *unseen->part);
  if (!unseen->rows || !unseen->ids || !unseen->fold || !unseen->part) return sy_fail_memory(error);
  if (weighted && !(unseen->row_weights = sy_alloc(n, sizeof(double))))
    return sy_fail_memory(error);
  if (unseen->n_varying == 0) return SY_OK;
  unseen->cost_values = sy_alloc(n, unseen->n_varying * sizeof(double));
  return unseen->cost_values ? SY_OK : sy_fail_memory(error);
}

static void list_row(const sy_bench *bench, const double *cost_values, size_t row, size_t at,
                     sy_unseen *unseen) {
  size_t width = unseen->n_varying;
  unseen->rows[at] = row;
  unseen->ids[at] = bench->ids[row];
  unseen->fold[at] = unseen->part[at] = bench->fold[row];
  if (unseen->row_weights) unseen->row_weights[at] = bench->row_weights[row];
  if (width == 0) return;
  memcpy(unseen->cost_values + at * width, cost_values + row * width, width * sizeof(double));
}

static void list_rows(const sy_bench *bench, const double *cost_values, sy_unseen *unseen) {
  size_t at = 0;
  for (int f = 0; f < bench->n_folds; f++) {
    for (size_t i = 0; i < bench->n; i++)
      if (bench->fold[i] == f) list_row(bench, cost_values, i, at++, unseen);
  }
}

/* A row that is alone of its class has no half of its own; it goes with the first. */
static sy_status halve(const sy_unseen *unseen, const uint32_t *groups, uint64_t seed,
                       sy_error *error) {
  uint32_t *codes = groups ? sy_alloc(unseen->n, sizeof *codes) : NULL;
  if (groups && !codes) return sy_fail_memory(error);
  for (size_t i = 0; codes && i < unseen->n; i++) codes[i] = groups[unseen->rows[i]];
  sy_status status = sy_split_parts(unseen->ids, unseen->n, unseen->n_classes, codes, 2, seed,
                                    SY_STREAM_HALVES, unseen->part, error);
  for (size_t i = 0; i < unseen->n; i++)
    if (unseen->part[i] < 0) unseen->part[i] = 0;
  free(codes);
  if (status != SY_INVALID_ARGUMENT || !error) return status;
  return sy_fail(error, status,
                 "what is chosen on one half of the test rows is judged on the other, and all of "
                 "them are of one group: test on folds (--test cv:5) or on a larger share");
}

/* Parts are the folds that have rows; a single one is cut in two. */
static sy_status cut_parts(sy_unseen *unseen, bool halves, const uint32_t *groups, uint64_t seed,
                           sy_error *error) {
  unseen->n_parts = 0;
  for (size_t i = 0; i < unseen->n; i++) {
    bool fresh = i == 0 || unseen->fold[i] != unseen->fold[i - 1];
    if (fresh) unseen->n_parts++;
    unseen->part[i] = unseen->n_parts - 1;
  }
  if (unseen->n_parts != 1 || !halves) return SY_OK;
  unseen->n_parts = 2;
  return halve(unseen, groups, seed, error);
}

sy_status sy_unseen_make(const sy_bench *bench, const double *cost_values, size_t n_varying,
                         bool halves, const uint32_t *groups, uint64_t seed, sy_unseen *unseen,
                         sy_error *error) {
  *unseen = (sy_unseen){.n = count_judged(bench, bench->n_folds),
                        .n_tested = count_judged(bench, bench->n_tested),
                        .n_classes = bench->n_classes,
                        .n_varying = n_varying};
  sy_status status = make_room(unseen, bench->row_weights != NULL, error);
  if (status != SY_OK) return status;
  list_rows(bench, cost_values, unseen);
  return cut_parts(unseen, halves, groups, seed, error);
}

void sy_unseen_clear(sy_unseen *unseen) {
  free(unseen->rows);
  free(unseen->ids);
  free(unseen->row_weights);
  free(unseen->cost_values);
  free(unseen->fold);
  free(unseen->part);
  *unseen = (sy_unseen){0};
}

void sy_line_clear(sy_line *line) {
  sy_policy_free(line->owned);
  free(line->log_probabilities);
  free(line->class_weights);
  free(line->decisions);
  sy_course_clear(&line->course);
  *line = (sy_line){0};
}
