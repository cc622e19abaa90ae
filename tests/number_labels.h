/* number_labels.h: label arrays of numbers as they are written in a call, and what is counted in
 * them as one line of text. */
#ifndef TESTS_NUMBER_LABELS_H
#define TESTS_NUMBER_LABELS_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/labels.h>

#define SHAPE(...) ((const size_t[]){__VA_ARGS__})

/* Numbers with their shape: NUMBERS_2(int32_t, SY_I32, 2, 3, 1, 2, 3, 4, 5, 6). */
#define NUMBERS_1(type, dtype, n, ...) sy_array_of((const type[]){__VA_ARGS__}, dtype, 1, SHAPE(n))
#define NUMBERS_2(type, dtype, n, m, ...)                                                          \
  sy_array_of((const type[]){__VA_ARGS__}, dtype, 2, SHAPE(n, m))
#define NUMBERS_3(type, dtype, n, m, l, ...)                                                       \
  sy_array_of((const type[]){__VA_ARGS__}, dtype, 3, SHAPE(n, m, l))

static sy_error counter_error;

static inline sy_counter *counter_new(sy_label_kind kind, const sy_labels_options *options) {
  sy_counter *counter = NULL;
  if (sy_counter_new(kind, options, &counter, &counter_error) != SY_OK)
    fail_msg("%s", counter_error.text);
  return counter;
}

static inline sy_label_array labels_of(sy_label_kind kind, sy_array values) {
  return (sy_label_array){.kind = kind, .values = values};
}

static inline void counter_add(sy_counter *counter, sy_label_array labels) {
  if (sy_counter_add(counter, &labels, &counter_error) != SY_OK) fail_msg("%s", counter_error.text);
}

/* "a 2, b 1": names and weights of the classes in their order; of several labels, "a 3:2, b 4:1",
 * rows without and with each. */
static inline void print_counts(const sy_counts *counts, char text[512]) {
  char number[SY_NUMBER_SIZE], other[SY_NUMBER_SIZE];
  *text = 0;
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++)
    snprintf(text + strlen(text), 512 - strlen(text), "%s%s %s", k > 0 ? ", " : "",
             sy_counts_classes(counts)[k], sy_number_format(sy_counts_weight(counts, k), number));
  for (size_t l = 0; l < sy_counts_n_labels(counts); l++) {
    const sy_counts *label = sy_counts_label(counts, l);
    snprintf(text + strlen(text), 512 - strlen(text), "%s%s %s:%s", l > 0 ? ", " : "",
             sy_counts_labels(counts)[l], sy_number_format(sy_counts_weight(label, 0), number),
             sy_number_format(sy_counts_weight(label, 1), other));
  }
}

static inline sy_counts *counter_read(const sy_counter *counter) {
  sy_counts *counts = NULL;
  if (sy_counter_counts(counter, &counts, &counter_error) != SY_OK)
    fail_msg("%s", counter_error.text);
  return counts;
}

static inline void check_counter(const sy_counter *counter, const char *expected) {
  char text[512];
  sy_counts *counts = counter_read(counter);
  print_counts(counts, text);
  assert_string_equal(text, expected);
  sy_counts_free(counts);
}

/* Counts one array, which is all there is. */
static inline void check_array(sy_label_array labels, const sy_labels_options *options,
                               const char *expected) {
  sy_counter *counter = counter_new(labels.kind, options);
  counter_add(counter, labels);
  check_counter(counter, expected);
  sy_counter_free(counter);
}

/* An array that is refused with these words, after which nothing has been counted. */
static inline void check_refused(sy_label_array labels, const sy_labels_options *options,
                                 sy_status wanted, const char *text) {
  sy_counter *counter = counter_new(labels.kind, options);
  sy_status status = sy_counter_add(counter, &labels, &counter_error);
  if (status != wanted)
    fail_msg("%s instead of %s", sy_status_name(status), sy_status_name(wanted));
  assert_int_equal(counter_error.status, wanted);
  assert_string_equal(counter_error.text, text);
  sy_counts *counts;
  assert_int_equal(sy_counter_counts(counter, &counts, NULL), SY_NO_ROWS);
  assert_null(counts);
  sy_counter_free(counter);
}

#endif
