/* between.c: multiples of ever smaller powers of ten, until one lies between. The nearest multiple
 * to the middle is the only one to try: the middle is as far from both ends. */
#include "base/between.h"

#include <math.h>
#include <stdio.h>
#include <steelyard/base.h>

/* A double is told from its neighbours by 17 digits. */
enum { MOST_DIGITS = 18 };

double sy_decimal_between(double below, double above) {
  if (!isfinite(below) || !isfinite(above)) return above;
  double middle = below / 2 + above / 2;
  int largest = (int)ceil(log10(fmax(fabs(below), fabs(above))));
  for (int power = largest; power > largest - MOST_DIGITS; power--) {
    char text[SY_NUMBER_SIZE];
    double decimal;
    snprintf(text, sizeof text, "%.0fe%d", nearbyint(middle / pow(10, power)), power);
    if (sy_number_parse(text, &decimal) && decimal > below && decimal < above) return decimal + 0.0;
  }
  return above;
}
