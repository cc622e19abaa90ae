/* intervals.c: metrics with what sampling the rows anew makes of them. */
#include <steelyard/report.h>

#include <stddef.h>
#include <stdio.h>

#include "report/format.h"

enum { NAME_WIDTH = 20, VALUE_WIDTH = 9, RANGE_WIDTH = 25, CLASS_WIDTH = 20, CLASSES_SHOWN = 30 };

typedef struct named_metric {
  const char *name;
  size_t offset; /* in sy_metrics */
} named_metric;

#define AT(member) offsetof(sy_metrics, member)

static const named_metric whole[] = {{"log-loss", AT(log_loss)},
                                     {"Brier score", AT(brier)},
                                     {"calibration error", AT(calibration_error)},
                                     {"AUC", AT(roc_auc)},
                                     {"average precision", AT(average_precision)},
                                     {"accuracy", AT(accuracy)},
                                     {"balanced accuracy", AT(balanced_accuracy)},
                                     {"macro F1", AT(macro_f1)},
                                     {"weighted F1", AT(weighted_f1)},
                                     {"MCC", AT(mcc)},
                                     {"G-mean", AT(g_mean)}};

#undef AT

static double metric_at(const sy_metrics *metrics, size_t offset) {
  return *(const double *)((const char *)metrics + offset);
}

static sy_cell range(double low, double high, bool amount) {
  sy_cell cell;
  sy_cell from = amount ? sy_cell_money(low) : sy_cell_fixed(low, 3);
  sy_cell to = amount ? sy_cell_money(high) : sy_cell_fixed(high, 3);
  snprintf(cell.text, sizeof cell.text, "%.28s to %.28s", from.text, to.text);
  return cell;
}

static void put_line(sy_text *text, const char *name, sy_cell value, sy_cell interval) {
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
  sy_put_right(text, value, VALUE_WIDTH);
  sy_text_add(text, "   %s\n", interval.text);
}

static void put_whole(sy_text *text, const sy_metrics *metrics, const sy_metrics *low,
                      const sy_metrics *high, bool priced) {
  for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
    size_t at = whole[i].offset;
    put_line(text, whole[i].name, sy_cell_fixed(metric_at(metrics, at), 3),
             range(metric_at(low, at), metric_at(high, at), false));
  }
  if (priced)
    put_line(text, "cost per 1000", sy_cell_money(1000 * metrics->average_cost),
             range(1000 * low->average_cost, 1000 * high->average_cost, true));
}

/* "0.615 (0.480 to 0.744)" */
static sy_cell with_range(double value, double low, double high) {
  sy_cell cell;
  snprintf(cell.text, sizeof cell.text, "%.12s (%.40s)", sy_cell_fixed(value, 3).text,
           range(low, high, false).text);
  return cell;
}

static void put_class(sy_text *text, const char *name, const sy_class_metrics *one,
                      const sy_class_metrics *low, const sy_class_metrics *high) {
  sy_put_left(text, sy_cell_text(name, CLASS_WIDTH), CLASS_WIDTH);
  sy_put_right(text, with_range(one->precision, low->precision, high->precision), RANGE_WIDTH);
  sy_put_right(text, with_range(one->recall, low->recall, high->recall), RANGE_WIDTH);
  sy_put_right(text, with_range(one->f1, low->f1, high->f1), RANGE_WIDTH);
  sy_text_put(text, "\n");
}

static void put_classes(sy_text *text, const sy_metrics *metrics, const sy_metrics *low,
                        const sy_metrics *high, int positive, const char *const *classes) {
  sy_put_left(text, sy_cell_text("class", CLASS_WIDTH), CLASS_WIDTH);
  static const char *const heads[] = {"precision", "recall", "F1"};
  for (size_t i = 0; i < 3; i++)
    sy_put_right(text, sy_cell_text(heads[i], RANGE_WIDTH), RANGE_WIDTH);
  sy_text_put(text, "\n");
  for (size_t k = 0; k < metrics->n_classes && k < CLASSES_SHOWN; k++) {
    if (positive >= 0 && (int)k != positive) continue;
    put_class(text, classes[k], &metrics->per_class[k], &low->per_class[k], &high->per_class[k]);
  }
  if (metrics->n_classes > CLASSES_SHOWN)
    sy_text_add(text, "... and %zu more classes (--json has them all)\n",
                metrics->n_classes - CLASSES_SHOWN);
}

sy_status sy_report_intervals(const sy_metrics *metrics, const sy_metrics *low,
                              const sy_metrics *high, int samples, bool priced, int positive,
                              const char *const *classes, char **out, sy_error *error) {
  sy_text text = {0};
  sy_put_left(&text, sy_cell_text("metric", NAME_WIDTH), NAME_WIDTH);
  sy_put_right(&text, sy_cell_text("value", VALUE_WIDTH), VALUE_WIDTH);
  sy_text_add(&text, "   95 %% interval (%s bootstrap samples of the rows)\n",
              sy_cell_count(samples).text);
  put_whole(&text, metrics, low, high, priced);
  sy_text_put(&text, "\n");
  put_classes(&text, metrics, low, high, positive, classes);
  return sy_text_finish(&text, out, error);
}
