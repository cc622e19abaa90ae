#include "study/family_contest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/bootstrap.h"

enum { SAMPLES_AT_ONCE = 16 };

sy_costs sy_family_costs(const sy_study_options *options, const sy_study *study) {
  if (!options->cost_rule) return (sy_costs){0};
  return sy_cost_rule_view(options->cost_rule, study->test.rows.cost_values);
}

static bool any_infinite(const sy_families *families) {
  for (size_t i = 0; i < families->n; i++)
    if (families->trials[i].judged && !isfinite(families->trials[i].metrics.log_loss)) return true;
  return false;
}

static sy_family_measure find_measure(const sy_family_contest *contest) {
  const sy_objective *objective = contest->objective;
  if (objective) return sy_objective_is_cost(objective) ? SY_FAMILY_COST : SY_FAMILY_OBJECTIVE;
  if (contest->options->cost_rule) return SY_FAMILY_COST;
  return any_infinite(contest->families) ? SY_FAMILY_BRIER : SY_FAMILY_LOG_LOSS;
}

void sy_family_contest_begin(sy_family_contest *contest, const sy_study_options *options,
                             const sy_study *studies, sy_families *families) {
  static const char *const names[] = {"", "average cost", "log-loss", "brier"};
  *contest = (sy_family_contest){.options = options,
                                 .studies = studies,
                                 .families = families,
                                 .objective =
                                     options->tune ? &options->tune->objective : options->automatic,
                                 .positive = -1};
  for (size_t i = 0; i < families->n; i++)
    if (families->trials[i].judged) contest->positive = studies[i].test.positive;
  contest->measure = find_measure(contest);
  families->greater_is_better = contest->measure == SY_FAMILY_OBJECTIVE;
  if (contest->measure == SY_FAMILY_OBJECTIVE)
    sy_objective_text(contest->objective, families->measure);
  else
    snprintf(families->measure, sizeof families->measure, "%s", names[contest->measure]);
}

double sy_family_value(const sy_family_contest *contest, const sy_metrics *metrics) {
  switch (contest->measure) {
  case SY_FAMILY_COST:
    return metrics->average_cost;
  case SY_FAMILY_LOG_LOSS:
    return metrics->log_loss;
  case SY_FAMILY_BRIER:
    return metrics->brier;
  case SY_FAMILY_OBJECTIVE:
    break;
  }
  return sy_objective_value(contest->objective, metrics->confusion, metrics->n_classes,
                            contest->positive, metrics->average_cost);
}

/* What one row adds to a measure that is a mean over rows. */
static double amount_of(const sy_family_contest *contest, const sy_judged_rows *rows,
                        const sy_costs *costs, size_t i) {
  size_t n_classes = rows->n_classes, actual = (size_t)rows->ids[i];
  const double *logs = rows->log_probabilities + i * n_classes;
  if (contest->measure == SY_FAMILY_COST)
    return costs->n_classes > 0 ? sy_costs_at(costs, i, actual, (size_t)rows->decisions[i])
                                : rows->decisions[i] != rows->ids[i];
  if (contest->measure == SY_FAMILY_LOG_LOSS) return -logs[actual];
  double sum = 0;
  for (size_t k = 0; k < n_classes; k++) {
    double miss = exp(logs[k]) - (k == actual);
    sum += miss * miss;
  }
  return sum;
}

typedef struct sampling {
  const sy_family_contest *contest;
  size_t n, n_classes;
  uint32_t first, samples;
  double *amounts;   /* (families, n) */
  double *values;    /* (families, samples) */
  double *confusion; /* (SAMPLES_AT_ONCE, K, K) */
  uint8_t *counts;   /* (SAMPLES_AT_ONCE, n) */
} sampling;

static const sy_judged_rows *rows_of(const sampling *s, size_t trial) {
  return &s->contest->studies[trial].test.rows;
}

static double row_weight(const sy_judged_rows *rows, size_t i) {
  if (rows->ids[i] == SY_IGNORED) return 0;
  return rows->row_weights ? rows->row_weights[i] : 1;
}

static double mean_of(const sampling *s, size_t trial, const uint8_t *counts) {
  const sy_judged_rows *rows = rows_of(s, trial);
  const double *amounts = s->amounts + trial * s->n;
  double sum = 0, total = 0;
  for (size_t i = 0; i < s->n; i++) {
    double weight = counts[i] * row_weight(rows, i);
    if (weight == 0) continue;
    sum += weight * amounts[i];
    total += weight;
  }
  return sum / total;
}

static double objective_of(const sampling *s, size_t trial, const uint8_t *counts,
                           double *confusion) {
  const sy_judged_rows *rows = rows_of(s, trial);
  size_t n_classes = s->n_classes;
  memset(confusion, 0, n_classes * n_classes * sizeof *confusion);
  for (size_t i = 0; i < s->n; i++) {
    double weight = counts[i] * row_weight(rows, i);
    if (weight == 0) continue;
    confusion[(size_t)rows->ids[i] * n_classes + (size_t)rows->decisions[i]] += weight;
  }
  return sy_objective_value(s->contest->objective, confusion, n_classes, s->contest->positive, 0);
}

static void run_sample(void *context, size_t block) {
  const sampling *s = context;
  uint8_t *counts = s->counts + block * s->n;
  double *confusion = s->confusion + block * s->n_classes * s->n_classes;
  uint32_t sample = s->first + (uint32_t)block;
  const sy_families *families = s->contest->families;
  bool counted = s->contest->measure == SY_FAMILY_OBJECTIVE;
  sy_bootstrap_counts(s->contest->options->seed, sample, s->n, counts);
  for (size_t t = 0; t < families->n; t++) {
    if (!families->trials[t].judged) continue;
    s->values[t * s->samples + sample] =
        counted ? objective_of(s, t, counts, confusion) : mean_of(s, t, counts);
  }
}

static sy_status run_samples(sampling *s, sy_error *error) {
  for (s->first = 0; s->first < s->samples; s->first += SAMPLES_AT_ONCE) {
    uint32_t left = s->samples - s->first;
    sy_status status =
        sy_progress_tell(s->contest->options->progress, "comparing families", 1, error);
    if (status != SY_OK) return status;
    sy_parallel_blocks(left < SAMPLES_AT_ONCE ? left : SAMPLES_AT_ONCE, run_sample, s);
  }
  return SY_OK;
}

static void list_amounts(sampling *s) {
  const sy_families *families = s->contest->families;
  for (size_t t = 0; t < families->n; t++) {
    if (!families->trials[t].judged) continue;
    sy_costs costs = sy_family_costs(s->contest->options, &s->contest->studies[t]);
    const sy_judged_rows *rows = rows_of(s, t);
    for (size_t i = 0; i < s->n; i++)
      s->amounts[t * s->n + i] =
          rows->ids[i] == SY_IGNORED ? 0 : amount_of(s->contest, rows, &costs, i);
  }
}

/* Sets the differences; those of samples take the place of the values. */
static void tell(sampling *s) {
  sy_families *families = s->contest->families;
  const double *best = s->values + families->chosen * s->samples;
  for (size_t t = 0; t < families->n; t++) {
    sy_family_trial *trial = &families->trials[t];
    if (!trial->judged || t == families->chosen) continue;
    double *values = s->values + t * s->samples;
    for (size_t i = 0; i < s->samples; i++) values[i] -= best[i];
    trial->difference = trial->value - families->trials[families->chosen].value;
    sy_bootstrap_interval(values, s->samples, &trial->low, &trial->high);
  }
}

sy_status sy_family_contest_intervals(sy_family_contest *contest, sy_error *error) {
  const sy_judged_rows *rows = &contest->studies[contest->families->chosen].test.rows;
  sampling s = {.contest = contest, .n = rows->n, .n_classes = rows->n_classes};
  size_t n_families = contest->families->n;
  s.samples = (uint32_t)sy_bootstrap_samples_default(rows->n);
  s.amounts = sy_alloc(rows->n, n_families * sizeof *s.amounts);
  s.values = sy_alloc(s.samples, n_families * sizeof *s.values);
  s.confusion = sy_alloc(SAMPLES_AT_ONCE, s.n_classes * s.n_classes * sizeof *s.confusion);
  s.counts = sy_alloc(rows->n, SAMPLES_AT_ONCE);
  bool complete = s.amounts && s.values && s.confusion && s.counts;
  sy_status status = complete ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) list_amounts(&s);
  if (status == SY_OK) status = run_samples(&s, error);
  if (status == SY_OK) tell(&s);
  free(s.amounts);
  free(s.values);
  free(s.confusion);
  free(s.counts);
  return status;
}
