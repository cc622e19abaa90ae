/* test_features_profile.c: profiles of columns against brute force over the sorted rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "features/profile.h"
#include "random_model.h"
#include <steelyard/features.h>

enum { ROWS = 5000 };

static sy_encoder *fit(const sy_column *columns, size_t n_columns, size_t rows,
                       const double *row_weights, const sy_encoder_options *options) {
  sy_frame frame = {columns, n_columns, rows};
  sy_encoder *encoder = NULL;
  sy_error error = {0};
  if (sy_encoder_fit(&frame, row_weights, options, NULL, &encoder, &error))
    fail_msg("%s", error.text);
  return encoder;
}

/* One number or boolean column, alone. */
static sy_encoder *fit_numbers(const double *values, size_t rows, const double *row_weights) {
  const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = values};
  return fit(&column, 1, rows, row_weights, NULL);
}

static double weight_of(const double *row_weights, size_t i) {
  return row_weights ? row_weights[i] : 1;
}

/* Weight of the rows with low < x <= high. */
static double weight_between(const double *values, size_t rows, const double *row_weights,
                             double low, double high) {
  double sum = 0;
  for (size_t i = 0; i < rows; i++)
    if (isfinite(values[i]) && values[i] > low && values[i] <= high)
      sum += weight_of(row_weights, i);
  return sum;
}

static double missing_weight(const double *values, size_t rows, const double *row_weights) {
  double sum = 0;
  for (size_t i = 0; i < rows; i++)
    if (!isfinite(values[i])) sum += weight_of(row_weights, i);
  return sum;
}

/* The least value up to which k tenths of the weight lie, looked for among all. */
static double decile(const double *values, size_t rows, const double *row_weights, int k) {
  double known = weight_between(values, rows, row_weights, -INFINITY, INFINITY), best = INFINITY;
  for (size_t i = 0; i < rows; i++) {
    if (!isfinite(values[i]) || !(weight_of(row_weights, i) > 0) || values[i] >= best) continue;
    if (10 * weight_between(values, rows, row_weights, -INFINITY, values[i]) >= k * known)
      best = values[i];
  }
  return best;
}

static bool has_edge(const sy_profile *profile, double edge) {
  for (size_t b = 0; b + 1 < profile->n_bins; b++)
    if (profile->edges[b] == edge) return true;
  return false;
}

/* Shares by counting; every decile below the largest value an edge; heavy values alone. */
static void assert_profile(const sy_profile *profile, const double *values, size_t rows,
                           const double *row_weights) {
  double all = 0, squares = 0, largest = -INFINITY;
  for (size_t i = 0; i < rows; i++) {
    double weight = weight_of(row_weights, i);
    all += weight;
    squares += weight * weight;
    if (weight > 0 && isfinite(values[i])) largest = fmax(largest, values[i]);
  }
  assert_true(fabs(profile->weight - all) <= 1e-12 * all);
  assert_true(fabs(profile->effective_rows - all * all / squares) <= 1e-9 * all);
  double missing = missing_weight(values, rows, row_weights) / all;
  assert_true(fabs(profile->missing - missing) < 1e-12);
  for (size_t b = 0; b < profile->n_bins; b++) {
    double low = b ? profile->edges[b - 1] : -INFINITY;
    double high = b + 1 < profile->n_bins ? profile->edges[b] : INFINITY;
    double share = weight_between(values, rows, row_weights, low, high) / all;
    assert_true(low < high && share > 0);
    assert_true(fabs(profile->shares[b] - share) < 1e-12);
  }
  for (int k = 1; k < 10; k++) {
    double edge = decile(values, rows, row_weights, k);
    if (edge < largest) assert_true(has_edge(profile, edge));
  }
  assert_true(profile->n_bins <= 12);
}

static void check(const double *values, size_t rows, const double *row_weights) {
  sy_encoder *encoder = fit_numbers(values, rows, row_weights);
  assert_profile(sy_encoder_profile(encoder, 0), values, rows, row_weights);
  sy_encoder_free(encoder);
}

/* 1..10, each once: nine deciles 1..9, ten bins of a tenth. */
static void deciles_by_hand(void **state) {
  (void)state;
  const double values[] = {7, 3, 10, 1, 9, 2, 8, 4, 6, 5};
  sy_encoder *encoder = fit_numbers(values, 10, NULL);
  const sy_profile *profile = sy_encoder_profile(encoder, 0);
  assert_int_equal(profile->n_bins, 10);
  for (int b = 0; b < 9; b++) assert_true(profile->edges[b] == b + 1);
  for (int b = 0; b < 10; b++) assert_true(fabs(profile->shares[b] - 0.1) < 1e-15);
  assert_true(profile->weight == 10 && profile->effective_rows == 10 && profile->missing == 0);
  sy_encoder_free(encoder);
}

/* Few and many values, bell-shaped, skewed, dates, far from 0, of both signs of 0, huge, tiny; with
 * ties, with weights, with missing values. */
static double draw(random_table *table, int shape) {
  double u = random_uniform(table), v = random_uniform(table) + 1e-9;
  double bell = sqrt(-2 * log(v)) * cos(6.283185307179586 * u);
  switch (shape) {
  case 0:
    return bell;
  case 1:
    return exp(3 * bell);
  case 2:
    return floor(20 * u);
  case 3:
    return 19000 + floor(900 * u) + 0.25;
  case 4:
    return 1e12 + bell;
  case 5:
    return u < 0.3 ? -0.0 : u < 0.6 ? 0.0 : bell;
  case 6:
    return u < 0.95;
  case 7:
    return bell * 1e300;
  case 8:
    return bell * 1e-310;
  default:
    return u < 0.5 ? 1e9 + 1e-3 * bell : -1e9 + v;
  }
}

static void deciles_by_brute_force(void **state) {
  (void)state;
  static double values[600], weights[600];
  random_table *table = random_table_new(7);
  for (int shape = 0; shape < 10; shape++)
    for (int kind = 0; kind < 3; kind++) {
      for (size_t i = 0; i < 600; i++) {
        values[i] = random_uniform(table) < 0.1 * kind ? (double)NAN : draw(table, shape);
        weights[i] = floor(4 * random_uniform(table)) / (kind == 1 ? 3 : 1);
      }
      check(values, 600, NULL);
      check(values, 600, weights);
    }
  free(table);
}

/* Zeros make 40 % of a column of both signs: they have a bin of their own, whatever the deciles. */
static void a_heavy_value_stands_alone(void **state) {
  (void)state;
  double values[100];
  for (int i = 0; i < 100; i++) values[i] = i < 30 ? i - 30 : i < 70 ? 0 : i - 69;
  sy_encoder *encoder = fit_numbers(values, 100, NULL);
  const sy_profile *profile = sy_encoder_profile(encoder, 0);
  size_t bin = sy_profile_bin(profile, 0);
  assert_true(fabs(profile->shares[bin] - 0.4) < 1e-15);
  assert_int_equal(sy_profile_bin(profile, -1), bin - 1);
  assert_int_equal(sy_profile_bin(profile, 1), bin + 1);
  sy_encoder_free(encoder);
  double rare[100];
  for (int i = 0; i < 100; i++) rare[i] = i >= 4; /* all deciles are 1 */
  encoder = fit_numbers(rare, 100, NULL);
  profile = sy_encoder_profile(encoder, 0);
  assert_int_equal(profile->n_bins, 2);
  assert_true(fabs(profile->shares[0] - 0.04) < 1e-15);
  sy_encoder_free(encoder);
}

/* A decimal read as float32 in training and as float64 later falls into the same bin. */
static void widths_of_numbers_agree(void **state) {
  (void)state;
  float narrow[20];
  for (int i = 0; i < 20; i++) narrow[i] = (float)(i / 10.0);
  const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f32 = narrow};
  sy_encoder *encoder = fit(&column, 1, 20, NULL, NULL);
  const sy_profile *profile = sy_encoder_profile(encoder, 0);
  assert_int_equal(profile->n_bins, 10);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(sy_profile_bin(profile, i / 10.0), i / 2);
    assert_int_equal(sy_profile_bin(profile, (double)narrow[i]), i / 2);
  }
  sy_encoder_free(encoder);
}

/* Row weight 3 is three copies, weight 0 absence; and no result depends on threads. */
static void copies_of_rows(void **state) {
  (void)state;
  enum { N = 400 };
  static double values[N], weights[N], copies[3 * N];
  random_table *table = random_table_new(11);
  for (int shape = 0; shape < 10; shape++) {
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
      values[i] = random_uniform(table) < 0.1 ? (double)NAN : draw(table, shape);
      weights[i] = (double)random_below(table, 4);
      for (int c = 0; c < (int)weights[i]; c++) copies[n++] = values[i];
    }
    sy_threads_set(1);
    sy_encoder *weighted = fit_numbers(values, N, weights);
    sy_threads_set(4);
    sy_encoder *copied = fit_numbers(copies, n, NULL);
    const sy_profile *a = sy_encoder_profile(weighted, 0), *b = sy_encoder_profile(copied, 0);
    assert_int_equal(a->n_bins, b->n_bins);
    assert_true(a->weight == b->weight && a->missing == b->missing);
    if (a->n_bins > 1) assert_memory_equal(a->edges, b->edges, (a->n_bins - 1) * sizeof(double));
    assert_memory_equal(a->shares, b->shares, a->n_bins * sizeof(double));
    sy_encoder_free(weighted);
    sy_encoder_free(copied);
  }
  sy_threads_set(0);
  free(table);
}

/* Levels sorted by bytes, "other" last; missing apart, whether it is a level or among the others.
 */
static void texts_by_hand(void **state) {
  (void)state;
  const char *const values[] = {"b", "a", "", "c", "d"};
  const uint32_t codes[] = {0, 0, 0, 0, 1, 1, SY_MISSING, 2, 3, 4};
  const double weights[] = {1, 1, 1, 1, 1, 1, 2, 1, 1, 0};
  const sy_column column = {
      .name = "t", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 5};
  sy_encoder_options options = {.min_count = 1, .max_categories = 2};
  sy_encoder *encoder = fit(&column, 1, 10, weights, &options);
  const sy_profile *profile = sy_encoder_profile(encoder, 0);
  const double expected[] = {0.3, 0.4, 0.3}; /* "", b, other = a and c */
  assert_int_equal(profile->n_bins, 3);
  assert_null(profile->edges);
  for (int b = 0; b < 3; b++) assert_true(fabs(profile->shares[b] - expected[b]) < 1e-15);
  assert_true(profile->missing == 0.3 && profile->weight == 10);
  assert_true(fabs(profile->effective_rows - 100.0 / 12) < 1e-12);
  sy_encoder_free(encoder);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  static double values[ROWS];
  static uint32_t codes[ROWS];
  const char *const texts[] = {"a", "b"};
  for (size_t i = 0; i < ROWS; i++) {
    values[i] = sin((double)i);
    codes[i] = i % 2;
  }
  const sy_column columns[] = {
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = values},
      {.name = "t", .type = SY_COLUMN_TEXT, .codes = codes, .values = texts, .n_values = 2}};
  sy_frame frame = {columns, 2, ROWS};
  sy_threads_set(1);
  bool done = false;
  size_t n = 0;
  while (!done) {
    sy_encoder *encoder = NULL;
    sy_error error;
    sy_memory_fail_nth(++n);
    sy_status status = sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_encoder_free(encoder);
  }
  assert_true(n > 20);
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(deciles_by_hand),
      cmocka_unit_test(deciles_by_brute_force),
      cmocka_unit_test(a_heavy_value_stands_alone),
      cmocka_unit_test(widths_of_numbers_agree),
      cmocka_unit_test(copies_of_rows),
      cmocka_unit_test(texts_by_hand),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
