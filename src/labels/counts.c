/* counts.c: mergeable counts of classes. Rows of weight one are counted as integers, all other
 * weights go through an exact sum: no order of additions or merges can show. */
#include "base/error.h"
#include "base/exact.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <steelyard/labels.h>

typedef struct class_count {
  uint64_t rows;    /* whatever their weight */
  uint64_t ones;    /* those of weight one */
  sy_exact weight;  /* sum of the other weights */
  sy_exact squared; /* sum of their squares */
} class_count;

struct sy_counts {
  class_count *classes; /* (n_classes) */
  size_t n_classes;
};

sy_counts *sy_counts_new(size_t n_classes) {
  sy_counts *counts = sy_alloc_zero(1, sizeof *counts);
  if (!counts) return NULL;
  counts->n_classes = n_classes;
  counts->classes = sy_alloc_zero(n_classes, sizeof *counts->classes);
  if (counts->classes) return counts;
  free(counts);
  return NULL;
}

void sy_counts_free(sy_counts *counts) {
  if (!counts) return;
  free(counts->classes);
  free(counts);
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

/* Adds w^2 without rounding: fma gives what the product lost. (Where w^2 is below 2^-969 some of
 * that is below the smallest double.) A square beyond the range makes the sum infinite for good. */
static void add_square(sy_exact *sum, double weight) {
  double square = weight * weight;
  if (isinf(square)) {
    sy_exact_add(sum, DBL_MAX);
    sy_exact_add(sum, DBL_MAX);
    return;
  }
  sy_exact_add(sum, square);
  sy_exact_add(sum, fma(weight, weight, -square));
}

static void add_row(class_count *class, double weight) {
  class->rows++;
  if (weight == 1) {
    class->ones++;
  } else if (weight > 0) {
    sy_exact_add(&class->weight, weight);
    add_square(&class->squared, weight);
  }
}

sy_status sy_counts_add(sy_counts *counts, const int32_t *ids, size_t n, const double *row_weights,
                        sy_error *error) {
  sy_status status = check_block(counts, ids, n, row_weights, error);
  if (status != SY_OK) return status;
  for (size_t i = 0; i < n; i++)
    if (ids[i] != SY_IGNORED) add_row(&counts->classes[ids[i]], row_weights ? row_weights[i] : 1);
  return SY_OK;
}

sy_status sy_counts_merge(sy_counts *into, const sy_counts *from, sy_error *error) {
  if (into->n_classes != from->n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "counts of %zu and of %zu classes cannot be merged",
                   into->n_classes, from->n_classes);
  for (size_t k = 0; k < into->n_classes; k++) {
    into->classes[k].rows += from->classes[k].rows;
    into->classes[k].ones += from->classes[k].ones;
    sy_exact_merge(&into->classes[k].weight, &from->classes[k].weight);
    sy_exact_merge(&into->classes[k].squared, &from->classes[k].squared);
  }
  return SY_OK;
}

/* An integer above 2^53 need not be a double; its halves are. */
static double add_ones(const sy_exact *sum, uint64_t ones) {
  sy_exact total = *sum;
  sy_exact_add(&total, (double)(ones >> 32) * 0x1p32);
  sy_exact_add(&total, (double)(ones & 0xFFFFFFFFu));
  return sy_exact_value(&total);
}

uint64_t sy_counts_rows(const sy_counts *counts, size_t k) {
  return counts->classes[k].rows;
}

double sy_counts_weight(const sy_counts *counts, size_t k) {
  return add_ones(&counts->classes[k].weight, counts->classes[k].ones);
}

double sy_counts_weight_squared(const sy_counts *counts, size_t k) {
  return add_ones(&counts->classes[k].squared, counts->classes[k].ones);
}
