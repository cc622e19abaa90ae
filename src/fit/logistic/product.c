/* product.c: BLAS spends more on packing such skinny matrices than on
 * multiplying them; with many vectors it wins. */
#include "fit/logistic/product.h"

#include "base/clones.h"

#include <cblas.h>

/* Vectors of four: those of eight would be torn to pieces where only AVX2 is,
 * and gain little where there is more. */
enum { LANES = 4, SUMS = 8, FEWEST_FOR_BLAS = 48 };

/* may_alias: these are doubles, looked at four at a time. */
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/* The sum of each of eight vectors: two rounds of adding neighbours. */
SY_INLINE void add_across(const lanes v[SUMS], double *out) {
  for (int i = 0; i < SUMS; i += LANES) {
    lanes low = __builtin_shufflevector(v[i], v[i + 1], 0, 4, 2, 6) +
                __builtin_shufflevector(v[i], v[i + 1], 1, 5, 3, 7);
    lanes high = __builtin_shufflevector(v[i + 2], v[i + 3], 0, 4, 2, 6) +
                 __builtin_shufflevector(v[i + 2], v[i + 3], 1, 5, 3, 7);
    *(lanes *)(out + i) = __builtin_shufflevector(low, high, 0, 1, 4, 5) +
                          __builtin_shufflevector(low, high, 2, 3, 6, 7);
  }
}

/* Eight rows with one vector: out (8). */
SY_INLINE void eight_rows(const double *rows, size_t width, const double *vector, double *out) {
  lanes sums[SUMS] = {0};
  for (size_t j = 0; j < width; j += LANES) {
    lanes v = *(const lanes *)(vector + j);
    for (int r = 0; r < SUMS; r++) sums[r] += *(const lanes *)(rows + (size_t)r * width + j) * v;
  }
  add_across(sums, out);
}

/* Two rows with four vectors; out[k * stride + r]. */
SY_INLINE void two_rows(const double *rows, size_t width, const double *vectors, size_t stride,
                        double *out) {
  lanes sums[SUMS] = {0};
  for (size_t j = 0; j < width; j += LANES) {
    lanes a = *(const lanes *)(rows + j), b = *(const lanes *)(rows + width + j);
    for (int k = 0; k < 4; k++) {
      lanes v = *(const lanes *)(vectors + (size_t)k * width + j);
      sums[2 * k] += a * v;
      sums[2 * k + 1] += b * v;
    }
  }
  double all[SUMS];
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
    for (size_t r = 0; r < stride; r += SUMS)
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

/* One vector, `n` times four columns, so that additions do not wait for each
 * other. */
SY_INLINE void gather_one(const double *tile, size_t stride, size_t width, size_t n,
                          const double *factors, double *sums) {
  lanes s[SUMS];
  for (size_t c = 0; c < n; c++) s[c] = *(lanes *)(sums + c * LANES);
  for (size_t r = 0; r < stride; r++)
    for (size_t c = 0; c < n; c++)
      s[c] += *(const lanes *)(tile + r * width + c * LANES) * factors[r];
  for (size_t c = 0; c < n; c++) *(lanes *)(sums + c * LANES) = s[c];
}

/* Four vectors, eight columns. */
SY_INLINE void gather_four(const double *tile, size_t stride, size_t width, const double *factors,
                           double *sums) {
  lanes s[4][2];
  for (size_t k = 0; k < 4; k++)
    for (size_t c = 0; c < 2; c++) s[k][c] = *(lanes *)(sums + k * width + c * LANES);
  for (size_t r = 0; r < stride; r++) {
    const lanes *x = (const lanes *)(tile + r * width);
    lanes first = x[0], second = x[1];
    for (size_t k = 0; k < 4; k++) {
      double factor = factors[k * stride + r];
      s[k][0] += first * factor;
      s[k][1] += second * factor;
    }
  }
  for (size_t k = 0; k < 4; k++)
    for (size_t c = 0; c < 2; c++) *(lanes *)(sums + k * width + c * LANES) = s[k][c];
}

SY_CLONES static void few_sums(const double *tile, size_t stride, size_t width,
                               const double *factors, size_t n_vectors, double *sums) {
  size_t k = 0;
  for (; k + 4 <= n_vectors; k += 4)
    for (size_t j = 0; j < width; j += 2 * LANES)
      gather_four(tile + j, stride, width, factors + k * stride, sums + k * width + j);
  for (; k < n_vectors; k++) {
    const double *one = factors + k * stride;
    double *out = sums + k * width;
    size_t j = 0;
    for (; j + SUMS * LANES <= width; j += SUMS * LANES)
      gather_one(tile + j, stride, width, SUMS, one, out + j);
    for (; j < width; j += 2 * LANES) gather_one(tile + j, stride, width, 2, one, out + j);
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
