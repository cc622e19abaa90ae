/* counts.c: mergeable counts of classes. Rows of weight one are counted as integers, all other
 * weights go through an exact sum: no order of additions or merges can show. */
#include "labels/counts.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

sy_counts *sy_counts_new(size_t n_classes) {
  sy_counts *counts = sy_alloc_zero(1, sizeof *counts);
  if (!counts) return NULL;
  if (sy_counts_grow(counts, n_classes)) return counts;
  free(counts);
  return NULL;
}

static void clear_counts(sy_counts *counts) {
  for (size_t l = 0; l < counts->n_labels; l++) clear_counts(&counts->labels[l]);
  free(counts->rows);
  free(counts->sums);
  free(counts->classes);
  free(counts->labels);
  free(counts->label_names);
  sy_messages_free(counts->messages);
}

void sy_counts_free(sy_counts *counts) {
  if (!counts) return;
  clear_counts(counts);
  free(counts);
}

/* Grows an array of n elements of `size` bytes, the new ones zero. */
static void *grow_zero(void *array, size_t n, size_t wanted, size_t size) {
  char *grown = sy_realloc(array, wanted, size);
  if (grown) memset(grown + n * size, 0, (wanted - n) * size);
  return grown;
}

bool sy_counts_grow(sy_counts *counts, size_t n_classes) {
  class_rows *rows = grow_zero(counts->rows, counts->n_classes, n_classes, sizeof *rows);
  if (!rows) return false;
  counts->rows = rows;
  if (counts->sums) {
    class_sums *sums = grow_zero(counts->sums, counts->n_classes, n_classes, sizeof *sums);
    if (!sums) return false;
    counts->sums = sums;
  }
  counts->n_classes = n_classes;
  return true;
}

bool sy_counts_need_sums(sy_counts *counts) {
  if (!counts->sums) counts->sums = sy_alloc_zero(counts->n_classes, sizeof *counts->sums);
  return counts->sums != NULL;
}

static sy_status check_block(const sy_counts *counts, const int32_t *ids, size_t n,
                             const double *row_weights, sy_error *error) {
  for (size_t i = 0; i < n; i++) {
    if (ids[i] == SY_IGNORED) continue;
    if (ids[i] < 0 || (size_t)ids[i] >= counts->n_classes)
      return sy_fail(error, SY_INVALID_LABEL, "label %d at row %zu is outside the %zu classes",
                     ids[i], i + 1, counts->n_classes);
    if (!row_weights || (row_weights[i] >= 0 && isfinite(row_weights[i]))) continue;
    char text[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the row weight %s at row %zu is not usable; it must be 0 or more and finite",
                   sy_number_format(row_weights[i], text), i + 1);
  }
  return SY_OK;
}

/* Adds a b without rounding: fma gives what the product lost. (Where a b is below 2^-969 some of
 * that is below the smallest double.) A product beyond the range makes the sum infinite for good.
 */
static void add_product(sy_exact *sum, double a, double b) {
  double product = a * b;
  if (isinf(product)) {
    sy_exact_add(sum, DBL_MAX);
    sy_exact_add(sum, DBL_MAX);
    return;
  }
  sy_exact_add(sum, product);
  sy_exact_add(sum, fma(a, b, -product));
}

void sy_counts_add_ones(sy_counts *counts, size_t k, uint64_t rows) {
  counts->rows[k].rows += rows;
  counts->rows[k].ones += rows;
}

void sy_counts_add_row(sy_counts *counts, size_t k, double weight) {
  counts->rows[k].rows++;
  if (weight == 1) {
    counts->rows[k].ones++;
  } else if (weight > 0) {
    sy_exact_add(&counts->sums[k].weight, weight);
    add_product(&counts->sums[k].squared, weight, weight);
  }
}

void sy_counts_add_part(sy_counts *counts, size_t k, double part, double weight) {
  if (part == 1) {
    sy_counts_add_row(counts, k, weight);
    return;
  }
  counts->rows[k].rows++;
  add_product(&counts->sums[k].weight, part, weight);
  double product = part * weight;
  add_product(&counts->sums[k].squared, product, product);
}

static bool any_unusual(const double *row_weights, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (row_weights[i] != 1) return true;
  return false;
}

static sy_status fail_count(sy_error *error) {
  return sy_fail(error, SY_INVALID_DATA,
                 "together these are more than 2^64 - 1 rows, the most "
                 "that are counted");
}

sy_status sy_counts_add(sy_counts *counts, const int32_t *ids, size_t n, const double *row_weights,
                        sy_error *error) {
  sy_status status = check_block(counts, ids, n, row_weights, error);
  if (status != SY_OK) return status;
  if (counts->positions > UINT64_MAX - n) return fail_count(error);
  if (row_weights && any_unusual(row_weights, n) && !sy_counts_need_sums(counts))
    return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    if (ids[i] == SY_IGNORED)
      counts->ignored++;
    else
      sy_counts_add_row(counts, (size_t)ids[i], row_weights ? row_weights[i] : 1);
  }
  counts->positions += n;
  counts->first_axis += n;
  return SY_OK;
}

void sy_counts_add_class(sy_counts *into, size_t k, const sy_counts *from, size_t j) {
  into->rows[k].rows += from->rows[j].rows;
  into->rows[k].ones += from->rows[j].ones;
  into->rows[k].held += from->rows[j].held;
  if (!from->sums) return;
  sy_exact_merge(&into->sums[k].weight, &from->sums[j].weight);
  sy_exact_merge(&into->sums[k].squared, &from->sums[j].squared);
  sy_exact_merge(&into->sums[k].held, &from->sums[j].held);
}

static bool same_names(char *const *a, char *const *b, size_t n) {
  if (!a || !b || a == b) return true;
  for (size_t i = 0; i < n; i++)
    if (strcmp(a[i], b[i]) != 0) return false;
  return true;
}

static sy_status check_merge(const sy_counts *into, const sy_counts *from, sy_error *error) {
  if (into->n_classes != from->n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "counts of %zu and of %zu classes cannot be merged",
                   into->n_classes, from->n_classes);
  if (into->n_labels != from->n_labels)
    return sy_fail(error, SY_INVALID_SHAPE, "counts of %zu and of %zu labels cannot be merged",
                   into->n_labels, from->n_labels);
  if (!same_names(into->classes, from->classes, into->n_classes) ||
      !same_names(into->label_names, from->label_names, into->n_labels))
    return sy_fail(error, SY_INVALID_SHAPE,
                   "counts of other classes cannot be merged: the names "
                   "or their order differ");
  if (into->positions > UINT64_MAX - from->positions) return fail_count(error);
  return SY_OK;
}

/* Makes all the room that merging takes, so that it cannot fail half-way. */
static bool reserve_sums(sy_counts *into, const sy_counts *from) {
  if (from->sums && !sy_counts_need_sums(into)) return false;
  for (size_t l = 0; l < into->n_labels; l++)
    if (!reserve_sums(&into->labels[l], &from->labels[l])) return false;
  return true;
}

static void add_counts(sy_counts *into, const sy_counts *from) {
  bool first = into->positions == 0;
  for (size_t l = 0; l < into->n_labels; l++) add_counts(&into->labels[l], &from->labels[l]);
  for (size_t k = 0; k < into->n_classes; k++) sy_counts_add_class(into, k, from, k);
  if (from->positions > 0)
    into->knows_holding = from->knows_holding && (first || into->knows_holding);
  into->positions += from->positions;
  into->first_axis += from->first_axis;
  into->ignored += from->ignored;
}

sy_status sy_counts_merge(sy_counts *into, const sy_counts *from, sy_error *error) {
  sy_status status = check_merge(into, from, error);
  if (status != SY_OK) return status;
  if (!reserve_sums(into, from)) return sy_fail_memory(error);
  add_counts(into, from);
  return SY_OK;
}
