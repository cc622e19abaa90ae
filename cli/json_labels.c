#include "json_labels.h"

#include "json_text.h"

static json_t *json_label(const sy_label_metrics *metrics, size_t l, const char *name) {
  const sy_class_metrics *one = &metrics->per_label[l];
  json_t *object = json_object();
  json_object_set_new(object, "label", json_text(name));
  json_object_set_new(object, "support", json_number(one->support));
  json_object_set_new(object, "precision", json_number(one->precision));
  json_object_set_new(object, "recall", json_number(one->recall));
  json_object_set_new(object, "f1", json_number(one->f1));
  json_object_set_new(object, "average_precision", json_number(one->average_precision));
  json_object_set_new(object, "roc_auc", json_number(one->roc_auc));
  json_object_set_new(object, "log_loss", json_number(metrics->log_losses[l]));
  return object;
}

json_t *json_label_metrics(const sy_label_metrics *metrics, const char *const *names) {
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"weighted_rows", metrics->weighted_rows},
                 {"log_loss", metrics->log_loss},
                 {"macro_f1", metrics->macro_f1},
                 {"micro_precision", metrics->micro_precision},
                 {"micro_recall", metrics->micro_recall},
                 {"micro_f1", metrics->micro_f1},
                 {"subset_accuracy", metrics->subset_accuracy},
                 {"hamming_loss", metrics->hamming_loss},
                 {"roc_auc", metrics->roc_auc},
                 {"average_precision", metrics->average_precision},
                 {"calibration_error", metrics->calibration_error}};
  json_t *object = json_object(), *labels = json_array();
  json_object_set_new(object, "rows", json_count(metrics->rows));
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    json_object_set_new(object, numbers[i].name, json_number(numbers[i].value));
  for (size_t l = 0; l < metrics->n_labels; l++)
    json_array_append_new(labels, json_label(metrics, l, names[l]));
  json_object_set_new(object, "per_label", labels);
  return object;
}
