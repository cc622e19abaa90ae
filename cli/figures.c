#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Adds NAME or NAME:WHICH; room grows by doubling. */
static void add(figures *list, const char *name, const char *which, double value) {
  if ((list->n & (list->n - 1)) == 0) { /* full: a power of two, or none */
    figure *items = grab(list->n ? 2 * list->n : 1, sizeof *items);
    if (list->n) memcpy(items, list->items, list->n * sizeof *items);
    free(list->items);
    list->items = items;
  }
  char *full = which ? text_format("%s:%s", name, which) : text_copy(name);
  list->items[list->n++] = (figure){full, value};
}

/* A figure of one class, which is that of the whole too where it is the positive one of two. */
static void add_of_class(figures *list, const char *name, const char *class_name, bool positive,
                         double value) {
  if (positive) add(list, name, NULL, value);
  add(list, name, class_name, value);
}

static void add_metrics(figures *list, const sy_metrics *metrics) {
  const struct {
    const char *name;
    double value;
  } all[] = {{"rows", (double)metrics->rows},
             {"weighted_rows", metrics->weighted_rows},
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
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    add(list, all[i].name, NULL, all[i].value);
}

static void add_class(figures *list, const sy_class_metrics *metrics, const char *name,
                      bool positive) {
  add_of_class(list, "support", name, positive, metrics->support);
  add_of_class(list, "precision", name, positive, metrics->precision);
  add_of_class(list, "recall", name, positive, metrics->recall);
  add_of_class(list, "f1", name, positive, metrics->f1);
  add(list, "average_precision", name, metrics->average_precision);
  add(list, "roc_auc", name, metrics->roc_auc);
}

void figures_of_review(figures *list, const sy_review *review, const char *const *classes,
                       size_t n_classes) {
  const sy_way *way = &review->ways[review->stored];
  add_metrics(list, &way->metrics);
  if (review->positive >= 0) add(list, "flagged", NULL, way->flagged);
  for (size_t k = 0; k < n_classes; k++)
    add_class(list, &way->metrics.per_class[k], classes[k], (int)k == review->positive);
}

static void add_watched_class(figures *list, const sy_monitor *monitor, const char *name, size_t k,
                              bool positive) {
  bool prior = monitor && monitor->has_prior;
  double mean = monitor ? monitor->mean_probability[k] : (double)NAN;
  double decided = monitor ? monitor->decided[k] : (double)NAN;
  add_of_class(list, "flagged", name, positive, decided);
  add_of_class(list, "mean_probability", name, positive, mean);
  add_of_class(list, "prior", name, positive, prior ? monitor->prior.prior[k] : (double)NAN);
  add_of_class(list, "prior_low", name, positive, prior ? monitor->prior.low[k] : (double)NAN);
  add_of_class(list, "prior_high", name, positive, prior ? monitor->prior.high[k] : (double)NAN);
}

static void add_watched_column(figures *list, const sy_watched_column *column) {
  bool beyond = column->psi > column->psi_chance;
  double shift = isnan(column->psi) || beyond ? column->psi : 0;
  add(list, "shift", column->name, shift);
  add(list, "missing", column->name, fmax(0, column->missing - column->missing_training));
  add(list, "unseen", column->name, column->unseen);
}

static void add_column_names(figures *list, const char *name) {
  add(list, "shift", name, NAN);
  add(list, "missing", name, NAN);
  add(list, "unseen", name, NAN);
}

void figures_of_monitor(figures *list, const sy_monitor *monitor, const sy_model *model) {
  const sy_encoder *encoder = sy_model_encoder(model);
  size_t n_classes = sy_model_n_classes(model), n_columns = sy_encoder_n_inputs(encoder);
  int positive = n_classes == 2 ? (sy_model_positive(model) == 0 ? 0 : 1) : -1;
  add(list, "rows", NULL, monitor ? (double)monitor->rows : (double)NAN);
  add(list, "weighted_rows", NULL, monitor ? monitor->weighted_rows : (double)NAN);
  for (size_t k = 0; k < n_classes; k++)
    add_watched_class(list, monitor, sy_model_classes(model)[k], k, (int)k == positive);
  add(list, "shift", NULL, monitor ? monitor->shift : (double)NAN);
  add(list, "missing", NULL, monitor ? monitor->missing : (double)NAN);
  add(list, "unseen", NULL, monitor ? monitor->unseen : (double)NAN);
  for (size_t i = 0; i < n_columns; i++)
    if (monitor)
      add_watched_column(list, &monitor->columns[i]);
    else
      add_column_names(list, sy_encoder_input_name(encoder, i));
}

const figure *figures_find(const figures *list, const char *name) {
  for (size_t i = 0; i < list->n; i++)
    if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
  return NULL;
}

const char *figures_nearest(const figures *list, const char *name) {
  const char **names = grab(list->n, sizeof *names);
  for (size_t i = 0; i < list->n; i++) names[i] = list->items[i].name;
  const char *nearest = sy_nearest_name(name, names, list->n);
  free(names);
  return nearest;
}

void figures_free(figures *list) {
  for (size_t i = 0; i < list->n; i++) free(list->items[i].name);
  free(list->items);
  *list = (figures){NULL, 0};
}
