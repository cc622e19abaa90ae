/* weka.c: a cost matrix of Weka's CostSensitiveClassifier, rows being actual classes: whoever
 * mistakes class k pays its weight. */
#include "base/error.h"
#include "base/memory.h"
#include "dialect/cost_file.h"
#include "dialect/putting.h"

#include <string.h>

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  size_t n = written->n;
  if (n < 2)
    return sy_fail(error, SY_INVALID_ARGUMENT, "a cost matrix needs mistakes: two or more classes");
  sy_put_order(text, "% ", "actual class of each row", 0, written);
  sy_text_add(text, "%zu %zu\n", n, n);
  for (size_t k = 0; k < n; k++) {
    char number[SY_NUMBER_SIZE];
    sy_number_format(written->weights[k], number);
    for (size_t j = 0; j < n; j++)
      sy_text_add(text, "%s%s", j > 0 ? " " : "", j == k ? "0" : number);
    sy_text_put(text, "\n");
  }
  return SY_OK;
}

/* What all mistakes of class k cost; fails where that is not one number. */
static sy_status row_weight(const double *row, size_t n, size_t k, double *weight,
                            sy_error *error) {
  *weight = row[k == 0];
  for (size_t j = 0; j < n; j++)
    if (row[j] != (j == k ? 0 : *weight))
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "row %zu of the cost matrix is more than a class weight: its mistakes cost "
                     "differently; give it as a cost matrix",
                     k + 1);
  return SY_OK;
}

static sy_status read_weights(const double *cost, size_t n, double *weights, sy_policy **policy,
                              sy_error *error) {
  for (size_t k = 0; k < n; k++) {
    sy_status status = row_weight(cost + k * n, n, k, &weights[k], error);
    if (status != SY_OK) return status;
  }
  return sy_policy_by_position(weights, n, policy, error);
}

static sy_status read_text(const char *text, sy_policy **policy, sy_error *error) {
  size_t n;
  if (!sy_cost_file_size(text, &n)) return SY_OK;
  /* A cell takes two bytes at least; no more memory is asked for than the text is long. */
  if (n < 2 || n > strlen(text) / n)
    return sy_fail(error, SY_INVALID_COST,
                   "a cost matrix of %zu x %zu: so many rows of so many costs, two or more, would "
                   "be right",
                   n, n);
  double *cost = sy_alloc(n * n, sizeof *cost), *weights = sy_alloc(n, sizeof *weights);
  sy_status status =
      cost && weights ? sy_dialect_read_cost(text, n, cost, error) : sy_fail_memory(error);
  if (status == SY_OK) status = read_weights(cost, n, weights, policy, error);
  free(cost);
  free(weights);
  return status;
}

const sy_dialect sy_dialect_weka = {.name = "weka",
                                    .form = "CostSensitiveClassifier -C FILE.cost",
                                    .write = write,
                                    .read_text = read_text};
