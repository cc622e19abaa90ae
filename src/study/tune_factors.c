/* tune_factors.c: factors of classes, argmax_k f_k p_k, by ascent one factor at a time. With all
 * others held, a row changes to class k where ln f_k passes max_j (ln f_j + ln p_j) - ln p_k, so
 * one sort shows every value that this factor can reach. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/order.h"
#include "evaluate/rows.h"
#include "study/factors.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

/* Where the ascent may begin, and rounds after which it ends whatever it still gains: each gain is
 * of a finite set, but the last digits of fractional weights need not agree on it. */
enum { PLAIN, BALANCED, BY_COST, N_STARTS, MOST_ROUNDS = 100 };

/* One ascent. */
typedef struct ascent {
  const sy_factor_rows *rows;
  double *logs;       /* (K) ln f */
  double *trial;      /* (K) */
  double value;       /* of these */
  int32_t *decisions; /* (n) by these */
  int32_t *others;    /* (n) the best of the other classes */
  sy_ranked *ranked;  /* (2 n) */
  double *room;       /* (3 K) of the tally */
  bool failed;        /* out of memory */
} ascent;

static size_t best_class(const sy_factor_rows *rows, const double *logs, size_t r, size_t without,
                         double *height) {
  const double *log_p = rows->log_p + rows->rows[r] * rows->n_classes;
  size_t best = without == 0 ? 1 : 0;
  for (size_t k = best + 1; k < rows->n_classes; k++)
    if (k != without && logs[k] + log_p[k] > logs[best] + log_p[best]) best = k;
  *height = logs[best] + log_p[best];
  return best;
}

static sy_factor_tally empty_tally(const ascent *work) {
  sy_factor_tally tally = sy_factor_tally_in(work->room, work->rows->n_classes);
  for (size_t k = 0; k < work->rows->n_classes; k++) {
    tally.right[k] = tally.predicted[k] = 0;
    tally.counts[k] = 0;
  }
  return tally;
}

static bool is_better(const ascent *work, double value, double best) {
  return sy_tune_better(&work->rows->options->objective, value, best);
}

/* Decides all rows by `logs`; their value. */
static double decide(ascent *work, const double *logs) {
  const sy_factor_rows *rows = work->rows;
  sy_factor_tally tally = empty_tally(work);
  double height;
  for (size_t r = 0; r < rows->n; r++) {
    work->decisions[r] = (int32_t)best_class(rows, logs, r, rows->n_classes, &height);
    sy_factor_tally_add(rows, r, (size_t)work->decisions[r], sy_factor_weight(rows, r), &tally);
  }
  return sy_factor_value(rows, &tally, rows->actual, rows->total);
}

/* Ranks the rows by where they change to class k. */
static const sy_ranked *rank_changes(ascent *work, size_t k) {
  const sy_factor_rows *rows = work->rows;
  for (size_t r = 0; r < rows->n; r++) {
    double height, own = rows->log_p[rows->rows[r] * rows->n_classes + k];
    work->others[r] = (int32_t)best_class(rows, work->logs, r, k, &height);
    work->ranked[r].key = sy_order_key(isinf(own) ? -INFINITY : own - height);
    work->ranked[r].row = r;
  }
  return sy_order_sort(work->ranked, work->ranked + rows->n, rows->n);
}

/* ln f_k between two places of change; NaN where nothing lies between. */
static double between(double before, double after) {
  if (isinf(before) && isinf(after)) return NAN;
  if (isinf(before)) return after - 1;
  if (isinf(after)) return before + 1;
  double middle = before / 2 + after / 2;
  return middle > before && middle < after ? middle : NAN;
}

/* The best ln f_k of all there are, or NaN where the one it has is as good. */
static double best_place(ascent *work, size_t k) {
  const sy_factor_rows *rows = work->rows;
  const sy_ranked *ranked = rank_changes(work, k);
  sy_factor_tally tally = empty_tally(work);
  for (size_t r = 0; r < rows->n; r++)
    sy_factor_tally_add(rows, r, (size_t)work->others[r], sy_factor_weight(rows, r), &tally);
  double best = NAN, best_value = work->value, before = -INFINITY;
  for (size_t i = 0;; before = -sy_order_score(ranked[i - 1].key)) {
    double after = i < rows->n ? -sy_order_score(ranked[i].key) : INFINITY;
    double place = between(before, after);
    double value = isnan(place) ? NAN : sy_factor_value(rows, &tally, rows->actual, rows->total);
    if (is_better(work, value, best_value)) {
      best = place;
      best_value = value;
    }
    if (i == rows->n || after == INFINITY) return best;
    for (uint64_t key = ranked[i].key; i < rows->n && ranked[i].key == key; i++) {
      size_t r = ranked[i].row;
      double weight = sy_factor_weight(rows, r);
      sy_factor_tally_add(rows, r, (size_t)work->others[r], -weight, &tally);
      sy_factor_tally_add(rows, r, k, weight, &tally);
    }
  }
}

/* Moves ln f_k to its best place; whether that gained. */
static bool improve(ascent *work, size_t k) {
  double old = work->logs[k], place = best_place(work, k);
  if (isnan(place)) return false;
  work->logs[k] = place;
  double value = decide(work, work->logs);
  if (is_better(work, value, work->value)) {
    work->value = value;
    return true;
  }
  work->logs[k] = old;
  return false;
}

static void ascend(ascent *work) {
  work->value = decide(work, work->logs);
  for (int round = 0; round < MOST_ROUNDS; round++) {
    bool gained = false;
    for (size_t k = 0; k < work->rows->n_classes; k++) gained = improve(work, k) || gained;
    if (!gained) return;
  }
}

static void ascent_clear(ascent *work) {
  free(work->logs);
  free(work->trial);
  free(work->decisions);
  free(work->others);
  free(work->ranked);
  free(work->room);
}

static bool ascent_make(const sy_factor_rows *rows, ascent *work) {
  size_t n = rows->n, n_classes = rows->n_classes;
  work->rows = rows;
  work->logs = sy_alloc_zero(n_classes, sizeof *work->logs);
  work->trial = sy_alloc(n_classes, sizeof *work->trial);
  work->decisions = sy_alloc(n, sizeof *work->decisions);
  work->others = sy_alloc(n, sizeof *work->others);
  work->ranked = sy_alloc(n, 2 * sizeof *work->ranked);
  work->room = sy_alloc(n_classes, 3 * sizeof *work->room);
  bool complete = work->logs && work->trial && work->decisions && work->others && work->ranked;
  work->failed = !complete || !work->room;
  return !work->failed;
}

/* What mistakes on a class cost on average over its rows and over the wrong answers. */
static void mistake_costs(const sy_factor_rows *rows, double *costs) {
  size_t n_classes = rows->n_classes;
  double most = 0;
  for (size_t k = 0; k < n_classes; k++) costs[k] = 0;
  for (size_t r = 0; r < rows->n; r++) {
    size_t k = sy_factor_class(rows, r);
    for (size_t j = 0; j < n_classes; j++)
      costs[k] += sy_factor_weight(rows, r) *
                  (sy_factor_cost(rows, r, j) - sy_factor_cost(rows, r, k)) / rows->actual[k];
    most = fmax(most, costs[k]);
  }
  for (size_t k = 0; k < n_classes; k++) /* a class whose mistakes are free keeps a factor */
    costs[k] = most > 0 ? fmax(costs[k], 1e-6 * most) : 1;
}

static void set_start(ascent *work, size_t start) {
  const sy_factor_rows *rows = work->rows;
  for (size_t k = 0; k < rows->n_classes; k++)
    if (start == BALANCED && rows->actual[k] > 0)
      work->logs[k] = -log(rows->actual[k] / rows->total);
  if (start != BY_COST) return;
  mistake_costs(rows, work->logs);
  for (size_t k = 0; k < rows->n_classes; k++) work->logs[k] = log(work->logs[k]);
}

typedef struct ascents {
  const sy_factor_rows *rows;
  ascent works[N_STARTS];
} ascents;

static void run_start(void *context, size_t start) {
  ascents *all = context;
  ascent *work = &all->works[start];
  if (!ascent_make(all->rows, work)) return;
  set_start(work, start);
  ascend(work);
}

/* To `digits` digits. */
static double rounded(double factor, int digits) {
  int power = (int)floor(log10(factor)) - digits + 1;
  char text[SY_NUMBER_SIZE];
  double value = factor;
  snprintf(text, sizeof text, "%.0fe%d", nearbyint(factor / pow(10, power)), power);
  sy_number_parse(text, &value);
  return fmax(value, DBL_MIN);
}

/* Factors with the largest 1, of as few digits as lose nothing; rows are decided by them then. */
static void tell_factors(ascent *work, double *factors) {
  enum { FEWEST = 2, MOST = 17 };
  size_t n_classes = work->rows->n_classes;
  double largest = -INFINITY, value = NAN;
  for (size_t k = 0; k < n_classes; k++) largest = fmax(largest, work->logs[k]);
  for (int digits = FEWEST; digits <= MOST && is_better(work, work->value, value); digits++) {
    for (size_t k = 0; k < n_classes; k++) {
      factors[k] = rounded(fmax(exp(work->logs[k] - largest), DBL_MIN), digits);
      work->trial[k] = log(factors[k]);
    }
    value = decide(work, work->trial);
  }
  work->value = value;
}

static double cost_of_decisions(const sy_factor_rows *rows, const int32_t *decisions) {
  double cost = 0;
  for (size_t r = 0; r < rows->n; r++)
    cost += sy_factor_weight(rows, r) * sy_factor_cost(rows, r, (size_t)decisions[r]);
  return cost / rows->total;
}

static sy_status tell(ascent *work, double *factors, sy_tuned *tuned, sy_error *error) {
  char objective[SY_OBJECTIVE_SIZE];
  const sy_tune_options *options = work->rows->options;
  if (isnan(work->value))
    return sy_fail(error, SY_INVALID_ARGUMENT, "%s is not defined for any factors on these rows",
                   sy_objective_text(&options->objective, objective));
  tell_factors(work, factors);
  *tuned = (sy_tuned){NAN, NAN, NAN, work->value, NAN, NAN, NAN, NAN, NAN, NAN, 0};
  tuned->average_cost = cost_of_decisions(work->rows, work->decisions);
  if (options->samples == 0) return SY_OK;
  return sy_factor_interval(work->rows, work->decisions, &tuned->value_low, &tuned->value_high,
                            error);
}

static sy_status search_factors(const sy_factor_rows *rows, double *factors, sy_tuned *tuned,
                                sy_error *error) {
  ascents all = {.rows = rows};
  sy_status status = sy_progress_tell(rows->options->progress, "tuning factors", 0, error);
  if (status != SY_OK) return status;
  sy_parallel_blocks(N_STARTS, run_start, &all);
  ascent *best = &all.works[PLAIN];
  for (size_t s = 0; s < N_STARTS; s++) {
    if (all.works[s].failed) status = sy_fail_memory(error);
    if (is_better(best, all.works[s].value, best->value)) best = &all.works[s];
  }
  if (status == SY_OK) status = tell(best, factors, tuned, error);
  for (size_t s = 0; s < N_STARTS; s++) ascent_clear(&all.works[s]);
  return status;
}

static sy_status check_options(const sy_tune_options *options, sy_error *error) {
  char objective[SY_OBJECTIVE_SIZE];
  sy_status status = sy_tune_check(options, error);
  if (status != SY_OK) return status;
  if (!isnan(options->max_flagged) || !isnan(options->min_precision) || !isnan(options->min_recall))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "what is flagged, precision and recall are of one class: constraints are for "
                   "thresholds, not for factors of classes");
  if (!sy_objective_is_of_positive(&options->objective)) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "objective '%s' is about one class: for all of them there are macro_f1, "
                 "balanced_accuracy, mcc and others",
                 sy_objective_text(&options->objective, objective));
}

static bool is_row_of_logs(const double *log_p, size_t n_classes) {
  bool any = false;
  for (size_t k = 0; k < n_classes; k++) {
    if (!(log_p[k] < INFINITY)) return false;
    any = any || log_p[k] > -INFINITY;
  }
  return any;
}

static sy_status gather(size_t n, sy_factor_rows *rows, sy_error *error) {
  rows->rows = sy_alloc(n, sizeof *rows->rows);
  rows->actual = sy_alloc_zero(rows->n_classes, sizeof *rows->actual);
  if (!rows->rows || !rows->actual) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    double weight = rows->row_weights ? rows->row_weights[i] : 1;
    if (rows->ids[i] == SY_IGNORED || !(weight > 0)) continue;
    if (!is_row_of_logs(rows->log_p + i * rows->n_classes, rows->n_classes))
      return sy_fail(error, SY_INVALID_DATA, "row %zu holds no log-probabilities", i + 1);
    rows->rows[rows->n++] = i;
    rows->actual[rows->ids[i]] += weight;
    rows->total += weight;
  }
  return SY_OK;
}

sy_status sy_tune_factors(const double *log_probabilities, const int32_t *ids, size_t n,
                          size_t n_classes, const double *row_weights, const sy_costs *costs,
                          const sy_tune_options *options, double *factors, sy_tuned *tuned,
                          sy_error *error) {
  sy_rows checked = {ids, row_weights, n, n_classes};
  sy_factor_rows rows = {.all = n,
                         .n_classes = n_classes,
                         .log_p = log_probabilities,
                         .ids = ids,
                         .row_weights = row_weights,
                         .costs = costs,
                         .options = options};
  *tuned = (sy_tuned){0};
  sy_status status = check_options(options, error);
  if (status == SY_OK && n_classes < 2)
    status = sy_fail(error, SY_TOO_FEW_CLASSES, "factors tell two classes or more apart, not %zu",
                     n_classes);
  if (status == SY_OK) status = sy_rows_check(&checked, NULL, error);
  if (status == SY_OK) status = gather(n, &rows, error);
  if (status == SY_OK) status = search_factors(&rows, factors, tuned, error);
  free(rows.rows);
  free(rows.actual);
  return status;
}
