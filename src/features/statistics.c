/* statistics.c: weighted mean and standard deviation of a column.
 *
 * Three walks over the column: extremes; the mean about the middle of the range; the squares about
 * that mean. Values are measured in a power of two near half the range, so that nothing overflows
 * or cancels: dates near 2e4, ids near 1e12 and values near 1e300 are all summed as numbers within
 * [-2, 2]. A block of rows is summed in lanes, and blocks are combined in a fixed tree. */
#include "features/statistics.h"

#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include <stdbool.h>

enum { BLOCK_ROWS = 1024, LANES = 8 };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* A block of a column, ready for sums: what is missing or has no weight weighs 0 and stands at a
 * value that is known; so do the rows behind the last. */
typedef union block {
  double rows[BLOCK_ROWS];
  lanes lanes[BLOCK_ROWS / LANES];
} block;

/* A column with its rows and weights, and how its values are measured: (value - origin) / unit. */
typedef struct column_walk {
  const sy_column *column;
  size_t rows;
  const double *row_weights;
  double known; /* some value of positive weight */
  double origin, inverse_unit;
  double *slots; /* (blocks, 3) */
} column_walk;

static double weight_of(const column_walk *walk, size_t row) {
  return walk->row_weights ? walk->row_weights[row] : 1;
}

#define DEFINE_TAKE(name, element)                                                                 \
  SY_CLONES static void name(const element *restrict column, const double *restrict row_weights,   \
                             size_t rows, double known, double *restrict values,                   \
                             double *restrict weights) {                                           \
    for (size_t i = 0; i < rows; i++) {                                                            \
      double value = (double)column[i], weight = row_weights ? row_weights[i] : 1;                 \
      bool counts = isfinite(value) && weight > 0;                                                 \
      values[i] = counts ? value : known;                                                          \
      weights[i] = counts ? weight : 0;                                                            \
    }                                                                                              \
  }

DEFINE_TAKE(take_f32, float)
DEFINE_TAKE(take_f64, double)

static void take_block(const column_walk *walk, size_t number, block *values, block *weights) {
  size_t begin = number * BLOCK_ROWS;
  size_t rows = walk->rows - begin < BLOCK_ROWS ? walk->rows - begin : BLOCK_ROWS;
  const double *given = walk->row_weights ? walk->row_weights + begin : NULL;
  if (walk->column->f32)
    take_f32(walk->column->f32 + begin, given, rows, walk->known, values->rows, weights->rows);
  else
    take_f64(walk->column->f64 + begin, given, rows, walk->known, values->rows, weights->rows);
  for (size_t i = rows; i < BLOCK_ROWS; i++) {
    values->rows[i] = walk->known;
    weights->rows[i] = 0;
  }
}

static size_t count_blocks(const column_walk *walk) {
  return (walk->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

/* Finds a known value; false where there is none. */
static bool find_known(column_walk *walk) {
  for (size_t i = 0; i < walk->rows; i++) {
    walk->known = sy_column_number(walk->column, i);
    if (weight_of(walk, i) > 0 && !isnan(walk->known)) return true;
  }
  return false;
}

static size_t count_rows(const column_walk *walk) {
  size_t rows = 0;
  for (size_t i = 0; i < walk->rows; i++) rows += weight_of(walk, i) > 0;
  return rows;
}

SY_CLONES static size_t widen(const double *restrict values, const double *restrict weights,
                              double *smallest, double *largest) {
  double low = *smallest, high = *largest;
  size_t known = 0;
  for (size_t i = 0; i < BLOCK_ROWS; i++) {
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
    known += weights[i] > 0;
  }
  *smallest = low;
  *largest = high;
  return known;
}

static void find_extremes(column_walk *walk, sy_number_summary *summary) {
  size_t rows = count_rows(walk);
  block values, weights;
  summary->smallest = INFINITY;
  summary->largest = -INFINITY;
  summary->missing_rows = rows;
  if (!find_known(walk)) return;
  for (size_t b = 0; b < count_blocks(walk); b++) {
    take_block(walk, b, &values, &weights);
    summary->known_rows += widen(values.rows, weights.rows, &summary->smallest, &summary->largest);
  }
  summary->missing_rows = rows - summary->known_rows;
}

SY_INLINE double sum_of(const lanes *sum) {
  const double *s = (const double *)sum;
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* Sums of w, w u and w u^2, where u = (x - origin) / unit - centre. */
SY_CLONES static void sum_block(const lanes *values, const lanes *weights, double origin,
                                double inverse_unit, double centre, double sums[3]) {
  lanes sum = {0}, first = {0}, second = {0};
  for (size_t i = 0; i < BLOCK_ROWS / LANES; i++) {
    lanes u = (values[i] - origin) * inverse_unit - centre, moment = weights[i] * u;
    sum += weights[i];
    first += moment;
    second += moment * u;
  }
  sums[0] = sum_of(&sum);
  sums[1] = sum_of(&first);
  sums[2] = sum_of(&second);
}

static void sum_all(const column_walk *walk, double centre) {
  block values, weights;
  for (size_t b = 0; b < count_blocks(walk); b++) {
    take_block(walk, b, &values, &weights);
    sum_block(values.lanes, weights.lanes, walk->origin, walk->inverse_unit, centre,
              walk->slots + 3 * b);
  }
  sy_tree_sum(walk->slots, count_blocks(walk), 3);
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
  walk.slots = sy_alloc(count_blocks(&walk), 3 * sizeof *walk.slots);
  if (!walk.slots) return SY_OUT_OF_MEMORY;
  measure(&walk, summary);
  free(walk.slots);
  return SY_OK;
}
