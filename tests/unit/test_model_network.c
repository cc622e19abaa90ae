/* test_model_network.c: logits of networks against loops in long double, over random shapes; the
 * same bits by row, by block, by tile and by matrix; classes not learnt. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/network.h"

/* Encoded rows: DENSE numbers among which are codes, then TEXTS texts of LEVELS columns each. */
enum { DENSE = 7, TEXTS = 2, LEVELS = 3, WIDTH = DENSE + TEXTS * LEVELS, CODES = 5 };
enum { ROWS = 141, MOST_LAYERS = 4, MOST_CLASSES = 6, MOST_MEMBERS = 3 };

static uint64_t state_of_random;

/* In (-1, 1), exact in float32: Knuth's MMIX generator, the upper bits. */
static double number(void) {
  state_of_random = state_of_random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state_of_random >> 44) / 524288 - 1;
}

static size_t below(size_t n) {
  return (size_t)((number() + 1) / 2 * (double)n);
}

/* A network and the rows that it is shown, as they are encoded, as a matrix and as tiles. */
static struct {
  size_t hidden[MOST_LAYERS];
  sy_embedding embeddings[2];
  sy_network_shape shape;
  size_t n_members, n_parameters;
  double *parameters;
  sy_predictor *predictor;
  double rows[ROWS * WIDTH];
  float floats[ROWS * WIDTH];
  double wanted[ROWS * MOST_CLASSES];
} world;

static void draw_rows(void) {
  memset(world.rows, 0, sizeof world.rows);
  for (size_t i = 0; i < ROWS; i++) {
    double *row = world.rows + i * WIDTH;
    for (size_t j = 0; j < DENSE; j++) row[j] = number() < -0.5 ? 0 : 3 * number();
    for (size_t e = 0; e < world.shape.n_embeddings; e++)
      row[world.embeddings[e].column] = (double)below(CODES);
    for (size_t t = 0; t < TEXTS; t++) {
      size_t level = below(LEVELS + 1); /* the last is none */
      if (level < LEVELS) row[DENSE + t * LEVELS + level] = 1;
    }
  }
  for (size_t i = 0; i < ROWS * WIDTH; i++) world.floats[i] = (float)world.rows[i];
}

static void make_world(uint64_t seed) {
  static const size_t widths[] = {1, 2, 3, 4, 5, 8, 17, 32, 33, 64, 70};
  state_of_random = seed;
  for (int i = 0; i < 8; i++) number();
  for (size_t l = 0; l < MOST_LAYERS; l++)
    world.hidden[l] = widths[below(sizeof widths / sizeof *widths)];
  world.embeddings[0] = (sy_embedding){below(3), CODES, 1 + below(6)};
  world.embeddings[1] = (sy_embedding){3 + below(DENSE - 3), CODES, 1 + below(80)};
  world.shape = (sy_network_shape){.n_features = WIDTH,
                                   .n_outputs = 2 + below(MOST_CLASSES - 1),
                                   .hidden = world.hidden,
                                   .n_hidden = below(MOST_LAYERS + 1),
                                   .activation = (sy_activation)below(3),
                                   .norm = below(2) ? SY_NORM_LAYER : SY_NORM_NONE,
                                   .embeddings = world.embeddings,
                                   .n_embeddings = below(3)};
  world.n_members = 1 + below(MOST_MEMBERS);
  world.n_parameters = sy_network_n_parameters(&world.shape);
  world.parameters = malloc(world.n_members * world.n_parameters * sizeof(double));
  assert_non_null(world.parameters);
  for (size_t i = 0; i < world.n_members * world.n_parameters; i++)
    world.parameters[i] = number() < -0.9 ? -0.0 : number();
  sy_error error = {0};
  if (sy_predictor_network(&world.shape, world.parameters, world.n_members, &world.predictor,
                           &error))
    fail_msg("%s", error.text);
  draw_rows();
}

static void clear_world(void) {
  sy_predictor_free(world.predictor);
  free(world.parameters);
  world.predictor = NULL;
}

/* --- a reference, from what the header says alone --- */

enum { MOST_UNITS = 200 };

static long double activated(long double a) {
  long double pi = 3.14159265358979323846264338327950288L;
  switch (world.shape.activation) {
  case SY_ACTIVATION_RELU:
    return a > 0 ? a : 0;
  case SY_ACTIVATION_TANH:
    return tanhl(a);
  default:
    return a / 2 * (1 + tanhl(sqrtl(2 / pi) * (a + 0.044715L * a * a * a)));
  }
}

static void normalise(long double *sums, size_t n, const double *gains, const double *shifts) {
  long double mean = 0, variance = 0;
  for (size_t u = 0; u < n; u++) mean += sums[u] / (long double)n;
  for (size_t u = 0; u < n; u++) variance += (sums[u] - mean) * (sums[u] - mean) / (long double)n;
  for (size_t u = 0; u < n; u++)
    sums[u] = gains[u] * (sums[u] - mean) / sqrtl(variance + 1e-5L) + shifts[u];
}

/* What the first layer takes; returns how many numbers. `at` moves past the tables. */
static size_t take_inputs(const double *row, const double **at, long double *inputs) {
  size_t n = 0, e = 0;
  for (size_t j = 0; j < WIDTH; j++) {
    bool code = e < world.shape.n_embeddings && world.embeddings[e].column == j;
    if (code)
      e++;
    else
      inputs[n++] = row[j];
  }
  for (e = 0; e < world.shape.n_embeddings; e++) {
    const sy_embedding *embedding = &world.embeddings[e];
    for (size_t w = 0; w < embedding->width; w++)
      inputs[n++] = (*at)[(size_t)row[embedding->column] * embedding->width + w];
    *at += embedding->n_values * embedding->width;
  }
  return n;
}

/* A row through one member; `at` ends behind its parameters. */
static void reference_member(const double *row, const double **at, long double *logits) {
  long double inputs[MOST_UNITS], sums[MOST_UNITS];
  size_t n = take_inputs(row, at, inputs);
  for (size_t l = 0; l <= world.shape.n_hidden; l++) {
    bool hidden = l < world.shape.n_hidden;
    size_t units = hidden ? world.hidden[l] : world.shape.n_outputs;
    for (size_t u = 0; u < units; u++) {
      sums[u] = (*at)[n * units + u];
      for (size_t j = 0; j < n; j++) sums[u] += inputs[j] * (*at)[j * units + u];
    }
    *at += (n + 1) * units;
    if (hidden && world.shape.norm == SY_NORM_LAYER) {
      normalise(sums, units, *at, *at + units);
      *at += 2 * units;
    }
    for (size_t u = 0; u < units; u++) inputs[u] = hidden ? activated(sums[u]) : sums[u];
    n = units;
  }
  for (size_t k = 0; k < n; k++) logits[k] += inputs[k] / (long double)world.n_members;
}

/* Sums of up to 200 products of numbers that may cancel, members and layers: what rounding leaves
 * is measured against the size of a parameter. */
static void assert_logits(const double *logits) {
  for (size_t i = 0; i < ROWS; i++) {
    const double *at = world.parameters;
    long double wanted[MOST_CLASSES] = {0};
    for (size_t m = 0; m < world.n_members; m++)
      reference_member(world.rows + i * WIDTH, &at, wanted);
    assert_ptr_equal(at, world.parameters + world.n_members * world.n_parameters);
    for (size_t k = 0; k < world.shape.n_outputs; k++) {
      long double off = fabsl(logits[i * world.shape.n_outputs + k] - wanted[k]);
      if (off > 1e-11L * (1 + fabsl(wanted[k])))
        fail_msg("row %zu, class %zu: %.17g, not %.17Lg", i, k,
                 logits[i * world.shape.n_outputs + k], wanted[k]);
    }
  }
}

/* --- the same rows as tiles --- */

/* Rows from `begin` on as an encoder lays them out; lanes past the last row hold what is none. */
static void fill_tile(size_t begin, sy_tile *tile) {
  for (size_t i = 0; i < tile->stride; i++) {
    bool real = i < tile->rows;
    const double *row = world.rows + (begin + (real ? i : 0)) * WIDTH;
    for (size_t j = 0; j < DENSE; j++)
      tile->dense[j * tile->stride + i] = real ? row[j] : (double)NAN;
    for (size_t t = 0; t < TEXTS; t++) {
      uint32_t place = WIDTH;
      for (size_t level = 0; real && level < LEVELS; level++)
        if (row[DENSE + t * LEVELS + level] == 1) place = (uint32_t)(DENSE + t * LEVELS + level);
      tile->places[t * tile->stride + i] = place;
    }
  }
}

/* Tiles of n rows, over a scratch memory full of NaN. */
static void assert_tiles(size_t n, const double *logits) {
  static double dense[DENSE * SY_TILE_ROWS], turned[MOST_CLASSES * SY_TILE_ROWS];
  static uint32_t places[TEXTS * SY_TILE_ROWS];
  size_t n_classes = world.shape.n_outputs;
  size_t size = sy_predictor_scratch(world.predictor, sy_tile_stride(n));
  double *scratch = malloc(size * sizeof *scratch);
  assert_non_null(scratch);
  for (size_t i = 0; i < size; i++) scratch[i] = (double)NAN;
  for (size_t begin = 0; begin < ROWS; begin += n) {
    size_t rows = ROWS - begin < n ? ROWS - begin : n;
    sy_tile tile = {rows, sy_tile_stride(rows), DENSE, TEXTS, dense, places};
    fill_tile(begin, &tile);
    sy_predictor_tile(world.predictor, &tile, scratch, turned);
    for (size_t i = 0; i < rows; i++)
      for (size_t k = 0; k < n_classes; k++)
        assert_memory_equal(turned + k * tile.stride + i, logits + (begin + i) * n_classes + k,
                            sizeof *logits);
  }
  free(scratch);
}

static void find_logits(sy_matrix rows, double *logits) {
  sy_error error = {0};
  if (sy_predictor_logits(world.predictor, rows, logits, &error)) fail_msg("%s", error.text);
}

static void networks_are_as_the_reference_has_them(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 150; seed++) {
    double logits[ROWS * MOST_CLASSES], others[ROWS * MOST_CLASSES];
    make_world(seed);
    size_t n_classes = world.shape.n_outputs;
    find_logits((sy_matrix){world.rows, SY_F64, ROWS, WIDTH, WIDTH}, logits);
    assert_logits(logits);
    find_logits((sy_matrix){world.floats, SY_F32, ROWS, WIDTH, WIDTH}, others);
    assert_memory_equal(others, logits, ROWS * n_classes * sizeof *logits);
    for (size_t i = 0; i < ROWS; i++) {
      find_logits((sy_matrix){world.rows + i * WIDTH, SY_F64, 1, WIDTH, WIDTH}, others);
      assert_memory_equal(others, logits + i * n_classes, n_classes * sizeof *logits);
    }
    assert_tiles(1, logits);
    assert_tiles(5, logits);
    assert_tiles(SY_TILE_ROWS, logits);
    clear_world();
  }
}

/* --- rows that are odd --- */

/* One code column of three values, each of one number; its class 1 has the logit of that number. */
static sy_predictor *one_code(void) {
  static const sy_embedding embedding = {0, 3, 1};
  static const sy_network_shape shape = {
      .n_features = 1, .n_outputs = 2, .embeddings = &embedding, .n_embeddings = 1};
  static const double parameters[] = {10, 20, 40, 0, 1, 0, 0};
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_network_n_parameters(&shape), 7);
  assert_int_equal(sy_predictor_network(&shape, parameters, 1, &predictor, NULL), SY_OK);
  return predictor;
}

static void codes_that_are_none_are_the_nearest(void **state) {
  (void)state;
  const double codes[] = {0, 1, 2, 3, 1e300, INFINITY, -1, -INFINITY, 1.5};
  const double wanted[] = {10, 20, 40, 40, 40, 40, 10, 10, 20};
  double logits[18];
  sy_predictor *predictor = one_code();
  const sy_matrix rows = {codes, SY_F64, 9, 1, 1};
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, NULL), SY_OK);
  for (size_t i = 0; i < 9; i++) assert_true(logits[2 * i] == 0 && logits[2 * i + 1] == wanted[i]);
  sy_predictor_free(predictor);
}

static void no_rows_no_logits(void **state) {
  (void)state;
  double logits[] = {7};
  sy_predictor *predictor = one_code();
  const sy_matrix rows = {NULL, SY_F64, 0, 1, 1};
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, NULL), SY_OK);
  assert_true(logits[0] == 7);
  sy_predictor_free(predictor);
}

static const size_t two_units[] = {2};
static const sy_network_shape plain = {
    .n_features = 1, .n_outputs = 3, .hidden = two_units, .n_hidden = 1};

/* Units 1e200 x and -x; what is not finite in between, or in the sum of a class not learnt. */
static void a_class_not_learnt_stays_at_minus_infinity(void **state) {
  (void)state;
  double parameters[] = {1e200, -1, 0, 0, /**/ 1, 0, 1e200, 0, 2, 0, /**/ 0.5, 0, -INFINITY};
  const double rows[] = {1e-200, 1, 1e150};
  double logits[9];
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_predictor_network(&plain, parameters, 1, &predictor, NULL), SY_OK);
  const sy_matrix matrix = {rows, SY_F64, 3, 1, 1};
  assert_int_equal(sy_predictor_logits(predictor, matrix, logits, NULL), SY_OK);
  assert_true(logits[0] == 1.5 && logits[1] == 0);
  assert_true(logits[3] == 1e200 && logits[6] == (double)INFINITY);
  for (size_t i = 0; i < 3; i++) assert_true(logits[3 * i + 2] == -(double)INFINITY);
  sy_predictor_free(predictor);
}

/* Of two members one has not learnt it: the mean of its logits is -inf. */
static void one_member_that_has_not_learnt_is_enough(void **state) {
  (void)state;
  double parameters[26] = {0};
  const double row = 1;
  double logits[3];
  sy_predictor *predictor = NULL;
  parameters[10] = 1;
  parameters[13 + 10] = 2;
  parameters[13 + 11] = -INFINITY;
  assert_int_equal(sy_predictor_network(&plain, parameters, 2, &predictor, NULL), SY_OK);
  const sy_matrix matrix = {&row, SY_F64, 1, 1, 1};
  assert_int_equal(sy_predictor_logits(predictor, matrix, logits, NULL), SY_OK);
  assert_true(logits[0] == 1.5 && logits[1] == -(double)INFINITY && logits[2] == 0);
  sy_predictor_free(predictor);
}

/* --- what it is made of --- */

static void it_tells_what_it_holds(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 10; seed++) {
    make_world(seed);
    const sy_network_shape *shape = sy_predictor_shape(world.predictor);
    assert_string_equal(sy_predictor_family(world.predictor), "mlp");
    assert_int_equal(sy_predictor_n_features(world.predictor), WIDTH);
    assert_int_equal(sy_predictor_n_classes(world.predictor), world.shape.n_outputs);
    assert_int_equal(sy_predictor_n_vectors(world.predictor), 0);
    assert_int_equal(sy_predictor_n_members(world.predictor), world.n_members);
    assert_null(sy_predictor_coefficients(world.predictor));
    assert_null(sy_predictor_intercepts(world.predictor));
    assert_int_equal(shape->n_hidden, world.shape.n_hidden);
    assert_ptr_not_equal(shape->hidden, world.hidden);
    for (size_t l = 0; l < shape->n_hidden; l++)
      assert_int_equal(shape->hidden[l], world.hidden[l]);
    for (size_t e = 0; e < shape->n_embeddings; e++)
      assert_memory_equal(&shape->embeddings[e], &world.embeddings[e], sizeof(sy_embedding));
    assert_int_equal(shape->activation, world.shape.activation);
    assert_int_equal(shape->norm, world.shape.norm);
    assert_int_equal(sy_network_n_parameters(shape), world.n_parameters);
    assert_memory_equal(sy_predictor_parameters(world.predictor), world.parameters,
                        world.n_members * world.n_parameters * sizeof(double));
    clear_world();
  }
}

static void rows_that_do_not_fit(void **state) {
  (void)state;
  const double rows[8] = {0};
  double logits[6] = {7};
  sy_error error = {0};
  sy_predictor *predictor = one_code();
  const sy_matrix wide = {rows, SY_F64, 1, 2, 2};
  assert_int_equal(sy_predictor_logits(predictor, wide, logits, &error), SY_INVALID_SHAPE);
  assert_string_equal(error.text, "rows have 2 encoded columns, the model takes 1");
  assert_true(logits[0] == 7);
  sy_predictor_free(predictor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(networks_are_as_the_reference_has_them),
      cmocka_unit_test(codes_that_are_none_are_the_nearest),
      cmocka_unit_test(no_rows_no_logits),
      cmocka_unit_test(a_class_not_learnt_stays_at_minus_infinity),
      cmocka_unit_test(one_member_that_has_not_learnt_is_enough),
      cmocka_unit_test(it_tells_what_it_holds),
      cmocka_unit_test(rows_that_do_not_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
