/* label_split.c: strata of rows with several labels. Combinations of labels are too many to be
 * spread over folds; the rarest label of a row is what most needs spreading. */
#include <steelyard/study_labels.h>

#include "base/error.h"
#include "base/memory.h"

static bool takes_part(const double *row_weights, size_t i) {
  return !row_weights || row_weights[i] > 0;
}

/* Of the labels of a row that are open, the one of least weight; L where there is none. */
static size_t rarest_of(const uint8_t *row, size_t n_labels, const double *sums,
                        const uint8_t *closed) {
  size_t rarest = n_labels;
  for (size_t l = 0; l < n_labels; l++)
    if (row[l] && !closed[l] && (rarest == n_labels || sums[l] < sums[rarest])) rarest = l;
  return rarest;
}

static void weigh(const uint8_t *truth, size_t n, size_t n_labels, const double *row_weights,
                  double *sums) {
  for (size_t i = 0; i < n; i++)
    for (size_t l = 0; l < n_labels && takes_part(row_weights, i); l++)
      if (truth[i * n_labels + l]) sums[l] += row_weights ? row_weights[i] : 1;
}

/* Rows to the rarest open label each; true where a stratum of one row was closed, which moves it on
 * to another one. */
static bool assign(const uint8_t *truth, size_t n, size_t n_labels, const double *row_weights,
                   const double *sums, uint8_t *closed, size_t *sizes, int32_t *strata) {
  bool again = false;
  for (size_t l = 0; l <= n_labels; l++) sizes[l] = 0;
  for (size_t i = 0; i < n; i++) {
    strata[i] = SY_IGNORED;
    if (!takes_part(row_weights, i)) continue;
    strata[i] = (int32_t)rarest_of(truth + i * n_labels, n_labels, sums, closed);
    sizes[strata[i]]++;
  }
  for (size_t l = 0; l < n_labels; l++) {
    if (sizes[l] != 1 || closed[l]) continue;
    closed[l] = 1;
    again = true;
  }
  return again;
}

sy_status sy_label_strata(const uint8_t *truth, size_t n, size_t n_labels,
                          const double *row_weights, int32_t *strata, sy_error *error) {
  double *sums = sy_alloc_zero(n_labels, sizeof *sums);
  uint8_t *closed = sy_alloc_zero(n_labels, 1);
  size_t *sizes = sy_alloc(n_labels + 1, sizeof *sizes);
  sy_status status = sums && closed && sizes ? SY_OK : sy_fail_memory(error);
  if (!status) {
    weigh(truth, n, n_labels, row_weights, sums);
    while (assign(truth, n, n_labels, row_weights, sums, closed, sizes, strata)) continue;
  }
  free(sums);
  free(closed);
  free(sizes);
  return status;
}
