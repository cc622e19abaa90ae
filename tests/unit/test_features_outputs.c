/* test_features_outputs.c: where encoded columns come from, and how to give them back in the unit
 * of the raw ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_model.h"

/* {1, 3, missing, 5}: mean 3, deviation sqrt(8/3). */
static void outputs_by_hand(void **state) {
  (void)state;
  const double age[] = {1, 3, (double)NAN, 5}, speed[] = {0, 2, 0, 2};
  const uint32_t job[] = {1, SY_MISSING, 0, 2};
  const char *const jobs[] = {"clerk", "baker", ""};
  const sy_column columns[] = {
      {.name = "job", .type = SY_COLUMN_TEXT, .codes = job, .values = jobs, .n_values = 3},
      {.name = "age", .type = SY_COLUMN_NUMBER, .f64 = age},
      {.name = "speed", .type = SY_COLUMN_NUMBER, .f64 = speed}};
  const struct {
    const char *name;
    size_t input;
    double shift, scale;
  } wanted[] = {{"age", 1, 3, sqrt(8.0 / 3)}, {"speed", 2, 1, 1},     {"age missing", 1, 0, 1},
                {"job=(missing)", 0, 0, 1},   {"job=baker", 0, 0, 1}, {"job=clerk", 0, 0, 1}};
  const sy_frame frame = {columns, 3, 4};
  sy_encoder *encoder = NULL;
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_encoder_n_outputs(encoder), 6);
  for (size_t j = 0; j < 6; j++) {
    assert_string_equal(sy_encoder_output_name(encoder, j), wanted[j].name);
    assert_int_equal(sy_encoder_output_input(encoder, j), wanted[j].input);
    assert_true(fabs(sy_encoder_output_shift(encoder, j) - wanted[j].shift) < 1e-14);
    assert_true(fabs(sy_encoder_output_scale(encoder, j) - wanted[j].scale) < 1e-14);
  }
  sy_encoder_free(encoder);
}

static double raw_number(const sy_column *column, size_t row) {
  return column->f32 ? (double)column->f32[row] : column->f64[row];
}

/* Of a number (raw - shift) / scale is what the encoder makes of it, to the bit; what else comes of
 * a column is as it is. */
static void encoded_is_raw_less_shift_by_scale(void **state) {
  (void)state;
  size_t numbers = 0, others = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    random_table *table = random_table_new(seed);
    sy_encoder *encoder = NULL;
    size_t positions[RANDOM_COLUMNS];
    if (sy_encoder_fit(&table->frame, table->row_weights, NULL, NULL, &encoder, NULL) == SY_OK) {
      size_t width = sy_encoder_n_outputs(encoder);
      double *out = malloc(RANDOM_ROWS * width * sizeof *out);
      sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, out, width, NULL);
      assert_int_equal(sy_encoder_match(encoder, &table->frame, positions, NULL), SY_OK);
      for (size_t j = 0; j < width; j++) {
        size_t input = sy_encoder_output_input(encoder, j);
        const char *raw = sy_encoder_input_name(encoder, input);
        const char *name = sy_encoder_output_name(encoder, j);
        double shift = sy_encoder_output_shift(encoder, j);
        double scale = sy_encoder_output_scale(encoder, j);
        assert_memory_equal(name, raw, strlen(raw));
        if (sy_encoder_input_type(encoder, input) == SY_COLUMN_TEXT || strcmp(name, raw) != 0) {
          assert_true(shift == 0 && scale == 1);
          others++;
          continue;
        }
        for (size_t i = 0; i < RANDOM_ROWS; i++) {
          double value = raw_number(&table->columns[positions[input]], i);
          double wanted = isfinite(value) ? (value - shift) / scale : 0;
          assert_true(out[i * width + j] == wanted);
        }
        numbers++;
      }
      free(out);
    }
    sy_encoder_free(encoder);
    free(table);
  }
  assert_true(numbers > 40 && others > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_by_hand),
      cmocka_unit_test(encoded_is_raw_less_shift_by_scale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
