/* test_features_raw.c: an encoder that leaves numbers as they are, against its definition. */
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
#include "features/encoder.h"
#include "random_model.h"

static sy_encoder_options raw(void) {
  sy_encoder_options options = sy_encoder_options_default();
  options.raw = true;
  return options;
}

static sy_encoder *fit(const sy_column *columns, size_t n_columns, size_t rows,
                       sy_messages *messages) {
  const sy_frame frame = {columns, n_columns, rows};
  const sy_encoder_options options = raw();
  sy_encoder *encoder = NULL;
  sy_error error = {0};
  if (sy_encoder_fit(&frame, NULL, &options, messages, &encoder, &error))
    fail_msg("%s", error.text);
  return encoder;
}

/* Equal, or both missing. */
static bool same(double a, double b) {
  return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

/* What becomes of a number: written out, as its documentation says it. */
static double kept(double value) {
  if (!isfinite(value)) return (double)NAN;
  if (value > (double)FLT_MAX) return (double)FLT_MAX;
  if (value < -(double)FLT_MAX) return -(double)FLT_MAX;
  return (double)(float)value;
}

enum { ODD = 16 };
static const double odd_numbers[ODD] = {
    0,        -0.0,      0.1,    -0.1,
    16777217, 1e300,     -1e300, (double)NAN,
    INFINITY, -INFINITY, 1e-50,  1e39,
    -1e39,    1e-310,    3,      3.402823466385288598e38 /* FLT_MAX */};

/* The float32 column holds what of these float32 holds; both lie backwards, or three apart. */
static void numbers_stay_as_they_are(void **state) {
  (void)state;
  static double doubles[3 * ODD];
  static float floats[3 * ODD];
  for (size_t i = 0; i < ODD; i++) {
    doubles[3 * i] = odd_numbers[i];
    floats[ODD - 1 - i] = (float)kept(odd_numbers[i]);
  }
  const sy_column columns[] = {
      {.name = "d", .type = SY_COLUMN_NUMBER, .f64 = doubles, .stride = 3},
      {.name = "f", .type = SY_COLUMN_NUMBER, .f32 = floats + ODD - 1, .stride = -1}};
  const sy_frame frame = {columns, 2, ODD};
  sy_encoder *encoder = fit(columns, 2, ODD, NULL);
  double out[ODD][2];
  float single[ODD][2];
  assert_true(sy_encoder_is_raw(encoder));
  assert_int_equal(sy_encoder_n_outputs(encoder), 2);
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, ODD, SY_F64, out, 2, NULL), SY_OK);
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, ODD, SY_F32, single, 2, NULL), SY_OK);
  for (size_t i = 0; i < ODD; i++) {
    double numbers[] = {odd_numbers[i], odd_numbers[i]}, row[2];
    sy_encoder_apply_row(encoder, numbers, NULL, row);
    for (size_t j = 0; j < 2; j++) {
      assert_true(same(out[i][j], kept(odd_numbers[i])));
      assert_true(same((double)single[i][j], out[i][j]));
      assert_true(same(row[j], out[i][j]));
    }
  }
  sy_encoder_free(encoder);
}

/* Whatever is beyond the range of float32 lies on the same side of every finite threshold as the
 * nearest number in range: comparing in double, or after a cast that made it infinite. */
static void what_is_beyond_the_range_goes_the_same_way(void **state) {
  (void)state;
  const float thresholds[] = {-FLT_MAX, -1, 0, 1, nextafterf(FLT_MAX, 0), FLT_MAX};
  for (size_t i = 0; i < ODD; i++)
    for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++) {
      double x = odd_numbers[i];
      if (!isfinite(x) || fabs(x) <= (double)FLT_MAX) continue;
      bool left = sy_keep_number(x) < (double)thresholds[t];
      bool beyond = t == 0 && x < 0; /* the one that an infinity would have on its left */
      assert_int_equal(left, beyond ? false : x < (double)thresholds[t]);
    }
}

static bool any_message_is(const sy_messages *messages, const char *text) {
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    if (strcmp(sy_messages_get(messages, i), text) == 0) return true;
  return false;
}

enum { FEW = 6 };

static void what_is_kept_and_told(void **state) {
  (void)state;
  static const double gaps[FEW] = {1, (double)NAN, 2, INFINITY, 3, 4};
  static const double sometimes[FEW] = {7, 7, (double)NAN, 7, 7, 7};
  static const double never[FEW] = {(double)NAN, (double)NAN, (double)NAN,
                                    (double)NAN, (double)NAN, -INFINITY};
  static const double constant[FEW] = {5, 5, 5, 5, 5, 5};
  static const double nearly[FEW] = {1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9, 1e9 + 1};
  static const double beyond[FEW] = {1e300, 2e300, 3e300, 1e299, 1e300, 1e301};
  static const float flags[FEW] = {0, 1, 1, 0, (float)NAN, 1};
  static const double days[FEW] = {18000.25, 18001, 18002, 18003, 18004, 18005};
  static const uint32_t codes[FEW] = {0, 1, SY_MISSING, 1, 0, 0};
  static const char *const values[] = {"a", "b"};
  const sy_column columns[] = {
      {.name = "gaps", .type = SY_COLUMN_NUMBER, .f64 = gaps},
      {.name = "sometimes", .type = SY_COLUMN_NUMBER, .f64 = sometimes},
      {.name = "never", .type = SY_COLUMN_NUMBER, .f64 = never},
      {.name = "constant", .type = SY_COLUMN_NUMBER, .f64 = constant},
      {.name = "nearly", .type = SY_COLUMN_NUMBER, .f64 = nearly},
      {.name = "beyond", .type = SY_COLUMN_NUMBER, .f64 = beyond},
      {.name = "flag", .type = SY_COLUMN_BOOLEAN, .f32 = flags},
      {.name = "text", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 2},
      {.name = "day", .type = SY_COLUMN_DATE, .f64 = days}};
  static const char *const outputs[] = {"gaps",           "sometimes", "flag",  "day",
                                        "text=(missing)", "text=a",    "text=b"};
  static const char *const told[] = {
      "column 'gaps' is missing in 2 rows: left missing, and each split learns on which side that "
      "is",
      "column 'sometimes' is the same in every row that has a value; only whether it has one is "
      "used",
      "column 'never' has no value in any row and is left out",
      "column 'constant' is the same in every row and is left out",
      "column 'nearly' is all but the same in every row and is left out",
      "column 'beyond' is all but the same in every row and is left out",
      "column 'flag' is missing in 1 row: left missing, and each split learns on which side that "
      "is"};
  sy_messages *messages = sy_messages_new();
  sy_encoder *encoder = fit(columns, 9, FEW, messages);
  size_t n = sizeof outputs / sizeof *outputs, n_told = sizeof told / sizeof *told;
  assert_int_equal(sy_encoder_n_outputs(encoder), n);
  for (size_t j = 0; j < n; j++) {
    assert_string_equal(sy_encoder_output_name(encoder, j), outputs[j]);
    assert_true(sy_encoder_output_shift(encoder, j) == 0);
    assert_true(sy_encoder_output_scale(encoder, j) == 1);
  }
  assert_int_equal(sy_messages_count(messages), n_told);
  for (size_t i = 0; i < n_told; i++)
    if (!any_message_is(messages, told[i])) fail_msg("nothing says \"%s\"", told[i]);
  assert_int_equal(sy_encoder_input_missing(encoder, 0), 2);
  assert_int_equal(sy_encoder_input_type(encoder, 2), SY_COLUMN_BOOLEAN);
  sy_encoder_free(encoder);
  sy_messages_free(messages);
}

/* Profiles are those of the numbers, whatever the encoder does with them. */
static void profiles_are_those_of_any_encoder(void **state) {
  (void)state;
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    random_table *table = random_table_new(seed);
    sy_encoder_options options = raw();
    sy_encoder *a = NULL, *b = NULL;
    if (!sy_encoder_fit(&table->frame, table->row_weights, NULL, NULL, &a, NULL) &&
        !sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &b, NULL)) {
      assert_int_equal(sy_encoder_n_inputs(a), sy_encoder_n_inputs(b));
      for (size_t i = 0; i < sy_encoder_n_inputs(a); i++, compared++) {
        const sy_profile *x = sy_encoder_profile(a, i), *y = sy_encoder_profile(b, i);
        assert_int_equal(x->n_bins, y->n_bins);
        assert_memory_equal(x->shares, y->shares, x->n_bins * sizeof *x->shares);
        assert_true(x->missing == y->missing);
      }
    }
    sy_encoder_free(a);
    sy_encoder_free(b);
    free(table);
  }
  assert_true(compared > 60);
}

/* A tile of rows is what the block says, zeros behind the last row. */
static void assert_tile(const sy_binding *binding, size_t begin, size_t rows, const double *block,
                        size_t width) {
  static double dense[SY_TILE_ROWS * RANDOM_COLUMNS];
  static uint32_t places[SY_TILE_ROWS * RANDOM_COLUMNS];
  const sy_encoder *encoder = binding->encoder;
  sy_tile tile = {.rows = rows,
                  .stride = sy_tile_stride(rows),
                  .n_dense = encoder->n_dense,
                  .n_texts = encoder->n_texts,
                  .dense = dense,
                  .places = places};
  memset(dense, 0xFF, sizeof dense);
  sy_binding_tile(binding, begin, &tile);
  for (size_t j = 0; j < encoder->n_dense; j++)
    for (size_t row = 0; row < tile.stride; row++)
      assert_true(
          same(dense[j * tile.stride + row], row < rows ? block[(begin + row) * width + j] : 0));
}

/* One row by its values: at once, and in a tile of its own. */
static void assert_row(const sy_encoder *encoder, const random_table *table,
                       const size_t *positions, size_t i, const double *expected) {
  double numbers[RANDOM_COLUMNS], dense[RANDOM_COLUMNS], row[RANDOM_COLUMNS * 16];
  const char *texts[RANDOM_COLUMNS];
  uint32_t places[RANDOM_COLUMNS];
  sy_tile tile = {.rows = 1, .stride = 1, .dense = dense, .places = places};
  for (size_t k = 0; k < sy_encoder_n_inputs(encoder); k++) {
    const sy_column *c = &table->columns[positions[k]];
    bool text = c->type == SY_COLUMN_TEXT;
    numbers[k] = text ? 0 : c->f32 ? (double)c->f32[i] : c->f64[i];
    texts[k] = !text || c->codes[i] == SY_MISSING ? NULL : c->values[c->codes[i]];
    if (text)
      sy_tile_set_text(&tile, encoder, k, texts[k]);
    else
      sy_tile_set_number(&tile, encoder, k, numbers[k]);
  }
  sy_encoder_apply_row(encoder, numbers, texts, row);
  for (size_t j = 0; j < sy_encoder_n_outputs(encoder); j++) {
    assert_true(same(row[j], expected[j]));
    if (j < encoder->n_dense) assert_true(same(dense[j], expected[j]));
  }
}

static void block_tile_and_row_agree(void **state) {
  (void)state;
  size_t missing = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    random_table *table = random_table_new(seed);
    sy_encoder_options options = raw();
    sy_encoder *encoder = NULL;
    if (sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &encoder, NULL)) {
      free(table);
      continue;
    }
    size_t width = sy_encoder_n_outputs(encoder), positions[RANDOM_COLUMNS];
    double *block = malloc(RANDOM_ROWS * width * sizeof *block);
    float *floats = malloc(RANDOM_ROWS * width * sizeof *floats);
    sy_binding binding;
    assert_true(block && floats);
    sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, block, width, NULL);
    sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F32, floats, width, NULL);
    for (size_t i = 0; i < RANDOM_ROWS * width; i++) {
      assert_true(same((double)floats[i], block[i])); /* nothing is rounded once more */
      missing += isnan(block[i]) ? 1 : 0;
    }
    assert_int_equal(sy_binding_make(encoder, &table->frame, &binding, NULL), SY_OK);
    for (size_t begin = 0; begin < RANDOM_ROWS; begin += 100)
      assert_tile(&binding, begin, begin == 600 ? 93 : 100, block, width);
    sy_binding_clear(&binding);
    assert_int_equal(sy_encoder_match(encoder, &table->frame, positions, NULL), SY_OK);
    for (size_t i = 0; i < RANDOM_ROWS; i += 3)
      assert_row(encoder, table, positions, i, block + i * width);
    free(block);
    free(floats);
    sy_encoder_free(encoder);
    free(table);
  }
  assert_true(missing > 1000);
}

static void raw_columns_by_name(void **state) {
  (void)state;
  static const char *const names[] = {"b", "a"}, *const twice[] = {"a", "a"};
  sy_encoder *encoder = NULL;
  sy_error error;
  assert_int_equal(sy_encoder_raw(names, 2, &encoder, NULL), SY_OK);
  assert_true(sy_encoder_is_raw(encoder));
  assert_string_equal(sy_encoder_output_name(encoder, 1), "a");
  assert_int_equal(sy_encoder_input_type(encoder, 0), SY_COLUMN_NUMBER);
  assert_null(sy_encoder_profile(encoder, 0));
  double numbers[] = {0.1, INFINITY}, row[2];
  sy_encoder_apply_row(encoder, numbers, NULL, row);
  assert_true(row[0] == (double)0.1F && isnan(row[1]));
  sy_encoder_free(encoder);
  encoder = NULL;
  assert_int_equal(sy_encoder_raw(names, 0, &encoder, &error), SY_INVALID_SHAPE);
  assert_int_equal(sy_encoder_raw(twice, 2, &encoder, &error), SY_INVALID_DATA);
  assert_string_equal(error.text, "two columns are called 'a'");
  assert_null(encoder);
}

static void missing_numbers_need_trees(void **state) {
  (void)state;
  static const char *const names[] = {"a"}, *const classes[] = {"no", "yes"};
  static const double one[] = {1}, zeros[4] = {0};
  const sy_network_shape shape = {.n_features = 1, .n_outputs = 2};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = -1};
  for (int network = 0; network < 2; network++) {
    sy_encoder *encoder = NULL;
    sy_predictor *predictor = NULL;
    sy_model *model = NULL;
    sy_error error;
    assert_int_equal(sy_encoder_raw(names, 1, &encoder, NULL), SY_OK);
    assert_int_equal(network ? sy_predictor_network(&shape, zeros, 1, &predictor, NULL)
                             : sy_predictor_logistic(1, 2, 1, one, one, &predictor, NULL),
                     SY_OK);
    assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, &error), SY_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, network ? "family mlp" : "family logistic"));
    assert_null(model);
  }
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  random_table *table = random_table_new(3);
  static const char *const names[] = {"b", "a"};
  const sy_encoder_options options = raw();
  bool done = false;
  sy_threads_set(1);
  for (size_t n = 1; !done; n++) {
    sy_encoder *fitted = NULL, *named = NULL;
    sy_error error;
    sy_memory_fail_nth(n);
    sy_status status = sy_encoder_fit(&table->frame, NULL, &options, NULL, &fitted, &error);
    if (!status) status = sy_encoder_raw(names, 2, &named, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_encoder_free(fitted);
    sy_encoder_free(named);
  }
  sy_threads_set(0);
  free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_stay_as_they_are),
      cmocka_unit_test(what_is_beyond_the_range_goes_the_same_way),
      cmocka_unit_test(what_is_kept_and_told),
      cmocka_unit_test(profiles_are_those_of_any_encoder),
      cmocka_unit_test(block_tile_and_row_agree),
      cmocka_unit_test(raw_columns_by_name),
      cmocka_unit_test(missing_numbers_need_trees),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
