/* comparison.c: several models on the same rows, side by side. */
#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/format.h"

enum { NAME_WIDTH = 19, MEASURE_WIDTH = 29, RANGE_WIDTH = 26 };

static const sy_metrics *metrics_of(const sy_review *review) {
  return &review->ways[review->stored].metrics;
}

static const char *measure_name(sy_comparison_measure measure) {
  return measure == SY_BY_COST ? "cost" : measure == SY_BY_LOG_LOSS ? "log-loss" : "Brier score";
}

static void put_name(sy_text *text, const char *name) {
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
}

/* Columns of the table of models; the first three differ by whether there are two classes. */
static void put_heads(sy_text *text, bool two, bool priced) {
  put_name(text, "model");
  sy_put_right(text, sy_cell_text(two ? " flagged  caught  precision" : "accuracy   macro F1", 27),
               27);
  static const char *const heads[] = {"log-loss", "Brier", "AUC", "AP", "calib."};
  static const size_t widths[] = {10, 7, 7, 7, 8};
  for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
    sy_put_right(text, sy_cell_text(heads[i], widths[i]), widths[i]);
  sy_text_put(text, priced ? "  cost per 1000\n" : "\n");
}

static void put_decisions(sy_text *text, const sy_review *review) {
  const sy_metrics *metrics = metrics_of(review);
  if (review->positive < 0) {
    sy_put_right(text, sy_cell_percent(metrics->accuracy), 16);
    sy_put_right(text, sy_cell_fixed(metrics->macro_f1, 3), 11);
    return;
  }
  const sy_class_metrics *flagged = &metrics->per_class[review->positive];
  sy_put_right(text, sy_cell_percent(review->ways[review->stored].flagged), 8);
  sy_put_right(text, sy_cell_percent(flagged->recall), 8);
  sy_put_right(text, sy_cell_fixed(flagged->precision, 3), 11);
}

static void put_model(sy_text *text, const char *name, const sy_review *review, bool priced) {
  const sy_metrics *metrics = metrics_of(review);
  put_name(text, name);
  put_decisions(text, review);
  sy_put_right(text, sy_cell_fixed(metrics->log_loss, 3), 10);
  sy_put_right(text, sy_cell_fixed(metrics->brier, 3), 7);
  sy_put_right(text, sy_cell_fixed(metrics->roc_auc, 3), 7);
  sy_put_right(text, sy_cell_fixed(metrics->average_precision, 3), 7);
  sy_put_right(text, sy_cell_fixed(metrics->calibration_error, 3), 8);
  if (priced) sy_put_right(text, sy_cell_money(1000 * metrics->average_cost), 15);
  sy_text_put(text, "\n");
}

/* A difference and its interval: cost per 1000 rows, or so many decimals. */
typedef struct range_form {
  double scale;
  int decimals; /* -1 = an amount */
  size_t width;
} range_form;

static sy_cell number(double value, range_form form) {
  return form.decimals < 0 ? sy_cell_money(form.scale * value)
                           : sy_cell_fixed(value, form.decimals);
}

/* "0.0512 (0.0203 to 0.0821)" */
static void put_range(sy_text *text, double value, double low, double high, range_form form) {
  sy_cell cell;
  snprintf(cell.text, sizeof cell.text, "%.18s (%.18s to %.18s)", number(value, form).text,
           number(low, form).text, number(high, form).text);
  sy_put_right(text, cell, form.width);
}

static void put_difference(sy_text *text, const char *name, const sy_review_difference *one,
                           sy_comparison_measure measure) {
  range_form by_measure = {1000, measure == SY_BY_COST ? -1 : 4, MEASURE_WIDTH};
  range_form others = {1, 3, RANGE_WIDTH};
  put_name(text, name);
  put_range(text, sy_measure_value(measure, &one->difference), sy_measure_value(measure, &one->low),
            sy_measure_value(measure, &one->high), by_measure);
  put_range(text, one->difference.roc_auc, one->low.roc_auc, one->high.roc_auc, others);
  put_range(text, one->difference.average_precision, one->low.average_precision,
            one->high.average_precision, others);
  sy_text_put(text, "\n");
}

static void put_differences(sy_text *text, const char *const *names,
                            const sy_review_comparison *comparison) {
  char heading[80];
  const char *best = names[comparison->best];
  snprintf(heading, sizeof heading, "minus %.*s", sy_text_fit(best, 60), best);
  put_name(text, heading);
  sy_cell measure = sy_cell_text(
      comparison->measure == SY_BY_COST ? "cost per 1000" : measure_name(comparison->measure), 20);
  sy_put_right(text, measure, MEASURE_WIDTH);
  sy_put_right(text, sy_cell_text("AUC", 4), RANGE_WIDTH);
  sy_put_right(text, sy_cell_text("AP", 4), RANGE_WIDTH);
  sy_text_put(text, "\n");
  for (size_t m = 0; m < comparison->n; m++)
    if (m != comparison->best)
      put_difference(text, names[m], &comparison->differences[m], comparison->measure);
  sy_text_add(text, "in parentheses 95 %% intervals, %s bootstrap samples of the same rows\n",
              sy_cell_count(comparison->samples).text);
}

/* Whether a difference as large would come of sampling the rows anew alone. */
static bool may_be_chance(const sy_review_comparison *comparison, size_t m) {
  double low = sy_measure_value(comparison->measure, &comparison->differences[m].low);
  return !(low > 0);
}

static void put_names(sy_text *text, const char *const *names,
                      const sy_review_comparison *comparison, bool chance) {
  size_t put = 0;
  for (size_t m = 0; m < comparison->n; m++) {
    if (m == comparison->best || may_be_chance(comparison, m) != chance) continue;
    sy_text_add(text, "%s%s", put++ ? ", " : "", sy_cell_text(names[m], NAME_WIDTH).text);
  }
}

/* One other model needs no name. */
static void add_pair(sy_text *words, bool chance) {
  sy_text_put(words, chance ? ", but on these rows the difference may be chance"
                            : ", by more than chance");
}

static void add_many(sy_text *words, const char *const *names,
                     const sy_review_comparison *comparison, size_t by_chance) {
  bool all = by_chance + 1 == comparison->n;
  if (!all) {
    sy_text_put(words, ", by more than chance against ");
    put_names(words, names, comparison, false);
  }
  if (!by_chance) return;
  sy_text_put(words, all ? ", but on these rows the differences to " : "; the difference to ");
  put_names(words, names, comparison, true);
  sy_text_put(words, " may be chance");
}

static void put_verdict(sy_text *text, const char *const *names,
                        const sy_review_comparison *comparison) {
  size_t by_chance = 0;
  bool pair = comparison->n == 2;
  for (size_t m = 0; m < comparison->n; m++)
    by_chance += m != comparison->best && may_be_chance(comparison, m);
  sy_text words = {0};
  sy_text_add(&words, "%s has the %s %s", sy_cell_text(names[comparison->best], NAME_WIDTH).text,
              pair ? "lower" : "lowest", measure_name(comparison->measure));
  if (pair)
    add_pair(&words, by_chance > 0);
  else
    add_many(&words, names, comparison, by_chance);
  sy_text_put(&words, ".");
  if (words.data) sy_put_paragraph(text, words.data, 0);
  text->failed = text->failed || words.failed;
  free(words.data);
}

sy_status sy_report_comparison(const char *const *names, const sy_review *reviews,
                               const sy_review_comparison *comparison, const char *heading,
                               char **out, sy_error *error) {
  sy_text text = {0};
  bool priced = comparison->measure == SY_BY_COST;
  if (heading) sy_text_add(&text, "%s\n", heading);
  put_heads(&text, reviews[0].positive >= 0, priced);
  for (size_t m = 0; m < comparison->n; m++) put_model(&text, names[m], &reviews[m], priced);
  sy_text_put(&text, "\n");
  put_differences(&text, names, comparison);
  sy_text_put(&text, "\n");
  put_verdict(&text, names, comparison);
  return sy_text_finish(&text, out, error);
}
