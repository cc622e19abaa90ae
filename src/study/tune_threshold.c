/* tune_threshold.c: the best threshold of a score, by trying every one there is: from the highest
 * score down, each distinct score is a step, and a threshold flags the first so many of them. */
#include "base/between.h"
#include "base/error.h"
#include "study/tune.h"

#include <math.h>
#include <stdio.h>

double sy_tune_threshold_of(const double *scores, size_t n_steps, size_t flagged) {
  if (flagged == 0) return INFINITY;
  if (flagged == n_steps) return scores[n_steps - 1] >= 0 ? 0 : -INFINITY;
  return sy_decimal_between(scores[flagged], scores[flagged - 1]);
}

/* What flagging the first `flagged` steps comes to. */
static sy_flagging flagging_at(const sy_steps *steps, size_t flagged) {
  sy_flagging at = {.all_positives = steps->all_positives,
                    .all_negatives = steps->all_negatives,
                    .cost = steps->costs ? steps->none_cost : steps->all_positives};
  if (flagged == 0) return at;
  at.positives = steps->positives[flagged - 1];
  at.negatives = steps->negatives[flagged - 1];
  at.cost =
      steps->costs ? steps->costs[flagged - 1] : at.all_positives - at.positives + at.negatives;
  return at;
}

static sy_flagging_search search_steps(const sy_steps *steps, const sy_tune_options *options) {
  sy_flagging_search search = {.options = options};
  for (size_t flagged = 0; flagged <= steps->n; flagged++) {
    sy_flagging at = flagging_at(steps, flagged);
    sy_flagging_offer(&search, &at, flagged);
  }
  return search;
}

/* How a constraint is told: "flags at most 0.5 %", "has precision 0.9". */
static void put_constraint(const sy_tune_options *options, int constraint,
                           char text[SY_SHOWN_SIZE]) {
  char number[SY_NUMBER_SIZE];
  double percent = nearbyint(options->max_flagged * 1e10) / 1e8;
  if (constraint == 0)
    snprintf(text, SY_SHOWN_SIZE, "flags at most %s %%", sy_number_format(percent, number));
  else if (constraint == 1)
    snprintf(text, SY_SHOWN_SIZE, "has precision %s",
             sy_number_format(options->min_precision, number));
  else
    snprintf(text, SY_SHOWN_SIZE, "has recall %s", sy_number_format(options->min_recall, number));
}

/* What a constraint is about, more being better. */
static double goodness(const sy_flagging *at, int constraint) {
  if (constraint == 0) return -sy_flagging_share(at);
  return constraint == 1 ? sy_flagging_precision(at) : sy_flagging_recall(at);
}

/* Of the flaggings that meet the constraints before this one, the one nearest to meeting it. */
typedef struct nearest {
  bool any_before; /* some meet those before */
  bool met;        /* and this one, too */
  bool found;
  size_t flagged;
  double goodness;
} nearest;

static bool meets_before(const sy_flagging *at, const sy_tune_options *options, int constraint) {
  for (int c = 0; c < constraint; c++)
    if (!sy_flagging_meets(at, options, c)) return false;
  return true;
}

static nearest find_nearest(const sy_steps *steps, const sy_tune_options *options, int constraint) {
  nearest best = {.goodness = -INFINITY};
  for (size_t flagged = 0; flagged <= steps->n; flagged++) {
    sy_flagging at = flagging_at(steps, flagged);
    if (!meets_before(&at, options, constraint)) continue;
    best.any_before = true;
    best.met = best.met || sy_flagging_meets(&at, options, constraint);
    double good = goodness(&at, constraint);
    if (!(good > best.goodness)) continue;
    best.found = true;
    best.flagged = flagged;
    best.goodness = good;
  }
  return best;
}

/* The constraints before this one: " that flags at most 0.5 % and has precision 0.9". */
static void put_before(const sy_tune_options *options, int constraint,
                       char text[3 * SY_SHOWN_SIZE]) {
  const double bounds[] = {options->max_flagged, options->min_precision};
  size_t length = 0;
  text[0] = 0;
  for (int c = 0; c < constraint; c++) {
    char one[SY_SHOWN_SIZE];
    if (isnan(bounds[c])) continue;
    put_constraint(options, c, one);
    length += (size_t)snprintf(text + length, 3 * SY_SHOWN_SIZE - length, "%s%s",
                               length ? " and " : " that ", one);
  }
}

/* Nothing flagged meets the bound on what is flagged always, so this is precision or recall. */
static sy_status fail_constraint(const sy_steps *steps, const sy_tune_options *options,
                                 int constraint, const nearest *best, sy_error *error) {
  char wanted[SY_SHOWN_SIZE], before[3 * SY_SHOWN_SIZE], threshold[SY_NUMBER_SIZE];
  char has[SY_NUMBER_SIZE];
  put_constraint(options, constraint, wanted);
  put_before(options, constraint, before);
  if (!best->found)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "no threshold%s %s: the rows of the highest score alone are more", before,
                   wanted);
  double bound = constraint == 1 ? options->min_precision : options->min_recall;
  double shown = nearbyint(best->goodness * 1e4) / 1e4;
  sy_number_format(shown < bound ? shown : best->goodness, has);
  double at = sy_tune_threshold_of(steps->scores, steps->n, best->flagged);
  return sy_fail(error, SY_INVALID_ARGUMENT, "no threshold%s %s: the nearest, p >= %s, has %s",
                 before, wanted, sy_number_format(at, threshold), has);
}

/* Why nothing was found: a constraint that nothing meets, or an objective that is defined nowhere.
 */
static sy_status fail_search(const sy_steps *steps, const sy_tune_options *options,
                             sy_error *error) {
  for (int c = 0; c < SY_N_CONSTRAINTS; c++) {
    nearest best = find_nearest(steps, options, c);
    if (best.any_before && !best.met) return fail_constraint(steps, options, c, &best, error);
  }
  char objective[SY_OBJECTIVE_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "%s is not defined for any threshold on these rows",
                 sy_objective_text(&options->objective, objective));
}

static sy_status check_sides(const sy_steps *steps, sy_error *error) {
  if (steps->all_positives > 0 && steps->all_negatives > 0) return SY_OK;
  return sy_fail(error, SY_NO_WEIGHT,
                 "there are no rows %s the class to flag: a threshold takes both to tune",
                 steps->all_positives > 0 ? "but those of" : "of");
}

static void tell(const sy_steps *steps, const sy_flagging_search *search, sy_tuned *tuned) {
  sy_flagging at = flagging_at(steps, search->best);
  *tuned = (sy_tuned){
      .threshold = sy_tune_threshold_of(steps->scores, steps->n, search->best),
      .threshold_low = NAN,
      .threshold_high = NAN,
      .value = search->value,
      .value_low = NAN,
      .value_high = NAN,
      .flagged = sy_flagging_share(&at),
      .precision = sy_flagging_precision(&at),
      .recall = sy_flagging_recall(&at),
      .average_cost = at.cost / (at.all_positives + at.all_negatives),
      .n_scores = steps->n,
  };
}

static sy_status tune(const sy_tune_rows *rows, const sy_steps *steps,
                      const sy_tune_options *options, sy_tuned *tuned, sy_error *error) {
  sy_status status = check_sides(steps, error);
  if (status != SY_OK) return status;
  sy_flagging_search search = search_steps(steps, options);
  if (!search.found) return fail_search(steps, options, error);
  tell(steps, &search, tuned);
  if (options->samples == 0) return SY_OK;
  return sy_tune_bootstrap(rows, steps->scores, steps->n, search.best, options, tuned, error);
}

sy_status sy_tune_threshold(const double *scores, const int32_t *ids, size_t n, int positive,
                            const double *row_weights, const sy_costs *costs,
                            const sy_tune_options *options, sy_tuned *tuned, sy_error *error) {
  sy_tune_rows rows = {scores, ids, n, positive, row_weights, costs};
  sy_steps steps = {0};
  *tuned = (sy_tuned){0};
  sy_status status = sy_tune_check(options, error);
  if (status == SY_OK)
    status = sy_steps_make(scores, ids, n, positive, row_weights, costs, &steps, error);
  if (status == SY_OK) status = tune(&rows, &steps, options, tuned, error);
  sy_steps_clear(&steps);
  return status;
}
