/* exponential.h: e^x, e^x - 1, ln(1 + x) and tanh(x) of our own for loops, the first and third to
 * 1.1 units in the last place.
 *
 * The C library's are one call a number. These are straight lines of additions, multiplications and
 * shifts: a loop over them becomes vectors at whatever width its function is compiled for
 * (SY_CLONES), and a number gives the same bits at every width, alone or among others. */
#ifndef SY_BASE_EXPONENTIAL_H
#define SY_BASE_EXPONENTIAL_H

#include "base/clones.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the first has 32 bits, so that a whole number of up to 21 bits times it is
 * exact. */
#define SY_LN2_HIGH 0x1.62e42feep-1
#define SY_LN2_LOW  0x1.a39ef35793c76p-33

SY_INLINE double sy_double_of_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

SY_INLINE uint64_t sy_bits_of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* 2^k for a whole k from -1022 to 1023: adding 1.5 * 2^52 leaves k in the lowest bits. */
SY_INLINE double sy_power_of_two(double k) {
  return sy_double_of_bits(sy_bits_of_double(k + (0x1.8p52 + 1023)) << 52);
}

/* e^r - 1 for x = k ln 2 + r with |r| <= ln 2 / 2; sets k, which is whole. The polynomial is
 * (e^r - 1 - r) / r^2 by Remez' exchange, the largest relative error in e^r 4.5e-18. */
SY_INLINE double sy_exp_reduced(double x, double *whole) {
  x = x > 710 ? 710 : x;
  x = x < -746 ? -746 : x;
  double k = (x * 0x1.71547652b82fep+0 + 0x1.8p52) - 0x1.8p52;
  double r = (x - k * SY_LN2_HIGH) - k * SY_LN2_LOW;
  double r2 = r * r, r4 = r2 * r2;
  double p0 = 0x1.0000000000006p-1 + r * 0x1.5555555555503p-3;
  double p2 = 0x1.5555555551675p-5 + r * 0x1.1111111126bdbp-7;
  double p4 = 0x1.6c16c1819aecbp-10 + r * 0x1.a01a012ade41fp-13;
  double p6 = 0x1.a019a01540c29p-16 + r * 0x1.71df2c2567578p-19;
  double p8 = 0x1.28a87b071961ep-22 + r * 0x1.ad6afe20af617p-26;
  double p = (p0 + r2 * p2) + r4 * ((p4 + r2 * p6) + r4 * p8);
  *whole = k;
  return r + r2 * p;
}

/* e^x: 0 below -745.13, infinite above 709.78, NaN of NaN. 2^k e^r, and 2^k is multiplied in two
 * halves: it may be out of range where the product is not, and a result below 2^-1022 is rounded
 * once. */
SY_INLINE double sy_exp(double x) {
  double k, power = 1 + sy_exp_reduced(x, &k);
  double half = (k * 0.5 + 0x1.8p52) - 0x1.8p52;
  return power * sy_power_of_two(half) * sy_power_of_two(k - half);
}

/* e^x - 1 for x <= 0, to 2 units in the last place however small x is; NaN of NaN. */
SY_INLINE double sy_expm1(double x) {
  double k, rest = sy_exp_reduced(x, &k);
  double power = sy_power_of_two(k > -1022 ? k : -1022);
  return rest * power + (power - 1);
}

/* ln(1 + x) for x >= 0, infinity included; NaN of NaN.
 * 1 + x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2); what rounding takes from 1 + x is given
 * back as c. With s = f / (2 + f), ln(1 + f) = 2 artanh s = 2 s + s z R(z), z = s^2: the polynomial
 * is R by Remez' exchange, relative error 1.6e-18 in the logarithm. 2 s = f - f^2/2 + s f^2/2
 * leaves f, which is exact, as the largest term of the sum. */
SY_INLINE double sy_log1p(double x) {
  double u = 1 + x, lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  uint64_t exponent = (sy_bits_of_double(u) - sy_bits_of_double(0x1.6a09e667f3bcdp-1)) >> 52;
  double k = sy_double_of_bits(exponent | sy_bits_of_double(0x1p52)) - 0x1p52;
  double f = sy_double_of_bits(sy_bits_of_double(u) - (exponent << 52)) - 1;
  double c = lost / u;
  f = k > 0 ? f : x; /* exact, where nothing was scaled */
  c = k > 0 ? c : 0;
  double s = f / (2 + f), z = s * s, z2 = z * z, half_square = 0.5 * f * f;
  double p0 = 0x1.5555555555572p-1 + z * 0x1.9999999988a41p-2;
  double p2 = 0x1.2492493b33ff1p-2 + z * 0x1.c71c56eff9cd4p-3;
  double p4 = 0x1.746553ca13109p-3 + z * (0x1.39b7b034cafa6p-3 + z * 0x1.2e363010d0304p-3);
  double tail = z * ((p0 + z2 * p2) + z2 * z2 * p4);
  double rest = half_square - (s * (half_square + tail) + (k * SY_LN2_LOW + c));
  double logarithm = k * SY_LN2_HIGH - (rest - f);
  return x < (double)INFINITY ? logarithm : x;
}

/* tanh(x) = -m / (2 + m) with m = e^(-2 |x|) - 1, to 3 units in the last place however small x is;
 * NaN of NaN. */
SY_INLINE double sy_tanh(double x) {
  uint64_t sign = sy_bits_of_double(x) & UINT64_C(0x8000000000000000);
  double less = sy_expm1(-2 * sy_double_of_bits(sy_bits_of_double(x) ^ sign));
  uint64_t size = sy_bits_of_double(less / (2 + less)) & UINT64_C(0x7FFFFFFFFFFFFFFF);
  return sy_double_of_bits(size | sign);
}

#endif
