/* exact.c: a superaccumulator (Kulisch): every finite double is an integer multiple of 2^-1074
 * below 2^2098, so sums are kept as one long integer. Limb i weighs 2^(32 i - 1074). Limbs are
 * signed and wider than their digit, so an addition touches three of them and carries wait. */
#include "base/exact.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define DIGIT_MASK      0xFFFFFFFFu
#define LOWEST_EXPONENT (-1074)
#define OVERFLOW_BIT    2098 /* 2^1024: the first power of two that no double holds */

/* An addition moves a limb by less than 2^33, so an int64 limb bears 2^30; half of that is used. */
#define PENDING_LIMIT (1u << 29)

/* Carries: the top limb takes the rest and the sign. */
void sy_exact_settle(sy_exact *sum) {
  int64_t carry = 0;
  for (size_t i = 0; i + 1 < SY_EXACT_LIMBS; i++) {
    int64_t limb = sum->limb[i] + carry;
    int64_t digit = limb & (int64_t)DIGIT_MASK;
    carry = (limb - digit) / ((int64_t)1 << 32);
    sum->limb[i] = digit;
  }
  sum->limb[SY_EXACT_LIMBS - 1] += carry;
  sum->pending = 0;
}

void sy_exact_add(sy_exact *sum, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
  unsigned exponent = (unsigned)(bits >> 52) & 0x7FF;
  if (exponent > 0) {
    mantissa |= (uint64_t)1 << 52;
    exponent--;
  }
  int64_t sign = bits >> 63 ? -1 : 1;
  unsigned shift = exponent % 32;
  uint64_t low = (mantissa & DIGIT_MASK) << shift;
  uint64_t high = (mantissa >> 32) << shift;
  int64_t *limb = sum->limb + exponent / 32;
  limb[0] += sign * (int64_t)(low & DIGIT_MASK);
  limb[1] += sign * (int64_t)((low >> 32) + (high & DIGIT_MASK));
  limb[2] += sign * (int64_t)(high >> 32);
  if (++sum->pending >= PENDING_LIMIT) sy_exact_settle(sum);
}

void sy_exact_merge(sy_exact *into, const sy_exact *from) {
  if (into->pending + from->pending + 1 >= PENDING_LIMIT) sy_exact_settle(into);
  for (size_t i = 0; i < SY_EXACT_LIMBS; i++) into->limb[i] += from->limb[i];
  into->pending += from->pending + 1;
  if (into->pending >= PENDING_LIMIT) sy_exact_settle(into);
}

void sy_exact_subtract(sy_exact *from, const sy_exact *part) {
  sy_exact negative = *part;
  for (size_t i = 0; i < SY_EXACT_LIMBS; i++) negative.limb[i] = -negative.limb[i];
  sy_exact_merge(from, &negative);
}

/* Makes the sum not negative; returns whether it was. */
static bool take_sign(sy_exact *sum) {
  sy_exact_settle(sum);
  if (sum->limb[SY_EXACT_LIMBS - 1] >= 0) return false;
  for (size_t i = 0; i < SY_EXACT_LIMBS; i++) sum->limb[i] = -sum->limb[i];
  sy_exact_settle(sum);
  return true;
}

/* Position of the highest bit set; -1 for zero, OVERFLOW_BIT where it is that or above. */
static int highest_bit(const sy_exact *sum) {
  for (int i = SY_EXACT_LIMBS - 1; i >= 0; i--) {
    if (sum->limb[i] == 0) continue;
    if (i * 32 >= OVERFLOW_BIT) return OVERFLOW_BIT;
    int bit = 31;
    while (!(sum->limb[i] >> bit & 1)) bit--;
    return i * 32 + bit < OVERFLOW_BIT ? i * 32 + bit : OVERFLOW_BIT;
  }
  return -1;
}

static uint64_t bit_at(const sy_exact *sum, int position) {
  return (uint64_t)(sum->limb[position / 32] >> position % 32) & 1;
}

static bool any_bit_below(const sy_exact *sum, int position) {
  for (int i = 0; i < position / 32; i++)
    if (sum->limb[i] != 0) return true;
  return (sum->limb[position / 32] & (((int64_t)1 << position % 32) - 1)) != 0;
}

double sy_exact_value(const sy_exact *sum) {
  sy_exact digits = *sum;
  bool negative = take_sign(&digits);
  int top = highest_bit(&digits);
  if (top < 0) return 0;
  if (top >= OVERFLOW_BIT) return negative ? -INFINITY : INFINITY;
  int lowest = top > 52 ? top - 52 : 0; /* the last bit a double keeps */
  uint64_t mantissa = 0;
  for (int position = top; position >= lowest; position--)
    mantissa = mantissa << 1 | bit_at(&digits, position);
  if (lowest > 0 && bit_at(&digits, lowest - 1) &&
      (mantissa & 1 || any_bit_below(&digits, lowest - 1)))
    mantissa++;
  double value = ldexp((double)mantissa, lowest + LOWEST_EXPONENT);
  return negative ? -value : value;
}
