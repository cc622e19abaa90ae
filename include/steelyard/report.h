/* report.h: a study, a review or an audit as text for people. Returns strings; prints nothing. */
#ifndef STEELYARD_REPORT_H
#define STEELYARD_REPORT_H

#include <steelyard/study.h>

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

/** What was read and fitted, then the review of the test rows (or of the training rows where there
 * was no test): the screen of `steelyard fit`.
 * @param rows           rows read
 * @param columns_given  columns that could have been features
 * @param read_seconds   time of reading
 * @param text           out; free() it */
SY_API sy_status sy_report_study(const sy_study *study, uint64_t rows, size_t columns_given,
                                 double read_seconds, char **text, sy_error *error);

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

/** What is in a model: features, classes, weights, costs, decision, notes, largest coefficients.
 * @param text  out; free() it */
SY_API sy_status sy_report_model(const sy_model *model, char **text, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
