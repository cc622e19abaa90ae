/* test_labels_counter.c: what counters of all kinds have in common: options, merging, overflow. */
#include "arrays.h"
#include "number_labels.h"

static sy_label_array index_of(sy_array values) {
  return labels_of(SY_LABEL_INDEX, values);
}

static void kinds_have_names(void **state) {
  (void)state;
  assert_string_equal(sy_label_kind_name(SY_LABEL_INDEX), "index");
  assert_string_equal(sy_label_kind_name(SY_LABEL_NAME), "name");
  assert_string_equal(sy_label_kind_name(SY_LABEL_ONE_HOT), "one-hot");
  assert_string_equal(sy_label_kind_name(SY_LABEL_MULTI_HOT), "multi-hot");
  assert_string_equal(sy_label_kind_name(SY_LABEL_NAME_LIST), "name list");
  assert_string_equal(sy_label_kind_name((sy_label_kind)77), "unknown");
}

static void check_options(sy_label_kind kind, sy_labels_options options, const char *text) {
  sy_counter *counter;
  assert_int_equal(sy_counter_new(kind, &options, &counter, &counter_error), SY_INVALID_ARGUMENT);
  assert_null(counter);
  assert_string_equal(counter_error.text, text);
}

static void wrong_options_are_refused(void **state) {
  (void)state;
  const char *twice[] = {"1", "2", "1.0"};
  const sy_class_group group = {"any", twice, 1};
  check_options(SY_LABEL_INDEX, (sy_labels_options){.classes = twice, .n_classes = 3},
                "class '1.0' is declared twice");
  check_options(SY_LABEL_MULTI_HOT, (sy_labels_options){.classes = twice},
                "the list of declared classes is empty");
  check_options(SY_LABEL_INDEX, (sy_labels_options){.groups = &group, .n_groups = 1},
                "groups put names together; labels of kind index have none");
  check_options(SY_LABEL_INDEX, (sy_labels_options){.ignore = "x"},
                "the id to ignore, 'x', is no integer");
  check_options(SY_LABEL_ONE_HOT, (sy_labels_options){.ignore = "3"},
                "one-hot labels have no label to ignore: a mask takes positions out");
  check_options((sy_label_kind)77, (sy_labels_options){0}, "77 is no kind of labels");
  check_options(SY_LABEL_INDEX, (sy_labels_options){.n_classes = (size_t)1 << 31},
                "2147483648 classes are more than the 2147483647 there may be");
}

/* The caller's options may go away. */
static void options_are_copied(void **state) {
  (void)state;
  char first[] = "cat", second[] = "dog", ignore[] = "7";
  const char *classes[] = {first, second};
  sy_labels_options options = {.classes = classes, .n_classes = 2, .ignore = ignore};
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &options);
  memset(first, 'x', 3);
  memset(ignore, 'x', 1);
  classes[1] = NULL;
  options = (sy_labels_options){0};
  counter_add(counter, index_of(NUMBERS_1(uint8_t, SY_U8, 3, 1, 0, 7)));
  check_counter(counter, "cat 1, dog 1");
  sy_counter_free(counter);
  sy_counter_free(NULL);
}

static void only_like_counters_merge(void **state) {
  (void)state;
  const char *classes[] = {"a", "b"}, *others[] = {"b", "a"};
  sy_labels_options options[] = {{.n_classes = 2},
                                 {.n_classes = 3},
                                 {.classes = classes, .n_classes = 2},
                                 {.classes = others, .n_classes = 2},
                                 {.n_classes = 2, .ignore = "2"}};
  for (size_t i = 0; i < COUNT(options); i++)
    for (size_t j = 0; j < COUNT(options); j++) {
      sy_counter *into = counter_new(SY_LABEL_INDEX, &options[i]);
      sy_counter *from = counter_new(SY_LABEL_INDEX, &options[j]);
      sy_status status = sy_counter_merge(into, from, &counter_error);
      assert_int_equal(status, i == j ? SY_OK : SY_INVALID_ARGUMENT);
      if (i != j)
        assert_string_equal(counter_error.text, "counters with different classes, groups or "
                                                "ignored labels cannot be merged");
      sy_counter_free(into);
      sy_counter_free(from);
    }
  sy_counter *index = counter_new(SY_LABEL_INDEX, NULL), *hot = counter_new(SY_LABEL_ONE_HOT, NULL);
  assert_int_equal(sy_counter_merge(index, hot, &counter_error), SY_INVALID_ARGUMENT);
  assert_string_equal(counter_error.text,
                      "counters of labels of kind index and of kind one-hot cannot be merged");
  sy_label_array labels = labels_of(SY_LABEL_ONE_HOT, NUMBERS_2(uint8_t, SY_U8, 1, 2, 0, 1));
  assert_int_equal(sy_counter_add(index, &labels, &counter_error), SY_INVALID_ARGUMENT);
  assert_string_equal(counter_error.text,
                      "a counter of labels of kind index is given kind one-hot");
  sy_counter_free(index);
  sy_counter_free(hot);
}

/* A counter merged with itself has twice the rows: 64 times, and they are 2^64. */
static void counts_do_not_overflow(void **state) {
  (void)state;
  const sy_label_array kinds[] = {
      labels_of(SY_LABEL_INDEX, NUMBERS_1(uint8_t, SY_U8, 1, 5)),
      labels_of(SY_LABEL_ONE_HOT, NUMBERS_2(uint8_t, SY_U8, 1, 1, 1)),
      labels_of(SY_LABEL_MULTI_HOT, NUMBERS_2(uint8_t, SY_U8, 1, 1, 1))};
  const char *names[] = {"5", "0"};
  for (size_t i = 0; i < COUNT(kinds); i++) {
    sy_counter *counter = counter_new(kinds[i].kind, NULL);
    counter_add(counter, kinds[i]);
    for (size_t doubled = 1; doubled < 64; doubled++)
      assert_int_equal(sy_counter_merge(counter, counter, NULL), SY_OK);
    assert_int_equal(sy_counter_merge(counter, counter, &counter_error), SY_INVALID_DATA);
    assert_string_equal(counter_error.text, "together these are more than 2^64 - 1 rows, the most "
                                            "that are counted");
    sy_counts *counts = counter_read(counter);
    const sy_counts *single = i == 2 ? sy_counts_label(counts, 0) : counts;
    assert_true(sy_counts_rows(single, i == 2) == (uint64_t)1 << 63);
    assert_true(sy_counts_weight(single, i == 2) == 0x1p63);
    if (i < 2) assert_string_equal(sy_counts_classes(counts)[0], names[i]);
    assert_int_equal(sy_counts_merge(counts, counts, &counter_error), SY_INVALID_DATA);
    assert_non_null(strstr(counter_error.text, "more than 2^64 - 1 rows"));
    assert_true(sy_counts_rows(single, i == 2) == (uint64_t)1 << 63);
    sy_counts_free(counts);
    sy_counter_free(counter);
  }
}

/* Doubled and one more, 64 times: 2^64 - 1 rows, which leave no room for another. */
static void the_last_row_is_counted(void **state) {
  (void)state;
  sy_label_array one = index_of(NUMBERS_1(uint8_t, SY_U8, 1, 5));
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  for (size_t i = 0; i < 64; i++) {
    assert_int_equal(sy_counter_merge(counter, counter, NULL), SY_OK);
    counter_add(counter, one);
  }
  assert_int_equal(sy_counter_add(counter, &one, &counter_error), SY_INVALID_DATA);
  assert_non_null(strstr(counter_error.text, "more than 2^64 - 1 rows"));
  sy_counts *counts = counter_read(counter);
  assert_true(sy_counts_rows(counts, 0) == UINT64_MAX);
  assert_true(sy_counts_positions(counts) == UINT64_MAX);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

/* --- labels of one class a position --- */

static void labels_of_several_are_refused(void **state) {
  (void)state;
  sy_labels *labels;
  sy_label_array several =
      labels_of(SY_LABEL_MULTI_HOT, NUMBERS_2(uint8_t, SY_U8, 2, 2, 0, 1, 1, 1));
  assert_int_equal(sy_labels_from_array(&several, NULL, &labels, &counter_error),
                   SY_INVALID_ARGUMENT);
  assert_string_equal(counter_error.text,
                      "labels of kind multi-hot have several labels a row, not one class");
  sy_label_array soft = labels_of(SY_LABEL_ONE_HOT, NUMBERS_2(float, SY_F32, 2, 2, 0, 1, .5f, .5f));
  assert_int_equal(sy_labels_from_array(&soft, NULL, &labels, &counter_error), SY_INVALID_LABEL);
  assert_string_equal(counter_error.text, "the label at row 2 has a part 0.5 of class 1 of 2: a "
                                          "soft label is no one class");
  assert_null(labels);
  soft.values = NUMBERS_2(double, SY_F64, 2, 2, 0, 1, 1, 1e-5); /* the small part comes last */
  assert_int_equal(sy_labels_from_array(&soft, NULL, &labels, &counter_error), SY_INVALID_LABEL);
  assert_string_equal(counter_error.text, "the label at row 2 has a part 1e-05 of class 2 of 2: a "
                                          "soft label is no one class");
}

static void labels_come_in_c_order(void **state) {
  (void)state;
  sy_labels *labels;
  const sy_array mask = NUMBERS_2(uint8_t, SY_U8, 2, 2, 1, 1, 0, 1);
  sy_label_array array = index_of(NUMBERS_2(int32_t, SY_I32, 2, 2, 7, 3, 99, 7));
  array.mask = &mask;
  assert_int_equal(sy_labels_from_array(&array, NULL, &labels, NULL), SY_OK);
  assert_int_equal(sy_labels_n_classes(labels), 2);
  assert_memory_equal(sy_labels_ids(labels), IDS(1, 0, SY_IGNORED, 1), 4 * sizeof(int32_t));
  sy_labels_free(labels);
  array.values.strides[0] = 1; /* transposed */
  array.values.strides[1] = 2;
  array.mask = NULL;
  assert_int_equal(sy_labels_from_array(&array, NULL, &labels, NULL), SY_OK);
  assert_memory_equal(sy_labels_ids(labels), IDS(1, 2, 0, 1), 4 * sizeof(int32_t));
  sy_labels_free(labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kinds_have_names),
      cmocka_unit_test(wrong_options_are_refused),
      cmocka_unit_test(options_are_copied),
      cmocka_unit_test(only_like_counters_merge),
      cmocka_unit_test(counts_do_not_overflow),
      cmocka_unit_test(the_last_row_is_counted),
      cmocka_unit_test(labels_of_several_are_refused),
      cmocka_unit_test(labels_come_in_c_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
