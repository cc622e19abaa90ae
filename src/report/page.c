/* page.c: a review as one page of HTML that needs nothing but itself. */
#include "report/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/format.h"
#include "report/page_html.h"

/* Thresholds that a page carries, three numbers each: what 10,000 rows and more need. */
enum { STEPS_MOST = 20000 };

static const char balance[] =
    "<svg viewBox=\"0 0 34 26\" aria-hidden=\"true\"><path d=\"M3 9 31 5M12 1v6.6M12 7.6V3M5 9v5"
    "M1 14h8l-1.5 4h-5zM26 6v7M23 13h6v9h-6z\"/></svg>";

static void put_head(sy_text *text, const sy_page *page) {
  sy_text_put(text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"");
  sy_text_put(text, sy_page_policy);
  sy_text_put(text,
              "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
  sy_html_put(text, page->title);
  sy_text_add(text, "</title>\n<meta name=\"generator\" content=\"steelyard %s\">\n<style>",
              SY_VERSION);
  sy_text_put(text, sy_page_style);
  sy_text_put(text,
              "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n"
              "<header class=\"top\"><div class=\"brand\">");
  sy_text_put(text, balance);
  sy_text_put(text, "<span>steelyard report</span></div>\n");
  sy_html_element(text, "h1", page->title);
  if (page->subtitle) sy_html_element(text, "p class=\"lead\"", page->subtitle);
  sy_text_put(text,
              "\n<nav aria-label=\"Parts of the page\"><ul>"
              "<li><a href=\"#summary\">Rule</a></li>"
              "<li><a href=\"#data\">Data</a></li><li><a href=\"#rules\">Ways to decide</a></li>");
  if (page->rows) sy_text_put(text, "<li><a href=\"#decide\">Decide otherwise</a></li>");
  sy_text_put(text, "<li><a href=\"#results\">By class</a></li>");
  if (page->rows) sy_text_put(text, "<li><a href=\"#probabilities\">Probabilities</a></li>");
  if (page->families) sy_text_put(text, "<li><a href=\"#families\">Models tried</a></li>");
  if (page->training) sy_text_put(text, "<li><a href=\"#training\">Training</a></li>");
  sy_text_put(text,
              "<li><a href=\"#words\">Words</a></li></ul></nav></header>\n<main id=\"main\">\n");
}

static void put_notes(sy_text *text, const sy_page *page) {
  size_t n = sy_messages_count(page->notes);
  if (n == 0) return;
  sy_text_put(text, "<section id=\"notes\"><h2>Told along the way</h2><ul class=\"notes\">\n");
  for (size_t i = 0; i < n; i++) {
    sy_html_element(text, "li", sy_messages_get(page->notes, i));
    sy_text_put(text, "\n");
  }
  sy_text_put(text, "</ul></section>\n");
}

static void put_word(sy_text *text, const char *word, const char *meaning) {
  sy_html_element(text, "dt", word);
  sy_html_element(text, "dd", meaning);
}

static void put_words(sy_text *text, const sy_page *page) {
  bool two = page->review->positive >= 0;
  sy_text_put(text, "<section id=\"words\"><h2>Words on this page</h2><dl class=\"words\">\n");
  if (two) {
    put_word(text, "p, threshold",
             "p is the probability of the class to catch, corrected for class weights. A row is "
             "flagged where p is at least the threshold.");
    put_word(text, "flagged, caught, precision",
             "Flagged: the share of all rows that the rule picks. Caught, or recall: how many of "
             "the rows to catch are among them. Precision: how many of those flagged are.");
  } else {
    put_word(text, "precision, recall, F1",
             "Of the rows called by a class, how many are of it; of the rows of a class, how many "
             "were called by it; and their harmonic mean.");
  }
  put_word(text, "balanced accuracy",
           "The mean, over the classes, of the share of each class that is called right. Always "
           "saying the commonest class has 1 divided by the number of classes.");
  put_word(text, "cost per 1000",
           "What the decisions on 1000 such rows cost, in the unit that the costs were given in; "
           "in brackets its 95 % interval. A rule from costs is the one of least expected cost.");
  put_word(text, "calibration",
           "Whether what is predicted at 10 % comes in 10 of 100 cases. The calibration error is "
           "the mean distance, over ten groups of rows of rising probability.");
  sy_text_put(text, "</dl></section>\n");
}

static void put_foot(sy_text *text) {
  sy_text_add(text,
              "</main>\n<footer class=\"dim small\"><p>Written by steelyard %s. This page is one "
              "file: it asks for nothing from the network and sends nothing.",
              SY_VERSION);
  sy_text_put(text, " Moving plots by uPlot, &copy; 2022 Leon Sorokin, MIT License (its text is in "
                    "the source of the page).</p></footer>\n");
}

static sy_status make_curves(const sy_page *page, sy_page_curves *curves, sy_error *error) {
  const sy_evaluation *rows = page->rows;
  size_t n_classes = page->n_classes;
  curves->plain = sy_alloc(n_classes, n_classes * sizeof(double));
  if (!curves->plain) return sy_fail_memory(error);
  sy_cost_plain(n_classes, curves->plain);
  curves->costs =
      rows->costs ? *rows->costs : (sy_costs){.n_classes = n_classes, .fixed = curves->plain};
  if (page->review->positive < 0) return SY_OK;
  size_t hit = (size_t)page->review->positive;
  double *scores = sy_page_scores(rows, hit);
  if (!scores) return sy_fail_memory(error);
  sy_status status = sy_steps_make(scores, rows->ids, rows->n, (int)hit, rows->row_weights,
                                   &curves->costs, &curves->steps, error);
  free(scores);
  if (status != SY_OK) return status;
  return sy_steps_thin(&curves->steps, STEPS_MOST, &curves->carried, error);
}

static void curves_clear(sy_page_curves *curves) {
  free(curves->plain);
  sy_steps_clear(&curves->steps);
  sy_steps_clear(&curves->carried);
}

static sy_status put_all(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                         sy_error *error) {
  sy_status status = SY_OK;
  put_head(text, page);
  sy_page_put_summary(text, page);
  sy_page_put_data(text, page);
  sy_page_put_ways(text, page);
  if (page->rows) status = sy_page_put_decide(text, page, curves, error);
  if (status != SY_OK) return status;
  sy_page_put_results(text, page);
  if (page->rows) status = sy_page_put_probabilities(text, page, error);
  if (status != SY_OK) return status;
  sy_page_put_families(text, page);
  sy_page_put_training(text, page);
  put_notes(text, page);
  put_words(text, page);
  put_foot(text);
  if (!page->rows) {
    sy_text_put(text, "</body>\n</html>\n");
    return SY_OK;
  }
  status = sy_page_put_live_data(text, page, curves, error);
  sy_text_put(text, "<script>");
  sy_text_put(text, sy_page_script);
  sy_text_put(text, "</script>\n</body>\n</html>\n");
  return status;
}

static sy_status check(const sy_page *page, sy_error *error) {
  const sy_review *review = page->review;
  if (!page->title || !page->classes || !review || review->n_ways == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a page needs a title, classes and a review with its ways of deciding");
  if (page->rows && (page->rows->n_classes != page->n_classes || !page->rows->decisions))
    return sy_fail(error, SY_INVALID_SHAPE, "rows of %zu classes for a page of %zu",
                   page->rows->n_classes, page->n_classes);
  return SY_OK;
}

sy_status sy_report_page(const sy_page *page, char **html, sy_error *error) {
  *html = NULL;
  sy_status status = check(page, error);
  if (status != SY_OK) return status;
  sy_text text = {0};
  sy_page_curves curves = {0};
  if (page->rows) status = make_curves(page, &curves, error);
  if (status == SY_OK) status = put_all(&text, page, &curves, error);
  curves_clear(&curves);
  if (status == SY_OK) return sy_text_finish(&text, html, error);
  free(text.data);
  return status;
}
