/* test_row_weights_properties.c: weights of positions, on thousands of random label arrays of every
 * kind, type, shape and stride, against a reference that goes from position to position. Nothing is
 * rounded twice, so every bit is compared. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text_labels.h"

#include <steelyard/weights.h>

enum { MOST = 9000, MOST_CLASSES = 7, CASES = 3000 };

static uint64_t random_state;

static uint64_t pick(uint64_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (random_state >> 33) % n;
}

/* A random array, and what each position is. */
static struct {
  sy_label_kind kind;
  size_t n_classes, n, n_axes, shape[4];
  bool taken_out[MOST]; /* by the mask or an ignored label */
  int id[MOST];
  double rows[MOST * MOST_CLASSES]; /* parts, or 0 and 1; NaN = an ignored cell */
  double row_weight[MOST];
  double class_weight[2 * MOST_CLASSES];
  bool ignores;
} c;

/* What the array is made of. */
static struct {
  _Alignas(double) unsigned char values[MOST * MOST_CLASSES * 8 * 2];
  uint8_t mask[2 * MOST];
  float weights_f32[MOST];
  double weights_f64[MOST];
  char texts[MOST][4 * MOST_CLASSES + 4];
  sy_array mask_array, weights_array;
  text_labels text;
  sy_label_array labels;
} made;

static double in[2 * MOST * MOST_CLASSES], out[2 * MOST * MOST_CLASSES];

/* --- drawing --- */

static void draw_shape(void) {
  c.n_axes = 1 + pick(3);
  c.n = 1;
  size_t most = pick(40) == 0 ? MOST : 60;
  for (size_t a = 0; a < c.n_axes; a++) {
    size_t left = most / c.n;
    c.shape[a] = 1 + pick(a + 1 == c.n_axes ? left : left < 12 ? left : 12);
    c.n *= c.shape[a];
  }
}

static void draw_labels(void) {
  c.n_classes = 2 + pick(MOST_CLASSES - 1);
  c.ignores = c.kind != SY_LABEL_ONE_HOT && pick(2) > 0;
  bool soft = pick(2) > 0;
  for (size_t i = 0; i < c.n; i++) {
    double *row = c.rows + i * c.n_classes;
    c.id[i] = (int)pick(c.n_classes);
    for (size_t k = 0; k < c.n_classes; k++) row[k] = (size_t)c.id[i] == k;
    if (c.kind == SY_LABEL_ONE_HOT && soft) { /* sixteenths: exact in every type of float */
      size_t j = pick(c.n_classes);
      double part = (double)pick(17) / 16;
      row[c.id[i]] = 1 - part;
      row[j] += part;
    }
    if (c.kind != SY_LABEL_MULTI_HOT && c.kind != SY_LABEL_NAME_LIST) continue;
    for (size_t k = 0; k < c.n_classes; k++) row[k] = (double)pick(2);
    if (c.kind == SY_LABEL_MULTI_HOT && c.ignores) row[pick(c.n_classes)] = NAN;
  }
  for (size_t k = 0; k < 2 * c.n_classes; k++)
    c.class_weight[k] = pick(5) == 0 ? 0 : (double)(1 + pick(1000)) / 7;
}

/* Writes numbers of the last case's shape to values as `dtype`, elements `step` apart. */
static void write_values(sy_dtype dtype, size_t n, size_t step) {
  for (size_t i = 0; i < n; i++) {
    double value = in[i];
    int64_t whole = isnan(value) ? -1 : (int64_t)value;
    size_t at = i * step;
    switch (dtype) {
    case SY_F32:
      ((float *)(void *)made.values)[at] = (float)value;
      break;
    case SY_F64:
      ((double *)(void *)made.values)[at] = value;
      break;
    case SY_I8:
      ((int8_t *)made.values)[at] = (int8_t)whole;
      break;
    case SY_I16:
      ((int16_t *)(void *)made.values)[at] = (int16_t)whole;
      break;
    case SY_I32:
      ((int32_t *)(void *)made.values)[at] = (int32_t)whole;
      break;
    case SY_I64:
      ((int64_t *)(void *)made.values)[at] = whole;
      break;
    case SY_U8:
      made.values[at] = (uint8_t)whole;
      break;
    case SY_U16:
      ((uint16_t *)(void *)made.values)[at] = (uint16_t)whole;
      break;
    case SY_U32:
      ((uint32_t *)(void *)made.values)[at] = (uint32_t)whole;
      break;
    default:
      ((uint64_t *)(void *)made.values)[at] = (uint64_t)whole;
      break;
    }
  }
}

/* The array of `n` numbers just in `in`, contiguous or every other element of a larger one. */
static sy_array array_of_values(sy_dtype dtype, size_t n, size_t n_axes) {
  size_t step = 1 + pick(2);
  write_values(dtype, n, step);
  sy_array array = sy_array_of(made.values, dtype, n_axes, c.shape);
  for (size_t a = 0; a < n_axes; a++) array.strides[a] *= (ptrdiff_t)step;
  return array;
}

static void make_numbers(void) {
  bool hot = c.kind != SY_LABEL_INDEX;
  size_t n = hot ? c.n * c.n_classes : c.n;
  c.shape[c.n_axes] = c.n_classes;
  bool whole = true;
  for (size_t i = 0; i < n; i++) {
    in[i] = hot ? c.rows[i] : c.id[i];
    whole = whole && (isnan(in[i]) || in[i] == floor(in[i]));
  }
  sy_dtype dtype = (sy_dtype)(SY_I8 + pick(8));
  if (hot && !whole) dtype = pick(2) ? SY_F32 : SY_F64;
  if (hot && whole && !c.ignores) dtype = (sy_dtype)pick(10);
  if (hot && c.ignores) dtype = (sy_dtype)(SY_I8 + pick(4));
  made.labels.values = array_of_values(dtype, n, c.n_axes + hot);
}

/* The name of the class, now and then with blanks; of a list the names of all its labels. */
static void write_text(size_t i) {
  char *text = made.texts[i];
  *text = 0;
  if (c.kind == SY_LABEL_NAME) {
    snprintf(text, sizeof made.texts[i], pick(9) ? "c%d" : " c%d ", c.id[i]);
    return;
  }
  for (size_t k = 0; k < c.n_classes; k++) {
    const char name[] = {'c', (char)('0' + k), ';', 0};
    if (c.rows[i * c.n_classes + k] > 0) strcat(text, name);
  }
}

static void make_texts(void) {
  static const char *pointers[MOST];
  for (size_t i = 0; i < c.n; i++) {
    write_text(i);
    pointers[i] = made.texts[i];
  }
  made.text = text_labels_of(pointers, c.n);
  made.labels = *text_labels_view(&made.text, c.kind, c.n_axes, c.shape);
  if (pick(2)) return;
  for (size_t i = 0; i < c.n; i++) in[i] = (double)(c.n - 1 - i); /* a code each, turned round */
  static const char *turned[MOST];
  for (size_t i = 0; i < c.n; i++) turned[i] = pointers[c.n - 1 - i];
  made.labels.texts = NULL;
  made.labels.names = turned;
  made.labels.n_names = c.n;
  made.labels.values = array_of_values(SY_U32, c.n, c.n_axes);
}

static void draw_mask(void) {
  for (size_t i = 0; i < c.n; i++) {
    bool kept = pick(4) > 0;
    made.mask[2 * i] = (uint8_t)(kept ? 1 + pick(255) : 0);
    c.taken_out[i] |= !kept;
  }
  made.mask_array = sy_array_of(made.mask, SY_U8, c.n_axes, c.shape);
  for (size_t a = 0; a < c.n_axes; a++) made.mask_array.strides[a] *= 2;
  made.labels.mask = &made.mask_array;
}

/* One for each row or for each position; those of positions taken out are nobody's business. */
static void draw_row_weights(void) {
  bool per_row = pick(2) > 0, f32 = pick(2) > 0;
  size_t n = per_row ? c.shape[0] : c.n, each = c.n / n;
  for (size_t i = 0; i < n; i++) {
    float weight = (float)pick(1000) / 3;
    made.weights_f32[i] = weight;
    made.weights_f64[i] = f32 ? (double)weight : (double)weight / 3;
    for (size_t p = 0; p < each; p++) c.row_weight[i * each + p] = made.weights_f64[i];
    if (per_row || !c.taken_out[i]) continue;
    made.weights_f32[i] = NAN;
    made.weights_f64[i] = -1;
  }
  made.weights_array = f32 ? sy_array_of(made.weights_f32, SY_F32, per_row ? 1 : c.n_axes, c.shape)
                           : sy_array_of(made.weights_f64, SY_F64, per_row ? 1 : c.n_axes, c.shape);
  made.labels.row_weights = &made.weights_array;
}

static void draw(uint64_t seed) {
  random_state = seed;
  memset(&made.labels, 0, sizeof made.labels);
  made.text = (text_labels){0};
  c.kind = (sy_label_kind)pick(SY_LABEL_NAME_LIST + 1);
  draw_shape();
  draw_labels();
  if (c.kind == SY_LABEL_NAME || c.kind == SY_LABEL_NAME_LIST)
    make_texts();
  else
    make_numbers();
  made.labels.kind = c.kind;
  for (size_t i = 0; i < c.n; i++) {
    bool listed = c.kind == SY_LABEL_NAME_LIST && c.rows[i * c.n_classes] > 0;
    bool single = (c.kind == SY_LABEL_INDEX || c.kind == SY_LABEL_NAME) && c.id[i] == 0;
    c.taken_out[i] = c.ignores && (listed || single);
    c.row_weight[i] = 1;
  }
  if (pick(2)) draw_mask();
  if (pick(2)) draw_row_weights();
}

/* --- comparing --- */

static const char *ignored_label(void) {
  static const char *const labels[] = {[SY_LABEL_INDEX] = "0",
                                       [SY_LABEL_NAME] = "c0",
                                       [SY_LABEL_ONE_HOT] = NULL,
                                       [SY_LABEL_MULTI_HOT] = "-1",
                                       [SY_LABEL_NAME_LIST] = "c0"};
  return c.ignores ? labels[c.kind] : NULL;
}

/* Class or label that a name of the counts means. */
static size_t id_of(const char *name) {
  return (size_t)strtol(name + (*name == 'c'), NULL, 10);
}

static double expected_weight(size_t i, const size_t *ids, size_t l) {
  if (c.taken_out[i]) return 0;
  double weight = 0;
  if (c.kind == SY_LABEL_INDEX || c.kind == SY_LABEL_NAME) {
    weight = c.class_weight[c.id[i]];
  } else if (c.kind == SY_LABEL_ONE_HOT) {
    for (size_t k = 0; k < c.n_classes; k++)
      weight += c.rows[i * c.n_classes + k] * c.class_weight[k];
  } else {
    double cell = c.rows[i * c.n_classes + ids[l]];
    if (isnan(cell)) return 0;
    weight = c.class_weight[2 * ids[l] + (cell > 0)];
  }
  return weight * c.row_weight[i];
}

static void check_case(uint64_t seed, const sy_counter *counter, const sy_counts *counts) {
  size_t n_labels = sy_counts_n_labels(counts), width = n_labels > 0 ? n_labels : 1;
  size_t n_classes = sy_counts_n_classes(counts), ids[MOST_CLASSES] = {0};
  double weights[2 * MOST_CLASSES] = {0};
  for (size_t k = 0; k < n_classes; k++)
    weights[k] = c.class_weight[id_of(sy_counts_classes(counts)[k])];
  for (size_t l = 0; l < n_labels; l++) {
    ids[l] = id_of(sy_counts_labels(counts)[l]);
    weights[2 * l] = c.class_weight[2 * ids[l]];
    weights[2 * l + 1] = c.class_weight[2 * ids[l] + 1];
  }
  sy_dtype dtype = pick(2) ? SY_F32 : SY_F64;
  size_t size = dtype == SY_F32 ? sizeof(float) : sizeof(double);
  sy_error error;
  for (int threads = 1; threads <= 2; threads++) {
    sy_threads_set(threads);
    void *into = threads == 1 ? (void *)out : (void *)in;
    if (sy_label_weights(counter, weights, &made.labels, into, dtype, &error) != SY_OK)
      fail_msg("case %llu: %s", (unsigned long long)seed, error.text);
  }
  sy_threads_set(0);
  assert_memory_equal(in, out, c.n * width * size);
  for (size_t i = 0; i < c.n * width; i++) {
    double expected = expected_weight(i / width, ids, i % width);
    double weight = dtype == SY_F32 ? (double)((float *)(void *)out)[i] : out[i];
    if (dtype == SY_F32) expected = (double)(float)expected;
    if (weight != expected)
      fail_msg("case %llu, kind %s: weight %zu is %.17g, not %.17g", (unsigned long long)seed,
               sy_label_kind_name(c.kind), i, weight, expected);
  }
}

static void weights_are_those_of_the_reference(void **state) {
  (void)state;
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= CASES; seed++) {
    draw(seed);
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6"};
    sy_labels_options options = {.ignore = ignored_label()};
    if (pick(2)) options.n_classes = c.n_classes;
    if (made.labels.names || made.labels.texts) options.classes = options.n_classes ? names : NULL;
    sy_counter *counter;
    sy_counts *counts;
    sy_error error;
    assert_int_equal(sy_counter_new(c.kind, &options, &counter, &error), SY_OK);
    if (sy_counter_add(counter, &made.labels, &error) != SY_OK)
      fail_msg("case %llu: %s", (unsigned long long)seed, error.text);
    sy_status status = sy_counter_counts(counter, &counts, &error);
    if (status == SY_OK) {
      check_case(seed, counter, counts);
      compared++;
    } else {
      assert_int_equal(status, SY_NO_ROWS); /* all taken out, or no list names a label */
    }
    sy_counts_free(counts);
    sy_counter_free(counter);
    text_labels_free(&made.text);
  }
  assert_true(compared > CASES * 9 / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_are_those_of_the_reference),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
