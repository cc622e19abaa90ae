/* cost.c: cost matrices: the two that need no user, the check, and the two-class rule. */
#include "base/error.h"

#include <math.h>
#include <steelyard/decide.h>

void sy_cost_plain(size_t n_classes, double *cost) {
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++) cost[k * n_classes + j] = j == k ? 0 : 1;
}

void sy_cost_implied(const double *class_weights, size_t n_classes, double *cost) {
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++) cost[k * n_classes + j] = j == k ? 0 : class_weights[k];
}

/* Sums over rows of squared costs must stay finite, or every average is "inf". */
static const double LARGEST_COST = 1e100;

static sy_status check_pair(const double *row, size_t k, size_t j, const char *const *classes,
                            sy_error *error) {
  char wrong[SY_NUMBER_SIZE], right[SY_NUMBER_SIZE], actual[SY_SHOWN_SIZE], said[SY_SHOWN_SIZE];
  sy_shown(classes[k], actual);
  sy_shown(classes[j], said);
  sy_number_format(row[j], wrong);
  if (!isfinite(row[j]))
    return sy_fail(error, SY_INVALID_COST,
                   "the cost of predicting \"%s\" where it is \"%s\" is %s: it must be finite",
                   said, actual, wrong);
  if (fabs(row[j]) > LARGEST_COST)
    return sy_fail(error, SY_INVALID_COST,
                   "the cost of predicting \"%s\" where it is \"%s\" is %s: beyond 1e100, use a "
                   "larger unit",
                   said, actual, wrong);
  return sy_fail(error, SY_INVALID_COST,
                 "predicting \"%s\" where it is \"%s\" costs %s, less than the right answer (%s): "
                 "no mistake may be cheaper",
                 said, actual, wrong, sy_number_format(row[k], right));
}

static sy_status check_row(const double *row, size_t k, size_t n_classes,
                           const char *const *classes, sy_error *error) {
  if (!(fabs(row[k]) <= LARGEST_COST)) return check_pair(row, k, k, classes, error);
  for (size_t j = 0; j < n_classes; j++) {
    bool usable = fabs(row[j]) <= LARGEST_COST && row[j] >= row[k];
    if (!usable) return check_pair(row, k, j, classes, error);
  }
  return SY_OK;
}

/* Whether predicting i never costs more than predicting j. Of two equal columns only the lower
 * index is ever decided. */
static bool beats(const double *cost, size_t n_classes, size_t i, size_t j) {
  bool cheaper = i < j;
  for (size_t k = 0; k < n_classes; k++) {
    const double *row = cost + k * n_classes;
    if (row[i] > row[j]) return false;
    if (row[i] < row[j]) cheaper = true;
  }
  return cheaper;
}

/* Where it is certainly class j, predicting j costs least by the check above, so j can lose for
 * all probabilities only to a class that is as cheap there: others need no comparison, and where
 * every mistake costs something nothing is compared at all. */
static void tell_never_decided(const double *cost, size_t n_classes, size_t j,
                               const char *const *classes, sy_messages *messages) {
  const double *row = cost + j * n_classes;
  for (size_t i = 0; i < n_classes; i++) {
    if (i == j || row[i] > row[j] || !beats(cost, n_classes, i, j)) continue;
    char never[SY_SHOWN_SIZE], instead[SY_SHOWN_SIZE];
    sy_messages_add(messages,
                    "no probabilities make \"%s\" the cheapest prediction: by these costs \"%s\" "
                    "never costs more",
                    sy_shown(classes[j], never), sy_shown(classes[i], instead));
    return;
  }
}

sy_status sy_cost_check(const double *cost, const char *const *classes, size_t n_classes,
                        sy_messages *messages, sy_error *error) {
  for (size_t k = 0; k < n_classes; k++) {
    sy_status status = check_row(cost + k * n_classes, k, n_classes, classes, error);
    if (status != SY_OK) return status;
  }
  for (size_t j = 0; j < n_classes; j++) tell_never_decided(cost, n_classes, j, classes, messages);
  return SY_OK;
}

/* Elkan (2001), eq. 2: predicting 1 is cheaper where p1 (C10 - C11) > (1 - p1) (C01 - C00). */
bool sy_cost_threshold(const double cost[4], int positive, double *threshold) {
  double wrongly_1 = cost[1] - cost[0], wrongly_0 = cost[2] - cost[3];
  double both = wrongly_1 + wrongly_0;
  if (!(both > 0) || isinf(both)) return false;
  *threshold = (positive == 1 ? wrongly_1 : wrongly_0) / both;
  return true;
}
