/* curves.c: metrics of one class against the rest that need the rows in order of its probability:
 * area under the ROC curve, average precision, calibration error. One sort a class, classes in
 * parallel; classes without support have no curve and cost nothing. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "evaluate/order.h"
#include "evaluate/parts.h"

#include <math.h>

enum { N_BINS = 10 };

/* Rows whose middle lies on the border of two bins up to rounding belong to the second, whatever
 * the order of the sums. */
static const double border_tolerance = 1e-9;

/* Sums of weights while walking down from the most probable row. */
typedef struct walk {
  double total; /* of all rows */
  double positives, negatives;
  double pairs;      /* pairs (positive, negative) in the right order, ties half */
  double precisions; /* precision at each positive */
  double predicted[N_BINS], observed[N_BINS];
} walk;

/* A group of rows of equal probability is one step of the curves, and falls into one bin: the one
 * that holds the middle of its weight. So k copies of a row are the row with k times its weight. */
static void step(walk *sums, double probability, double positives, double negatives) {
  double weight = positives + negatives;
  double middle = sums->positives + sums->negatives + weight / 2;
  size_t bin = (size_t)(N_BINS * middle / sums->total + border_tolerance);
  if (bin >= N_BINS) bin = N_BINS - 1;
  sums->predicted[bin] += weight * probability;
  sums->observed[bin] += positives;
  sums->pairs += negatives * (sums->positives + positives / 2);
  sums->positives += positives;
  sums->negatives += negatives;
  if (positives > 0)
    sums->precisions += positives * (sums->positives / (sums->positives + sums->negatives));
}

static void walk_down(const sy_ranked *ranked, size_t n, walk *sums) {
  for (size_t i = 0; i < n;) {
    uint64_t key = ranked[i].key;
    double positives = 0, negatives = 0;
    for (; i < n && ranked[i].key == key; i++) {
      double weight = ranked[i].signed_weight;
      if (weight > 0)
        positives += weight;
      else
        negatives -= weight;
    }
    step(sums, exp(sy_order_score(key)), positives, negatives);
  }
}

typedef struct curve {
  double roc_auc, average_precision, calibration_error;
} curve;

static curve finish(const walk *sums) {
  curve result = {NAN, NAN, 0};
  if (sums->positives > 0) result.average_precision = sums->precisions / sums->positives;
  if (sums->positives > 0 && sums->negatives > 0)
    result.roc_auc = sums->pairs / sums->positives / sums->negatives;
  for (size_t b = 0; b < N_BINS; b++)
    result.calibration_error += fabs(sums->predicted[b] - sums->observed[b]) / sums->total;
  return result;
}

/* Gathers the rows of any weight for class k; returns how many. */
static size_t gather(const sy_rows *rows, const double *log_probabilities, size_t k,
                     sy_ranked *ranked, double *total) {
  size_t n = 0;
  *total = 0;
  for (size_t i = 0; i < rows->n; i++) {
    double weight = sy_rows_weight(rows, i);
    if (!(weight > 0)) continue;
    ranked[n].key = sy_order_key(log_probabilities[i * rows->n_classes + k]);
    ranked[n++].signed_weight = (size_t)rows->ids[i] == k ? weight : -weight;
    *total += weight;
  }
  return n;
}

typedef struct curve_job {
  const sy_rows *rows;
  const double *log_probabilities;
  const size_t *present; /* classes with support */
  curve *curves;         /* one each */
  bool *failed;          /* one each: out of memory */
} curve_job;

static void curve_block(void *context, size_t block) {
  const curve_job *job = context;
  sy_ranked *ranked = sy_alloc(job->rows->n, 2 * sizeof *ranked);
  job->failed[block] = !ranked;
  if (!ranked) return;
  walk sums = {0};
  size_t n = gather(job->rows, job->log_probabilities, job->present[block], ranked, &sums.total);
  walk_down(sy_order_sort(ranked, ranked + job->rows->n, n), n, &sums);
  job->curves[block] = finish(&sums);
  free(ranked);
}

/* A mean over the classes where something is defined. */
typedef struct mean {
  double sum, n;
} mean;

static void add(mean *into, double value) {
  if (isnan(value)) return;
  into->sum += value;
  into->n++;
}

static double value(mean of) {
  return of.n > 0 ? of.sum / of.n : NAN;
}

static void fill(const sy_evaluation *evaluation, const size_t *present, size_t n_present,
                 const curve *curves, sy_metrics *metrics) {
  mean roc_auc = {0}, average_precision = {0}, calibration_error = {0};
  for (size_t c = 0; c < n_present; c++) {
    metrics->per_class[present[c]].roc_auc = curves[c].roc_auc;
    metrics->per_class[present[c]].average_precision = curves[c].average_precision;
    add(&roc_auc, curves[c].roc_auc);
    add(&average_precision, curves[c].average_precision);
    add(&calibration_error, curves[c].calibration_error);
  }
  metrics->roc_auc = value(roc_auc);
  metrics->average_precision = value(average_precision);
  metrics->calibration_error = value(calibration_error);
  if (metrics->n_classes != 2) return;
  metrics->roc_auc = metrics->per_class[evaluation->positive].roc_auc;
  metrics->average_precision = metrics->per_class[evaluation->positive].average_precision;
}

/* Lists the classes with support; the others' curves are not defined. */
static size_t list_present(sy_metrics *metrics, size_t *present) {
  size_t n_present = 0;
  for (size_t k = 0; k < metrics->n_classes; k++) {
    metrics->per_class[k].roc_auc = metrics->per_class[k].average_precision = NAN;
    if (metrics->per_class[k].support > 0) present[n_present++] = k;
  }
  return n_present;
}

static bool any_failed(const bool *failed, size_t n) {
  for (size_t c = 0; c < n; c++)
    if (failed[c]) return true;
  return false;
}

sy_status sy_curves_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                         sy_error *error) {
  size_t n_classes = rows->n_classes;
  size_t *present = sy_alloc(n_classes, sizeof *present);
  curve *curves = sy_alloc(n_classes, sizeof *curves);
  bool *failed = sy_alloc(n_classes, sizeof *failed);
  bool complete = present && curves && failed;
  if (complete) {
    size_t n_present = list_present(metrics, present);
    curve_job job = {rows, evaluation->log_probabilities, present, curves, failed};
    sy_parallel_blocks(n_present, curve_block, &job);
    complete = !any_failed(failed, n_present);
    if (complete) fill(evaluation, present, n_present, curves, metrics);
  }
  free(present);
  free(curves);
  free(failed);
  return complete ? SY_OK : sy_fail_memory(error);
}
