/* test_features_codes.c: texts of many values as columns of codes, against their definition. */
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
#include "features/encoder.h"
#include "many_values.h"

static sy_column number_column(const char *name, const double *values) {
  return (sy_column){.name = name, .type = SY_COLUMN_NUMBER, .f64 = values};
}

static sy_encoder_options codes_above(size_t max_categories) {
  sy_encoder_options options = sy_encoder_options_default();
  options.codes = true;
  options.max_categories = max_categories;
  return options;
}

static sy_encoder *fit(const sy_column *columns, size_t n_columns, size_t rows,
                       const double *row_weights, const sy_encoder_options *options,
                       sy_messages *messages) {
  sy_frame frame = {columns, n_columns, rows};
  sy_encoder *encoder = NULL;
  sy_error error = {0};
  if (sy_encoder_fit(&frame, row_weights, options, messages, &encoder, &error))
    fail_msg("%s", error.text);
  return encoder;
}

static void assert_message(const sy_messages *messages, const char *text) {
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    if (strcmp(sy_messages_get(messages, i), text) == 0) return;
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    print_message("%s\n", sy_messages_get(messages, i));
  fail_msg("no message says \"%s\"", text);
}

static double code_of(const sy_encoder *encoder, size_t place, const char *text) {
  const char *texts[8];
  double numbers[8] = {0}, out[16];
  for (size_t i = 0; i < 8; i++) texts[i] = text;
  sy_encoder_apply_row(encoder, numbers, texts, out);
  return out[place];
}

/* Order of the outputs: numbers, indicators, codes, levels; codes by bytes; once is other. */
static void codes_by_hand(void **state) {
  (void)state;
  const double x[] = {1, 3, (double)NAN, 5, 1, 1, 1, 1};
  const uint32_t many[] = {3, 0, 0, 3, 1, SY_MISSING, 2, 4}, few[] = {0, 1, 0, 1, 0, 1, 0, 1};
  const char *const values[] = {"b", "c", "", "a", "d"}, *const two[] = {"yes", "no"};
  const sy_column columns[] = {text_column("few", few, two, 2),
                               text_column("many", many, values, 5), number_column("x", x)};
  const char *const names[] = {"x", "x missing", "many (code)", "few=no", "few=yes"};
  const size_t n_codes[] = {0, 0, 4, 0, 0}, inputs[] = {2, 2, 1, 0, 0};
  sy_encoder_options options = codes_above(2);
  sy_messages *messages = sy_messages_new();
  sy_encoder *encoder = fit(columns, 3, 8, NULL, &options, messages);
  assert_int_equal(sy_encoder_n_outputs(encoder), 5);
  for (size_t j = 0; j < 5; j++) {
    assert_string_equal(sy_encoder_output_name(encoder, j), names[j]);
    assert_int_equal(sy_encoder_output_codes(encoder, j), n_codes[j]);
    assert_int_equal(sy_encoder_output_input(encoder, j), inputs[j]);
    if (j > 0)
      assert_true(sy_encoder_output_shift(encoder, j) == 0 &&
                  sy_encoder_output_scale(encoder, j) == 1);
  }
  assert_message(messages, "column 'many' has 5 values: embedded (2 is --max-categories); those "
                           "seen in one row (25 % of rows) count as 'other'");
  assert_int_equal(sy_encoder_input_missing(encoder, 1), 2);
  const double expected[] = {1, 2, 2, 1, 3, 0, 0, 3}; /* "" a b, and c and d, seen once */
  const sy_frame frame = {columns, 3, 8};
  float out[8][5];
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 8, SY_F32, out, 5, NULL), SY_OK);
  for (size_t i = 0; i < 8; i++) assert_true((double)out[i][2] == expected[i]);
  assert_true(code_of(encoder, 2, "never seen") == 3);
  assert_true(code_of(encoder, 2, NULL) == 0);
  sy_encoder_free(encoder);
  options.codes = false;
  encoder = fit(columns, 3, 8, NULL, &options, NULL);
  for (size_t j = 0; j < sy_encoder_n_outputs(encoder); j++)
    assert_int_equal(sy_encoder_output_codes(encoder, j), 0);
  sy_encoder_free(encoder);
  sy_messages_free(messages);
}

static void codes_by_brute_force(void **state) {
  (void)state;
  static double out[MANY_ROWS];
  for (uint64_t seed = 1; seed <= 12; seed++) {
    many_values *w = many_values_new(seed);
    sy_encoder_options options = codes_above(3);
    options.min_count = 1 + seed % 4;
    options.max_codes = seed % 3 ? 10000 : 20;
    const char *kept[MANY_VALUES + 1];
    size_t n = brute_values(w, &options, kept);
    sy_encoder *encoder = fit(&w->column, 1, MANY_ROWS, w->weights, &options, NULL);
    const sy_frame frame = {&w->column, 1, MANY_ROWS};
    assert_true(n > 10 && n <= options.max_codes);
    assert_int_equal(sy_encoder_n_outputs(encoder), 1);
    assert_int_equal(sy_encoder_output_codes(encoder, 0), n + 1);
    assert_int_equal(sy_encoder_apply(encoder, &frame, 0, MANY_ROWS, SY_F64, out, 1, NULL), SY_OK);
    for (size_t i = 0; i < MANY_ROWS; i++)
      assert_true(out[i] == (double)place_in(kept, n, text_of(w, i)));
    sy_encoder_free(encoder);
    free(w);
  }
}

/* The 64 most frequent values, all others that have a code, and those that have none. */
static void profile_by_brute_force(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    many_values *w = many_values_new(seed);
    sy_encoder_options options = codes_above(3);
    options.max_codes = seed % 2 ? 10000 : 30;
    const char *kept[MANY_VALUES + 1], *listed[MANY_VALUES + 1];
    size_t n = brute_values(w, &options, kept), n_listed = 0;
    sy_encoder_options most = options;
    if (n > 64) most.max_codes = 64;
    n_listed = brute_values(w, &most, listed);
    sy_encoder *encoder = fit(&w->column, 1, MANY_ROWS, w->weights, &options, NULL);
    const sy_profile *profile = sy_encoder_profile(encoder, 0);
    assert_int_equal(profile->n_bins, n_listed + 2);
    assert_null(profile->edges);
    double all = 0, of_codes = 0, weight;
    for (size_t i = 0; i < MANY_ROWS; i++) all += w->weights[i];
    for (size_t k = 0; k < n; k++) {
      rows_of(w, kept[k], &weight);
      of_codes += weight;
    }
    for (size_t b = 0; b < n_listed; b++) {
      rows_of(w, listed[b], &weight);
      assert_int_equal(profile->codes[b], place_in(kept, n, listed[b]));
      assert_true(fabs(profile->shares[b] - weight / all) < 1e-14);
      of_codes -= weight;
    }
    rows_of(w, "", &weight);
    assert_true(fabs(profile->shares[n_listed] - of_codes / all) < 1e-12);
    assert_true(fabs(profile->missing - weight / all) < 1e-14);
    double sum = 0;
    for (size_t b = 0; b < profile->n_bins; b++) sum += profile->shares[b];
    assert_true(fabs(sum - 1) < 1e-12);
    assert_true(seed % 2 ? n > 64 && n_listed == 64 : n == 30 && n_listed == 30);
    sy_encoder_free(encoder);
    free(w);
  }
}

/* As many values as --max-categories are levels yet; of values that must be seen more often, only
 * those that are count. */
static void few_values_stay_levels(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 0, 0, 1, 1, 1, 2, 2, 3, 3};
  const char *const values[] = {"a", "b", "c", "d"};
  const sy_column column = text_column("t", codes, values, 4);
  sy_encoder_options options = codes_above(4);
  sy_encoder *encoder = fit(&column, 1, 10, NULL, &options, NULL);
  assert_int_equal(sy_encoder_n_outputs(encoder), 4);
  sy_encoder_free(encoder);
  options.max_categories = 2;
  options.min_count = 3; /* a and b, and other */
  encoder = fit(&column, 1, 10, NULL, &options, NULL);
  assert_int_equal(sy_encoder_n_outputs(encoder), 3);
  assert_string_equal(sy_encoder_output_name(encoder, 2), "t=(other)");
  sy_encoder_free(encoder);
  options.min_count = 2;
  encoder = fit(&column, 1, 10, NULL, &options, NULL);
  assert_int_equal(sy_encoder_output_codes(encoder, 0), 5);
  sy_encoder_free(encoder);
}

/* Two rows are two rows at any weight over 0, and one is one. */
static void scale_of_row_weights_changes_nothing(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 0, 1, 1, 2, 3, 3};
  const char *const values[] = {"a", "b", "c", "d"};
  const sy_column column = text_column("t", codes, values, 4);
  sy_encoder_options options = codes_above(2);
  for (int e = -3; e <= 6; e++) {
    double scale = pow(10, e);
    const double weights[] = {scale, scale, scale, scale, 5 * scale, scale, 0};
    sy_encoder *encoder = fit(&column, 1, 7, weights, &options, NULL);
    assert_int_equal(sy_encoder_output_codes(encoder, 0), 3);
    const char *const texts[] = {"a", "b", "c", "d"};
    for (size_t v = 0; v < 4; v++)
      assert_true(code_of(encoder, 0, texts[v]) == (v < 2 ? (double)v : 2));
    sy_encoder_free(encoder);
  }
}

static void what_is_told(void **state) {
  (void)state;
  many_values *w = many_values_new(3);
  for (size_t i = 0; i < MANY_ROWS; i++) w->weights[i] = 1;
  static uint32_t apart[MANY_ROWS], plain[MANY_ROWS];
  static char names[MANY_ROWS][8];
  static const char *each[MANY_ROWS];
  for (size_t i = 0; i < MANY_ROWS; i++) {
    snprintf(names[i], sizeof names[i], "n%zu", i);
    each[i] = names[i];
    apart[i] = (uint32_t)i;
    plain[i] = (uint32_t)(i % 450);
  }
  const sy_column columns[] = {w->column, text_column("each", apart, each, MANY_ROWS),
                               text_column("twice", plain, each, MANY_ROWS)};
  sy_messages *messages = sy_messages_new();
  sy_encoder_options options = codes_above(64);
  options.max_codes = 100;
  double weight, kept_weight = 0;
  const char *kept[MANY_VALUES + 1];
  size_t n = brute_values(w, &options, kept), distinct = 0;
  for (size_t v = 0; v < MANY_VALUES; v++) distinct += rows_of(w, w->values[v], &weight) > 0;
  for (size_t k = 0; k < n; k++) {
    rows_of(w, kept[k], &weight);
    kept_weight += weight;
  }
  char expected[200];
  snprintf(expected, sizeof expected,
           "column 'many' has %zu values: embedded (64 is --max-categories); all but the 100 most "
           "frequent (%.0f %% of rows) count as 'other'",
           distinct, 100 * (1 - kept_weight / MANY_ROWS));
  sy_encoder *encoder = fit(columns, 3, MANY_ROWS, NULL, &options, messages);
  assert_message(messages, expected);
  assert_message(messages, "column 'each' has no value seen in two rows and is left out");
  assert_int_equal(sy_encoder_n_inputs(encoder), 2);
  sy_encoder_free(encoder);
  sy_messages_free(messages);
  messages = sy_messages_new();
  options.max_codes = 1000;
  encoder = fit(columns, 3, MANY_ROWS, NULL, &options, messages);
  assert_message(messages, "column 'twice' has 450 values: embedded (64 is --max-categories)");
  sy_encoder_free(encoder);
  sy_messages_free(messages);
  messages = sy_messages_new();
  options.max_categories = 10;
  options.min_count = 4;
  encoder = fit(columns, 1, MANY_ROWS, NULL, &options, messages);
  assert_non_null(strstr(sy_messages_get(messages, 0), "; those seen less than 4 times ("));
  sy_encoder_free(encoder);
  sy_messages_free(messages);
  free(w);
}

static void assert_refused(const sy_column *columns, size_t n_columns,
                           const sy_encoder_options *options, sy_status status, const char *text) {
  const sy_frame frame = {columns, n_columns, 4};
  sy_encoder *encoder = NULL;
  sy_error error;
  assert_int_equal(sy_encoder_fit(&frame, NULL, options, NULL, &encoder, &error), status);
  assert_string_equal(error.text, text);
  assert_null(encoder);
}

static void refusals(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 1, 2, 3}, one[] = {0, 0, 0, 0};
  const char *const values[] = {"a", "b", "c", "d"};
  const sy_column columns[] = {text_column("id", codes, values, 4),
                               text_column("same", one, values, 4)};
  sy_encoder_options options = codes_above(2);
  assert_refused(columns, 1, &options, SY_INVALID_DATA,
                 "the only column, 'id', has no value seen in two rows: there is nothing to learn "
                 "from");
  assert_refused(columns, 2, &options, SY_INVALID_DATA,
                 "all 2 columns, 'id' to 'same', are the same in every row or have no value seen "
                 "often enough: there is nothing to learn from");
  options.max_codes = 0;
  assert_refused(columns, 1, &options, SY_INVALID_ARGUMENT, "max_codes is 0, must be 1 to 1000000");
  options.max_codes = 1000001;
  assert_refused(columns, 1, &options, SY_INVALID_ARGUMENT,
                 "max_codes is 1000001, must be 1 to 1000000");
  options.codes = false;
  sy_encoder_free(fit(columns, 1, 4, NULL, &options, NULL));
}

/* Row by row, by block of any size, in either width, by tile, and one set value by value. */
static void assert_same_everywhere(const sy_encoder *encoder, const sy_frame *frame,
                                   const double *block, size_t width) {
  static double tiled[SY_TILE_ROWS * 64];
  static uint32_t places[SY_TILE_ROWS * RANDOM_COLUMNS];
  sy_binding binding;
  assert_int_equal(sy_binding_make(encoder, frame, &binding, NULL), SY_OK);
  for (size_t begin = 0; begin < frame->rows; begin += 100) {
    size_t rows = frame->rows - begin < 100 ? frame->rows - begin : 100;
    sy_tile tile = {.rows = rows,
                    .stride = sy_tile_stride(rows),
                    .n_dense = encoder->n_dense,
                    .n_texts = encoder->n_texts,
                    .dense = tiled,
                    .places = places};
    memset(tiled, 0xFF, sizeof tiled);
    sy_binding_tile(&binding, begin, &tile);
    for (size_t j = 0; j < encoder->n_dense; j++)
      for (size_t row = 0; row < tile.stride; row++)
        assert_true(tiled[j * tile.stride + row] ==
                    (row < rows ? block[(begin + row) * width + j] : 0));
  }
  sy_binding_clear(&binding);
}

static void block_tile_and_row_agree(void **state) {
  (void)state;
  size_t with_codes = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    random_table *table = random_table_new(seed);
    sy_encoder_options options = codes_above(1 + seed % 8);
    sy_encoder *encoder = NULL;
    if (sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &encoder, NULL)) {
      free(table);
      continue;
    }
    size_t width = sy_encoder_n_outputs(encoder), size = RANDOM_ROWS * width;
    double *block = malloc(size * sizeof *block), *row = malloc(width * sizeof *row);
    float *floats = malloc(size * sizeof *floats);
    assert_true(block && row && floats);
    sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, block, width, NULL);
    sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F32, floats, width, NULL);
    for (size_t i = 0; i < size; i++) assert_true(floats[i] == (float)block[i]);
    for (size_t j = 0; j < width; j++) {
      size_t n_codes = sy_encoder_output_codes(encoder, j);
      with_codes += n_codes > 0;
      for (size_t i = 0; i < RANDOM_ROWS && n_codes; i++)
        assert_true(block[i * width + j] >= 0 && block[i * width + j] < (double)n_codes);
    }
    assert_same_everywhere(encoder, &table->frame, block, width);
    size_t positions[RANDOM_COLUMNS];
    assert_int_equal(sy_encoder_match(encoder, &table->frame, positions, NULL), SY_OK);
    for (size_t i = 0; i < RANDOM_ROWS; i += 3) {
      double numbers[RANDOM_COLUMNS];
      const char *texts[RANDOM_COLUMNS];
      double dense[RANDOM_COLUMNS * 2];
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
      assert_memory_equal(row, block + i * width, width * sizeof *row);
      assert_memory_equal(dense, row, encoder->n_dense * sizeof *row);
    }
    free(block);
    free(row);
    free(floats);
    sy_encoder_free(encoder);
    free(table);
  }
  assert_true(with_codes > 50);
}

static void threads_and_strides_change_nothing(void **state) {
  (void)state;
  many_values *w = many_values_new(9);
  static uint32_t apart[3 * MANY_ROWS];
  static double one[MANY_ROWS], three[MANY_ROWS];
  for (size_t i = 0; i < MANY_ROWS; i++) apart[3 * i] = w->codes[i];
  sy_column strided = w->column;
  strided.codes = apart;
  strided.stride = 3;
  sy_encoder_options options = codes_above(5);
  sy_threads_set(1);
  sy_encoder *a = fit(&w->column, 1, MANY_ROWS, w->weights, &options, NULL);
  const sy_frame frame = {&w->column, 1, MANY_ROWS}, frame_apart = {&strided, 1, MANY_ROWS};
  sy_encoder_apply(a, &frame, 0, MANY_ROWS, SY_F64, one, 1, NULL);
  sy_threads_set(3);
  sy_encoder *b = fit(&strided, 1, MANY_ROWS, w->weights, &options, NULL);
  sy_encoder_apply(b, &frame_apart, 0, MANY_ROWS, SY_F64, three, 1, NULL);
  sy_threads_set(0);
  assert_int_equal(sy_encoder_output_codes(a, 0), sy_encoder_output_codes(b, 0));
  assert_memory_equal(one, three, sizeof one);
  sy_encoder_free(a);
  sy_encoder_free(b);
  free(w);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  many_values *w = many_values_new(2);
  const sy_frame frame = {&w->column, 1, MANY_ROWS};
  sy_encoder_options options = codes_above(5);
  sy_threads_set(1);
  bool done = false;
  size_t n = 0;
  while (!done) {
    sy_encoder *encoder = NULL;
    sy_error error;
    sy_memory_fail_nth(++n);
    sy_status status = sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_encoder_free(encoder);
  }
  assert_true(n > 20);
  sy_threads_set(0);
  free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_by_hand),
      cmocka_unit_test(codes_by_brute_force),
      cmocka_unit_test(profile_by_brute_force),
      cmocka_unit_test(few_values_stay_levels),
      cmocka_unit_test(scale_of_row_weights_changes_nothing),
      cmocka_unit_test(what_is_told),
      cmocka_unit_test(refusals),
      cmocka_unit_test(block_tile_and_row_agree),
      cmocka_unit_test(threads_and_strides_change_nothing),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
