/* tile.h: a block of rows laid on its side, column after column, so that loops run across rows:
 * vectors of neighbouring rows, while each row's own sums keep their order. One row alone is a tile
 * of one row; so scoring by row and by block are one code and give the same bits. */
#ifndef SY_BASE_TILE_H
#define SY_BASE_TILE_H

#include <stddef.h>
#include <stdint.h>

/* Columns of a tile are `stride` elements apart: its rows, rounded up to whole lanes so that loops
 * need no rest. What is computed there beyond the last row is never looked at. */
enum { SY_LANES = 8, SY_TILE_ROWS = 128 };

static inline size_t sy_tile_stride(size_t rows) {
  return (rows + SY_LANES - 1) / SY_LANES * SY_LANES;
}

/* Rows of a tile of which each has so many numbers (>= 1): few enough for all to stay in a core's
 * own cache, with room for what is read and written. It cannot change a result, a row is computed
 * alone. */
static inline size_t sy_tile_rows(size_t numbers) {
  enum { CACHED_NUMBERS = 16384 };
  size_t rows = CACHED_NUMBERS / numbers / SY_LANES * SY_LANES;
  return rows < SY_LANES ? SY_LANES : rows > SY_TILE_ROWS ? SY_TILE_ROWS : rows;
}

/* Encoded rows. The first n_dense encoded columns are there as numbers, codes of texts among them;
 * of the others, at most one for each text with levels is 1 in a row, and only its index is kept.
 * Beyond the last row there are zeros. */
typedef struct sy_tile {
  size_t rows, stride; /* 1 to SY_TILE_ROWS rows */
  size_t n_dense, n_texts;
  double *dense;    /* (n_dense, stride) */
  uint32_t *places; /* (n_texts, stride) encoded column that is 1; their number where none is */
} sy_tile;

/* Adds to each of n_outputs columns the columns times their factors, one column after the other:
 * outputs[o][row] = (outputs[o][row] + columns[0][row] factors[0][o]) + columns[1][row] ...
 * @param columns  (n_columns, stride)
 * @param factors  (n_columns, n_outputs)
 * @param outputs  (n_outputs, stride), no part of `columns` */
void sy_tile_add_product(const double *columns, size_t n_columns, size_t stride,
                         const double *factors, size_t n_outputs, double *outputs);

#endif
