/* test_decide_calibration.c: calibration maps and other priors: what they compute, row by row and
 * by tile, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "decide/tile.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { N = 2500, MOST = 40 };

static double uniform(void) {
  static uint64_t bits = 1;
  bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(bits >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static void assert_near(double value, double wanted, double tolerance) {
  if (value == wanted) return;
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

static double rows[N * MOST], out[N * MOST], again[N * MOST];

/* Log-probabilities, some of them near 0 or 1, some -inf. */
static void draw(size_t n_classes) {
  for (size_t i = 0; i < N; i++) {
    double *row = rows + i * n_classes, total = 0, spread = 30 * uniform();
    for (size_t k = 0; k < n_classes; k++) total += exp(row[k] = spread * (uniform() - 0.5));
    for (size_t k = 0; k < n_classes; k++) row[k] -= log(total);
    if (i % 7 == 0) row[i % n_classes] = -INFINITY;
  }
  for (size_t k = 0; k < n_classes; k++) rows[k] = -INFINITY;
}

static sy_calibration *scaling(sy_calibration_kind kind, size_t n_classes, const double *scales,
                               const double *shifts) {
  sy_calibration *made;
  sy_error error = {0};
  if (sy_calibration_scaling(kind, n_classes, scales, shifts, &made, &error) != SY_OK)
    fail_msg("%s", error.text);
  return made;
}

static sy_calibration *isotonic(size_t n_classes, const size_t *n_knots, const double *knots,
                                const double *values) {
  sy_calibration *made;
  sy_error error = {0};
  if (sy_calibration_isotonic(n_classes, n_knots, knots, values, &made, &error) != SY_OK)
    fail_msg("%s", error.text);
  return made;
}

/* A random map of each kind. */
static sy_calibration *random_scaling(size_t n_classes) {
  double scales[MOST], shifts[MOST];
  for (size_t k = 0; k < n_classes; k++) scales[k] = exp(2 * uniform() - 1);
  for (size_t k = 0; k < n_classes; k++) shifts[k] = 4 * uniform() - 2;
  return scaling(SY_CALIBRATION_VECTOR, n_classes, scales, shifts);
}

static sy_calibration *random_isotonic(size_t n_classes) {
  static size_t n_knots[MOST];
  static double knots[MOST * 20], values[MOST * 20];
  size_t all = 0;
  for (size_t k = 0; k < n_classes; k++) {
    n_knots[k] = n_classes == 2 && k == 0 ? 0 : 1 + (size_t)(uniform() * 19);
    for (size_t i = 0; i < n_knots[k]; i++, all++) {
      double steps = (double)n_knots[k] + 1;
      knots[all] = ((double)i + uniform()) / steps;
      values[all] = i > 0 && uniform() < 0.3 ? values[all - 1] : ((double)i + uniform()) / steps;
    }
  }
  return isotonic(n_classes, n_knots, knots, values);
}

static void kinds_have_names(void **state) {
  (void)state;
  static const char *const names[] = {"temperature", "vector", "isotonic"};
  for (int i = 0; i < 3; i++) {
    sy_calibration_kind kind = SY_CALIBRATION_TEMPERATURE;
    assert_string_equal(sy_calibration_kind_name((sy_calibration_kind)i), names[i]);
    assert_true(sy_calibration_kind_parse(names[i], &kind));
    assert_int_equal(kind, i);
  }
  sy_calibration_kind kind;
  assert_false(sy_calibration_kind_parse("Vector", &kind));
  assert_string_equal(sy_calibration_kind_name((sy_calibration_kind)3), "unknown");
}

static void scaling_is_its_formula(void **state) {
  (void)state;
  static const size_t counts[] = {2, 3, 7, MOST};
  for (size_t test = 0; test < COUNT(counts); test++) {
    size_t n_classes = counts[test];
    draw(n_classes);
    sy_calibration *map = random_scaling(n_classes);
    const double *scales = sy_calibration_scales(map), *shifts = sy_calibration_shifts(map);
    sy_calibration_apply(map, rows, N, out);
    for (size_t i = 1; i < N; i++) {
      const double *row = rows + i * n_classes;
      long double total = 0;
      for (size_t k = 0; k < n_classes; k++)
        total += expl((long double)scales[k] * (long double)row[k] + (long double)shifts[k]);
      for (size_t k = 0; k < n_classes; k++)
        assert_near(out[i * n_classes + k],
                    (double)((long double)scales[k] * (long double)row[k] + (long double)shifts[k] -
                             logl(total)),
                    1e-13);
    }
    sy_calibration_free(map);
  }
}

static void temperature_divides_the_logarithms(void **state) {
  (void)state;
  const double scales[] = {0.5, 0.5}, p[] = {log(0.2), log(0.8)};
  sy_calibration *map = scaling(SY_CALIBRATION_TEMPERATURE, 2, scales, NULL);
  sy_calibration_apply(map, p, 1, out);
  assert_near(exp(out[1]), 2. / 3, 1e-15);
  assert_true(sy_calibration_kind_of(map) == SY_CALIBRATION_TEMPERATURE);
  assert_int_equal(sy_calibration_n_classes(map), 2);
  assert_true(sy_calibration_scales(map)[1] == 0.5 && sy_calibration_shifts(map)[1] == 0);
  assert_int_equal(sy_calibration_n_knots(map, 1), 0);
  assert_null(sy_calibration_knots(map, 1));
  assert_null(sy_calibration_values(map, 1));
  sy_calibration_free(map);
}

/* The function as a sum of clipped steps, the way a graph of operators writes it. */
static long double sum_of_steps(const sy_calibration *map, size_t k, long double p) {
  const double *x = sy_calibration_knots(map, k), *y = sy_calibration_values(map, k);
  long double sum = (long double)y[0];
  for (size_t m = 0; m + 1 < sy_calibration_n_knots(map, k); m++) {
    long double width = (long double)x[m + 1] - (long double)x[m];
    long double part = fminl(fmaxl(p - (long double)x[m], 0), width);
    sum += part * ((long double)y[m + 1] - (long double)y[m]) / width;
  }
  return sum;
}

static void isotonic_is_a_sum_of_steps(void **state) {
  (void)state;
  static const size_t counts[] = {2, 3, 7, MOST};
  for (size_t test = 0; test < COUNT(counts); test++) {
    size_t n_classes = counts[test];
    draw(n_classes);
    sy_calibration *map = random_isotonic(n_classes);
    assert_null(sy_calibration_scales(map));
    assert_null(sy_calibration_shifts(map));
    sy_calibration_apply(map, rows, N, out);
    for (size_t i = 1; i < N; i++) {
      const double *row = rows + i * n_classes;
      long double values[MOST], total = 0;
      for (size_t k = n_classes; k-- > 0;) {
        long double p = expl((long double)row[k]);
        values[k] = n_classes == 2 && k == 0 ? 1 - values[1] : sum_of_steps(map, k, p);
        if (row[k] == -INFINITY) values[k] = 0;
        total += values[k];
      }
      if (n_classes == 2 && row[1] == -INFINITY) values[0] = total = 1;
      for (size_t k = 0; k < n_classes; k++)
        assert_near(exp(out[i * n_classes + k]), (double)(values[k] / total), 1e-12);
    }
    sy_calibration_free(map);
  }
}

static void isotonic_is_constant_beyond_its_knots(void **state) {
  (void)state;
  const size_t n_knots[] = {0, 2};
  const double knots[] = {0.25, 0.5}, values[] = {0.1, 0.7};
  sy_calibration *map = isotonic(2, n_knots, knots, values);
  const double p[] = {0, 0.2, 0.25, 0.375, 0.5, 0.6, 1}, wanted[] = {.1, .1, .1, .4, .7, .7, .7};
  for (size_t i = 0; i < COUNT(p); i++) {
    double row[] = {log1p(-p[i]), p[i] > 0 ? log(p[i]) : -800};
    if (p[i] == 1) row[0] = -800;
    sy_calibration_apply(map, row, 1, row);
    assert_near(exp(row[1]), wanted[i], 1e-15);
    assert_near(exp(row[0]), 1 - wanted[i], 1e-15);
  }
  assert_int_equal(sy_calibration_n_knots(map, 0), 0);
  assert_int_equal(sy_calibration_n_knots(map, 1), 2);
  assert_true(sy_calibration_knots(map, 1)[1] == 0.5 && sy_calibration_values(map, 1)[0] == 0.1);
  sy_calibration_free(map);
}

/* Maps that give 0 must not give NaN. */
static void zeros_stay_probabilities(void **state) {
  (void)state;
  const size_t n_knots[] = {0, 2};
  const double knots[] = {0.25, 0.5}, values[] = {0, 1};
  sy_calibration *map = isotonic(2, n_knots, knots, values);
  double p[] = {log(0.9), log(0.1),  log(0.1), log(0.9), -INFINITY,
                log(0.1), -INFINITY, 0,        0,        -INFINITY};
  sy_calibration_apply(map, p, 5, p);
  const double wanted[] = {1, 0, 0, 1, 0, 1, 0, 1, 1, 0};
  for (size_t i = 0; i < COUNT(p); i++) assert_true(exp(p[i]) == wanted[i]);
  sy_calibration_free(map);
}

static void impossible_classes_stay_impossible(void **state) {
  (void)state;
  const double row[] = {log(0.3), -INFINITY, log(0.7)}, shifts[] = {1, 2, 0};
  const size_t n_knots[] = {1, 1, 2};
  const double knots[] = {0.5, 0.5, 0.2, 0.4}, values[] = {0.2, 0.4, 0.1, 0.6};
  sy_calibration *maps[] = {scaling(SY_CALIBRATION_VECTOR, 3, NULL, shifts),
                            isotonic(3, n_knots, knots, values)};
  const double wanted[] = {0.3 * exp(1) / (0.3 * exp(1) + 0.7), 0.2 / 0.8};
  for (size_t i = 0; i < 2; i++) {
    sy_calibration_apply(maps[i], row, 1, out);
    assert_true(out[1] == -INFINITY);
    assert_near(exp(out[0]), wanted[i], 1e-15);
    assert_near(exp(out[2]), 1 - wanted[i], 1e-15);
    sy_calibration_apply(maps[i], (double[]){-INFINITY, -INFINITY, -INFINITY}, 1, out);
    for (size_t k = 0; k < 3; k++) assert_true(out[k] == -INFINITY);
    sy_calibration_free(maps[i]);
  }
}

/* Tiles of all sizes, in place and row by row: the same bits. */
static void compare_tiles(const sy_calibration *map, size_t n_classes) {
  static double tile[MOST * SY_TILE_ROWS];
  for (size_t first = 0, size = 1; first < N; first += size, size = size % SY_TILE_ROWS + 1) {
    size = N - first < size ? N - first : size;
    size_t stride = sy_tile_stride(size);
    memset(tile, 0, sizeof tile);
    for (size_t i = 0; i < size; i++)
      for (size_t k = 0; k < n_classes; k++)
        tile[k * stride + i] = rows[(first + i) * n_classes + k];
    sy_calibrate_tile(map, tile, size, stride);
    for (size_t i = 0; i < size; i++)
      for (size_t k = 0; k < n_classes; k++)
        again[(first + i) * n_classes + k] = tile[k * stride + i];
  }
  assert_memory_equal(again, out, N * n_classes * sizeof *out);
}

static void compare_ways(sy_calibration *map, size_t n_classes) {
  sy_calibration *copy;
  assert_int_equal(sy_calibration_copy(map, &copy, NULL), SY_OK);
  sy_calibration_apply(map, rows, N, out);
  compare_tiles(map, n_classes);
  sy_calibration_free(map);
  for (size_t i = 0; i < N; i++)
    sy_calibration_apply(copy, rows + i * n_classes, 1, again + i * n_classes);
  assert_memory_equal(again, out, N * n_classes * sizeof *out);
  memcpy(again, rows, N * n_classes * sizeof *rows);
  sy_threads_set(3);
  sy_calibration_apply(copy, again, N, again);
  sy_threads_set(0);
  assert_memory_equal(again, out, N * n_classes * sizeof *out);
  sy_calibration_free(copy);
}

static void tiles_copies_and_threads_give_the_same_bits(void **state) {
  (void)state;
  static const size_t counts[] = {2, 3, 7, 30, MOST};
  for (size_t test = 0; test < COUNT(counts); test++) {
    draw(counts[test]);
    compare_ways(random_scaling(counts[test]), counts[test]);
    compare_ways(random_isotonic(counts[test]), counts[test]);
  }
}

static void prior_shift_multiplies_by_the_ratio(void **state) {
  (void)state;
  enum { K = 5 };
  const double ratio[K] = {0.25, 3, 0, 1, 17};
  draw(K);
  sy_prior_shift(rows, N, K, ratio, out);
  for (size_t i = 1; i < N; i++) {
    double total = 0;
    for (size_t k = 0; k < K; k++) total += exp(rows[i * K + k]) * ratio[k];
    for (size_t k = 0; k < K; k++)
      assert_near(exp(out[i * K + k]), exp(rows[i * K + k]) * ratio[k] / total, 1e-13);
    assert_true(out[i * K + 2] == -INFINITY);
  }
  double shifts[K], tile[K * 8], p[K * 8];
  sy_prior_shifts(ratio, K, shifts);
  for (size_t i = 0; i < 8; i++)
    for (size_t k = 0; k < K; k++) tile[k * 8 + i] = rows[i * K + k];
  sy_correct_tile(tile, K, 8, shifts, true, p);
  for (size_t i = 0; i < 8; i++)
    for (size_t k = 0; k < K; k++)
      assert_memory_equal(&tile[k * 8 + i], &out[i * K + k], sizeof *tile);
  sy_prior_shift(rows, N, K, ratio, rows);
  assert_memory_equal(rows, out, N * K * sizeof *out);
}

/* What is refused, and the words that say so. */

static const struct {
  sy_calibration_kind kind;
  size_t n_classes;
  double scales[3], shifts[3];
  const char *says[2];
} bad_scalings[] = {
    {SY_CALIBRATION_VECTOR, 1, {1}, {0}, {"2 classes", "not 1"}},
    {SY_CALIBRATION_VECTOR, 0, {1}, {0}, {"2 classes", "not 0"}},
    {SY_CALIBRATION_ISOTONIC, 2, {1, 1}, {0}, {"kind 2", "temperature"}},
    {SY_CALIBRATION_VECTOR, 3, {1, 0, 1}, {0}, {"class 1 is 0", "above 0"}},
    {SY_CALIBRATION_VECTOR, 3, {1, 1, -2}, {0}, {"class 2 is -2", "above 0"}},
    {SY_CALIBRATION_VECTOR, 3, {NAN, 1, 1}, {0}, {"class 0 is nan", "above 0"}},
    {SY_CALIBRATION_VECTOR, 3, {1, INFINITY, 1}, {0}, {"class 1 is inf", "1e100"}},
    {SY_CALIBRATION_VECTOR, 3, {1, 1, 1}, {0, NAN, 0}, {"shift of class 1 is nan", "finite"}},
    {SY_CALIBRATION_VECTOR, 3, {1, 1, 1}, {0, 0, -INFINITY}, {"class 2 is -inf", "finite"}},
    {SY_CALIBRATION_TEMPERATURE, 3, {2, 2, 1}, {0}, {"class 2 is 1", "one scale"}},
    {SY_CALIBRATION_TEMPERATURE, 3, {2, 2, 2}, {0, 1, 0}, {"class 1 is 1", "shifts no class"}},
};

static void assert_says(const sy_error *error, sy_status status, const char *const says[2]) {
  assert_int_equal(error->status, status);
  for (size_t i = 0; i < 2; i++)
    if (!strstr(error->text, says[i])) fail_msg("'%s' does not say '%s'", error->text, says[i]);
}

static void scaling_refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_scalings); i++) {
    sy_calibration *map = (sy_calibration *)rows;
    sy_error error = {0};
    sy_status status =
        sy_calibration_scaling(bad_scalings[i].kind, bad_scalings[i].n_classes,
                               bad_scalings[i].scales, bad_scalings[i].shifts, &map, &error);
    assert_null(map);
    assert_int_equal(status,
                     bad_scalings[i].n_classes < 2 ? SY_TOO_FEW_CLASSES : SY_INVALID_ARGUMENT);
    assert_says(&error, status, bad_scalings[i].says);
  }
}

static const struct {
  size_t n_classes, n_knots[3];
  double knots[4], values[4];
  const char *says[2];
} bad_isotonics[] = {
    {1, {1}, {0.5}, {0.5}, {"2 classes", "not 1"}},
    {2, {1, 1}, {0.5, 0.5}, {0.5, 0.5}, {"class 1 alone", "not 1"}},
    {2, {0, 0}, {0}, {0}, {"class 1 has no knots", "at least 1"}},
    {3, {1, 0, 1}, {0.5, 0.5}, {0.5, 0.5}, {"class 1 has no knots", "at least 1"}},
    {2, {0, 2}, {0.1, 1.5}, {0.1, 0.2}, {"class 1, knot 1: p = 1.5", "from 0 to 1"}},
    {2, {0, 2}, {NAN, 1}, {0.1, 0.2}, {"class 1, knot 0: p = nan", "from 0 to 1"}},
    {2, {0, 2}, {0, 1}, {-0.1, 0.2}, {"class 1, knot 0: value -0.1", "from 0 to 1"}},
    {2, {0, 2}, {0, 1}, {0.1, NAN}, {"class 1, knot 1: value nan", "from 0 to 1"}},
    {2, {0, 2}, {0.5, 0.5}, {0.1, 0.2}, {"class 1, knot 1: p = 0.5", "must rise"}},
    {2, {0, 3}, {0.1, 0.3, 0.2}, {0.1, 0.2, 0.3}, {"class 1, knot 2: p = 0.2", "must rise"}},
    {3, {1, 1, 2}, {0, 0, 0, 1}, {1, 1, 0.3, 0.2}, {"class 2, knot 1: value 0.2", "not fall"}},
    {2, {0, 2}, {0, 5e-324}, {0, 1}, {"class 1, knot 1: p = 5e-324", "too close"}},
    {3, {1, 1, 2}, {0, 0, 0.34, 1}, {1, 1, 0, 1}, {"class 2", "p = 1/3 is 0"}},
    {3, {1, 1, 1}, {0, 0, 0.34}, {1, 1, 0}, {"class 2", "p = 1/3 is 0"}},
};

static void isotonic_refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_isotonics); i++) {
    sy_calibration *map = (sy_calibration *)rows;
    sy_error error = {0};
    sy_status status =
        sy_calibration_isotonic(bad_isotonics[i].n_classes, bad_isotonics[i].n_knots,
                                bad_isotonics[i].knots, bad_isotonics[i].values, &map, &error);
    assert_null(map);
    assert_int_equal(status,
                     bad_isotonics[i].n_classes < 2 ? SY_TOO_FEW_CLASSES : SY_INVALID_ARGUMENT);
    assert_says(&error, status, bad_isotonics[i].says);
  }
}

/* Every allocation fails once. */
static void memory_runs_out_cleanly(void **state) {
  (void)state;
  const size_t n_knots[] = {0, 2};
  const double knots[] = {0.25, 0.5}, values[] = {0.1, 0.7};
  sy_calibration *map = isotonic(2, n_knots, knots, values), *made;
  for (size_t nth = 1; nth <= 5; nth++) {
    sy_error error = {0};
    sy_memory_fail_nth(nth);
    assert_int_equal(sy_calibration_copy(map, &made, &error), SY_OUT_OF_MEMORY);
    assert_null(made);
    if (nth > 3) continue;
    sy_memory_fail_nth(nth);
    assert_int_equal(sy_calibration_scaling(SY_CALIBRATION_VECTOR, 2, NULL, NULL, &made, &error),
                     SY_OUT_OF_MEMORY);
    assert_null(made);
  }
  sy_calibration_free(map);
  sy_calibration_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kinds_have_names),
      cmocka_unit_test(scaling_is_its_formula),
      cmocka_unit_test(temperature_divides_the_logarithms),
      cmocka_unit_test(isotonic_is_a_sum_of_steps),
      cmocka_unit_test(isotonic_is_constant_beyond_its_knots),
      cmocka_unit_test(zeros_stay_probabilities),
      cmocka_unit_test(impossible_classes_stay_impossible),
      cmocka_unit_test(tiles_copies_and_threads_give_the_same_bits),
      cmocka_unit_test(prior_shift_multiplies_by_the_ratio),
      cmocka_unit_test(scaling_refuses),
      cmocka_unit_test(isotonic_refuses),
      cmocka_unit_test(memory_runs_out_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
