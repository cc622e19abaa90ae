/* resample.c: a sample weighs the rows anew. One sort a class serves all samples: a sample is one
 * walk over the rows and one down each class's order, O(n K) without an exponential. */
#include "evaluate/resample.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/bootstrap.h"
#include "evaluate/curve.h"
#include "evaluate/parts.h"

#include <math.h>
#include <string.h>

static const uint64_t begins_group = UINT64_C(1) << 62, row_mask = (UINT64_C(1) << 62) - 1;

typedef struct place_job {
  const sy_evaluation *evaluation;
  const sy_rows *rows;
  const sy_resampling *resampling;
  bool *failed; /* one a class: out of memory */
} place_job;

static void place(const sy_ranked *sorted, size_t n, sy_placed *placed) {
  for (size_t i = 0; i < n; i++) {
    bool begins = i == 0 || sorted[i].key != sorted[i - 1].key;
    placed[i].probability = begins ? exp(sy_order_score(sorted[i].key)) : placed[i - 1].probability;
    placed[i].row = sorted[i].row | (begins ? begins_group : 0);
  }
}

static void place_class(void *context, size_t block) {
  const place_job *job = context;
  const sy_resampling *resampling = job->resampling;
  sy_ranked *ranked = sy_alloc(job->rows->n, 2 * sizeof *ranked);
  job->failed[block] = !ranked;
  if (!ranked) return;
  size_t k = resampling->present[block];
  const double *logs = job->evaluation->log_probabilities + k;
  size_t n = sy_rank(job->rows, logs, job->rows->n_classes, (int32_t)k, SY_RANK_ROW, ranked);
  place(sy_order_sort(ranked, ranked + job->rows->n, n), n,
        resampling->placed + block * resampling->n_placed);
  free(ranked);
}

static sy_status place_all(const place_job *job, sy_error *error) {
  bool failed = false;
  sy_parallel_blocks(job->resampling->n_present, place_class, (void *)job);
  for (size_t c = 0; c < job->resampling->n_present; c++) failed |= job->failed[c];
  return failed ? sy_fail_memory(error) : SY_OK;
}

static size_t count_placed(const sy_rows *rows) {
  size_t n = 0;
  for (size_t i = 0; i < rows->n; i++) n += sy_rows_weight(rows, i) > 0;
  return n;
}

static void list_present(const sy_metrics *metrics, sy_resampling *into) {
  for (size_t k = 0; k < metrics->n_classes; k++)
    if (metrics->per_class[k].support > 0) into->present[into->n_present++] = k;
}

sy_status sy_resampling_make(const sy_evaluation *evaluation, const sy_metrics *metrics,
                             sy_resampling *resampling, sy_error *error) {
  size_t n = evaluation->n, n_classes = evaluation->n_classes;
  sy_rows rows = {evaluation->ids, evaluation->row_weights, n, n_classes};
  *resampling = (sy_resampling){.evaluation = evaluation, .n_placed = count_placed(&rows)};
  bool *failed = sy_alloc_zero(n_classes, sizeof *failed);
  resampling->losses = sy_alloc(n, 3 * sizeof *resampling->losses);
  resampling->present = sy_alloc(n_classes, sizeof *resampling->present);
  sy_status status =
      failed && resampling->losses && resampling->present ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    list_present(metrics, resampling);
    resampling->placed =
        sy_alloc(resampling->n_present, resampling->n_placed * sizeof *resampling->placed);
    if (!resampling->placed) status = sy_fail_memory(error);
  }
  if (status == SY_OK) {
    resampling->briers = resampling->losses + n;
    resampling->costs = resampling->briers + n;
    sy_scores_rows(evaluation, &rows, resampling->losses, resampling->briers);
    sy_costs_rows(evaluation->costs, &rows, evaluation->decisions, resampling->costs);
    status = place_all(&(place_job){evaluation, &rows, resampling, failed}, error);
  }
  free(failed);
  if (status != SY_OK) sy_resampling_clear(resampling);
  return status;
}

void sy_resampling_clear(sy_resampling *resampling) {
  free(resampling->losses);
  free(resampling->present);
  free(resampling->placed);
  *resampling = (sy_resampling){0};
}

sy_status sy_resample_room_make(const sy_evaluation *evaluation, sy_resample_room *room,
                                sy_error *error) {
  size_t n = evaluation->n;
  *room = (sy_resample_room){.counts = sy_alloc(n, 1),
                             .weights = sy_alloc(n, sizeof *room->weights),
                             .sums = sy_alloc(evaluation->n_classes, sizeof *room->sums)};
  sy_status status = room->counts && room->weights && room->sums ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) status = sy_metrics_make(evaluation->n_classes, &room->metrics, error);
  if (status != SY_OK) sy_resample_room_clear(room);
  return status;
}

void sy_resample_room_clear(sy_resample_room *room) {
  free(room->counts);
  free(room->weights);
  free(room->sums);
  sy_metrics_clear(&room->metrics);
  *room = (sy_resample_room){0};
}

static void weigh(const sy_rows *rows, uint64_t seed, uint32_t sample, sy_resample_room *room) {
  sy_bootstrap_counts(seed, sample, rows->n, room->counts);
  for (size_t i = 0; i < rows->n; i++) room->weights[i] = sy_rows_weight(rows, i) * room->counts[i];
}

static void empty(sy_metrics *metrics) {
  size_t n_classes = metrics->n_classes;
  sy_metrics kept = {
      .n_classes = n_classes, .per_class = metrics->per_class, .confusion = metrics->confusion};
  *metrics = kept;
  memset(kept.per_class, 0, n_classes * sizeof *kept.per_class);
  memset(kept.confusion, 0, n_classes * n_classes * sizeof *kept.confusion);
}

static void fill_scores(const sy_resampling *resampling, const double *weights,
                        sy_metrics *metrics) {
  double losses = 0, briers = 0;
  for (size_t i = 0; i < resampling->evaluation->n; i++) {
    if (!(weights[i] > 0)) continue; /* the loss may be infinite */
    losses += weights[i] * resampling->losses[i];
    briers += weights[i] * resampling->briers[i];
  }
  metrics->log_loss = losses / metrics->weighted_rows;
  metrics->brier = briers / metrics->weighted_rows;
}

/* Weights are looked up out of order: in the smallest array that holds them, for a byte a row stays
 * in the cache where eight would not, and many at once, before any is looked at: steps that wait
 * for their weights one by one take nearly three times as long. */
enum { CHUNK = 256 };

static void look_up(const sy_placed *placed, size_t n, const double *row_weights,
                    const uint8_t *counts, double *weights) {
  for (size_t i = 0; i < n; i++) weights[i] = counts[placed[i].row & row_mask];
  for (size_t i = 0; i < n && row_weights; i++) weights[i] *= row_weights[placed[i].row & row_mask];
}

/* Rows of equal probability, gathered until the next begins. */
typedef struct group {
  double probability, positives, negatives;
} group;

static void walk_chunk(const sy_placed *placed, size_t n, const double *weights, group *at,
                       sy_walk *walk) {
  for (size_t i = 0; i < n; i++) {
    if (placed[i].row & begins_group) {
      sy_walk_step(walk, at->probability, at->positives, at->negatives);
      *at = (group){placed[i].probability, 0, 0};
    }
    bool hit = placed[i].row & sy_ranked_hit;
    at->positives += hit ? weights[i] : 0;
    at->negatives += hit ? 0 : weights[i];
  }
}

static sy_curve walk_down(const sy_placed *placed, size_t n, const double *row_weights,
                          const uint8_t *counts, double total) {
  double weights[CHUNK];
  sy_walk walk = {.total = total};
  group at = {0};
  for (size_t first = 0; first < n; first += CHUNK) {
    size_t width = n - first < CHUNK ? n - first : CHUNK;
    look_up(placed + first, width, row_weights, counts, weights);
    walk_chunk(placed + first, width, weights, &at, &walk);
  }
  sy_walk_step(&walk, at.probability, at.positives, at.negatives);
  return sy_walk_finish(&walk);
}

/* Classes that the sample left without rows have no curve. */
static void fill_curves(const sy_resampling *resampling, const uint8_t *counts,
                        sy_metrics *metrics) {
  size_t n = resampling->n_placed;
  const double *row_weights = resampling->evaluation->row_weights;
  sy_curve_means means = {0};
  sy_curves_none(metrics);
  for (size_t c = 0; c < resampling->n_present; c++) {
    size_t k = resampling->present[c];
    if (!(metrics->per_class[k].support > 0)) continue;
    sy_curve curve =
        walk_down(resampling->placed + c * n, n, row_weights, counts, metrics->weighted_rows);
    sy_curves_add(&means, k, &curve, metrics);
  }
  sy_curves_end(&means, resampling->evaluation->positive, metrics);
}

void sy_resample(const sy_resampling *resampling, uint64_t seed, uint32_t sample,
                 sy_resample_room *room) {
  const sy_evaluation *evaluation = resampling->evaluation;
  sy_rows rows = {evaluation->ids, evaluation->row_weights, evaluation->n, evaluation->n_classes};
  weigh(&rows, seed, sample, room);
  rows.row_weights = room->weights;
  empty(&room->metrics);
  sy_confusion_fill(evaluation, &rows, &room->metrics);
  fill_scores(resampling, room->weights, &room->metrics);
  fill_curves(resampling, room->counts, &room->metrics);
  sy_costs_resample(evaluation->costs, &rows, resampling->costs, room->sums, &room->metrics);
}
