/* curves.c: metrics of one class against the rest that need the rows in order of its probability:
 * area under the ROC curve, average precision, calibration error. One sort a class, classes in
 * parallel; classes without support have no curve and cost nothing. Where rows of two
 * classes weigh 1, one sort does, for the order of the other class is the reverse. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/curve.h"
#include "evaluate/parts.h"
#include "evaluate/rank.h"

#include <math.h>
#include <stdatomic.h>

void sy_curves_none(sy_metrics *metrics) {
  for (size_t k = 0; k < metrics->n_classes; k++)
    metrics->per_class[k].roc_auc = metrics->per_class[k].average_precision = NAN;
}

static void add(double *sum, double *n, double value) {
  if (isnan(value)) return;
  *sum += value;
  (*n)++;
}

void sy_curves_add(sy_curve_means *means, size_t k, const sy_curve *curve, sy_metrics *metrics) {
  metrics->per_class[k].roc_auc = curve->roc_auc;
  metrics->per_class[k].average_precision = curve->average_precision;
  add(&means->roc_auc.sum, &means->roc_auc.n, curve->roc_auc);
  add(&means->average_precision.sum, &means->average_precision.n, curve->average_precision);
  add(&means->calibration_error.sum, &means->calibration_error.n, curve->calibration_error);
}

static double mean(double sum, double n) {
  return n > 0 ? sum / n : NAN;
}

void sy_curves_end(const sy_curve_means *means, int positive, sy_metrics *metrics) {
  metrics->roc_auc = mean(means->roc_auc.sum, means->roc_auc.n);
  metrics->average_precision = mean(means->average_precision.sum, means->average_precision.n);
  metrics->calibration_error = mean(means->calibration_error.sum, means->calibration_error.n);
  if (metrics->n_classes != 2) return;
  metrics->roc_auc = metrics->per_class[positive].roc_auc;
  metrics->average_precision = metrics->per_class[positive].average_precision;
}

typedef struct curve_job {
  const sy_rows *rows;
  const double *log_probabilities;
  double total;          /* of the row weights */
  const size_t *present; /* classes with support */
  sy_curve *curves;      /* one each */
  atomic_bool failed;    /* out of memory */
} curve_job;

static void curve_block(void *context, size_t block) {
  curve_job *job = context;
  const sy_rows *rows = job->rows;
  size_t k = job->present[block];
  sy_ranked *ranked = sy_alloc(rows->n, 2 * sizeof *ranked);
  if (!ranked) {
    atomic_store(&job->failed, true);
    return;
  }
  const double *logs = job->log_probabilities + k;
  size_t n = sy_rank(rows, logs, rows->n_classes, (int32_t)k, SY_RANK_WEIGHT, ranked);
  const sy_ranked *sorted = sy_order_sort(ranked, ranked + rows->n, n);
  sy_curve_walk(sorted, n, SY_WALK_WEIGHTS, job->total, &job->curves[block]);
  free(ranked);
}

/* Rows of two classes in one order, walked from either end. */
typedef struct two_ends {
  curve_job *job;
  const sy_ranked *sorted;
  size_t n;
  bool walked[2];
} two_ends;

static void walk_from(void *context, size_t k) {
  two_ends *ends = context;
  ends->walked[k] = sy_curve_walk(ends->sorted, ends->n, k ? SY_WALK_PAIRS : SY_WALK_PAIRS_BACK,
                                  ends->job->total, &ends->job->curves[k]);
}

/* p_0 = 1 - p_1 up to rounding, so nearly always one order is the other reversed. Where it is not
 * (equal to rounding in one class but not in the other, or probabilities that sum to 1 within
 * their tolerance only) class 0 is sorted for itself. False: these
 * rows are not for this way. */
static bool fill_both(curve_job *job) {
  const sy_rows *rows = job->rows;
  sy_ranked *ranked = sy_alloc(rows->n, 2 * sizeof *ranked);
  if (!ranked) {
    atomic_store(&job->failed, true);
    return true;
  }
  two_ends ends = {.job = job};
  bool packed = sy_rank_pairs(rows, job->log_probabilities, ranked, &ends.n);
  if (packed) {
    ends.sorted = sy_order_sort(ranked, ranked + rows->n, ends.n);
    sy_parallel_blocks(2, walk_from, &ends);
  }
  free(ranked);
  if (packed && !ends.walked[0]) curve_block(job, 0);
  return packed;
}

static bool fill_all(curve_job *job, size_t n_present) {
  bool two = n_present == 2 && job->rows->n_classes == 2 && !job->rows->row_weights;
  if (!two || !fill_both(job)) sy_parallel_blocks(n_present, curve_block, job);
  return !atomic_load(&job->failed);
}

/* Lists the classes with support; the others have no curve. */
static size_t list_present(const sy_metrics *metrics, size_t *present) {
  size_t n_present = 0;
  for (size_t k = 0; k < metrics->n_classes; k++)
    if (metrics->per_class[k].support > 0) present[n_present++] = k;
  return n_present;
}

sy_status sy_curves_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                         sy_error *error) {
  size_t n_classes = rows->n_classes;
  size_t *present = sy_alloc(n_classes, sizeof *present);
  sy_curve *curves = sy_alloc(n_classes, sizeof *curves);
  curve_job job = {rows, evaluation->log_probabilities, metrics->weighted_rows, present, curves,
                   false};
  size_t n_present = present ? list_present(metrics, present) : 0;
  bool complete = present && curves && fill_all(&job, n_present);
  sy_curve_means means = {0};
  sy_curves_none(metrics);
  for (size_t c = 0; complete && c < n_present; c++)
    sy_curves_add(&means, present[c], &curves[c], metrics);
  sy_curves_end(&means, evaluation->positive, metrics);
  free(present);
  free(curves);
  return complete ? SY_OK : sy_fail_memory(error);
}
