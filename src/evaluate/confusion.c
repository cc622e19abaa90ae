/* confusion.c: the confusion matrix and every metric that is a function of it.
 * Sums run serially over the rows in one order for the matrix, its margins and their total, so that
 * equal sets of rows give equal sums: recall is exactly 1 where every row of a class is right. */
#include "evaluate/parts.h"

#include <math.h>

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : NAN;
}

/* Returns the weight of the rows decided rightly. */
static double count_rows(const sy_evaluation *evaluation, const sy_rows *rows,
                         sy_metrics *metrics) {
  double correct = 0;
  for (size_t i = 0; i < rows->n; i++) {
    if (rows->ids[i] == SY_IGNORED) continue;
    size_t actual = (size_t)rows->ids[i], predicted = (size_t)evaluation->decisions[i];
    double weight = sy_rows_weight(rows, i);
    metrics->rows++;
    metrics->weighted_rows += weight;
    metrics->confusion[actual * rows->n_classes + predicted] += weight;
    metrics->per_class[actual].support += weight;
    metrics->per_class[predicted].predicted += weight;
    if (actual == predicted) correct += weight;
  }
  return correct;
}

static double right_in_class(const sy_metrics *metrics, size_t k) {
  return metrics->confusion[k * metrics->n_classes + k];
}

static void fill_classes(sy_metrics *metrics) {
  for (size_t k = 0; k < metrics->n_classes; k++) {
    sy_class_metrics *class_metrics = &metrics->per_class[k];
    double right = right_in_class(metrics, k);
    class_metrics->precision = ratio(right, class_metrics->predicted);
    class_metrics->recall = ratio(right, class_metrics->support);
    double both = class_metrics->support + class_metrics->predicted;
    class_metrics->f1 = class_metrics->support > 0 ? ratio(2 * right, both) : NAN;
  }
}

/* Means over the classes with support. The geometric mean goes by logarithms: a product of many
 * recalls underflows. */
static void fill_means(sy_metrics *metrics) {
  double n_present = 0, recalls = 0, f1s = 0, weighted_f1s = 0, log_recalls = 0;
  for (size_t k = 0; k < metrics->n_classes; k++) {
    const sy_class_metrics *class_metrics = &metrics->per_class[k];
    if (!(class_metrics->support > 0)) continue;
    n_present++;
    recalls += class_metrics->recall;
    f1s += class_metrics->f1;
    weighted_f1s += class_metrics->support * class_metrics->f1;
    log_recalls += log(class_metrics->recall);
  }
  metrics->balanced_accuracy = ratio(recalls, n_present);
  metrics->macro_f1 = ratio(f1s, n_present);
  metrics->weighted_f1 = ratio(weighted_f1s, metrics->weighted_rows);
  metrics->g_mean = exp(log_recalls / n_present);
}

/* Gorodkin's R_K (2004): the correlation of two indicator matrices, from sums of weights:
 * (s c - sum_k p_k t_k) / sqrt((s^2 - sum p_k^2)(s^2 - sum t_k^2)). Whether a side is constant is
 * counted, for where multiply and add are fused rounding leaves no exact 0 there. */
static double matthews(const sy_metrics *metrics, double correct) {
  double total = metrics->weighted_rows, both = total * correct, actual = total * total;
  double predicted = actual;
  size_t n_actual = 0, n_predicted = 0;
  for (size_t k = 0; k < metrics->n_classes; k++) {
    const sy_class_metrics *class_metrics = &metrics->per_class[k];
    both -= class_metrics->support * class_metrics->predicted;
    actual -= class_metrics->support * class_metrics->support;
    predicted -= class_metrics->predicted * class_metrics->predicted;
    n_actual += class_metrics->support > 0;
    n_predicted += class_metrics->predicted > 0;
  }
  if (n_actual < 2 || n_predicted < 2 || !(actual > 0) || !(predicted > 0)) return NAN;
  double square = total * total; /* out before the product, which would overflow first */
  return both / square / sqrt(actual / square * (predicted / square));
}

void sy_confusion_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics) {
  double correct = count_rows(evaluation, rows, metrics);
  metrics->accuracy = ratio(correct, metrics->weighted_rows);
  metrics->mcc = matthews(metrics, correct);
  fill_classes(metrics);
  fill_means(metrics);
}
