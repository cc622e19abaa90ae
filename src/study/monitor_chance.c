/* monitor_chance.c: how far rows stray by chance. */
#include "study/monitor.h"

#include <math.h>

/* What a normal deviate exceeds with probability `upper`, by halving. */
static double normal_quantile(double upper) {
  double low = -40, high = 40;
  for (int i = 0; i < 80; i++) {
    double middle = (low + high) / 2;
    if (erfc(middle / sqrt(2)) / 2 > upper)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

double sy_chi_squared_quantile(double freedom, double upper) {
  double spread = 2 / (9 * freedom);
  double root = 1 - spread + normal_quantile(upper) * sqrt(spread);
  return root > 0 ? freedom * root * root * root : 0;
}
