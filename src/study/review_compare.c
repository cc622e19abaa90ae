/* review_compare.c: several models judged on the same rows: which is better, and whether that may
 * be chance. */
#include <steelyard/study.h>

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

sy_evaluation sy_review_evaluation(const sy_review *review, const sy_costs *costs) {
  const sy_judged_rows *rows = &review->rows;
  return (sy_evaluation){.n = rows->n,
                         .n_classes = rows->n_classes,
                         .ids = rows->ids,
                         .log_probabilities = rows->log_probabilities,
                         .decisions = rows->decisions,
                         .row_weights = rows->row_weights,
                         .costs = costs,
                         .positive = review->positive};
}

double sy_measure_value(sy_comparison_measure measure, const sy_metrics *metrics) {
  switch (measure) {
  case SY_BY_COST:
    return metrics->average_cost;
  case SY_BY_LOG_LOSS:
    return metrics->log_loss;
  case SY_BY_BRIER:
    break;
  }
  return metrics->brier;
}

static const sy_metrics *metrics_of(const sy_review *review) {
  return &review->ways[review->stored].metrics;
}

/* Differences of infinities are none. */
static sy_comparison_measure choose_measure(const sy_review *reviews, size_t n, bool priced) {
  if (priced) return SY_BY_COST;
  for (size_t m = 0; m < n; m++)
    if (!isfinite(metrics_of(&reviews[m])->log_loss)) return SY_BY_BRIER;
  return SY_BY_LOG_LOSS;
}

static size_t find_best(const sy_review *reviews, size_t n, sy_comparison_measure measure) {
  size_t best = 0;
  for (size_t m = 1; m < n; m++)
    if (sy_measure_value(measure, metrics_of(&reviews[m])) <
        sy_measure_value(measure, metrics_of(&reviews[best])))
      best = m;
  return best;
}

static sy_status check_rows(const sy_review *reviews, size_t n, sy_error *error) {
  for (size_t m = 1; m < n; m++)
    if (reviews[m].rows.n != reviews[0].rows.n ||
        reviews[m].rows.n_classes != reviews[0].rows.n_classes)
      return sy_fail(error, SY_INVALID_SHAPE,
                     "models are compared on the same rows, not on %zu and %zu", reviews[0].rows.n,
                     reviews[m].rows.n);
  return SY_OK;
}

sy_status sy_reviews_compare(const sy_review *reviews, size_t n, const sy_costs *costs, int samples,
                             uint64_t seed, sy_progress progress, sy_review_comparison *comparison,
                             sy_error *error) {
  *comparison = (sy_review_comparison){0};
  sy_status status = check_rows(reviews, n, error);
  if (status != SY_OK) return status;
  comparison->differences = sy_alloc_zero(n, sizeof *comparison->differences);
  if (!comparison->differences) return sy_fail_memory(error);
  comparison->n = n;
  comparison->samples = samples;
  comparison->measure = choose_measure(reviews, n, costs != NULL);
  comparison->best = find_best(reviews, n, comparison->measure);
  sy_evaluation best = sy_review_evaluation(&reviews[comparison->best], costs);
  for (size_t m = 0; m < n && status == SY_OK; m++) {
    if (m == comparison->best) continue;
    sy_review_difference *one = &comparison->differences[m];
    sy_evaluation other = sy_review_evaluation(&reviews[m], costs);
    status = sy_evaluate_difference(&other, &best, samples, seed, progress, &one->difference,
                                    &one->low, &one->high, error);
  }
  if (status != SY_OK) sy_review_comparison_clear(comparison);
  return status;
}

void sy_review_comparison_clear(sy_review_comparison *comparison) {
  for (size_t m = 0; m < comparison->n; m++) {
    sy_metrics_clear(&comparison->differences[m].difference);
    sy_metrics_clear(&comparison->differences[m].low);
    sy_metrics_clear(&comparison->differences[m].high);
  }
  free(comparison->differences);
  *comparison = (sy_review_comparison){0};
}
