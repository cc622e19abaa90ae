/* page_live.c: what moves: slider, fields and live figures. The script (assets/) shows them;
 * without it they stay hidden and all else stands. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/page_html.h"

/* Classes whose cost matrix is a field a cell; of more, a field a class. */
enum { FIELD_CLASSES = 6, SLIDER_END = 1000 };

static int32_t varying_of(const sy_costs *costs, size_t cell) {
  return costs->n_varying ? costs->which[cell] : -1;
}

/* What is typed into a field: the cost, or by what the cost of each row is multiplied. */
static void put_input(sy_text *text, const sy_costs *costs, size_t cell) {
  char number[SY_NUMBER_SIZE];
  bool varies = varying_of(costs, cell) >= 0;
  sy_text_add(text,
              "<input type=\"number\" step=\"any\" inputmode=\"decimal\" id=\"c%zu\" "
              "data-cell=\"%zu\" value=\"%s\"",
              cell, cell, varies ? "1" : sy_number_format(costs->fixed[cell], number));
}

/* " x EXPRESSION", where the cost differs by row. */
static void put_expression(sy_text *text, const sy_costs *costs, size_t cell) {
  int32_t which = varying_of(costs, cell);
  if (which < 0) return;
  sy_text_put(text, " <span class=\"dim\">&times; ");
  sy_html_put(text, costs->expressions ? costs->expressions[which] : "the cost of the row");
  sy_text_put(text, "</span>");
}

static void put_field(sy_text *text, const sy_page *page, const sy_costs *costs, const char *before,
                      size_t class_id, const char *after, size_t cell) {
  sy_text_add(text, "<div class=\"field\"><label for=\"c%zu\">", cell);
  sy_text_put(text, before);
  sy_html_put(text, page->classes[class_id]);
  sy_text_put(text, after);
  put_expression(text, costs, cell);
  sy_text_put(text, "</label>");
  put_input(text, costs, cell);
  sy_text_put(text, "></div>\n");
}

/* Two classes, in words: the mistakes first. */
static void put_two_class_fields(sy_text *text, const sy_page *page, const sy_costs *costs) {
  size_t hit = (size_t)page->review->positive, other = 1 - hit;
  put_field(text, page, costs, "A missed ", hit, " costs", hit * 2 + other);
  put_field(text, page, costs, "A false alarm (", other, ") costs", other * 2 + hit);
  put_field(text, page, costs, "A caught ", hit, " costs", hit * 2 + hit);
  put_field(text, page, costs, "A row of ", other, " left alone costs", other * 2 + other);
}

static void put_matrix_fields(sy_text *text, const sy_page *page, const sy_costs *costs) {
  size_t n_classes = page->n_classes;
  sy_text_put(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"costs\">"
                    "<table class=\"costs-table\"><caption>Rows: what it was. Columns: what is "
                    "said.</caption><thead><tr><td></td>");
  for (size_t j = 0; j < n_classes; j++)
    sy_html_element(text, "th scope=\"col\"", page->classes[j]);
  sy_text_put(text, "</tr></thead><tbody>");
  for (size_t k = 0; k < n_classes; k++) {
    sy_text_put(text, "<tr>");
    sy_html_element(text, "th scope=\"row\"", page->classes[k]);
    for (size_t j = 0; j < n_classes; j++) {
      sy_text_put(text, "<td>");
      put_input(text, costs, k * n_classes + j);
      sy_text_put(text, " aria-label=\"");
      sy_html_put(text, page->classes[k]);
      sy_text_put(text, " called ");
      sy_html_put(text, page->classes[j]);
      sy_text_put(text, " costs\">");
      put_expression(text, costs, k * n_classes + j);
      sy_text_put(text, "</td>");
    }
    sy_text_put(text, "</tr>");
  }
  sy_text_put(text, "</tbody></table></div>\n");
}

static void put_class_fields(sy_text *text, const sy_page *page) {
  sy_text_put(text, "<p class=\"small dim\">Each multiplies the costs of the mistakes of one "
                    "class.</p>\n");
  for (size_t k = 0; k < page->n_classes; k++) {
    sy_text_add(text, "<div class=\"field\"><label for=\"s%zu\">A missed ", k);
    sy_html_put(text, page->classes[k]);
    sy_text_add(text,
                " &times;</label><input type=\"number\" step=\"any\" inputmode=\"decimal\" "
                "id=\"s%zu\" data-scales=\"%zu\" value=\"1\"></div>\n",
                k, k);
  }
}

static void put_slider(sy_text *text) {
  sy_text_add(text,
              "<div class=\"grip\" data-live hidden><div class=\"field\"><label for=\"threshold\">"
              "<b>Flag where p &ge;</b></label><input type=\"number\" id=\"threshold\" min=\"0\" "
              "max=\"1\" step=\"any\" inputmode=\"decimal\"></div>"
              "<input type=\"range\" id=\"slider\" min=\"0\" max=\"%d\" step=\"1\" "
              "aria-label=\"Threshold\"><div class=\"ends\" aria-hidden=\"true\">"
              "<span>flag all</span><span>flag none</span></div></div>\n",
              SLIDER_END);
}

static void put_controls(sy_text *text, const sy_page *page, const sy_page_curves *curves) {
  bool two = page->review->positive >= 0;
  sy_text_put(text, "<div class=\"controls\" data-live hidden>\n");
  sy_text_put(text, "<fieldset><legend>What decisions cost</legend>\n");
  if (two)
    put_two_class_fields(text, page, &curves->costs);
  else if (page->n_classes <= FIELD_CLASSES)
    put_matrix_fields(text, page, &curves->costs);
  else
    put_class_fields(text, page);
  sy_text_put(text, "<p class=\"problem\" id=\"problem\" role=\"alert\"></p></fieldset>\n");
  if (two)
    sy_text_put(text, "<p class=\"small\" id=\"implied\"></p><p class=\"small\"><label>"
                      "<input type=\"checkbox\" id=\"follow\">Decide by these costs"
                      "</label></p>\n");
  sy_text_add(text, "<button type=\"button\" id=\"reset\">Back to the %s rule</button></div>\n",
              sy_page_kept(page));
}

static void put_tile(sy_text *text, const char *name, const char *title) {
  sy_text_add(text,
              "<div class=\"tile\" data-figure=\"%s\"><dt>%s</dt><dd><div class=\"value\"></div>"
              "<div class=\"more\"></div></dd></div>",
              name, title);
}

static void put_live_classes(sy_text *text, const sy_page *page) {
  static const char *const figures[] = {"predicted", "precision", "recall", "f1"};
  sy_text_put(text,
              "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"each class\">"
              "<table><caption>Each class against the rest</caption><thead><tr>"
              "<th scope=\"col\">class</th><th scope=\"col\">said</th>"
              "<th scope=\"col\">precision</th><th scope=\"col\">recall</th>"
              "<th scope=\"col\">F1</th></tr></thead><tbody>");
  for (size_t k = 0; k < page->n_classes; k++) {
    sy_text_put(text, "<tr>");
    sy_html_element(text, "th scope=\"row\"", page->classes[k]);
    for (size_t f = 0; f < 4; f++)
      sy_text_add(text, "<td data-class=\"%zu\" data-of=\"%s\"></td>", k, figures[f]);
    sy_text_put(text, "</tr>");
  }
  sy_text_put(text, "</tbody></table></div>\n");
}

static void put_live(sy_text *text, const sy_page *page) {
  bool two = page->review->positive >= 0;
  const double *stored = page->review->ways[page->review->stored].metrics.confusion;
  sy_text_put(text, "<div class=\"live\" data-live hidden>\n");
  sy_text_put(text, "<p class=\"told\" id=\"told\" role=\"status\" aria-live=\"polite\"></p>\n"
                    "<dl class=\"tiles\">");
  if (two) {
    put_tile(text, "flagged", "Flagged");
    put_tile(text, "caught", "Caught (recall)");
    put_tile(text, "precision", "Precision");
  } else {
    put_tile(text, "accuracy", "Accuracy");
  }
  put_tile(text, "balanced", "Balanced accuracy");
  if (!two) put_tile(text, "macro_f1", "Macro F1");
  put_tile(text, "cost", "Cost per 1000");
  sy_text_put(text, "</dl>\n<div class=\"pair\">");
  sy_page_put_confusion(text, page, stored, true);
  if (!two) put_live_classes(text, page);
  sy_text_put(text, "</div></div>\n");
}

sy_status sy_page_put_decide(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                             sy_error *error) {
  bool two = page->review->positive >= 0;
  sy_status status = SY_OK;
  sy_text_put(text, "<section id=\"decide\"><h2>Decide otherwise</h2>\n");
  if (two)
    sy_text_add(text,
                "<p class=\"hint\" data-live hidden>Move the threshold, or say what mistakes cost: "
                "all figures and marks below follow. A dotted line is where the %s rule stands; a "
                "click on a plot moves the threshold there.</p>\n",
                sy_page_kept(page));
  else
    sy_text_put(text, "<p class=\"hint\" data-live hidden>Say what mistakes cost: each row is "
                      "decided anew at least expected cost, and the figures follow.</p>\n");
  sy_text_put(text, "<noscript><p class=\"dim\">With JavaScript, a slider and fields for the costs "
                    "stand here. All other figures of the page do without.</p></noscript>\n");
  sy_text_put(text, "<p class=\"dim small hint\" id=\"sampled\" data-live hidden></p>\n");
  bool wide = !two && page->n_classes > 3; /* a matrix of fields that needs the width */
  sy_text_add(text, "<div class=\"bench%s\">\n", wide ? " stacked" : "");
  put_controls(text, page, curves);
  sy_text_put(text, "<div>\n");
  if (two) put_slider(text);
  put_live(text, page);
  if (two) status = sy_page_put_curves(text, page, curves, error);
  sy_text_put(text, "</div></div></section>\n");
  return status;
}
