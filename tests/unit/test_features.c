/* test_features.c: the encoder against brute force and against formulas. */
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
#include "random_model.h"
#include <steelyard/features.h>

static sy_column number_column(const char *name, const double *values) {
  return (sy_column){.name = name, .type = SY_COLUMN_NUMBER, .f64 = values};
}

static sy_column text_column(const char *name, const uint32_t *codes, const char *const *values,
                             size_t n_values) {
  return (sy_column){
      .name = name, .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = n_values};
}

/* Fits, which must succeed. */
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

static bool any_message_has(const sy_messages *messages, const char *part) {
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    if (strstr(sy_messages_get(messages, i), part)) return true;
  return false;
}

static void assert_near(double actual, double expected, double tolerance) {
  if (!(fabs(actual - expected) <= tolerance * (1 + fabs(expected))))
    fail_msg("%.17g is not %.17g", actual, expected);
}

static void assert_outputs(const sy_encoder *encoder, const char *const *names, size_t n) {
  assert_int_equal(sy_encoder_n_outputs(encoder), n);
  for (size_t j = 0; j < n; j++) assert_string_equal(sy_encoder_output_name(encoder, j), names[j]);
}

/* {1, 3, missing, 5} : mean 3, deviation sqrt(8/3); and a text with a missing one. */
static void encodes_by_hand(void **state) {
  (void)state;
  const double age[] = {1, 3, (double)NAN, 5};
  const uint32_t job[] = {1, SY_MISSING, 0, 2};
  const char *const jobs[] = {"clerk", "baker", ""};
  const sy_column columns[] = {text_column("job", job, jobs, 3), number_column("age", age)};
  sy_encoder *encoder = fit(columns, 2, 4, NULL, NULL, NULL);
  const char *const names[] = {"age", "age missing", "job=(missing)", "job=baker", "job=clerk"};
  assert_outputs(encoder, names, 5);
  assert_int_equal(sy_encoder_n_inputs(encoder), 2);
  assert_string_equal(sy_encoder_input_name(encoder, 0), "job");
  assert_int_equal(sy_encoder_input_type(encoder, 0), SY_COLUMN_TEXT);
  assert_int_equal(sy_encoder_input_missing(encoder, 0), 2);
  assert_int_equal(sy_encoder_input_missing(encoder, 1), 1);
  double d = sqrt(8.0 / 3), out[4][7];
  const double expected[4][5] = {
      {-2 / d, 0, 0, 1, 0}, {0, 0, 1, 0, 0}, {0, 1, 0, 0, 1}, {2 / d, 0, 1, 0, 0}};
  sy_frame frame = {columns, 2, 4};
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 4, SY_F64, out, 7, NULL), SY_OK);
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < 5; j++) assert_near(out[i][j], expected[i][j], 1e-15);
  sy_encoder_free(encoder);
}

/* Mean and deviation of large dates and ids, of huge and of tiny numbers: standardised values of
 * base + {0, 1, 2} * step are -+sqrt(3/2) and 0. */
static void standardises_any_magnitude(void **state) {
  (void)state;
  const double bases[] = {0, 20000, 1e12, -1e300, 1e-300, 0},
               steps[] = {1, 0.5, 10, 1e299, 1e-301, 5e-320};
  for (size_t t = 0; t < sizeof bases / sizeof *bases; t++) {
    double values[3000], out[3000];
    for (size_t i = 0; i < 3000; i++) values[i] = bases[t] + steps[t] * (double)(i % 3);
    const sy_column column = number_column("x", values);
    const sy_frame frame = {&column, 1, 3000};
    sy_encoder *encoder = fit(&column, 1, 3000, NULL, NULL, NULL);
    assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 3000, SY_F64, out, 1, NULL), SY_OK);
    for (size_t i = 0; i < 3000; i++)
      assert_near(out[i], sqrt(1.5) * ((double)(i % 3) - 1), t == 5 ? 1e-3 : 1e-12);
    sy_encoder_free(encoder);
  }
}

/* An encoded cell by the definition, from plain sums over the rows in extended precision. */
static double brute_number(const random_table *table, const sy_column *column, size_t row) {
  long double weight = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    double value = column->f32 ? (double)column->f32[i] : column->f64[i];
    if (!isfinite(value)) continue;
    weight += table->row_weights[i];
    sum += table->row_weights[i] * (long double)value;
    squares += table->row_weights[i] * (long double)value * value;
  }
  double value = column->f32 ? (double)column->f32[row] : column->f64[row];
  long double mean = sum / weight, variance = squares / weight - mean * mean;
  return isfinite(value) ? (double)((value - mean) / sqrtl(variance)) : 0;
}

static double brute_cell(const random_table *table, const sy_column *column, const char *output,
                         size_t row) {
  size_t length = strlen(column->name);
  if (column->type != SY_COLUMN_TEXT) {
    double value = column->f32 ? (double)column->f32[row] : column->f64[row];
    if (strcmp(output, column->name) == 0) return brute_number(table, column, row);
    return !isfinite(value); /* its indicator */
  }
  uint32_t code = column->codes[row];
  const char *text = code == SY_MISSING ? "" : column->values[code];
  return strcmp(output + length + 1, *text ? text : "(missing)") == 0;
}

/* The column an output comes from: by name, the longest that fits. */
static const sy_column *source_of(const random_table *table, const char *output) {
  const sy_column *best = NULL;
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    size_t length = strlen(column->name);
    bool fits = column->type == SY_COLUMN_TEXT
                    ? strncmp(output, column->name, length) == 0 && output[length] == '='
                    : strncmp(output, column->name, length) == 0 &&
                          (!output[length] || strcmp(output + length, " missing") == 0);
    if (fits && (!best || length > strlen(best->name))) best = column;
  }
  assert_non_null(best);
  return best;
}

static void agrees_with_brute_force(void **state) {
  (void)state;
  size_t checked = 0;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    random_table *table = random_table_new(seed);
    /* No "other", which brute_cell does not know. */
    sy_encoder_options all = {.min_count = 1, .max_categories = 100};
    sy_encoder *encoder = NULL;
    if (sy_encoder_fit(&table->frame, table->row_weights, &all, NULL, &encoder, NULL) == SY_OK) {
      size_t width = sy_encoder_n_outputs(encoder);
      double *out = malloc(RANDOM_ROWS * width * sizeof *out);
      assert_int_equal(
          sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, out, width, NULL),
          SY_OK);
      for (size_t j = 0; j < width; j++) {
        const char *name = sy_encoder_output_name(encoder, j);
        const sy_column *column = source_of(table, name);
        for (size_t i = 0; i < RANDOM_ROWS; i += 41, checked++)
          assert_near(out[i * width + j], brute_cell(table, column, name, i), 1e-10);
      }
      free(out);
    }
    sy_encoder_free(encoder);
    free(table);
  }
  assert_true(checked > 5000);
}

static void one_row_and_threads_give_the_same_bits(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    random_table *table = random_table_new(seed);
    sy_encoder_options options = {.min_count = 2, .max_categories = 4};
    sy_encoder *encoder = NULL, *again = NULL;
    sy_threads_set(1);
    if (sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &encoder, NULL)) {
      free(table);
      continue;
    }
    size_t width = sy_encoder_n_outputs(encoder), size = RANDOM_ROWS * width;
    double *block = malloc(size * sizeof *block), *threads = malloc(size * sizeof *threads);
    float *floats = malloc(size * sizeof *floats);
    sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, block, width, NULL);
    sy_threads_set(3);
    assert_int_equal(
        sy_encoder_fit(&table->frame, table->row_weights, &options, NULL, &again, NULL), SY_OK);
    sy_encoder_apply(again, &table->frame, 0, 300, SY_F64, threads, width, NULL);
    sy_encoder_apply(again, &table->frame, 300, RANDOM_ROWS, SY_F64, threads + 300 * width, width,
                     NULL);
    sy_threads_set(0);
    assert_memory_equal(block, threads, size * sizeof *block);
    sy_encoder_apply(again, &table->frame, 0, RANDOM_ROWS, SY_F32, floats, width, NULL);
    for (size_t i = 0; i < size; i++) assert_true(floats[i] == (float)block[i]);
    size_t positions[RANDOM_COLUMNS];
    assert_int_equal(sy_encoder_match(encoder, &table->frame, positions, NULL), SY_OK);
    for (size_t i = 0; i < RANDOM_ROWS; i++) {
      double numbers[RANDOM_COLUMNS], row[200];
      const char *texts[RANDOM_COLUMNS];
      for (size_t k = 0; k < sy_encoder_n_inputs(encoder); k++) {
        const sy_column *c = &table->columns[positions[k]];
        bool text = c->type == SY_COLUMN_TEXT;
        numbers[k] = text ? 0 : c->f32 ? (double)c->f32[i] : c->f64[i];
        texts[k] = !text || c->codes[i] == SY_MISSING ? NULL : c->values[c->codes[i]];
      }
      sy_encoder_apply_row(encoder, numbers, texts, row);
      assert_memory_equal(row, block + i * width, width * sizeof *row);
    }
    free(block);
    free(threads);
    free(floats);
    sy_encoder_free(encoder);
    sy_encoder_free(again);
    free(table);
  }
}

/* Rows of weight 0, 1, 2 against the rows left out, once, twice. */
static void weight_k_is_k_copies(void **state) {
  (void)state;
  enum { N = 1500 };
  static double x[N], weights[N], copied[2 * N];
  static uint32_t codes[N], copied_codes[2 * N];
  const char *const values[] = {"a", "b", "c", "rare", "never"};
  size_t n = 0;
  for (size_t i = 0; i < N; i++) {
    weights[i] = (double)(i * 7 % 3);
    x[i] = i % 11 == 0 ? (double)NAN : sin((double)i) * 1000;
    codes[i] = (uint32_t)(i / 3 % 3);
    if (i == 70 || i == 71) codes[i] = 3; /* weights 1 and 2: three copies */
    if (weights[i] == 0 && i > 700) codes[i] = 4;
    for (size_t copy = 0; copy < (size_t)weights[i]; copy++, n++) {
      copied[n] = x[i];
      copied_codes[n] = codes[i];
    }
  }
  const sy_column weighted[] = {number_column("x", x), text_column("t", codes, values, 5)};
  const sy_column copies[] = {number_column("x", copied),
                              text_column("t", copied_codes, values, 5)};
  for (size_t min_count = 1; min_count <= 4; min_count++) {
    sy_encoder_options options = {.min_count = min_count, .max_categories = 64};
    sy_encoder *a = fit(weighted, 2, N, weights, &options, NULL);
    sy_encoder *b = fit(copies, 2, n, NULL, &options, NULL);
    size_t width = sy_encoder_n_outputs(a);
    assert_int_equal(width, 2 + 4); /* "never" is nowhere; "rare" a level or "other" */
    assert_int_equal(sy_encoder_n_outputs(b), width);
    for (size_t j = 0; j < width; j++)
      assert_string_equal(sy_encoder_output_name(a, j), sy_encoder_output_name(b, j));
    assert_string_equal(sy_encoder_output_name(a, 5), min_count <= 3 ? "t=rare" : "t=(other)");
    double numbers[] = {123.456, 0}, out_a[8], out_b[8];
    const char *const texts[] = {NULL, "rare"};
    sy_encoder_apply_row(a, numbers, texts, out_a);
    sy_encoder_apply_row(b, numbers, texts, out_b);
    for (size_t j = 0; j < width; j++) assert_near(out_a[j], out_b[j], 1e-13);
    sy_encoder_free(a);
    sy_encoder_free(b);
  }
}

/* Scaling all row weights must not make values too rare for the default. */
static void scale_of_row_weights_changes_nothing(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 1, 0, 2, 0};
  const char *const values[] = {"a", "b", "c"};
  const double weights[] = {0.2, 0.2, 0.2, 0.2, 0.2};
  const sy_column column = text_column("t", codes, values, 3);
  sy_encoder *encoder = fit(&column, 1, 5, weights, NULL, NULL);
  const char *const names[] = {"t=a", "t=b", "t=c"};
  assert_outputs(encoder, names, 3);
  sy_encoder_free(encoder);
}

static void keeps_the_most_frequent_levels(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 0, 0, 1, 1, 2, 2, 3, 3, 4};
  const char *const values[] = {"z", "d", "c", "b", "a"};
  const sy_column column = text_column("t", codes, values, 5);
  sy_encoder_options options = {.min_count = 1, .max_categories = 3};
  sy_messages *messages = sy_messages_new();
  sy_encoder *encoder = fit(&column, 1, 10, NULL, &options, messages);
  const char *const names[] = {"t=b", "t=c", "t=z", "t=(other)"}; /* ties by bytes: b, c not d */
  assert_outputs(encoder, names, 4);
  assert_true(any_message_has(
      messages, "column 't' has 5 values; the 3 most frequent are kept, the others (30 % of rows) "
                "become 'other'"));
  const char *const unseen[] = {"unseen"};
  double out[4], nothing[] = {0};
  sy_encoder_apply_row(encoder, nothing, unseen, out);
  assert_true(out[0] == 0 && out[1] == 0 && out[2] == 0 && out[3] == 1);
  sy_encoder_free(encoder);
  encoder = fit(&column, 1, 10, NULL, NULL, NULL);
  assert_int_equal(sy_encoder_n_outputs(encoder), 5);
  double five[5];
  sy_encoder_apply_row(encoder, nothing, unseen, five);
  for (size_t j = 0; j < 5; j++) assert_true(five[j] == 0);
  sy_encoder_free(encoder);
  sy_messages_free(messages);
}

static void drops_constant_columns_and_tells(void **state) {
  (void)state;
  enum { N = 6 };
  const double same[N] = {7, 7, 7, 7, 7, 7}, noise[N] = {1e15, 1e15 + 1, 1e15, 1e15, 1e15, 1e15};
  const double none[N] = {NAN, NAN, NAN, NAN, NAN, NAN}, half[N] = {3, NAN, 3, 3, INFINITY, 3};
  const double good[N] = {1, 2, 3, 4, 5, 6}, weighted_away[N] = {1, 1, 1, 1, 1, 2};
  const double weights[N] = {1, 1, 1, 1, 1, 0};
  const uint32_t empty[N] = {0, SY_MISSING, 0, 0, 0, 0}, one[N] = {1, 1, 1, 1, 1, 0};
  const uint32_t rare[N] = {0, 1, 2, 3, 4, 5};
  const char *const values[] = {"", "v"}, *const six[] = {"a", "b", "c", "d", "e", "f"};
  const sy_column columns[] = {number_column("same", same),
                               number_column("noise", noise),
                               number_column("none", none),
                               number_column("half", half),
                               number_column("good", good),
                               number_column("weighted away", weighted_away),
                               text_column("empty", empty, values, 2),
                               text_column("one", one, values, 2),
                               text_column("rare", rare, six, 6)};
  sy_messages *messages = sy_messages_new();
  sy_encoder_options options = {.min_count = 2, .max_categories = 64};
  sy_encoder *encoder = fit(columns, 9, N, weights, &options, messages);
  const char *const names[] = {"good", "half missing"};
  assert_outputs(encoder, names, 2);
  assert_true(any_message_has(messages, "'same' is the same in every row and is left out"));
  assert_true(any_message_has(messages, "'noise' is all but the same in every row"));
  assert_true(any_message_has(messages, "'none' has no value in any row and is left out"));
  assert_true(any_message_has(messages, "'half' is the same in every row that has a value"));
  assert_true(any_message_has(messages, "'weighted away' is the same in every row"));
  assert_true(any_message_has(messages, "'empty' has no value in any row"));
  assert_true(any_message_has(messages, "'one' is the same in every row"));
  assert_true(any_message_has(messages, "'rare' has no value seen at least 2 times"));
  const double numbers[] = {NAN, 99}; /* half, good */
  const char *const texts[] = {NULL, NULL};
  double out[2];
  sy_encoder_apply_row(encoder, numbers, texts, out);
  assert_true(out[1] == 1);
  sy_encoder_free(encoder);
  sy_messages_free(messages);
}

static void tells_of_missing_numbers_and_ids(void **state) {
  (void)state;
  enum { N = 40 };
  double x[N];
  uint32_t nearly[N], id[N];
  char ids[N][8];
  const char *id_values[N], *nearly_values[N];
  for (size_t i = 0; i < N; i++) {
    x[i] = i % 4 == 0 ? (double)NAN : (double)i;
    snprintf(ids[i], sizeof ids[i], "%zu", i * 10);
    id_values[i] = nearly_values[i] = ids[i];
    id[i] = (uint32_t)i;
    nearly[i] = i < 20 ? (uint32_t)i : 20;
  }
  nearly_values[20] = "NA";
  char name[] = "name 0";
  id_values[0] = name;
  id_values[1] = id_values[2] = id_values[3] = id_values[4] = "text"; /* 35 of 37: not nearly all */
  for (size_t i = 1; i < 5; i++) id[i] = 1;
  id_values[2] = "u";
  id_values[3] = "v";
  id_values[4] = "w";
  id[2] = 2, id[3] = 3, id[4] = 4;
  const sy_column columns[] = {number_column("x", x), text_column("near", nearly, nearly_values, N),
                               text_column("id", id, id_values, N)};
  sy_messages *messages = sy_messages_new();
  sy_encoder *encoder = fit(columns, 3, N, NULL, NULL, messages);
  assert_true(any_message_has(messages, "column 'x' is missing in 10 rows"));
  assert_true(any_message_has(messages, "column 'near' is read as text because of values such as "
                                        "'NA' (row 21); --null 'NA' makes them missing"));
  assert_false(any_message_has(messages, "column 'id' is read as text"));
  assert_true(any_message_has(messages, "column 'id' has 40 values in 40 rows"));
  assert_true(any_message_has(messages, "--exclude 'id'"));
  assert_int_equal(sy_messages_count(messages), 4); /* near has 21 values in 40 rows, too */
  sy_encoder_free(encoder);
  sy_messages_free(messages);
}

static sy_status fit_status(const sy_column *columns, size_t n, size_t rows, const double *weights,
                            const sy_encoder_options *options, sy_error *error) {
  sy_frame frame = {columns, n, rows};
  sy_encoder *encoder = NULL;
  sy_status status = sy_encoder_fit(&frame, weights, options, NULL, &encoder, error);
  assert_null(encoder);
  return status;
}

static void refuses_what_cannot_be_fitted(void **state) {
  (void)state;
  const double x[] = {1, 2, 3}, same[] = {4, 4, 4}, zeros[3] = {0}, bad[] = {1, -2, 1};
  const uint32_t codes[] = {0, 5, 0};
  const char *const values[] = {"a"};
  const sy_column number = number_column("x", x), constant = number_column("c", same);
  const sy_column twice[] = {number, number}, both = {.name = "b", .f32 = NULL, .f64 = NULL};
  const sy_column outside = text_column("t", codes, values, 1);
  sy_error error;
  assert_int_equal(fit_status(&number, 0, 3, NULL, NULL, &error), SY_INVALID_SHAPE);
  assert_int_equal(fit_status(&number, 1, 0, NULL, NULL, &error), SY_NO_ROWS);
  assert_int_equal(fit_status(&number, 1, 3, zeros, NULL, &error), SY_NO_ROWS);
  assert_int_equal(fit_status(&number, 1, 3, bad, NULL, &error), SY_INVALID_WEIGHT);
  assert_non_null(strstr(error.text, "-2 at row 2"));
  assert_int_equal(fit_status(&constant, 1, 3, NULL, NULL, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "'c'"));
  assert_int_equal(fit_status(twice, 2, 3, NULL, NULL, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "two columns are called 'x'"));
  assert_int_equal(fit_status(&both, 1, 3, NULL, NULL, &error), SY_INVALID_SHAPE);
  assert_int_equal(fit_status(&outside, 1, 3, NULL, NULL, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "row 2"));
  sy_encoder_options options = {.min_count = 1, .max_categories = 0};
  assert_int_equal(fit_status(&number, 1, 3, NULL, &options, &error), SY_INVALID_ARGUMENT);
  options.max_categories = 10001;
  assert_int_equal(fit_status(&number, 1, 3, NULL, &options, &error), SY_INVALID_ARGUMENT);
}

static void matches_columns_by_name_and_type(void **state) {
  (void)state;
  const double x[] = {1, 2, 3};
  const float f[] = {1, 2, 3};
  const uint32_t codes[] = {0, 1, 0};
  const char *const values[] = {"a", "b"};
  const sy_column training[] = {number_column("speed", x), text_column("kind", codes, values, 2)};
  sy_encoder *encoder = fit(training, 2, 3, NULL, NULL, NULL);
  const sy_column other[] = {text_column("kind", codes, values, 2),
                             number_column("more", x),
                             {.name = "speed", .type = SY_COLUMN_BOOLEAN, .f32 = f}};
  sy_frame frame = {other, 3, 3};
  size_t positions[2];
  sy_error error;
  assert_int_equal(sy_encoder_match(encoder, &frame, positions, &error), SY_OK);
  assert_int_equal(positions[0], 2);
  assert_int_equal(positions[1], 0);
  const sy_column lacks[] = {
      text_column("kind", codes, values, 2), {.f64 = x}, number_column("Sped", x)};
  frame = (sy_frame){lacks, 3, 3};
  assert_int_equal(sy_encoder_match(encoder, &frame, positions, &error), SY_MISSING_COLUMN);
  assert_non_null(strstr(error.text, "'speed'"));
  assert_non_null(strstr(error.text, "'Sped'"));
  const sy_column texts[] = {text_column("kind", codes, values, 2),
                             text_column("speed", codes, values, 2)};
  frame = (sy_frame){texts, 2, 3};
  double out[9];
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 3, SY_F64, out, 3, &error),
                   SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "'speed' was a number in training and holds text"));
  frame = (sy_frame){training, 2, 3};
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 4, SY_F64, out, 3, &error),
                   SY_INVALID_SHAPE);
  assert_int_equal(sy_encoder_apply(encoder, &frame, 0, 3, SY_F64, out, 2, &error),
                   SY_INVALID_SHAPE);
  sy_encoder_free(encoder);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  random_table *table = random_table_new(8);
  double *out = malloc(RANDOM_ROWS * 200 * sizeof *out);
  sy_threads_set(1);
  bool done = false;
  size_t n = 0;
  while (!done) {
    sy_encoder *encoder = NULL;
    sy_error error;
    sy_memory_fail_nth(++n);
    sy_status status =
        sy_encoder_fit(&table->frame, table->row_weights, NULL, NULL, &encoder, &error);
    if (!status)
      status = sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, out, 200, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_encoder_free(encoder);
  }
  assert_true(n > 20);
  sy_threads_set(0);
  free(out);
  free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encodes_by_hand),
      cmocka_unit_test(standardises_any_magnitude),
      cmocka_unit_test(agrees_with_brute_force),
      cmocka_unit_test(one_row_and_threads_give_the_same_bits),
      cmocka_unit_test(weight_k_is_k_copies),
      cmocka_unit_test(scale_of_row_weights_changes_nothing),
      cmocka_unit_test(keeps_the_most_frequent_levels),
      cmocka_unit_test(drops_constant_columns_and_tells),
      cmocka_unit_test(tells_of_missing_numbers_and_ids),
      cmocka_unit_test(refuses_what_cannot_be_fitted),
      cmocka_unit_test(matches_columns_by_name_and_type),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
