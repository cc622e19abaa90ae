/* test_labels_properties.c: label arrays of any type, shape and strides, with masks and row
 * weights, are counted as one element after the other would be; blocks in any order, merged in any
 * order, on any number of threads give the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_arrays.h"

#include <steelyard/labels.h>

enum { CASES = 2000, POOL = 48, MOST_AXES = 4, LARGE_CASES = 12 };

/* A random label array, and what is counted in it. */
typedef struct random_case {
  sy_label_array labels;
  sy_labels_options options;
  random_array values, mask, weights;
  sy_array mask_view, weights_view;
  size_t n, n_axes, width; /* positions, their axes, length of the class axis */
  int64_t *written;        /* (n, width) what was stored */
  uint8_t *counts;         /* (n) not masked */
  int64_t *weighs;         /* (n) row weight x 1024 */
  int64_t pool[POOL];
  size_t n_pool;
  char ignore[32];
} random_case;

/* --- making --- */

static void make_shape(random_case *c, size_t *shape, size_t largest) {
  c->n_axes = 1 + random_below(MOST_AXES);
  for (size_t a = 0; a < c->n_axes; a++) {
    shape[a] = 1 + random_below(a == 0 ? largest : 9);
    if (a == 0 && c->n_axes == 1) shape[a] *= 20;
  }
  c->n = shape_product(shape, c->n_axes);
}

static void make_mask(random_case *c, const size_t *shape) {
  c->counts = malloc(c->n);
  bool masks = random_below(3) == 0;
  for (size_t i = 0; i < c->n; i++) c->counts[i] = !masks || random_below(4) > 0;
  if (!masks) return;
  c->mask = random_layout(INTEGERS[random_below(8)], shape, c->n_axes);
  for (size_t i = 0; i < c->n; i++) store_element(&c->mask.view, i, c->counts[i] ? -1 : 0);
  c->mask_view = c->mask.view;
  c->labels.mask = &c->mask_view;
}

static void make_weights(random_case *c, const size_t *shape) {
  c->weighs = malloc(c->n * sizeof *c->weighs);
  for (size_t i = 0; i < c->n; i++) c->weighs[i] = 1024;
  size_t choice = random_below(5);
  if (choice > 1) return;
  size_t axes = choice == 0 ? 1 : c->n_axes, a_row = c->n / shape[0];
  size_t each = axes == 1 ? a_row : 1;
  c->weights = random_layout(random_below(2) ? SY_F32 : SY_F64, shape, axes);
  for (size_t i = 0; i < c->n / each; i++) {
    int64_t weight = random_below(3) == 0 ? 1024 : (int64_t)random_below(4096);
    for (size_t j = 0; j < each; j++) c->weighs[i * each + j] = weight;
    bool masked = each == 1 && !c->counts[i]; /* such a weight is not looked at */
    store_element(&c->weights.view, i, masked ? -5 : weight);
  }
  c->weights_view = c->weights.view;
  c->labels.row_weights = &c->weights_view;
}

/* Ids near 0, spread over thousands or over all 64 bits, or at the end of the type. */
static void make_pool(random_case *c, sy_dtype dtype) {
  static const int64_t spreads[] = {4, 12, 300, 40000, INT64_C(5000000000), INT64_MAX};
  int64_t spread = spreads[random_below(6)];
  int64_t origin = random_below(4) == 0 ? INT64_MAX - 2 : -(int64_t)random_below(3);
  c->n_pool = 1 + random_below(POOL);
  for (size_t p = 0; p < c->n_pool; p++) {
    uint64_t id = (uint64_t)origin + random_bits() % (uint64_t)spread;
    c->pool[p] = clip((int64_t)id, dtype);
  }
}

/* Some blocks of equal ids, as images and sequences have them. */
static void make_index(random_case *c, const size_t *shape) {
  sy_dtype dtype = INTEGERS[random_below(8)];
  bool declared = random_below(3) == 0, ignores = random_below(3) == 0;
  c->labels.kind = SY_LABEL_INDEX;
  c->width = 1;
  make_pool(c, dtype);
  for (size_t p = 0; declared && p < c->n_pool; p++) c->pool[p] = (int64_t)random_below(20);
  if (declared) c->options.n_classes = 20 + random_below(3);
  c->written = malloc(c->n * sizeof *c->written);
  c->values = random_layout(dtype, shape, c->n_axes);
  size_t run = 1 + random_below(40) / 10 * 8, pick = 0;
  for (size_t i = 0; i < c->n; i++) {
    if (random_below(run) == 0) pick = random_below(c->n_pool);
    c->written[i] = c->pool[pick];
    store_element(&c->values.view, i, declared && !c->counts[i] ? 99 : c->written[i]);
  }
  if (!ignores) return;
  int64_t id = c->pool[random_below(c->n_pool)];
  if (dtype == SY_U64)
    snprintf(c->ignore, sizeof c->ignore, "%llu", (unsigned long long)id);
  else
    snprintf(c->ignore, sizeof c->ignore, "%lld", (long long)id);
  c->options.ignore = c->ignore;
  for (size_t i = 0; i < c->n; i++) c->counts[i] = c->counts[i] && c->written[i] != id;
}

/* Rows with one 1, or soft ones in 1024ths where the type has fractions. */
static void fill_one_hot(random_case *c, bool soft) {
  for (size_t i = 0; i < c->n; i++) {
    int64_t *row = c->written + i * c->width;
    for (size_t k = 0; k < c->width; k++) row[k] = 0;
    row[random_below(c->width)] = 1024;
    for (size_t step = 0; soft && step < 3; step++) {
      size_t from = random_below(c->width), to = random_below(c->width);
      int64_t part = (int64_t)random_below((size_t)row[from] + 1);
      row[from] -= part;
      row[to] += part;
    }
  }
}

static void fill_multi_hot(random_case *c, bool ignores) {
  for (size_t i = 0; i < c->n * c->width; i++)
    c->written[i] = ignores && random_below(5) == 0 ? -1 : random_below(3) == 0 ? 1024 : 0;
}

static void make_hot(random_case *c, size_t *shape) {
  bool multi = random_below(2);
  size_t type = random_below(10);
  sy_dtype dtype = type < 8 ? INTEGERS[type] : type == 8 ? SY_F32 : SY_F64;
  bool floats = type >= 8, ignores = multi && type < 4 && random_below(2);
  c->labels.kind = multi ? SY_LABEL_MULTI_HOT : SY_LABEL_ONE_HOT;
  c->width = shape[c->n_axes] = 1 + random_below(random_below(4) ? 20 : 300);
  c->written = malloc(c->n * c->width * sizeof *c->written);
  c->values = random_layout(dtype, shape, c->n_axes + 1);
  if (multi)
    fill_multi_hot(c, ignores);
  else
    fill_one_hot(c, floats && random_below(2));
  for (size_t i = 0; i < c->n * c->width; i++) {
    int64_t value = c->written[i] < 0 || floats ? c->written[i] : c->written[i] / 1024;
    store_element(&c->values.view, i, c->counts[i / c->width] ? value : 7);
  }
  if (ignores) c->options.ignore = "-1";
}

/* Fills a case, which points into itself. */
static void make_case(random_case *c, size_t largest) {
  size_t shape[MOST_AXES + 1];
  *c = (random_case){.width = 1};
  make_shape(c, shape, largest);
  make_mask(c, shape);
  if (random_below(2))
    make_index(c, shape);
  else
    make_hot(c, shape);
  make_weights(c, shape);
  c->labels.values = c->values.view;
}

static void free_case(random_case *c) {
  free(c->values.memory);
  free(c->mask.memory);
  free(c->weights.memory);
  free(c->written);
  free(c->counts);
  free(c->weighs);
}

/* --- what should come out --- */

static double weight_sum(const random_case *c, int64_t id, size_t row, size_t a_row) {
  int64_t sum = 0;
  bool holds = false;
  for (size_t i = row * a_row; i < (row + 1) * a_row; i++) {
    if (!c->counts[i]) continue;
    sum += c->weighs[i];
    holds = holds || (c->written[i] == id && c->weighs[i] > 0);
  }
  return holds ? (double)sum / 1024 : 0;
}

static double holding(const random_case *c, int64_t id) {
  double sum = 0;
  size_t rows = c->labels.values.shape[0], a_row = c->n / rows;
  for (size_t row = 0; row < rows; row++) sum += weight_sum(c, id, row, a_row);
  return sum;
}

static void check_sums(const sy_counts *counts, size_t k, uint64_t rows, double weight,
                       double squared) {
  assert_int_equal(sy_counts_rows(counts, k), rows);
  if (sy_counts_weight(counts, k) != weight) fail_msg("weight of class %zu", k);
  if (sy_counts_weight_squared(counts, k) != squared) fail_msg("squared weight of class %zu", k);
}

static int64_t id_of_class(const random_case *c, const sy_counts *counts, size_t k) {
  const char *name = sy_counts_classes(counts)[k];
  return c->labels.values.dtype == SY_U64 ? (int64_t)strtoull(name, NULL, 10)
                                          : strtoll(name, NULL, 10);
}

static void check_index(const random_case *c, const sy_counts *counts) {
  uint64_t all = 0;
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++) {
    int64_t id = id_of_class(c, counts, k);
    uint64_t rows = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < c->n; i++) {
      if (!c->counts[i] || c->written[i] != id) continue;
      rows++;
      sum += (uint64_t)c->weighs[i];
      squares += (uint64_t)(c->weighs[i] * c->weighs[i]);
    }
    if (k > 0 && c->labels.values.dtype == SY_U64)
      assert_true((uint64_t)id > (uint64_t)id_of_class(c, counts, k - 1));
    else if (k > 0)
      assert_true(id > id_of_class(c, counts, k - 1));
    check_sums(counts, k, rows, (double)sum / 1024, (double)squares / (1024 * 1024));
    if (c->n_axes >= 3)
      assert_true(sy_counts_holding(counts, k) == holding(c, id));
    else
      assert_true(sy_counts_holding(counts, k) != sy_counts_holding(counts, k));
    all += rows;
  }
  assert_int_equal(sy_counts_positions(counts) - sy_counts_ignored(counts), all);
}

static void check_one_hot(const random_case *c, const sy_counts *counts) {
  assert_int_equal(sy_counts_n_classes(counts), c->width);
  for (size_t k = 0; k < c->width; k++) {
    uint64_t rows = 0;
    double sum = 0, squares = 0; /* exact: multiples of 2^-40 below 2^12 */
    for (size_t i = 0; i < c->n; i++) {
      double part = (double)c->written[i * c->width + k] / 1024;
      double weight = (double)c->weighs[i] / 1024;
      if (!c->counts[i] || part == 0) continue;
      rows++;
      sum += part * weight;
      squares += part * weight * (part * weight);
    }
    check_sums(counts, k, rows, sum, squares);
  }
}

static void check_multi_hot(const random_case *c, const sy_counts *counts) {
  assert_int_equal(sy_counts_n_labels(counts), c->width);
  assert_int_equal(sy_counts_n_classes(counts), 0);
  uint64_t cells = 0;
  for (size_t l = 0; l < c->width; l++) {
    uint64_t rows[2] = {0}, sums[2] = {0}, squares[2] = {0};
    for (size_t i = 0; i < c->n; i++) {
      int64_t value = c->written[i * c->width + l];
      if (!c->counts[i] || value < 0) continue;
      rows[value > 0]++;
      sums[value > 0] += (uint64_t)c->weighs[i];
      squares[value > 0] += (uint64_t)(c->weighs[i] * c->weighs[i]);
    }
    for (size_t k = 0; k < 2; k++)
      check_sums(sy_counts_label(counts, l), k, rows[k], (double)sums[k] / 1024,
                 (double)squares[k] / (1024 * 1024));
    cells += rows[0] + rows[1];
  }
  assert_int_equal(sy_counts_ignored(counts), c->n * c->width - cells);
}

static bool any_counted(const random_case *c) {
  for (size_t i = 0; i < c->n * c->width; i++)
    if (c->counts[i / c->width] && c->written[i] >= 0) return true;
  if (c->labels.kind != SY_LABEL_INDEX) return false;
  for (size_t i = 0; i < c->n; i++)
    if (c->counts[i]) return true;
  return false;
}

/* --- counting --- */

static void demand(sy_status status, const sy_error *error) {
  if (status != SY_OK) fail_msg("%s: %s", sy_status_name(status), error->text);
}

static sy_counter *new_counter(const random_case *c) {
  sy_error error;
  sy_counter *counter;
  demand(sy_counter_new(c->labels.kind, &c->options, &counter, &error), &error);
  return counter;
}

static void add_rows(const random_case *c, sy_counter *counter, size_t first, size_t n) {
  sy_error error;
  sy_label_array block = c->labels;
  sy_array mask, weights;
  block.values = cut_block(&c->labels.values, first, n);
  if (block.mask) {
    mask = cut_block(c->labels.mask, first, n);
    block.mask = &mask;
  }
  if (block.row_weights) {
    weights = cut_block(c->labels.row_weights, first, n);
    block.row_weights = &weights;
  }
  demand(sy_counter_add(counter, &block, &error), &error);
}

/* The counter as another process gets it. */
static sy_counter *travelled(sy_counter *counter) {
  sy_error error;
  sy_counter *arrived;
  void *bytes;
  size_t size;
  demand(sy_counter_to_bytes(counter, &bytes, &size, &error), &error);
  sy_counter_free(counter);
  demand(sy_counter_from_bytes(bytes, size, &arrived, &error), &error);
  free(bytes);
  return arrived;
}

/* Random blocks to random counters, which go on from what was sent now and then and are merged in
 * random order. */
static sy_counter *count_in_pieces(const random_case *c) {
  enum { PARTS = 4 };
  sy_counter *parts[PARTS];
  for (size_t p = 0; p < PARTS; p++) parts[p] = new_counter(c);
  size_t rows = c->labels.values.shape[0];
  for (size_t first = 0; first < rows;) {
    size_t n = 1 + random_below(rows - first);
    size_t part = random_below(PARTS);
    add_rows(c, parts[part], first, n);
    if (random_below(3) == 0) parts[part] = travelled(parts[part]);
    first += n;
  }
  sy_error error;
  for (size_t left = PARTS; left > 1; left--) {
    size_t from = random_below(left), into = (from + 1) % left;
    if (random_below(3) == 0) parts[from] = travelled(parts[from]);
    demand(sy_counter_merge(parts[into], parts[from], &error), &error);
    sy_counter_free(parts[from]);
    parts[from] = parts[left - 1];
  }
  return parts[0];
}

static void check_counter(const random_case *c, sy_counter *counter) {
  sy_error error;
  sy_counts *counts;
  if (!any_counted(c)) {
    assert_int_equal(sy_counter_counts(counter, &counts, &error), SY_NO_ROWS);
    sy_counter_free(counter);
    return;
  }
  demand(sy_counter_counts(counter, &counts, &error), &error);
  assert_int_equal(sy_counts_positions(counts), c->n);
  if (c->labels.kind == SY_LABEL_INDEX)
    check_index(c, counts);
  else if (c->labels.kind == SY_LABEL_ONE_HOT)
    check_one_hot(c, counts);
  else
    check_multi_hot(c, counts);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void check_case(size_t largest) {
  random_case c;
  make_case(&c, largest);
  sy_counter *counter = new_counter(&c);
  sy_threads_set(1 + (int)random_below(3));
  add_rows(&c, counter, 0, c.labels.values.shape[0]);
  check_counter(&c, counter);
  check_counter(&c, count_in_pieces(&c));
  sy_threads_set(0);
  free_case(&c);
}

static void any_array_is_counted(void **state) {
  (void)state;
  random_begin();
  for (size_t i = 0; i < CASES; i++) check_case(12);
}

/* Long enough for several parts and threads. */
static void long_arrays_are_counted(void **state) {
  (void)state;
  random_begin();
  for (size_t i = 0; i < LARGE_CASES; i++) check_case(i % 2 ? 20000 : 3000);
}

/* Labels of one class a position: every position has the class it was counted in. */
static void labels_follow_the_counts(void **state) {
  (void)state;
  random_begin();
  for (size_t trial = 0; trial < CASES / 3; trial++) {
    random_case c;
    make_case(&c, 12);
    sy_labels *labels = NULL;
    sy_error error;
    sy_status status = sy_labels_from_array(&c.labels, &c.options, &labels, &error);
    if (status != SY_OK) {
      bool soft = c.labels.kind == SY_LABEL_ONE_HOT && status == SY_INVALID_LABEL;
      bool several = c.labels.kind == SY_LABEL_MULTI_HOT && status == SY_INVALID_ARGUMENT;
      assert_true(soft || several || (status == SY_NO_ROWS && !any_counted(&c)));
      assert_null(labels);
      free_case(&c);
      continue;
    }
    assert_int_equal(sy_labels_rows(labels), c.n);
    for (size_t i = 0; i < c.n; i++) {
      int32_t id = sy_labels_ids(labels)[i];
      if (!c.counts[i]) {
        assert_int_equal(id, SY_IGNORED);
      } else if (c.labels.kind == SY_LABEL_ONE_HOT) {
        assert_int_equal(c.written[i * c.width + (size_t)id], 1024);
      } else {
        const char *name = sy_labels_classes(labels)[id];
        bool big = c.labels.values.dtype == SY_U64;
        int64_t found = big ? (int64_t)strtoull(name, NULL, 10) : strtoll(name, NULL, 10);
        assert_true(found == c.written[i]);
      }
    }
    sy_labels_free(labels);
    free_case(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_array_is_counted),
      cmocka_unit_test(long_arrays_are_counted),
      cmocka_unit_test(labels_follow_the_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
