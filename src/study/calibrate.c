/* calibrate.c: calibration maps from rows that the model did not see: checks, then one file a
 * kind. */
#include "study/calibrate.h"

#include "base/error.h"
#include "base/memory.h"
#include "decide/log_row.h"

#include <math.h>

static sy_status check_id(int32_t id, size_t row, size_t n_classes, sy_error *error) {
  if (id == SY_IGNORED || (id >= 0 && (size_t)id < n_classes)) return SY_OK;
  return sy_fail(error, SY_INVALID_LABEL, "class %ld at row %zu is outside the %zu classes 0..%zu",
                 (long)id, row + 1, n_classes, n_classes - 1);
}

/* Enters row i where it counts. */
static sy_status enter_row(sy_calibration_rows *rows, size_t i, sy_error *error) {
  const double *logs = rows->log_probabilities + i * rows->n_classes;
  sy_status status = check_id(rows->ids[i], i, rows->n_classes, error);
  if (status != SY_OK || rows->ids[i] == SY_IGNORED) return status;
  double weight = rows->row_weights ? rows->row_weights[i] : 1;
  status = sy_row_weight_check(weight, i, error);
  if (status != SY_OK || weight == 0) return status;
  status = sy_log_row_check(logs, rows->n_classes, i, error);
  if (status != SY_OK || logs[rows->ids[i]] == -(double)INFINITY) return status;
  rows->rows[rows->n++] = i;
  rows->weight += weight;
  rows->class_weights[rows->ids[i]] += weight;
  return SY_OK;
}

static sy_status check_present(const sy_calibration_rows *rows, size_t n, sy_error *error) {
  if (rows->n == 0)
    return sy_fail(error, n == 0 ? SY_NO_ROWS : SY_NO_WEIGHT,
                   n == 0 ? "there are no rows to calibrate on"
                          : "no row to calibrate on counts: each is ignored, of weight 0, or of a "
                            "class that the model gives probability 0");
  if (!isfinite(rows->weight))
    return sy_fail(error, SY_INVALID_WEIGHT, "the sum of the row weights is beyond float64");
  size_t n_present = 0;
  for (size_t k = 0; k < rows->n_classes; k++) n_present += rows->class_weights[k] > 0;
  if (n_present >= 2) return SY_OK;
  return sy_fail(error, SY_TOO_FEW_CLASSES,
                 "all %zu rows to calibrate on are of class %ld: rows of two classes or more are "
                 "needed",
                 rows->n, (long)rows->ids[rows->rows[0]]);
}

static sy_status enter_rows(sy_calibration_rows *rows, size_t n, sy_error *error) {
  rows->rows = sy_alloc(n, sizeof *rows->rows);
  rows->class_weights = sy_alloc_zero(rows->n_classes, sizeof *rows->class_weights);
  if (!rows->rows || !rows->class_weights) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    sy_status status = enter_row(rows, i, error);
    if (status != SY_OK) return status;
  }
  return check_present(rows, n, error);
}

sy_status sy_calibrate(sy_calibration_kind kind, const double *log_probabilities, size_t n,
                       size_t n_classes, const int32_t *ids, const double *row_weights,
                       sy_calibration **calibration, sy_error *error) {
  *calibration = NULL;
  if ((unsigned)kind > SY_CALIBRATION_ISOTONIC)
    return sy_fail(error, SY_INVALID_ARGUMENT, "there is no calibration map of kind %d", (int)kind);
  if (n_classes < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES, "calibration needs 2 classes or more, not %zu",
                   n_classes);
  sy_calibration_rows rows = {log_probabilities, n_classes, ids, row_weights, 0, NULL, 0, NULL};
  sy_status status = enter_rows(&rows, n, error);
  if (status == SY_OK)
    status = kind == SY_CALIBRATION_ISOTONIC
                 ? sy_calibrate_isotonic(&rows, calibration, error)
                 : sy_calibrate_scaling(kind, &rows, calibration, error);
  free(rows.rows);
  free(rows.class_weights);
  return status;
}
