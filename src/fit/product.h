/* product.h: products of a tile of rows with a few vectors. */
#ifndef SY_FIT_PRODUCT_H
#define SY_FIT_PRODUCT_H

#include <stddef.h>

/* out (count, V) = tile (count, P) times vectors (V, P) transposed. */
void sy_product_scores(const double *tile, size_t count, size_t width, const double *vectors,
                       size_t n_vectors, double *out);

/* sums (V, P) += factors (count, V) transposed times tile (count, P). */
void sy_product_gather(const double *tile, size_t count, size_t width, const double *factors,
                       size_t n_vectors, double *sums);

#endif
