/* page_tables.c: what stands still as tables: the data, the ways of deciding, results. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/page_html.h"

/* Larger confusion matrices are no help to a reader; per-class results then tell. */
enum { CONFUSION_CLASSES = 24, LEVELS = 4 };

static void put_head(sy_text *text, const char *const *names, size_t n) {
  sy_text_put(text, "<thead><tr>");
  for (size_t i = 0; i < n; i++) sy_html_element(text, "th scope=\"col\"", names[i]);
  sy_text_put(text, "</tr></thead><tbody>");
}

static void open_table(sy_text *text, const char *class, const char *caption) {
  sy_text_put(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
  sy_html_put(text, caption);
  sy_text_add(text, "\"><table class=\"%s\"><caption>", class);
  sy_html_put(text, caption);
  sy_text_put(text, "</caption>");
}

static void close_table(sy_text *text) {
  sy_text_put(text, "</tbody></table></div>\n");
}

static void put_cell(sy_text *text, sy_cell cell) {
  sy_html_element(text, "td", cell.text);
}

/* A cell that says its own head where the table is shown as cards. */
static void put_headed(sy_text *text, const char *head, sy_cell cell) {
  sy_text_add(text, "<td data-head=\"%s\">", head);
  sy_html_put(text, cell.text);
  sy_text_put(text, "</td>");
}

/* A share with a bar as long; the number says the same. */
static void put_share(sy_text *text, double share) {
  sy_text_put(text, "<td class=\"nowrap\">");
  sy_html_put(text, sy_cell_percent(share).text);
  sy_text_add(text,
              "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
              "aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"10\"/>"
              "<rect width=\"%d\" height=\"10\"/></svg></td>",
              isnan(share) ? 0 : (int)lround(100 * fmin(fmax(share, 0), 1)));
}

const char *sy_page_kept(const sy_page *page) {
  return page->review->of_scores ? "shown" : "stored";
}

/* Marks the way that is kept. */
static void put_badge(sy_text *text, const sy_page *page) {
  sy_text_add(text, "<span class=\"badge\">%s</span>", sy_page_kept(page));
}

void sy_page_put_name(sy_text *text, const sy_way *way, bool json) {
  char name[sizeof way->name + 8];
  const char *sign = strncmp(way->name, "p >= ", 5) == 0 ? "p \xE2\x89\xA5 " : "";
  snprintf(name, sizeof name, "%s%s", sign, way->name + (sign[0] ? 5 : 0));
  (json ? sy_html_json : sy_html_put)(text, name);
}

/* --- the stored rule in a few figures --- */

static void put_tile(sy_text *text, const char *name, const char *value, const char *more) {
  sy_text_put(text, "<div class=\"tile\">");
  sy_html_element(text, "dt", name);
  sy_text_put(text, "<dd><div class=\"value\">");
  sy_html_put(text, value);
  sy_text_put(text, "</div><div class=\"more\">");
  sy_html_put(text, more);
  sy_text_put(text, "</div></dd></div>");
}

static void put_two_class_tiles(sy_text *text, const sy_page *page, const sy_way *way) {
  const sy_metrics *metrics = &way->metrics;
  size_t hit = (size_t)page->review->positive;
  const sy_class_metrics *one = &metrics->per_class[hit];
  double caught = metrics->confusion[hit * 2 + hit];
  char more[256];
  snprintf(more, sizeof more, "%s of %s rows", sy_cell_count(one->predicted).text,
           sy_cell_count(metrics->weighted_rows).text);
  put_tile(text, "Flagged", sy_cell_percent(way->flagged).text, more);
  snprintf(more, sizeof more, "%s of %s rows of %.*s", sy_cell_count(caught).text,
           sy_cell_count(one->support).text, sy_text_fit(page->classes[hit], 120),
           page->classes[hit]);
  put_tile(text, "Caught (recall)", sy_cell_percent(one->recall).text, more);
  snprintf(more, sizeof more, "%s flagged for nothing",
           sy_cell_count(one->predicted - caught).text);
  put_tile(text, "Precision", sy_cell_fixed(one->precision, 3).text, more);
}

static void put_many_class_tiles(sy_text *text, const sy_metrics *metrics) {
  put_tile(text, "Accuracy", sy_cell_percent(metrics->accuracy).text, "rows called right");
  put_tile(text, "Balanced accuracy", sy_cell_fixed(metrics->balanced_accuracy, 3).text,
           "mean share caught of the classes");
  put_tile(text, "Macro F1", sy_cell_fixed(metrics->macro_f1, 3).text, "mean F1 of the classes");
}

static void put_saving(sy_text *text, const sy_page *page) {
  const sy_cost_comparison *saving = &page->review->saving;
  if (!page->review->has_saving || isnan(saving->saving)) return;
  const char *usual = page->review->positive >= 0 ? "p &ge; 0.5" : "the most probable class";
  if (saving->saving_low == 0 && saving->saving_high == 0) {
    sy_text_add(text,
                "<p>On these rows this rule comes to the same as %s, the usual default.</p>\n",
                usual);
    return;
  }
  bool saves = saving->saving >= 0;
  sy_text_add(text, "<p>Against %s, the usual default, this rule <b>%s %s&nbsp;%%</b> of the cost ",
              usual, saves ? "saves" : "adds", sy_cell_fixed(100 * fabs(saving->saving), 0).text);
  sy_text_add(text, "(95&nbsp;%% interval: %s to %s&nbsp;%%).",
              sy_cell_fixed(100 * saving->saving_low, 0).text,
              sy_cell_fixed(100 * saving->saving_high, 0).text);
  bool chance = saving->saving_low <= 0 && saving->saving_high >= 0;
  sy_text_put(text, chance ? " On so few rows the difference may be chance.</p>\n" : "</p>\n");
}

void sy_page_put_summary(sy_text *text, const sy_page *page) {
  const sy_way *way = &page->review->ways[page->review->stored];
  sy_text_add(text, "<section class=\"first\" id=\"summary\"><h2>The %s rule</h2>",
              sy_page_kept(page));
  sy_text_put(text, "<dl class=\"tiles\"><div class=\"tile lead-tile\"><dt>Decides by</dt><dd>"
                    "<div class=\"value\">");
  sy_page_put_name(text, way, false);
  sy_text_put(text, "</div><div class=\"more\">");
  sy_html_put(text, way->remark[0] ? way->remark : "on these rows");
  sy_text_put(text, "</div></dd></div>");
  if (page->review->positive >= 0)
    put_two_class_tiles(text, page, way);
  else
    put_many_class_tiles(text, &way->metrics);
  if (page->review->priced) {
    char more[192];
    snprintf(more, sizeof more, "per 1000 rows; 95 %% interval %s to %s",
             sy_cell_amount(1000 * way->metrics.average_cost_low).text,
             sy_cell_amount(1000 * way->metrics.average_cost_high).text);
    put_tile(text, "Cost", sy_cell_amount(1000 * way->metrics.average_cost).text, more);
  }
  sy_text_put(text, "</dl>\n");
  put_saving(text, page);
  sy_text_put(text, "</section>\n");
}

/* --- the data --- */

static void put_audited(sy_text *text, const sy_page *page) {
  const sy_audit *audit = page->audit;
  static const char *const heads[] = {"class", "rows", "share", "class weight",
                                      "share of the weight"};
  char caption[256];
  snprintf(caption, sizeof caption, "All rows the model was trained on; class weights: %.*s",
           sy_text_fit(page->policy ? page->policy : "none", 120),
           page->policy ? page->policy : "none");
  open_table(text, "data", caption);
  put_head(text, heads, 5);
  for (size_t k = 0; k < audit->n_classes; k++) {
    const sy_audit_class *one = &audit->classes[k];
    sy_text_put(text, "<tr>");
    sy_html_element(text, "th scope=\"row\"", page->classes[k]);
    put_cell(text, sy_cell_count(one->count));
    put_share(text, one->share);
    put_cell(text, sy_cell_fixed(one->weight, 3));
    put_share(text, one->weight_share);
    sy_text_put(text, "</tr>");
  }
  close_table(text);
  sy_text_add(text, "<p>Imbalance: the largest class has <b>%s</b> rows for each of the rarest.",
              sy_cell_amount(audit->imbalance_ratio).text);
  if (page->policy && strcmp(page->policy, "none") != 0)
    sy_text_add(text, " Weighted, these rows tell as much as <b>%s</b> unweighted ones.",
                sy_cell_count(floor(audit->effective_rows + 0.5)).text);
  sy_text_put(text, "</p>\n");
}

static void put_counted(sy_text *text, const sy_page *page) {
  const sy_metrics *metrics = &page->review->ways[page->review->stored].metrics;
  static const char *const heads[] = {"class", "rows", "share"};
  open_table(text, "data", "The rows that were judged");
  put_head(text, heads, 3);
  for (size_t k = 0; k < page->n_classes; k++) {
    sy_text_put(text, "<tr>");
    sy_html_element(text, "th scope=\"row\"", page->classes[k]);
    put_cell(text, sy_cell_count(metrics->per_class[k].support));
    put_share(text, metrics->per_class[k].support / metrics->weighted_rows);
    sy_text_put(text, "</tr>");
  }
  close_table(text);
}

void sy_page_put_data(sy_text *text, const sy_page *page) {
  sy_text_put(text, "<section id=\"data\"><h2>The data</h2>\n");
  if (page->audit)
    put_audited(text, page);
  else
    put_counted(text, page);
  size_t warnings = page->audit ? sy_messages_count(page->audit->warnings) : 0;
  for (size_t i = 0; i < warnings; i++) {
    sy_text_put(text, "<p class=\"warning\"><b>Warning:</b> ");
    sy_html_put(text, sy_messages_get(page->audit->warnings, i));
    sy_text_put(text, "</p>\n");
  }
  sy_text_put(text, "</section>\n");
}

/* --- the ways of deciding --- */

static void put_cost(sy_text *text, const sy_metrics *metrics) {
  sy_text_put(text, "<td data-head=\"cost per 1000\"><span><b>");
  sy_html_put(text, sy_cell_amount(1000 * metrics->average_cost).text);
  sy_text_put(text, "</b> <span class=\"dim\">(");
  sy_html_put(text, sy_cell_amount(1000 * metrics->average_cost_low).text);
  sy_text_put(text, " to ");
  sy_html_put(text, sy_cell_amount(1000 * metrics->average_cost_high).text);
  sy_text_put(text, ")</span></span></td>");
}

static void put_way_figures(sy_text *text, const sy_review *review, const sy_way *way) {
  const sy_metrics *metrics = &way->metrics;
  if (review->positive >= 0) {
    const sy_class_metrics *one = &metrics->per_class[review->positive];
    put_headed(text, "flagged", sy_cell_percent(way->flagged));
    put_headed(text, "caught", sy_cell_percent(one->recall));
    put_headed(text, "precision", sy_cell_fixed(one->precision, 3));
    put_headed(text, "balanced accuracy", sy_cell_fixed(metrics->balanced_accuracy, 3));
    if (!review->priced) put_headed(text, "F1", sy_cell_fixed(one->f1, 3));
  } else {
    put_headed(text, "accuracy", sy_cell_percent(metrics->accuracy));
    put_headed(text, "balanced accuracy", sy_cell_fixed(metrics->balanced_accuracy, 3));
    put_headed(text, "macro F1", sy_cell_fixed(metrics->macro_f1, 3));
  }
  if (review->priced) put_cost(text, metrics);
}

void sy_page_put_ways(sy_text *text, const sy_page *page) {
  const sy_review *review = page->review;
  static const char *const two[] = {"decision",  "flagged",           "caught",
                                    "precision", "balanced accuracy", "F1"};
  static const char *const two_priced[] = {
      "decision", "flagged", "caught", "precision", "balanced accuracy", "cost per 1000 (95 %)"};
  static const char *const many[] = {"decision", "accuracy", "balanced accuracy", "macro F1",
                                     "cost per 1000 (95 %)"};
  sy_text_put(text, "<section id=\"rules\"><h2>Ways to decide</h2>\n");
  open_table(text, "ways", "The same rows and probabilities, decided in different ways");
  if (review->positive >= 0)
    put_head(text, review->priced ? two_priced : two, 6);
  else
    put_head(text, many, review->priced ? 5 : 4);
  for (size_t i = 0; i < review->n_ways; i++) {
    const sy_way *way = &review->ways[i];
    sy_text_add(text, "<tr%s><th scope=\"row\">", way->stored ? " class=\"stored\"" : "");
    sy_page_put_name(text, way, false);
    if (way->remark[0]) {
      sy_text_put(text, " <span class=\"dim\">");
      sy_html_put(text, way->remark);
      sy_text_put(text, "</span>");
    }
    if (way->stored) put_badge(text, page);
    sy_text_put(text, "</th>");
    put_way_figures(text, review, way);
    sy_text_put(text, "</tr>");
  }
  close_table(text);
  sy_text_put(text, "</section>\n");
}

/* --- results by class --- */

static int tint(double share) {
  return share > 0.005 ? (int)fmin(LEVELS, 1 + floor(LEVELS * share * 0.999)) : 0;
}

static void put_confusion_cell(sy_text *text, const double *confusion, size_t n_classes, size_t k,
                               size_t j, bool live) {
  double support = 0, count = confusion[k * n_classes + j];
  for (size_t i = 0; i < n_classes; i++) support += confusion[k * n_classes + i];
  int level = support > 0 ? tint(count / support) : 0;
  sy_text_put(text, "<td");
  if (level) sy_text_add(text, " class=\"%c%d\"", k == j ? 'r' : 'w', level);
  if (live) sy_text_add(text, " data-at=\"%zu\"", k * n_classes + j);
  sy_text_put(text, "><span class=\"count\">");
  sy_html_put(text, sy_cell_count(count).text);
  sy_text_put(text, "</span><span class=\"share\">");
  if (support > 0) sy_html_put(text, sy_cell_percent(count / support).text);
  sy_text_put(text, "</span></td>");
}

void sy_page_put_confusion(sy_text *text, const sy_page *page, const double *confusion, bool live) {
  size_t n_classes = page->n_classes;
  if (n_classes > CONFUSION_CLASSES) return;
  open_table(text, n_classes > 4 ? "confusion many" : "confusion",
             "Rows: what it was. Columns: what was said. Shares are of the row.");
  sy_text_put(text, live ? "<thead id=\"confusion-head\"><tr><td></td>" : "<thead><tr><td></td>");
  for (size_t j = 0; j < n_classes; j++) {
    sy_text_put(text, "<th scope=\"col\">said ");
    sy_html_put(text, page->classes[j]);
    sy_text_put(text, "</th>");
  }
  sy_text_put(text, live ? "</tr></thead><tbody id=\"confusion\">" : "</tr></thead><tbody>");
  for (size_t k = 0; k < n_classes; k++) {
    sy_text_put(text, "<tr><th scope=\"row\">was ");
    sy_html_put(text, page->classes[k]);
    sy_text_put(text, "</th>");
    for (size_t j = 0; j < n_classes; j++)
      put_confusion_cell(text, confusion, n_classes, k, j, live);
    sy_text_put(text, "</tr>");
  }
  close_table(text);
}

static void put_classes(sy_text *text, const sy_page *page, const sy_metrics *metrics) {
  static const char *const heads[] = {"class", "rows", "said", "precision", "recall", "F1"};
  open_table(text, "classes", "Each class against the rest");
  put_head(text, heads, 6);
  for (size_t k = 0; k < page->n_classes; k++) {
    const sy_class_metrics *one = &metrics->per_class[k];
    sy_text_put(text, "<tr>");
    sy_html_element(text, "th scope=\"row\"", page->classes[k]);
    put_cell(text, sy_cell_count(one->support));
    put_cell(text, sy_cell_count(one->predicted));
    put_cell(text, sy_cell_fixed(one->precision, 3));
    put_cell(text, sy_cell_fixed(one->recall, 3));
    put_cell(text, sy_cell_fixed(one->f1, 3));
    sy_text_put(text, "</tr>");
  }
  close_table(text);
}

void sy_page_put_results(sy_text *text, const sy_page *page) {
  const sy_review *review = page->review;
  sy_text_put(text, "<section id=\"results\"><h2>Results by class</h2>\n");
  for (size_t i = 0; i < review->n_ways; i++) {
    const sy_way *way = &review->ways[i];
    sy_text_put(text, way->stored ? "<details open><summary>" : "<details><summary>");
    sy_page_put_name(text, way, false);
    if (way->remark[0]) {
      sy_text_put(text, ", ");
      sy_html_put(text, way->remark);
    }
    if (way->stored) put_badge(text, page);
    sy_text_put(text, "</summary><div class=\"pair\">");
    put_classes(text, page, &way->metrics);
    sy_page_put_confusion(text, page, way->metrics.confusion, false);
    sy_text_put(text, "</div></details>\n");
  }
  sy_text_put(text, "</section>\n");
}
