/* shortest.h: the fewest digits that still name a number. */
#ifndef SY_BASE_SHORTEST_H
#define SY_BASE_SHORTEST_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal: `digits` has `n_digits` digits, the first of them worth 10^exponent. */
typedef struct sy_decimal {
  uint64_t digits;
  int n_digits, exponent;
} sy_decimal;

/* The positive finite `value` rounded to the fewest of 15 to 17 digits that read back as it, ties
 * to even: what printf("%.15g"), then 16, then 17 digits give. False where that is not decided
 * here: outside 1e-300 ... 1e17, and in the rare case that lies too near a tie. */
bool sy_shortest_f64(double value, sy_decimal *decimal);

/* The same for a float32 and 1 to 9 digits. */
bool sy_shortest_f32(float value, sy_decimal *decimal);

#endif
