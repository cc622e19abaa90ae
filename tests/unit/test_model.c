/* test_model.c: logits by hand, the same bits row by row and by block, classes not learnt. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/predictor.h"

static sy_predictor *make(size_t n_features, size_t n_classes, size_t n_vectors,
                          const double *coefficients, const double *intercepts) {
  sy_predictor *predictor = NULL;
  sy_error error = {0};
  if (sy_predictor_logistic(n_features, n_classes, n_vectors, coefficients, intercepts, &predictor,
                            &error) != SY_OK)
    fail_msg("%s", error.text);
  return predictor;
}

static void find_logits(const sy_predictor *predictor, sy_matrix rows, double *logits) {
  sy_error error = {0};
  if (sy_predictor_logits(predictor, rows, logits, &error) != SY_OK) fail_msg("%s", error.text);
}

/* --- logits --- */

static const double coefficients[] = {1, -2, 0.5, 0, 4, -1, 3, 0.25, 8};
static const double intercepts[] = {0.5, -1, 2};

static void two_classes_share_a_vector(void **state) {
  (void)state;
  const double rows[] = {1, 2, 4, 0, 0, 0};
  double logits[4];
  sy_predictor *predictor = make(3, 2, 1, coefficients, intercepts);
  find_logits(predictor, (sy_matrix){rows, SY_F64, 2, 3, 3}, logits);
  assert_true(logits[0] == 0 && logits[1] == 0.5 + 1 - 4 + 2);
  assert_true(logits[2] == 0 && logits[3] == 0.5);
  sy_predictor_free(predictor);
}

static void a_vector_a_class(void **state) {
  (void)state;
  const double rows[] = {1, 2, 4}, wanted[] = {0.5 - 1, -1 + 4, 2 + 35.5};
  double logits[3];
  sy_predictor *predictor = make(3, 3, 3, coefficients, intercepts);
  find_logits(predictor, (sy_matrix){rows, SY_F64, 1, 3, 3}, logits);
  assert_memory_equal(logits, wanted, sizeof wanted);
  sy_predictor_free(predictor);
  predictor = make(3, 2, 2, coefficients, intercepts);
  find_logits(predictor, (sy_matrix){rows, SY_F64, 1, 3, 3}, logits);
  assert_memory_equal(logits, wanted, 2 * sizeof *wanted);
  sy_predictor_free(predictor);
}

static void no_rows_no_logits(void **state) {
  (void)state;
  double logits[] = {7};
  sy_predictor *predictor = make(3, 2, 1, coefficients, intercepts);
  find_logits(predictor, (sy_matrix){NULL, SY_F64, 0, 3, 3}, logits);
  assert_true(logits[0] == 7);
  sy_predictor_free(predictor);
}

/* --- random rows of every length --- */

/* The last columns of wide rows are those of TEXTS texts of LEVELS values. */
enum { ROWS = 13, MOST = 40, GAP = 3, CLASSES = 13, TEXTS = 2, LEVELS = 3, WIDE = 9 };
enum { STRIDE = 16 };

/* In (-1, 1), exact in float32. */
static double number(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 44) / 524288 - 1;
}

static struct {
  double coefficients[CLASSES * MOST], intercepts[CLASSES];
  double f64[ROWS * (MOST + GAP)];
  float f32[ROWS * (MOST + GAP)];
  double dense[MOST * STRIDE]; /* the same as a tile */
  uint32_t places[TEXTS * STRIDE];
  size_t n_dense, n_texts;
} world;

static void fill_row(size_t n_features, size_t i, uint64_t *random) {
  double *row = world.f64 + i * (n_features + GAP);
  for (size_t j = 0; j < n_features; j++)
    row[j] = j < world.n_dense ? world.dense[j * STRIDE + i] = number(random) : 0;
  for (size_t t = 0; t < world.n_texts; t++) {
    size_t level = (i * 5 + t) % (LEVELS + 1); /* the last is none */
    size_t place = level < LEVELS ? world.n_dense + t * LEVELS + level : n_features;
    world.places[t * STRIDE + i] = (uint32_t)place;
    if (place < n_features) row[place] = 1;
  }
}

/* Between rows there is NaN, which must not be read. */
static void fill_world(size_t n_features) {
  uint64_t random = n_features;
  world.n_texts = n_features < WIDE ? 0 : TEXTS;
  world.n_dense = n_features - world.n_texts * LEVELS;
  for (size_t j = 0; j < CLASSES * n_features; j++) world.coefficients[j] = number(&random);
  for (size_t k = 0; k < CLASSES; k++) world.intercepts[k] = number(&random);
  for (size_t t = 0; t < TEXTS * STRIDE; t++) world.places[t] = (uint32_t)n_features;
  for (size_t i = 0; i < ROWS * (n_features + GAP); i++) world.f64[i] = (double)NAN;
  for (size_t i = 0; i < ROWS; i++) fill_row(n_features, i, &random);
  for (size_t i = 0; i < ROWS * (n_features + GAP); i++) world.f32[i] = (float)world.f64[i];
}

static void assert_logits(const sy_predictor *predictor, const double *logits) {
  size_t n_features = sy_predictor_n_features(predictor);
  size_t n_classes = sy_predictor_n_classes(predictor);
  size_t first = n_classes - sy_predictor_n_vectors(predictor);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t k = 0; k < n_classes; k++) {
      long double wanted = k < first ? 0 : world.intercepts[k - first];
      for (size_t j = 0; k >= first && j < n_features; j++)
        wanted += (long double)world.coefficients[(k - first) * n_features + j] *
                  (long double)world.f64[i * (n_features + GAP) + j];
      assert_true(fabsl((long double)logits[i * n_classes + k] - wanted) < 1e-14L);
    }
}

/* As a tile, to the same bits. */
static void assert_tile(const sy_predictor *predictor, const double *logits) {
  size_t n_classes = sy_predictor_n_classes(predictor);
  double turned[CLASSES * STRIDE];
  sy_tile tile = {ROWS, STRIDE, world.n_dense, world.n_texts, world.dense, world.places};
  sy_predictor_tile(predictor, &tile, NULL, turned);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t k = 0; k < n_classes; k++)
      assert_memory_equal(turned + k * STRIDE + i, logits + i * n_classes + k, sizeof *logits);
}

static void assert_same_bits(size_t n, size_t n_classes, size_t n_vectors) {
  double block[ROWS * CLASSES], from_floats[ROWS * CLASSES], row[CLASSES];
  sy_predictor *predictor = make(n, n_classes, n_vectors, world.coefficients, world.intercepts);
  find_logits(predictor, (sy_matrix){world.f64, SY_F64, ROWS, n, n + GAP}, block);
  assert_logits(predictor, block);
  find_logits(predictor, (sy_matrix){world.f32, SY_F32, ROWS, n, n + GAP}, from_floats);
  assert_memory_equal(from_floats, block, ROWS * n_classes * sizeof *block);
  for (size_t i = 0; i < ROWS; i++) {
    find_logits(predictor, (sy_matrix){world.f64 + i * (n + GAP), SY_F64, 1, n, n}, row);
    assert_memory_equal(row, block + i * n_classes, n_classes * sizeof *row);
  }
  assert_tile(predictor, block);
  sy_predictor_free(predictor);
}

static void bits_are_the_same_by_row_type_and_tile(void **state) {
  (void)state;
  for (size_t n = 1; n <= MOST; n++) {
    fill_world(n);
    assert_same_bits(n, 2, 1);
    for (size_t n_classes = 2; n_classes <= CLASSES; n_classes++)
      assert_same_bits(n, n_classes, n_classes);
  }
}

/* Coefficients of float64 are not cut to float32 for float32 rows. */
static void sums_are_float64(void **state) {
  (void)state;
  const double fine[] = {1 + DBL_EPSILON, 1e-12}, none[] = {0};
  const float row[] = {1, 1};
  double logits[2];
  sy_predictor *predictor = make(2, 2, 1, fine, none);
  find_logits(predictor, (sy_matrix){row, SY_F32, 1, 2, 2}, logits);
  assert_true(logits[1] == fine[0] + fine[1]);
  sy_predictor_free(predictor);
}

/* --- classes that were not learnt --- */

static void a_class_not_learnt_stays_at_minus_infinity(void **state) {
  (void)state;
  const double zeros[] = {0, 0, 1, 2, DBL_MAX, DBL_MAX}, unlearnt[] = {0, 3, -INFINITY};
  const double rows[] = {1, 1, DBL_MAX / 4, DBL_MAX / 8}; /* the second overflows class 2 */
  double logits[6];
  sy_predictor *predictor = make(2, 3, 3, zeros, unlearnt);
  find_logits(predictor, (sy_matrix){rows, SY_F64, 2, 2, 2}, logits);
  assert_true(logits[0] == 0 && logits[1] == 6 && logits[2] == -(double)INFINITY);
  assert_true(logits[3] == 0 && logits[4] == DBL_MAX / 2 && logits[5] == -(double)INFINITY);
  sy_predictor_free(predictor);
  predictor = make(2, 2, 1, zeros, unlearnt + 2);
  find_logits(predictor, (sy_matrix){rows, SY_F64, 1, 2, 2}, logits);
  assert_true(logits[0] == 0 && logits[1] == -(double)INFINITY);
  sy_predictor_free(predictor);
}

/* --- what it is made of --- */

static void it_tells_what_it_holds(void **state) {
  (void)state;
  double given[9], starts[3];
  memcpy(given, coefficients, sizeof given);
  memcpy(starts, intercepts, sizeof starts);
  sy_predictor *predictor = make(3, 3, 3, given, starts);
  memset(given, 0, sizeof given); /* it keeps copies */
  memset(starts, 0, sizeof starts);
  assert_string_equal(sy_predictor_family(predictor), "logistic");
  assert_int_equal(sy_predictor_n_features(predictor), 3);
  assert_int_equal(sy_predictor_n_classes(predictor), 3);
  assert_int_equal(sy_predictor_n_vectors(predictor), 3);
  assert_memory_equal(sy_predictor_coefficients(predictor), coefficients, sizeof coefficients);
  assert_memory_equal(sy_predictor_intercepts(predictor), intercepts, sizeof intercepts);
  sy_predictor_free(predictor);
  predictor = make(4, 2, 1, coefficients, intercepts);
  assert_int_equal(sy_predictor_n_features(predictor), 4);
  assert_int_equal(sy_predictor_n_classes(predictor), 2);
  assert_int_equal(sy_predictor_n_vectors(predictor), 1);
  sy_predictor_free(predictor);
  sy_predictor_free(NULL);
}

/* --- refusals --- */

static void assert_refused(size_t n_features, size_t n_classes, size_t n_vectors,
                           const double *values, const double *starts, sy_status status,
                           const char *text) {
  static const char untouched;
  sy_predictor *mark = (sy_predictor *)(uintptr_t)&untouched, *predictor = mark;
  sy_error error = {0};
  assert_int_equal(
      sy_predictor_logistic(n_features, n_classes, n_vectors, values, starts, &predictor, &error),
      status);
  assert_int_equal(error.status, status);
  if (!strstr(error.text, text)) fail_msg("no \"%s\" in \"%s\"", text, error.text);
  assert_ptr_equal(predictor, mark);
  assert_int_equal(
      sy_predictor_logistic(n_features, n_classes, n_vectors, values, starts, &predictor, NULL),
      status);
}

static void shapes_that_do_not_fit(void **state) {
  (void)state;
  const double *c = coefficients, *b = intercepts;
  assert_refused(0, 2, 1, c, b, SY_INVALID_SHAPE, "at least 1 feature");
  assert_refused(3, 1, 1, c, b, SY_INVALID_SHAPE, "at least 2 classes, not 1");
  assert_refused(3, 0, 0, c, b, SY_INVALID_SHAPE, "at least 2 classes, not 0");
  assert_refused(3, 3, 1, c, b, SY_INVALID_SHAPE, "1 coefficient vectors do not fit 3 classes");
  assert_refused(3, 3, 2, c, b, SY_INVALID_SHAPE, "2 coefficient vectors do not fit 3 classes");
  assert_refused(3, 2, 3, c, b, SY_INVALID_SHAPE, "3 coefficient vectors do not fit 2 classes");
}

static void numbers_that_are_none(void **state) {
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t b = 0; b < 3; b++) {
    double values[9], starts[3];
    memcpy(values, coefficients, sizeof values);
    memcpy(starts, intercepts, sizeof starts);
    values[5] = bad[b];
    assert_refused(3, 3, 3, values, starts, SY_INVALID_ARGUMENT, "coefficient 3 of vector 2 is");
    if (b == 2) continue; /* -inf marks a class not learnt */
    starts[2] = bad[b];
    assert_refused(3, 3, 3, coefficients, starts, SY_INVALID_ARGUMENT, "intercept 3 is");
  }
}

static void rows_that_do_not_fit(void **state) {
  (void)state;
  const double rows[8] = {0};
  double logits[6] = {7};
  sy_error error = {0};
  sy_predictor *predictor = make(3, 2, 1, coefficients, intercepts);
  const sy_matrix narrow = {rows, SY_F64, 1, 2, 2}, wide = {rows, SY_F64, 1, 4, 4},
                  overlapping = {rows, SY_F64, 2, 3, 2}, whole = {rows, SY_I64, 1, 3, 3};
  assert_int_equal(sy_predictor_logits(predictor, narrow, logits, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "rows have 2 encoded columns, the model takes 3");
  assert_int_equal(sy_predictor_logits(predictor, wide, logits, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "rows have 4 encoded columns, the model takes 3");
  assert_int_equal(sy_predictor_logits(predictor, overlapping, logits, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "the stride 2 is less than the 3 columns");
  assert_int_equal(sy_predictor_logits(predictor, whole, logits, NULL), SY_INVALID_ARGUMENT);
  assert_true(logits[0] == 7);
  sy_predictor_free(predictor);
}

static void out_of_memory_leaves_nothing(void **state) {
  (void)state;
  for (size_t nth = 1;; nth++) {
    sy_predictor *predictor = NULL;
    sy_error error = {0};
    sy_memory_fail_nth(nth);
    sy_status status = sy_predictor_logistic(3, 3, 3, coefficients, intercepts, &predictor, &error);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    assert_int_equal(predictor != NULL, !struck);
    sy_predictor_free(predictor);
    if (struck) continue;
    assert_true(nth > 3);
    return;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes_share_a_vector),
      cmocka_unit_test(a_vector_a_class),
      cmocka_unit_test(no_rows_no_logits),
      cmocka_unit_test(bits_are_the_same_by_row_type_and_tile),
      cmocka_unit_test(sums_are_float64),
      cmocka_unit_test(a_class_not_learnt_stays_at_minus_infinity),
      cmocka_unit_test(it_tells_what_it_holds),
      cmocka_unit_test(shapes_that_do_not_fit),
      cmocka_unit_test(numbers_that_are_none),
      cmocka_unit_test(rows_that_do_not_fit),
      cmocka_unit_test(out_of_memory_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
