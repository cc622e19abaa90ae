/* audit.h: an audit's figures alone, and questions about them that more than one room asks. */
#ifndef SY_WEIGHTS_AUDIT_H
#define SY_WEIGHTS_AUDIT_H

#include <steelyard/weights.h>

/* The class present with the least and with the greatest sum of row weights, the first of equals;
 * a class without rows is neither. */
size_t sy_audit_rarest(const sy_audit *audit);
size_t sy_audit_commonest(const sy_audit *audit);

/* Fills an audit but for its warnings; without any rows all shares are 0. Release with
 * sy_audit_clear, after a failure too. SY_INVALID_WEIGHT, SY_OUT_OF_MEMORY. */
sy_status sy_audit_figures(const char *const *classes, const sy_counts *counts,
                           const double *weights, size_t n_classes, sy_audit *audit,
                           sy_error *error);

#endif
