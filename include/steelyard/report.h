/* report.h: a study, a review or an audit as text or as a page for people. Returns strings; prints
 * nothing. */
#ifndef STEELYARD_REPORT_H
#define STEELYARD_REPORT_H

#include <steelyard/study.h>
#include <steelyard/study_families.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The decision table, confusion and figures of a review, at most 100 columns wide.
 * @param heading  line above it ("5-fold cross-validation, every row judged by ..."), or NULL
 * @param classes  (n_classes) names
 * @param text     out: UTF-8 text ending in a newline; free() it. SY_OUT_OF_MEMORY. */
SY_API sy_status sy_report_review(const sy_review *review, const char *heading,
                                  const char *const *classes, size_t n_classes, char **text,
                                  sy_error *error);

/** Rules for scores beside each other, the one found marked, with 95 % intervals; what it saves,
 * and how sure a tuned one is. At most 100 columns wide.
 * @param heading  line above it, or NULL
 * @param classes  (K) names
 * @param text     out: ends in a newline; free() it. SY_OUT_OF_MEMORY. */
SY_API sy_status sy_report_rules(const sy_rules *rules, const char *heading,
                                 const char *const *classes, char **text, sy_error *error);

/** The same for several labels a row, a line each: its threshold and what that comes to.
 * @param rules   (n) one for each label, two classes
 * @param labels  (n) their names
 * @param text    out; free() it */
SY_API sy_status sy_report_label_rules(const sy_rules *rules, const char *const *labels, size_t n,
                                       char **text, sy_error *error);

/** Metrics with their 95 % intervals, a line each, those of the classes as a table.
 * @param metrics    the metrics
 * @param low, high  their intervals, from sy_evaluate_intervals
 * @param samples    bootstrap samples they were made of
 * @param priced     whether costs were given
 * @param positive   the positive class of two, or -1
 * @param classes    (K) names
 * @param text       out; free() it */
SY_API sy_status sy_report_intervals(const sy_metrics *metrics, const sy_metrics *low,
                                     const sy_metrics *high, int samples, bool priced, int positive,
                                     const char *const *classes, char **text, sy_error *error);

/** Metrics of several labels a row: a line each, then means.
 * @param metrics  from sy_evaluate_labels
 * @param names    (L) of the labels
 * @param heading  line above, or NULL
 * @param text     out; free() it */
SY_API sy_status sy_report_labels(const sy_label_metrics *metrics, const char *const *names,
                                  const char *heading, char **text, sy_error *error);

/** Several models on the same rows: a line each, the differences from the best with intervals, and
 * which is better in words.
 * @param names       (n) of the models
 * @param reviews     (n)
 * @param comparison  of them
 * @param heading     line above, or NULL
 * @param text        out; free() it */
SY_API sy_status sy_report_comparison(const char *const *names, const sy_review *reviews,
                                      const sy_review_comparison *comparison, const char *heading,
                                      char **text, sy_error *error);

/** What was read and fitted, then the review of the test rows (or of the training rows where there
 * was no test): the screen of `steelyard fit`.
 * @param rows           rows read
 * @param columns_given  columns that could have been features
 * @param read_seconds   time of reading; negative = not known, and not told
 * @param text           out; free() it */
SY_API sy_status sy_report_study(const sy_study *study, uint64_t rows, size_t columns_given,
                                 double read_seconds, char **text, sy_error *error);

/** The families that were tried, a line each: log-loss, what chose (cost where there are costs),
 * the difference to the one that is kept, and the time; at most 100 columns wide.
 * @param families  from sy_study_choose
 * @param text      out; free() it. SY_OUT_OF_MEMORY. */
SY_API sy_status sy_report_families(const sy_families *families, char **text, sy_error *error);

/** Counts, shares, weights and audit of class weights as a table.
 * @param counts   that were audited
 * @param policy   text of the policy, for the heading
 * @param classes  (K) their names
 * @param text     out; free() it */
SY_API sy_status sy_report_audit(const sy_counts *counts, const sy_audit *audit, const char *policy,
                                 const char *const *classes, char **text, sy_error *error);

/** The same for several labels a row: a line for each label.
 * @param counts  that were audited; they name the labels
 * @param audits  of these counts
 * @param policy  text of the policy, for the heading
 * @param text    out; free() it */
SY_API sy_status sy_report_label_audits(const sy_counts *counts, const sy_label_audits *audits,
                                        const char *policy, char **text, sy_error *error);

/** All policies side by side for these counts: what each class weighs under each, what that does,
 * and what it is worth; at most 100 columns wide. Of several labels a row, a line each.
 * @param counts   from a counter or sy_counts_of
 * @param cost     (K, K) costs, for the policy "cost"; NULL = none are known
 * @param text     out; free() it */
SY_API sy_status sy_report_policies(const sy_counts *counts, const double *cost, char **text,
                                    sy_error *error);

/** What a monitor found: of each class what is decided and how large its share seems to be, and the
 * columns that moved most; at most 100 columns wide.
 * @param heading  line above it, or NULL
 * @param classes  (K) names
 * @param text     out; free() it. SY_OUT_OF_MEMORY. */
SY_API sy_status sy_report_monitor(const sy_monitor *monitor, const char *heading,
                                   const char *const *classes, char **text, sy_error *error);

/** What is in a model: features, classes, weights, costs, decision, notes, largest coefficients.
 * @param text  out; free() it */
SY_API sy_status sy_report_model(const sy_model *model, char **text, sy_error *error);

/** What a page tells; views. */
typedef struct sy_page {
  const char *title;          /**< heading and title of the page */
  const char *subtitle;       /**< on what was judged ("5-fold cross-validation, ..."), or NULL */
  const char *const *classes; /**< (n_classes) names */
  size_t n_classes;           /**< K >= 2 */
  const sy_audit *audit;      /**< class weights on the training rows; NULL = not known */
  const char *policy;         /**< text of their policy; NULL = none */
  const sy_review *review;    /**< ways of deciding, on the rows that were judged */
  const sy_evaluation *rows;  /**< these rows with the decisions of the stored rule: curves and all
                                   that moves come from them; NULL = none of that */
  const double *rule;         /**< (K, K) costs by which the stored rule decides; NULL where they
                                   differ by row or are not known */
  const sy_messages *notes;   /**< warnings and remarks, or NULL */
  const sy_training_result *training; /**< of a network or boosted trees: its curve is drawn; or
                                           NULL */
  const sy_families *families;        /**< that were tried, the best of which is told of; or NULL */
} sy_page;

/** A review as one page of HTML that needs nothing but itself: tables and plots that stand, and
 * with JavaScript a slider for the threshold and fields for the costs that move decisions,
 * confusion and expected cost. Legible on a phone, in the dark and on paper. Names are escaped, and
 * the page's Content-Security-Policy lets nothing run or load but what steelyard put there. It
 * carries what it counts from: up to 20,000 thresholds of two classes, or up to 100,000 numbers of
 * rows (a seeded sample of more) where costs differ by row or classes are three or more.
 * @param html  out: UTF-8, the same for the same input; free() it
 * Fails with SY_INVALID_ARGUMENT (no title, classes or review), SY_INVALID_SHAPE (rows of other
 * classes, without decisions), SY_OUT_OF_MEMORY, and as sy_steps_make and sy_reliability_make do.
 */
SY_API sy_status sy_report_page(const sy_page *page, char **html, sy_error *error);

/** The page of a study: of its test rows, or of its training rows where there was no test.
 * @param title  heading of the page
 * @param costs  as they were given to the study, or NULL; `values` are not looked at, those of the
 *               judged rows are in the review
 * @param html   out; free() it. Fails as sy_report_page does. */
SY_API sy_status sy_report_study_page(const sy_study *study, const char *title,
                                      const sy_costs *costs, char **html, sy_error *error);

/** The same page with the families that were tried.
 * @param families  from sy_study_choose, which made the study; NULL: as sy_report_study_page
 * @param html      out; free() it. Fails as sy_report_page does. */
SY_API sy_status sy_report_choice_page(const sy_study *study, const sy_families *families,
                                       const char *title, const sy_costs *costs, char **html,
                                       sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
