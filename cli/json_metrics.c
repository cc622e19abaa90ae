#include "json_metrics.h"

#include <stddef.h>

#include "json_text.h"

/* A number among metrics: its name, and where it is. */
typedef struct named_number {
  const char *name;
  size_t offset;
} named_number;

#define OF_ALL(member)                                                                             \
  { #member, offsetof(sy_metrics, member) }
#define OF_CLASS(member)                                                                           \
  { #member, offsetof(sy_class_metrics, member) }

static const named_number of_all[] = {OF_ALL(weighted_rows),
                                      OF_ALL(log_loss),
                                      OF_ALL(brier),
                                      OF_ALL(accuracy),
                                      OF_ALL(balanced_accuracy),
                                      OF_ALL(macro_f1),
                                      OF_ALL(weighted_f1),
                                      OF_ALL(mcc),
                                      OF_ALL(g_mean),
                                      OF_ALL(roc_auc),
                                      OF_ALL(average_precision),
                                      OF_ALL(calibration_error),
                                      OF_ALL(average_cost)};

static const named_number of_class[] = {
    OF_CLASS(support), OF_CLASS(precision),         OF_CLASS(recall),
    OF_CLASS(f1),      OF_CLASS(average_precision), OF_CLASS(roc_auc)};

enum {
  N_OF_ALL = sizeof of_all / sizeof of_all[0],
  N_OF_CLASS = sizeof of_class / sizeof of_class[0]
};

static double number_at(const void *metrics, size_t offset) {
  return *(const double *)((const char *)metrics + offset);
}

/* Numbers, or pairs of them where there is `high`. */
static void set_numbers(json_t *object, const named_number *numbers, size_t n, const void *low,
                        const void *high) {
  for (size_t i = 0; i < n; i++) {
    json_t *value = json_number(number_at(low, numbers[i].offset));
    if (high) value = json_pack("[o, o]", value, json_number(number_at(high, numbers[i].offset)));
    json_object_set_new(object, numbers[i].name, value);
  }
}

/* `first` leaves out what is a count, no rate. */
static json_t *json_classes(const sy_metrics *low, const sy_metrics *high,
                            const char *const *classes, size_t first) {
  json_t *list = json_array();
  for (size_t k = 0; k < low->n_classes; k++) {
    json_t *object = json_object();
    json_object_set_new(object, "class", json_text(classes[k]));
    set_numbers(object, of_class + first, N_OF_CLASS - first, &low->per_class[k],
                high ? &high->per_class[k] : NULL);
    json_array_append_new(list, object);
  }
  return list;
}

static json_t *json_one(const sy_metrics *metrics, const char *const *classes) {
  json_t *object = json_object();
  json_object_set_new(object, "rows", json_count(metrics->rows));
  set_numbers(object, of_all, N_OF_ALL, metrics, NULL);
  json_object_set_new(object, "per_class", json_classes(metrics, NULL, classes, 0));
  json_object_set_new(object, "confusion", json_matrix(metrics->confusion, metrics->n_classes));
  return object;
}

json_t *json_metrics(const sy_review *review, const char *const *classes) {
  json_t *object = json_one(&review->ways[review->stored].metrics, classes);
  if (review->has_unweighted)
    json_object_set_new(object, "unweighted", json_one(&review->unweighted, classes));
  if (review->has_saving)
    json_object_set_new(object, "saving_against_default", json_saving(&review->saving));
  if (review->priced)
    json_object_set_new(object, "saving_against_constant", json_saving(&review->saving_constant));
  return object;
}

json_t *json_saving(const sy_cost_comparison *saving) {
  json_t *object = json_object();
  json_object_set_new(object, "average_cost",
                      json_estimate(saving->difference, saving->low, saving->high));
  json_object_set_new(object, "share",
                      json_estimate(saving->saving, saving->saving_low, saving->saving_high));
  return object;
}

json_t *json_ranges(const sy_metrics *low, const sy_metrics *high, const char *const *classes) {
  json_t *object = json_object();
  set_numbers(object, of_all + 1, N_OF_ALL - 1, low, high);
  json_object_set_new(object, "per_class", json_classes(low, high, classes, 1));
  return object;
}

json_t *json_differences_of(const sy_metrics *difference, const char *const *classes) {
  return json_ranges(difference, NULL, classes);
}
