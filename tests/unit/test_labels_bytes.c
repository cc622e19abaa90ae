/* test_labels_bytes.c: counters as bytes: all of them comes back, and what is no counter is told
 * from one, whatever the bytes. */
#include "arrays.h"
#include "base/memory.h"
#include "number_labels.h"
#include "text_labels.h"

enum { CHECKSUM_SIZE = 8 };

/* --- counters of every kind --- */

static sy_counter *count_images(void) {
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &(sy_labels_options){.ignore = "255"});
  counter_add(counter, labels_of(SY_LABEL_INDEX,
                                 NUMBERS_3(uint8_t, SY_U8, 2, 2, 2, 3, 3, 1, 255, 1, 1, 200, 3)));
  const sy_array weights = NUMBERS_1(double, SY_F64, 2, 0.1, 7e-300);
  sy_label_array labels =
      labels_of(SY_LABEL_INDEX, NUMBERS_3(int64_t, SY_I64, 2, 1, 2, -5, 3, 3, INT64_MIN));
  labels.row_weights = &weights;
  counter_add(counter, labels);
  return counter;
}

static sy_counter *count_declared_ids(void) {
  sy_counter *counter = counter_new(SY_LABEL_INDEX, &(sy_labels_options){.n_classes = 5});
  counter_add(counter, labels_of(SY_LABEL_INDEX, NUMBERS_1(int32_t, SY_I32, 4, 0, 4, 4, 2)));
  return counter;
}

static sy_counter *count_large_ids(void) {
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, labels_of(SY_LABEL_INDEX, NUMBERS_1(uint64_t, SY_U64, 2, UINT64_MAX, 1)));
  return counter;
}

static void add_texts(sy_counter *counter, sy_label_kind kind, const sy_array *row_weights,
                      const char *const *texts, size_t n) {
  text_labels labels = text_labels_of(texts, n);
  sy_label_array array = *text_labels_view(&labels, kind, 1, &n);
  array.row_weights = row_weights;
  counter_add(counter, array);
  text_labels_free(&labels);
}

static sy_counter *count_names(void) {
  const sy_class_group groups[] = {{"pet", NAMES("cat", "dog"), 2},
                                   {"K\xC3\xB6ln", NAMES("1.0"), 1}};
  const sy_labels_options options = {.groups = groups, .n_groups = 2, .ignore = "?"};
  const sy_array weights = NUMBERS_1(float, SY_F32, 6, 0.1f, 1, 0, 3e-30f, 1e30f, 9);
  sy_counter *counter = counter_new(SY_LABEL_NAME, &options);
  add_texts(counter, SY_LABEL_NAME, &weights, NAMES("cat", " dog", "cow", "1", "cat", "?"), 6);
  return counter;
}

static sy_counter *count_declared_names(void) {
  const sy_labels_options options = {.classes = NAMES("no", "yes", "maybe"), .n_classes = 3};
  sy_counter *counter = counter_new(SY_LABEL_NAME, &options);
  add_texts(counter, SY_LABEL_NAME, NULL, NAMES("yes", "yes", "no"), 3);
  return counter;
}

static sy_counter *count_lists(void) {
  const sy_labels_options options = {.separator = ", ", .ignore = "?"};
  const sy_array weights = NUMBERS_1(double, SY_F64, 5, 0.5, 1, 0.25, 1, 4);
  sy_counter *counter = counter_new(SY_LABEL_NAME_LIST, &options);
  add_texts(counter, SY_LABEL_NAME_LIST, &weights, NAMES("a, b, a, a", "", "b", "c, ?", "a"), 5);
  return counter;
}

static sy_counter *count_soft(void) {
  const sy_labels_options options = {.classes = NAMES("x", "y"), .n_classes = 2};
  sy_counter *counter = counter_new(SY_LABEL_ONE_HOT, &options);
  counter_add(counter,
              labels_of(SY_LABEL_ONE_HOT, NUMBERS_2(double, SY_F64, 2, 2, 0.3, 0.7, 1, 0)));
  return counter;
}

static sy_counter *count_cells(void) {
  sy_counter *counter = counter_new(SY_LABEL_MULTI_HOT, &(sy_labels_options){.ignore = "-1"});
  counter_add(counter,
              labels_of(SY_LABEL_MULTI_HOT, NUMBERS_2(int8_t, SY_I8, 2, 3, 0, 1, -1, 1, 1, 0)));
  return counter;
}

static sy_counter *count_nothing(void) {
  return counter_new(SY_LABEL_ONE_HOT, NULL);
}

static sy_counter *(*const MAKERS[])(void) = {
    count_images, count_declared_ids, count_large_ids, count_names,   count_declared_names,
    count_lists,  count_soft,         count_cells,     count_nothing,
};

/* --- there and back --- */

typedef struct sent {
  void *bytes;
  size_t size;
} sent;

static sent send(const sy_counter *counter) {
  sent made;
  if (sy_counter_to_bytes(counter, &made.bytes, &made.size, &counter_error) != SY_OK)
    fail_msg("%s", counter_error.text);
  return made;
}

static sy_counter *receive(const void *bytes, size_t size) {
  sy_counter *counter;
  if (sy_counter_from_bytes(bytes, size, &counter, &counter_error) != SY_OK)
    fail_msg("%s", counter_error.text);
  return counter;
}

static void same_class(const sy_counts *a, const sy_counts *b, size_t k) {
  double held = sy_counts_holding(a, k), other_held = sy_counts_holding(b, k);
  assert_int_equal(sy_counts_rows(a, k), sy_counts_rows(b, k));
  assert_true(sy_counts_weight(a, k) == sy_counts_weight(b, k));
  assert_true(sy_counts_weight_squared(a, k) == sy_counts_weight_squared(b, k));
  assert_true(held == other_held || (held != held && other_held != other_held));
}

static void same_counts(const sy_counts *a, const sy_counts *b) {
  assert_int_equal(sy_counts_n_classes(a), sy_counts_n_classes(b));
  assert_int_equal(sy_counts_n_labels(a), sy_counts_n_labels(b));
  for (size_t k = 0; k < sy_counts_n_classes(a); k++) {
    assert_string_equal(sy_counts_classes(a)[k], sy_counts_classes(b)[k]);
    same_class(a, b, k);
  }
  for (size_t l = 0; l < sy_counts_n_labels(a); l++) {
    assert_string_equal(sy_counts_labels(a)[l], sy_counts_labels(b)[l]);
    for (size_t k = 0; k < 2; k++) same_class(sy_counts_label(a, l), sy_counts_label(b, l), k);
  }
  assert_int_equal(sy_counts_positions(a), sy_counts_positions(b));
  assert_int_equal(sy_counts_first_axis(a), sy_counts_first_axis(b));
  assert_int_equal(sy_counts_ignored(a), sy_counts_ignored(b));
  assert_int_equal(sy_messages_count(sy_counts_messages(a)),
                   sy_messages_count(sy_counts_messages(b)));
}

static void same_counters(const sy_counter *a, const sy_counter *b) {
  sy_counts *one, *other;
  sy_status status = sy_counter_counts(a, &one, NULL);
  assert_int_equal(sy_counter_counts(b, &other, NULL), status);
  if (status == SY_OK) same_counts(one, other);
  sy_counts_free(one);
  sy_counts_free(other);
}

static void counters_come_back(void **state) {
  (void)state;
  for (size_t m = 0; m < COUNT(MAKERS); m++) {
    sy_counter *counter = MAKERS[m]();
    sent there = send(counter);
    sy_counter *back = receive(there.bytes, there.size);
    same_counters(counter, back);
    sent again = send(back);
    assert_int_equal(again.size, there.size);
    assert_memory_equal(again.bytes, there.bytes, there.size);
    assert_int_equal(sy_counter_merge(back, counter, &counter_error), SY_OK);
    assert_int_equal(sy_counter_merge(counter, counter, &counter_error), SY_OK);
    same_counters(counter, back);
    sy_counter_free(back);
    sy_counter_free(counter);
    free(there.bytes);
    free(again.bytes);
  }
}

/* What rows of one-hot labels look like is noticed over all blocks, sent or not. */
static void remarks_come_along(void **state) {
  (void)state;
  sy_counter *counter = counter_new(SY_LABEL_INDEX, NULL);
  counter_add(counter, labels_of(SY_LABEL_INDEX, NUMBERS_2(int32_t, SY_I32, 2, 2, 0, 1, 1, 0)));
  sent there = send(counter);
  sy_counter *back = receive(there.bytes, there.size);
  sy_counts *counts = counter_read(back);
  assert_int_equal(sy_messages_count(sy_counts_messages(counts)), 1);
  sy_counts_free(counts);
  sy_counter_free(counter);
  sy_counter_free(back);
  free(there.bytes);
}

/* A block that was refused leaves no trace. */
static void refused_blocks_are_not_sent(void **state) {
  (void)state;
  sy_counter *counter = counter_new(SY_LABEL_NAME, NULL);
  assert_int_equal(text_labels_count(counter, SY_LABEL_NAME, NAMES("a", "b", ""), 3, NULL),
                   SY_INVALID_LABEL);
  assert_int_equal(text_labels_count(counter, SY_LABEL_NAME, NAMES("c"), 1, NULL), SY_OK);
  sent there = send(counter);
  sy_counter *back = receive(there.bytes, there.size);
  check_counter(back, "c 1");
  sy_counter_free(counter);
  sy_counter_free(back);
  free(there.bytes);
}

/* Written once and for all: format 1 stays as it is. */
static void format_1_stays(void **state) {
  (void)state;
  /* clang-format off */
  static const unsigned char format_1[] = {
      'S', 'Y', 'C', 'O', 'U', 'N', 'T', 0, /* mark */
      1, 1,                                 /* format, kind: name */
      0, 0, 0, 0, 0,            /* no classes, names of them, groups, ignore, separator */
      3, 3, 0,                  /* rows, positions, ignored */
      2, 1, 'b', 2, 1, 'a', 1,  /* names met */
      1, 0, 0, 0, 0, 0, 0,      /* there are sums; what is counted of lists alone */
      2,                        /* classes */
      1, 'b', 2, 1, 0,          /* b: 2 rows, 1 of weight one, no images */
      1, 33, 0x80, 0x80, 8,     /* 0.5 = 2^17 2^(32 33 - 1074) */
      1, 33, 0x80, 0x80, 4,     /* its square */
      0,                        /* images */
      1, 'a', 1, 1, 0, 0, 0, 0};
  /* clang-format on */
  sy_counter *counter = counter_new(SY_LABEL_NAME, NULL);
  const sy_array weights = NUMBERS_1(double, SY_F64, 3, 1, 0.5, 1);
  add_texts(counter, SY_LABEL_NAME, &weights, NAMES("b", "b", "a"), 3);
  sent there = send(counter);
  assert_int_equal(there.size, sizeof format_1 + CHECKSUM_SIZE);
  assert_memory_equal(there.bytes, format_1, sizeof format_1);
  sy_counter_free(counter);
  free(there.bytes);
}

/* --- what is no counter --- */

static void check_no_counter(const void *bytes, size_t size, const char *text) {
  sy_counter *counter;
  assert_int_equal(sy_counter_from_bytes(bytes, size, &counter, &counter_error), SY_INVALID_DATA);
  assert_null(counter);
  assert_string_equal(counter_error.text, text);
}

/* Gives bytes the checksum that they should have. */
static void seal(void *bytes, size_t size) {
  uint64_t sum = sy_checksum(bytes, size - CHECKSUM_SIZE);
  unsigned char *at = (unsigned char *)bytes + size - CHECKSUM_SIZE;
  for (size_t i = 0; i < CHECKSUM_SIZE; i++) at[i] = (unsigned char)(sum >> 8 * i);
}

static void what_is_wrong_is_told(void **state) {
  (void)state;
  sy_counter *counter = count_declared_ids();
  sent there = send(counter);
  unsigned char *bytes = there.bytes;
  check_no_counter(NULL, 0, "these 0 bytes are no counted labels");
  check_no_counter("\x80\x04\x95pickle", 9, "these 9 bytes are no counted labels");
  check_no_counter(bytes, 20, "these 20 bytes of counted labels are damaged or cut short");
  bytes[8] = 2;
  seal(bytes, there.size);
  check_no_counter(bytes, there.size,
                   "these counted labels are of format 2; this version of steelyard reads 1");
  bytes[8] = 1;
  bytes[9] = 9; /* kind */
  seal(bytes, there.size);
  check_no_counter(bytes, there.size, "these counted labels contradict themselves at byte 10");
  sy_counter_free(counter);
  free(bytes);
}

/* Bytes of exactly their size, so that reading past them is seen. */
static sy_status try_bytes(const void *bytes, size_t size, sy_counter **counter) {
  void *exact = malloc(size > 0 ? size : 1);
  memcpy(exact, bytes, size);
  sy_status status = sy_counter_from_bytes(exact, size, counter, &counter_error);
  free(exact);
  return status;
}

static void damage_is_found(void **state) {
  (void)state;
  for (size_t m = 0; m < COUNT(MAKERS); m++) {
    sy_counter *counter = MAKERS[m](), *none;
    sent there = send(counter);
    unsigned char *bytes = there.bytes;
    for (size_t size = 0; size < there.size; size++)
      assert_int_equal(try_bytes(bytes, size, &none), SY_INVALID_DATA);
    for (size_t at = 0; at < there.size; at++)
      for (unsigned flip = 1; flip < 256; flip += 1 + flip % 3) {
        bytes[at] ^= (unsigned char)flip;
        assert_int_equal(try_bytes(bytes, there.size, &none), SY_INVALID_DATA);
        assert_null(none);
        bytes[at] ^= (unsigned char)flip;
      }
    sy_counter_free(counter);
    free(bytes);
  }
}

/* A counter of whatever numbers works as one. */
static void use(sy_counter *counter) {
  sy_counts *counts;
  sy_status status = sy_counter_counts(counter, &counts, &counter_error);
  assert_true(status == SY_OK || status == SY_NO_ROWS || status == SY_INVALID_LABEL);
  sy_counts_free(counts);
  sent there = send(counter);
  sy_counter *back = receive(there.bytes, there.size);
  same_counters(counter, back);
  status = sy_counter_merge(back, counter, &counter_error);
  assert_true(status == SY_OK || status == SY_INVALID_DATA);
  sy_counter_free(back);
  free(there.bytes);
}

/* What has the right checksum may still be anything; so it is where every byte in turn is another,
 * some are cut out, or it ends early. */
static void no_bytes_do_harm(void **state) {
  (void)state;
  size_t refused = 0, taken = 0;
  for (size_t m = 0; m < COUNT(MAKERS); m++) {
    sy_counter *counter = MAKERS[m](), *other;
    sent there = send(counter);
    unsigned char *bytes = malloc(there.size);
    for (size_t at = 8; at < there.size - CHECKSUM_SIZE; at++)
      for (unsigned way = 0; way < 258; way++) {
        size_t size = there.size;
        memcpy(bytes, there.bytes, size);
        if (way < 256) {
          bytes[at] = (unsigned char)way;
        } else {
          size_t cut = way == 256 ? 1 : size - CHECKSUM_SIZE - at;
          memmove(bytes + at, bytes + at + cut, size - at - cut);
          size -= cut;
        }
        seal(bytes, size);
        sy_status status = try_bytes(bytes, size, &other);
        assert_true(status == SY_OK || status == SY_INVALID_DATA);
        if (status == SY_OK) use(other);
        refused += status != SY_OK;
        taken += status == SY_OK;
        sy_counter_free(other);
      }
    sy_counter_free(counter);
    free(bytes);
    free(there.bytes);
  }
  assert_true(refused > 10000 && taken > 10000);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  for (size_t m = 0; m < COUNT(MAKERS); m++) {
    sy_counter *counter = MAKERS[m](), *back = NULL;
    sent there = send(counter), again;
    sy_status status;
    size_t nth = 0;
    do {
      sy_memory_fail_nth(++nth);
      status = sy_counter_to_bytes(counter, &again.bytes, &again.size, &counter_error);
      if (status != SY_OK) assert_int_equal(status, SY_OUT_OF_MEMORY);
    } while (sy_memory_fail_nth(0) == 0);
    assert_int_equal(status, SY_OK);
    free(again.bytes);
    nth = 0;
    do {
      sy_memory_fail_nth(++nth);
      status = sy_counter_from_bytes(there.bytes, there.size, &back, &counter_error);
      if (status != SY_OK) assert_int_equal(status, SY_OUT_OF_MEMORY);
    } while (sy_memory_fail_nth(0) == 0);
    assert_int_equal(status, SY_OK);
    assert_true(nth > 3);
    same_counters(counter, back);
    sy_counter_free(back);
    sy_counter_free(counter);
    free(there.bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counters_come_back),
      cmocka_unit_test(remarks_come_along),
      cmocka_unit_test(refused_blocks_are_not_sent),
      cmocka_unit_test(format_1_stays),
      cmocka_unit_test(what_is_wrong_is_told),
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(no_bytes_do_harm),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
