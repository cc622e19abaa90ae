/* rows.h: the rows that are evaluated, and sums over them. */
#ifndef SY_EVALUATE_ROWS_H
#define SY_EVALUATE_ROWS_H

#include <steelyard/evaluate.h>

/* Actual classes with their weights; rows that are ignored or weigh 0 take part in nothing. */
typedef struct sy_rows {
  const int32_t *ids;        /* (n) */
  const double *row_weights; /* (n), or NULL for ones */
  size_t n, n_classes;
} sy_rows;

/* Weight of row i, 0 where it is ignored. */
static inline double sy_rows_weight(const sy_rows *rows, size_t i) {
  if (rows->ids[i] == SY_IGNORED) return 0;
  return rows->row_weights ? rows->row_weights[i] : 1;
}

/* Actual classes of any number: where only one class and the rest are told apart. */
static const size_t sy_any_classes = (size_t)INT32_MAX + 1;

/* Whether every class and decision is one of the classes, weights are usable and something is left
 * to evaluate (decisions may be NULL: none to check): SY_INVALID_LABEL, SY_INVALID_WEIGHT,
 * SY_NO_ROWS, SY_NO_WEIGHT. */
sy_status sy_rows_check(const sy_rows *rows, const int32_t *decisions, sy_error *error);

/* Whether costs are of these classes and those that differ by row are finite where a row counts:
 * SY_INVALID_ARGUMENT, SY_INVALID_COST. NULL is legal. */
sy_status sy_rows_check_costs(const sy_rows *rows, const sy_costs *costs, sy_error *error);

/* Adds the part of rows first..end-1 to `width` sums that start at 0. */
typedef void (*sy_rows_fn)(const void *context, size_t first, size_t end, double *sums);

/* Sums over n rows in blocks and a fixed tree: the same bits on any number of threads.
 * totals: (width) out. */
sy_status sy_rows_sum(size_t n, size_t width, sy_rows_fn fn, const void *context, double *totals,
                      sy_error *error);

#endif
