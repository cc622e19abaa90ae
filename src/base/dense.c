/* dense.c: Cholesky's factor of small matrices. */
#include "base/dense.h"

#include <math.h>

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

bool sy_dense_factor(double *matrix, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double *row = matrix + i * n;
    for (size_t j = 0; j < i; j++) {
      const double *other = matrix + j * n;
      row[j] = (row[j] - dot(row, other, j)) / other[j];
    }
    double rest = row[i] - dot(row, row, i);
    if (!(rest > 0) || !isfinite(rest)) return false;
    row[i] = sqrt(rest);
  }
  return true;
}

void sy_dense_solve(const double *factor, size_t n, double *vector) {
  for (size_t i = 0; i < n; i++)
    vector[i] = (vector[i] - dot(factor + i * n, vector, i)) / factor[i * n + i];
  for (size_t i = n; i-- > 0;) {
    for (size_t j = i + 1; j < n; j++) vector[i] -= factor[j * n + i] * vector[j];
    vector[i] /= factor[i * n + i];
  }
}
