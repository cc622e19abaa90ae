/* log_row.c: rows of log-probabilities and their weights are checked before they are learnt
 * from. */
#include "decide/log_row.h"

#include "base/error.h"

#include <math.h>

static const double sum_tolerance = 1e-3;

sy_status sy_log_row_check(const double *log_probabilities, size_t n_classes, size_t row,
                           sy_error *error) {
  char shown[SY_NUMBER_SIZE];
  double total = 0;
  for (size_t k = 0; k < n_classes; k++) {
    if (!(log_probabilities[k] <= sum_tolerance))
      return sy_fail(error, SY_INVALID_DATA,
                     "row %zu: %s of class %zu is no log-probability: it must be 0 or less",
                     row + 1, sy_number_format(log_probabilities[k], shown), k);
    total += exp(log_probabilities[k]);
  }
  if (fabs(total - 1) <= sum_tolerance) return SY_OK;
  return sy_fail(error, SY_INVALID_DATA,
                 "row %zu: its probabilities sum to %s: natural logarithms of probabilities that "
                 "sum to 1 are expected",
                 row + 1, sy_number_format(total, shown));
}

sy_status sy_row_weight_check(double weight, size_t row, sy_error *error) {
  if (weight >= 0 && isfinite(weight)) return SY_OK;
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "row weight %s at row %zu: weights must be finite and not negative",
                 sy_number_format(weight, shown), row + 1);
}
