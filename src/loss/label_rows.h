/* label_rows.h: labels that are rows along the class axis. */
#ifndef SY_LOSS_LABEL_ROWS_H
#define SY_LOSS_LABEL_ROWS_H

#include "loss/batch.h"

/* Checks rows first .. first + n - 1 and fills ids, weights (without those of the rows), hard and,
 * of multi-hot, counted.
 * @param cells  (n) out, of multi-hot: cells of each row whose weight is not 0
 * SY_INVALID_LABEL. */
sy_status sy_loss_rows_read(const sy_loss_view *view, size_t first, size_t n,
                            sy_loss_labels *labels, double *cells, sy_error *error);

#endif
