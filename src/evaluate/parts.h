/* parts.h: the parts of an evaluation, each filling its fields of the metrics. Checked input. */
#ifndef SY_EVALUATE_PARTS_H
#define SY_EVALUATE_PARTS_H

#include "evaluate/rows.h"

/* Confusion matrix, support, predicted, and all that follows from them. Comes first: the others
 * read support and weighted_rows. */
void sy_confusion_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics);

/* log_loss and brier. SY_INVALID_DATA for a row that holds no log-probabilities. */
sy_status sy_scores_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                         sy_error *error);

/* roc_auc, average_precision and calibration_error, per class and in all. */
sy_status sy_curves_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                         sy_error *error);

/* The average cost with its interval, and the best constant decision. */
sy_status sy_costs_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                        sy_error *error);

/* The same parts for many samples of the same rows: values a row are computed once, and a sample
 * weighs them anew. Rows of weight 0 get 0; all arrays (n). */
void sy_scores_rows(const sy_evaluation *evaluation, const sy_rows *rows, double *losses,
                    double *briers);
void sy_costs_rows(const sy_costs *costs, const sy_rows *rows, const int32_t *decisions,
                   double *row_costs);

/* average_cost and the best constant decision of a sample, one row after the other, after
 * sy_confusion_fill. sums: (K) room. */
void sy_costs_resample(const sy_costs *costs, const sy_rows *rows, const double *row_costs,
                       double *sums, sy_metrics *metrics);

/* Room for metrics of n_classes, all zero. */
sy_status sy_metrics_make(size_t n_classes, sy_metrics *metrics, sy_error *error);

#endif
