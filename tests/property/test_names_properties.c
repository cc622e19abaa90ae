/* test_names_properties.c: names and lists of names are counted the same however they come: in
 * blocks, merged in any order, on any number of threads, as texts, codes, ids or rows of ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text_labels.h"

enum { MOST = 20000, MOST_CLASSES = 26, CASES = 400, MOST_BLOCKS = 6 };

static uint64_t random_state;

static uint64_t pick(uint64_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (random_state >> 33) % n;
}

/* Rows of a random case: which classes each has (a list), or the one that it has. */
static struct {
  bool lists;
  size_t n, n_classes;
  uint32_t has[MOST]; /* bit k: class k */
  double weights[MOST];
  char texts[MOST][2 * MOST_CLASSES + 2];
  const char *pointers[MOST];
} c;

static void draw(uint64_t seed, bool lists) {
  random_state = seed;
  c.lists = lists;
  c.n = pick(12) == 0 ? 1 + pick(MOST) : 1 + pick(200);
  c.n_classes = 2 + pick(MOST_CLASSES - 1);
  for (size_t i = 0; i < c.n; i++) {
    c.has[i] = (uint32_t)1 << pick(c.n_classes);
    if (lists) c.has[i] = (uint32_t)(pick((uint64_t)1 << c.n_classes) & pick(UINT32_MAX));
    if (lists && i < c.n_classes) c.has[i] |= (uint32_t)1 << i; /* each label in one row at least */
    c.weights[i] = pick(3) == 0 ? 1 : (double)pick(100000) / 977;
    char *end = c.texts[i];
    for (size_t k = 0; k < c.n_classes; k++)
      if (c.has[i] >> k & 1) {
        if (end > c.texts[i]) *end++ = ';';
        *end++ = (char)('a' + k);
      }
    *end = 0;
    c.pointers[i] = c.texts[i];
  }
}

static sy_label_kind kind_of_case(void) {
  return c.lists ? SY_LABEL_NAME_LIST : SY_LABEL_NAME;
}

static void add_array(sy_counter *counter, sy_label_array *labels, size_t first, size_t n) {
  sy_error error;
  sy_array weights = sy_array_of(c.weights + first, SY_F64, 1, &n);
  labels->row_weights = &weights;
  if (sy_counter_add(counter, labels, &error) != SY_OK) fail_msg("%s", error.text);
  labels->row_weights = NULL;
}

/* Rows first .. first + n - 1, as texts or as codes. */
static void add_names(sy_counter *counter, size_t first, size_t n) {
  if (pick(2)) {
    text_labels text = text_labels_of(c.pointers + first, n);
    text_labels_view(&text, kind_of_case(), 1, &n);
    add_array(counter, &text.array, first, n);
    text_labels_free(&text);
    return;
  }
  static uint32_t codes[MOST];
  for (size_t i = 0; i < n; i++) codes[i] = (uint32_t)(n - 1 - i);
  sy_label_array labels = {.kind = kind_of_case(), .names = c.pointers + first, .n_names = n};
  labels.values = sy_array_of(codes + n - 1, SY_U32, 1, &n);
  labels.values.strides[0] = -1;
  add_array(counter, &labels, first, n);
}

static sy_counter *new_counter(sy_label_kind kind) {
  sy_counter *counter;
  assert_int_equal(sy_counter_new(kind, NULL, &counter, NULL), SY_OK);
  return counter;
}

static sy_counts *read_counts(sy_counter *counter) {
  sy_counts *counts;
  sy_error error;
  if (sy_counter_counts(counter, &counts, &error) != SY_OK) fail_msg("%s", error.text);
  sy_counter_free(counter);
  return counts;
}

/* The counter as another process gets it. */
static sy_counter *travelled(sy_counter *counter) {
  sy_counter *arrived;
  void *bytes;
  size_t size;
  assert_int_equal(sy_counter_to_bytes(counter, &bytes, &size, NULL), SY_OK);
  sy_counter_free(counter);
  assert_int_equal(sy_counter_from_bytes(bytes, size, &arrived, NULL), SY_OK);
  free(bytes);
  return arrived;
}

/* A counter for each of a few blocks, merged in random order, some of them sent. */
static sy_counts *count_in_blocks(void) {
  sy_counter *counters[MOST_BLOCKS];
  size_t n_blocks = 1 + pick(MOST_BLOCKS), first = 0;
  for (size_t b = 0; b < n_blocks; b++) {
    size_t n = b + 1 == n_blocks ? c.n - first : pick(c.n - first + 1);
    counters[b] = new_counter(kind_of_case());
    if (n > 0) add_names(counters[b], first, n);
    if (pick(2)) counters[b] = travelled(counters[b]);
    first += n;
  }
  while (n_blocks > 1) {
    size_t into = pick(n_blocks), from = (into + 1 + pick(n_blocks - 1)) % n_blocks;
    assert_int_equal(sy_counter_merge(counters[into], counters[from], NULL), SY_OK);
    sy_counter_free(counters[from]);
    counters[from] = counters[--n_blocks];
  }
  return read_counts(counters[0]);
}

/* The same as ids, or as rows of zeros and ones. */
static sy_counts *count_numbers(void) {
  static uint8_t cells[MOST * MOST_CLASSES];
  size_t shape[] = {c.n, c.n_classes};
  bool rows = c.lists || pick(2);
  for (size_t i = 0; i < c.n; i++)
    for (size_t k = 0; k < c.n_classes; k++) {
      bool has = c.has[i] >> k & 1;
      if (rows)
        cells[i * c.n_classes + k] = has;
      else if (has)
        cells[i] = (uint8_t)k;
    }
  sy_label_kind kind = c.lists ? SY_LABEL_MULTI_HOT : rows ? SY_LABEL_ONE_HOT : SY_LABEL_INDEX;
  sy_label_array labels = {.kind = kind, .values = sy_array_of(cells, SY_U8, rows ? 2 : 1, shape)};
  sy_counter *counter = new_counter(kind);
  add_array(counter, &labels, 0, c.n);
  return read_counts(counter);
}

static void same_class(const sy_counts *a, size_t i, const sy_counts *b, size_t j) {
  assert_int_equal(sy_counts_rows(a, i), sy_counts_rows(b, j));
  assert_true(sy_counts_weight(a, i) == sy_counts_weight(b, j));
  assert_true(sy_counts_weight_squared(a, i) == sy_counts_weight_squared(b, j));
}

/* Place of class k among classes called by their ids. */
static size_t place_of(const sy_counts *counts, size_t k) {
  char id[24];
  snprintf(id, sizeof id, "%zu", k);
  for (size_t j = 0; j < sy_counts_n_classes(counts); j++)
    if (strcmp(sy_counts_classes(counts)[j], id) == 0) return j;
  fail_msg("no class %zu", k);
  return 0;
}

static void same_counts(const sy_counts *names, const sy_counts *numbers) {
  for (size_t j = 0; j < sy_counts_n_classes(names); j++) {
    size_t k = (size_t)(sy_counts_classes(names)[j][0] - 'a');
    same_class(names, j, numbers, place_of(numbers, k));
  }
  assert_int_equal(sy_counts_n_labels(names), sy_counts_n_labels(numbers));
  for (size_t l = 0; l < sy_counts_n_labels(names); l++)
    for (size_t k = 0; k < 2; k++)
      same_class(sy_counts_label(names, l), k, sy_counts_label(numbers, l), k);
  assert_int_equal(sy_counts_positions(names), sy_counts_positions(numbers));
}

static void check_case(uint64_t seed, bool lists) {
  draw(seed, lists);
  if (lists && c.n < c.n_classes) return; /* a label that no row has is none among names */
  sy_threads_set(1);
  sy_counts *whole = count_numbers();
  for (int threads = 1; threads <= 2; threads++) {
    sy_threads_set(threads);
    sy_counts *counts = count_in_blocks();
    same_counts(counts, whole);
    sy_counts_free(counts);
  }
  sy_threads_set(0);
  sy_counts_free(whole);
}

static void names_are_counted_the_same(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= CASES; seed++) check_case(seed, false);
}

static void lists_are_counted_the_same(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= CASES; seed++) check_case(seed, true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_counted_the_same),
      cmocka_unit_test(lists_are_counted_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
