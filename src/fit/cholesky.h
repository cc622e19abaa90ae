/* cholesky.h: linear systems with a symmetric matrix that is positive semidefinite but for
 * rounding. */
#ifndef SY_FIT_CHOLESKY_H
#define SY_FIT_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Factors the (n, n) matrix (both triangles filled) in place: scaled to a unit diagonal, plus the
 * smallest ridge of 1e-14, 1e-12, ... with which it succeeds. scale (n) is written for the
 * solution. False when the matrix holds numbers that are not finite. */
bool sy_cholesky_factor(double *matrix, size_t n, double *scale);

/* Solves for `vector` (n) in place. */
void sy_cholesky_solve(const double *matrix, size_t n, const double *scale, double *vector);

#endif
