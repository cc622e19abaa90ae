/* product.h: products of a tile of rows with a few vectors. Rows and vectors are padded with zeros
 * to whole lanes: a multiple of SY_PRODUCT_LANES numbers. */
#ifndef SY_FIT_LOGISTIC_PRODUCT_H
#define SY_FIT_LOGISTIC_PRODUCT_H

#include <stddef.h>

enum { SY_PRODUCT_LANES = 8 };

static inline size_t sy_whole_lanes(size_t n) {
  return (n + SY_PRODUCT_LANES - 1) / SY_PRODUCT_LANES * SY_PRODUCT_LANES;
}

/* scores (V, stride) = vectors (V, width) times tile (stride, width) transposed; stride counts the
 * rows, a multiple of SY_PRODUCT_LANES. */
void sy_product_scores(const double *tile, size_t stride, size_t width, const double *vectors,
                       size_t n_vectors, double *scores);

/* sums (V, width) += factors (V, stride) times tile (stride, width). */
void sy_product_gather(const double *tile, size_t stride, size_t width, const double *factors,
                       size_t n_vectors, double *sums);

#endif
