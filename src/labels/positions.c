/* positions.c: shapes that fit, and places in words. */
#include "labels/positions.h"

#include "base/array.h"
#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool has_class_axis(sy_label_kind kind) {
  return kind == SY_LABEL_ONE_HOT || kind == SY_LABEL_MULTI_HOT;
}

static bool has_names(sy_label_kind kind) {
  return kind == SY_LABEL_NAME || kind == SY_LABEL_NAME_LIST;
}

static sy_status fail_floats(sy_dtype dtype, sy_error *error) {
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "labels of kind index are integers; these are floating-point numbers (%s): cast "
                 "them where they are class ids; rows of shares that sum to 1 are kind one-hot",
                 sy_dtype_name(dtype));
}

static sy_status check_types(const sy_label_array *labels, sy_error *error) {
  const sy_array *values = &labels->values;
  if (labels->texts) {
    if (has_names(labels->kind)) return SY_OK;
    return sy_fail(error, SY_INVALID_ARGUMENT, "labels of kind %s are numbers, not texts",
                   sy_label_kind_name(labels->kind));
  }
  if (values->dtype < SY_F32 || values->dtype > SY_U64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the labels are of no known type of numbers");
  if (labels->kind == SY_LABEL_INDEX && !sy_dtype_is_integer(values->dtype))
    return fail_floats(values->dtype, error);
  if (has_names(labels->kind) && values->dtype != SY_U32)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "labels of kind %s are texts or uint32 codes, not %s",
                   sy_label_kind_name(labels->kind), sy_dtype_name(values->dtype));
  return SY_OK;
}

static sy_status check_axes(const sy_label_array *labels, sy_error *error) {
  size_t n_axes = labels->values.n_axes;
  if (n_axes > SY_MAX_AXES)
    return sy_fail(error, SY_INVALID_SHAPE, "the labels have %zu axes; there may be %d", n_axes,
                   SY_MAX_AXES);
  if (n_axes == 0)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the labels are one number without axes; the first axis is the rows");
  if (has_class_axis(labels->kind) && n_axes < 2)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "labels of kind %s have a class axis behind the rows; these have one axis of "
                   "%zu: class ids are kind index",
                   sy_label_kind_name(labels->kind), labels->values.shape[0]);
  return SY_OK;
}

static bool same_shape(const sy_array *array, const size_t *shape, size_t n_axes) {
  return array->n_axes == n_axes && memcmp(array->shape, shape, n_axes * sizeof *shape) == 0;
}

static sy_status fail_shape(const sy_array *array, const char *what, const sy_positions *positions,
                            sy_error *error) {
  char found[SY_SHAPE_SIZE], wanted[SY_SHAPE_SIZE];
  size_t n_axes = array->n_axes < SY_MAX_AXES ? array->n_axes : SY_MAX_AXES;
  return sy_fail(error, SY_INVALID_SHAPE, "the %s of shape %s do not fit the positions %s", what,
                 sy_shape_text(array->shape, n_axes, found),
                 sy_shape_text(positions->shape, positions->n_axes, wanted));
}

static sy_status check_data(const sy_array *array, const char *what, size_t count,
                            sy_error *error) {
  if (array->data || count == 0) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "the %s have a shape but no data", what);
}

/* An array of all positions; or of one axis, whose number for a row then stands at all positions of
 * the row: strides of 0. False where it is neither. */
static bool spread(const sy_array *array, const sy_positions *positions, sy_array *view) {
  bool per_row = same_shape(array, positions->shape, 1);
  if (!per_row && !same_shape(array, positions->shape, positions->n_axes)) return false;
  *view = *array;
  for (size_t a = 1; per_row && a < positions->n_axes; a++) {
    view->shape[a] = positions->shape[a];
    view->strides[a] = 0;
  }
  view->n_axes = positions->n_axes;
  return true;
}

static sy_status take_mask(const sy_array *mask, sy_positions *positions, sy_error *error) {
  if (!mask) return SY_OK;
  if (!sy_dtype_is_integer(mask->dtype))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a mask is of integers or booleans (0 = taken out), not of %s: numbers that "
                   "weigh are row weights",
                   sy_dtype_name(mask->dtype));
  if (!spread(mask, positions, &positions->mask))
    return fail_shape(mask, "numbers of the mask", positions, error);
  return check_data(mask, "numbers of the mask", positions->n, error);
}

static sy_status take_weights(const sy_array *weights, sy_positions *positions, sy_error *error) {
  if (!weights) return SY_OK;
  if (weights->dtype != SY_F32 && weights->dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "row weights are float32 or float64, not %s",
                   sy_dtype_name(weights->dtype));
  if (!spread(weights, positions, &positions->row_weights))
    return fail_shape(weights, "row weights", positions, error);
  return check_data(weights, "row weights", positions->n, error);
}

sy_status sy_positions_of(const sy_label_array *labels, sy_positions *positions, sy_error *error) {
  sy_status status = check_types(labels, error);
  if (status == SY_OK) status = check_axes(labels, error);
  if (status != SY_OK) return status;
  const sy_array *values = &labels->values;
  bool axis = has_class_axis(labels->kind);
  *positions = (sy_positions){.labels = labels,
                              .n_axes = values->n_axes - axis,
                              .shape = values->shape,
                              .width = axis ? values->shape[values->n_axes - 1] : 1};
  size_t elements;
  if (!sy_shape_count(values->shape, values->n_axes, &elements) ||
      !sy_shape_count(positions->shape, positions->n_axes, &positions->n))
    return sy_fail(error, SY_INVALID_SHAPE, "the labels are more than memory can address");
  positions->per_row = positions->shape[0] > 0 ? positions->n / positions->shape[0] : 0;
  if (!labels->texts) status = check_data(values, "labels", elements, error);
  if (status == SY_OK) status = take_mask(labels->mask, positions, error);
  if (status == SY_OK) status = take_weights(labels->row_weights, positions, error);
  return status;
}

char *sy_positions_place(const sy_positions *positions, size_t position, uint64_t rows_before,
                         char text[SY_PLACE_SIZE]) {
  enum { ROOM = SY_PLACE_SIZE - 32 }; /* behind it no axis is begun */
  uint64_t row = rows_before + position / positions->per_row;
  size_t length = (size_t)snprintf(text, SY_PLACE_SIZE, "row %" PRIu64, row + 1);
  size_t rest = position % positions->per_row, below = positions->per_row;
  if (positions->n_axes == 2)
    snprintf(text + length, SY_PLACE_SIZE - length, ", step %zu", rest + 1);
  if (positions->n_axes <= 2) return text;
  for (size_t a = 1; a < positions->n_axes && length <= ROOM; a++) {
    below /= positions->shape[a];
    length += (size_t)snprintf(text + length, SY_PLACE_SIZE - length, "%s%zu",
                               a > 1 ? ", " : ", position (", rest / below + 1);
    rest %= below;
  }
  snprintf(text + length, SY_PLACE_SIZE - length, length <= ROOM ? ")" : ", ...)");
  return text;
}

bool sy_positions_plain(const sy_positions *positions) {
  return !positions->mask.data && !positions->row_weights.data;
}

#define TEST(type)                                                                                 \
  for (size_t i = 0; i < count; i++) counts[i] = ((const type *)block)[i] != 0

/* Two's complement: what is not 0 stays so without its sign. */
static void test_block(const void *block, size_t size, size_t count, uint8_t *counts) {
  if (size == 1) {
    TEST(uint8_t);
  } else if (size == 2) {
    TEST(uint16_t);
  } else if (size == 4) {
    TEST(uint32_t);
  } else {
    TEST(uint64_t);
  }
}

void sy_positions_mask(const sy_positions *positions, size_t first, size_t n, uint8_t *counts) {
  enum { STEP = 512 };
  const sy_array *mask = &positions->mask;
  if (!mask->data) {
    if (n > 0) memset(counts, 1, n);
    return;
  }
  uint64_t tile[STEP];
  for (size_t i = 0; i < n; i += STEP) {
    size_t count = n - i < STEP ? n - i : STEP;
    test_block(sy_array_block(mask, first + i, count, tile), sy_dtype_size(mask->dtype), count,
               counts + i);
  }
}

sy_status sy_positions_weights(const sy_positions *positions, size_t first, size_t n,
                               uint64_t rows_before, const uint8_t *counts, double *weights,
                               sy_error *error) {
  if (!positions->row_weights.data) {
    for (size_t i = 0; i < n; i++) weights[i] = counts[i] != 0;
    return SY_OK;
  }
  sy_array_block_f64(&positions->row_weights, first, n, weights);
  for (size_t i = 0; i < n; i++) {
    if (!counts[i]) weights[i] = 0;
    if (weights[i] >= 0 && isfinite(weights[i])) continue;
    char number[SY_NUMBER_SIZE], place[SY_PLACE_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the row weight %s at %s is not usable; it must be 0 or more and finite",
                   sy_number_format(weights[i], number),
                   sy_positions_place(positions, first + i, rows_before, place));
  }
  return SY_OK;
}
