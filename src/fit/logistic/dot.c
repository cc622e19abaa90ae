/* dot.c: eight lanes let the compiler use vectors without reordering sums. */
#include "fit/logistic/dot.h"

enum { LANES = 8 };

double sy_dot(const double *a, const double *b, size_t n) {
  double lane[LANES] = {0};
  size_t j = 0;
  for (; j + LANES <= n; j += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += a[j + l] * b[j + l];
  double sum =
      ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
  for (; j < n; j++) sum += a[j] * b[j];
  return sum;
}
