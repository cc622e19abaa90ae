/* label_counts.h: counts of several labels a row, to be weighed. */
#ifndef TESTS_LABEL_COUNTS_H
#define TESTS_LABEL_COUNTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "labels/counts.h"

/* Counts of n_labels labels: label l has without[l] rows without it and with[l] with it. */
static inline sy_counts *label_counts(const char *const *names, const size_t *without,
                                      const size_t *with, size_t n_labels) {
  sy_counts *cells = sy_counts_new(2 * n_labels), *counts = sy_counts_new(0);
  for (size_t l = 0; l < n_labels; l++) {
    sy_counts_add_ones(cells, 2 * l, without[l]);
    sy_counts_add_ones(cells, 2 * l + 1, with[l]);
  }
  assert_int_equal(sy_counts_split_labels(counts, cells, names, n_labels, NULL), SY_OK);
  sy_counts_free(cells);
  return counts;
}

#endif
