/* policy_median.c: the class in the middle weighs 1 (Eigen & Fergus 2015, median frequency
 * balancing). Theirs is for images: a class is as frequent as its share of the pixels of those
 * images that hold it, so one that fills the few images it is in is not taken for rare. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/policies.h"

#include <string.h>

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Sorts the values. */
static double median(double *values, size_t n) {
  qsort(values, n, sizeof *values, compare);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy;
  size_t n = shares->n_classes;
  double *sorted = sy_alloc(n, sizeof *sorted);
  if (!sorted) return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++)
    weights[k] = shares->holding ? shares->counts[k] / shares->holding[k] : shares->counts[k];
  memcpy(sorted, weights, n * sizeof *sorted);
  double middle = median(sorted, n);
  free(sorted);
  for (size_t k = 0; k < n; k++) weights[k] = middle / weights[k];
  return SY_OK;
}

const sy_policy_kind sy_policy_median = {.name = "median",
                                         .form = "median",
                                         .formula = "median of n_j / n_k",
                                         .listed = {"median"},
                                         .weigh = weigh};
