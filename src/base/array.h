/* array.h: arrays of any type, shape and strides, read as runs of neighbours. */
#ifndef SY_BASE_ARRAY_H
#define SY_BASE_ARRAY_H

#include <steelyard/base.h>

/* Bytes of one element. */
size_t sy_dtype_size(sy_dtype dtype);

bool sy_dtype_is_integer(sy_dtype dtype);

/* True for the integers below zero can be of: SY_I8 to SY_I64. */
bool sy_dtype_has_sign(sy_dtype dtype);

/* "float32", "int64", "uint8" and so on, as NumPy calls them. */
const char *sy_dtype_name(sy_dtype dtype);

/* Product of the first n_axes of a shape; false where it leaves size_t. No axes: 1. */
bool sy_shape_count(const size_t *shape, size_t n_axes, size_t *count);

/* Bytes that hold the text of any shape. */
#define SY_SHAPE_SIZE 160

/* A shape as text, "(3, 4)" or "(3)"; one too long ends in "...". Returns text. */
char *sy_shape_text(const size_t *shape, size_t n_axes, char text[SY_SHAPE_SIZE]);

/* Elements first .. first + n - 1 in C order, one after the other: where they lie so and at
 * addresses that are multiples of their size, in the array itself, else copied to `tile`, which
 * holds n elements. */
const void *sy_array_block(const sy_array *array, size_t first, size_t n, void *tile);

/* The same as float64. Integers above 2^53 are rounded.
 * @param values  (n) out */
void sy_array_block_f64(const sy_array *array, size_t first, size_t n, double *values);

#endif
