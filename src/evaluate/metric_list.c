/* metric_list.c: which numbers of the metrics stand for themselves. */
#include "evaluate/metric_list.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Where they lie, so that reading and writing cannot disagree. */
static const size_t of_all[] = {offsetof(sy_metrics, weighted_rows),
                                offsetof(sy_metrics, log_loss),
                                offsetof(sy_metrics, brier),
                                offsetof(sy_metrics, accuracy),
                                offsetof(sy_metrics, balanced_accuracy),
                                offsetof(sy_metrics, macro_f1),
                                offsetof(sy_metrics, weighted_f1),
                                offsetof(sy_metrics, mcc),
                                offsetof(sy_metrics, g_mean),
                                offsetof(sy_metrics, roc_auc),
                                offsetof(sy_metrics, average_precision),
                                offsetof(sy_metrics, calibration_error),
                                offsetof(sy_metrics, average_cost),
                                offsetof(sy_metrics, best_constant_cost)};

static const size_t of_class[] = {
    offsetof(sy_class_metrics, support),   offsetof(sy_class_metrics, predicted),
    offsetof(sy_class_metrics, precision), offsetof(sy_class_metrics, recall),
    offsetof(sy_class_metrics, f1),        offsetof(sy_class_metrics, average_precision),
    offsetof(sy_class_metrics, roc_auc)};

size_t sy_metric_list_size(size_t n_classes) {
  return COUNT(of_all) + n_classes * COUNT(of_class);
}

/* Copies one number out of a struct or into it. */
static void get(const void *from, size_t offset, double *value) {
  memcpy(value, (const char *)from + offset, sizeof *value);
}

static void set(void *into, size_t offset, const double *value) {
  memcpy((char *)into + offset, value, sizeof *value);
}

void sy_metric_list_get(const sy_metrics *metrics, double *values) {
  for (size_t i = 0; i < COUNT(of_all); i++) get(metrics, of_all[i], values++);
  for (size_t k = 0; k < metrics->n_classes; k++)
    for (size_t i = 0; i < COUNT(of_class); i++) get(&metrics->per_class[k], of_class[i], values++);
}

void sy_metric_list_set(const double *values, sy_metrics *metrics) {
  for (size_t i = 0; i < COUNT(of_all); i++) set(metrics, of_all[i], values++);
  for (size_t k = 0; k < metrics->n_classes; k++)
    for (size_t i = 0; i < COUNT(of_class); i++) set(&metrics->per_class[k], of_class[i], values++);
}
