/* normalize.c: scaling of class weights, which changes no model (the objective is a weighted mean)
 * but makes weights comparable and fit for systems that do not divide. */
#include "weights/normalize.h"

#include "base/error.h"
#include "base/parallel.h"

#include <string.h>

static const char *const names[] = {
    [SY_NORMALIZE_NONE] = "none", [SY_NORMALIZE_SUM] = "sum", [SY_NORMALIZE_CLASSES] = "classes",
    [SY_NORMALIZE_ROWS] = "rows", [SY_NORMALIZE_MIN] = "min", [SY_NORMALIZE_MAX] = "max"};

enum { N_NAMES = sizeof names / sizeof names[0] };

sy_status sy_normalize_parse(const char *text, sy_normalize *normalize, sy_error *error) {
  for (size_t i = 0; i < N_NAMES; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    *normalize = (sy_normalize)i;
    return SY_OK;
  }
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "there is no normalisation '%s'; there are none, sum, classes, rows, min, max",
                 sy_shown(text, shown));
}

const char *sy_normalize_name(sy_normalize normalize) {
  return (size_t)normalize < N_NAMES ? names[normalize] : "unknown";
}

static double smallest_positive(const double *weights, size_t n) {
  double smallest = 0;
  for (size_t k = 0; k < n; k++)
    if (weights[k] > 0 && (smallest == 0 || weights[k] < smallest)) smallest = weights[k];
  return smallest;
}

static double largest_weight(const double *weights, size_t n) {
  double largest = 0;
  for (size_t k = 0; k < n; k++)
    if (weights[k] > largest) largest = weights[k];
  return largest;
}

static double sum_over_rows(const double *weights, const double *counts, size_t n) {
  double sum = 0;
  for (size_t k = 0; k < n; k++) sum += weights[k] * counts[k];
  return sum;
}

/* Every weight becomes weight / divisor x factor. */
static void scale(sy_normalize normalize, const double *counts, size_t n, const double *weights,
                  double *divisor, double *factor) {
  *divisor = *factor = 1;
  switch (normalize) {
  case SY_NORMALIZE_NONE:
    return;
  case SY_NORMALIZE_SUM:
    *divisor = sy_sum(weights, n);
    return;
  case SY_NORMALIZE_CLASSES:
    *divisor = sy_sum(weights, n);
    *factor = (double)n;
    return;
  case SY_NORMALIZE_ROWS:
    *divisor = sum_over_rows(weights, counts, n);
    *factor = sy_sum(counts, n);
    return;
  case SY_NORMALIZE_MIN:
    *divisor = smallest_positive(weights, n);
    return;
  case SY_NORMALIZE_MAX:
    *divisor = largest_weight(weights, n);
    return;
  }
}

sy_status sy_weights_normalize(sy_normalize normalize, const double *counts, size_t n_classes,
                               double *weights, sy_error *error) {
  double largest = largest_weight(weights, n_classes);
  if (!(largest > 0))
    return sy_fail(error, SY_NO_WEIGHT, "the class weights are all zero: nothing can be learnt");
  if (normalize == SY_NORMALIZE_NONE) return SY_OK;
  /* To at most 1 first, so that no sum overflows. */
  for (size_t k = 0; k < n_classes; k++) weights[k] /= largest;
  double divisor, factor;
  scale(normalize, counts, n_classes, weights, &divisor, &factor);
  for (size_t k = 0; k < n_classes; k++) weights[k] = weights[k] / divisor * factor;
  return SY_OK;
}
