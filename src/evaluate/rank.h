/* rank.h: rows on their way into the order of a score. */
#ifndef SY_EVALUATE_RANK_H
#define SY_EVALUATE_RANK_H

#include "evaluate/order.h"
#include "evaluate/rows.h"

/* Set in sy_ranked.row where the row is of the class. */
static const uint64_t sy_ranked_hit = UINT64_C(1) << 63;

/* What a ranked row carries. */
typedef enum sy_rank_load {
  SY_RANK_ROW,   /* .row, marked where it is of the class */
  SY_RANK_WEIGHT /* .signed_weight */
} sy_rank_load;

/* Gathers the rows of any weight, in their order, by scores[i * stride].
 * ranked: (rows->n) room; returns how many there are. */
size_t sy_rank(const sy_rows *rows, const double *scores, size_t stride, int32_t class_id,
               sy_rank_load load, sy_ranked *ranked);

/* Rows of two classes that all weigh 1, both of whose keys one ranked row holds: packed = that of
 * class 1, with whether it is of class 1; other = that of class 0. */

/* Gathers them; false where a logarithm is above 0, which cannot be packed.
 * log_probabilities: (n, 2) */
bool sy_rank_pairs(const sy_rows *rows, const double *log_probabilities, sy_ranked *ranked,
                   size_t *n_ranked);

/* The key of a logarithm of 0: the least of those that are packed. */
static const uint64_t sy_key_of_zero = ~(UINT64_C(1) << 63);

SY_INLINE uint64_t sy_unpack_key(uint64_t packed) {
  return (packed >> 1) + sy_key_of_zero;
}

#endif
