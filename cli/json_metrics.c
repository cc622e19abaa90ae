#include "json_metrics.h"

#include "json_text.h"

static json_t *json_class(const sy_class_metrics *metrics, const char *name) {
  json_t *object = json_object();
  json_object_set_new(object, "class", json_text(name));
  json_object_set_new(object, "support", json_number(metrics->support));
  json_object_set_new(object, "precision", json_number(metrics->precision));
  json_object_set_new(object, "recall", json_number(metrics->recall));
  json_object_set_new(object, "f1", json_number(metrics->f1));
  json_object_set_new(object, "average_precision", json_number(metrics->average_precision));
  json_object_set_new(object, "roc_auc", json_number(metrics->roc_auc));
  return object;
}

static json_t *json_one(const sy_metrics *metrics, const char *const *classes) {
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"weighted_rows", metrics->weighted_rows},
                 {"log_loss", metrics->log_loss},
                 {"brier", metrics->brier},
                 {"accuracy", metrics->accuracy},
                 {"balanced_accuracy", metrics->balanced_accuracy},
                 {"macro_f1", metrics->macro_f1},
                 {"weighted_f1", metrics->weighted_f1},
                 {"mcc", metrics->mcc},
                 {"g_mean", metrics->g_mean},
                 {"roc_auc", metrics->roc_auc},
                 {"average_precision", metrics->average_precision},
                 {"calibration_error", metrics->calibration_error},
                 {"average_cost", metrics->average_cost}};
  json_t *object = json_object(), *per_class = json_array();
  json_object_set_new(object, "rows", json_count(metrics->rows));
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    json_object_set_new(object, numbers[i].name, json_number(numbers[i].value));
  for (size_t k = 0; k < metrics->n_classes; k++)
    json_array_append_new(per_class, json_class(&metrics->per_class[k], classes[k]));
  json_object_set_new(object, "per_class", per_class);
  json_object_set_new(object, "confusion", json_matrix(metrics->confusion, metrics->n_classes));
  return object;
}

json_t *json_metrics(const sy_review *review, const char *const *classes) {
  json_t *object = json_one(&review->ways[review->stored].metrics, classes);
  if (review->has_unweighted)
    json_object_set_new(object, "unweighted", json_one(&review->unweighted, classes));
  return object;
}
