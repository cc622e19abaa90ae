/* row_weights.c: class weight x row weight, one number a row. */
#include "base/error.h"

#include <math.h>
#include <steelyard/weights.h>

static bool usable(double weight) {
  return weight >= 0 && isfinite(weight);
}

static sy_status check_class_weights(const double *class_weights, size_t n_classes,
                                     sy_error *error) {
  for (size_t k = 0; class_weights && k < n_classes; k++) {
    char text[SY_NUMBER_SIZE];
    if (!usable(class_weights[k]))
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "the weight %s of class %zu of %zu is not usable; it must be 0 or more and "
                     "finite",
                     sy_number_format(class_weights[k], text), k + 1, n_classes);
  }
  return SY_OK;
}

static sy_status fail_weight(size_t row, double weight, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s at row %zu is not usable; it must be 0 or more and finite",
                 sy_number_format(weight, text), row + 1);
}

sy_status sy_row_weights(const int32_t *ids, size_t n, const double *class_weights,
                         size_t n_classes, const double *row_weights, double *weights,
                         sy_error *error) {
  sy_status status = check_class_weights(class_weights, n_classes, error);
  if (status != SY_OK) return status;
  for (size_t i = 0; i < n; i++) {
    double row_weight = row_weights ? row_weights[i] : 1; /* read first: both may be one array */
    weights[i] = 0;
    if (ids[i] == SY_IGNORED) continue;
    if (ids[i] < 0 || (size_t)ids[i] >= n_classes)
      return sy_fail(error, SY_INVALID_LABEL, "label %d at row %zu is outside the %zu classes",
                     ids[i], i + 1, n_classes);
    if (!usable(row_weight)) return fail_weight(i, row_weight, error);
    weights[i] = row_weight * (class_weights ? class_weights[ids[i]] : 1);
    if (!usable(weights[i])) return fail_weight(i, weights[i], error);
  }
  return SY_OK;
}
