/* factors.c: sums over decided rows, and how sure their value is. */
#include "study/factors.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/bootstrap.h"

#include <math.h>

sy_factor_tally sy_factor_tally_in(double *room, size_t n_classes) {
  return (sy_factor_tally){room, room + n_classes, (size_t *)(void *)(room + 2 * n_classes), 0};
}

void sy_factor_tally_add(const sy_factor_rows *rows, size_t r, size_t predicted, double weight,
                         sy_factor_tally *tally) {
  bool enters = weight > 0;
  tally->counts[predicted] += enters ? 1 : (size_t)-1;
  tally->predicted[predicted] += weight;
  if (sy_factor_class(rows, r) == predicted) tally->right[predicted] += weight;
  tally->cost += weight * sy_factor_cost(rows, r, predicted);
  if (tally->counts[predicted] == 0) tally->predicted[predicted] = tally->right[predicted] = 0;
}

double sy_factor_value(const sy_factor_rows *rows, const sy_factor_tally *tally,
                       const double *actual, double total) {
  sy_outcome outcome = {.n_classes = rows->n_classes,
                        .positive = -1,
                        .right = tally->right,
                        .actual = actual,
                        .predicted = tally->predicted,
                        .average_cost = tally->cost / total};
  return sy_objective_of(&rows->options->objective, &outcome);
}

/* Samples drawn between two looks at the progress callback. */
enum { SAMPLES_AT_ONCE = 16 };

typedef struct sample_job {
  const sy_factor_rows *rows;
  const int32_t *decisions;
  uint32_t first;
  double *room;    /* (SAMPLES_AT_ONCE, 4 K) */
  uint8_t *counts; /* (SAMPLES_AT_ONCE, all rows) */
  double *values;  /* of each sample */
} sample_job;

static void judge_sample(void *context, size_t block) {
  const sample_job *job = context;
  const sy_factor_rows *rows = job->rows;
  size_t sample = job->first + block, n_classes = rows->n_classes;
  double *room = job->room + block * 4 * n_classes, *actual = room + 3 * n_classes, total = 0;
  uint8_t *counts = job->counts + block * rows->all;
  for (size_t i = 0; i < 4 * n_classes; i++) room[i] = 0;
  sy_factor_tally tally = sy_factor_tally_in(room, n_classes);
  for (size_t k = 0; k < n_classes; k++) tally.counts[k] = 0;
  sy_bootstrap_counts(rows->options->seed, (uint32_t)sample, rows->all, counts);
  for (size_t r = 0; r < rows->n; r++) {
    if (!counts[rows->rows[r]]) continue;
    double weight = counts[rows->rows[r]] * sy_factor_weight(rows, r);
    actual[sy_factor_class(rows, r)] += weight;
    total += weight;
    sy_factor_tally_add(rows, r, (size_t)job->decisions[r], weight, &tally);
  }
  job->values[sample] = sy_factor_value(rows, &tally, actual, total);
}

static sy_status run_samples(sample_job *job, sy_error *error) {
  const sy_tune_options *options = job->rows->options;
  uint32_t samples = (uint32_t)options->samples;
  for (; job->first < samples; job->first += SAMPLES_AT_ONCE) {
    uint32_t left = samples - job->first;
    sy_status status =
        sy_progress_tell(options->progress, "tuning samples", (double)job->first / samples, error);
    if (status != SY_OK) return status;
    sy_parallel_blocks(left < SAMPLES_AT_ONCE ? left : SAMPLES_AT_ONCE, judge_sample, job);
  }
  return SY_OK;
}

sy_status sy_factor_interval(const sy_factor_rows *rows, const int32_t *decisions, double *low,
                             double *high, sy_error *error) {
  size_t samples = (size_t)rows->options->samples;
  sample_job job = {.rows = rows, .decisions = decisions};
  job.room = sy_alloc(4 * SAMPLES_AT_ONCE, rows->n_classes * sizeof *job.room);
  job.values = sy_alloc(samples, sizeof *job.values);
  job.counts = sy_alloc(SAMPLES_AT_ONCE, rows->all);
  bool complete = job.room && job.values && job.counts;
  sy_status status = complete ? run_samples(&job, error) : sy_fail_memory(error);
  if (status == SY_OK) sy_bootstrap_interval(job.values, samples, low, high);
  free(job.room);
  free(job.values);
  free(job.counts);
  return status;
}
