/* test_base_exponential.c: e^x, e^x - 1, ln(1 + x) and tanh(x) against long double, over the whole
 * range and at its ends; the same bits in a loop as alone. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/exponential.h"

enum { DRAWS = 200000 };

/* Uniform in [0, 1): Knuth's MMIX generator, the upper bits. */
static double uniform(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 11) / 9007199254740992.0;
}

/* Distance in units of the last place of the nearest double, denormal ones included. */
static double units_off(double value, long double wanted) {
  double nearest = (double)wanted;
  double unit = nextafter(fabs(nearest), (double)INFINITY) - fabs(nearest);
  return (double)(fabsl((long double)value - wanted) / (long double)unit);
}

static void powers_are_near(void **state) {
  (void)state;
  uint64_t random = 1;
  for (int i = 0; i < DRAWS; i++) {
    double u = uniform(&random);
    double x[] = {u * 1454 - 744.5, u * 4 - 2, u * 37 - 745, ldexp(u - 0.5, -(i % 1000))};
    for (size_t j = 0; j < sizeof x / sizeof *x; j++)
      if (x[j] < 709.78) assert_true(units_off(sy_exp(x[j]), expl((long double)x[j])) < 1.1);
  }
}

static void powers_at_the_ends(void **state) {
  (void)state;
  assert_true(isnan(sy_exp((double)NAN)));
  assert_true(sy_exp((double)INFINITY) == (double)INFINITY);
  assert_true(sy_exp(DBL_MAX) == (double)INFINITY);
  assert_true(sy_exp(709.79) == (double)INFINITY);
  assert_true(sy_exp(709.78) < (double)INFINITY);
  assert_true(sy_exp(-(double)INFINITY) == 0);
  assert_true(sy_exp(-DBL_MAX) == 0);
  assert_true(sy_exp(-745.2) == 0);
  assert_true(sy_exp(-745.1) == DBL_TRUE_MIN);
  assert_true(sy_exp(0) == 1);
  assert_true(sy_exp(-0.0) == 1);
  assert_true(sy_exp(DBL_TRUE_MIN) == 1);
}

static void powers_less_one_are_near(void **state) {
  (void)state;
  uint64_t random = 4;
  for (int i = 0; i < DRAWS; i++) {
    double u = uniform(&random);
    double x[] = {-u, -u * 40, -u * 800, -ldexp(u, -(i % 1070)), -0.3466 - u * 1e-4};
    for (size_t j = 0; j < sizeof x / sizeof *x; j++)
      assert_true(units_off(sy_expm1(x[j]), expm1l((long double)x[j])) < 2);
  }
  assert_true(sy_expm1(0) == 0);
  assert_true(sy_expm1(-DBL_TRUE_MIN) == -DBL_TRUE_MIN);
  assert_true(sy_expm1(-(double)INFINITY) == -1);
  assert_true(isnan(sy_expm1((double)NAN)));
}

static void tangents_are_near(void **state) {
  (void)state;
  uint64_t random = 5;
  for (int i = 0; i < DRAWS; i++) {
    double u = uniform(&random) * 2 - 1;
    double x[] = {u, u * 20, u * 800, ldexp(u, -(i % 1070)), 0.1733 + u * 1e-4};
    for (size_t j = 0; j < sizeof x / sizeof *x; j++)
      assert_true(units_off(sy_tanh(x[j]), tanhl((long double)x[j])) < 3);
  }
}

static void tangents_at_the_ends(void **state) {
  (void)state;
  assert_true(sy_tanh(0) == 0 && !signbit(sy_tanh(0.0)) && signbit(sy_tanh(-0.0)));
  assert_true(sy_tanh(DBL_TRUE_MIN) == DBL_TRUE_MIN);
  assert_true(sy_tanh(-DBL_TRUE_MIN) == -DBL_TRUE_MIN);
  assert_true(sy_tanh((double)INFINITY) == 1 && sy_tanh(DBL_MAX) == 1);
  assert_true(sy_tanh(-(double)INFINITY) == -1 && sy_tanh(-DBL_MAX) == -1);
  assert_true(isnan(sy_tanh((double)NAN)));
}

static void logarithms_are_near(void **state) {
  (void)state;
  uint64_t random = 2;
  for (int i = 0; i < DRAWS; i++) {
    double u = uniform(&random);
    double x[] = {u, u * 40, ldexp(u, -(i % 1070)), ldexp(u, i % 1024), 0.4142 + u * 1e-4};
    for (size_t j = 0; j < sizeof x / sizeof *x; j++)
      assert_true(units_off(sy_log1p(x[j]), log1pl((long double)x[j])) < 1.1);
  }
}

static void logarithms_at_the_ends(void **state) {
  (void)state;
  assert_true(sy_log1p(0) == 0);
  assert_true(isnan(sy_log1p((double)NAN)));
  assert_true(sy_log1p((double)INFINITY) == (double)INFINITY);
  assert_true(units_off(sy_log1p(DBL_MAX), log1pl((long double)DBL_MAX)) < 1.1);
  assert_true(sy_log1p(DBL_TRUE_MIN) == DBL_TRUE_MIN);
}

SY_CLONES static void fill(const double *x, double *powers, double *logarithms, double *tangents,
                           size_t n) {
  for (size_t i = 0; i < n; i++) powers[i] = sy_exp(x[i]);
  for (size_t i = 0; i < n; i++) logarithms[i] = sy_log1p(x[i]);
  for (size_t i = 0; i < n; i++) tangents[i] = sy_tanh(x[i]);
}

/* A loop runs at the width of this machine, a call through a pointer alone. */
static double power_of(double x) {
  return sy_exp(x);
}
static double logarithm_of(double x) {
  return sy_log1p(x);
}
static double tangent_of(double x) {
  return sy_tanh(x);
}

static void loops_give_the_same_bits(void **state) {
  (void)state;
  enum { N = 1003 };
  static double x[N], powers[N], logarithms[N], tangents[N];
  double (*volatile power)(double) = power_of, (*volatile logarithm)(double) = logarithm_of;
  double (*volatile tangent)(double) = tangent_of;
  uint64_t random = 3;
  for (size_t i = 0; i < N; i++) x[i] = i % 2 ? uniform(&random) * 720 : uniform(&random);
  fill(x, powers, logarithms, tangents, N);
  for (size_t i = 0; i < N; i++) {
    assert_true(powers[i] == power(x[i]));
    assert_true(logarithms[i] == logarithm(x[i]));
    assert_true(tangents[i] == tangent(x[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(powers_are_near),          cmocka_unit_test(powers_at_the_ends),
      cmocka_unit_test(tangents_are_near),        cmocka_unit_test(tangents_at_the_ends),
      cmocka_unit_test(logarithms_are_near),      cmocka_unit_test(logarithms_at_the_ends),
      cmocka_unit_test(powers_less_one_are_near), cmocka_unit_test(loops_give_the_same_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
