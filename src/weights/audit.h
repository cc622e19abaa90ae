/* audit.h: questions about an audit that more than one room asks. */
#ifndef SY_WEIGHTS_AUDIT_H
#define SY_WEIGHTS_AUDIT_H

#include <steelyard/weights.h>

/* The class present with the least and with the greatest sum of row weights, the first of equals;
 * a class without rows is neither. */
size_t sy_audit_rarest(const sy_audit *audit);
size_t sy_audit_commonest(const sy_audit *audit);

#endif
