/* test_labels_index.c: class ids of any shape are counted, and what is no class id is refused. */
#include <math.h>

#include "arrays.h"
#include "number_labels.h"

#include "base/memory.h"
#include "labels/counter.h"

static sy_label_array index_of(sy_array values) {
  return labels_of(SY_LABEL_INDEX, values);
}

/* --- shapes --- */

static void any_axes_are_counted(void **state) {
  (void)state;
  check_array(index_of(NUMBERS_1(int32_t, SY_I32, 4, 3, 1, 3, -2)), NULL, "-2 1, 1 1, 3 2");
  check_array(index_of(NUMBERS_2(uint8_t, SY_U8, 2, 3, 7, 7, 1, 1, 7, 0)), NULL, "0 1, 1 2, 7 3");
  check_array(index_of(NUMBERS_3(int8_t, SY_I8, 1, 2, 2, -1, 0, 0, 0)), NULL, "-1 1, 0 3");
  const int16_t one = 9;
  size_t ones[SY_MAX_AXES];
  for (size_t a = 0; a < SY_MAX_AXES; a++) ones[a] = 1;
  check_array(index_of(sy_array_of(&one, SY_I16, SY_MAX_AXES, ones)), NULL, "9 1");
}

static void strides_are_followed(void **state) {
  (void)state;
  const int64_t ids[] = {1, 9, 2, 9, 3, 9, 1, 9};
  sy_array values = sy_array_of(ids, SY_I64, 1, SHAPE(4));
  values.strides[0] = 2;
  check_array(index_of(values), NULL, "1 2, 2 1, 3 1");
  values.data = ids + 7; /* reversed, from the last on */
  values.strides[0] = -2;
  check_array(index_of(values), NULL, "9 4");
  values.data = ids;
  values.strides[0] = 0; /* one number, repeated */
  check_array(index_of(values), NULL, "1 4");
}

static void ids_may_be_any_64_bits(void **state) {
  (void)state;
  const int64_t big = INT64_C(1) << 62;
  check_array(index_of(NUMBERS_1(int64_t, SY_I64, 5, big, 0, INT64_MIN, big, INT64_MAX)), NULL,
              "-9223372036854775808 1, 0 1, 4611686018427387904 2, 9223372036854775807 1");
  check_array(index_of(NUMBERS_1(uint64_t, SY_U64, 3, UINT64_MAX, 5, UINT64_MAX)), NULL,
              "5 1, 18446744073709551615 2");
}

/* Blocks need not be of one type, but no type has both ends. */
static void types_come_together(void **state) {
  (void)state;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, index_of(NUMBERS_1(uint64_t, SY_U64, 2, 3, 300)));
  counter_add(counter, index_of(NUMBERS_1(int8_t, SY_I8, 3, 3, -1, 100)));
  counter_add(counter, index_of(NUMBERS_1(uint16_t, SY_U16, 1, 65535)));
  check_counter(counter, "-1 1, 3 2, 100 1, 300 1, 65535 1");
  sy_label_array most = index_of(NUMBERS_1(uint64_t, SY_U64, 1, UINT64_MAX));
  assert_int_equal(sy_counter_add(counter, &most, &counter_error), SY_INVALID_LABEL);
  assert_string_equal(counter_error.text, "ids below 0 and ids of 2^63 and more come together: no "
                                          "integer type has both");
  check_counter(counter, "-1 1, 3 2, 100 1, 300 1, 65535 1");
  sy_counter *other = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(other, most);
  assert_int_equal(sy_counter_merge(other, counter, NULL), SY_INVALID_LABEL);
  check_counter(other, "18446744073709551615 1");
  sy_counter_free(other);
  sy_counter_free(counter);
}

static void declared_classes_may_be_absent(void **state) {
  (void)state;
  sy_labels_options options = {.n_classes = 4};
  check_array(index_of(NUMBERS_1(int32_t, SY_I32, 3, 3, 0, 3)), &options, "0 1, 1 0, 2 0, 3 2");
  options.classes = (const char *const[]){"cat", "dog", "cow", "emu"};
  check_array(index_of(NUMBERS_1(int32_t, SY_I32, 3, 3, 0, 3)), &options,
              "cat 1, dog 0, cow 0, emu 2");
}

/* --- what is taken out --- */

static void ignored_ids_count_nowhere(void **state) {
  (void)state;
  sy_labels_options options = {.n_classes = 2, .ignore = "-100"};
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &options);
  counter_add(counter, index_of(NUMBERS_2(int32_t, SY_I32, 2, 3, 0, 1, -100, 1, -100, -100)));
  counter_add(counter, index_of(NUMBERS_1(uint8_t, SY_U8, 1, 1))); /* no uint8 is -100 */
  sy_counts *counts = counter_read(counter);
  assert_int_equal(sy_counts_positions(counts), 7);
  assert_int_equal(sy_counts_ignored(counts), 3);
  assert_int_equal(sy_counts_rows(counts, 0), 1);
  assert_int_equal(sy_counts_rows(counts, 1), 3);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void masked_ids_are_not_looked_at(void **state) {
  (void)state;
  sy_labels_options options = {.n_classes = 2};
  sy_label_array labels = index_of(NUMBERS_2(int16_t, SY_I16, 2, 2, 0, 77, -5, 1));
  const sy_array mask = NUMBERS_2(int8_t, SY_I8, 2, 2, -1, 0, 0, 100);
  const sy_array weights = NUMBERS_2(double, SY_F64, 2, 2, 2, NAN, -1, 0.5);
  labels.mask = &mask;
  check_array(labels, &options, "0 1, 1 1");
  labels.row_weights = &weights;
  check_array(labels, &options, "0 2, 1 0.5");
}

static void ignored_weights_are_not_looked_at(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "9"};
  sy_label_array labels = index_of(NUMBERS_1(int32_t, SY_I32, 3, 9, 4, 9));
  const sy_array weights = NUMBERS_1(double, SY_F64, 3, NAN, 3, -1);
  labels.row_weights = &weights;
  check_array(labels, &options, "4 3");
}

static void weights_are_of_rows_or_positions(void **state) {
  (void)state;
  sy_label_array labels = index_of(NUMBERS_2(int32_t, SY_I32, 2, 2, 0, 1, 1, 1));
  const sy_array rows = NUMBERS_1(float, SY_F32, 2, 0.5f, 3);
  const sy_array positions = NUMBERS_2(float, SY_F32, 2, 2, 1, 0, 2, 4);
  labels.row_weights = &rows;
  check_array(labels, NULL, "0 0.5, 1 6.5");
  labels.row_weights = &positions;
  check_array(labels, NULL, "0 1, 1 6");
}

/* --- images --- */

/* Pixels of the images that hold the class, which median frequency divides by. */
static void images_hold_classes(void **state) {
  (void)state;
  sy_labels_options options = {.ignore = "255"};
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &options);
  counter_add(counter, index_of(NUMBERS_3(uint8_t, SY_U8, 2, 2, 2, 0, 0, 0, 1, 0, 255, 255, 0)));
  counter_add(counter, index_of(NUMBERS_3(uint8_t, SY_U8, 1, 1, 3, 1, 1, 1)));
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_holding(counts, 0) == 6); /* 4 and 2 */
  assert_true(sy_counts_holding(counts, 1) == 7); /* 4 and 3 */
  sy_counts *empty = sy_counts_new(2);
  assert_int_equal(sy_counts_merge(counts, empty, NULL), SY_OK);
  assert_true(sy_counts_holding(counts, 1) == 7); /* nothing came */
  sy_counts_free(empty);
  sy_counts_free(counts);
  counter_add(counter, index_of(NUMBERS_2(uint8_t, SY_U8, 1, 3, 1, 1, 1)));
  counts = counter_read(counter); /* rows among the images: what they hold is not known */
  assert_true(isnan(sy_counts_holding(counts, 0)));
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void weighted_images_hold_classes(void **state) {
  (void)state;
  sy_label_array labels = index_of(NUMBERS_3(int8_t, SY_I8, 2, 1, 3, 5, 6, 6, 6, 6, 6));
  const sy_array weights = NUMBERS_1(double, SY_F64, 2, 0.1, 1);
  labels.row_weights = &weights;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, labels);
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_holding(counts, 0) == 3 * 0.1);
  assert_true(sy_counts_holding(counts, 1) == 3.3);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* Weight 0 is absence: the first image holds no 6. */
static void weight_0_holds_nothing(void **state) {
  (void)state;
  sy_label_array labels = index_of(NUMBERS_3(int8_t, SY_I8, 2, 1, 3, 5, 6, 5, 6, 6, 5));
  const sy_array weights = NUMBERS_3(double, SY_F64, 2, 1, 3, 1, 0, 2, 1, 1, 0);
  labels.row_weights = &weights;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, labels);
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_holding(counts, 0) == 3);
  assert_true(sy_counts_holding(counts, 1) == 2);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* An image is never cut in two, whatever its size: every second one holds class 1 in one pixel. */
static void many_images_hold_classes(void **state) {
  (void)state;
  enum { IMAGES = 700, HEIGHT = 17, WIDTH = 29, PIXELS = HEIGHT * WIDTH };
  static uint8_t pixels[IMAGES][PIXELS];
  for (size_t i = 0; i < IMAGES; i += 2) pixels[i][i % PIXELS] = 1;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, index_of(sy_array_of(pixels, SY_U8, 3, SHAPE(IMAGES, HEIGHT, WIDTH))));
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_weight(counts, 0) == IMAGES * PIXELS - IMAGES / 2);
  assert_true(sy_counts_holding(counts, 0) == IMAGES * PIXELS);
  assert_true(sy_counts_weight(counts, 1) == IMAGES / 2);
  assert_true(sy_counts_holding(counts, 1) == IMAGES / 2 * PIXELS);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* --- refusals --- */

static void ids_outside_are_named(void **state) {
  (void)state;
  sy_labels_options options = {.n_classes = 4};
  int32_t steps[3][7] = {{0}};
  steps[2][6] = 18;
  check_refused(index_of(sy_array_of(steps, SY_I32, 2, SHAPE(3, 7))), &options, SY_INVALID_LABEL,
                "label 18 at row 3, step 7 is outside the 4 classes 0..3");
  uint8_t pixels[3][5][9] = {{{0}}};
  pixels[2][4][8] = 4;
  check_refused(index_of(sy_array_of(pixels, SY_U8, 3, SHAPE(3, 5, 9))), &options, SY_INVALID_LABEL,
                "label 4 at row 3, position (5, 9) is outside the 4 classes 0..3");
  check_refused(index_of(NUMBERS_1(int8_t, SY_I8, 3, 0, -1, 18)), &options, SY_INVALID_LABEL,
                "label -1 at row 2 is outside the 4 classes 0..3");
}

/* Rows are counted over blocks, and the first of several failures is told, weighted or not. */
static void failures_come_in_order(void **state) {
  (void)state;
  enum { N = 300000 };
  static uint8_t ids[N];
  static float weights[N];
  sy_labels_options options = {.n_classes = 2};
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &options);
  counter_add(counter, index_of(NUMBERS_1(int32_t, SY_I32, 3, 0, 1, 1)));
  for (size_t i = 0; i < N; i++) weights[i] = 1;
  ids[200000] = 7;
  ids[290000] = 8;
  sy_label_array labels = index_of(sy_array_of(ids, SY_U8, 1, SHAPE(N)));
  assert_int_equal(sy_counter_add(counter, &labels, &counter_error), SY_INVALID_LABEL);
  assert_string_equal(counter_error.text, "label 7 at row 200004 is outside the 2 classes 0..1");
  const sy_array row_weights = sy_array_of(weights, SY_F32, 1, SHAPE(N));
  labels.row_weights = &row_weights;
  weights[200001] = -1;
  assert_int_equal(sy_counter_add(counter, &labels, &counter_error), SY_INVALID_LABEL);
  weights[199999] = -1;
  assert_int_equal(sy_counter_add(counter, &labels, &counter_error), SY_INVALID_WEIGHT);
  assert_string_equal(counter_error.text,
                      "the row weight -1 at row 200003 is not usable; it must be 0 or more and "
                      "finite");
  check_counter(counter, "0 1, 1 2");
  sy_counter_free(counter);
}

static void unusable_weights_are_named(void **state) {
  (void)state;
  sy_label_array labels = index_of(NUMBERS_2(int32_t, SY_I32, 2, 2, 0, 1, 1, 1));
  const sy_array bad[] = {NUMBERS_1(float, SY_F32, 2, 1, NAN), NUMBERS_1(double, SY_F64, 2, 1, -2),
                          NUMBERS_2(float, SY_F32, 2, 2, 1, 1, INFINITY, 1)};
  labels.row_weights = &bad[0];
  check_refused(labels, NULL, SY_INVALID_WEIGHT,
                "the row weight nan at row 2, step 1 is not usable; it must be 0 or more and "
                "finite");
  labels.row_weights = &bad[1];
  check_refused(labels, NULL, SY_INVALID_WEIGHT,
                "the row weight -2 at row 2, step 1 is not usable; it must be 0 or more and "
                "finite");
  labels.row_weights = &bad[2];
  check_refused(labels, NULL, SY_INVALID_WEIGHT,
                "the row weight inf at row 2, step 1 is not usable; it must be 0 or more and "
                "finite");
}

static void other_types_are_refused(void **state) {
  (void)state;
  check_refused(index_of(NUMBERS_1(float, SY_F32, 2, 0, 1)), NULL, SY_INVALID_ARGUMENT,
                "labels of kind index are integers; these are floating-point numbers (float32): "
                "cast them where they are class ids; rows of shares that sum to 1 are kind "
                "one-hot");
  sy_label_array labels = index_of(NUMBERS_1(int32_t, SY_I32, 2, 0, 1));
  const sy_array floats = NUMBERS_1(float, SY_F32, 2, 0, 1);
  const sy_array integers = NUMBERS_1(int32_t, SY_I32, 2, 0, 1);
  labels.mask = &floats;
  check_refused(labels, NULL, SY_INVALID_ARGUMENT,
                "a mask is of integers or booleans (0 = taken out), not of float32: numbers that "
                "weigh are row weights");
  labels.mask = NULL;
  labels.row_weights = &integers;
  check_refused(labels, NULL, SY_INVALID_ARGUMENT, "row weights are float32 or float64, not int32");
  labels.row_weights = NULL;
  labels.values.data = NULL;
  check_refused(labels, NULL, SY_INVALID_ARGUMENT, "the labels have a shape but no data");
  labels.values.dtype = (sy_dtype)77;
  check_refused(labels, NULL, SY_INVALID_ARGUMENT, "the labels are of no known type of numbers");
  const sy_texts texts = {0};
  labels.texts = &texts;
  check_refused(labels, NULL, SY_INVALID_ARGUMENT, "labels of kind index are numbers, not texts");
  labels = labels_of(SY_LABEL_NAME, integers);
  check_refused(labels, NULL, SY_INVALID_ARGUMENT,
                "labels of kind name are texts or uint32 codes, not int32");
}

static void shapes_must_fit(void **state) {
  (void)state;
  sy_label_array labels = index_of(NUMBERS_2(int32_t, SY_I32, 2, 3, 0, 1, 1, 1, 0, 0));
  const sy_array mask = NUMBERS_2(int32_t, SY_I32, 3, 2, 0, 1, 1, 1, 0, 0);
  const sy_array weights = NUMBERS_1(float, SY_F32, 3, 0, 1, 1);
  labels.mask = &mask;
  check_refused(labels, NULL, SY_INVALID_SHAPE,
                "the numbers of the mask of shape (3, 2) do not fit the positions (2, 3)");
  labels.mask = NULL;
  labels.row_weights = &weights;
  check_refused(labels, NULL, SY_INVALID_SHAPE,
                "the row weights of shape (3) do not fit the positions (2, 3)");
  sy_array scalar = sy_array_of(&labels, SY_I32, 0, NULL);
  check_refused(index_of(scalar), NULL, SY_INVALID_SHAPE,
                "the labels are one number without axes; the first axis is the rows");
  scalar.n_axes = 33;
  check_refused(index_of(scalar), NULL, SY_INVALID_SHAPE,
                "the labels have 33 axes; there may be 32");
  const size_t endless[] = {(size_t)1 << 40, (size_t)1 << 40};
  check_refused(index_of(sy_array_of(&labels, SY_I32, 2, endless)), NULL, SY_INVALID_SHAPE,
                "the labels are more than memory can address");
}

static void nothing_is_no_count(void **state) {
  (void)state;
  sy_counts *counts;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, index_of(sy_array_of(NULL, SY_I32, 2, SHAPE(0, 5))));
  counter_add(counter, index_of(sy_array_of(NULL, SY_I32, 2, SHAPE(5, 0))));
  assert_int_equal(sy_counter_counts(counter, &counts, &counter_error), SY_NO_ROWS);
  assert_string_equal(counter_error.text, "there are no labels: the data have no rows");
  sy_label_array labels = index_of(NUMBERS_1(int32_t, SY_I32, 2, 3, 3));
  const sy_array mask = NUMBERS_1(uint8_t, SY_U8, 2, 0, 0);
  labels.mask = &mask;
  counter_add(counter, labels);
  assert_int_equal(sy_counter_counts(counter, &counts, &counter_error), SY_NO_ROWS);
  assert_string_equal(counter_error.text, "every label is ignored: no row is left");
  sy_counter_free(counter);
}

/* --- one-hot declared index --- */

static const char *only_message(const sy_counts *counts) {
  const sy_messages *messages = sy_counts_messages(counts);
  assert_non_null(messages);
  return sy_messages_get(messages, 0);
}

static void one_hot_rows_are_told(void **state) {
  (void)state;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  sy_counter *other = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, index_of(NUMBERS_2(uint8_t, SY_U8, 2, 3, 0, 1, 0, 1, 0, 0)));
  counter_add(other, index_of(NUMBERS_2(int64_t, SY_I64, 1, 3, 0, 0, 1)));
  assert_int_equal(sy_counter_merge(counter, other, NULL), SY_OK);
  sy_counts *counts = counter_read(counter);
  assert_string_equal(only_message(counts),
                      "every row of the last axis is 0 but for one 1, as one-hot labels are: if "
                      "these are such, declare them one-hot; read as ids they are all 0 and 1");
  sy_counts_free(counts);
  counter_add(other, index_of(NUMBERS_2(int64_t, SY_I64, 2, 3, 1, 1, 0, 0, 0, 0)));
  assert_int_equal(sy_counter_merge(counter, other, NULL), SY_OK);
  counts = counter_read(counter); /* as many 1s as rows, but two of them in one */
  assert_null(only_message(counts));
  sy_counts_free(counts);
  sy_counter_free(other);
  sy_counter_free(counter);
}

static void other_rows_are_not_one_hot(void **state) {
  (void)state;
  const sy_array others[] = {
      NUMBERS_1(int32_t, SY_I32, 2, 0, 1), NUMBERS_2(int32_t, SY_I32, 2, 1, 1, 1),
      NUMBERS_2(int32_t, SY_I32, 2, 2, 0, 1, 0, 0), NUMBERS_2(int32_t, SY_I32, 2, 2, 0, 1, 2, 1)};
  for (size_t i = 0; i < COUNT(others); i++) {
    sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
    counter_add(counter, index_of(others[i]));
    sy_counts *counts = counter_read(counter);
    assert_null(only_message(counts));
    sy_counts_free(counts);
    sy_counter_free(counter);
  }
}

/* --- finding classes again --- */

static sy_status find(const sy_counter *counter, sy_label_array labels, int32_t *ids) {
  sy_positions positions;
  sy_class_lookup *lookup;
  assert_int_equal(sy_positions_of(&labels, &positions, NULL), SY_OK);
  assert_int_equal(sy_class_lookup_new(counter, &lookup, NULL), SY_OK);
  sy_status status = sy_class_lookup_ids(lookup, &positions, 0, positions.n, ids, &counter_error);
  sy_class_lookup_free(lookup);
  return status;
}

static void other_blocks_have_the_same_classes(void **state) {
  (void)state;
  const sy_array counted[] = {NUMBERS_1(int32_t, SY_I32, 3, 30, -2, 4),
                              NUMBERS_1(int64_t, SY_I64, 3, INT64_C(1) << 60, -2, 4)};
  int32_t ids[3];
  for (size_t i = 0; i < COUNT(counted); i++) { /* near each other, and apart */
    sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
    counter_add(counter, index_of(counted[i]));
    assert_int_equal(find(counter, index_of(NUMBERS_1(int8_t, SY_I8, 3, 4, 4, -2)), ids), SY_OK);
    assert_memory_equal(ids, IDS(1, 1, 0), sizeof ids);
    assert_int_equal(find(counter, index_of(NUMBERS_2(uint8_t, SY_U8, 1, 3, 4, 5, 4)), ids),
                     SY_INVALID_LABEL);
    assert_string_equal(counter_error.text,
                        "label 5 at row 1, step 2 is none of the ids that were counted");
    const sy_array most = NUMBERS_1(uint64_t, SY_U64, 1, UINT64_MAX - 1); /* the bits of -2 */
    assert_int_equal(find(counter, index_of(most), ids), SY_INVALID_LABEL);
    sy_counter_free(counter);
  }
  sy_labels_options options = {.n_classes = 3, .ignore = "9"};
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &options);
  assert_int_equal(find(counter, index_of(NUMBERS_1(int8_t, SY_I8, 3, 2, 9, 0)), ids), SY_OK);
  assert_memory_equal(ids, IDS(2, SY_IGNORED, 0), sizeof ids);
  assert_int_equal(find(counter, index_of(NUMBERS_1(int8_t, SY_I8, 2, 2, 3)), ids),
                   SY_INVALID_LABEL);
  assert_string_equal(counter_error.text, "label 3 at row 2 is outside the 3 classes 0..2");
  sy_counter_free(counter);
}

static void some_kinds_have_no_class_a_position(void **state) {
  (void)state;
  sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, NULL);
  sy_class_lookup *lookup;
  assert_int_equal(sy_class_lookup_new(counter, &lookup, &counter_error), SY_INVALID_ARGUMENT);
  assert_string_equal(counter_error.text, "positions of kind one-hot have no class of their own");
  assert_null(lookup);
  sy_counter_free(counter);
}

/* --- memory --- */

static void no_memory_counts_nothing(void **state) {
  (void)state;
  enum { N = 500 };
  int64_t ids[N];
  float weights[N];
  for (int64_t i = 0; i < N; i++) {
    ids[i] = i * i * 1000003 % 700;
    weights[i] = (float)i;
  }
  const sy_array row_weights = sy_array_of(weights, SY_F32, 1, SHAPE(N));
  sy_label_array labels = index_of(sy_array_of(ids, SY_I64, 3, SHAPE(5, 10, 10)));
  for (size_t weighted = 0; weighted < 2; weighted++) {
    labels.values =
        sy_array_of(ids, SY_I64, weighted ? 1 : 3, weighted ? SHAPE(N) : SHAPE(5, 10, 10));
    labels.row_weights = weighted ? &row_weights : NULL;
    size_t nth = 0, failures = 0;
    sy_status status;
    sy_counts *counts = NULL, *whole = NULL;
    sy_counter *counter = NULL;
    do {
      sy_memory_fail_nth(++nth);
      status = sy_counter_new(SY_LABEL_INDEX, NULL, &counter, NULL);
      if (status == SY_OK) status = sy_counter_add(counter, &labels, NULL);
      if (status == SY_OK) status = sy_counter_counts(counter, &counts, NULL);
      sy_memory_fail_nth(0);
      assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !counts));
      if (status != SY_OK && counter) { /* and what failed may be done again */
        if (sy_counter_counts(counter, &whole, NULL) == SY_NO_ROWS) counter_add(counter, labels);
        sy_counts_free(whole);
        whole = counter_read(counter);
        assert_int_equal(sy_counts_positions(whole), N);
        sy_counts_free(whole);
        failures++;
      }
      if (status != SY_OK) sy_counter_free(counter);
    } while (status != SY_OK);
    assert_true(failures > 8);
    sy_counts_free(counts);
    sy_counter_free(counter);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_axes_are_counted),
      cmocka_unit_test(strides_are_followed),
      cmocka_unit_test(ids_may_be_any_64_bits),
      cmocka_unit_test(types_come_together),
      cmocka_unit_test(declared_classes_may_be_absent),
      cmocka_unit_test(ignored_ids_count_nowhere),
      cmocka_unit_test(masked_ids_are_not_looked_at),
      cmocka_unit_test(ignored_weights_are_not_looked_at),
      cmocka_unit_test(weights_are_of_rows_or_positions),
      cmocka_unit_test(images_hold_classes),
      cmocka_unit_test(weighted_images_hold_classes),
      cmocka_unit_test(weight_0_holds_nothing),
      cmocka_unit_test(many_images_hold_classes),
      cmocka_unit_test(ids_outside_are_named),
      cmocka_unit_test(failures_come_in_order),
      cmocka_unit_test(unusable_weights_are_named),
      cmocka_unit_test(other_types_are_refused),
      cmocka_unit_test(shapes_must_fit),
      cmocka_unit_test(nothing_is_no_count),
      cmocka_unit_test(one_hot_rows_are_told),
      cmocka_unit_test(other_rows_are_not_one_hot),
      cmocka_unit_test(other_blocks_have_the_same_classes),
      cmocka_unit_test(some_kinds_have_no_class_a_position),
      cmocka_unit_test(no_memory_counts_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
