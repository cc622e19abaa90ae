/* cholesky.c: the matrix is scaled first, so that a ridge means the same for every column whatever
 * its units, and columns that repeat each other (no penalty) cost a ridge and not the fit. */
#include "fit/logistic/cholesky.h"

#include <lapacke.h>
#include <math.h>

static const double least_ridge = 1e-14, most_ridge = 10, ridge_growth = 100;

/* A column without curvature keeps the scale 1: it has no gradient either, so whatever stands on
 * its diagonal moves nothing. */
static bool find_scale(const double *diagonal, size_t n, double *scale) {
  for (size_t j = 0; j < n; j++) {
    if (!isfinite(diagonal[j])) return false;
    scale[j] = diagonal[j] > 0 ? 1 / sqrt(diagonal[j]) : 1;
  }
  return true;
}

/* LAPACK, which counts by columns, takes our lower triangle for its upper one. Tiles, since one of
 * the triangles is walked against the grain. */
static void fill_lower(double *matrix, size_t n, const double *scale) {
  enum { TILE = 32 };
  for (size_t top = 0; top < n; top += TILE)
    for (size_t left = 0; left <= top; left += TILE)
      for (size_t i = top; i < n && i < top + TILE; i++)
        for (size_t j = left; j < i && j < left + TILE; j++)
          matrix[i * n + j] = matrix[j * n + i] * scale[i] * scale[j];
}

static bool try_factor(double *matrix, size_t n, const double *scale, double ridge) {
  lapack_int size = (lapack_int)n;
  fill_lower(matrix, n, scale);
  for (size_t j = 0; j < n; j++) matrix[j * (n + 1)] = 1 + ridge;
  return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', size, matrix, size) == 0;
}

bool sy_cholesky_factor(double *matrix, const double *diagonal, size_t n, double *scale) {
  if (!find_scale(diagonal, n, scale)) return false;
  for (double ridge = least_ridge; ridge < most_ridge; ridge *= ridge_growth)
    if (try_factor(matrix, n, scale, ridge)) return true;
  return false;
}

void sy_cholesky_solve(const double *matrix, size_t n, const double *scale, double *vector) {
  lapack_int size = (lapack_int)n;
  for (size_t j = 0; j < n; j++) vector[j] *= scale[j];
  LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', size, 1, matrix, size, vector, size);
  for (size_t j = 0; j < n; j++) vector[j] *= scale[j];
}
