/* report_labels.h: what was found of several labels a row, as text for people. */
#ifndef STEELYARD_REPORT_LABELS_H
#define STEELYARD_REPORT_LABELS_H

#include <steelyard/report.h>
#include <steelyard/study_labels.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The screen that a user sees first after training several labels: rows, labels and their
 * weights, the fit, then metrics of each label on rows that their model did not see (of the
 * training rows where no test was made).
 * @param rows           rows of the source
 * @param columns_given  columns that could have been features
 * @param read_seconds   time to read them; < 0 = not known
 * @param text           out: at most 100 columns wide, ends in a newline; free() it
 * Fails with SY_OUT_OF_MEMORY. */
SY_API sy_status sy_report_label_study(const sy_label_study *study, uint64_t rows,
                                       size_t columns_given, double read_seconds, char **text,
                                       sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
