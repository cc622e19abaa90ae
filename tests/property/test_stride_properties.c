/* test_stride_properties.c: columns whose rows lie apart give the bits of columns whose rows follow
 * each other, whatever reads them. Between the rows lies what would be noticed: huge numbers, and
 * codes outside the dictionary; behind the last row lies nothing, which the sanitizer notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "random_model.h"
#include "study_world.h"
#include "table.h"

enum { MOST_COLUMNS = 16 };

/* A frame spread out. */
typedef struct apart {
  sy_column columns[MOST_COLUMNS];
  void *data[MOST_COLUMNS];
  sy_frame frame;
} apart;

static const void *data_of(const sy_column *column, size_t *size) {
  *size = column->f64 ? sizeof(double) : 4;
  return column->f64   ? (const void *)column->f64
         : column->f32 ? (const void *)column->f32
                       : (const void *)column->codes;
}

static void point_to(sy_column *column, void *row_0) {
  if (column->f64)
    column->f64 = row_0;
  else if (column->f32)
    column->f32 = row_0;
  else
    column->codes = row_0;
}

/* Strides 7, 2, 1, -1 and so on. */
static apart spread(const sy_frame *frame, uint64_t seed) {
  static const ptrdiff_t strides[] = {7, 2, 1, -1, 31, -5, 0};
  apart made = {.frame = {NULL, frame->n_columns, frame->rows}};
  assert_in_range(frame->n_columns, 1, MOST_COLUMNS);
  for (size_t c = 0; c < frame->n_columns; c++) {
    size_t size, last = frame->rows - 1;
    const char *from = data_of(&frame->columns[c], &size);
    ptrdiff_t given = strides[(c + seed) % 7], stride = given ? given : 1;
    size_t step = (size_t)(stride < 0 ? -stride : stride);
    char *to = malloc((last * step + 1) * size);
    assert_non_null(to);
    memset(to, 0x7F, (last * step + 1) * size);
    for (size_t row = 0; row <= last; row++)
      memcpy(to + (stride < 0 ? last - row : row) * step * size, from + row * size, size);
    made.data[c] = to;
    made.columns[c] = frame->columns[c];
    made.columns[c].stride = given;
    point_to(&made.columns[c], stride < 0 ? to + last * step * size : to);
  }
  return made;
}

static const sy_frame *frame_of(apart *spread_out) {
  spread_out->frame.columns = spread_out->columns;
  return &spread_out->frame;
}

static void clear(apart *spread_out) {
  for (size_t c = 0; c < spread_out->frame.n_columns; c++) free(spread_out->data[c]);
}

static void assert_same_profiles(const sy_profile *a, const sy_profile *b) {
  assert_int_equal(!a, !b);
  if (!a) return;
  assert_int_equal(a->n_bins, b->n_bins);
  assert_memory_equal(a->shares, b->shares, a->n_bins * sizeof *a->shares);
  assert_int_equal(!a->edges, !b->edges);
  if (a->edges) assert_memory_equal(a->edges, b->edges, (a->n_bins - 1) * sizeof *a->edges);
  assert_true(a->missing == b->missing && a->weight == b->weight);
}

static void assert_same_encoders(const sy_encoder *a, const sy_encoder *b) {
  assert_int_equal(sy_encoder_n_inputs(a), sy_encoder_n_inputs(b));
  assert_int_equal(sy_encoder_n_outputs(a), sy_encoder_n_outputs(b));
  for (size_t i = 0; i < sy_encoder_n_inputs(a); i++) {
    assert_int_equal(sy_encoder_input_missing(a, i), sy_encoder_input_missing(b, i));
    assert_same_profiles(sy_encoder_profile(a, i), sy_encoder_profile(b, i));
  }
  for (size_t j = 0; j < sy_encoder_n_outputs(a); j++)
    assert_string_equal(sy_encoder_output_name(a, j), sy_encoder_output_name(b, j));
}

/* Encoded by one encoder and by the other, all rows and some rows. */
static void assert_same_rows_encoded(const sy_encoder *a, const sy_frame *dense,
                                     const sy_encoder *b, const sy_frame *strided) {
  size_t width = sy_encoder_n_outputs(a), rows = dense->rows, some = rows / 3;
  for (int is_double = 0; is_double < 2; is_double++) {
    sy_dtype dtype = is_double ? SY_F64 : SY_F32;
    size_t size = width * (is_double ? sizeof(double) : sizeof(float));
    char *one = malloc(rows * size), *other = malloc(rows * size);
    assert_int_equal(sy_encoder_apply(a, dense, 0, rows, dtype, one, width, NULL), SY_OK);
    assert_int_equal(sy_encoder_apply(b, strided, 0, rows, dtype, other, width, NULL), SY_OK);
    assert_memory_equal(one, other, rows * size);
    assert_int_equal(sy_encoder_apply(b, strided, some, rows, dtype, other, width, NULL), SY_OK);
    assert_memory_equal(one + some * size, other, (rows - some) * size);
    free(one);
    free(other);
  }
}

static void encoders_are_the_same(void **state) {
  (void)state;
  size_t fitted = 0;
  for (uint64_t seed = 1; seed <= 80; seed++) {
    random_table *table = random_table_new(seed);
    apart strided = spread(&table->frame, seed);
    const double *weights = seed % 3 ? table->row_weights : NULL;
    sy_encoder *one = NULL, *other = NULL;
    sy_error error = {0}, same = {0};
    sy_status status = sy_encoder_fit(&table->frame, weights, NULL, NULL, &one, &error);
    assert_int_equal(sy_encoder_fit(frame_of(&strided), weights, NULL, NULL, &other, &same),
                     status);
    assert_string_equal(error.text, same.text);
    if (!status) {
      assert_same_encoders(one, other);
      assert_same_rows_encoded(one, &table->frame, other, frame_of(&strided));
      fitted++;
    }
    sy_encoder_free(one);
    sy_encoder_free(other);
    clear(&strided);
    free(table);
  }
  assert_true(fitted > 60);
}

/* Row after row, in more blocks and groups of columns than one. */
static void a_matrix_is_its_columns(void **state) {
  (void)state;
  enum { N = 9001, D = 19 };
  double *matrix = malloc(N * D * sizeof *matrix), *turned = malloc(N * D * sizeof *turned);
  sy_column along[D], across[D];
  char names[D][8];
  for (size_t i = 0; i < (size_t)N * D; i++)
    matrix[i] = i % 101 == 0 ? (double)NAN : sy_random_uniform(7, 1, i) * (double)(i % D + 1);
  for (size_t c = 0; c < D; c++) {
    for (size_t i = 0; i < N; i++) turned[c * N + i] = matrix[i * D + c];
    snprintf(names[c], sizeof names[c], "x%zu", c);
    along[c] = (sy_column){names[c], SY_COLUMN_NUMBER, .f64 = matrix + c, .stride = D};
    across[c] = (sy_column){names[c], SY_COLUMN_NUMBER, .f64 = turned + c * N};
  }
  const sy_frame strided = {along, D, N}, dense = {across, D, N};
  for (int threads = 1; threads <= 3; threads += 2) {
    sy_encoder *one = NULL, *other = NULL;
    sy_threads_set(threads);
    assert_int_equal(sy_encoder_fit(&dense, NULL, NULL, NULL, &one, NULL), SY_OK);
    assert_int_equal(sy_encoder_fit(&strided, NULL, NULL, NULL, &other, NULL), SY_OK);
    assert_same_encoders(one, other);
    assert_same_rows_encoded(one, &dense, other, &strided);
    sy_encoder_free(one);
    sy_encoder_free(other);
  }
  sy_threads_set(0);
  free(matrix);
  free(turned);
}

/* What is wrong is told of the row it is in, not of what lies between. */
static void codes_are_checked_where_they_lie(void **state) {
  (void)state;
  const uint32_t codes[] = {0, 9, 1, 9, 5, 9};
  const char *const values[] = {"a", "b"};
  const sy_column column = {.name = "t",
                            .type = SY_COLUMN_TEXT,
                            .codes = codes,
                            .values = values,
                            .n_values = 2,
                            .stride = 2};
  const sy_frame two = {&column, 1, 2}, three = {&column, 1, 3};
  sy_encoder *encoder = NULL, *none = NULL;
  sy_error error = {0};
  double out[3 * 2];
  assert_int_equal(sy_encoder_fit(&two, NULL, NULL, NULL, &encoder, &error), SY_OK);
  assert_int_equal(sy_encoder_fit(&three, NULL, NULL, NULL, &none, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "code 5 at row 3"));
  assert_int_equal(sy_encoder_apply(encoder, &three, 0, 3, SY_F64, out, 2, &error),
                   SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "code 5 at row 3"));
  sy_encoder_free(encoder);
}

/* Costs that vary by row are columns too. */
static void scores_are_the_same(void **state) {
  (void)state;
  static double p[2][RANDOM_ROWS * RANDOM_CLASSES], logs[2][RANDOM_ROWS * RANDOM_CLASSES];
  static int32_t decisions[2][RANDOM_ROWS];
  size_t scored = 0, varying = 0;
  for (uint64_t seed = 1; seed <= 80; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    if (model) random_adjust(table, model);
    apart strided = spread(&table->frame, seed);
    const sy_frame *frames[] = {&table->frame, frame_of(&strided)};
    sy_status status[2] = {SY_OK, SY_OK};
    for (int i = 0; i < 2 && model; i++)
      status[i] = sy_model_score(model, frames[i], logs[i], p[i], decisions[i], NULL);
    assert_int_equal(status[0], status[1]);
    if (model && !status[0]) {
      size_t size = RANDOM_ROWS * sy_model_n_classes(model) * sizeof(double);
      assert_memory_equal(logs[0], logs[1], size);
      assert_memory_equal(p[0], p[1], size);
      assert_memory_equal(decisions[0], decisions[1], sizeof decisions[0]);
      scored++;
      varying += sy_model_cost_rule(model)->n_expressions > 0;
    }
    sy_model_free(model);
    clear(&strided);
    free(table);
  }
  assert_true(scored > 50 && varying > 10);
}

static void assert_same_models(const sy_model *a, const sy_model *b) {
  void *one = NULL, *other = NULL;
  size_t size = 0, other_size = 0;
  assert_int_equal(sy_model_to_onnx(a, &one, &size, NULL), SY_OK);
  assert_int_equal(sy_model_to_onnx(b, &other, &other_size, NULL), SY_OK);
  assert_int_equal(size, other_size);
  assert_memory_equal(one, other, size);
  free(one);
  free(other);
}

static world training;
static double hint[ROWS], amounts[ROWS];
static sy_column all_columns[6];

/* The world, two columns that give the label away, and costs. Its labels are to be freed. */
static sy_frame telling_frame(void) {
  make_world(&training, 2);
  memcpy(all_columns, training.columns, sizeof training.columns);
  for (size_t i = 0; i < ROWS; i++) {
    hint[i] = i % 301 == 0 ? (double)NAN : training.x[i] / 100 + training.label_codes[i];
    amounts[i] = 1 + training.z[i];
  }
  all_columns[3] = (sy_column){.name = "hint", .type = SY_COLUMN_NUMBER, .f64 = hint};
  all_columns[4] = (sy_column){.name = "cost: amount", .type = SY_COLUMN_NUMBER, .f64 = amounts};
  all_columns[5] = training.columns[2];
  all_columns[5].name = "outcome";
  all_columns[5].codes = training.label_codes;
  return (sy_frame){all_columns, 6, ROWS};
}

static void studies_are_the_same(void **state) {
  (void)state;
  sy_frame dense = telling_frame();
  for (uint64_t seed = 0; seed < 7; seed++) {
    apart strided = spread(&dense, seed);
    const sy_frame *frames[] = {&dense, frame_of(&strided)};
    sy_study studies[2];
    sy_messages *told[2];
    for (int i = 0; i < 2; i++) {
      sy_study_options options = sy_study_options_default();
      training.data.frame = frames[i];
      studies[i] = run_study(&training.data, &options);
      told[i] = studies[i].messages;
    }
    assert_same_models(studies[0].model, studies[1].model);
    assert_int_equal(sy_messages_count(told[0]), sy_messages_count(told[1]));
    for (size_t m = 0; m < sy_messages_count(told[0]); m++)
      assert_string_equal(sy_messages_get(told[0], m), sy_messages_get(told[1], m));
    assert_true(is_told(told[0], "'outcome' alone all but determines"));
    assert_true(is_told(told[0], "'hint' alone all but determines"));
    for (int i = 0; i < 2; i++) sy_study_clear(&studies[i]);
    clear(&strided);
  }
  sy_labels_free(training.labels);
}

static sy_model *priced_model(const sy_frame *frame) {
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  training.data.frame = frame;
  sy_study study = run_study(&training.data, &options);
  sy_cost_rule rule;
  assert_int_equal(sy_cost_rule_parse("yes:no=amount, no:yes=3", NAMES, 2, &rule, NULL), SY_OK);
  assert_int_equal(sy_model_set_rule(study.model, &rule, SY_DECISION_GIVEN, NULL), SY_OK);
  sy_cost_rule_clear(&rule);
  sy_model *model = study.model;
  study.model = NULL;
  sy_study_clear(&study);
  return model;
}

static void reviews_and_monitors_are_the_same(void **state) {
  (void)state;
  sy_frame dense = telling_frame();
  sy_model *model = priced_model(&training.frame);
  for (uint64_t seed = 0; seed < 7; seed++) {
    apart strided = spread(&dense, seed);
    const sy_frame *frames[] = {&dense, frame_of(&strided)};
    sy_review reviews[2];
    sy_monitor monitors[2];
    for (int i = 0; i < 2; i++) {
      assert_int_equal(
          sy_review_model(model, frames[i], training.labels, NULL, NULL, &reviews[i], NULL), SY_OK);
      assert_int_equal(
          sy_monitor_make(model, frames[i], training.weights, NULL, &monitors[i], NULL), SY_OK);
    }
    const sy_judged_rows *rows = &reviews[0].rows;
    assert_same_rows(rows, &reviews[1].rows);
    assert_int_equal(rows->n_varying, 1);
    assert_memory_equal(rows->cost_values, reviews[1].rows.cost_values, rows->n * sizeof(double));
    assert_int_equal(monitors[0].n_columns, monitors[1].n_columns);
    for (size_t c = 0; c < monitors[0].n_columns; c++) {
      assert_string_equal(monitors[0].columns[c].name, monitors[1].columns[c].name);
      assert_true(monitors[0].columns[c].psi == monitors[1].columns[c].psi);
      assert_true(monitors[0].columns[c].missing == monitors[1].columns[c].missing);
    }
    for (int i = 0; i < 2; i++) {
      sy_review_clear(&reviews[i]);
      sy_monitor_clear(&monitors[i]);
    }
    clear(&strided);
  }
  sy_model_free(model);
  sy_labels_free(training.labels);
}

static char *bytes_written(const sy_frame *frame, const char *path, size_t *size) {
  assert_int_equal(sy_table_write(frame, path, (sy_progress){NULL, NULL}, NULL), SY_OK);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *bytes = calloc(1, 1 << 20);
  *size = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  unlink(path);
  return bytes;
}

static void files_are_the_same(void **state) {
  (void)state;
  static const char *const paths[] = {"stride.csv", "stride.jsonl", "stride.parquet"};
  sy_frame dense = telling_frame();
  all_columns[1].type = SY_COLUMN_DATE;
  for (size_t i = 0; i < 3; i++) {
    apart strided = spread(&dense, i);
    size_t size, other_size;
    char *bytes = bytes_written(&dense, paths[i], &size);
    char *other = bytes_written(frame_of(&strided), paths[i], &other_size);
    assert_int_equal(size, other_size);
    assert_true(size > ROWS);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
    clear(&strided);
  }
  sy_labels_free(training.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encoders_are_the_same),
      cmocka_unit_test(a_matrix_is_its_columns),
      cmocka_unit_test(codes_are_checked_where_they_lie),
      cmocka_unit_test(scores_are_the_same),
      cmocka_unit_test(studies_are_the_same),
      cmocka_unit_test(reviews_and_monitors_are_the_same),
      cmocka_unit_test(files_are_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
