/* scores.c: log-loss and Brier score: how good the probabilities are, whatever is decided. */
#include "base/clones.h"
#include "base/error.h"
#include "base/exponential.h"
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

SY_CLONES static void fill_exponentials(const double *restrict logs, size_t n,
                                        double *restrict values) {
  for (size_t i = 0; i < n; i++) values[i] = sy_exp(logs[i]);
}

/* Exponentials are computed for several rows at once, or for a part of a row of many classes. */
enum { CHUNK = 512 };

static void add_classes(const double *logs, const double *p, size_t n, size_t actual,
                        row_scores *into) {
  for (size_t k = 0; k < n; k++) {
    double error = p[k] - (k == actual ? 1 : 0);
    into->usable &= logs[k] <= sum_tolerance;
    into->total += p[k];
    into->brier += error * error;
  }
}

static row_scores finish_row(row_scores scores) {
  scores.usable &= fabs(scores.total - 1) <= sum_tolerance;
  return scores;
}

typedef struct score_job {
  const sy_rows *rows;
  const double *log_probabilities;
} score_job;

static row_scores score_row(const score_job *job, size_t i) {
  size_t n_classes = job->rows->n_classes, actual = (size_t)job->rows->ids[i];
  const double *logs = job->log_probabilities + i * n_classes;
  row_scores scores = {.usable = true};
  double p[CHUNK];
  for (size_t first = 0; first < n_classes; first += CHUNK) {
    size_t n = n_classes - first < CHUNK ? n_classes - first : CHUNK;
    fill_exponentials(logs + first, n, p);
    add_classes(logs + first, p, n, actual - first, &scores);
  }
  return finish_row(scores);
}

enum { LOG_LOSS, BRIER, WEIGHT, UNUSABLE, N_SUMS };

static void add_row(const score_job *job, size_t i, row_scores scores, double *sums) {
  double weight = sy_rows_weight(job->rows, i);
  size_t actual = i * job->rows->n_classes + (size_t)job->rows->ids[i];
  sums[LOG_LOSS] -= weight * job->log_probabilities[actual];
  sums[BRIER] += weight * scores.brier;
  sums[WEIGHT] += weight;
  if (!scores.usable) sums[UNUSABLE]++;
}

/* Rows of few classes, whose exponentials are all in p. */
static void sum_rows(const score_job *job, size_t first, size_t end, const double *p,
                     double *sums) {
  size_t n_classes = job->rows->n_classes;
  for (size_t i = first; i < end; i++, p += n_classes) {
    if (!(sy_rows_weight(job->rows, i) > 0)) continue;
    row_scores scores = {.usable = true};
    add_classes(job->log_probabilities + i * n_classes, p, n_classes, (size_t)job->rows->ids[i],
                &scores);
    add_row(job, i, finish_row(scores), sums);
  }
}

static void sum_scores(const void *context, size_t first, size_t end, double *sums) {
  const score_job *job = context;
  size_t n_classes = job->rows->n_classes, n_rows = CHUNK / n_classes;
  double p[CHUNK];
  for (size_t i = first; i < end && n_rows == 0; i++)
    if (sy_rows_weight(job->rows, i) > 0) add_row(job, i, score_row(job, i), sums);
  for (size_t i = first; i < end && n_rows > 0; i += n_rows) {
    size_t next = end - i < n_rows ? end : i + n_rows;
    fill_exponentials(job->log_probabilities + i * n_classes, (next - i) * n_classes, p);
    sum_rows(job, i, next, p, sums);
  }
}

/* Names the first row that is not usable; there is one. */
static sy_status fail_row(const score_job *job, sy_error *error) {
  for (size_t i = 0; i < job->rows->n; i++) {
    if (!(sy_rows_weight(job->rows, i) > 0)) continue;
    row_scores scores = score_row(job, i);
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

void sy_scores_rows(const sy_evaluation *evaluation, const sy_rows *rows, double *losses,
                    double *briers) {
  score_job job = {rows, evaluation->log_probabilities};
  for (size_t i = 0; i < rows->n; i++) {
    losses[i] = briers[i] = 0;
    if (!(sy_rows_weight(rows, i) > 0)) continue;
    losses[i] = -evaluation->log_probabilities[i * rows->n_classes + (size_t)rows->ids[i]];
    briers[i] = score_row(&job, i).brier;
  }
}
