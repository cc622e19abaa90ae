#include "evaluate/wilson.h"

#include "base/normal.h"

#include <math.h>

void sy_wilson_interval(double share, double rows, double *low, double *high) {
  double z = sy_normal_95;
  double spread = z * z / rows, middle = share + spread / 2;
  double half = z * sqrt(share * (1 - share) / rows + spread / rows / 4);
  *low = fmin(fmax((middle - half) / (1 + spread), 0), share);
  *high = fmax(fmin((middle + half) / (1 + spread), 1), share);
}
