/* columns.h: raw columns read safely. */
#ifndef SY_FEATURES_COLUMNS_H
#define SY_FEATURES_COLUMNS_H

#include <math.h>
#include <steelyard/features.h>

/* Row of a column of numbers, NaN where it is missing (anything not finite is). Inline: fitting
 * and encoding call it for every value. */
static inline double sy_column_number(const sy_column *column, size_t row) {
  double value = column->f32 ? (double)column->f32[row] : column->f64[row];
  return isfinite(value) ? value : (double)NAN;
}

/* Checks that a column has the data its type asks for and no code outside its dictionary.
 * SY_INVALID_SHAPE, SY_INVALID_DATA. */
sy_status sy_column_check(const sy_column *column, size_t rows, sy_error *error);

#endif
