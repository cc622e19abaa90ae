/* lanes.h: sums in eight lanes, which is one order at every width of vectors. */
#ifndef SY_LOSS_LANES_H
#define SY_LOSS_LANES_H

#include "base/clones.h"

#include <stddef.h>

SY_INLINE double sy_lane_sum(const double *values, size_t n) {
  enum { LANES = 8 };
  double lane[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += values[i + l];
  for (size_t l = 0; i < n; i++, l++) lane[l] += values[i];
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

#endif
