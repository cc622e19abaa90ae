/* shortest.c: rounding to digits by 128-bit integers, some eight times as fast as printf and
 * strtod.
 *
 * A value m 2^e is scaled by a power of ten to X with 17 or 18 digits before the point, and so is
 * half the distance to its neighbours, the reach: a decimal reads back as the value if it lies
 * within the reach of X. Both are fixed-point numbers with 64 bits behind the point. The power of
 * ten is cut to 128 bits, so X is off by a few units in its last place at most; a comparison that
 * such an error could turn is left to the slow way, which is exact. */
#include "base/shortest.h"

#include <math.h>

typedef unsigned __int128 wide;

enum { LAST_FIVE = 27, SCALED_DIGITS = 17, EXPONENT_LOWEST = -300, EXPONENT_HIGHEST = 16 };

/* More than X and the reach can be off together, in units of 2^-64. The power of ten takes up to 12
 * products, each off by less than 2^-126 of its value. A number of 18 digits is below 2^60, or
 * 2^124 units: of those X is off by less than 12 * 2^-2 and two cuts. */
static const wide DOUBT = 16;

static const uint64_t fives[LAST_FIVE + 1] = {1,
                                              5,
                                              25,
                                              125,
                                              625,
                                              3125,
                                              15625,
                                              78125,
                                              390625,
                                              1953125,
                                              9765625,
                                              48828125,
                                              244140625,
                                              1220703125,
                                              6103515625,
                                              30517578125,
                                              152587890625,
                                              762939453125,
                                              3814697265625,
                                              19073486328125,
                                              95367431640625,
                                              476837158203125,
                                              2384185791015625,
                                              11920928955078125,
                                              59604644775390625,
                                              298023223876953125,
                                              1490116119384765625,
                                              7450580596923828125};

static const uint64_t tens[] = {1,
                                10,
                                100,
                                1000,
                                10000,
                                100000,
                                1000000,
                                10000000,
                                100000000,
                                1000000000,
                                10000000000,
                                100000000000,
                                1000000000000,
                                10000000000000,
                                100000000000000,
                                1000000000000000,
                                10000000000000000,
                                100000000000000000,
                                1000000000000000000};

/* The upper 128 of the 192 bits of a product. */
static wide multiply_high(wide a, uint64_t b) {
  return (a >> 64) * b + (((a & UINT64_MAX) * b) >> 64);
}

/* 10^power = mantissa * 2^exponent, the top bit of the mantissa set. */
static wide power_of_ten(int power, int *exponent) {
  uint64_t five = fives[power % LAST_FIVE];
  int shift = __builtin_clzll(five);
  wide mantissa = (wide)(five << shift) << 64;
  *exponent = power - 64 - shift;
  for (int left = power / LAST_FIVE; left > 0; left--) {
    mantissa = multiply_high(mantissa, fives[LAST_FIVE] << 1);
    *exponent += 64 - 1;
    if (mantissa >> 127) continue;
    mantissa <<= 1;
    *exponent -= 1;
  }
  return mantissa;
}

/* X, and how far decimals that read back may lie above and below it. */
typedef struct scaled {
  wide x, above, below;
  int n_digits, exponent; /* of the part of X before the point; of the value */
} scaled;

/* Scales the normal double `value`, whose neighbours are 2^gap away; `edge`: those below it are
 * only half as far. */
static bool scale(double value, int gap, bool edge, scaled *out) {
  int binary;
  uint64_t mantissa = (uint64_t)ldexp(frexp(value, &binary), 64);
  if (value <= 0) return false;
  /* log10(2) = 0.30103: of the value's exponent this is the floor or one less. */
  int decimal = (int)floor((binary - 1) * 0.30102999566398120);
  if (decimal < EXPONENT_LOWEST || decimal > EXPONENT_HIGHEST) return false;
  int exponent;
  wide power = power_of_ten(SCALED_DIGITS - 1 - decimal, &exponent);
  out->x = multiply_high(power, mantissa) >> -(exponent + binary + 64);
  out->above = power >> -(exponent + gap - 1 + 64);
  out->below = edge ? out->above / 2 : out->above;
  out->n_digits = out->x >> 64 >= tens[SCALED_DIGITS] ? SCALED_DIGITS + 1 : SCALED_DIGITS;
  out->exponent = decimal + out->n_digits - SCALED_DIGITS;
  return true;
}

typedef enum verdict { TOO_FAR, READS_BACK, DOUBTFUL } verdict;

/* Rounds X to n_digits and says whether that reads back as the value. */
static verdict round_to(const scaled *from, int n_digits, sy_decimal *decimal) {
  uint64_t unit = tens[from->n_digits - n_digits], whole = (uint64_t)(from->x >> 64);
  uint64_t digits = whole / unit;
  wide rest = from->x - ((wide)(digits * unit) << 64), half = (wide)unit << 63;
  bool up = rest > half;
  wide from_tie = up ? rest - half : half - rest;
  if (from_tie <= DOUBT) return half > from->above + 2 * DOUBT ? TOO_FAR : DOUBTFUL;
  wide distance = half - from_tie, reach = up ? from->above : from->below;
  if (distance > reach + DOUBT) return TOO_FAR;
  if (distance + DOUBT >= reach) return DOUBTFUL;
  digits += up;
  bool carried = digits == tens[n_digits];
  *decimal = (sy_decimal){carried ? digits / 10 : digits, n_digits, from->exponent + carried};
  return READS_BACK;
}

static bool fewest(const scaled *from, int least, int most, sy_decimal *decimal) {
  for (int n = least; n <= most; n++) {
    verdict found = round_to(from, n, decimal);
    if (found != TOO_FAR) return found == READS_BACK;
  }
  return false;
}

bool sy_shortest_f64(double value, sy_decimal *decimal) {
  scaled at;
  int binary;
  bool edge = frexp(value, &binary) == 0.5;
  return scale(value, binary - 53, edge, &at) && fewest(&at, 15, 17, decimal);
}

bool sy_shortest_f32(float value, sy_decimal *decimal) {
  scaled at;
  int binary;
  bool edge = frexpf(value, &binary) == 0.5F;
  return binary > -125 && scale((double)value, binary - 24, edge, &at) &&
         fewest(&at, 1, 9, decimal);
}
