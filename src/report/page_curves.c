/* page_curves.c: the plots, drawn to stand still; the script puts moving ones in the place of those
 * that have a threshold. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/format.h"
#include "report/page_html.h"
#include "report/page_plot.h"

/* Points of a drawn curve: finer than its line is wide. Bins of reliability: as in the calibration
 * error. Classes that get curves of their own. */
enum { CURVE_POINTS = 250, BINS = 10, CLASSES_DRAWN = 8, WHAT_SIZE = 320 };

/* Drawings are in units of a phone's pixels, so that their words are as large as others there. */
static const double small_width = 360, small_height = 266, wide_width = 720, wide_height = 280;

/* One curve: n points, x rising or falling. */
typedef struct curve {
  size_t n;
  double *x, *y;
} curve;

static bool curve_make(curve *made, size_t n) {
  *made = (curve){.n = n, .x = sy_alloc(n, 2 * sizeof(double))};
  if (made->x) made->y = made->x + n;
  return made->x != NULL;
}

double *sy_page_scores(const sy_evaluation *rows, size_t class_id) {
  double *scores = sy_alloc(rows->n, sizeof *scores);
  for (size_t i = 0; scores && i < rows->n; i++) {
    bool absent = rows->ids[i] == SY_IGNORED || (rows->row_weights && rows->row_weights[i] == 0);
    scores[i] = absent ? 0 : exp(rows->log_probabilities[i * rows->n_classes + class_id]);
  }
  return scores;
}

/* "<figure><figcaption>" with what it shows and how to read it; the plot's box is left open. */
static void open_figure(sy_text *text, const char *name, bool wide, const char *title,
                        const char *reading) {
  sy_text_add(text, "<figure%s><figcaption><b>", wide ? " class=\"wide\"" : "");
  sy_html_put(text, title);
  sy_text_put(text, "</b><span class=\"more\">");
  sy_html_put(text, reading);
  sy_text_put(text, "</span></figcaption><div class=\"moving\"");
  if (name) sy_text_add(text, " data-plot=\"%s\"", name);
  sy_text_put(text, ">");
}

static void close_figure(sy_text *text) {
  sy_text_put(text, "</div></figure>\n");
}

/* --- two classes: what a threshold moves --- */

/* The stored rule as a point of each curve. */
typedef struct stored_point {
  double flagged, caught, precision, alarms, cost, threshold;
} stored_point;

static stored_point point_of(const sy_page *page) {
  const sy_way *way = &page->review->ways[page->review->stored];
  size_t hit = (size_t)page->review->positive, other = 1 - hit;
  const sy_class_metrics *one = &way->metrics.per_class[hit];
  stored_point point = {way->flagged,
                        one->recall,
                        one->precision,
                        1 - way->metrics.per_class[other].recall,
                        1000 * way->metrics.average_cost,
                        NAN};
  double threshold;
  if (page->rule && sy_cost_threshold(page->rule, (int)hit, &threshold))
    point.threshold = threshold;
  return point;
}

static void put_cost_plot(sy_text *text, const sy_page *page, const sy_steps *steps,
                          const curve *line) {
  double total = steps->all_positives + steps->all_negatives, most = 0, least = 0;
  size_t n = steps->n;
  for (size_t i = 0; i < n; i++) { /* from the lowest threshold up */
    line->x[i] = sy_plot_logit(steps->scores[n - 1 - i]);
    line->y[i] = 1000 * steps->costs[n - 1 - i] / total;
  }
  double high = line->x[n - 1], low = line->x[0];
  line->x[n] = high + 0.02 * (high > low ? high - low : 1);
  line->y[n] = 1000 * steps->none_cost / total;
  for (size_t i = 0; i <= n; i++) {
    most = fmax(most, line->y[i]);
    least = fmin(least, line->y[i]);
  }
  open_figure(
      text, "cost", true, "Cost over the threshold",
      page->review->priced
          ? "To the left nearly all is flagged, to the right nearly nothing; low is good."
          : "Every mistake costs 1 until the fields say otherwise. To the left nearly all is "
            "flagged, to the right nearly nothing; low is good.");
  sy_plot_axis x = sy_plot_threshold_axis("threshold", low, line->x[n]);
  sy_plot_axis y = sy_plot_amount_axis("cost per 1000", least, most);
  stored_point stored = point_of(page);
  char what[WHAT_SIZE];
  snprintf(what, sizeof what, "Cost per 1000 over the threshold. The %s rule is at %s.",
           sy_page_kept(page), sy_cell_amount(stored.cost).text);
  sy_plot plot = sy_plot_open(text, &x, &y, wide_width, wide_height, what);
  sy_plot_line(&plot, "curve", line->x, line->y, n + 1, true);
  if (isnan(stored.threshold)) {
    sy_plot_level(&plot, "mark-line", stored.cost);
  } else {
    double at = fmin(fmax(sy_plot_logit(stored.threshold), low), line->x[n]);
    sy_plot_rule(&plot, "mark-line", at);
    sy_plot_dot(&plot, "mark", at, stored.cost, 5);
  }
  sy_plot_close(&plot);
  close_figure(text);
}

static void put_pr_plot(sy_text *text, const sy_page *page, const sy_steps *steps,
                        const curve *line) {
  const sy_metrics *metrics = &page->review->ways[page->review->stored].metrics;
  size_t hit = (size_t)page->review->positive;
  double share = metrics->per_class[hit].support / metrics->weighted_rows;
  stored_point stored = point_of(page);
  char what[WHAT_SIZE];
  snprintf(
      what, sizeof what,
      "Of those flagged, how many are %.*s, for how many of them are caught. Average precision "
      "%s; guessing has %s.",
      sy_text_fit(page->classes[hit], 80), page->classes[hit],
      sy_cell_fixed(metrics->average_precision, 3).text, sy_cell_fixed(share, 3).text);
  for (size_t i = 0; i < steps->n; i++) {
    line->x[i] = steps->positives[i] / steps->all_positives;
    line->y[i] = steps->positives[i] / (steps->positives[i] + steps->negatives[i]);
  }
  open_figure(text, "pr", false, "Precision and recall", what);
  sy_plot_axis x = sy_plot_share_axis("caught", true), y = sy_plot_share_axis("precision", true);
  sy_plot plot = sy_plot_open(text, &x, &y, small_width, small_height, what);
  double ends[] = {0, 1}, level[] = {share, share};
  sy_plot_line(&plot, "guide", ends, level, 2, false);
  sy_plot_line(&plot, "curve", line->x, line->y, steps->n, true);
  sy_plot_dot(&plot, "mark", stored.caught, stored.precision, 5);
  sy_plot_close(&plot);
  close_figure(text);
}

/* Caught over a share that rises from 0 to 1: ROC and gain. */
static void put_rising_plot(sy_text *text, const char *name, const char *title, const char *reading,
                            const char *label, const curve *line, double at, double caught) {
  static const double ends[] = {0, 1};
  open_figure(text, name, false, title, reading);
  sy_plot_axis x = sy_plot_share_axis(label, true), y = sy_plot_share_axis("caught", true);
  sy_plot plot = sy_plot_open(text, &x, &y, small_width, small_height, reading);
  sy_plot_line(&plot, "guide", ends, ends, 2, false);
  sy_plot_line(&plot, "curve", line->x, line->y, line->n, false);
  sy_plot_dot(&plot, "mark", at, caught, 5);
  sy_plot_close(&plot);
  close_figure(text);
}

static void put_roc_and_gain(sy_text *text, const sy_page *page, const sy_steps *steps,
                             curve *line) {
  const sy_metrics *metrics = &page->review->ways[page->review->stored].metrics;
  stored_point stored = point_of(page);
  double total = steps->all_positives + steps->all_negatives;
  char what[WHAT_SIZE];
  line->n = steps->n + 1;
  line->x[0] = line->y[0] = 0;
  for (size_t i = 0; i < steps->n; i++) {
    line->x[i + 1] = steps->negatives[i] / steps->all_negatives;
    line->y[i + 1] = steps->positives[i] / steps->all_positives;
  }
  snprintf(what, sizeof what,
           "How many are caught, for how many of the others are flagged for nothing. AUC %s; "
           "guessing, dashed, has 0.500.",
           sy_cell_fixed(metrics->roc_auc, 3).text);
  put_rising_plot(text, "roc", "ROC curve", what, "false alarms among the others", line,
                  stored.alarms, stored.caught);
  for (size_t i = 0; i < steps->n; i++)
    line->x[i + 1] = (steps->positives[i] + steps->negatives[i]) / total;
  put_rising_plot(text, "gain", "Gain",
                  "How many are caught by looking at so many rows, the most probable first; "
                  "dashed, looking at any.",
                  "flagged", line, stored.flagged, stored.caught);
}

sy_status sy_page_put_curves(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                             sy_error *error) {
  sy_steps steps;
  curve line = {0};
  bool both = curves->steps.all_positives > 0 && curves->steps.all_negatives > 0;
  if (!both) {
    sy_text_put(text, "<p>One of the two classes has no rows here, so that there are no curves of "
                      "a threshold.</p>\n");
    return SY_OK;
  }
  sy_status status = sy_steps_thin(&curves->steps, CURVE_POINTS, &steps, error);
  if (status != SY_OK) return status;
  if (!curve_make(&line, steps.n + 1)) status = sy_fail_memory(error);
  if (status == SY_OK) {
    sy_text_put(text, "<div class=\"plots\">\n");
    put_cost_plot(text, page, &steps, &line);
    put_pr_plot(text, page, &steps, &line);
    put_roc_and_gain(text, page, &steps, &line);
    sy_text_put(text, "</div>\n");
  }
  free(line.x);
  sy_steps_clear(&steps);
  return status;
}

/* --- what the probabilities are worth --- */

static void put_reliability(sy_text *text, const char *class, const sy_reliability *bins) {
  static const double ends[] = {0, 1};
  double most = 0;
  for (size_t i = 0; i < bins->n_bins; i++)
    most = fmax(most, fmax(bins->predicted[i], bins->high[i]));
  char title[160], what[WHAT_SIZE];
  snprintf(title, sizeof title, "Reliability: %.*s", sy_text_fit(class, 100), class);
  snprintf(
      what, sizeof what,
      "How often it came (bar: 95 %% interval) where so much was predicted; on the dashed line "
      "the probabilities are true. %zu bin%s of about as many rows each.",
      bins->n_bins, sy_plural((double)bins->n_bins));
  open_figure(text, NULL, false, title, what);
  sy_plot_axis x = sy_plot_share_axis("predicted", false);
  sy_plot_axis y = sy_plot_share_axis("observed", false);
  if (most < 0.45) { /* a rare class has all its bins in the corner */
    x = sy_plot_amount_axis("predicted", 0, most);
    y = sy_plot_amount_axis("observed", 0, most);
  }
  sy_plot plot = sy_plot_open(text, &x, &y, small_width, small_height, what);
  double diagonal[] = {0, fmin(ends[1], x.high)};
  sy_plot_line(&plot, "guide", diagonal, diagonal, 2, false);
  sy_plot_line(&plot, "curve", bins->predicted, bins->observed, bins->n_bins, false);
  for (size_t i = 0; i < bins->n_bins; i++) {
    sy_plot_bar(&plot, bins->predicted[i], bins->low[i], bins->high[i]);
    sy_plot_dot(&plot, "dot", bins->predicted[i], bins->observed[i], 4);
  }
  sy_plot_close(&plot);
  close_figure(text);
}

static sy_status put_class_reliability(sy_text *text, const sy_page *page, size_t k,
                                       const double *scores, sy_error *error) {
  const sy_evaluation *rows = page->rows;
  sy_reliability bins;
  sy_status status = sy_reliability_make(scores, rows->ids, rows->n, (int)k, rows->row_weights,
                                         BINS, &bins, error);
  if (status != SY_OK) return status;
  put_reliability(text, page->classes[k], &bins);
  sy_reliability_clear(&bins);
  return SY_OK;
}

/* Of many classes, precision over recall of one against the rest. */
static sy_status put_class_curve(sy_text *text, const sy_page *page, size_t k, const double *scores,
                                 sy_error *error) {
  const sy_evaluation *rows = page->rows;
  const sy_class_metrics *one = &page->review->ways[page->review->stored].metrics.per_class[k];
  sy_steps whole, steps = {0};
  curve line = {0};
  sy_status status =
      sy_steps_make(scores, rows->ids, rows->n, (int)k, rows->row_weights, NULL, &whole, error);
  if (status != SY_OK) return status;
  status = sy_steps_thin(&whole, CURVE_POINTS, &steps, error);
  if (status == SY_OK && !curve_make(&line, steps.n)) status = sy_fail_memory(error);
  if (status == SY_OK) {
    for (size_t i = 0; i < steps.n; i++) {
      line.x[i] = steps.positives[i] / steps.all_positives;
      line.y[i] = steps.positives[i] / (steps.positives[i] + steps.negatives[i]);
    }
    char title[160], what[WHAT_SIZE];
    snprintf(title, sizeof title, "Precision and recall: %.*s", sy_text_fit(page->classes[k], 100),
             page->classes[k]);
    snprintf(what, sizeof what, "Against all other classes. Average precision %s, AUC %s.",
             sy_cell_fixed(one->average_precision, 3).text, sy_cell_fixed(one->roc_auc, 3).text);
    open_figure(text, NULL, false, title, what);
    sy_plot_axis x = sy_plot_share_axis("caught", true), y = sy_plot_share_axis("precision", true);
    sy_plot plot = sy_plot_open(text, &x, &y, small_width, small_height, what);
    sy_plot_line(&plot, "curve", line.x, line.y, line.n, true);
    sy_plot_dot(&plot, "mark", one->recall, one->precision, 5);
    sy_plot_close(&plot);
    close_figure(text);
  }
  free(line.x);
  sy_steps_clear(&steps);
  sy_steps_clear(&whole);
  return status;
}

static sy_status put_class(sy_text *text, const sy_page *page, size_t k, bool curve_too,
                           sy_error *error) {
  double *scores = sy_page_scores(page->rows, k);
  if (!scores) return sy_fail_memory(error);
  sy_status status = SY_OK;
  if (curve_too) status = put_class_curve(text, page, k, scores, error);
  if (status == SY_OK) status = put_class_reliability(text, page, k, scores, error);
  free(scores);
  return status;
}

/* How many classes with rows are rarer than class k: the rarest get curves. */
static size_t rank_of(const sy_metrics *metrics, size_t k) {
  size_t rank = 0;
  for (size_t j = 0; j < metrics->n_classes; j++) {
    double mine = metrics->per_class[k].support, other = metrics->per_class[j].support;
    rank += other > 0 && (other < mine || (other == mine && j < k));
  }
  return rank;
}

static void put_figures(sy_text *text, const sy_page *page) {
  const sy_review *review = page->review;
  const sy_metrics *metrics = &review->ways[review->stored].metrics;
  sy_text_put(text, "<p>");
  if (review->positive >= 0)
    sy_text_add(text, "Mean probability <b>%s</b>, observed share <b>%s</b>. ",
                sy_cell_fixed(review->mean_probability, 3).text,
                sy_cell_fixed(review->observed_share, 3).text);
  sy_text_add(text, "Log-loss <b>%s</b>, Brier score <b>%s</b>, ",
              sy_cell_fixed(metrics->log_loss, 3).text, sy_cell_fixed(metrics->brier, 3).text);
  sy_text_add(
      text, "calibration error <b>%s</b>, AUC <b>%s</b>, average precision <b>%s</b>%s.</p>\n",
      sy_cell_fixed(metrics->calibration_error, 3).text, sy_cell_fixed(metrics->roc_auc, 3).text,
      sy_cell_fixed(metrics->average_precision, 3).text,
      review->positive >= 0 ? "" : " (means over classes)");
}

sy_status sy_page_put_probabilities(sy_text *text, const sy_page *page, sy_error *error) {
  const sy_metrics *metrics = &page->review->ways[page->review->stored].metrics;
  sy_text_put(text, "<section id=\"probabilities\"><h2>The probabilities</h2>\n");
  put_figures(text, page);
  sy_text_put(text, "<div class=\"plots\">\n");
  sy_status status = SY_OK;
  bool two = page->review->positive >= 0;
  if (two) status = put_class(text, page, (size_t)page->review->positive, false, error);
  for (size_t k = 0; !two && status == SY_OK && k < page->n_classes; k++) {
    bool drawn = metrics->per_class[k].support > 0 && rank_of(metrics, k) < CLASSES_DRAWN;
    if (drawn) status = put_class(text, page, k, true, error);
  }
  sy_text_put(text, "</div>\n");
  if (!two && page->n_classes > CLASSES_DRAWN)
    sy_text_add(text, "<p class=\"dim\">Drawn: the %d rarest of the classes.</p>\n", CLASSES_DRAWN);
  sy_text_put(text, "</section>\n");
  return status;
}
