/* columns.h: raw columns read safely. */
#ifndef SY_FEATURES_COLUMNS_H
#define SY_FEATURES_COLUMNS_H

#include <math.h>
#include <steelyard/features.h>

/* Elements from one row to the next. */
static inline ptrdiff_t sy_column_stride(const sy_column *column) {
  return column->stride ? column->stride : 1;
}

/* Row of a column of numbers, as it is. Inline, as what follows: called for every value. */
static inline double sy_column_value(const sy_column *column, size_t row) {
  ptrdiff_t place = (ptrdiff_t)row * sy_column_stride(column);
  return column->f32 ? (double)column->f32[place] : column->f64[place];
}

/* The same, NaN where it is missing (anything not finite is). */
static inline double sy_column_number(const sy_column *column, size_t row) {
  double value = sy_column_value(column, row);
  return isfinite(value) ? value : (double)NAN;
}

/* Row of a column of texts. */
static inline uint32_t sy_column_code(const sy_column *column, size_t row) {
  return column->codes[(ptrdiff_t)row * sy_column_stride(column)];
}

/* Checks that a column has the data its type asks for and no code outside its dictionary.
 * SY_INVALID_SHAPE, SY_INVALID_DATA. */
sy_status sy_column_check(const sy_column *column, size_t rows, sy_error *error);

/* Memory that columns are copied to, used again and again; free(room->bytes). */
typedef struct sy_column_room {
  void *bytes;
  size_t size;
} sy_column_room;

/* The same columns with rows that follow each other: those that are so already, and copies of the
 * others, which last until the room is used again. Threads over blocks of rows.
 * @param dense  (n) out: columns of stride 1
 * Fails with SY_OUT_OF_MEMORY. */
sy_status sy_columns_gather(const sy_column *columns, size_t n, size_t rows, sy_column_room *room,
                            sy_column *dense);

#endif
