/* counts_read.c: what counts say. */
#include "labels/counts.h"

#include <math.h>

size_t sy_counts_n_classes(const sy_counts *counts) {
  return counts->n_classes;
}

const char *const *sy_counts_classes(const sy_counts *counts) {
  return (const char *const *)counts->classes;
}

uint64_t sy_counts_rows(const sy_counts *counts, size_t k) {
  return counts->rows[k].rows;
}

/* An integer above 2^53 need not be a double; its halves are. */
static double add_ones(const sy_exact *sum, uint64_t ones) {
  if (!sum && ones < (uint64_t)1 << 53) return (double)ones;
  sy_exact total = sum ? *sum : (sy_exact){0};
  sy_exact_add(&total, (double)(ones >> 32) * 0x1p32);
  sy_exact_add(&total, (double)(ones & 0xFFFFFFFFu));
  return sy_exact_value(&total);
}

double sy_counts_weight(const sy_counts *counts, size_t k) {
  return add_ones(counts->sums ? &counts->sums[k].weight : NULL, counts->rows[k].ones);
}

double sy_counts_weight_squared(const sy_counts *counts, size_t k) {
  return add_ones(counts->sums ? &counts->sums[k].squared : NULL, counts->rows[k].ones);
}

double sy_counts_holding(const sy_counts *counts, size_t k) {
  if (!counts->knows_holding) return NAN;
  return add_ones(counts->sums ? &counts->sums[k].held : NULL, counts->rows[k].held);
}

uint64_t sy_counts_positions(const sy_counts *counts) {
  return counts->positions;
}

uint64_t sy_counts_first_axis(const sy_counts *counts) {
  return counts->first_axis;
}

uint64_t sy_counts_ignored(const sy_counts *counts) {
  return counts->ignored;
}

size_t sy_counts_n_labels(const sy_counts *counts) {
  return counts->n_labels;
}

const char *const *sy_counts_labels(const sy_counts *counts) {
  return (const char *const *)counts->label_names;
}

const sy_counts *sy_counts_label(const sy_counts *counts, size_t l) {
  return &counts->labels[l];
}

const sy_messages *sy_counts_messages(const sy_counts *counts) {
  return counts->messages;
}
