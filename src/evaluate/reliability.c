/* reliability.c: mean probability and observed share in bins of equal weight. */
#include "base/error.h"
#include "base/memory.h"
#include "evaluate/bins.h"
#include "evaluate/rank.h"
#include "evaluate/wilson.h"

#include <math.h>

/* Sums over the rows of a bin. */
typedef struct bin {
  double weight, squares, predicted, positives;
} bin;

typedef struct source {
  sy_rows rows;
  const double *probabilities;
  int32_t class_id;
  size_t n_bins;
} source;

static sy_status check(const source *from, sy_error *error) {
  if (from->class_id < 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the class must be 0 or more, not %ld",
                   (long)from->class_id);
  if (from->n_bins < 1) return sy_fail(error, SY_INVALID_ARGUMENT, "at least 1 bin is needed");
  sy_status status = sy_rows_check(&from->rows, NULL, error);
  for (size_t i = 0; status == SY_OK && i < from->rows.n; i++) {
    double p = from->probabilities[i];
    char shown[SY_NUMBER_SIZE];
    if ((p >= 0 && p <= 1) || !(sy_rows_weight(&from->rows, i) > 0)) continue;
    status = sy_fail(error, SY_INVALID_DATA, "probability %s at row %zu is outside 0..1",
                     sy_number_format(p, shown), i + 1);
  }
  return status;
}

static void add_row(const source *from, const sy_ranked *ranked, bin *into) {
  size_t row = ranked->row & ~sy_ranked_hit;
  double weight = sy_rows_weight(&from->rows, row);
  into->weight += weight;
  into->squares += weight * weight;
  into->predicted += weight * from->probabilities[row];
  if (ranked->row & sy_ranked_hit) into->positives += weight;
}

static void add_group(bin *into, const bin *group) {
  into->weight += group->weight;
  into->squares += group->squares;
  into->predicted += group->predicted;
  into->positives += group->positives;
}

static void fill_bins(const source *from, const sy_ranked *sorted, size_t n, bin *bins) {
  double total = 0, before = 0;
  for (size_t i = 0; i < from->rows.n; i++) total += sy_rows_weight(&from->rows, i);
  for (size_t i = 0; i < n;) {
    uint64_t key = sorted[i].key;
    bin group = {0};
    for (; i < n && sorted[i].key == key; i++) add_row(from, &sorted[i], &group);
    add_group(&bins[sy_bin_of(before, group.weight, total, from->n_bins)], &group);
    before += group.weight;
  }
}

static sy_status sort_into_bins(const source *from, bin *bins, sy_error *error) {
  sy_ranked *ranked = sy_alloc(from->rows.n, 2 * sizeof *ranked);
  if (!ranked) return sy_fail_memory(error);
  size_t n = sy_rank(&from->rows, from->probabilities, 1, from->class_id, SY_RANK_ROW, ranked);
  fill_bins(from, sy_order_sort(ranked, ranked + from->rows.n, n), n, bins);
  free(ranked);
  return SY_OK;
}

/* Bins come from the most probable rows down, and leave in rising order without the empty ones. */
static sy_status take_bins(const bin *bins, size_t n_bins, sy_reliability *into, sy_error *error) {
  size_t n = 0, at = 0;
  for (size_t b = 0; b < n_bins; b++) n += bins[b].weight > 0;
  double *room = sy_alloc(n, 5 * sizeof *room);
  if (!room) return sy_fail_memory(error);
  *into = (sy_reliability){n, room, room + n, room + 2 * n, room + 3 * n, room + 4 * n};
  for (size_t b = n_bins; b-- > 0;) {
    if (!(bins[b].weight > 0)) continue;
    into->weight[at] = bins[b].weight;
    into->predicted[at] = bins[b].predicted / bins[b].weight;
    into->observed[at] = bins[b].positives / bins[b].weight;
    sy_wilson_interval(into->observed[at], bins[b].weight * bins[b].weight / bins[b].squares,
                       &into->low[at], &into->high[at]);
    at++;
  }
  return SY_OK;
}

sy_status sy_reliability_make(const double *probabilities, const int32_t *ids, size_t n,
                              int class_id, const double *row_weights, size_t most_bins,
                              sy_reliability *reliability, sy_error *error) {
  source from = {{ids, row_weights, n, sy_any_classes}, probabilities, class_id, most_bins};
  *reliability = (sy_reliability){0};
  sy_status status = check(&from, error);
  if (status != SY_OK) return status;
  bin *bins = sy_alloc_zero(most_bins, sizeof *bins);
  if (!bins) return sy_fail_memory(error);
  status = sort_into_bins(&from, bins, error);
  if (status == SY_OK) status = take_bins(bins, most_bins, reliability, error);
  free(bins);
  return status;
}

void sy_reliability_clear(sy_reliability *reliability) {
  free(reliability->weight);
  *reliability = (sy_reliability){0};
}
