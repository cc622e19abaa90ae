#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

/* Widths of the decision table; the whole stays within 100 columns. */
enum {
  SCREEN_WIDTH = 100,
  NAME_WIDTH = 31,
  CLASS_WIDTH = 20,
  CLASSES_SHOWN = 30,
  CONFUSION_CLASSES = 7,
  FIGURE_SIZE = 224
};

static void put_cost_per_1000(sy_text *text, const sy_metrics *metrics) {
  sy_cell cell = sy_cell_money(1000 * metrics->average_cost);
  sy_text_put(text, "  ");
  sy_put_left(text, cell, 5);
  if (sy_text_width(cell.text) >= 5) sy_text_put(text, " ");
  const char *dash = metrics->average_cost_low < 0 ? " to " : "-";
  sy_text_add(text, "(%s%s", sy_cell_money(1000 * metrics->average_cost_low).text, dash);
  sy_text_add(text, "%s)", sy_cell_money(1000 * metrics->average_cost_high).text);
}

/* Marks the rule the model keeps, or of scores the one shown below; with large costs there is room
 * for an arrow only. */
static void end_line(sy_text *text, size_t begin, const sy_review *review, size_t way) {
  size_t used = text->data ? sy_text_width(text->data + begin) : 0;
  const char *mark = review->of_scores ? "  <- shown" : "  <- stored";
  if (used + 11 > SCREEN_WIDTH) mark = " <-";
  sy_text_add(text, "%s\n", way == review->stored ? mark : "");
}

static void put_name(sy_text *text, const sy_way *way) {
  char name[sizeof way->name + sizeof way->remark + 4];
  const char *gap = way->remark[0] ? "  " : "";
  snprintf(name, sizeof name, "%s%s%s", way->name, gap, way->remark);
  sy_put_left(text, sy_cell_text(name, NAME_WIDTH), NAME_WIDTH);
}

static void put_heads(sy_text *text, const char *const *heads, const size_t *widths, size_t n) {
  sy_put_left(text, sy_cell_text("decision", NAME_WIDTH), NAME_WIDTH);
  for (size_t i = 0; i < n; i++) sy_put_right(text, sy_cell_text(heads[i], widths[i]), widths[i]);
}

static void put_two_class_ways(sy_text *text, const sy_review *review) {
  const char *heads[] = {"flagged", "caught", "precision", "balanced acc.", "F1", "accuracy"};
  const size_t widths[] = {8, 8, 11, 15, 6, 10};
  put_heads(text, heads, widths, review->priced ? 4 : 6);
  sy_text_put(text, review->priced ? "  cost per 1000 (95 %)\n" : "\n");
  for (size_t i = 0; i < review->n_ways; i++) {
    const sy_way *way = &review->ways[i];
    const sy_class_metrics *flagged = &way->metrics.per_class[review->positive];
    size_t begin = text->length;
    put_name(text, way);
    sy_put_right(text, sy_cell_percent(way->flagged), widths[0]);
    sy_put_right(text, sy_cell_percent(flagged->recall), widths[1]);
    sy_put_right(text, sy_cell_fixed(flagged->precision, 3), widths[2]);
    sy_put_right(text, sy_cell_fixed(way->metrics.balanced_accuracy, 3), widths[3]);
    if (review->priced) {
      put_cost_per_1000(text, &way->metrics);
    } else {
      sy_put_right(text, sy_cell_fixed(flagged->f1, 3), widths[4]);
      sy_put_right(text, sy_cell_percent(way->metrics.accuracy), widths[5]);
    }
    end_line(text, begin, review, i);
  }
}

static void put_many_class_ways(sy_text *text, const sy_review *review) {
  const char *heads[] = {"accuracy", "balanced acc.", "macro F1"};
  const size_t widths[] = {11, 15, 10};
  put_heads(text, heads, widths, 3);
  sy_text_put(text, review->priced ? "  cost per 1000 (95 %)\n" : "\n");
  for (size_t i = 0; i < review->n_ways; i++) {
    const sy_way *way = &review->ways[i];
    size_t begin = text->length;
    put_name(text, way);
    sy_put_right(text, sy_cell_percent(way->metrics.accuracy), widths[0]);
    sy_put_right(text, sy_cell_fixed(way->metrics.balanced_accuracy, 3), widths[1]);
    sy_put_right(text, sy_cell_fixed(way->metrics.macro_f1, 3), widths[2]);
    if (review->priced) put_cost_per_1000(text, &way->metrics);
    end_line(text, begin, review, i);
  }
}

/* What the probabilities are worth, as three short lines beside or below the confusion. */
static void figures(const sy_review *review, char lines[3][FIGURE_SIZE]) {
  const sy_metrics *metrics = &review->ways[review->stored].metrics;
  const char *what = review->is_raw ? "scores" : "probabilities";
  if (review->positive >= 0) {
    snprintf(lines[0], FIGURE_SIZE, "%s: mean %s, observed %s,", what,
             sy_cell_fixed(review->mean_probability, 3).text,
             sy_cell_fixed(review->observed_share, 3).text);
  } else {
    snprintf(lines[0], FIGURE_SIZE, "%s:", what);
  }
  snprintf(lines[1], FIGURE_SIZE, "log-loss %s, AUC %s, AP %s",
           sy_cell_fixed(metrics->log_loss, 3).text, sy_cell_fixed(metrics->roc_auc, 3).text,
           sy_cell_fixed(metrics->average_precision, 3).text);
  snprintf(lines[2], FIGURE_SIZE, "calibration error %s",
           sy_cell_fixed(metrics->calibration_error, 3).text);
}

static sy_cell prefixed(const char *prefix, const char *name) {
  char text[128];
  snprintf(text, sizeof text, "%s %.*s", prefix, sy_text_fit(name, 100), name);
  return sy_cell_text(text, CLASS_WIDTH);
}

static size_t confusion_width(const sy_metrics *metrics, sy_cell head, size_t column) {
  size_t width = sy_text_width(head.text);
  for (size_t k = 0; k < metrics->n_classes; k++) {
    size_t cell =
        sy_text_width(sy_cell_count(metrics->confusion[k * metrics->n_classes + column]).text);
    if (cell > width) width = cell;
  }
  return width + 3;
}

static void put_confusion(sy_text *text, const sy_review *review, const char *const *classes,
                          const char lines[3][FIGURE_SIZE]) {
  const sy_metrics *metrics = &review->ways[review->stored].metrics;
  size_t n_classes = metrics->n_classes, first = 8;
  for (size_t k = 0; k < n_classes; k++) {
    size_t width = sy_text_width(prefixed("was", classes[k]).text);
    if (width > first) first = width;
  }
  sy_put_left(text, sy_cell_text("", 1), first);
  for (size_t j = 0; j < n_classes; j++) {
    sy_cell head = prefixed("said", classes[j]);
    sy_put_right(text, head, confusion_width(metrics, head, j));
  }
  sy_text_add(text, "%s%s\n", lines ? "     " : "", lines ? lines[0] : "");
  for (size_t k = 0; k < n_classes; k++) {
    sy_put_left(text, prefixed("was", classes[k]), first);
    for (size_t j = 0; j < n_classes; j++) {
      sy_cell head = prefixed("said", classes[j]);
      sy_put_right(text, sy_cell_count(metrics->confusion[k * n_classes + j]),
                   confusion_width(metrics, head, j));
    }
    sy_text_add(text, "%s%s\n", lines ? "     " : "", lines ? lines[k + 1] : "");
  }
}

/* The class that rows of class k are most often taken for instead, or -1. */
static int most_mistaken_for(const sy_metrics *metrics, size_t k) {
  int worst = -1;
  double most = 0;
  for (size_t j = 0; j < metrics->n_classes; j++) {
    double mass = metrics->confusion[k * metrics->n_classes + j];
    if (j == k || mass <= most) continue;
    most = mass;
    worst = (int)j;
  }
  return worst;
}

static void put_class_line(sy_text *text, const sy_metrics *metrics, const char *const *classes,
                           size_t k) {
  const sy_class_metrics *one = &metrics->per_class[k];
  sy_put_left(text, sy_cell_text(classes[k], CLASS_WIDTH), CLASS_WIDTH);
  sy_put_right(text, sy_cell_count(one->support), 11);
  sy_put_right(text, sy_cell_fixed(one->precision, 3), 11);
  sy_put_right(text, sy_cell_fixed(one->recall, 3), 9);
  sy_put_right(text, sy_cell_fixed(one->f1, 3), 8);
  sy_put_right(text, sy_cell_fixed(one->average_precision, 3), 8);
  int other = most_mistaken_for(metrics, k);
  if (other >= 0) {
    sy_cell count = sy_cell_count(metrics->confusion[k * metrics->n_classes + (size_t)other]);
    sy_text_add(text, "   %s (%s)", sy_cell_text(classes[other], 18).text, count.text);
  }
  sy_text_put(text, "\n");
}

static void put_classes(sy_text *text, const sy_metrics *metrics, const char *const *classes) {
  sy_put_left(text, sy_cell_text("class", CLASS_WIDTH), CLASS_WIDTH);
  sy_text_put(text, "       rows  precision   recall      F1      AP   most often taken for\n");
  size_t shown = metrics->n_classes < CLASSES_SHOWN ? metrics->n_classes : CLASSES_SHOWN;
  for (size_t k = 0; k < shown; k++) put_class_line(text, metrics, classes, k);
  if (shown < metrics->n_classes) {
    sy_text_add(text, "... and %zu more classes (--json has them all)\n",
                metrics->n_classes - shown);
  }
}

static void put_details(sy_text *text, const sy_review *review, const char *const *classes,
                        size_t n_classes) {
  char lines[3][FIGURE_SIZE];
  figures(review, lines);
  if (review->positive >= 0) {
    put_confusion(text, review, classes, (const char(*)[FIGURE_SIZE])lines);
    return;
  }
  put_classes(text, &review->ways[review->stored].metrics, classes);
  if (n_classes <= CONFUSION_CLASSES) {
    sy_text_put(text, "\n");
    put_confusion(text, review, classes, NULL);
  }
  sy_text_add(text, "\n%s %s (means over classes), %s\n", lines[0], lines[1], lines[2]);
}

/* What was priced, in a word where one price says it all; the rule where it came otherwise. */
static void put_priced(sy_text *text, const sy_review *review, const char *const *classes) {
  const sy_way *stored = &review->ways[review->stored];
  if (strcmp(stored->remark, "from your costs") != 0) {
    sy_text_add(text, "\n%s, %s,", stored->name, stored->remark);
  } else if (isnan(review->miss_cost)) {
    sy_text_put(text, "\nDeciding by your costs");
  } else {
    char price[SY_NUMBER_SIZE];
    sy_text_add(text, "\nPricing a missed %s at %s",
                sy_cell_text(classes[review->positive], CLASS_WIDTH).text,
                sy_number_format(review->miss_cost, price));
  }
}

/* The usual default may cost so much that what saves against it is still worse than no model. The
 * first way is the best decision that is the same for all rows. */
static void put_cheaper_constant(sy_text *text, const sy_review *review) {
  const sy_way *constant = &review->ways[0], *stored = &review->ways[review->stored];
  double cost = constant->metrics.average_cost;
  if (!review->priced || stored == constant) return;
  if (!(cost < stored->metrics.average_cost)) return;
  sy_text_add(text, "Cheaper on these rows is \"%s\": %s per 1000.\n", constant->name,
              sy_cell_money(1000 * cost).text);
}

static void put_saving(sy_text *text, const sy_review *review, const char *const *classes) {
  const sy_cost_comparison *saving = &review->saving;
  if (isnan(saving->saving)) return;
  put_priced(text, review, classes);
  const char *usual = review->positive >= 0 ? "p >= 0.5" : "the most probable class";
  if (saving->saving_low == 0 && saving->saving_high == 0) { /* no row costs another amount */
    sy_text_add(text, " comes to the same as %s on these rows.\n", usual);
    put_cheaper_constant(text, review);
    return;
  }
  bool saves = saving->saving >= 0;
  sy_text_add(text, " %s %s %s against %s", saves ? "saves" : "costs",
              sy_cell_fixed(100 * fabs(saving->saving), 0).text, saves ? "%" : "% more", usual);
  double low = saves ? saving->saving_low : -saving->saving_high;
  double high = saves ? saving->saving_high : -saving->saving_low;
  sy_text_add(text, " (95 %%: %s to %s %%).\n", sy_cell_fixed(100 * low, 0).text,
              sy_cell_fixed(100 * high, 0).text);
  bool chance = saving->saving_low <= 0 && saving->saving_high >= 0; /* of what is printed */
  if (chance) sy_text_put(text, "On so few rows the difference may be chance.\n");
  put_cheaper_constant(text, review);
}

sy_status sy_report_review(const sy_review *review, const char *heading, const char *const *classes,
                           size_t n_classes, char **out, sy_error *error) {
  sy_text text = {0};
  if (heading) sy_text_add(&text, "%s\n", heading);
  if (review->positive >= 0)
    put_two_class_ways(&text, review);
  else
    put_many_class_ways(&text, review);
  sy_text_put(&text, "\n");
  put_details(&text, review, classes, n_classes);
  if (review->has_saving) put_saving(&text, review, classes);
  return sy_text_finish(&text, out, error);
}
