/* columns.c: what must hold of a raw column before it is read. */
#include "features/columns.h"

#include "base/error.h"

static sy_status check_codes(const sy_column *column, size_t rows, sy_error *error) {
  if (!column->codes || (!column->values && column->n_values))
    return sy_fail(error, SY_INVALID_SHAPE, "text column '%s' has no codes or no values",
                   column->name);
  for (size_t i = 0; i < rows; i++)
    if (sy_column_code(column, i) >= column->n_values && sy_column_code(column, i) != SY_MISSING)
      return sy_fail(error, SY_INVALID_DATA,
                     "column '%s' has code %u at row %zu, outside its %zu values", column->name,
                     (unsigned)sy_column_code(column, i), i + 1, column->n_values);
  return SY_OK;
}

sy_status sy_column_check(const sy_column *column, size_t rows, sy_error *error) {
  if (!column->name) return sy_fail(error, SY_INVALID_ARGUMENT, "a column has no name");
  if (column->type == SY_COLUMN_TEXT) return check_codes(column, rows, error);
  if (!column->f32 == !column->f64)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "column '%s' must have numbers as float32 or as float64", column->name);
  return SY_OK;
}
