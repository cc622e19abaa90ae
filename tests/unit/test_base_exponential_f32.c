/* test_base_exponential_f32.c: e^x and ln(1 + x) of float32 against float64, over the whole range
 * and at its ends; the same bits in a loop as alone. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/exponential_f32.h"

/* Distance in units of the last place of the nearest float, denormal ones included. */
static double units_off(float value, double wanted) {
  float nearest = (float)wanted;
  double unit = (double)nextafterf(nearest, INFINITY) - (double)nearest;
  return fabs((double)value - wanted) / unit;
}

enum { STEP = 1009 }; /* a prime: every so many floats are tried */

static void powers_are_near(void **state) {
  (void)state;
  for (uint32_t bits = 0x80000000; bits <= sy_bits_of_float(-110); bits += STEP) {
    float x = sy_float_of_bits(bits);
    assert_true(units_off(sy_exp_f32(x), exp((double)x)) < 1.1);
  }
}

static void powers_at_the_ends(void **state) {
  (void)state;
  assert_true(isnan(sy_exp_f32(NAN)));
  assert_true(sy_exp_f32(-INFINITY) == 0 && sy_exp_f32(-FLT_MAX) == 0 && sy_exp_f32(-104) == 0);
  assert_true(sy_exp_f32(-103.97f) == FLT_TRUE_MIN);
  assert_true(sy_exp_f32(0) == 1 && sy_exp_f32(-0.0f) == 1 && sy_exp_f32(-FLT_TRUE_MIN) == 1);
}

static void logarithms_are_near(void **state) {
  (void)state;
  for (uint32_t bits = 0; bits < sy_bits_of_float(INFINITY); bits += STEP) {
    float x = sy_float_of_bits(bits);
    assert_true(units_off(sy_log1p_f32(x), log1p((double)x)) < 3);
  }
}

static void logarithms_at_the_ends(void **state) {
  (void)state;
  assert_true(sy_log1p_f32(0) == 0 && sy_log1p_f32(INFINITY) == INFINITY);
  assert_true(isnan(sy_log1p_f32(NAN)));
  assert_true(units_off(sy_log1p_f32(FLT_MAX), log1p((double)FLT_MAX)) < 3);
  assert_true(sy_log1p_f32(FLT_TRUE_MIN) == FLT_TRUE_MIN);
}

SY_CLONES static void fill(const float *x, float *powers, float *logarithms, size_t n) {
  for (size_t i = 0; i < n; i++) powers[i] = sy_exp_f32(-x[i]);
  for (size_t i = 0; i < n; i++) logarithms[i] = sy_log1p_f32(x[i]);
}

/* A loop runs at the width of this machine, a call through a pointer alone. */
static float power_of(float x) {
  return sy_exp_f32(x);
}
static float logarithm_of(float x) {
  return sy_log1p_f32(x);
}

static void loops_give_the_same_bits(void **state) {
  (void)state;
  enum { N = 1003 };
  static float x[N], powers[N], logarithms[N];
  float (*volatile power)(float) = power_of, (*volatile logarithm)(float) = logarithm_of;
  for (size_t i = 0; i < N; i++) x[i] = 0.11f * (float)i;
  fill(x, powers, logarithms, N);
  for (size_t i = 0; i < N; i++) {
    assert_true(powers[i] == power(-x[i]));
    assert_true(logarithms[i] == logarithm(x[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(powers_are_near),          cmocka_unit_test(powers_at_the_ends),
      cmocka_unit_test(logarithms_are_near),      cmocka_unit_test(logarithms_at_the_ends),
      cmocka_unit_test(loops_give_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
