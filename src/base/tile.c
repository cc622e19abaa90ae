/* tile.c: products of a tile, the sums of a few outputs and rows at a time held in registers. */
#include "base/tile.h"

#include "base/clones.h"

/* Vectors of four rows: those of eight would be torn to pieces where only AVX2 is, and gain little
 * where there is more. Columns are aligned as doubles are, no more. */
enum { LANES = 4, HALVES = SY_LANES / LANES };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/* Eight rows of four outputs at once use each number read four times. More sums than these would
 * not fit the sixteen registers of AVX2. */
enum { OUTPUTS_AT_ONCE = 4, ROWS_AT_ONCE = 32 };

SY_CLONES static void add_to_four(const double *columns, size_t n_columns, size_t stride,
                                  const double *factors, size_t n_outputs, double *outputs) {
  for (size_t row = 0; row < stride; row += SY_LANES) {
    lanes sums[OUTPUTS_AT_ONCE][HALVES];
    for (size_t o = 0; o < OUTPUTS_AT_ONCE; o++)
      for (size_t h = 0; h < HALVES; h++)
        sums[o][h] = *(const lanes *)(outputs + o * stride + row + h * LANES);
    for (size_t j = 0; j < n_columns; j++) {
      const lanes *x = (const lanes *)(columns + j * stride + row);
      const double *factor = factors + j * n_outputs;
      for (size_t o = 0; o < OUTPUTS_AT_ONCE; o++)
        for (size_t h = 0; h < HALVES; h++) sums[o][h] += x[h] * factor[o];
    }
    for (size_t o = 0; o < OUTPUTS_AT_ONCE; o++)
      for (size_t h = 0; h < HALVES; h++)
        *(lanes *)(outputs + o * stride + row + h * LANES) = sums[o][h];
  }
}

/* One output, n times four rows of it at once, so that additions do not wait for each other. */
SY_INLINE void add_to_rows(const double *columns, size_t n_columns, size_t stride,
                           const double *factors, size_t n_outputs, size_t n, double *output) {
  lanes sums[ROWS_AT_ONCE / LANES];
  for (size_t r = 0; r < n; r++) sums[r] = *(const lanes *)(output + r * LANES);
  for (size_t j = 0; j < n_columns; j++) {
    const lanes *x = (const lanes *)(columns + j * stride);
    for (size_t r = 0; r < n; r++) sums[r] += x[r] * factors[j * n_outputs];
  }
  for (size_t r = 0; r < n; r++) *(lanes *)(output + r * LANES) = sums[r];
}

SY_CLONES static void add_to_one(const double *columns, size_t n_columns, size_t stride,
                                 const double *factors, size_t n_outputs, double *output) {
  size_t row = 0;
  for (; row + ROWS_AT_ONCE <= stride; row += ROWS_AT_ONCE)
    add_to_rows(columns + row, n_columns, stride, factors, n_outputs, ROWS_AT_ONCE / LANES,
                output + row);
  for (; row < stride; row += SY_LANES)
    add_to_rows(columns + row, n_columns, stride, factors, n_outputs, HALVES, output + row);
}

void sy_tile_add_product(const double *columns, size_t n_columns, size_t stride,
                         const double *factors, size_t n_outputs, double *outputs) {
  size_t o = 0;
  for (; o + OUTPUTS_AT_ONCE <= n_outputs; o += OUTPUTS_AT_ONCE)
    add_to_four(columns, n_columns, stride, factors + o, n_outputs, outputs + o * stride);
  for (; o < n_outputs; o++)
    add_to_one(columns, n_columns, stride, factors + o, n_outputs, outputs + o * stride);
}
