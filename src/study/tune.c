/* tune.c: what the searches share: which flagging is best, and what constraints leave of it. */
#include "study/tune.h"

#include "base/error.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

sy_tune_options sy_tune_options_default(void) {
  return (sy_tune_options){.objective = sy_objective_cost(),
                           .max_flagged = NAN,
                           .min_precision = NAN,
                           .min_recall = NAN,
                           .samples = 200};
}

char *sy_tune_options_text(const sy_tune_options *options, char text[SY_TUNE_TEXT_SIZE]) {
  const struct {
    const char *words, *after;
    double value;
  } bounds[] = {{"at most", " % flagged", 100 * options->max_flagged},
                {"precision at least", "", options->min_precision},
                {"recall at least", "", options->min_recall}};
  char objective[SY_OBJECTIVE_SIZE], number[SY_NUMBER_SIZE];
  size_t used = (size_t)snprintf(text, SY_TUNE_TEXT_SIZE, "%s",
                                 sy_objective_text(&options->objective, objective));
  for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
    if (isnan(bounds[i].value)) continue;
    sy_number_round(bounds[i].value, 6, number);
    used += (size_t)snprintf(text + used, SY_TUNE_TEXT_SIZE - used, ", %s %s%s", bounds[i].words,
                             number, bounds[i].after);
  }
  return text;
}

static sy_status check_share(double share, const char *what, sy_error *error) {
  if (isnan(share) || (share >= 0 && share <= 1)) return SY_OK;
  char shown[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "%s is a share from 0 to 1, not %s", what,
                 sy_number_format(share, shown));
}

sy_status sy_tune_check(const sy_tune_options *options, sy_error *error) {
  sy_status status = check_share(options->max_flagged, "the most that may be flagged", error);
  if (status == SY_OK) status = check_share(options->min_precision, "the least precision", error);
  if (status == SY_OK) status = check_share(options->min_recall, "the least recall", error);
  if (status != SY_OK || options->samples >= 0) return status;
  return sy_fail(error, SY_INVALID_ARGUMENT, "the number of samples is at least 0, not %d",
                 options->samples);
}

bool sy_tune_better(const sy_objective *objective, double value, double best) {
  if (isnan(value) || isnan(best)) return !isnan(value) && isnan(best);
  if (isinf(value) || isinf(best)) return value > best;
  double rounding = sy_objective_is_cost(objective) ? 0 : SY_TUNE_CANCELLED;
  return value > best + SY_TUNE_TIE * fabs(best) + rounding;
}

static double all_of(const sy_flagging *flagging) {
  return flagging->all_positives + flagging->all_negatives;
}

double sy_flagging_value(const sy_flagging *flagging, const sy_objective *objective) {
  const double actual[] = {flagging->all_negatives, flagging->all_positives};
  const double right[] = {flagging->all_negatives - flagging->negatives, flagging->positives};
  const double flagged = flagging->positives + flagging->negatives;
  const double predicted[] = {right[0] + (flagging->all_positives - flagging->positives), flagged};
  sy_outcome outcome = {.n_classes = 2,
                        .positive = 1,
                        .right = right,
                        .actual = actual,
                        .predicted = predicted,
                        .average_cost = flagging->cost / all_of(flagging)};
  return sy_objective_of(objective, &outcome);
}

double sy_flagging_share(const sy_flagging *flagging) {
  return sy_outcome_ratio(flagging->positives + flagging->negatives, all_of(flagging));
}

double sy_flagging_precision(const sy_flagging *flagging) {
  return sy_outcome_ratio(flagging->positives, flagging->positives + flagging->negatives);
}

double sy_flagging_recall(const sy_flagging *flagging) {
  return sy_outcome_ratio(flagging->positives, flagging->all_positives);
}

/* Shares are quotients of sums, so the bounds give way by as much as two values may differ and be
 * equal. */
bool sy_flagging_meets(const sy_flagging *flagging, const sy_tune_options *options,
                       int constraint) {
  switch (constraint) {
  case 0:
    return isnan(options->max_flagged) ||
           sy_flagging_share(flagging) <= options->max_flagged * (1 + SY_TUNE_TIE);
  case 1:
    return isnan(options->min_precision) ||
           sy_flagging_precision(flagging) >= options->min_precision * (1 - SY_TUNE_TIE);
  default:
    return isnan(options->min_recall) ||
           sy_flagging_recall(flagging) >= options->min_recall * (1 - SY_TUNE_TIE);
  }
}

/* The value first: most flaggings are no better, and constraints need divisions. */
void sy_flagging_offer(sy_flagging_search *search, const sy_flagging *flagging, size_t steps) {
  const sy_objective *objective = &search->options->objective;
  double value = sy_flagging_value(flagging, objective);
  if (isnan(value) || (search->found && !sy_tune_better(objective, value, search->value))) return;
  for (int c = 0; c < SY_N_CONSTRAINTS; c++)
    if (!sy_flagging_meets(flagging, search->options, c)) return;
  search->found = true;
  search->best = steps;
  search->value = value;
}

double sy_tune_weight(const sy_tune_rows *rows, size_t i) {
  if (rows->ids[i] == SY_IGNORED) return 0;
  return rows->row_weights ? rows->row_weights[i] : 1;
}

double sy_tune_cost(const sy_tune_rows *rows, size_t i, bool flagged) {
  bool is_positive = rows->ids[i] == rows->positive;
  if (!rows->costs) return flagged == is_positive ? 0 : 1;
  size_t predicted = (size_t)(flagged ? rows->positive : 1 - rows->positive);
  return sy_costs_at(rows->costs, i, (size_t)rows->ids[i], predicted);
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

void sy_tune_interval(double *values, size_t n, double *low, double *high) {
  size_t defined = 0;
  *low = *high = NAN;
  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) values[defined++] = values[i];
  if (2 * defined < n || defined == 0) return;
  qsort(values, defined, sizeof *values, by_value);
  double last = (double)(defined - 1);
  *low = values[(size_t)floor(0.025 * last)];
  *high = values[(size_t)ceil(0.975 * last)];
}
