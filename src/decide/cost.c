/* cost.c: cost matrices: the two that need no user, the check, and the two-class rule. */
#include "base/error.h"

#include <math.h>
#include <stdio.h>
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

/* One actual class on one row of costs, being checked. */
typedef struct checking {
  const sy_costs *costs;
  size_t row, actual;
  bool varies; /* by row: the row is named */
  const char *const *classes;
} checking;

static double cost_of(const checking *at, size_t predicted) {
  return sy_costs_at(at->costs, at->row, at->actual, predicted);
}

/* "-3", or "-3 (amount - 10)". */
enum { COST_TEXT_SIZE = SY_NUMBER_SIZE + SY_SHOWN_SIZE + 4 };

static const char *cost_text(const checking *at, size_t predicted, char text[COST_TEXT_SIZE]) {
  const sy_costs *costs = at->costs;
  char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
  sy_number_format(cost_of(at, predicted), number);
  int32_t which = costs->which ? costs->which[at->actual * costs->n_classes + predicted] : -1;
  if (which < 0 || !costs->expressions)
    snprintf(text, COST_TEXT_SIZE, "%s", number);
  else
    snprintf(text, COST_TEXT_SIZE, "%s (%s)", number, sy_shown(costs->expressions[which], shown));
  return text;
}

static sy_status fail_pair(const checking *at, size_t predicted, sy_error *error) {
  char wrong[COST_TEXT_SIZE], right[COST_TEXT_SIZE], row[SY_NUMBER_SIZE + 8] = "";
  char actual[SY_SHOWN_SIZE], said[SY_SHOWN_SIZE];
  sy_shown(at->classes[at->actual], actual);
  sy_shown(at->classes[predicted], said);
  cost_text(at, predicted, wrong);
  if (at->varies) snprintf(row, sizeof row, "row %zu: ", at->row + 1);
  double cost = cost_of(at, predicted);
  if (!isfinite(cost))
    return sy_fail(error, SY_INVALID_COST,
                   "%sthe cost of predicting \"%s\" where it is \"%s\" is %s: it must be finite",
                   row, said, actual, wrong);
  if (fabs(cost) > LARGEST_COST)
    return sy_fail(error, SY_INVALID_COST,
                   "%sthe cost of predicting \"%s\" where it is \"%s\" is %s: beyond 1e100, use a "
                   "larger unit",
                   row, said, actual, wrong);
  return sy_fail(error, SY_INVALID_COST,
                 "%spredicting \"%s\" where it is \"%s\" costs %s, less than the right answer "
                 "(%s): no mistake may be cheaper",
                 row, said, actual, wrong, cost_text(at, at->actual, right));
}

static sy_status check_actual(const checking *at, sy_error *error) {
  double right = cost_of(at, at->actual);
  if (!(fabs(right) <= LARGEST_COST)) return fail_pair(at, at->actual, error);
  for (size_t j = 0; j < at->costs->n_classes; j++) {
    double cost = cost_of(at, j);
    bool usable = fabs(cost) <= LARGEST_COST && cost >= right;
    if (!usable) return fail_pair(at, j, error);
  }
  return SY_OK;
}

/* Whether the costs of an actual class differ from row to row. */
static bool class_varies(const sy_costs *costs, size_t actual) {
  for (size_t j = 0; costs->n_varying && j < costs->n_classes; j++)
    if (costs->which[actual * costs->n_classes + j] >= 0) return true;
  return false;
}

/* The first row at fault is told, whichever class it is; what does not vary is at fault before. */
static sy_status check_varying(const sy_costs *costs, size_t n, const char *const *classes,
                               sy_error *error) {
  for (size_t row = 0; row < n; row++)
    for (size_t k = 0; k < costs->n_classes; k++) {
      checking at = {costs, row, k, true, classes};
      sy_status status = class_varies(costs, k) ? check_actual(&at, error) : SY_OK;
      if (status != SY_OK) return status;
    }
  return SY_OK;
}

static sy_status check_fixed(const sy_costs *costs, const char *const *classes, sy_error *error) {
  for (size_t k = 0; k < costs->n_classes; k++) {
    checking at = {costs, 0, k, false, classes};
    sy_status status = class_varies(costs, k) ? SY_OK : check_actual(&at, error);
    if (status != SY_OK) return status;
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

sy_status sy_costs_check(const sy_costs *costs, size_t n, const char *const *classes,
                         sy_messages *messages, sy_error *error) {
  sy_status status = check_fixed(costs, classes, error);
  if (status == SY_OK && costs->n_varying) return check_varying(costs, n, classes, error);
  for (size_t j = 0; status == SY_OK && j < costs->n_classes; j++)
    tell_never_decided(costs->fixed, costs->n_classes, j, classes, messages);
  return status;
}

sy_status sy_cost_check(const double *cost, const char *const *classes, size_t n_classes,
                        sy_messages *messages, sy_error *error) {
  sy_costs costs = {.n_classes = n_classes, .fixed = cost};
  return sy_costs_check(&costs, 0, classes, messages, error);
}

/* Elkan (2001), eq. 2: predicting 1 is cheaper where p1 (C10 - C11) > (1 - p1) (C01 - C00). */
bool sy_cost_threshold(const double cost[4], int positive, double *threshold) {
  double wrongly_1 = cost[1] - cost[0], wrongly_0 = cost[2] - cost[3];
  double both = wrongly_1 + wrongly_0;
  if (!(both > 0) || isinf(both)) return false;
  *threshold = (positive == 1 ? wrongly_1 : wrongly_0) / both;
  return true;
}

void sy_cost_of_threshold(double threshold, int positive, double cost[4]) {
  double t = threshold > 2 ? 2 : threshold < -1 ? -1 : threshold;
  for (int i = 0; i < 4; i++) cost[i] = 0;
  cost[(1 - positive) * 2 + positive] = t;
  cost[positive * 2 + 1 - positive] = 1 - t;
}
