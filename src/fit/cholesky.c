/* cholesky.c: the matrix is scaled first, so that a ridge means the same for every column whatever
 * its units, and columns that repeat each other (no penalty) cost a ridge and not the fit. */
#include "fit/cholesky.h"

#include <lapacke.h>
#include <math.h>

static const double least_ridge = 1e-14, most_ridge = 10, ridge_growth = 100;

/* Scales both triangles. A column without curvature keeps the scale 1: it has no gradient
 * either, so whatever stands on its diagonal moves nothing. */
static bool scale_matrix(double *matrix, size_t n, double *scale) {
  for (size_t j = 0; j < n; j++) {
    double diagonal = matrix[j * (n + 1)];
    if (!isfinite(diagonal)) return false;
    scale[j] = diagonal > 0 ? 1 / sqrt(diagonal) : 1;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) matrix[i * n + j] *= scale[i] * scale[j];
  return true;
}

/* LAPACK, which counts by columns, takes our lower triangle for its upper one and overwrites that;
 * ours above the diagonal stays and brings back the matrix for the next attempt. */
static bool try_factor(double *matrix, size_t n, double ridge) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) matrix[i * n + j] = matrix[j * n + i];
    matrix[i * (n + 1)] = 1 + ridge;
  }
  lapack_int size = (lapack_int)n;
  return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', size, matrix, size) == 0;
}

bool sy_cholesky_factor(double *matrix, size_t n, double *scale) {
  if (!scale_matrix(matrix, n, scale)) return false;
  for (double ridge = least_ridge; ridge < most_ridge; ridge *= ridge_growth)
    if (try_factor(matrix, n, ridge)) return true;
  return false;
}

void sy_cholesky_solve(const double *matrix, size_t n, const double *scale, double *vector) {
  lapack_int size = (lapack_int)n;
  for (size_t j = 0; j < n; j++) vector[j] *= scale[j];
  LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', size, 1, matrix, size, vector, size);
  for (size_t j = 0; j < n; j++) vector[j] *= scale[j];
}
