/* order.h: rows in order of a score. */
#ifndef SY_EVALUATE_ORDER_H
#define SY_EVALUATE_ORDER_H

#include "base/clones.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A row under way to its place: its score as a key, and what it carries, so that nothing need be
 * looked up after sorting: its weight, negative for the rest (rows not of the class); or which row
 * it is; or a second key. rank.h says who carries what. */
typedef struct sy_ranked {
  union {
    uint64_t key;
    uint64_t packed;
  };
  union {
    double signed_weight;
    uint64_t row;
    uint64_t other;
  };
} sy_ranked;

static const uint64_t sy_sign_bit = UINT64_C(1) << 63;

/* The key of a score (no NaN): smaller keys for greater scores, equal keys for equal scores (0 and
 * -0 are equal). Doubles order as their bits do once negative ones are flipped whole and others get
 * the sign bit; then all is inverted, for the greatest score comes first. */
SY_INLINE uint64_t sy_order_key(double score) {
  double canonical = score + 0.0; /* -0 becomes 0 */
  uint64_t bits;
  memcpy(&bits, &canonical, sizeof bits);
  return bits & sy_sign_bit ? bits : ~(bits | sy_sign_bit);
}

/* The score of a key. */
SY_INLINE double sy_order_score(uint64_t key) {
  uint64_t bits = key & sy_sign_bit ? key : ~key & ~sy_sign_bit;
  double score;
  memcpy(&score, &bits, sizeof score);
  return score;
}

/* Sorts n rows by key, equal keys in the order they came. spare: (n) room; the sorted rows are in
 * the array that is returned, which is one of the two. On all threads where rows are many, with the
 * same result on any number of them. */
sy_ranked *sy_order_sort(sy_ranked *rows, sy_ranked *spare, size_t n);

#endif
