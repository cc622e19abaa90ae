/* statistics.c: weighted mean and standard deviation of a column.
 *
 * Three walks over the column: extremes; the mean about the middle of the range; the squares about
 * that mean. Values are measured in a power of two near half the range, so that nothing overflows
 * or cancels: dates near 2e4, ids near 1e12 and values near 1e300 are all summed as numbers within
 * [-2, 2]. Sums go by blocks combined in a fixed tree. */
#include "features/statistics.h"

#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include <math.h>

enum { BLOCK_ROWS = 1024 };

/* A column with its rows and weights, and how its values are measured: (value - origin) / unit. */
typedef struct column_walk {
  const sy_column *column;
  size_t rows;
  const double *row_weights;
  double origin, inverse_unit;
  double *slots; /* (blocks, 3) */
} column_walk;

static double weight_of(const column_walk *walk, size_t row) {
  return walk->row_weights ? walk->row_weights[row] : 1;
}

static void find_extremes(const column_walk *walk, sy_number_summary *summary) {
  summary->smallest = INFINITY;
  summary->largest = -INFINITY;
  for (size_t i = 0; i < walk->rows; i++) {
    if (!(weight_of(walk, i) > 0)) continue;
    double value = sy_column_number(walk->column, i);
    if (isnan(value)) {
      summary->missing_rows++;
      continue;
    }
    summary->known_rows++;
    if (value < summary->smallest) summary->smallest = value;
    if (value > summary->largest) summary->largest = value;
  }
}

/* Sums of w, w u and w u^2 of one block, where u = (x - origin) / unit - centre. */
static void sum_block(const column_walk *walk, size_t block, double centre, double sums[3]) {
  size_t begin = block * BLOCK_ROWS;
  size_t end = begin + BLOCK_ROWS < walk->rows ? begin + BLOCK_ROWS : walk->rows;
  sums[0] = sums[1] = sums[2] = 0;
  for (size_t i = begin; i < end; i++) {
    double weight = weight_of(walk, i), value = sy_column_number(walk->column, i);
    if (!(weight > 0) || isnan(value)) continue;
    double u = (value - walk->origin) * walk->inverse_unit - centre;
    sums[0] += weight;
    sums[1] += weight * u;
    sums[2] += weight * u * u;
  }
}

static void sum_all(const column_walk *walk, double centre) {
  size_t blocks = (walk->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (size_t b = 0; b < blocks; b++) sum_block(walk, b, centre, walk->slots + 3 * b);
  sy_tree_sum(walk->slots, blocks, 3);
}

/* The power of two below half the range, kept where its inverse is finite. */
static double unit_of(double half_range) {
  int exponent;
  frexp(half_range, &exponent);
  exponent = exponent < -1000 ? -1000 : exponent - 1;
  return ldexp(1, exponent);
}

static void measure(column_walk *walk, sy_number_summary *summary) {
  double half_range = summary->largest / 2 - summary->smallest / 2;
  walk->origin = summary->smallest / 2 + summary->largest / 2;
  double unit = half_range > 0 ? unit_of(half_range) : 1;
  walk->inverse_unit = 1 / unit;
  sum_all(walk, 0);
  double centre = walk->slots[1] / walk->slots[0];
  sum_all(walk, centre);
  double shift = walk->slots[1] / walk->slots[0];
  double variance = walk->slots[2] / walk->slots[0] - shift * shift;
  summary->mean = walk->origin + (centre + shift) * unit;
  summary->deviation = variance > 0 ? sqrt(variance) * unit : 0;
}

sy_status sy_number_summarise(const sy_column *column, size_t rows, const double *row_weights,
                              sy_number_summary *summary) {
  column_walk walk = {.column = column, .rows = rows, .row_weights = row_weights};
  *summary = (sy_number_summary){0};
  find_extremes(&walk, summary);
  if (summary->known_rows == 0) return SY_OK;
  if (summary->smallest == summary->largest) {
    summary->mean = summary->smallest;
    return SY_OK;
  }
  walk.slots = sy_alloc((rows + BLOCK_ROWS - 1) / BLOCK_ROWS, 3 * sizeof *walk.slots);
  if (!walk.slots) return SY_OUT_OF_MEMORY;
  measure(&walk, summary);
  free(walk.slots);
  return SY_OK;
}
