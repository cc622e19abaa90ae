/* log_row.h: whether a row holds log-probabilities. */
#ifndef SY_DECIDE_LOG_ROW_H
#define SY_DECIDE_LOG_ROW_H

#include <steelyard/base.h>

/* SY_INVALID_DATA where a logarithm is NaN or above 0, or the K probabilities do not sum to 1
 * within 1e-3: wide enough for float32, narrow enough to catch logits. The text names row (from 0;
 * told from 1) and class. */
sy_status sy_log_row_check(const double *log_probabilities, size_t n_classes, size_t row,
                           sy_error *error);

/* SY_INVALID_WEIGHT where a row weight is negative or not finite. */
sy_status sy_row_weight_check(double weight, size_t row, sy_error *error);

#endif
