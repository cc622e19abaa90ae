/* test_calibrate_properties.c: what holds of every calibration map that is fitted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calibration_rows.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const size_t class_counts[] = {2, 3, 5, MOST_CLASSES};

static calibration_rows rows, others;

/* Rows whose probabilities are wrong in a way of their own. */
static void draw(uint64_t seed, size_t n, size_t n_classes) {
  double base[MOST_CLASSES], scales[MOST_CLASSES], shifts[MOST_CLASSES];
  rows_bits = seed * 77;
  for (size_t k = 0; k < n_classes; k++) {
    base[k] = normal();
    scales[k] = exp(normal() / 2);
    shifts[k] = normal();
  }
  draw_rows(&rows, seed, n, n_classes, 0.5 + uniform() * 3, base, scales, shifts);
}

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

static bool same_numbers(const double *a, const double *b, size_t n, double tolerance) {
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) <= tolerance * fmax(1, fabs(a[i])))) return false;
  return true;
}

/* Knots included; tolerance 0 = the same bits. */
static void assert_same_maps(const sy_calibration *a, const sy_calibration *b, double tolerance) {
  size_t n_classes = sy_calibration_n_classes(a);
  assert_int_equal(sy_calibration_kind_of(a), sy_calibration_kind_of(b));
  if (sy_calibration_scales(a)) {
    assert_true(
        same_numbers(sy_calibration_scales(a), sy_calibration_scales(b), n_classes, tolerance));
    assert_true(
        same_numbers(sy_calibration_shifts(a), sy_calibration_shifts(b), n_classes, tolerance));
  }
  for (size_t k = 0; k < n_classes; k++) {
    size_t n = sy_calibration_n_knots(a, k);
    assert_int_equal(n, sy_calibration_n_knots(b, k));
    assert_true(n == 0 ||
                same_numbers(sy_calibration_knots(a, k), sy_calibration_knots(b, k), n, 0));
    assert_true(n == 0 || same_numbers(sy_calibration_values(a, k), sy_calibration_values(b, k), n,
                                       tolerance));
  }
}

/* Temperature and vector: never worse than no map on the rows they are fitted to, and a vector is
 * no worse than a temperature but for the ridge. */
static void no_map_makes_its_own_rows_worse(void **state) {
  (void)state;
  static const size_t sizes[] = {5, 40, 1000};
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (size_t s = 0; s < COUNT(sizes); s++)
      for (uint64_t seed = 1; seed <= (sizes[s] < 1000 ? 4 : 1); seed++) {
        draw(seed, sizes[s], class_counts[test]);
        rows.ids[1] =
            (rows.ids[2] + 1) % (int32_t)class_counts[test]; /* weights 1, 2: two classes */
        double before = log_loss(&rows, rows.logs, rows.weights), after[2];
        for (int kind = 0; kind < 2; kind++) {
          sy_calibration *map = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
          after[kind] = calibrated_loss(&rows, map, rows.weights);
          assert_true(after[kind] <= before * (1 + 1e-13));
          for (size_t k = 0; k < rows.n_classes; k++)
            assert_true(sy_calibration_scales(map)[k] > 0);
          sy_calibration_free(map);
        }
        if (sizes[s] == 1000) assert_true(after[1] <= after[0] + 1e-4);
      }
}

/* Each row as often as its weight says, without weights. */
static void expand(void) {
  size_t n = 0;
  for (size_t i = 0; i < rows.n; i++)
    for (int copy = 0; copy < (int)rows.weights[i]; copy++, n++) {
      memcpy(others.logs + n * rows.n_classes, rows.logs + i * rows.n_classes,
             rows.n_classes * sizeof(double));
      others.ids[n] = rows.ids[i];
    }
  others.n = n;
  others.n_classes = rows.n_classes;
}

static void a_weight_is_so_many_copies(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
      draw(20 + test, 1200, class_counts[test]);
      expand();
      sy_calibration *weighted = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
      sy_calibration *copied = calibrate((sy_calibration_kind)kind, &others, NULL);
      assert_same_maps(weighted, copied, 1e-8);
      sy_calibration_free(weighted);
      sy_calibration_free(copied);
    }
}

/* Taken out, of weight 0 or ignored: the same bits, whatever else stands in such a row. */
static void absent_rows_change_nothing(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
      draw(30 + test, 1600, class_counts[test]);
      size_t n = 0, width = rows.n_classes * sizeof(double);
      for (size_t i = 0; i < rows.n; i++) {
        rows.weights[i] = i % 4 == 3 ? 0 : 1;
        if (i % 4 == 2) rows.ids[i] = SY_IGNORED;
        if (i % 4 >= 2) {
          rows.logs[i * rows.n_classes] = NAN;
          continue;
        }
        memcpy(others.logs + n * rows.n_classes, rows.logs + i * rows.n_classes, width);
        others.ids[n++] = rows.ids[i];
      }
      others.n = n;
      others.n_classes = rows.n_classes;
      sy_calibration *with = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
      sy_calibration *without = calibrate((sy_calibration_kind)kind, &others, NULL);
      assert_same_maps(with, without, 0);
      sy_calibration_free(with);
      sy_calibration_free(without);
    }
}

static void threads_change_no_bit(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
      draw(40 + test, 4000, class_counts[test]);
      sy_threads_set(1);
      sy_calibration *one = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
      for (int threads = 2; threads <= 5; threads += 3) {
        sy_threads_set(threads);
        sy_calibration *more = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
        assert_same_maps(one, more, 0);
        sy_calibration_free(more);
      }
      sy_threads_set(0);
      sy_calibration_free(one);
    }
}

/* One factor on all weights is more copies of the same rows: the map moves only as far as the
 * ridge, which weighs like one row, had held it. */
static void more_copies_only_fit_closer(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (int kind = 0; kind < SY_CALIBRATION_ISOTONIC; kind++) {
      draw(50 + test, 1500, class_counts[test]);
      sy_calibration *one = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
      double before = calibrated_loss(&rows, one, rows.weights);
      for (size_t i = 0; i < rows.n; i++) rows.weights[i] *= 1000;
      sy_calibration *other = calibrate((sy_calibration_kind)kind, &rows, rows.weights);
      double after = calibrated_loss(&rows, other, rows.weights);
      assert_true(after <= before * (1 + 1e-12));
      assert_near(after, before, 1e-2);
      sy_calibration_free(one);
      sy_calibration_free(other);
    }
}

/* Classes in another order give the same map in that order (for two classes, an isotonic map of
 * class 1 is one of class 0). */
static void names_of_classes_mean_nothing(void **state) {
  (void)state;
  for (size_t test = 0; test < COUNT(class_counts); test++)
    for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
      size_t n_classes = class_counts[test];
      if (kind == SY_CALIBRATION_ISOTONIC && n_classes == 2) continue;
      draw(60 + test, 1500, n_classes);
      others = rows;
      for (size_t i = 0; i < rows.n; i++) {
        for (size_t k = 0; k < n_classes; k++)
          others.logs[i * n_classes + (k + 1) % n_classes] = rows.logs[i * n_classes + k];
        others.ids[i] = (rows.ids[i] + 1) % (int32_t)n_classes;
      }
      sy_calibration *one = calibrate((sy_calibration_kind)kind, &rows, NULL);
      sy_calibration *other = calibrate((sy_calibration_kind)kind, &others, NULL);
      for (size_t i = 0; i < 50; i++) {
        double logs[MOST_CLASSES], turned[MOST_CLASSES];
        sy_calibration_apply(one, rows.logs + i * n_classes, 1, logs);
        sy_calibration_apply(other, others.logs + i * n_classes, 1, turned);
        for (size_t k = 0; k < n_classes; k++)
          assert_near(turned[(k + 1) % n_classes], logs[k], 1e-6);
      }
      sy_calibration_free(one);
      sy_calibration_free(other);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_map_makes_its_own_rows_worse),
      cmocka_unit_test(a_weight_is_so_many_copies),
      cmocka_unit_test(absent_rows_change_nothing),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(more_copies_only_fit_closer),
      cmocka_unit_test(names_of_classes_mean_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
