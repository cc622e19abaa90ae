/* test_label_weights.c: a weight for each position of a label array, and what is refused. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "text_labels.h"

#include <steelyard/weights.h>

#define SHAPE(...)   ((const size_t[]){__VA_ARGS__})
#define NUMBERS(...) ((const double[]){__VA_ARGS__})

static sy_error error;

/* A counter that has counted the labels. */
static sy_counter *counted(const sy_label_array *labels, const sy_labels_options *options) {
  sy_counter *counter;
  assert_int_equal(sy_counter_new(labels->kind, options, &counter, &error), SY_OK);
  if (sy_counter_add(counter, labels, &error) != SY_OK) fail_msg("%s", error.text);
  return counter;
}

static void check_weights(const sy_counter *counter, const double *class_weights,
                          const sy_label_array *labels, const double *expected, size_t n) {
  double weights[64];
  float singles[64];
  if (sy_label_weights(counter, class_weights, labels, weights, SY_F64, &error) != SY_OK)
    fail_msg("%s", error.text);
  assert_int_equal(sy_label_weights(counter, class_weights, labels, singles, SY_F32, &error),
                   SY_OK);
  for (size_t i = 0; i < n; i++) {
    if (weights[i] != expected[i]) fail_msg("weight %zu is %g", i, weights[i]);
    assert_true(singles[i] == (float)expected[i]);
  }
}

static void check_refused(const sy_counter *counter, const double *class_weights,
                          const sy_label_array *labels, sy_dtype dtype, sy_status status,
                          const char *text) {
  static double weights[40000];
  assert_int_equal(sy_label_weights(counter, class_weights, labels, weights, dtype, &error),
                   status);
  assert_string_equal(error.text, text);
}

static sy_label_array index_labels(const int32_t *ids, size_t n_axes, const size_t *shape) {
  return (sy_label_array){.kind = SY_LABEL_INDEX,
                          .values = sy_array_of(ids, SY_I32, n_axes, shape)};
}

static void rows_of_one_axis(void **state) {
  (void)state;
  sy_label_array labels = index_labels(IDS(7, 3, 3, 9), 1, SHAPE(4));
  sy_counter *counter = counted(&labels, NULL);
  check_weights(counter, NUMBERS(2, 0.1, 5), &labels, NUMBERS(0.1, 2, 2, 5), 4);
  check_weights(counter, NULL, &labels, NUMBERS(1, 1, 1, 1), 4);
  sy_counter_free(counter);
}

/* Sequences with padding: a row weight for each row, and one for each step. */
static void steps_of_sequences(void **state) {
  (void)state;
  sy_label_array labels = index_labels(IDS(0, 1, -1, 1, -1, -1), 2, SHAPE(2, 3));
  sy_array rows = sy_array_of(NUMBERS(0.5, 3), SY_F64, 1, SHAPE(2));
  labels.row_weights = &rows;
  sy_counter *counter = counted(&labels, &(sy_labels_options){.ignore = "-1"});
  check_weights(counter, NUMBERS(1, 4), &labels, NUMBERS(0.5, 2, 0, 12, 0, 0), 6);
  sy_array steps = sy_array_of(NUMBERS(1, 2, NAN, 4, -5, 6), SY_F64, 2, SHAPE(2, 3));
  labels.row_weights = &steps;
  check_weights(counter, NUMBERS(1, 4), &labels, NUMBERS(1, 8, 0, 16, 0, 0), 6);
  sy_counter_free(counter);
}

/* Pixels, a mask, and an array that lies transposed: weights come in C order all the same. */
static void pixels_of_images(void **state) {
  (void)state;
  sy_label_array labels = index_labels(IDS(0, 1, 2, 0, 1, 2, 2, 2), 3, SHAPE(2, 2, 2));
  const uint8_t kept[] = {1, 1, 1, 1, 1, 0, 1, 9};
  sy_array mask = sy_array_of(kept, SY_U8, 3, SHAPE(2, 2, 2));
  labels.mask = &mask;
  sy_counter *counter = counted(&labels, NULL);
  check_weights(counter, NUMBERS(1, 2, 3), &labels, NUMBERS(1, 2, 3, 1, 2, 0, 3, 3), 8);
  labels.values.strides[0] = 1;
  labels.values.strides[2] = 4;
  labels.mask = NULL;
  check_weights(counter, NUMBERS(1, 2, 3), &labels, NUMBERS(1, 2, 3, 3, 2, 3, 1, 3), 8);
  labels.values.shape[0] = 1;
  labels.values.strides[1] = -1; /* backwards from element 7, and one of all */
  labels.values.strides[2] = 0;
  labels.values.data = (const int32_t *)labels.values.data + 4;
  check_weights(counter, NUMBERS(1, 2, 3), &labels, NUMBERS(2, 2, 1, 1), 4);
  sy_counter_free(counter);
}

static void names_have_their_class_weight(void **state) {
  (void)state;
  sy_class_group group = {"bad", NAMES("worse", "worst"), 2};
  text_labels text = text_labels_of(NAMES("worst", "good", " worse", "?", "good"), 5);
  text_labels_view(&text, SY_LABEL_NAME, 1, SHAPE(5));
  sy_counter *counter =
      counted(&text.array, &(sy_labels_options){.groups = &group, .n_groups = 1, .ignore = "?"});
  check_weights(counter, NUMBERS(7, 2), &text.array, NUMBERS(7, 2, 7, 0, 2), 5);
  sy_label_array coded = {.kind = SY_LABEL_NAME, .names = NAMES("unused", "bad", "good")};
  coded.n_names = 3;
  coded.values = sy_array_of((const uint32_t[]){2, 1}, SY_U32, 1, SHAPE(2));
  check_weights(counter, NUMBERS(7, 2), &coded, NUMBERS(2, 7), 2);
  coded.values = sy_array_of((const uint32_t[]){1, 0, 1}, SY_U32, 1, SHAPE(3));
  check_refused(counter, NULL, &coded, SY_F64, SY_INVALID_LABEL,
                "label 'unused' at row 2 is none of the 2 classes that were counted");
  coded.values = sy_array_of((const uint32_t[]){1, SY_MISSING}, SY_U32, 1, SHAPE(2));
  check_refused(counter, NULL, &coded, SY_F64, SY_INVALID_LABEL,
                "the label at row 2 is missing; remove the row or give it a label");
  const uint8_t kept[] = {1, 0};
  sy_array mask = sy_array_of(kept, SY_U8, 1, SHAPE(2));
  coded.mask = &mask;
  check_weights(counter, NUMBERS(7, 2), &coded, NUMBERS(7, 0), 2);
  sy_counter_free(counter);
  text_labels_free(&text);
}

/* Declared classes that no row of the counted block had are classes all the same. */
static void declared_classes_need_not_be_counted(void **state) {
  (void)state;
  sy_labels_options options = {.classes = NAMES("a", "b", "c"), .n_classes = 3};
  text_labels first = text_labels_of(NAMES("b"), 1), later = text_labels_of(NAMES("c", "a"), 2);
  text_labels_view(&first, SY_LABEL_NAME, 1, SHAPE(1));
  text_labels_view(&later, SY_LABEL_NAME, 1, SHAPE(2));
  sy_counter *counter = counted(&first.array, &options);
  check_weights(counter, NUMBERS(1, 2, 3), &later.array, NUMBERS(3, 1), 2);
  sy_counter_free(counter);
  text_labels_free(&first);
  text_labels_free(&later);
}

static void soft_labels_share_weights(void **state) {
  (void)state;
  const float parts[] = {0.5F, 0.25F, 0.25F, 0, 1, 0};
  sy_label_array labels = {.kind = SY_LABEL_ONE_HOT,
                           .values = sy_array_of(parts, SY_F32, 2, SHAPE(2, 3))};
  sy_array rows = sy_array_of(NUMBERS(2, 3), SY_F64, 1, SHAPE(2));
  sy_counter *counter = counted(&labels, NULL);
  check_weights(counter, NUMBERS(1, 2, 8), &labels, NUMBERS(3, 2), 2);
  labels.row_weights = &rows;
  check_weights(counter, NUMBERS(1, 2, 8), &labels, NUMBERS(6, 6), 2);
  sy_counter_free(counter);
}

/* One-hot rows weigh what their index weighs, to the bit, whatever the numbers. */
static void one_hot_is_index_to_the_bit(void **state) {
  (void)state;
  enum { N = 5000, K = 6 };
  static int32_t ids[N];
  static uint8_t rows[N * K];
  static double row_weights[N], by_index[N], by_row[N];
  for (size_t i = 0; i < N; i++) {
    ids[i] = (int32_t)(i * i % K);
    rows[i * K + (size_t)ids[i]] = 1;
    row_weights[i] = 1 / (1 + (double)i);
  }
  double class_weights[K];
  for (size_t k = 0; k < K; k++) class_weights[k] = 1 / (3 + (double)k);
  sy_array weights = sy_array_of(row_weights, SY_F64, 1, SHAPE(N));
  sy_labels_options declared = {.n_classes = K};
  sy_label_array index = index_labels(ids, 1, SHAPE(N));
  sy_label_array hot = {.kind = SY_LABEL_ONE_HOT,
                        .values = sy_array_of(rows, SY_U8, 2, SHAPE(N, K))};
  index.row_weights = hot.row_weights = &weights;
  sy_counter *ci = counted(&index, &declared), *ch = counted(&hot, &declared);
  assert_int_equal(sy_label_weights(ci, class_weights, &index, by_index, SY_F64, &error), SY_OK);
  assert_int_equal(sy_label_weights(ch, class_weights, &hot, by_row, SY_F64, &error), SY_OK);
  assert_memory_equal(by_index, by_row, sizeof by_row);
  sy_labels *labels; /* and what training computes from ids */
  assert_int_equal(sy_labels_from_array(&index, &declared, &labels, &error), SY_OK);
  assert_int_equal(
      sy_row_weights(sy_labels_ids(labels), N, class_weights, K, row_weights, by_row, &error),
      SY_OK);
  assert_memory_equal(by_index, by_row, sizeof by_row);
  sy_labels_free(labels);
  sy_counter_free(ci);
  sy_counter_free(ch);
}

static void cells_of_several_labels(void **state) {
  (void)state;
  const int8_t cells[] = {1, 0, 0, -1, 0, 1};
  sy_label_array labels = {.kind = SY_LABEL_MULTI_HOT,
                           .values = sy_array_of(cells, SY_I8, 2, SHAPE(3, 2))};
  sy_array rows = sy_array_of(NUMBERS(1, 10, 100), SY_F64, 1, SHAPE(3));
  labels.row_weights = &rows;
  sy_counter *counter = counted(&labels, &(sy_labels_options){.ignore = "-1"});
  check_weights(counter, NUMBERS(1, 2, 3, 4), &labels, NUMBERS(2, 3, 10, 0, 100, 400), 6);
  check_weights(counter, NULL, &labels, NUMBERS(1, 1, 10, 0, 100, 100), 6);
  sy_counter_free(counter);
}

static void cells_of_lists(void **state) {
  (void)state;
  text_labels text = text_labels_of(NAMES("b;a", "", "?;x", "b", "", "b;a"), 6);
  text_labels_view(&text, SY_LABEL_NAME_LIST, 2, SHAPE(3, 2));
  sy_counter *counter = counted(&text.array, &(sy_labels_options){.ignore = "?"});
  check_weights(counter, NUMBERS(1, 2, 3, 4), &text.array,
                NUMBERS(2, 4, 1, 3, 0, 0, 1, 4, 1, 3, 2, 4), 12);
  text_labels other = text_labels_of(NAMES("a", "b ; aa"), 2);
  text_labels_view(&other, SY_LABEL_NAME_LIST, 1, SHAPE(2));
  check_refused(counter, NULL, &other.array, SY_F32, SY_INVALID_LABEL,
                "label 'aa' at row 2 is none of the 2 classes that were counted");
  sy_counter_free(counter);
  text_labels_free(&text);
  text_labels_free(&other);
}

static void class_weights_are_looked_at(void **state) {
  (void)state;
  sy_label_array labels = index_labels(IDS(5, 8), 1, SHAPE(2));
  sy_counter *counter = counted(&labels, NULL);
  check_refused(counter, NUMBERS(1, -1), &labels, SY_F64, SY_INVALID_WEIGHT,
                "the weight -1 of class '8' is not usable; it must be 0 or more and finite");
  check_refused(counter, NUMBERS(NAN, 1), &labels, SY_F64, SY_INVALID_WEIGHT,
                "the weight nan of class '5' is not usable; it must be 0 or more and finite");
  check_refused(counter, NUMBERS(1, 1e39), &labels, SY_F32, SY_INVALID_WEIGHT,
                "the weight 1e+39 of class '8' is beyond float32");
  sy_array rows = sy_array_of(NUMBERS(1, 1e300), SY_F64, 1, SHAPE(2));
  labels.row_weights = &rows;
  check_refused(counter, NUMBERS(1, 1e10), &labels, SY_F64, SY_INVALID_WEIGHT,
                "class weight times row weight at row 2 is inf, beyond the range of numbers; scale "
                "the weights");
  check_refused(counter, NUMBERS(1, 1), &labels, SY_F32, SY_INVALID_WEIGHT,
                "class weight times row weight at row 2 is 1e+300, beyond float32; scale the "
                "weights");
  rows = sy_array_of(NUMBERS(1, -2), SY_F64, 1, SHAPE(2));
  check_refused(counter, NULL, &labels, SY_F32, SY_INVALID_WEIGHT,
                "the row weight -2 at row 2 is not usable; it must be 0 or more and finite");
  sy_counter_free(counter);
  text_labels text = text_labels_of(NAMES("a;b"), 1);
  text_labels_view(&text, SY_LABEL_NAME_LIST, 1, SHAPE(1));
  counter = counted(&text.array, NULL);
  check_refused(counter, NUMBERS(1, 1, INFINITY, 1), &text.array, SY_F64, SY_INVALID_WEIGHT,
                "the weight inf of the absence of label 'b' is not usable; it must be 0 or more "
                "and finite");
  sy_counter_free(counter);
  text_labels_free(&text);
}

static void other_arrays_are_refused(void **state) {
  (void)state;
  sy_label_array labels = index_labels(IDS(0, 1, 0, 1), 2, SHAPE(2, 2));
  sy_counter *counter = counted(&labels, NULL);
  check_refused(counter, NULL, &labels, SY_I32, SY_INVALID_ARGUMENT,
                "weights come as float32 or float64");
  sy_label_array hot = {.kind = SY_LABEL_ONE_HOT,
                        .values = sy_array_of(NUMBERS(1, 0, 0, 1), SY_F64, 2, SHAPE(2, 2))};
  check_refused(counter, NULL, &hot, SY_F64, SY_INVALID_ARGUMENT,
                "a counter of labels of kind index is given kind one-hot");
  labels.values = sy_array_of(IDS(0, 1, 0, 2), SY_I32, 2, SHAPE(2, 2));
  check_refused(counter, NULL, &labels, SY_F64, SY_INVALID_LABEL,
                "label 2 at row 2, step 2 is none of the ids that were counted");
  sy_counter_free(counter);
  counter = counted(&hot, NULL);
  hot.values = sy_array_of(NUMBERS(1, 0, 0, 1), SY_F64, 2, SHAPE(1, 4));
  check_refused(counter, NULL, &hot, SY_F64, SY_INVALID_SHAPE,
                "the last axis of the labels is 4 long; the classes counted are 2");
  sy_counter_free(counter);
  assert_int_equal(sy_counter_new(SY_LABEL_INDEX, NULL, &counter, &error), SY_OK);
  labels = index_labels(IDS(0, 1), 1, SHAPE(2));
  double weights[2];
  assert_int_equal(sy_label_weights(counter, NULL, &labels, weights, SY_F64, &error), SY_NO_ROWS);
  sy_counter_free(counter);
}

/* Of two tiles with a mistake the first is told, whoever comes to it first. */
static void the_first_mistake_is_told(void **state) {
  (void)state;
  enum { N = 40000 };
  static int32_t ids[N];
  sy_label_array labels = index_labels(ids, 1, SHAPE(N));
  sy_counter *counter = counted(&labels, NULL);
  ids[N - 1] = 5;
  ids[9999] = 6;
  for (int threads = 1; threads <= 2; threads++) {
    sy_threads_set(threads);
    check_refused(counter, NULL, &labels, SY_F64, SY_INVALID_LABEL,
                  "label 6 at row 10000 is none of the ids that were counted");
  }
  sy_threads_set(0);
  sy_counter_free(counter);
}

static void weights_survive_no_memory(void **state) {
  (void)state;
  text_labels text = text_labels_of(NAMES("a;b", "b", "c"), 3);
  double weights[9];
  for (int kind = 0; kind < 2; kind++) {
    text_labels_view(&text, kind > 0 ? SY_LABEL_NAME_LIST : SY_LABEL_NAME, 1, SHAPE(3));
    sy_counter *counter = counted(&text.array, NULL);
    size_t nth = 0;
    sy_status status;
    do {
      sy_memory_fail_nth(++nth);
      status = sy_label_weights(counter, NULL, &text.array, weights, SY_F64, &error);
      assert_true(status == SY_OK || status == SY_OUT_OF_MEMORY);
    } while (status != SY_OK);
    sy_memory_fail_nth(0);
    assert_true(nth > 10);
    for (size_t i = 0; i < (kind > 0 ? 9 : 3); i++) assert_true(weights[i] == 1);
    sy_counter_free(counter);
  }
  text_labels_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_one_axis),
      cmocka_unit_test(steps_of_sequences),
      cmocka_unit_test(pixels_of_images),
      cmocka_unit_test(names_have_their_class_weight),
      cmocka_unit_test(declared_classes_need_not_be_counted),
      cmocka_unit_test(soft_labels_share_weights),
      cmocka_unit_test(one_hot_is_index_to_the_bit),
      cmocka_unit_test(cells_of_several_labels),
      cmocka_unit_test(cells_of_lists),
      cmocka_unit_test(class_weights_are_looked_at),
      cmocka_unit_test(other_arrays_are_refused),
      cmocka_unit_test(the_first_mistake_is_told),
      cmocka_unit_test(weights_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
