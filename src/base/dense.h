/* dense.h: small symmetric positive definite systems, solved serially in one order. */
#ifndef SY_BASE_DENSE_H
#define SY_BASE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* Cholesky's factor of an (n, n) row-major matrix: its lower triangle is replaced by L with
 * L L' = matrix, the rest is not looked at. False, with the matrix used up, where it is not
 * positive definite or not finite. */
bool sy_dense_factor(double *matrix, size_t n);

/* Solves for `vector` (n) in place; `factor` as sy_dense_factor leaves it. */
void sy_dense_solve(const double *factor, size_t n, double *vector);

#endif
