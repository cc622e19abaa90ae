/* product.c: BLAS is several times slower than a plain loop where one side is only a vector or
 * three (its packing costs more than the product), and faster from there on. */
#include "fit/product.h"

#include "model/dot.h"

#include <cblas.h>

enum { FEWEST_FOR_BLAS = 4 };

void sy_product_scores(const double *tile, size_t count, size_t width, const double *vectors,
                       size_t n_vectors, double *out) {
  if (n_vectors >= FEWEST_FOR_BLAS) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)count, (int)n_vectors, (int)width, 1,
                tile, (int)width, vectors, (int)width, 0, out, (int)n_vectors);
    return;
  }
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < n_vectors; k++)
      out[i * n_vectors + k] = sy_dot_f64(tile + i * width, vectors + k * width, width);
}

/* Four rows a sweep, so that the sums are loaded and stored a quarter as often. */
static void gather_one(const double *tile, size_t count, size_t width, const double *factors,
                       size_t stride, double *restrict sums) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const double *a = tile + i * width, *b = a + width, *c = b + width, *d = c + width;
    double fa = factors[i * stride], fb = factors[(i + 1) * stride];
    double fc = factors[(i + 2) * stride], fd = factors[(i + 3) * stride];
    for (size_t j = 0; j < width; j++) sums[j] += (fa * a[j] + fb * b[j]) + (fc * c[j] + fd * d[j]);
  }
  for (; i < count; i++)
    for (size_t j = 0; j < width; j++) sums[j] += factors[i * stride] * tile[i * width + j];
}

void sy_product_gather(const double *tile, size_t count, size_t width, const double *factors,
                       size_t n_vectors, double *sums) {
  if (n_vectors >= FEWEST_FOR_BLAS) {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n_vectors, (int)width, (int)count, 1,
                factors, (int)n_vectors, tile, (int)width, 1, sums, (int)width);
    return;
  }
  for (size_t k = 0; k < n_vectors; k++)
    gather_one(tile, count, width, factors + k, n_vectors, sums + k * width);
}
