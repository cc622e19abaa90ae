/* labels.c: several labels a row, a line each. */
#include <steelyard/report.h>

#include "report/format.h"

enum { NAME_WIDTH = 24, LABELS_SHOWN = 60 };

static const char *const heads[] = {"rows with", "said", "precision", "recall",
                                    "F1",        "AP",   "AUC",       "log-loss"};
static const size_t widths[] = {11, 9, 11, 8, 7, 7, 7, 10};

static void put_heads(sy_text *text) {
  sy_put_left(text, sy_cell_text("label", NAME_WIDTH), NAME_WIDTH);
  for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
    sy_put_right(text, sy_cell_text(heads[i], widths[i]), widths[i]);
  sy_text_put(text, "\n");
}

static void put_label(sy_text *text, const sy_class_metrics *one, double log_loss,
                      const char *name) {
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, sy_cell_count(one->support), widths[0]);
  sy_put_right(text, sy_cell_count(one->predicted), widths[1]);
  const double values[] = {one->precision,         one->recall,  one->f1,
                           one->average_precision, one->roc_auc, log_loss};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    sy_put_right(text, sy_cell_fixed(values[i], 3), widths[2 + i]);
  sy_text_put(text, "\n");
}

/* Means over labels, then of all pairs of row and label together, then of rows. */
static void put_means(sy_text *text, const sy_label_metrics *metrics) {
  sy_text_add(text, "macro F1 %s, AUC %s, AP %s, log-loss %s, calibration error %s (means)\n",
              sy_cell_fixed(metrics->macro_f1, 3).text, sy_cell_fixed(metrics->roc_auc, 3).text,
              sy_cell_fixed(metrics->average_precision, 3).text,
              sy_cell_fixed(metrics->log_loss, 3).text,
              sy_cell_fixed(metrics->calibration_error, 3).text);
  sy_text_add(text, "micro F1 %s, precision %s, recall %s (of all labels of all rows)\n",
              sy_cell_fixed(metrics->micro_f1, 3).text,
              sy_cell_fixed(metrics->micro_precision, 3).text,
              sy_cell_fixed(metrics->micro_recall, 3).text);
  sy_text_add(text, "all labels of a row right: %s of the rows; labels wrong: %s\n",
              sy_cell_percent(metrics->subset_accuracy).text,
              sy_cell_percent(metrics->hamming_loss).text);
}

sy_status sy_report_labels(const sy_label_metrics *metrics, const char *const *names,
                           const char *heading, char **out, sy_error *error) {
  sy_text text = {0};
  if (heading) sy_text_add(&text, "%s\n", heading);
  put_heads(&text);
  size_t shown = metrics->n_labels < LABELS_SHOWN ? metrics->n_labels : LABELS_SHOWN;
  for (size_t l = 0; l < shown; l++)
    put_label(&text, &metrics->per_label[l], metrics->log_losses[l], names[l]);
  if (shown < metrics->n_labels)
    sy_text_add(&text, "... and %zu more labels (--json has them all)\n",
                metrics->n_labels - shown);
  sy_text_put(&text, "\n");
  put_means(&text, metrics);
  return sy_text_finish(&text, out, error);
}
