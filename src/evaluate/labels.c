/* labels.c: metrics of several yes/no labels a row. A label alone is an evaluation of two classes;
 * only what counts rows or pairs (row, label) is computed here. */
#include "base/error.h"
#include "base/memory.h"
#include "evaluate/parts.h"

#include <math.h>
#include <string.h>

static bool is_present(const sy_label_evaluation *evaluation, size_t row) {
  return !evaluation->row_weights || evaluation->row_weights[row] != 0;
}

static sy_status check_flag(const char *what, uint8_t flag, size_t row, size_t label,
                            sy_error *error) {
  if (flag <= 1) return SY_OK;
  return sy_fail(error, SY_INVALID_LABEL, "%s %u of label %zu at row %zu is neither 0 nor 1", what,
                 (unsigned)flag, label + 1, row + 1);
}

static sy_status check_pair(const sy_label_evaluation *evaluation, size_t row, size_t label,
                            sy_error *error) {
  size_t at = row * evaluation->n_labels + label;
  double p = evaluation->probabilities[at];
  char shown[SY_NUMBER_SIZE];
  sy_status status = check_flag("truth", evaluation->truth[at], row, label, error);
  if (status == SY_OK)
    status = check_flag("decision", evaluation->decisions[at], row, label, error);
  if (status != SY_OK || (p >= 0 && p <= 1)) return status;
  return sy_fail(error, SY_INVALID_DATA, "probability %s of label %zu at row %zu is outside 0..1",
                 sy_number_format(p, shown), label + 1, row + 1);
}

static sy_status check(const sy_label_evaluation *evaluation, sy_error *error) {
  if (evaluation->n_labels == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "there are no labels to evaluate");
  for (size_t i = 0; i < evaluation->n; i++)
    for (size_t l = 0; l < evaluation->n_labels && is_present(evaluation, i); l++) {
      sy_status status = check_pair(evaluation, i, l, error);
      if (status != SY_OK) return status;
    }
  return SY_OK;
}

/* A label as two classes; the same room serves all labels. */
typedef struct one_label {
  int32_t *ids, *decisions;  /* (n) */
  double *log_probabilities; /* (n, 2) */
} one_label;

static sy_status make_one(size_t n, one_label *one, sy_error *error) {
  one->ids = sy_alloc(n, sizeof *one->ids);
  one->decisions = sy_alloc(n, sizeof *one->decisions);
  one->log_probabilities = sy_alloc(n, 2 * sizeof *one->log_probabilities);
  if (one->ids && one->decisions && one->log_probabilities) return SY_OK;
  return sy_fail_memory(error);
}

static void clear_one(one_label *one) {
  free(one->ids);
  free(one->decisions);
  free(one->log_probabilities);
}

static void take_label(const sy_label_evaluation *evaluation, size_t label, one_label *one) {
  for (size_t i = 0; i < evaluation->n; i++) {
    size_t at = i * evaluation->n_labels + label;
    bool present = is_present(evaluation, i);
    double p = present ? evaluation->probabilities[at] : 0;
    one->ids[i] = present ? evaluation->truth[at] : 0;
    one->decisions[i] = present ? evaluation->decisions[at] : 0;
    one->log_probabilities[2 * i] = log1p(-p);
    one->log_probabilities[2 * i + 1] = log(p);
  }
}

/* Sums over the labels, and how many had something to add. */
typedef struct label_sums {
  double right, there, said;
  double log_loss, calibration_error;
  double f1, n_f1, roc_auc, n_roc_auc, average_precision, n_average_precision;
} label_sums;

static void add(double *sum, double *n, double value) {
  if (isnan(value)) return;
  *sum += value;
  (*n)++;
}

static void add_label(const sy_metrics *of, size_t label, sy_label_metrics *metrics,
                      label_sums *sums) {
  const sy_class_metrics *there = &of->per_class[1];
  metrics->per_label[label] = *there;
  metrics->log_losses[label] = of->log_loss;
  metrics->rows = of->rows;
  metrics->weighted_rows = of->weighted_rows;
  sums->right += of->confusion[3];
  sums->there += there->support;
  sums->said += there->predicted;
  sums->log_loss += of->log_loss;
  sums->calibration_error += of->calibration_error;
  add(&sums->f1, &sums->n_f1, there->f1);
  add(&sums->roc_auc, &sums->n_roc_auc, there->roc_auc);
  add(&sums->average_precision, &sums->n_average_precision, there->average_precision);
}

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : NAN;
}

static void finish(const label_sums *sums, sy_label_metrics *metrics) {
  double n_labels = (double)metrics->n_labels;
  metrics->log_loss = sums->log_loss / n_labels;
  metrics->calibration_error = sums->calibration_error / n_labels;
  metrics->macro_f1 = ratio(sums->f1, sums->n_f1);
  metrics->roc_auc = ratio(sums->roc_auc, sums->n_roc_auc);
  metrics->average_precision = ratio(sums->average_precision, sums->n_average_precision);
  metrics->micro_precision = ratio(sums->right, sums->said);
  metrics->micro_recall = ratio(sums->right, sums->there);
  metrics->micro_f1 = sums->there > 0 ? ratio(2 * sums->right, sums->there + sums->said) : NAN;
}

static void count_rows(const sy_label_evaluation *evaluation, sy_label_metrics *metrics) {
  double total = 0, all_right = 0, wrong = 0;
  size_t n_labels = evaluation->n_labels;
  for (size_t i = 0; i < evaluation->n; i++) {
    if (!is_present(evaluation, i)) continue;
    double weight = evaluation->row_weights ? evaluation->row_weights[i] : 1;
    size_t n_wrong = 0;
    for (size_t l = i * n_labels; l < (i + 1) * n_labels; l++)
      n_wrong += evaluation->truth[l] != evaluation->decisions[l];
    total += weight;
    wrong += weight * (double)n_wrong;
    if (n_wrong == 0) all_right += weight;
  }
  metrics->subset_accuracy = all_right / total;
  metrics->hamming_loss = wrong / total / (double)n_labels;
}

static sy_status evaluate_each(const sy_label_evaluation *evaluation, one_label *one,
                               sy_label_metrics *metrics, sy_error *error) {
  label_sums sums = {0};
  for (size_t l = 0; l < evaluation->n_labels; l++) {
    sy_evaluation two = {.n = evaluation->n,
                         .n_classes = 2,
                         .ids = one->ids,
                         .log_probabilities = one->log_probabilities,
                         .decisions = one->decisions,
                         .row_weights = evaluation->row_weights,
                         .positive = 1};
    sy_metrics of;
    take_label(evaluation, l, one);
    sy_status status = sy_evaluate(&two, &of, error);
    if (status != SY_OK) return status;
    add_label(&of, l, metrics, &sums);
    sy_metrics_clear(&of);
  }
  finish(&sums, metrics);
  return SY_OK;
}

sy_status sy_evaluate_labels(const sy_label_evaluation *evaluation, sy_label_metrics *metrics,
                             sy_error *error) {
  one_label one = {0};
  *metrics = (sy_label_metrics){.n_labels = evaluation->n_labels};
  sy_status status = check(evaluation, error);
  if (status == SY_OK) status = make_one(evaluation->n, &one, error);
  if (status == SY_OK) {
    metrics->per_label = sy_alloc_zero(metrics->n_labels, sizeof *metrics->per_label);
    metrics->log_losses = sy_alloc_zero(metrics->n_labels, sizeof *metrics->log_losses);
    if (!metrics->per_label || !metrics->log_losses) status = sy_fail_memory(error);
  }
  if (status == SY_OK) status = evaluate_each(evaluation, &one, metrics, error);
  if (status == SY_OK) count_rows(evaluation, metrics);
  clear_one(&one);
  if (status != SY_OK) sy_label_metrics_clear(metrics);
  return status;
}

void sy_label_metrics_clear(sy_label_metrics *metrics) {
  free(metrics->per_label);
  free(metrics->log_losses);
  *metrics = (sy_label_metrics){0};
}
