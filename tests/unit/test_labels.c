/* test_labels.c: names and ids become classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"
#include "base/random.h"
#include "labels/name.h"

#include <steelyard/labels.h>

/* --- class names --- */

static void check_canonical(const char *text, const char *expected) {
  char *name = sy_name_canonical(text);
  assert_string_equal(name, expected);
  free(name);
}

static void names_have_one_form(void **state) {
  (void)state;
  check_canonical("1.0", "1");
  check_canonical(" 1.50\t", "1.5");
  check_canonical("-0", "0");
  check_canonical("-0.00", "0");
  check_canonical("-0.50", "-0.5");
  check_canonical("100", "100");
  check_canonical("10.000", "10");
  check_canonical("0.10", "0.1");
  check_canonical("123456789012345678901.0", "123456789012345678901");
}

static void other_text_stays(void **state) {
  (void)state;
  static const char *const kept[] = {"007",  "1e3", "+1",  "1.",    ".5",   "-",   "",    "true",
                                     "0x10", "00",  "--1", "1.0.0", "1.0a", "1 0", "-01", "inf"};
  for (size_t i = 0; i < COUNT(kept); i++) check_canonical(kept[i], kept[i]);
  check_canonical("  two words ", "two words");
}

static void numbers_compare_exactly(void **state) {
  (void)state;
  static const char *const sorted[] = {"-12345678901234567891",
                                       "-12345678901234567890",
                                       "-10",
                                       "-9",
                                       "-1.5",
                                       "-1.25",
                                       "-1",
                                       "0",
                                       "0.05",
                                       "0.5",
                                       "0.51",
                                       "1",
                                       "1.5",
                                       "2",
                                       "10",
                                       "10.01",
                                       "100",
                                       "12345678901234567890",
                                       "12345678901234567890.1",
                                       "12345678901234567891"};
  for (size_t i = 0; i < COUNT(sorted); i++)
    for (size_t j = 0; j < COUNT(sorted); j++) {
      int order = sy_name_compare_numbers(sorted[i], sorted[j]);
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
    }
  assert_true(sy_name_is_number("-1.5") && sy_name_is_number("0"));
  assert_false(sy_name_is_number("1.0") || sy_name_is_number("007") || sy_name_is_number("-0") ||
               sy_name_is_number("") || sy_name_is_number("a"));
}

/* --- labels from names --- */

/* Reads `n` codes; asserts the status and, of a success, returns the labels. */
static sy_labels *read_names(const uint32_t *codes, size_t n, const char *const *values,
                             size_t n_values, const sy_labels_options *options, sy_status wanted,
                             sy_error *error) {
  sy_labels *labels = NULL;
  sy_status status = sy_labels_from_names(codes, n, values, n_values, options, &labels, error);
  if (status != wanted) fail_msg("%s: %s", sy_status_name(status), status ? error->text : "");
  assert_int_equal(labels != NULL, status == SY_OK);
  return labels;
}

#define NAMES(options, status, values, ...)                                                        \
  read_names((const uint32_t[]){__VA_ARGS__}, COUNT(((const uint32_t[]){__VA_ARGS__})), values,    \
             COUNT(values), options, status, &error)

static void check_labels(const sy_labels *labels, const char *classes, const int32_t *ids) {
  char joined[256] = "";
  for (size_t k = 0; k < sy_labels_n_classes(labels); k++) {
    strcat(joined, k > 0 ? "|" : "");
    strcat(joined, sy_labels_classes(labels)[k]);
    assert_int_equal(sy_labels_find(labels, sy_labels_classes(labels)[k]), k);
  }
  assert_string_equal(joined, classes);
  for (size_t i = 0; i < sy_labels_rows(labels); i++)
    assert_int_equal(sy_labels_ids(labels)[i], ids[i]);
}

static void names_are_sorted_by_bytes(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"pear", "apple", "unused", "Zebra", " apple "};
  sy_labels *labels = NAMES(NULL, SY_OK, values, 0, 1, 3, 4, 0);
  check_labels(labels, "Zebra|apple|pear", IDS(2, 1, 0, 1, 2));
  assert_int_equal(sy_labels_find(labels, "  pear"), 2);
  assert_int_equal(sy_labels_find(labels, "unused"), -1);
  sy_labels_free(labels);
  sy_labels_free(NULL);
}

static void numbers_are_sorted_as_numbers(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"10", "9", "1.0", "1", "-2"};
  sy_labels *labels = NAMES(NULL, SY_OK, values, 0, 1, 2, 3, 4);
  check_labels(labels, "-2|1|9|10", IDS(3, 2, 1, 1, 0));
  assert_int_equal(sy_labels_find(labels, "9.00"), 2);
  sy_labels_free(labels);
  const char *mixed[] = {"10", "9", "007"};
  labels = NAMES(NULL, SY_OK, mixed, 0, 1, 2);
  check_labels(labels, "007|10|9", IDS(1, 2, 0));
  sy_labels_free(labels);
}

static void declared_classes_keep_their_order(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"b", "2.0"}, *classes[] = {"c", "b", "2"};
  sy_labels_options options = {.classes = classes, .n_classes = 3};
  sy_labels *labels = NAMES(&options, SY_OK, values, 1, 0, 1);
  check_labels(labels, "c|b|2", IDS(2, 1, 2));
  sy_labels_free(labels);
}

static void label_outside_is_named(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"damage", "Nonw", "zzz"}, *classes[] = {"None", "damage"};
  sy_labels_options options = {.classes = classes, .n_classes = 2};
  NAMES(&options, SY_INVALID_LABEL, values, 0, 0, 1, 2);
  assert_string_equal(
      error.text, "label 'Nonw' at row 3 is none of the 2 declared classes; the nearest is 'None'");
  NAMES(&options, SY_INVALID_LABEL, values, 0, 2, 1); /* the first row, not the first value */
  assert_string_equal(error.text, "label 'zzz' at row 2 is none of the 2 declared classes");
}

static void null_labels_are_refused(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"a", "  ", "b"};
  NAMES(NULL, SY_INVALID_LABEL, values, 0, SY_MISSING);
  assert_non_null(strstr(error.text, "row 2 is missing"));
  NAMES(NULL, SY_INVALID_LABEL, values, 0, 2, 0, 1);
  assert_non_null(strstr(error.text, "row 4 is missing"));
  NAMES(NULL, SY_INVALID_ARGUMENT, values, 0, 3);
  assert_non_null(strstr(error.text, "row 2"));
  sy_labels *labels;
  assert_int_equal(sy_labels_from_names(NULL, 0, values, 3, NULL, &labels, NULL), SY_NO_ROWS);
}

static void groups_become_classes(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"None", "Minor", "B", "C", "damage"};
  const char *members[] = {"Minor", "B"}, *more[] = {" C "};
  sy_class_group groups[] = {{"damage", members, 2}, {"damage", more, 1}};
  sy_labels_options options = {.groups = groups, .n_groups = 2};
  sy_labels *labels = NAMES(&options, SY_OK, values, 0, 1, 2, 3);
  check_labels(labels, "None|damage", IDS(0, 1, 1, 1));
  sy_labels_free(labels);
  labels = NAMES(&options, SY_OK, values, 0, 1, 2, 3, 4); /* a class of the group's name joins it */
  check_labels(labels, "None|damage", IDS(0, 1, 1, 1, 1));
  sy_labels_free(labels);
  const char *classes[] = {"damage", "None"};
  options.classes = classes;
  options.n_classes = 2;
  labels = NAMES(&options, SY_OK, values, 0, 1, 2, 3);
  check_labels(labels, "damage|None", IDS(1, 0, 0, 0));
  sy_labels_free(labels);
}

static void group_mistakes_are_named(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"None", "Minor", "B"};
  const char *wrong[] = {"Minr"}, *unused[] = {"B"}, *minor[] = {"Minor"};
  sy_class_group groups[] = {{"damage", wrong, 1}, {"other", minor, 1}};
  sy_labels_options options = {.groups = groups, .n_groups = 1};
  NAMES(&options, SY_INVALID_LABEL, values, 0, 1);
  assert_string_equal(error.text,
                      "group 'damage': no label in the data is 'Minr'; did you mean 'Minor'?");
  groups[0].members = unused; /* a value of the column that no row has */
  NAMES(&options, SY_INVALID_LABEL, values, 0, 1);
  assert_string_equal(error.text, "group 'damage': none of the 2 labels in the data is 'B'");
  groups[0].members = minor;
  options.n_groups = 2;
  NAMES(&options, SY_INVALID_ARGUMENT, values, 0, 1);
  assert_string_equal(error.text, "label 'Minor' is in two groups, 'damage' and 'other'");
}

static void ignored_names_are_taken_out(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"1", "255.0", "2"};
  sy_labels_options options = {.ignore = "255"};
  sy_labels *labels = NAMES(&options, SY_OK, values, 0, 1, 2, 1);
  check_labels(labels, "1|2", IDS(0, SY_IGNORED, 1, SY_IGNORED));
  sy_labels_free(labels);
  NAMES(&options, SY_NO_ROWS, values, 1, 1);
}

static void declared_mistakes_are_named(void **state) {
  (void)state;
  sy_error error;
  const char *values[] = {"1"}, *twice[] = {"1", "1.0"}, *empty[] = {"1", " "};
  sy_labels_options options = {.classes = twice, .n_classes = 2};
  NAMES(&options, SY_INVALID_ARGUMENT, values, 0);
  assert_string_equal(error.text, "class '1.0' is declared twice");
  options.classes = empty;
  NAMES(&options, SY_INVALID_ARGUMENT, values, 0);
  assert_string_equal(error.text, "class 2 of the declared ones has no name");
}

static void names_survive_no_memory(void **state) {
  (void)state;
  const char *values[] = {"None", "Minor", "B", "7"}, *members[] = {"Minor", "B"};
  const uint32_t codes[] = {0, 1, 2, 3};
  sy_class_group group = {"damage", members, 2};
  sy_labels_options options = {.groups = &group, .n_groups = 1, .ignore = "7"};
  sy_labels *labels = NULL;
  size_t nth = 0;
  sy_status status;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_labels_from_names(codes, 4, values, 4, &options, &labels, NULL);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !labels));
  } while (status != SY_OK);
  sy_memory_fail_nth(0);
  assert_true(nth > 5);
  check_labels(labels, "None|damage", IDS(0, 1, 1, SY_IGNORED));
  sy_labels_free(labels);
}

/* --- labels from integers --- */

static sy_labels *read_index(const void *ids, sy_dtype dtype, size_t n,
                             const sy_labels_options *options, sy_status wanted, sy_error *error) {
  sy_labels *labels = NULL;
  const sy_label_array array = {.kind = SY_LABEL_INDEX, .values = sy_array_of(ids, dtype, 1, &n)};
  sy_status status = sy_labels_from_array(&array, options, &labels, error);
  if (status != wanted) fail_msg("%s: %s", sy_status_name(status), status ? error->text : "");
  assert_int_equal(labels != NULL, status == SY_OK);
  return labels;
}

static void large_ids_are_classes(void **state) {
  (void)state;
  sy_error error;
  const int64_t big = (int64_t)1 << 62;
  const int64_t ids[] = {big, big - 1, 3, -5, INT64_MIN, INT64_MAX, 3};
  sy_labels *labels = read_index(ids, SY_I64, 7, NULL, SY_OK, &error);
  check_labels(labels,
               "-9223372036854775808|-5|3|4611686018427387903|4611686018427387904|"
               "9223372036854775807",
               IDS(4, 3, 2, 1, 0, 5, 2));
  sy_labels_free(labels);
  const uint64_t unsigned_ids[] = {UINT64_MAX, 0, UINT64_MAX - 1};
  labels = read_index(unsigned_ids, SY_U64, 3, NULL, SY_OK, &error);
  check_labels(labels, "0|18446744073709551614|18446744073709551615", IDS(2, 0, 1));
  sy_labels_free(labels);
}

static void every_integer_type_is_read(void **state) {
  (void)state;
  sy_error error;
  const int8_t i8[] = {-1, 2, -1};
  const int16_t i16[] = {-1, 2, -1};
  const int32_t i32[] = {-1, 2, -1};
  const int64_t i64[] = {-1, 2, -1};
  const uint8_t u8[] = {200, 255, 200};
  const uint16_t u16[] = {200, 255, 200};
  const uint32_t u32[] = {200, 255, 200};
  const uint64_t u64[] = {200, 255, 200};
  const struct {
    const void *ids;
    sy_dtype dtype;
    const char *classes;
  } cases[] = {{i8, SY_I8, "-1|2"},      {i16, SY_I16, "-1|2"},   {i32, SY_I32, "-1|2"},
               {i64, SY_I64, "-1|2"},    {u8, SY_U8, "200|255"},  {u16, SY_U16, "200|255"},
               {u32, SY_U32, "200|255"}, {u64, SY_U64, "200|255"}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    sy_labels *labels = read_index(cases[c].ids, cases[c].dtype, 3, NULL, SY_OK, &error);
    check_labels(labels, cases[c].classes, IDS(0, 1, 0));
    sy_labels_free(labels);
  }
  const double floats[] = {0, 1};
  read_index(floats, SY_F64, 2, NULL, SY_INVALID_ARGUMENT, &error);
  read_index(floats, SY_F32, 2, NULL, SY_INVALID_ARGUMENT, &error);
  read_index(i8, SY_I8, 0, NULL, SY_NO_ROWS, &error);
}

static void declared_ids_are_their_class(void **state) {
  (void)state;
  sy_error error;
  sy_labels_options options = {.n_classes = 4};
  const int32_t ids[] = {3, 0, 18, 1};
  sy_labels *labels = read_index(ids, SY_I32, 2, &options, SY_OK, &error);
  check_labels(labels, "0|1|2|3", IDS(3, 0));
  sy_labels_free(labels);
  read_index(ids, SY_I32, 4, &options, SY_INVALID_LABEL, &error);
  assert_string_equal(error.text, "label 18 at row 3 is outside the 4 classes 0..3");
  const int8_t negative[] = {0, -1};
  read_index(negative, SY_I8, 2, &options, SY_INVALID_LABEL, &error);
  assert_string_equal(error.text, "label -1 at row 2 is outside the 4 classes 0..3");
  const uint64_t huge[] = {(uint64_t)1 << 63};
  read_index(huge, SY_U64, 1, &options, SY_INVALID_LABEL, &error);
  const char *names[] = {"cat", "dog"};
  options = (sy_labels_options){.classes = names, .n_classes = 2};
  labels = read_index(negative, SY_I8, 1, &options, SY_OK, &error);
  check_labels(labels, "cat|dog", IDS(0));
  sy_labels_free(labels);
}

static void ignored_ids_are_taken_out(void **state) {
  (void)state;
  sy_error error;
  const int64_t ids[] = {INT64_MIN, 7, -100, 7};
  sy_labels_options options = {.ignore = "-100"};
  sy_labels *labels = read_index(ids, SY_I64, 4, &options, SY_OK, &error);
  check_labels(labels, "-9223372036854775808|7", IDS(0, 1, SY_IGNORED, 1));
  sy_labels_free(labels);
  options.ignore = "-9223372036854775808";
  labels = read_index(ids, SY_I64, 2, &options, SY_OK, &error);
  check_labels(labels, "7", IDS(SY_IGNORED, 0));
  sy_labels_free(labels);
  const uint8_t bytes[] = {255, 1, 255};
  options = (sy_labels_options){.ignore = "255", .n_classes = 2};
  labels = read_index(bytes, SY_U8, 3, &options, SY_OK, &error);
  check_labels(labels, "0|1", IDS(SY_IGNORED, 1, SY_IGNORED));
  sy_labels_free(labels);
  options = (sy_labels_options){.ignore = "-1"}; /* no unsigned id is -1 */
  labels = read_index(bytes, SY_U8, 3, &options, SY_OK, &error);
  check_labels(labels, "1|255", IDS(1, 0, 1));
  sy_labels_free(labels);
  options.ignore = "99999999999999999999999";
  labels = read_index(bytes, SY_U8, 3, &options, SY_OK, &error);
  sy_labels_free(labels);
  options.ignore = "x";
  read_index(bytes, SY_U8, 3, &options, SY_INVALID_ARGUMENT, &error);
  assert_non_null(strstr(error.text, "'x'"));
  options.ignore = "255";
  read_index(bytes, SY_U8, 1, &options, SY_NO_ROWS, &error);
}

/* Many distinct ids, against a count by brute force. */
static void many_ids(void **state) {
  (void)state;
  enum { N = 20000, IDS_WANTED = 3000 };
  static int64_t ids[N];
  static bool seen[IDS_WANTED];
  for (uint64_t i = 0; i < N; i++) {
    uint64_t pick = sy_random_bits(3, 70, i) % IDS_WANTED;
    ids[i] = (int64_t)pick * 1000003 - 1500000000;
    seen[pick] = true;
  }
  sy_error error;
  sy_labels *labels = read_index(ids, SY_I64, N, NULL, SY_OK, &error);
  static int32_t rank[IDS_WANTED];
  int32_t classes = 0;
  for (size_t p = 0; p < IDS_WANTED; p++) rank[p] = seen[p] ? classes++ : -1;
  assert_int_equal(sy_labels_n_classes(labels), classes);
  for (size_t i = 0; i < N; i++)
    assert_int_equal(sy_labels_ids(labels)[i], rank[(ids[i] + 1500000000) / 1000003]);
  sy_labels_free(labels);
}

static void ids_survive_no_memory(void **state) {
  (void)state;
  int16_t ids[200];
  for (int16_t i = 0; i < 200; i++) ids[i] = (int16_t)(i * 3);
  const sy_label_array array = {.kind = SY_LABEL_INDEX,
                                .values = sy_array_of(ids, SY_I16, 1, (const size_t[]){200})};
  sy_labels *labels = NULL;
  size_t nth = 0;
  sy_status status;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_labels_from_array(&array, NULL, &labels, NULL);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !labels));
  } while (status != SY_OK);
  sy_memory_fail_nth(0);
  assert_true(nth > 200);
  assert_int_equal(sy_labels_n_classes(labels), 200);
  sy_labels_free(labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_have_one_form),
      cmocka_unit_test(other_text_stays),
      cmocka_unit_test(numbers_compare_exactly),
      cmocka_unit_test(names_are_sorted_by_bytes),
      cmocka_unit_test(numbers_are_sorted_as_numbers),
      cmocka_unit_test(declared_classes_keep_their_order),
      cmocka_unit_test(label_outside_is_named),
      cmocka_unit_test(null_labels_are_refused),
      cmocka_unit_test(groups_become_classes),
      cmocka_unit_test(group_mistakes_are_named),
      cmocka_unit_test(ignored_names_are_taken_out),
      cmocka_unit_test(declared_mistakes_are_named),
      cmocka_unit_test(names_survive_no_memory),
      cmocka_unit_test(large_ids_are_classes),
      cmocka_unit_test(every_integer_type_is_read),
      cmocka_unit_test(declared_ids_are_their_class),
      cmocka_unit_test(ignored_ids_are_taken_out),
      cmocka_unit_test(many_ids),
      cmocka_unit_test(ids_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
