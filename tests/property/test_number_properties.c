/* test_number_properties.c: numbers are written digit by digit as printf and strtod would have it,
 * on random ones of all kinds and on those where rounding is hard. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/shortest.h"
#include <steelyard/base.h>

enum { N = 50000 };

static uint64_t random_state;

/* An own generator, so that a failure repeats anywhere. */
static uint64_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static double uniform(void) {
  return (double)(random_bits() >> 11) * 0x1p-53;
}

static int setup(void **state) {
  (void)state;
  random_state = UINT64_C(88172645463325252);
  return 0;
}

/* The first of 15 (1 below the normal ones) to 17 digits that read back. */
static void check_f64(double value) {
  char expected[64], text[SY_NUMBER_SIZE];
  if (!isfinite(value)) return;
  for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
    snprintf(expected, sizeof expected, "%.*g", digits, value);
    if (strtod(expected, NULL) == value) break;
  }
  assert_string_equal(sy_number_format(value, text), expected);
}

/* The first of 1 to 9 digits that read back, laid out as a double. */
static void check_f32(float value) {
  char digits_alone[64], expected[64], text[SY_NUMBER_SIZE];
  if (!isfinite(value)) return;
  for (int digits = 1; digits <= 9; digits++) {
    snprintf(digits_alone, sizeof digits_alone, "%.*g", digits, (double)value);
    if ((float)strtod(digits_alone, NULL) == value) break;
  }
  snprintf(expected, sizeof expected, "%.15g", strtod(digits_alone, NULL));
  assert_string_equal(sy_number_format_f32(value, text), expected);
}

static void check(double value) {
  check_f64(value);
  check_f32((float)value);
}

static void check_neighbours(double value) {
  check(value);
  check(-value);
  check_f64(nextafter(value, 0));
  check_f64(nextafter(value, INFINITY));
  check_f32(nextafterf((float)value, 0));
  check_f32(nextafterf((float)value, INFINITY));
}

static void test_any_bits(void **state) {
  (void)state;
  for (int i = 0; i < N; i++) {
    uint64_t bits = random_bits();
    uint32_t half = (uint32_t)(bits >> 32);
    double wide;
    float narrow;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &half, sizeof narrow);
    check_f64(wide);
    check_f32(narrow);
  }
}

static void test_what_tables_hold(void **state) {
  (void)state;
  for (int i = 0; i < N; i++) {
    check(uniform());
    check(exp(-100 * uniform()));                     /* probabilities of many classes */
    check((double)(random_bits() % 2000000) / 1000);  /* amounts */
    check((double)(random_bits() >> (i % 64)));       /* counts, identifiers */
    check((double)(random_bits() % 2000000) / 64);    /* binary fractions: true ties */
    check((double)(float)uniform());                  /* float32 made float64 */
    check(ldexp((double)(i % 1000), -(i % 60)) + 16); /* few bits */
  }
}

/* Below a power of two the neighbours are nearer; beside a power of ten the digits carry. */
static void test_edges(void **state) {
  (void)state;
  for (int exponent = -1074; exponent < 1024; exponent++) {
    check_neighbours(ldexp(1, exponent));
    check_neighbours(ldexp(1, exponent) / 3);
  }
  for (int exponent = -323; exponent <= 308; exponent++) {
    char text[16];
    snprintf(text, sizeof text, "1e%d", exponent);
    for (int k = 1; k <= 9; k++) {
      check_neighbours(k * strtod(text, NULL));
      check_neighbours(k * strtod(text, NULL) * (1 - 0x1p-50));
    }
  }
  check_neighbours(DBL_MAX);
  check_neighbours(FLT_MIN);
}

/* The slow way is for the rare cases: probabilities do not need it. */
static void test_fast_way_is_taken(void **state) {
  (void)state;
  for (int i = 0; i < N; i++) {
    sy_decimal decimal;
    double probability = exp(-600 * uniform());
    assert_true(sy_shortest_f64(probability, &decimal));
    assert_true(sy_shortest_f32((float)exp(-80 * uniform()), &decimal));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_any_bits, setup),
      cmocka_unit_test_setup(test_what_tables_hold, setup),
      cmocka_unit_test_setup(test_edges, setup),
      cmocka_unit_test_setup(test_fast_way_is_taken, setup),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
