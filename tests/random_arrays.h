/* random_arrays.h: arrays of random shape, type and strides, written and read one element at a time
 * by their own arithmetic, and blocks cut out of them. */
#ifndef TESTS_RANDOM_ARRAYS_H
#define TESTS_RANDOM_ARRAYS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/base.h>

static uint64_t random_state;

/* An own generator, so that a failure repeats anywhere. */
static inline uint64_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static inline void random_begin(void) {
  random_state = UINT64_C(88172645463325252);
}

static inline size_t random_below(size_t n) {
  return (size_t)(random_bits() >> 20) % n;
}

/* An array that owns its data. */
typedef struct random_array {
  sy_array view;
  char *memory;
} random_array;

static inline size_t element_size(sy_dtype dtype) {
  static const size_t sizes[] = {4, 8, 1, 2, 4, 8, 1, 2, 4, 8};
  return sizes[dtype];
}

static inline size_t shape_product(const size_t *shape, size_t n_axes) {
  size_t product = 1;
  for (size_t a = 0; a < n_axes; a++) product *= shape[a];
  return product;
}

/* Memory for an array whose axes lie in random order, some reversed, some with gaps. */
static inline random_array random_layout(sy_dtype dtype, const size_t *shape, size_t n_axes) {
  random_array array = {.view = sy_array_of(NULL, dtype, n_axes, shape)};
  size_t order[SY_MAX_AXES], elements = 1, begin = 0;
  bool plain = random_below(3) == 0;
  for (size_t a = 0; a < n_axes; a++) order[a] = a;
  for (size_t a = n_axes; a > 1 && !plain; a--) {
    size_t other = random_below(a), axis = order[a - 1];
    order[a - 1] = order[other];
    order[other] = axis;
  }
  for (size_t i = n_axes; i-- > 0;) {
    size_t a = order[i], gap = plain ? 1 : 1 + random_below(4) / 3;
    bool reversed = !plain && random_below(3) == 0;
    array.view.strides[a] = (ptrdiff_t)(elements * gap) * (reversed ? -1 : 1);
    if (reversed && shape[a] > 0) begin += elements * gap * (shape[a] - 1);
    elements *= gap * shape[a];
  }
  array.memory = malloc(elements * element_size(dtype) + 1);
  array.view.data = array.memory + begin * element_size(dtype);
  return array;
}

/* Where element `index` in C order is. */
static inline char *element_at(const sy_array *array, size_t index) {
  ptrdiff_t offset = 0;
  for (size_t a = array->n_axes; a-- > 0;) {
    offset += (ptrdiff_t)(index % array->shape[a]) * array->strides[a];
    index /= array->shape[a];
  }
  return (char *)array->data + offset * (ptrdiff_t)element_size(array->dtype);
}

#define STORE(type)                                                                                \
  do {                                                                                             \
    type stored = (type)value;                                                                     \
    memcpy(element_at(array, index), &stored, sizeof stored);                                      \
  } while (0)

/* Writes an integer, or a float of its value / 1024. */
static inline void store_element(const sy_array *array, size_t index, int64_t value) {
  switch (array->dtype) {
  case SY_F32: {
    float number = (float)value / 1024;
    memcpy(element_at(array, index), &number, sizeof number);
    return;
  }
  case SY_F64: {
    double number = (double)value / 1024;
    memcpy(element_at(array, index), &number, sizeof number);
    return;
  }
  case SY_I8:
  case SY_U8:
    STORE(uint8_t);
    return;
  case SY_I16:
  case SY_U16:
    STORE(uint16_t);
    return;
  case SY_I32:
  case SY_U32:
    STORE(uint32_t);
    return;
  default:
    STORE(uint64_t);
  }
}

static const sy_dtype INTEGERS[] = {SY_I8, SY_I16, SY_I32, SY_I64, SY_U8, SY_U16, SY_U32, SY_U64};

/* What is left of an id in an integer type. */
static inline int64_t clip(int64_t id, sy_dtype dtype) {
  switch (dtype) {
  case SY_I8:
    return (int8_t)id;
  case SY_I16:
    return (int16_t)id;
  case SY_I32:
    return (int32_t)id;
  case SY_U8:
    return (uint8_t)id;
  case SY_U16:
    return (uint16_t)id;
  case SY_U32:
    return (uint32_t)id;
  default:
    return id;
  }
}

/* Entries first .. first + n - 1 of the first axis. */
static inline sy_array cut_block(const sy_array *array, size_t first, size_t n) {
  sy_array block = *array;
  block.shape[0] = n;
  block.data = (const char *)array->data +
               (ptrdiff_t)first * array->strides[0] * (ptrdiff_t)element_size(array->dtype);
  return block;
}

#endif
