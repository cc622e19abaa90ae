/* exp.h: e^x without calls or branches, so that the compiler can compute several at once. Only
 * additions and multiplications of doubles in a fixed order: the same bits alone or in a vector. */
#ifndef SY_BASE_EXP_H
#define SY_BASE_EXP_H

#include <stdint.h>
#include <string.h>

/* 2^n, -1022 <= n <= 1023, by its bits. */
static inline double sy_power_of_two(int64_t n) {
  uint64_t bits = (uint64_t)(n + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* e^x to 1 unit in the last place; 0 for -inf (and below -745.2), infinite above 709.8, NaN for
 * NaN.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, and e^r by its Taylor series up to r^13, whose remainder is
 * below 2^-57. ln 2 is taken in two parts, the first with 32 bits, so that n times it is exact
 * (Cody & Waite). 2^n is applied in two factors, for it may be no double of its own. */
static inline double sy_exp(double x) {
  const double lowest = -746, highest = 710, shift = 0x1.8p52;
  x = lowest > x ? lowest : x;
  x = highest < x ? highest : x;
  double shifted = x * 0x1.71547652b82fep0 + shift; /* rounds x / ln 2 in its last bits */
  double n = shifted - shift;
  double r = x - n * 0x1.62e42feep-1 - n * 0x1.a39ef35793c76p-33;
  double q = 1.0 / 6227020800;
  q = q * r + 1.0 / 479001600;
  q = q * r + 1.0 / 39916800;
  q = q * r + 1.0 / 3628800;
  q = q * r + 1.0 / 362880;
  q = q * r + 1.0 / 40320;
  q = q * r + 1.0 / 5040;
  q = q * r + 1.0 / 720;
  q = q * r + 1.0 / 120;
  q = q * r + 1.0 / 24;
  q = q * r + 1.0 / 6;
  q = q * r + 0.5;
  uint64_t bits, zero;
  memcpy(&bits, &shifted, sizeof bits);
  memcpy(&zero, &shift, sizeof zero);
  /* |n| <= 1077; as an unsigned half with an offset, for no vector unit shifts signed 64 bits. */
  uint64_t whole = bits - zero + 4096;
  uint64_t half = whole >> 1;
  double first = sy_power_of_two((int64_t)half - 2048);
  double second = sy_power_of_two((int64_t)(whole - half) - 2048);
  return (1 + (r + r * r * q)) * first * second;
}

#endif
