/* tune_bootstrap.c: how sure a tuned threshold is: samples of the rows, drawn with replacement, are
 * tuned as the rows were. The rows are put in order once; a sample is how often each of them came.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/bootstrap.h"
#include "study/tune.h"

#include <math.h>

/* Samples drawn between two looks at the progress callback; each takes a byte a row. */
enum { SAMPLES_AT_ONCE = 16 };

/* A row in the order of the steps. */
typedef struct placed_row {
  size_t row;
  double weight;   /* negative for the rest */
  double none;     /* what it costs, times its weight, when it is not flagged, */
  double flagging; /* and what flagging it adds */
} placed_row;

typedef struct placed_rows {
  const sy_tune_rows *rows;
  placed_row *items; /* (n) those of any weight */
  size_t n;
  size_t *ends; /* (n_steps) behind the last row of each step */
  size_t n_steps;
  const double *scores; /* (n_steps) falling */
} placed_rows;

static size_t step_of(const double *scores, size_t n_steps, double score) {
  size_t low = 0, high = n_steps - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (scores[middle] <= score)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

enum { PLACE_BLOCK = 4096 };

typedef struct place_job {
  const sy_tune_rows *rows;
  const double *scores;
  size_t n_steps;
  size_t *steps; /* (n) of each row */
} place_job;

static void find_steps(void *context, size_t block) {
  const place_job *job = context;
  size_t end = (block + 1) * PLACE_BLOCK;
  if (end > job->rows->n) end = job->rows->n;
  for (size_t i = block * PLACE_BLOCK; i < end; i++)
    if (sy_tune_weight(job->rows, i) > 0)
      job->steps[i] = step_of(job->scores, job->n_steps, job->rows->scores[i]);
}

/* Counts the rows of each step, and puts each behind those of the steps before. */
static void distribute(const size_t *steps, placed_rows *placed) {
  const sy_tune_rows *rows = placed->rows;
  for (size_t i = 0; i < rows->n; i++)
    if (sy_tune_weight(rows, i) > 0) placed->ends[steps[i]]++;
  for (size_t s = 0; s < placed->n_steps; s++) {
    size_t count = placed->ends[s];
    placed->ends[s] = placed->n;
    placed->n += count;
  }
  for (size_t i = 0; i < rows->n; i++) {
    double weight = sy_tune_weight(rows, i);
    if (!(weight > 0)) continue;
    bool is_positive = rows->ids[i] == rows->positive;
    double none = weight * sy_tune_cost(rows, i, false);
    placed->items[placed->ends[steps[i]]++] = (placed_row){
        i, is_positive ? weight : -weight, none, weight * sy_tune_cost(rows, i, true) - none};
  }
}

static sy_status place(placed_rows *placed, sy_error *error) {
  size_t n = placed->rows->n;
  size_t *steps = sy_alloc(n, sizeof *steps);
  placed->items = sy_alloc(n, sizeof *placed->items);
  placed->ends = sy_alloc_zero(placed->n_steps, sizeof *placed->ends);
  bool complete = steps && placed->items && placed->ends;
  if (complete) {
    place_job job = {placed->rows, placed->scores, placed->n_steps, steps};
    sy_parallel_blocks((n + PLACE_BLOCK - 1) / PLACE_BLOCK, find_steps, &job);
    distribute(steps, placed);
  }
  free(steps);
  return complete ? SY_OK : sy_fail_memory(error);
}

/* A sample under way. */
typedef struct sample_job {
  const placed_rows *placed;
  const sy_tune_options *options;
  size_t flagged;              /* by the tuned threshold */
  uint32_t first;              /* sample of block 0 */
  uint8_t *counts;             /* (SAMPLES_AT_ONCE, all rows) */
  double *thresholds, *values; /* of each sample */
} sample_job;

/* Draws how often each row came, and what it costs to flag none of them. */
static sy_flagging draw(const sample_job *job, uint32_t sample, uint8_t *counts) {
  const placed_rows *placed = job->placed;
  sy_flagging none = {0};
  sy_bootstrap_counts(job->options->seed, sample, placed->rows->n, counts);
  for (size_t r = 0; r < placed->n; r++) {
    const placed_row *item = &placed->items[r];
    double weight = counts[item->row] * fabs(item->weight);
    *(item->weight > 0 ? &none.all_positives : &none.all_negatives) += weight;
    none.cost += counts[item->row] * item->none;
  }
  return none;
}

/* Flags the rows of a step; whether any of them is in the sample. */
static bool flag_step(const placed_rows *placed, const uint8_t *counts, size_t begin, size_t end,
                      sy_flagging *at) {
  bool any = false;
  for (size_t r = begin; r < end; r++) {
    const placed_row *item = &placed->items[r];
    if (!counts[item->row]) continue;
    any = true;
    double weight = counts[item->row] * fabs(item->weight);
    *(item->weight > 0 ? &at->positives : &at->negatives) += weight;
    at->cost += counts[item->row] * item->flagging;
  }
  return any;
}

static void tune_sample(void *context, size_t block) {
  const sample_job *job = context;
  const placed_rows *placed = job->placed;
  size_t sample = job->first + block;
  uint8_t *counts = job->counts + block * placed->rows->n;
  sy_flagging_search search = {.options = job->options};
  sy_flagging at = draw(job, (uint32_t)sample, counts);
  double chosen = NAN;
  bool changed = true; /* a step without rows of the sample ties with the one before */
  for (size_t s = 0;; s++) {
    if (changed) sy_flagging_offer(&search, &at, s);
    if (s == job->flagged) chosen = sy_flagging_value(&at, &job->options->objective);
    if (s == placed->n_steps) break;
    changed = flag_step(placed, counts, s ? placed->ends[s - 1] : 0, placed->ends[s], &at);
  }
  job->values[sample] = chosen;
  job->thresholds[sample] =
      search.found ? sy_tune_threshold_of(placed->scores, placed->n_steps, search.best) : NAN;
}

static sy_status run_samples(sample_job *job, sy_error *error) {
  uint32_t samples = (uint32_t)job->options->samples;
  for (; job->first < samples; job->first += SAMPLES_AT_ONCE) {
    uint32_t left = samples - job->first;
    sy_status status = sy_progress_tell(job->options->progress, "tuning samples",
                                        (double)job->first / samples, error);
    if (status != SY_OK) return status;
    sy_parallel_blocks(left < SAMPLES_AT_ONCE ? left : SAMPLES_AT_ONCE, tune_sample, job);
  }
  return SY_OK;
}

sy_status sy_tune_bootstrap(const sy_tune_rows *rows, const double *steps, size_t n_steps,
                            size_t flagged, const sy_tune_options *options, sy_tuned *tuned,
                            sy_error *error) {
  placed_rows placed = {.rows = rows, .n_steps = n_steps, .scores = steps};
  size_t samples = (size_t)options->samples;
  sample_job job = {.placed = &placed, .options = options, .flagged = flagged};
  sy_status status = place(&placed, error);
  if (status == SY_OK) {
    job.counts = sy_alloc(rows->n, SAMPLES_AT_ONCE);
    job.thresholds = sy_alloc(samples, sizeof *job.thresholds);
    job.values = sy_alloc(samples, sizeof *job.values);
    bool complete = job.counts && job.thresholds && job.values;
    status = complete ? run_samples(&job, error) : sy_fail_memory(error);
  }
  if (status == SY_OK) {
    sy_tune_interval(job.thresholds, samples, &tuned->threshold_low, &tuned->threshold_high);
    sy_bootstrap_interval(job.values, samples, &tuned->value_low, &tuned->value_high);
  }
  free(job.counts);
  free(job.thresholds);
  free(job.values);
  free(placed.items);
  free(placed.ends);
  return status;
}
