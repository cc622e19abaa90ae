/* test_labels_hot.c: one-hot, soft and multi-hot labels are counted; what is mistaken for them is
 * refused with its place and the way out. */
#include <math.h>

#include "arrays.h"
#include "number_labels.h"

#include "base/memory.h"
#include "labels/counter.h"

static sy_label_array one_hot(sy_array values) {
  return labels_of(SY_LABEL_ONE_HOT, values);
}

static sy_label_array multi_hot(sy_array values) {
  return labels_of(SY_LABEL_MULTI_HOT, values);
}

/* --- what is counted --- */

static void one_hot_rows_are_counted(void **state) {
  (void)state;
  check_array(one_hot(NUMBERS_2(uint8_t, SY_U8, 3, 2, 0, 1, 1, 0, 0, 1)), NULL, "0 1, 1 2");
  check_array(one_hot(NUMBERS_2(float, SY_F32, 2, 3, 0, 1, -0.0f, 1, 0, 0)), NULL, "0 1, 1 1, 2 0");
  check_array(one_hot(NUMBERS_3(double, SY_F64, 2, 1, 2, 0, 1, 0, 1)), NULL, "0 0, 1 2");
  sy_labels_options options = {.n_classes = 2, .classes = (const char *const[]){"no", "yes"}};
  check_array(one_hot(NUMBERS_2(int64_t, SY_I64, 1, 2, 0, 1)), &options, "no 0, yes 1");
}

/* Of a soft label each class counts by its part, and a row wherever it has one. */
static void soft_rows_are_counted_by_parts(void **state) {
  (void)state;
  sy_label_array labels = one_hot(NUMBERS_2(double, SY_F64, 3, 3, .25, .75, 0, 0, .5, .5, 0, 1, 0));
  check_array(labels, NULL, "0 0.25, 1 2.25, 2 0.5");
  const sy_array weights = NUMBERS_1(double, SY_F64, 3, 2, 0.1, 1);
  labels.row_weights = &weights;
  sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, NULL);
  counter_add(counter, labels);
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_weight(counts, 1) == 2.55); /* 1.5 + 0.05 + 1, rounded once */
  assert_int_equal(sy_counts_rows(counts, 0), 1);
  assert_int_equal(sy_counts_rows(counts, 1), 3);
  assert_true(sy_counts_weight_squared(counts, 0) == 0.25);
  assert_true(isnan(sy_counts_holding(counts, 0)));
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* The product of part and weight loses nothing: 0.1 x 0.1 a million times, against its exact sum.
 */
static void parts_are_weighed_exactly(void **state) {
  (void)state;
  enum { N = 1000 };
  static double parts[N][2], weights[N];
  for (size_t i = 0; i < N; i++) {
    parts[i][0] = 0.1;
    parts[i][1] = 0.9;
    weights[i] = 0.1;
  }
  sy_label_array labels = one_hot(sy_array_of(parts, SY_F64, 2, SHAPE(N, 2)));
  const sy_array row_weights = sy_array_of(weights, SY_F64, 1, SHAPE(N));
  labels.row_weights = &row_weights;
  sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, NULL);
  counter_add(counter, labels);
  sy_counts *counts = counter_read(counter);
  double product = 0.1 * 0.1, rest = fma(0.1, 0.1, -product);
  assert_true(rest != 0);
  assert_true(sy_counts_weight(counts, 0) == fma(N, product, N * rest));
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void several_labels_are_counted(void **state) {
  (void)state;
  check_array(multi_hot(NUMBERS_2(uint8_t, SY_U8, 3, 2, 0, 1, 1, 1, 0, 0)), NULL, "0 2:1, 1 1:2");
  sy_labels_options options = {.n_classes = 2, .classes = (const char *const[]){"sad", "calm"}};
  check_array(multi_hot(NUMBERS_3(float, SY_F32, 1, 2, 2, 0, 1, 0, 0)), &options,
              "sad 2:0, calm 1:1");
  sy_label_array labels = multi_hot(NUMBERS_2(double, SY_F64, 2, 2, 0, 1, 1, 1));
  const sy_array weights = NUMBERS_1(float, SY_F32, 2, 0.5f, 2);
  labels.row_weights = &weights;
  check_array(labels, &options, "sad 0.5:2, calm 0:2.5");
}

static void cells_may_be_ignored(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "-1"};
  sy_label_array labels = multi_hot(NUMBERS_2(int8_t, SY_I8, 3, 2, 0, -1, 1, 1, -1, -1));
  check_array(labels, &options, "0 1:1, 1 0:1");
  const sy_array mask = NUMBERS_1(uint8_t, SY_U8, 3, 1, 0, 1);
  labels.mask = &mask;
  sy_counter *counter = counter_new(SY_LABEL_MULTI_HOT, &options);
  counter_add(counter, labels);
  check_counter(counter, "0 1:0, 1 0:0");
  sy_counts *counts = counter_read(counter);
  assert_int_equal(sy_counts_positions(counts), 3);
  assert_int_equal(sy_counts_ignored(counts), 5); /* cells */
  assert_int_equal(sy_counts_n_classes(counts), 0);
  assert_string_equal(sy_counts_classes(sy_counts_label(counts, 1))[1], "1");
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void masked_rows_are_not_looked_at(void **state) {
  (void)state;
  sy_label_array labels = one_hot(NUMBERS_2(float, SY_F32, 3, 2, 0, 1, NAN, -7, 1, 0));
  const sy_array mask = NUMBERS_1(int64_t, SY_I64, 3, 1, 0, 1);
  labels.mask = &mask;
  check_array(labels, NULL, "0 1, 1 1");
}

/* --- one-hot that is none --- */

static void strange_parts_are_named(void **state) {
  (void)state;
  check_refused(one_hot(NUMBERS_2(float, SY_F32, 2, 2, 0, 1, NAN, 0)), NULL, SY_INVALID_LABEL,
                "the value nan at row 2, column 1 of the class axis is no part of a label: it must "
                "be finite, 0 to 1");
  check_refused(one_hot(NUMBERS_2(float, SY_F32, 1, 2, INFINITY, 0)), NULL, SY_INVALID_LABEL,
                "the value inf at row 1, column 1 of the class axis is no part of a label: it must "
                "be finite, 0 to 1");
  check_refused(one_hot(NUMBERS_3(double, SY_F64, 1, 2, 2, 0, 1, 1.5, -0.5)), NULL,
                SY_INVALID_LABEL,
                "the value 1.5 at row 1, step 2, column 1 of the class axis is no part of a label, "
                "which is 0 to 1: of logits take the softmax first");
  check_refused(one_hot(NUMBERS_2(int8_t, SY_I8, 1, 2, -1, 1)), NULL, SY_INVALID_LABEL,
                "the value -1 at row 1, column 1 of the class axis is no part of a label, which is "
                "0 to 1: of logits take the softmax first");
}

static void ids_declared_one_hot_are_told(void **state) {
  (void)state;
  check_refused(one_hot(NUMBERS_2(int64_t, SY_I64, 2, 3, 0, 1, 0, 2, 3, 1)), NULL, SY_INVALID_LABEL,
                "the value 2 at row 2, column 1 of the class axis is no part of a label: these "
                "look like class ids; declare kind index");
  check_refused(one_hot(NUMBERS_2(float, SY_F32, 1, 3, 3, 0, 1)), NULL, SY_INVALID_LABEL,
                "the value 3 at row 1, column 1 of the class axis is no part of a label: these "
                "look like class ids; declare kind index");
  check_refused(one_hot(NUMBERS_1(int64_t, SY_I64, 3, 0, 1, 2)), NULL, SY_INVALID_SHAPE,
                "labels of kind one-hot have a class axis behind the rows; these have one axis of "
                "3: class ids are kind index");
}

static void other_sums_are_named(void **state) {
  (void)state;
  check_refused(one_hot(NUMBERS_2(uint8_t, SY_U8, 2, 2, 0, 1, 0, 0)), NULL, SY_INVALID_LABEL,
                "the label at row 2 sums to 0: no class has a part in it; take it out with a mask, "
                "or declare rows that may be empty multi-hot (class ids for each position are "
                "kind index)");
  check_refused(one_hot(NUMBERS_2(uint8_t, SY_U8, 2, 3, 0, 1, 0, 1, 0, 1)), NULL, SY_INVALID_LABEL,
                "the label at row 2 sums to 2: several 1s in a row are several labels; declare "
                "them multi-hot (class ids for each position are kind index)");
  check_refused(one_hot(NUMBERS_2(float, SY_F32, 1, 2, 0.5f, 0.25f)), NULL, SY_INVALID_LABEL,
                "the label at row 1 sums to 0.75; a row of one-hot or soft labels sums to 1 "
                "(within 1e-4): divide each row by its sum, or declare independent labels "
                "multi-hot");
  check_array(one_hot(NUMBERS_2(double, SY_F64, 1, 2, 0.50005, 0.5)), NULL, "0 0.50005, 1 0.5");
}

/* Every row of a long array is looked at, whatever its type and width. */
static void one_wrong_row_is_found(void **state) {
  (void)state;
  enum { MOST = 40 };
  for (size_t width = 2; width <= MOST; width += 1 + width / 8) {
    size_t n = 20000, shape[] = {n, width};
    float *floats = calloc(n * width, sizeof *floats);
    uint8_t *bytes = calloc(n * width, 1);
    for (size_t i = 0; i < n; i++) floats[i * width + i % width] = bytes[i * width + i % width] = 1;
    for (size_t wrong = n - 1; wrong > 0; wrong /= 7) {
      size_t place = wrong * width + (wrong + 1) % width;
      char expected[64];
      floats[place] = bytes[place] = 1;
      snprintf(expected, sizeof expected, "the label at row %zu sums to 2:", wrong + 1);
      for (size_t type = 0; type < 2; type++) {
        sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, NULL);
        sy_label_array labels = one_hot(type ? sy_array_of(floats, SY_F32, 2, shape)
                                             : sy_array_of(bytes, SY_U8, 2, shape));
        assert_int_equal(sy_counter_add(counter, &labels, &counter_error), SY_INVALID_LABEL);
        assert_memory_equal(counter_error.text, expected, strlen(expected));
        sy_counter_free(counter);
      }
      floats[place] = bytes[place] = 0;
    }
    free(floats);
    free(bytes);
  }
}

/* Sums are those of all the row, not of a byte. */
static void many_ones_are_too_many(void **state) {
  (void)state;
  enum { WIDTH = 3000 };
  static uint8_t row[WIDTH];
  for (size_t begin = 0; begin < 2500; begin += 499) {
    for (size_t k = 0; k < WIDTH; k++) row[k] = k >= begin && k < begin + 257;
    check_refused(one_hot(sy_array_of(row, SY_U8, 2, SHAPE(1, WIDTH))), NULL, SY_INVALID_LABEL,
                  "the label at row 1 sums to 257: several 1s in a row are several labels; declare "
                  "them multi-hot (class ids for each position are kind index)");
  }
}

/* --- multi-hot that is none --- */

static void strange_cells_are_named(void **state) {
  (void)state;
  check_refused(multi_hot(NUMBERS_2(uint8_t, SY_U8, 2, 2, 0, 1, 3, 1)), NULL, SY_INVALID_LABEL,
                "the value 3 at row 2, column 1 of the label axis is neither 0 nor 1: class ids "
                "are kind index, one label for each position");
  check_refused(multi_hot(NUMBERS_2(float, SY_F32, 1, 2, 0.5f, 1)), NULL, SY_INVALID_LABEL,
                "the value 0.5 at row 1, column 1 of the label axis is neither 0 nor 1: round "
                "shares first, or declare rows that sum to 1 one-hot");
  check_refused(multi_hot(NUMBERS_2(float, SY_F32, 1, 2, 0, NAN)), NULL, SY_INVALID_LABEL,
                "the value nan at row 1, column 2 of the label axis is neither 0 nor 1: a missing "
                "label needs an integer type with a value to ignore");
  check_refused(multi_hot(NUMBERS_2(int8_t, SY_I8, 1, 2, 0, -1)), NULL, SY_INVALID_LABEL,
                "the value -1 at row 1, column 2 of the label axis is neither 0 nor 1, as cells of "
                "multi-hot labels are");
}

static void values_to_ignore_must_make_sense(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "-1"};
  check_refused(multi_hot(NUMBERS_2(float, SY_F32, 1, 2, 0, -1)), &options, SY_INVALID_ARGUMENT,
                "a value to ignore goes with integers, these labels are float32: cast them to "
                "int8, or take whole rows out with a mask");
  options.ignore = "1";
  check_refused(multi_hot(NUMBERS_2(int8_t, SY_I8, 1, 2, 0, 1)), &options, SY_INVALID_ARGUMENT,
                "the value to ignore is 1, which says whether a row has the label");
}

/* --- the class axis --- */

static void the_class_axis_keeps_its_length(void **state) {
  (void)state;
  sy_labels_options options = {.n_classes = 4};
  check_refused(one_hot(NUMBERS_2(uint8_t, SY_U8, 1, 3, 0, 1, 0)), &options, SY_INVALID_SHAPE,
                "the class axis (the last one) has 3 entries, but 4 are declared");
  check_refused(multi_hot(sy_array_of("", SY_U8, 2, SHAPE(3, 0))), NULL, SY_INVALID_SHAPE,
                "the label axis (the last one) has no entries");
  sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, NULL);
  counter_add(counter, one_hot(NUMBERS_2(uint8_t, SY_U8, 1, 3, 0, 1, 0)));
  sy_label_array other = one_hot(NUMBERS_2(uint8_t, SY_U8, 1, 2, 0, 1));
  assert_int_equal(sy_counter_add(counter, &other, &counter_error), SY_INVALID_SHAPE);
  assert_string_equal(counter_error.text,
                      "the class axis (the last one) has 2 entries, but 3 in the blocks before");
  sy_counter *pairs = counter_new(SY_LABEL_ONE_HOT, NULL);
  counter_add(pairs, other);
  assert_int_equal(sy_counter_merge(counter, pairs, NULL), SY_INVALID_SHAPE);
  check_counter(counter, "0 0, 1 1, 2 0");
  sy_counter_free(pairs);
  sy_counter_free(counter);
}

static void nothing_is_no_count(void **state) {
  (void)state;
  for (size_t multi = 0; multi < 2; multi++) {
    sy_label_kind kind = multi ? SY_LABEL_MULTI_HOT : SY_LABEL_ONE_HOT;
    sy_counter *counter = counter_new(kind, NULL);
    sy_label_array labels = labels_of(kind, sy_array_of("", SY_U8, 2, SHAPE(0, 2)));
    sy_counts *counts;
    counter_add(counter, labels);
    assert_int_equal(sy_counter_counts(counter, &counts, NULL), SY_NO_ROWS);
    const sy_array mask = NUMBERS_1(uint8_t, SY_U8, 1, 0);
    labels.values = NUMBERS_2(uint8_t, SY_U8, 1, 2, 0, 1);
    labels.mask = &mask;
    counter_add(counter, labels);
    assert_int_equal(sy_counter_counts(counter, &counts, &counter_error), SY_NO_ROWS);
    assert_string_equal(counter_error.text, "every label is ignored: no row is left");
    sy_counter_free(counter);
  }
}

/* --- rows as numbers --- */

static void rows_are_read_as_numbers(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "-1"};
  sy_label_array labels = multi_hot(NUMBERS_2(int8_t, SY_I8, 3, 2, 0, 1, 5, 5, -1, 1));
  const sy_array mask = NUMBERS_1(uint8_t, SY_U8, 3, 1, 0, 1);
  labels.mask = &mask;
  sy_counter *counter = counter_new(SY_LABEL_MULTI_HOT, &options);
  counter_add(counter, labels);
  sy_positions positions;
  assert_int_equal(sy_positions_of(&labels, &positions, NULL), SY_OK);
  const uint8_t counts[] = {0, 1};
  double rows[4];
  assert_int_equal(sy_positions_hot(counter, &positions, 1, 2, counts, rows, NULL), SY_OK);
  assert_true(rows[0] == 0 && rows[1] == 0 && isnan(rows[2]) && rows[3] == 1);
  assert_int_equal(sy_positions_hot(counter, &positions, 1, 2, NULL, rows, &counter_error),
                   SY_INVALID_LABEL);
  assert_non_null(strstr(counter_error.text, "the value 5 at row 2, column 1"));
  sy_counter_free(counter);
}

static void no_memory_counts_nothing(void **state) {
  (void)state;
  const sy_array weights = NUMBERS_1(float, SY_F32, 2, 1, 2);
  sy_label_array arrays[] = {one_hot(NUMBERS_2(float, SY_F32, 2, 3, 0, 1, 0, .5f, 0, .5f)),
                             multi_hot(NUMBERS_2(uint8_t, SY_U8, 2, 2, 0, 1, 1, 1))};
  arrays[1].row_weights = &weights;
  for (size_t a = 0; a < COUNT(arrays); a++) {
    size_t nth = 0;
    sy_status status;
    sy_counts *counts = NULL, *nothing;
    do {
      sy_counter *counter = NULL;
      sy_memory_fail_nth(++nth);
      status = sy_counter_new(arrays[a].kind, NULL, &counter, NULL);
      if (status == SY_OK) {
        status = sy_counter_add(counter, &arrays[a], NULL);
        if (status != SY_OK)
          assert_int_equal(sy_counter_counts(counter, &nothing, NULL), SY_NO_ROWS);
      }
      if (status == SY_OK) status = sy_counter_counts(counter, &counts, NULL);
      sy_memory_fail_nth(0);
      assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !counts));
      sy_counter_free(counter);
    } while (status != SY_OK);
    assert_true(nth > 15);
    sy_counts_free(counts);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_hot_rows_are_counted),
      cmocka_unit_test(soft_rows_are_counted_by_parts),
      cmocka_unit_test(parts_are_weighed_exactly),
      cmocka_unit_test(several_labels_are_counted),
      cmocka_unit_test(cells_may_be_ignored),
      cmocka_unit_test(masked_rows_are_not_looked_at),
      cmocka_unit_test(strange_parts_are_named),
      cmocka_unit_test(ids_declared_one_hot_are_told),
      cmocka_unit_test(other_sums_are_named),
      cmocka_unit_test(one_wrong_row_is_found),
      cmocka_unit_test(many_ones_are_too_many),
      cmocka_unit_test(strange_cells_are_named),
      cmocka_unit_test(values_to_ignore_must_make_sense),
      cmocka_unit_test(the_class_axis_keeps_its_length),
      cmocka_unit_test(nothing_is_no_count),
      cmocka_unit_test(rows_are_read_as_numbers),
      cmocka_unit_test(no_memory_counts_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
