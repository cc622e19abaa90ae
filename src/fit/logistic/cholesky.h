/* cholesky.h: linear systems with a symmetric matrix that is positive semidefinite but for
 * rounding. */
#ifndef SY_FIT_LOGISTIC_CHOLESKY_H
#define SY_FIT_LOGISTIC_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Factors the (n, n) matrix given above its diagonal (row-major) and in `diagonal` (n), neither of
 * which is changed; the factor takes the place of the rest of the matrix. The matrix is scaled to a
 * unit diagonal, by `scale` (n, written), and gets the smallest ridge of 1e-14, 1e-12, ... with
 * which a factor exists. False when it holds numbers that are not finite. */
bool sy_cholesky_factor(double *matrix, const double *diagonal, size_t n, double *scale);

/* Solves for `vector` (n) in place. */
void sy_cholesky_solve(const double *matrix, size_t n, const double *scale, double *vector);

#endif
