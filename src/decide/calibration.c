/* calibration.c: calibration maps as values: made, checked, copied, read. */
#include "decide/calibration.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const char *const kind_names[] = {
    [SY_CALIBRATION_TEMPERATURE] = "temperature",
    [SY_CALIBRATION_VECTOR] = "vector",
    [SY_CALIBRATION_ISOTONIC] = "isotonic",
};

enum { N_KINDS = sizeof kind_names / sizeof kind_names[0] };

const char *sy_calibration_kind_name(sy_calibration_kind kind) {
  return (size_t)kind < N_KINDS ? kind_names[kind] : "unknown";
}

bool sy_calibration_kind_parse(const char *name, sy_calibration_kind *kind) {
  for (size_t i = 0; i < N_KINDS; i++)
    if (strcmp(name, kind_names[i]) == 0) {
      *kind = (sy_calibration_kind)i;
      return true;
    }
  return false;
}

static double *copy_numbers(const double *from, size_t n, double otherwise) {
  double *copy = sy_alloc(n, sizeof *copy);
  for (size_t i = 0; copy && i < n; i++) copy[i] = from ? from[i] : otherwise;
  return copy;
}

/* Hands over what is whole and frees what is not. */
static sy_status hand_over(sy_calibration *made, bool whole, sy_calibration **calibration,
                           sy_error *error) {
  *calibration = whole ? made : NULL;
  if (whole) return SY_OK;
  sy_calibration_free(made);
  return sy_fail_memory(error);
}

static sy_status make_scaling(sy_calibration_kind kind, size_t n_classes, const double *scales,
                              const double *shifts, sy_calibration **calibration, sy_error *error) {
  sy_calibration *made = sy_alloc_zero(1, sizeof *made);
  if (made) {
    made->kind = kind;
    made->n_classes = n_classes;
    made->scales = copy_numbers(scales, n_classes, 1);
    made->shifts = copy_numbers(shifts, n_classes, 0);
  }
  return hand_over(made, made && made->scales && made->shifts, calibration, error);
}

static sy_status make_isotonic(size_t n_classes, const size_t *n_knots, const double *knots,
                               const double *values, sy_calibration **calibration,
                               sy_error *error) {
  sy_calibration *made = sy_alloc_zero(1, sizeof *made);
  if (made) {
    made->kind = SY_CALIBRATION_ISOTONIC;
    made->n_classes = n_classes;
    made->first = sy_alloc_zero(n_classes + 1, sizeof *made->first);
  }
  if (made && made->first) {
    for (size_t k = 0; k < n_classes; k++) made->first[k + 1] = made->first[k] + n_knots[k];
    made->knots = copy_numbers(knots, made->first[n_classes], 0);
    made->values = copy_numbers(values, made->first[n_classes], 0);
  }
  return hand_over(made, made && made->first && made->knots && made->values, calibration, error);
}

static sy_status check_classes(size_t n_classes, sy_error *error) {
  if (n_classes >= 2 && n_classes <= INT32_MAX) return SY_OK;
  return sy_fail(error, SY_TOO_FEW_CLASSES, "a calibration map needs 2 classes or more, not %zu",
                 n_classes);
}

/* Beyond this a scaled logarithm may leave the range of float64. */
static const double LARGEST_SCALE = 1e100;

static sy_status check_scale(double scale, size_t k, sy_error *error) {
  if (scale > 0 && scale <= LARGEST_SCALE) return SY_OK;
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the scale of class %zu is %s: it must be above 0 and at most 1e100", k,
                 sy_number_format(scale, shown));
}

static sy_status check_shift(double shift, size_t k, sy_error *error) {
  if (fabs(shift) <= LARGEST_SCALE) return SY_OK;
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the shift of class %zu is %s: it must be finite, within 1e100 of 0", k,
                 sy_number_format(shift, shown));
}

static sy_status check_temperature(const double *scales, const double *shifts, size_t k,
                                   sy_error *error) {
  char shown[SY_NUMBER_SIZE], first[SY_NUMBER_SIZE];
  if (scales && scales[k] != scales[0])
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a temperature has one scale for all classes: that of class %zu is %s, that of "
                   "class 0 is %s",
                   k, sy_number_format(scales[k], shown), sy_number_format(scales[0], first));
  if (shifts && shifts[k] != 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a temperature shifts no class: the shift of class %zu is %s, not 0", k,
                   sy_number_format(shifts[k], shown));
  return SY_OK;
}

sy_status sy_calibration_scaling(sy_calibration_kind kind, size_t n_classes, const double *scales,
                                 const double *shifts, sy_calibration **calibration,
                                 sy_error *error) {
  *calibration = NULL;
  if (kind != SY_CALIBRATION_TEMPERATURE && kind != SY_CALIBRATION_VECTOR)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "scales and shifts make a temperature or a vector map, not kind %d", (int)kind);
  sy_status status = check_classes(n_classes, error);
  for (size_t k = 0; k < n_classes && status == SY_OK; k++) {
    if (scales) status = check_scale(scales[k], k, error);
    if (status == SY_OK && shifts) status = check_shift(shifts[k], k, error);
    if (status == SY_OK && kind == SY_CALIBRATION_TEMPERATURE)
      status = check_temperature(scales, shifts, k, error);
  }
  if (status != SY_OK) return status;
  return make_scaling(kind, n_classes, scales, shifts, calibration, error);
}

static sy_status fail_knot(const char *what, double wrong, size_t i, size_t k, const char *right,
                           sy_error *error) {
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "class %zu, knot %zu: %s %s %s", k, i, what,
                 sy_number_format(wrong, shown), right);
}

static bool is_share(double value) {
  return value >= 0 && value <= 1;
}

static sy_status check_knots(const double *knots, const double *values, size_t n, size_t k,
                             sy_error *error) {
  for (size_t i = 0; i < n; i++) {
    if (!is_share(knots[i])) return fail_knot("p =", knots[i], i, k, "is not from 0 to 1", error);
    if (!is_share(values[i]))
      return fail_knot("value", values[i], i, k, "is not from 0 to 1", error);
    if (i == 0) continue;
    if (!(knots[i] > knots[i - 1]))
      return fail_knot("p =", knots[i], i, k, "is not above the knot before: knots must rise",
                       error);
    if (!(values[i] >= values[i - 1]))
      return fail_knot("value", values[i], i, k, "is below the one before: values must not fall",
                       error);
    if (!isfinite((values[i] - values[i - 1]) / (knots[i] - knots[i - 1])))
      return fail_knot("p =", knots[i], i, k, "is too close to the knot before", error);
  }
  return SY_OK;
}

/* Whether f(1/K) > 0; a little below, so that it holds for any largest p of a row as computed. */
static bool keeps_something(const double *knots, const double *values, size_t n, double p) {
  size_t i = 0;
  while (i < n && values[i] <= 0) i++;
  return i < n && (i == 0 || knots[i - 1] < p);
}

static sy_status check_class(const double *knots, const double *values, size_t n, size_t k,
                             size_t n_classes, sy_error *error) {
  bool without = n_classes == 2 && k == 0;
  if (without && n > 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "two classes: the map is of class 1 alone, class 0 must have 0 knots, not %zu",
                   n);
  if (!without && n == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "class %zu has no knots: at least 1 is needed", k);
  sy_status status = check_knots(knots, values, n, k, error);
  if (status != SY_OK || n_classes == 2) return status;
  if (keeps_something(knots, values, n, (1 - 1e-9) / (double)n_classes)) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "class %zu: the value at p = 1/%zu is 0: it must be above 0, or rows may be left "
                 "without any probability",
                 k, n_classes);
}

sy_status sy_calibration_isotonic(size_t n_classes, const size_t *n_knots, const double *knots,
                                  const double *values, sy_calibration **calibration,
                                  sy_error *error) {
  *calibration = NULL;
  sy_status status = check_classes(n_classes, error);
  size_t first = 0;
  for (size_t k = 0; k < n_classes && status == SY_OK; first += n_knots[k], k++)
    status = check_class(knots + first, values + first, n_knots[k], k, n_classes, error);
  if (status != SY_OK) return status;
  return make_isotonic(n_classes, n_knots, knots, values, calibration, error);
}

/* Knots of each class of an isotonic map. */
static sy_status copy_isotonic(const sy_calibration *from, sy_calibration **calibration,
                               sy_error *error) {
  size_t *n_knots = sy_alloc(from->n_classes, sizeof *n_knots);
  if (!n_knots) return sy_fail_memory(error);
  for (size_t k = 0; k < from->n_classes; k++) n_knots[k] = sy_calibration_n_knots(from, k);
  sy_status status =
      make_isotonic(from->n_classes, n_knots, from->knots, from->values, calibration, error);
  free(n_knots);
  return status;
}

sy_status sy_calibration_copy(const sy_calibration *from, sy_calibration **calibration,
                              sy_error *error) {
  *calibration = NULL;
  if (from->kind == SY_CALIBRATION_ISOTONIC) return copy_isotonic(from, calibration, error);
  return make_scaling(from->kind, from->n_classes, from->scales, from->shifts, calibration, error);
}

void sy_calibration_free(sy_calibration *calibration) {
  if (!calibration) return;
  free(calibration->scales);
  free(calibration->shifts);
  free(calibration->first);
  free(calibration->knots);
  free(calibration->values);
  free(calibration);
}

sy_calibration_kind sy_calibration_kind_of(const sy_calibration *calibration) {
  return calibration->kind;
}

size_t sy_calibration_n_classes(const sy_calibration *calibration) {
  return calibration->n_classes;
}

const double *sy_calibration_scales(const sy_calibration *calibration) {
  return calibration->scales;
}

const double *sy_calibration_shifts(const sy_calibration *calibration) {
  return calibration->shifts;
}

size_t sy_calibration_n_knots(const sy_calibration *calibration, size_t k) {
  return calibration->first ? calibration->first[k + 1] - calibration->first[k] : 0;
}

const double *sy_calibration_knots(const sy_calibration *calibration, size_t k) {
  return calibration->first ? calibration->knots + calibration->first[k] : NULL;
}

const double *sy_calibration_values(const sy_calibration *calibration, size_t k) {
  return calibration->first ? calibration->values + calibration->first[k] : NULL;
}
