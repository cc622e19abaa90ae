/* order.h: rows in order of a score. */
#ifndef SY_EVALUATE_ORDER_H
#define SY_EVALUATE_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* A row under way to its place: its score as a key, and its weight, negative for the rest (rows
 * not of the class). Sixteen bytes that need no look-up after sorting. */
typedef struct sy_ranked {
  uint64_t key;
  double signed_weight;
} sy_ranked;

/* The key of a score (no NaN): smaller keys for greater scores, equal keys for equal scores (0 and
 * -0 are equal). */
uint64_t sy_order_key(double score);

/* The score of a key. */
double sy_order_score(uint64_t key);

/* Sorts n rows by key, equal keys in the order they came. spare: (n) room; the sorted rows are in
 * the array that is returned, which is one of the two. */
sy_ranked *sy_order_sort(sy_ranked *rows, sy_ranked *spare, size_t n);

#endif
