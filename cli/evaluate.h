/* evaluate.h: what steelyard evaluate does, a file each; cmd_evaluate.c chooses. All return an exit
 * code, having said what is wrong. */
#ifndef CLI_EVALUATE_H
#define CLI_EVALUATE_H

#include <steelyard/classifier_labels.h>

#include "fail_if.h"
#include "score_columns.h"

/* Models on rows whose labels are known: one, or several side by side. Where a source has no
 * labels, what can be said of one model without them. */
int evaluate_models(const settings *given, char *const *paths, size_t n_models, const char *source,
                    fail_conditions *conditions);

/* Models of several labels a row, opened, on such rows.
 * @param conditional  whether --fail-if asks for something */
int evaluate_label_models(const settings *given, const sy_model *const *models, char *const *paths,
                          size_t n_models, const char *source, bool conditional);

/* --scores: what models of any origin said of such rows. */
int evaluate_scores(const settings *given, const char *source, fail_conditions *conditions);

/* The same where there are several labels a row, once they are read. */
int evaluate_labels(const settings *given, const score_rows *rows);

#endif
