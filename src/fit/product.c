/* product.c: BLAS spends more on packing such skinny matrices than on multiplying them; with many
 * vectors it wins. */
#include "fit/product.h"

#include "base/clones.h"

#include <cblas.h>

enum { LANES = SY_PRODUCT_LANES, FEWEST_FOR_BLAS = 48 };

/* may_alias: these are doubles, looked at eight at a time. */
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* The sum of each of eight vectors: three rounds of adding neighbours. */
INLINE void add_across(const lanes v[LANES], double *out) {
  lanes two[4], four[2];
  for (int i = 0; i < 4; i++)
    two[i] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14) +
             __builtin_shufflevector(v[2 * i], v[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  for (int i = 0; i < 2; i++)
    four[i] = __builtin_shufflevector(two[2 * i], two[2 * i + 1], 0, 1, 8, 9, 4, 5, 12, 13) +
              __builtin_shufflevector(two[2 * i], two[2 * i + 1], 2, 3, 10, 11, 6, 7, 14, 15);
  *(lanes *)out = __builtin_shufflevector(four[0], four[1], 0, 1, 2, 3, 8, 9, 10, 11) +
                  __builtin_shufflevector(four[0], four[1], 4, 5, 6, 7, 12, 13, 14, 15);
}

/* Eight rows with one vector: out (8). */
INLINE void eight_rows(const double *rows, size_t width, const double *vector, double *out) {
  lanes sums[LANES] = {0};
  for (size_t j = 0; j < width; j += LANES) {
    lanes v = *(const lanes *)(vector + j);
    for (int r = 0; r < LANES; r++) sums[r] += *(const lanes *)(rows + (size_t)r * width + j) * v;
  }
  add_across(sums, out);
}

/* Two rows with four vectors; out[k * stride + r]. */
INLINE void two_rows(const double *rows, size_t width, const double *vectors, size_t stride,
                     double *out) {
  lanes sums[LANES] = {0};
  for (size_t j = 0; j < width; j += LANES) {
    lanes a = *(const lanes *)(rows + j), b = *(const lanes *)(rows + width + j);
    for (int k = 0; k < 4; k++) {
      lanes v = *(const lanes *)(vectors + (size_t)k * width + j);
      sums[2 * k] += a * v;
      sums[2 * k + 1] += b * v;
    }
  }
  double all[LANES];
  add_across(sums, all);
  for (size_t k = 0; k < 4; k++) {
    out[k * stride] = all[2 * k];
    out[k * stride + 1] = all[2 * k + 1];
  }
}

SY_CLONES static void few_scores(const double *tile, size_t stride, size_t width,
                                 const double *vectors, size_t n_vectors, double *scores) {
  size_t k = 0;
  for (; k + 4 <= n_vectors; k += 4)
    for (size_t r = 0; r < stride; r += 2)
      two_rows(tile + r * width, width, vectors + k * width, stride, scores + k * stride + r);
  for (; k < n_vectors; k++)
    for (size_t r = 0; r < stride; r += LANES)
      eight_rows(tile + r * width, width, vectors + k * width, scores + k * stride + r);
}

void sy_product_scores(const double *tile, size_t stride, size_t width, const double *vectors,
                       size_t n_vectors, double *scores) {
  if (n_vectors < FEWEST_FOR_BLAS)
    few_scores(tile, stride, width, vectors, n_vectors, scores);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n_vectors, (int)stride, (int)width, 1,
                vectors, (int)width, tile, (int)width, 0, scores, (int)stride);
}

/* One vector, 32 columns at a time, so that additions do not wait for each other. */
INLINE void gather_one(const double *tile, size_t stride, size_t width, size_t n_columns,
                       const double *factors, double *sums) {
  enum { MOST = 4 };
  lanes s[MOST];
  size_t n = n_columns / LANES;
  for (size_t c = 0; c < n; c++) s[c] = *(lanes *)(sums + c * LANES);
  for (size_t r = 0; r < stride; r++)
    for (size_t c = 0; c < n; c++)
      s[c] += *(const lanes *)(tile + r * width + c * LANES) * factors[r];
  for (size_t c = 0; c < n; c++) *(lanes *)(sums + c * LANES) = s[c];
}

/* Four vectors, 16 columns or 8. */
INLINE void gather_four(const double *tile, size_t stride, size_t width, size_t n_columns,
                        const double *factors, double *sums) {
  lanes s[4][2];
  size_t n = n_columns / LANES;
  for (size_t k = 0; k < 4; k++)
    for (size_t c = 0; c < n; c++) s[k][c] = *(lanes *)(sums + k * width + c * LANES);
  for (size_t r = 0; r < stride; r++)
    for (size_t c = 0; c < n; c++) {
      lanes x = *(const lanes *)(tile + r * width + c * LANES);
      for (size_t k = 0; k < 4; k++) s[k][c] += x * factors[k * stride + r];
    }
  for (size_t k = 0; k < 4; k++)
    for (size_t c = 0; c < n; c++) *(lanes *)(sums + k * width + c * LANES) = s[k][c];
}

SY_CLONES static void few_sums(const double *tile, size_t stride, size_t width,
                               const double *factors, size_t n_vectors, double *sums) {
  size_t k = 0;
  for (; k + 4 <= n_vectors; k += 4) {
    const double *four = factors + k * stride;
    double *out = sums + k * width;
    size_t j = 0;
    for (; j + 2 * LANES <= width; j += 2 * LANES)
      gather_four(tile + j, stride, width, 2 * LANES, four, out + j);
    if (j < width) gather_four(tile + j, stride, width, LANES, four, out + j);
  }
  for (; k < n_vectors; k++) {
    const double *one = factors + k * stride;
    double *out = sums + k * width;
    size_t j = 0;
    for (; j + 4 * LANES <= width; j += 4 * LANES)
      gather_one(tile + j, stride, width, 4 * LANES, one, out + j);
    for (; j < width; j += LANES) gather_one(tile + j, stride, width, LANES, one, out + j);
  }
}

void sy_product_gather(const double *tile, size_t stride, size_t width, const double *factors,
                       size_t n_vectors, double *sums) {
  if (n_vectors < FEWEST_FOR_BLAS)
    few_sums(tile, stride, width, factors, n_vectors, sums);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n_vectors, (int)width, (int)stride,
                1, factors, (int)stride, tile, (int)width, 1, sums, (int)width);
}
