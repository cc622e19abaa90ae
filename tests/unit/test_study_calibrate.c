/* test_study_calibrate.c: temperature and vector maps against the objective they minimise, on rows
 * of every awkward kind; and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

#include "calibration_rows.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static calibration_rows rows, others;

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance)) fail_msg("%.17g is not %.17g", value, wanted);
}

/* The objective of the documentation, in long double. */
static long double objective(const calibration_rows *r, const double *weights, const double *scales,
                             const double *shifts) {
  long double sum = 0, all = 0, ridge = 0, total_shift = 0;
  for (size_t i = 0; i < r->n; i++) {
    long double z[MOST_CLASSES], top = -INFINITY, total = 0;
    if (r->ids[i] == SY_IGNORED || weights[i] == 0) continue;
    for (size_t k = 0; k < r->n_classes; k++) {
      z[k] = (long double)scales[k] * (long double)r->logs[i * r->n_classes + k] +
             (long double)shifts[k];
      top = fmaxl(top, z[k]);
    }
    for (size_t k = 0; k < r->n_classes; k++) total += expl(z[k] - top);
    sum += (long double)weights[i] * (top + logl(total) - z[r->ids[i]]);
    all += (long double)weights[i];
  }
  for (size_t k = 0; k < r->n_classes; k++) {
    long double scale = (long double)scales[k] - 1, shift = (long double)shifts[k];
    ridge += scale * scale + shift * shift;
    total_shift += shift;
  }
  return sum / all + ridge / all / 2 + total_shift * total_shift / 2;
}

/* The slope of the objective by central differences along one parameter. */
static double slope(const double *weights, const double *scales, const double *shifts,
                    size_t parameter) {
  double a[2][MOST_CLASSES], b[2][MOST_CLASSES], step = 1e-4;
  size_t n_classes = rows.n_classes;
  for (size_t side = 0; side < 2; side++) {
    memcpy(a[side], scales, n_classes * sizeof(double));
    memcpy(b[side], shifts, n_classes * sizeof(double));
    double *at = parameter < n_classes ? &a[side][parameter] : &b[side][parameter - n_classes];
    *at += side ? step : -step;
  }
  return (double)((objective(&rows, weights, a[1], b[1]) - objective(&rows, weights, a[0], b[0])) /
                  (long double)(2 * step));
}

static void check_optimum(sy_calibration *map, const double *weights) {
  const double *scales = sy_calibration_scales(map), *shifts = sy_calibration_shifts(map);
  size_t n_classes = rows.n_classes;
  double single = 0, sum = 0;
  for (size_t j = 0; j < 2 * n_classes; j++) {
    double found = slope(weights, scales, shifts, j);
    if (j < n_classes) single += found;
    if (sy_calibration_kind_of(map) == SY_CALIBRATION_VECTOR) assert_near(found, 0, 1e-7);
  }
  /* The ridge of a temperature counts once, not once a class as above. */
  double all = 0;
  for (size_t i = 0; i < rows.n; i++) all += weights[i];
  single -= (double)(n_classes - 1) * (scales[0] - 1) / all;
  if (sy_calibration_kind_of(map) == SY_CALIBRATION_TEMPERATURE) assert_near(single, 0, 1e-7);
  for (size_t k = 0; k < n_classes; k++) sum += shifts[k];
  assert_near(sum, 0, 1e-9);
  sy_calibration_free(map);
}

static void slope_is_zero_at_the_optimum(void **state) {
  (void)state;
  static const size_t counts[] = {2, 3, 8};
  const double scales[] = {0.5, 1.5, 0.8, 1, 1.2, 0.7, 2, 0.6};
  const double shifts[] = {0.5, -1, 0.3, 0, 0.2, 0.7, -2, 0.6};
  for (size_t test = 0; test < COUNT(counts); test++) {
    draw_rows(&rows, 5 + test, 3000, counts[test], 1.5, NULL, scales, shifts);
    check_optimum(calibrate(SY_CALIBRATION_TEMPERATURE, &rows, rows.weights), rows.weights);
    check_optimum(calibrate(SY_CALIBRATION_VECTOR, &rows, rows.weights), rows.weights);
  }
}

/* What the classes were drawn with comes back, within four standard errors of such samples. */
static void known_maps_are_found_again(void **state) {
  (void)state;
  const double half[] = {0.5, 0.5, 0.5}, scales[] = {0.6, 1.4, 1}, shifts[] = {0.4, -0.9, 0.5};
  draw_rows(&rows, 1, MOST_ROWS, 3, 2, NULL, half, NULL);
  sy_calibration *map = calibrate(SY_CALIBRATION_TEMPERATURE, &rows, NULL);
  assert_near(sy_calibration_scales(map)[0], 0.5, 0.03);
  sy_calibration_free(map);
  draw_rows(&rows, 2, MOST_ROWS, 3, 2, NULL, scales, shifts);
  map = calibrate(SY_CALIBRATION_VECTOR, &rows, NULL);
  for (size_t k = 0; k < 3; k++) {
    assert_near(sy_calibration_scales(map)[k], scales[k], 0.15);
    assert_near(sy_calibration_shifts(map)[k], shifts[k], 0.15);
  }
  sy_calibration_free(map);
}

static void calibrated_rows_are_left_alone(void **state) {
  (void)state;
  draw_rows(&rows, 3, MOST_ROWS, 4, 2, NULL, NULL, NULL);
  sy_calibration *map = calibrate(SY_CALIBRATION_TEMPERATURE, &rows, NULL);
  assert_near(sy_calibration_scales(map)[0], 1, 0.05);
  sy_calibration_free(map);
}

/* Classes 0 and 1 have rows, class 2 none. */
static void a_class_without_rows_stays_as_it_is(void **state) {
  (void)state;
  const double shifts[] = {1, -1, -INFINITY}, base[] = {0, 0, -4};
  draw_rows(&rows, 4, 4000, 3, 1, base, NULL, shifts);
  sy_calibration *map = calibrate(SY_CALIBRATION_VECTOR, &rows, NULL);
  assert_true(sy_calibration_scales(map)[2] == 1 && sy_calibration_shifts(map)[2] == 0);
  assert_near(sy_calibration_shifts(map)[0], 1, 0.2);
  double before = 0, after = 0, logs[3];
  for (size_t i = 0; i < rows.n; i++) {
    sy_calibration_apply(map, rows.logs + 3 * i, 1, logs);
    before += exp(rows.logs[3 * i + 2]) / (double)rows.n;
    after += exp(logs[2]) / (double)rows.n;
  }
  if (!(after > before / 2 && after < 2 * before)) fail_msg("%g became %g", before, after);
  sy_calibration_free(map);
}

static void check_map(const sy_calibration *map) {
  static double logs[MOST_ROWS * MOST_CLASSES];
  sy_calibration_apply(map, rows.logs, rows.n, logs);
  for (size_t i = 0; i < rows.n; i++) {
    double total = 0;
    for (size_t k = 0; k < rows.n_classes; k++) {
      total += exp(logs[i * rows.n_classes + k]);
      assert_true((logs[i * rows.n_classes + k] == -INFINITY) ==
                  (rows.logs[i * rows.n_classes + k] == -INFINITY));
    }
    assert_near(total, 1, 1e-12);
  }
}

static void check_all_kinds(void) {
  for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
    sy_calibration *map = calibrate((sy_calibration_kind)kind, &rows, NULL);
    check_map(map);
    if (kind != SY_CALIBRATION_ISOTONIC)
      assert_true(calibrated_loss(&rows, map, NULL) <= log_loss(&rows, rows.logs, NULL) + 1e-13);
    sy_calibration_free(map);
  }
}

/* The most probable class is always right, or always wrong: no optimum but for the ridge. */
static void separable_rows_stay_finite(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= MOST_CLASSES; n_classes += 7)
    for (int right = 0; right < 2; right++) {
      draw_rows(&rows, n_classes, 500, n_classes, 3, NULL, NULL, NULL);
      for (size_t i = 0; i < rows.n; i++) {
        const double *logs = rows.logs + i * n_classes;
        size_t most = 0, least = 0;
        for (size_t k = 1; k < n_classes; k++) {
          if (logs[k] > logs[most]) most = k;
          if (logs[k] < logs[least]) least = k;
        }
        rows.ids[i] = (int32_t)(right ? most : least);
      }
      check_all_kinds();
    }
}

static void two_rows_are_enough(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes <= MOST_CLASSES; n_classes++) {
    draw_rows(&rows, n_classes, 2, n_classes, 3, NULL, NULL, NULL);
    rows.ids[0] = 0;
    rows.ids[1] = (int32_t)n_classes - 1;
    check_all_kinds();
  }
}

/* Probabilities of 0, by their logarithm and by its exponential. */
static void extreme_logarithms_are_taken(void **state) {
  (void)state;
  draw_rows(&rows, 9, 600, 4, 2, NULL, NULL, NULL);
  for (size_t i = 0; i < rows.n; i++) {
    double *logs = rows.logs + 4 * i;
    if (i % 3 == 0) logs[i % 4] = -INFINITY;
    if (i % 3 == 1) logs[i % 4] = -740 - (double)i;
    if (i % 3 == 2) logs[i % 4] = 60;
    normalise_logs(logs, 4);
  }
  for (size_t i = 0; i < rows.n; i++)
    if (rows.logs[4 * i + (size_t)rows.ids[i]] == -INFINITY) rows.ids[i] = (rows.ids[i] + 1) % 4;
  check_all_kinds();
}

/* A row whose own class has no probability changes nothing. */
static void impossible_rows_are_left_out(void **state) {
  (void)state;
  draw_rows(&rows, 10, 500, 3, 2, NULL, NULL, NULL);
  memcpy(&others, &rows, sizeof rows);
  for (size_t i = 0; i < 500; i += 5) {
    rows.logs[3 * i + (size_t)rows.ids[i]] = -INFINITY;
    normalise_logs(rows.logs + 3 * i, 3);
    others.ids[i] = SY_IGNORED;
  }
  for (int kind = 0; kind < SY_CALIBRATION_ISOTONIC; kind++) {
    sy_calibration *map = calibrate((sy_calibration_kind)kind, &rows, NULL);
    sy_calibration *other = calibrate((sy_calibration_kind)kind, &others, NULL);
    assert_memory_equal(sy_calibration_scales(map), sy_calibration_scales(other),
                        3 * sizeof(double));
    assert_memory_equal(sy_calibration_shifts(map), sy_calibration_shifts(other),
                        3 * sizeof(double));
    sy_calibration_free(map);
    sy_calibration_free(other);
  }
}

/* What is refused: three rows of three classes, one of them spoilt. */

static const double sound[] = {-0.69314718, -1.38629436, -1.38629436};

static const struct {
  int kind;
  size_t n, n_classes;
  int32_t ids[3];
  double weights[3], log_p;
  sy_status status;
  const char *says;
} refused[] = {
    {3, 3, 3, {0, 1, 2}, {1, 1, 1}, -0.69314718, SY_INVALID_ARGUMENT, "kind 3"},
    {-1, 3, 3, {0, 1, 2}, {1, 1, 1}, -0.69314718, SY_INVALID_ARGUMENT, "kind -1"},
    {0, 3, 1, {0, 0, 0}, {1, 1, 1}, -0.69314718, SY_TOO_FEW_CLASSES, "2 classes or more, not 1"},
    {0, 0, 3, {0, 1, 2}, {1, 1, 1}, -0.69314718, SY_NO_ROWS, "no rows to calibrate on"},
    {0, 3, 3, {-1, -1, -1}, {1, 1, 1}, -0.69314718, SY_NO_WEIGHT, "ignored"},
    {0, 3, 3, {0, 1, 2}, {0, 0, 0}, -0.69314718, SY_NO_WEIGHT, "weight 0"},
    {2,
     3,
     3,
     {2, 2, 2},
     {1, 1, 1},
     -0.69314718,
     SY_TOO_FEW_CLASSES,
     "all 3 rows to calibrate on are of class 2"},
    {1, 3, 3, {0, 1, 0}, {1, 0, 1}, -0.69314718, SY_TOO_FEW_CLASSES, "all 2 rows"},
    {1,
     3,
     3,
     {0, 3, 0},
     {1, 1, 1},
     -0.69314718,
     SY_INVALID_LABEL,
     "class 3 at row 2 is outside the 3 classes 0..2"},
    {1, 3, 3, {0, 1, -2}, {1, 1, 1}, -0.69314718, SY_INVALID_LABEL, "class -2 at row 3"},
    {1, 3, 3, {0, 1, 2}, {1, -1, 1}, -0.69314718, SY_INVALID_WEIGHT, "row weight -1 at row 2"},
    {1, 3, 3, {0, 1, 2}, {1, 1, NAN}, -0.69314718, SY_INVALID_WEIGHT, "row weight nan at row 3"},
    {1, 3, 3, {0, 1, 2}, {1e308, 1e308, 1}, -0.69314718, SY_INVALID_WEIGHT, "beyond float64"},
    {1, 3, 3, {0, 1, 2}, {1, 1, 1}, NAN, SY_INVALID_DATA, "row 2: nan of class 0"},
    {1, 3, 3, {0, 1, 2}, {1, 1, 1}, 0.5, SY_INVALID_DATA, "row 2: 0.5 of class 0"},
    {1, 3, 3, {0, 1, 2}, {1, 1, 1}, -1.38629436, SY_INVALID_DATA, "row 2: its probabilities sum"},
    {1, 3, 3, {0, 1, 2}, {1, 1, 1}, -INFINITY, SY_INVALID_DATA, "row 2: its probabilities sum"},
};

static void calibrate_refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refused); i++) {
    double logs[9];
    sy_calibration *map = (sy_calibration *)logs;
    sy_error error = {0};
    for (size_t j = 0; j < 9; j++) logs[j] = sound[j % 3];
    logs[3] = refused[i].log_p;
    sy_status status =
        sy_calibrate((sy_calibration_kind)refused[i].kind, logs, refused[i].n, refused[i].n_classes,
                     refused[i].ids, refused[i].weights, &map, &error);
    if (status != refused[i].status || !strstr(error.text, refused[i].says))
      fail_msg("%zu: %s: %s", i, sy_status_name(status), error.text);
    assert_null(map);
  }
}

/* Every allocation fails once. */
static void memory_runs_out_cleanly(void **state) {
  (void)state;
  draw_rows(&rows, 11, 50, 3, 2, NULL, NULL, NULL);
  sy_threads_set(1);
  for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++)
    for (size_t nth = 1;; nth++) {
      sy_calibration *map;
      sy_error error = {0};
      sy_memory_fail_nth(nth);
      sy_status status = sy_calibrate((sy_calibration_kind)kind, rows.logs, rows.n, 3, rows.ids,
                                      NULL, &map, &error);
      bool struck = sy_memory_fail_nth(0) == 0;
      assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
      assert_true(struck == !map);
      sy_calibration_free(map);
      if (!struck) break;
    }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slope_is_zero_at_the_optimum),
      cmocka_unit_test(known_maps_are_found_again),
      cmocka_unit_test(calibrated_rows_are_left_alone),
      cmocka_unit_test(a_class_without_rows_stays_as_it_is),
      cmocka_unit_test(separable_rows_stay_finite),
      cmocka_unit_test(two_rows_are_enough),
      cmocka_unit_test(extreme_logarithms_are_taken),
      cmocka_unit_test(impossible_rows_are_left_out),
      cmocka_unit_test(calibrate_refuses),
      cmocka_unit_test(memory_runs_out_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
