/* rows.c: what is evaluated is checked once, up front, and summed in one fixed order. */
#include "evaluate/rows.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>

static bool is_class(int32_t id, size_t n_classes) {
  return id >= 0 && (size_t)id < n_classes;
}

static sy_status fail_id(const char *what, int32_t id, size_t i, size_t n_classes,
                         sy_error *error) {
  return sy_fail(error, SY_INVALID_LABEL, "%s %ld at row %zu is outside the %zu classes 0..%zu",
                 what, (long)id, i + 1, n_classes, n_classes - 1);
}

static sy_status check_row(const sy_rows *rows, const int32_t *decisions, size_t i,
                           sy_error *error) {
  if (!is_class(rows->ids[i], rows->n_classes))
    return fail_id("class", rows->ids[i], i, rows->n_classes, error);
  if (decisions && !is_class(decisions[i], rows->n_classes))
    return fail_id("decision", decisions[i], i, rows->n_classes, error);
  double weight = sy_rows_weight(rows, i);
  if (weight >= 0 && isfinite(weight)) return SY_OK;
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "row weight %s at row %zu: weights must be finite and not negative",
                 sy_number_format(weight, shown), i + 1);
}

sy_status sy_rows_check(const sy_rows *rows, const int32_t *decisions, sy_error *error) {
  bool any = false, any_weight = false;
  if (rows->n_classes == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "there are no classes to evaluate");
  for (size_t i = 0; i < rows->n; i++) {
    if (rows->ids[i] == SY_IGNORED) continue;
    sy_status status = check_row(rows, decisions, i, error);
    if (status != SY_OK) return status;
    any = true;
    if (sy_rows_weight(rows, i) > 0) any_weight = true;
  }
  if (!any)
    return sy_fail(error, SY_NO_ROWS, "there are no rows to evaluate%s",
                   rows->n ? ": all of them are ignored" : "");
  if (!any_weight) return sy_fail(error, SY_NO_WEIGHT, "all rows to evaluate have weight 0");
  return SY_OK;
}

sy_status sy_rows_check_costs(const sy_rows *rows, const sy_costs *costs, sy_error *error) {
  if (!costs) return SY_OK;
  if (costs->n_classes != rows->n_classes)
    return sy_fail(error, SY_INVALID_ARGUMENT, "costs of %zu classes for rows of %zu",
                   costs->n_classes, rows->n_classes);
  for (size_t i = 0; i < rows->n && costs->n_varying > 0; i++) {
    if (!(sy_rows_weight(rows, i) > 0)) continue;
    for (size_t v = 0; v < costs->n_varying; v++) {
      double value = costs->values[i * costs->n_varying + v];
      char shown[SY_NUMBER_SIZE];
      if (!isfinite(value))
        return sy_fail(error, SY_INVALID_COST, "cost %s at row %zu: costs must be finite",
                       sy_number_format(value, shown), i + 1);
    }
  }
  return SY_OK;
}

enum { ROWS_BLOCK = 1024 };

typedef struct sum_job {
  sy_rows_fn fn;
  const void *context;
  size_t n, width;
  double *slots;
} sum_job;

static void sum_block(void *context, size_t block) {
  const sum_job *job = context;
  size_t first = block * ROWS_BLOCK;
  size_t end = job->n - first < ROWS_BLOCK ? job->n : first + ROWS_BLOCK;
  job->fn(job->context, first, end, job->slots + block * job->width);
}

sy_status sy_rows_sum(size_t n, size_t width, sy_rows_fn fn, const void *context, double *totals,
                      sy_error *error) {
  size_t n_blocks = (n + ROWS_BLOCK - 1) / ROWS_BLOCK;
  double *slots = sy_alloc_zero(n_blocks, width * sizeof *slots);
  if (!slots) return sy_fail_memory(error);
  sum_job job = {fn, context, n, width, slots};
  sy_parallel_blocks(n_blocks, sum_block, &job);
  sy_tree_sum(slots, n_blocks, width);
  for (size_t j = 0; j < width; j++) totals[j] = n_blocks ? slots[j] : 0;
  free(slots);
  return SY_OK;
}
