/* page.h: the parts of a page, each written by its own file, in their order. */
#ifndef SY_REPORT_PAGE_H
#define SY_REPORT_PAGE_H

#include "base/text.h"

#include <steelyard/report.h>

/* Style and script, made of src/report/assets and uPlot while building. */
extern const char sy_page_style[], sy_page_script[];

/* Content-Security-Policy: nothing is fetched, and nothing runs but these two. */
extern const char sy_page_policy[];

/* What the parts need beside the page itself. */
typedef struct sy_page_curves {
  sy_costs costs;   /* of the rows; 0 and 1 where none are given */
  double *plain;    /* (K, K) 0 and 1 */
  sy_steps steps;   /* two classes: of the positive one; empty for more */
  sy_steps carried; /* of these, what the page carries */
} sy_page_curves;

/* The stored rule in a few figures, and what it saves. */
void sy_page_put_summary(sy_text *text, const sy_page *page);

/* Classes, weights, what the audit warns of. */
void sy_page_put_data(sy_text *text, const sy_page *page);

/* The decision table of the screen. */
void sy_page_put_ways(sy_text *text, const sy_page *page);

/* What each way of deciding does to each class, with its confusion. */
void sy_page_put_results(sy_text *text, const sy_page *page);

/* A confusion matrix. `live`: its cells are marked for the script. */
void sy_page_put_confusion(sy_text *text, const sy_page *page, const double *confusion, bool live);

/* Slider, fields and live figures, hidden until the script shows them, around the plots. */
sy_status sy_page_put_decide(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                             sy_error *error);

/* The plots of two classes that have a threshold: cost, precision-recall, ROC, gain. */
sy_status sy_page_put_curves(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                             sy_error *error);

/* What the probabilities are worth: figures, reliability, and of many classes the curve of each of
 * the rarest against the others. */
sy_status sy_page_put_probabilities(sy_text *text, const sy_page *page, sy_error *error);

/* The families that were tried, where the page knows them. */
void sy_page_put_families(sy_text *text, const sy_page *page);

/* How the training of a network or of boosted trees went, where the page knows it. */
void sy_page_put_training(sy_text *text, const sy_page *page);

/* The script element with what the script counts from. */
sy_status sy_page_put_live_data(sy_text *text, const sy_page *page, const sy_page_curves *curves,
                                sy_error *error);

/* "stored", or "shown" where no model stores the rule. */
const char *sy_page_kept(const sy_page *page);

/* Writes the name of a way, escaped and with a sign for ">=". `json`: as a JSON string. */
void sy_page_put_name(sy_text *text, const sy_way *way, bool json);

/* Probabilities of one class (n), of rows left out 0; free() it. NULL when out of memory. */
double *sy_page_scores(const sy_evaluation *rows, size_t class_id);

#endif
