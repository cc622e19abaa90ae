/* bins.h: into which of the bins of equal weight a group of rows falls. */
#ifndef SY_EVALUATE_BINS_H
#define SY_EVALUATE_BINS_H

#include <stddef.h>

/* Rows whose middle lies on the border of two bins up to rounding belong to the second, whatever
 * the order of the sums. */
static const double sy_bin_tolerance = 1e-9;

/* A group of rows of equal probability falls whole into the bin that holds the middle of its
 * weight. So k copies of a row are the row with k times its weight.
 * before: weight of the rows before the group; total: of all rows. */
static inline size_t sy_bin_of(double before, double weight, double total, size_t n_bins) {
  double middle = before + weight / 2;
  size_t bin = (size_t)((double)n_bins * middle / total + sy_bin_tolerance);
  return bin < n_bins ? bin : n_bins - 1;
}

#endif
