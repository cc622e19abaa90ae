/* steps.c: where a threshold may lie, and what each place catches and costs. One sort of (score,
 * row), then one walk down; equal scores are one step. */
#include "base/error.h"
#include "base/memory.h"
#include "evaluate/rank.h"

#include <math.h>

typedef struct source {
  sy_rows rows;
  const double *scores;
  int32_t positive;
  const sy_costs *costs;
} source;

static sy_status check_scores(const source *from, sy_error *error) {
  for (size_t i = 0; i < from->rows.n; i++)
    if (isnan(from->scores[i]) && sy_rows_weight(&from->rows, i) > 0)
      return sy_fail(error, SY_INVALID_DATA, "score nan at row %zu: scores must be numbers", i + 1);
  return SY_OK;
}

static sy_status check(const source *from, sy_error *error) {
  if (from->positive < 0 || (size_t)from->positive >= from->rows.n_classes)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the positive class must be %s, not %ld",
                   from->costs ? "0 or 1" : "0 or more", (long)from->positive);
  sy_status status = sy_rows_check(&from->rows, NULL, error);
  if (status == SY_OK) status = sy_rows_check_costs(&from->rows, from->costs, error);
  return status == SY_OK ? check_scores(from, error) : status;
}

static size_t count_distinct(const sy_ranked *sorted, size_t n) {
  size_t distinct = 1; /* there is a row */
  for (size_t i = 1; i < n; i++) distinct += sorted[i].key != sorted[i - 1].key;
  return distinct;
}

/* Room for n steps in one piece, which `scores` begins. */
static sy_status make_room(size_t n, bool with_costs, sy_steps *steps, sy_error *error) {
  steps->scores = sy_alloc(n, (with_costs ? 4 : 3) * sizeof *steps->scores);
  if (!steps->scores) return sy_fail_memory(error);
  steps->n = n;
  steps->positives = steps->scores + n;
  steps->negatives = steps->positives + n;
  steps->costs = with_costs ? steps->negatives + n : NULL;
  return SY_OK;
}

/* A sum and what rounding took from it (Neumaier): costs of ten million rows added one by one would
 * otherwise move the cheapest threshold. */
typedef struct total {
  double sum, lost;
} total;

static void add(total *to, double value) {
  double sum = to->sum + value;
  to->lost += fabs(to->sum) >= fabs(value) ? (to->sum - sum) + value : (value - sum) + to->sum;
  to->sum = sum;
}

static double value_of(total of) {
  return of.sum + of.lost;
}

static double cost_at(const source *from, size_t row, bool flagged) {
  size_t predicted = (size_t)(flagged ? from->positive : 1 - from->positive);
  return sy_rows_weight(&from->rows, row) *
         sy_costs_at(from->costs, row, (size_t)from->rows.ids[row], predicted);
}

static double cost_of_none(const source *from) {
  total cost = {0};
  for (size_t i = 0; i < from->rows.n; i++)
    if (sy_rows_weight(&from->rows, i) > 0) add(&cost, cost_at(from, i, false));
  return value_of(cost);
}

/* The sums so far. */
typedef struct sums {
  total positives, negatives, cost;
} sums;

/* Without costs a row carries its weight, with costs which row it is. */
static void add_row(const source *from, const sy_ranked *ranked, sums *into) {
  if (!from->costs) {
    double weight = ranked->signed_weight;
    add(weight > 0 ? &into->positives : &into->negatives, fabs(weight));
    return;
  }
  size_t row = ranked->row & ~sy_ranked_hit;
  bool hit = ranked->row & sy_ranked_hit;
  add(hit ? &into->positives : &into->negatives, sy_rows_weight(&from->rows, row));
  add(&into->cost, cost_at(from, row, true));
  add(&into->cost, -cost_at(from, row, false));
}

static void walk_down(const source *from, const sy_ranked *sorted, size_t n, sy_steps *steps) {
  sums so_far = {.cost = {steps->none_cost, 0}};
  for (size_t i = 0, step = 0; i < n; step++) {
    uint64_t key = sorted[i].key;
    for (; i < n && sorted[i].key == key; i++) add_row(from, &sorted[i], &so_far);
    steps->scores[step] = sy_order_score(key);
    steps->positives[step] = value_of(so_far.positives);
    steps->negatives[step] = value_of(so_far.negatives);
    if (from->costs) steps->costs[step] = value_of(so_far.cost);
  }
  steps->all_positives = value_of(so_far.positives);
  steps->all_negatives = value_of(so_far.negatives);
}

sy_status sy_steps_make(const double *scores, const int32_t *ids, size_t n, int positive,
                        const double *row_weights, const sy_costs *costs, sy_steps *steps,
                        sy_error *error) {
  source from = {{ids, row_weights, n, costs ? 2 : sy_any_classes}, scores, positive, costs};
  *steps = (sy_steps){0};
  sy_status status = check(&from, error);
  if (status != SY_OK) return status;
  sy_ranked *ranked = sy_alloc(n, 2 * sizeof *ranked);
  if (!ranked) return sy_fail_memory(error);
  size_t n_ranked =
      sy_rank(&from.rows, scores, 1, positive, costs ? SY_RANK_ROW : SY_RANK_WEIGHT, ranked);
  const sy_ranked *sorted = sy_order_sort(ranked, ranked + n, n_ranked);
  status = make_room(count_distinct(sorted, n_ranked), costs != NULL, steps, error);
  if (status == SY_OK) {
    if (costs) steps->none_cost = cost_of_none(&from);
    walk_down(&from, sorted, n_ranked, steps);
  }
  free(ranked);
  return status;
}

void sy_steps_clear(sy_steps *steps) {
  free(steps->scores);
  *steps = (sy_steps){0};
}

static size_t cheapest(const sy_steps *steps) {
  size_t best = 0;
  for (size_t i = 1; steps->costs && i < steps->n; i++)
    if (steps->costs[i] < steps->costs[best]) best = i;
  return best;
}

/* How far along step i is, 0..1: by what it catches of either side, since a curve moves with both
 * and one side may be rare. */
static double progress_at(const sy_steps *steps, size_t i) {
  double done = 0, sides = 0;
  if (steps->all_positives > 0) done += steps->positives[i] / steps->all_positives, sides++;
  if (steps->all_negatives > 0) done += steps->negatives[i] / steps->all_negatives, sides++;
  return sides > 0 ? done / sides : 0;
}

/* The places of the steps that stay, rising; returns how many. Three are always kept, so n_parts
 * is three less than `most`. */
static size_t choose(const sy_steps *steps, size_t n_parts, size_t *chosen) {
  size_t n = 0, best = cheapest(steps);
  double part = 0;
  for (size_t i = 0; i < steps->n; i++) {
    double now = floor((double)n_parts * progress_at(steps, i));
    if (i == 0 || i == best || i + 1 == steps->n || now > part) chosen[n++] = i;
    part = now;
  }
  return n;
}

static void copy_step(const sy_steps *from, size_t i, sy_steps *into, size_t place) {
  into->scores[place] = from->scores[i];
  into->positives[place] = from->positives[i];
  into->negatives[place] = from->negatives[i];
  if (from->costs) into->costs[place] = from->costs[i];
}

sy_status sy_steps_thin(const sy_steps *steps, size_t most, sy_steps *thinned, sy_error *error) {
  *thinned = (sy_steps){0};
  if (most < 4)
    return sy_fail(error, SY_INVALID_ARGUMENT, "at least 4 steps must be left, not %zu", most);
  size_t *chosen = sy_alloc(steps->n < most ? steps->n : most, sizeof *chosen);
  if (!chosen) return sy_fail_memory(error);
  size_t n = steps->n <= most ? steps->n : choose(steps, most - 3, chosen);
  sy_status status = make_room(n, steps->costs != NULL, thinned, error);
  for (size_t i = 0; status == SY_OK && i < n; i++)
    copy_step(steps, steps->n <= most ? i : chosen[i], thinned, i);
  if (status == SY_OK) {
    thinned->all_positives = steps->all_positives;
    thinned->all_negatives = steps->all_negatives;
    thinned->none_cost = steps->none_cost;
  }
  free(chosen);
  return status;
}
