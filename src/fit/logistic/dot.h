/* dot.h: scalar products in float64 whose order of summation depends on the length alone. */
#ifndef SY_FIT_LOGISTIC_DOT_H
#define SY_FIT_LOGISTIC_DOT_H

#include <stddef.h>

/* Sum of a[j] * b[j], j < n: eight lanes, then the lanes in pairs, then the rest. */
double sy_dot(const double *a, const double *b, size_t n);

#endif
