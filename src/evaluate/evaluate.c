/* evaluate.c: all metrics of one set of decisions. */
#include "base/error.h"
#include "base/memory.h"
#include "evaluate/parts.h"

static sy_status check(const sy_evaluation *evaluation, const sy_rows *rows, sy_error *error) {
  int positive = evaluation->positive;
  if (rows->n_classes == 2 && positive != 0 && positive != 1)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the positive class must be 0 or 1, not %d",
                   positive);
  sy_status status = sy_rows_check(rows, evaluation->decisions, error);
  return status == SY_OK ? sy_rows_check_costs(rows, evaluation->costs, error) : status;
}

sy_status sy_metrics_make(size_t n_classes, sy_metrics *metrics, sy_error *error) {
  *metrics = (sy_metrics){0};
  metrics->n_classes = n_classes;
  metrics->per_class = sy_alloc_zero(n_classes, sizeof *metrics->per_class);
  /* Rows of the matrix as elements: n_classes x n_classes may overflow, which the call catches. */
  metrics->confusion = sy_alloc_zero(n_classes, n_classes * sizeof *metrics->confusion);
  if (metrics->per_class && metrics->confusion) return SY_OK;
  sy_metrics_clear(metrics);
  return sy_fail(error, SY_OUT_OF_MEMORY, "out of memory: a confusion matrix of %zu classes",
                 n_classes);
}

sy_status sy_evaluate(const sy_evaluation *evaluation, sy_metrics *metrics, sy_error *error) {
  sy_rows rows = {evaluation->ids, evaluation->row_weights, evaluation->n, evaluation->n_classes};
  *metrics = (sy_metrics){0};
  sy_status status = check(evaluation, &rows, error);
  if (status != SY_OK) return status;
  status = sy_metrics_make(rows.n_classes, metrics, error);
  if (status == SY_OK) {
    sy_confusion_fill(evaluation, &rows, metrics);
    status = sy_scores_fill(evaluation, &rows, metrics, error);
  }
  if (status == SY_OK) status = sy_curves_fill(evaluation, &rows, metrics, error);
  if (status == SY_OK) status = sy_costs_fill(evaluation, &rows, metrics, error);
  if (status != SY_OK) sy_metrics_clear(metrics);
  return status;
}

void sy_metrics_clear(sy_metrics *metrics) {
  free(metrics->per_class);
  free(metrics->confusion);
  *metrics = (sy_metrics){0};
}
