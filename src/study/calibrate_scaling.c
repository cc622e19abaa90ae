/* calibrate_scaling.c: temperature and vector maps of least log-loss. */
#include "study/calibrate_scaling.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* Scales stay in here: a map keeps the order of a class's probabilities, if only just. */
static const double least_scale = 1e-3, most_scale = 1e3;

/* A class without rows has nothing to say about its own map. */
static bool has_rows(const sy_scaling *scaling, size_t j) {
  const sy_calibration_rows *rows = scaling->rows;
  return scaling->single || rows->class_weights[j % rows->n_classes] > 0;
}

static void fill_bounds(const sy_scaling *scaling, double *lowest, double *highest) {
  for (size_t j = 0; j < scaling->size; j++) {
    double identity = sy_scaling_identity(scaling, j);
    bool held = !has_rows(scaling, j), scale = identity == 1;
    lowest[j] = held ? identity : scale ? least_scale : -(double)INFINITY;
    highest[j] = held ? identity : scale ? most_scale : (double)INFINITY;
  }
}

static sy_status make_map(sy_calibration_kind kind, const sy_scaling *scaling, const double *at,
                          sy_calibration **calibration, sy_error *error) {
  size_t n_classes = scaling->rows->n_classes;
  if (!scaling->single)
    return sy_calibration_scaling(kind, n_classes, at, at + n_classes, calibration, error);
  double *scales = sy_alloc(n_classes, sizeof *scales);
  if (!scales) return sy_fail_memory(error);
  for (size_t k = 0; k < n_classes; k++) scales[k] = at[0];
  sy_status status = sy_calibration_scaling(kind, n_classes, scales, NULL, calibration, error);
  free(scales);
  return status;
}

/* From the identity, which the fit therefore never is worse than. */
static sy_status minimise(sy_calibration_kind kind, sy_scaling *scaling,
                          sy_calibration **calibration, sy_error *error) {
  size_t size = scaling->size;
  double *numbers = sy_alloc(3 * size, sizeof *numbers);
  if (!numbers) return sy_fail_memory(error);
  double *at = numbers, *lowest = at + size, *highest = lowest + size;
  for (size_t j = 0; j < size; j++) at[j] = sy_scaling_identity(scaling, j);
  fill_bounds(scaling, lowest, highest);
  sy_bounded problem = {size, lowest, highest, sy_scaling_evaluate, scaling};
  sy_status status = sy_bounded_minimise(&problem, at, NULL, error);
  if (status == SY_OK) status = make_map(kind, scaling, at, calibration, error);
  free(numbers);
  return status;
}

sy_status sy_calibrate_scaling(sy_calibration_kind kind, const sy_calibration_rows *rows,
                               sy_calibration **calibration, sy_error *error) {
  sy_scaling scaling;
  sy_status status = sy_scaling_make(rows, kind == SY_CALIBRATION_TEMPERATURE, &scaling, error);
  if (status == SY_OK) status = minimise(kind, &scaling, calibration, error);
  sy_scaling_clear(&scaling);
  return status;
}
