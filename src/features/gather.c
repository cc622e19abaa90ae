/* gather.c: columns of a matrix whose rows follow each other, taken apart. A cache line of such a
 * matrix holds values of several columns, so columns are copied together, a few rows at a time:
 * each line is read once, and what fits a column then walks it as often as it likes. */
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include <string.h>

enum {
  BLOCK_ROWS = 4096, /* copied by one thread at a time */
  NEAR_ROWS = 64,    /* of all columns, so few that their lines stay in the nearest cache */
  ALIGNMENT = 8      /* bytes, of each copy */
};

typedef struct gather_job {
  const sy_column *from;
  const sy_column *to;
  size_t n, rows;
} gather_job;

/* Bytes of an element, 0 where a column has no data, which sy_column_check tells. */
static size_t element_size(const sy_column *column) {
  if (column->type == SY_COLUMN_TEXT) return column->codes ? sizeof *column->codes : 0;
  if (column->f32) return sizeof *column->f32;
  return column->f64 ? sizeof *column->f64 : 0;
}

static bool needs_copy(const sy_column *column) {
  return sy_column_stride(column) != 1 && element_size(column) > 0;
}

#define DEFINE_COPY(name, element)                                                                 \
  static void name(const element *from, ptrdiff_t stride, size_t begin, size_t end, void *copy) {  \
    element *to = copy;                                                                            \
    for (size_t row = begin; row < end; row++) to[row] = from[(ptrdiff_t)row * stride];            \
  }

DEFINE_COPY(copy_f32, float)
DEFINE_COPY(copy_f64, double)
DEFINE_COPY(copy_codes, uint32_t)

static void *start_of(const sy_column *column) {
  const void *start = column->type == SY_COLUMN_TEXT ? (const void *)column->codes
                      : column->f32                  ? (const void *)column->f32
                                                     : (const void *)column->f64;
  return (void *)(uintptr_t)start;
}

static void copy_rows(const gather_job *job, size_t begin, size_t end) {
  for (size_t c = 0; c < job->n; c++) {
    const sy_column *from = &job->from[c];
    void *to = start_of(&job->to[c]);
    if (!needs_copy(from)) continue;
    if (from->type == SY_COLUMN_TEXT)
      copy_codes(from->codes, from->stride, begin, end, to);
    else if (from->f32)
      copy_f32(from->f32, from->stride, begin, end, to);
    else
      copy_f64(from->f64, from->stride, begin, end, to);
  }
}

static void copy_block(void *context, size_t block) {
  const gather_job *job = context;
  size_t begin = block * BLOCK_ROWS, rest = job->rows - begin;
  size_t end = rest < BLOCK_ROWS ? job->rows : begin + BLOCK_ROWS;
  for (; begin < end; begin += NEAR_ROWS)
    copy_rows(job, begin, end - begin < NEAR_ROWS ? end : begin + NEAR_ROWS);
}

/* Bytes of a copy, with what the next one needs to begin well. */
static size_t copy_size(const sy_column *column, size_t rows) {
  return (rows * element_size(column) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void point_to(sy_column *column, void *data) {
  column->stride = 1;
  if (column->type == SY_COLUMN_TEXT)
    column->codes = data;
  else if (column->f32)
    column->f32 = data;
  else
    column->f64 = data;
}

static sy_status make_room(const sy_column *columns, size_t n, size_t rows, sy_column_room *room) {
  size_t size = 0;
  for (size_t c = 0; c < n; c++) size += needs_copy(&columns[c]) ? copy_size(&columns[c], rows) : 0;
  if (size <= room->size) return SY_OK;
  free(room->bytes);
  room->bytes = sy_alloc(size, 1);
  room->size = room->bytes ? size : 0;
  return room->bytes ? SY_OK : SY_OUT_OF_MEMORY;
}

sy_status sy_columns_gather(const sy_column *columns, size_t n, size_t rows, sy_column_room *room,
                            sy_column *dense) {
  sy_status status = make_room(columns, n, rows, room);
  if (status) return status;
  char *next = room->bytes;
  bool any = false;
  for (size_t c = 0; c < n; c++) {
    dense[c] = columns[c];
    if (!needs_copy(&columns[c])) continue;
    point_to(&dense[c], next);
    next += copy_size(&columns[c], rows);
    any = true;
  }
  gather_job job = {columns, dense, n, rows};
  if (any) sy_parallel_blocks((rows + BLOCK_ROWS - 1) / BLOCK_ROWS, copy_block, &job);
  return SY_OK;
}
