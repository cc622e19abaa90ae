/* exponential_f32.h: e^x and ln(1 + x) of float32 for loops; exponential.h says what for. A loop of
 * them takes half the time of one of float64, or less. */
#ifndef SY_BASE_EXPONENTIAL_F32_H
#define SY_BASE_EXPONENTIAL_F32_H

#include "base/clones.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the first has 15 bits, so that a whole number of up to 9 bits times it is
 * exact. */
#define SY_LN2_HIGH_F32 0x1.62e4p-1f
#define SY_LN2_LOW_F32  0x1.7f7d1cp-20f

SY_INLINE float sy_float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

SY_INLINE uint32_t sy_bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* e^x for x <= 0, to 1.1 units in the last place: 0 below -103.98, NaN of NaN.
 * The steps of sy_exp; the largest relative error of the polynomial in e^r is 3.1e-9. 2^(k + 24) is
 * in range for all k from -150, and a result below 2^-126 is rounded once. What is 0 is multiplied
 * by 0: a product that underflows would take its time. */
SY_INLINE float sy_exp_f32(float x) {
  x = x < -104 ? -104 : x;
  float k = (x * 0x1.715476p+0f + 0x1.8p23f) - 0x1.8p23f;
  uint32_t bits = sy_bits_of_float(k + (0x1.8p23f + 127 + 24)) << 23;
  float power = sy_float_of_bits(x > -104 ? bits : 0);
  float r = (x - k * SY_LN2_HIGH_F32) - k * SY_LN2_LOW_F32;
  float r2 = r * r;
  float p0 = 0x1.fffffcp-2f + r * 0x1.555492p-3f;
  float p2 = 0x1.5558f2p-5f + r * 0x1.123a2p-7f;
  float p = p0 + r2 * (p2 + r2 * 0x1.6a23dp-10f);
  return (1 + (r + r2 * p)) * power * 0x1p-24f;
}

/* ln(1 + x) for x >= 0, infinity included, to 3 units in the last place; NaN of NaN.
 * 1 + x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), and ln(1 + f) = f - f^2/2 + f^3 R(f), R
 * by Remez' exchange, relative error 5.8e-9: no division. Where k = 0, f is x and exact; elsewhere
 * what 1 + x was rounded by is small beside the logarithm, which is 0.34 and more. */
SY_INLINE float sy_log1p_f32(float x) {
  float u = 1 + x;
  uint32_t exponent = (sy_bits_of_float(u) - sy_bits_of_float(0x1.6a09e6p-1f)) >> 23;
  float k = sy_float_of_bits(exponent | sy_bits_of_float(0x1p23f)) - 0x1p23f;
  float f = sy_float_of_bits(sy_bits_of_float(u) - (exponent << 23)) - 1;
  f = k > 0 ? f : x;
  float f2 = f * f;
  float p0 = 0x1.555554p-2f + f * -0x1.000226p-2f, p2 = 0x1.99a008p-3f + f * -0x1.547244p-3f;
  float p4 = 0x1.22da1cp-3f + f * -0x1.0d8542p-3f, p6 = 0x1.055b6cp-3f + f * -0x1.38b588p-4f;
  float p = (p0 + f2 * p2) + f2 * f2 * (p4 + f2 * p6);
  float rest = f2 * (f * p - 0.5f) + k * SY_LN2_LOW_F32;
  float logarithm = k * SY_LN2_HIGH_F32 + (f + rest);
  return x < (float)INFINITY ? logarithm : x;
}

#endif
