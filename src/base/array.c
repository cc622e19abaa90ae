/* array.c: arrays of any shape and strides, read a run of neighbours at a time. */
#include "base/array.h"

#include <stdio.h>
#include <string.h>

size_t sy_dtype_size(sy_dtype dtype) {
  switch (dtype) {
  case SY_I8:
  case SY_U8:
    return 1;
  case SY_I16:
  case SY_U16:
    return 2;
  case SY_F32:
  case SY_I32:
  case SY_U32:
    return 4;
  default:
    return 8;
  }
}

bool sy_dtype_is_integer(sy_dtype dtype) {
  return dtype >= SY_I8 && dtype <= SY_U64;
}

bool sy_dtype_has_sign(sy_dtype dtype) {
  return dtype >= SY_I8 && dtype <= SY_I64;
}

const char *sy_dtype_name(sy_dtype dtype) {
  static const char *const names[] = {"float32", "float64", "int8",   "int16",  "int32",
                                      "int64",   "uint8",   "uint16", "uint32", "uint64"};
  return (size_t)dtype < sizeof names / sizeof *names ? names[dtype] : "no known type";
}

bool sy_shape_count(const size_t *shape, size_t n_axes, size_t *count) {
  for (size_t a = 0; a < n_axes; a++)
    if (shape[a] == 0) {
      *count = 0;
      return true;
    }
  *count = 1;
  for (size_t a = 0; a < n_axes; a++) {
    if (*count > PTRDIFF_MAX / shape[a]) return false;
    *count *= shape[a];
  }
  return true;
}

char *sy_shape_text(const size_t *shape, size_t n_axes, char text[SY_SHAPE_SIZE]) {
  enum { ROOM = SY_SHAPE_SIZE - 32 }; /* behind it no axis is begun */
  size_t length = 1;
  memcpy(text, "(", 2);
  for (size_t a = 0; a < n_axes; a++) {
    const char *comma = a > 0 ? ", " : "";
    if (length > ROOM) {
      memcpy(text + length, ", ...", 6);
      length += 5;
      break;
    }
    length += (size_t)snprintf(text + length, SY_SHAPE_SIZE - length, "%s%zu", comma, shape[a]);
  }
  memcpy(text + length, ")", 2);
  return text;
}

sy_array sy_array_of(const void *data, sy_dtype dtype, size_t n_axes, const size_t *shape) {
  sy_array array = {.data = data, .dtype = dtype, .n_axes = n_axes};
  size_t stride = 1; /* of a shape too large for memory it may wrap round: such are refused later */
  for (size_t a = n_axes < SY_MAX_AXES ? n_axes : SY_MAX_AXES; a-- > 0;) {
    array.shape[a] = shape[a];
    array.strides[a] = (ptrdiff_t)stride;
    stride *= shape[a];
  }
  return array;
}

/* Axes that lie one within the other as those of one longer axis are joined, those of one entry
 * left out; the last axis is always there. */
static sy_array join_axes(const sy_array *array) {
  sy_array joined = {.data = array->data, .dtype = array->dtype, .n_axes = 1};
  joined.shape[0] = 1;
  joined.strides[0] = 1;
  for (size_t a = 0; a < array->n_axes; a++) {
    if (array->shape[a] == 1) continue;
    size_t last = joined.n_axes - 1;
    ptrdiff_t stride = array->strides[a];
    if (joined.shape[last] > 1 && joined.strides[last] != stride * (ptrdiff_t)array->shape[a])
      joined.shape[last = joined.n_axes++] = 1;
    joined.shape[last] *= array->shape[a];
    joined.strides[last] = stride;
  }
  return joined;
}

/* Copies a run along one axis. Where bytes lie apart, the compiler's own copies of 1, 2, 4 and 8
 * bytes are the quickest that make no assumption on their alignment. */
#define DEFINE_COPY(name, size)                                                                    \
  static void name(const char *from, ptrdiff_t step, size_t n, char *to) {                         \
    for (size_t i = 0; i < n; i++) memcpy(to + i * size, from + (ptrdiff_t)i * step, size);        \
  }

DEFINE_COPY(copy_1, 1)
DEFINE_COPY(copy_2, 2)
DEFINE_COPY(copy_4, 4)
DEFINE_COPY(copy_8, 8)

static void copy_run(const char *from, ptrdiff_t stride, size_t n, size_t size, char *to) {
  ptrdiff_t step = stride * (ptrdiff_t)size;
  if (stride == 1) {
    memcpy(to, from, n * size);
  } else if (size == 1) {
    copy_1(from, step, n, to);
  } else if (size == 2) {
    copy_2(from, step, n, to);
  } else if (size == 4) {
    copy_4(from, step, n, to);
  } else {
    copy_8(from, step, n, to);
  }
}

/* Coordinates of element `first`, and how many elements it lies behind the data's first. */
static ptrdiff_t locate(const sy_array *array, size_t first, size_t *at) {
  ptrdiff_t offset = 0;
  for (size_t a = array->n_axes; a-- > 0;) {
    at[a] = first % array->shape[a];
    first /= array->shape[a];
    offset += (ptrdiff_t)at[a] * array->strides[a];
  }
  return offset;
}

/* Steps to the begin of the next run along the last axis. */
static ptrdiff_t next_run(const sy_array *array, size_t *at, ptrdiff_t offset) {
  size_t a = array->n_axes - 1;
  offset -= (ptrdiff_t)at[a] * array->strides[a];
  at[a] = 0;
  while (a-- > 0) {
    offset += array->strides[a];
    if (++at[a] < array->shape[a]) break;
    offset -= (ptrdiff_t)at[a] * array->strides[a];
    at[a] = 0;
  }
  return offset;
}

static void gather(const sy_array *array, size_t first, size_t n, char *tile) {
  size_t size = sy_dtype_size(array->dtype), last = array->n_axes - 1, at[SY_MAX_AXES + 1];
  ptrdiff_t offset = locate(array, first, at);
  while (n > 0) {
    size_t run = array->shape[last] - at[last];
    if (run > n) run = n;
    copy_run((const char *)array->data + offset * (ptrdiff_t)size, array->strides[last], run, size,
             tile);
    tile += run * size;
    n -= run;
    offset = next_run(array, at, offset);
  }
}

/* Whether all elements lie one after the other, as a pointer to their type may point to them. */
static bool lies_plainly(const sy_array *joined) {
  return joined->n_axes == 1 && (joined->strides[0] == 1 || joined->shape[0] == 1) &&
         (uintptr_t)joined->data % sy_dtype_size(joined->dtype) == 0;
}

const void *sy_array_block(const sy_array *array, size_t first, size_t n, void *tile) {
  if (n == 0) return tile;
  sy_array joined = join_axes(array);
  if (lies_plainly(&joined)) return (const char *)joined.data + first * sy_dtype_size(joined.dtype);
  gather(&joined, first, n, tile);
  return tile;
}

#define WIDEN(type)                                                                                \
  for (size_t i = 0; i < n; i++) values[i] = (double)((const type *)block)[i]

static void widen(const void *block, sy_dtype dtype, size_t n, double *values) {
  switch (dtype) {
  case SY_F32:
    WIDEN(float);
    return;
  case SY_I8:
    WIDEN(int8_t);
    return;
  case SY_I16:
    WIDEN(int16_t);
    return;
  case SY_I32:
    WIDEN(int32_t);
    return;
  case SY_I64:
    WIDEN(int64_t);
    return;
  case SY_U8:
    WIDEN(uint8_t);
    return;
  case SY_U16:
    WIDEN(uint16_t);
    return;
  case SY_U32:
    WIDEN(uint32_t);
    return;
  case SY_U64:
    WIDEN(uint64_t);
    return;
  default:
    WIDEN(double);
  }
}

void sy_array_block_f64(const sy_array *array, size_t first, size_t n, double *values) {
  enum { STEP = 512 };
  double tile[STEP];
  for (size_t i = 0; i < n; i += STEP) {
    size_t count = n - i < STEP ? n - i : STEP;
    widen(sy_array_block(array, first + i, count, tile), array->dtype, count, values + i);
  }
}
