/* scores.c: log-loss and Brier score: how good the probabilities are, whatever is decided. */
#include "base/error.h"
#include "evaluate/parts.h"

#include <math.h>

/* How far a row's probabilities may be from summing to 1, and a logarithm above 0: wide enough for
 * float32, narrow enough to catch logits or probabilities passed as their logarithms. */
static const double sum_tolerance = 1e-3;

/* What one row adds up to. */
typedef struct row_scores {
  double total; /* of its probabilities */
  double brier;
  bool usable;
} row_scores;

static row_scores score_row(const double *log_probabilities, size_t n_classes, size_t actual) {
  row_scores scores = {0};
  bool any_wrong = false;
  for (size_t k = 0; k < n_classes; k++) {
    double log_p = log_probabilities[k], p = exp(log_p), error = p - (k == actual ? 1 : 0);
    any_wrong |= !(log_p <= sum_tolerance);
    scores.total += p;
    scores.brier += error * error;
  }
  scores.usable = !any_wrong && fabs(scores.total - 1) <= sum_tolerance;
  return scores;
}

typedef struct score_job {
  const sy_rows *rows;
  const double *log_probabilities;
} score_job;

enum { LOG_LOSS, BRIER, WEIGHT, UNUSABLE, N_SUMS };

static row_scores score_at(const score_job *job, size_t i) {
  size_t n_classes = job->rows->n_classes;
  return score_row(job->log_probabilities + i * n_classes, n_classes, (size_t)job->rows->ids[i]);
}

static void sum_scores(const void *context, size_t first, size_t end, double *sums) {
  const score_job *job = context;
  for (size_t i = first; i < end; i++) {
    double weight = sy_rows_weight(job->rows, i);
    if (!(weight > 0)) continue;
    size_t actual = i * job->rows->n_classes + (size_t)job->rows->ids[i];
    row_scores scores = score_at(job, i);
    sums[LOG_LOSS] -= weight * job->log_probabilities[actual];
    sums[BRIER] += weight * scores.brier;
    sums[WEIGHT] += weight;
    if (!scores.usable) sums[UNUSABLE]++;
  }
}

/* Names the first row that is not usable; there is one. */
static sy_status fail_row(const score_job *job, sy_error *error) {
  for (size_t i = 0; i < job->rows->n; i++) {
    if (!(sy_rows_weight(job->rows, i) > 0)) continue;
    row_scores scores = score_at(job, i);
    if (scores.usable) continue;
    char total[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_DATA,
                   "row %zu: its probabilities sum to %s; log-probabilities must be at most 0 and "
                   "their probabilities sum to 1",
                   i + 1, sy_number_format(scores.total, total));
  }
  return SY_OK;
}

sy_status sy_scores_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                         sy_error *error) {
  score_job job = {rows, evaluation->log_probabilities};
  double sums[N_SUMS];
  sy_status status = sy_rows_sum(rows->n, N_SUMS, sum_scores, &job, sums, error);
  if (status != SY_OK) return status;
  if (sums[UNUSABLE] > 0) return fail_row(&job, error);
  metrics->log_loss = sums[LOG_LOSS] / sums[WEIGHT];
  metrics->brier = sums[BRIER] / sums[WEIGHT];
  return SY_OK;
}
