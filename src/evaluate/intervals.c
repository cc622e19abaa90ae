/* intervals.c: bootstrap intervals of all metrics, of one evaluation or of the difference of two.
 * Samples are spread over threads; each has its own place in a table, so that neither their number
 * nor who computed what can be seen. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/bootstrap.h"
#include "evaluate/metric_list.h"
#include "evaluate/parts.h"
#include "evaluate/resample.h"

#include <math.h>

/* Samples a worker computes between two calls of the progress callback. */
enum { SAMPLES_A_TURN = 4 };

/* One or two evaluations under way through the samples. */
typedef struct run {
  size_t n_sides; /* 1, or 2: the second is subtracted */
  sy_resampling sides[2];
  sy_metrics point[2];
  size_t n_workers;
  sy_resample_room *rooms; /* (n_workers) */
  double *scratch;         /* (n_workers, width): of the second side */
  size_t width, n_samples;
  double *table; /* (n_samples, width) */
  uint64_t seed;
  size_t first, end; /* samples of this turn */
} run;

static void compute_sample(run *r, size_t worker, size_t sample) {
  sy_resample_room *room = &r->rooms[worker];
  double *values = r->table + sample * r->width, *other = r->scratch + worker * r->width;
  sy_resample(&r->sides[0], r->seed, (uint32_t)sample, room);
  sy_metric_list_get(&room->metrics, values);
  if (r->n_sides < 2) return;
  sy_resample(&r->sides[1], r->seed, (uint32_t)sample, room);
  sy_metric_list_get(&room->metrics, other);
  for (size_t i = 0; i < r->width; i++) values[i] -= other[i];
}

static void work(void *context, size_t worker) {
  run *r = context;
  for (size_t s = r->first + worker; s < r->end; s += r->n_workers) compute_sample(r, worker, s);
}

static sy_status compute_samples(run *r, sy_progress progress, sy_error *error) {
  size_t turn = r->n_workers * SAMPLES_A_TURN;
  for (r->first = 0; r->first < r->n_samples; r->first = r->end) {
    double done = (double)r->first / (double)r->n_samples;
    if (progress.call && progress.call(progress.context, "bootstrap", done))
      return sy_fail(error, SY_CANCELLED, "interrupted in sample %zu of %zu", r->first + 1,
                     r->n_samples);
    r->end = r->n_samples - r->first < turn ? r->n_samples : r->first + turn;
    sy_parallel_blocks(r->n_workers, work, r);
  }
  return SY_OK;
}

static sy_status add_side(run *r, const sy_evaluation *evaluation, sy_error *error) {
  size_t side = r->n_sides++;
  sy_status status = sy_evaluate(evaluation, &r->point[side], error);
  if (status != SY_OK) return status;
  return sy_resampling_make(evaluation, &r->point[side], &r->sides[side], error);
}

static sy_status make_rooms(run *r, const sy_evaluation *evaluation, sy_error *error) {
  size_t threads = (size_t)sy_threads_get();
  r->width = sy_metric_list_size(evaluation->n_classes);
  size_t n_workers = threads < r->n_samples ? threads : r->n_samples;
  r->rooms = sy_alloc_zero(n_workers, sizeof *r->rooms);
  r->scratch = sy_alloc(n_workers, r->width * sizeof *r->scratch);
  r->table = sy_alloc(r->n_samples, r->width * sizeof *r->table);
  if (!r->rooms || !r->scratch || !r->table) return sy_fail_memory(error);
  sy_status status = SY_OK;
  for (; r->n_workers < n_workers && status == SY_OK; r->n_workers++)
    status = sy_resample_room_make(evaluation, &r->rooms[r->n_workers], error);
  return status;
}

static void clear_run(run *r) {
  for (size_t side = 0; side < r->n_sides; side++) {
    sy_resampling_clear(&r->sides[side]);
    sy_metrics_clear(&r->point[side]);
  }
  for (size_t w = 0; w < r->n_workers; w++) sy_resample_room_clear(&r->rooms[w]);
  free(r->rooms);
  free(r->scratch);
  free(r->table);
}

/* Metrics from a list of them, and what no list holds. */
static sy_status make_metrics(const run *r, const double *values, sy_metrics *metrics,
                              sy_error *error) {
  size_t n_classes = r->point[0].n_classes;
  sy_status status = sy_metrics_make(n_classes, metrics, error);
  if (status != SY_OK) return status;
  sy_metric_list_set(values, metrics);
  metrics->rows = r->point[0].rows;
  metrics->best_constant = r->point[0].best_constant;
  metrics->average_cost_low = metrics->average_cost_high = NAN;
  for (size_t i = 0; i < n_classes * n_classes; i++) metrics->confusion[i] = NAN;
  return SY_OK;
}

static sy_status take_intervals(const run *r, sy_metrics *low, sy_metrics *high, sy_error *error) {
  double *column = sy_alloc(r->n_samples + 2 * r->width, sizeof *column);
  if (!column) return sy_fail_memory(error);
  double *lows = column + r->n_samples, *highs = lows + r->width;
  for (size_t i = 0; i < r->width; i++) {
    for (size_t s = 0; s < r->n_samples; s++) column[s] = r->table[s * r->width + i];
    sy_bootstrap_interval(column, r->n_samples, &lows[i], &highs[i]);
  }
  sy_status status = make_metrics(r, lows, low, error);
  if (status == SY_OK) status = make_metrics(r, highs, high, error);
  free(column);
  return status;
}

static sy_status take_difference(const run *r, sy_metrics *difference, sy_error *error) {
  double *values = sy_alloc(2 * r->width, sizeof *values);
  if (!values) return sy_fail_memory(error);
  double *other = values + r->width;
  sy_metric_list_get(&r->point[0], values);
  sy_metric_list_get(&r->point[1], other);
  for (size_t i = 0; i < r->width; i++) values[i] -= other[i];
  sy_status status = make_metrics(r, values, difference, error);
  free(values);
  return status;
}

static sy_status check_samples(int samples, sy_error *error) {
  if (samples >= 2) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "at least 2 bootstrap samples are needed, not %d",
                 samples);
}

sy_status sy_evaluate_intervals(const sy_evaluation *evaluation, int samples, uint64_t seed,
                                sy_progress progress, sy_metrics *low, sy_metrics *high,
                                sy_error *error) {
  run r = {.n_samples = (size_t)samples, .seed = seed};
  *low = *high = (sy_metrics){0};
  sy_status status = check_samples(samples, error);
  if (status == SY_OK) status = add_side(&r, evaluation, error);
  if (status == SY_OK) status = make_rooms(&r, evaluation, error);
  if (status == SY_OK) status = compute_samples(&r, progress, error);
  if (status == SY_OK) status = take_intervals(&r, low, high, error);
  clear_run(&r);
  if (status == SY_OK) return SY_OK;
  sy_metrics_clear(low);
  sy_metrics_clear(high);
  return status;
}

static sy_status check_pair(const sy_evaluation *a, const sy_evaluation *b, sy_error *error) {
  if (a->n != b->n || a->n_classes != b->n_classes)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "only evaluations of the same rows can be compared: %zu rows of %zu classes, "
                   "%zu rows of %zu classes",
                   a->n, a->n_classes, b->n, b->n_classes);
  for (size_t i = 0; i < a->n; i++)
    if (a->ids[i] != b->ids[i])
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "only evaluations of the same rows can be compared: row %zu is of class %ld "
                     "and of class %ld",
                     i + 1, (long)a->ids[i], (long)b->ids[i]);
  return SY_OK;
}

sy_status sy_evaluate_difference(const sy_evaluation *a, const sy_evaluation *b, int samples,
                                 uint64_t seed, sy_progress progress, sy_metrics *difference,
                                 sy_metrics *low, sy_metrics *high, sy_error *error) {
  run r = {.n_samples = (size_t)samples, .seed = seed};
  *difference = *low = *high = (sy_metrics){0};
  sy_status status = check_samples(samples, error);
  if (status == SY_OK) status = check_pair(a, b, error);
  if (status == SY_OK) status = add_side(&r, a, error);
  if (status == SY_OK) status = add_side(&r, b, error);
  if (status == SY_OK) status = make_rooms(&r, a, error);
  if (status == SY_OK) status = compute_samples(&r, progress, error);
  if (status == SY_OK) status = take_intervals(&r, low, high, error);
  if (status == SY_OK) status = take_difference(&r, difference, error);
  clear_run(&r);
  if (status == SY_OK) return SY_OK;
  sy_metrics_clear(difference);
  sy_metrics_clear(low);
  sy_metrics_clear(high);
  return status;
}
