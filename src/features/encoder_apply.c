/* encoder_apply.c: a fitted encoder at work, by block of rows and row by row. Both ways compute a
 * value by the same expression, so both give the same bits. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include "features/encoder.h"
#include <string.h>

/* Rows encoded column by column at a time: few enough for their block to stay in the cache. Where
 * rows of a column lie apart, its cache lines are those of its neighbours too: they stay in the
 * nearest cache until all have had what is theirs. */
enum { BLOCK_ROWS = 256, APART_ROWS = 64 };

/* Where a block of encoded rows goes. */
typedef struct block_target {
  sy_dtype dtype;
  void *out;
  size_t stride;
} block_target;

static void set(const block_target *target, size_t row, size_t place, double value) {
  size_t index = row * target->stride + place;
  if (target->dtype == SY_F32)
    ((float *)target->out)[index] = (float)value;
  else
    ((double *)target->out)[index] = value;
}

static void clear_rows(const block_target *target, size_t rows, size_t width) {
  size_t size = target->dtype == SY_F32 ? sizeof(float) : sizeof(double);
  for (size_t row = 0; row < rows; row++)
    memset((char *)target->out + row * target->stride * size, 0, width * size);
}

/* A column of numbers, and its indicator, where there is one. */
#define DEFINE_ENCODE(name, element, encoded)                                                      \
  static void name(const sy_input *input, const element *restrict values, ptrdiff_t apart,         \
                   size_t rows, const block_target *target) {                                      \
    encoded *restrict out = target->out;                                                           \
    double mean = input->mean, scale = input->scale;                                               \
    size_t stride = target->stride, number = input->number_place, mark = input->indicator_place;   \
    for (size_t row = 0; row < rows && input->is_raw; row++)                                       \
      out[row * stride + number] =                                                                 \
          (encoded)sy_keep_number((double)values[(ptrdiff_t)row * apart]);                         \
    for (size_t row = 0; row < rows && input->has_number && !input->is_raw; row++)                 \
      out[row * stride + number] =                                                                 \
          (encoded)sy_standardise((double)values[(ptrdiff_t)row * apart], mean, scale);            \
    for (size_t row = 0; row < rows && input->has_indicator; row++)                                \
      if (!isfinite(values[(ptrdiff_t)row * apart])) out[row * stride + mark] = 1;                 \
  }

DEFINE_ENCODE(encode_f32_as_f32, float, float)
DEFINE_ENCODE(encode_f32_as_f64, float, double)
DEFINE_ENCODE(encode_f64_as_f32, double, float)
DEFINE_ENCODE(encode_f64_as_f64, double, double)

static void encode_numbers(const sy_input *input, const sy_column *column, size_t begin,
                           size_t rows, const block_target *target) {
  ptrdiff_t apart = sy_column_stride(column), place = (ptrdiff_t)begin * apart;
  bool to_f32 = target->dtype == SY_F32;
  if (column->f32 && to_f32)
    encode_f32_as_f32(input, column->f32 + place, apart, rows, target);
  else if (column->f32)
    encode_f32_as_f64(input, column->f32 + place, apart, rows, target);
  else if (to_f32)
    encode_f64_as_f32(input, column->f64 + place, apart, rows, target);
  else
    encode_f64_as_f64(input, column->f64 + place, apart, rows, target);
}

static void encode_codes(const sy_binding *binding, size_t input, size_t begin, size_t rows,
                         const block_target *target) {
  size_t place = binding->encoder->inputs[input].code_place;
  for (size_t row = 0; row < rows; row++)
    set(target, row, place, sy_binding_place(binding, input, begin + row));
}

static void encode_texts(const sy_binding *binding, size_t input, size_t begin, size_t rows,
                         const block_target *target) {
  for (size_t row = 0; row < rows; row++) {
    uint32_t place = sy_binding_place(binding, input, begin + row);
    if (place < binding->encoder->n_outputs) set(target, row, place, 1);
  }
}

static void encode_block(const sy_binding *binding, size_t begin, size_t rows,
                         const block_target *target) {
  const sy_encoder *encoder = binding->encoder;
  clear_rows(target, rows, encoder->n_outputs);
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    if (input->has_codes)
      encode_codes(binding, i, begin, rows, target);
    else if (input->type == SY_COLUMN_TEXT)
      encode_texts(binding, i, begin, rows, target);
    else
      encode_numbers(input, binding->columns[i], begin, rows, target);
  }
}

void sy_binding_encode(const sy_binding *binding, size_t begin, size_t end, sy_dtype dtype,
                       void *out, size_t stride) {
  size_t size = dtype == SY_F32 ? sizeof(float) : sizeof(double);
  size_t step = binding->rows_apart ? APART_ROWS : BLOCK_ROWS;
  for (size_t row = begin; row < end; row += step) {
    size_t rows = end - row < step ? end - row : step;
    block_target target = {dtype, (char *)out + (row - begin) * stride * size, stride};
    encode_block(binding, row, rows, &target);
  }
}

typedef struct apply_context {
  const sy_binding *binding;
  size_t begin, end;
  sy_dtype dtype;
  void *out;
  size_t stride;
} apply_context;

static void apply_block(void *data, size_t block) {
  const apply_context *context = data;
  size_t size = context->dtype == SY_F32 ? sizeof(float) : sizeof(double);
  size_t first = block * BLOCK_ROWS, begin = context->begin + first;
  size_t end = context->end - begin < BLOCK_ROWS ? context->end : begin + BLOCK_ROWS;
  void *out = (char *)context->out + first * context->stride * size;
  sy_binding_encode(context->binding, begin, end, context->dtype, out, context->stride);
}

sy_status sy_encoder_apply(const sy_encoder *encoder, const sy_frame *frame, size_t begin,
                           size_t end, sy_dtype dtype, void *out, size_t stride, sy_error *error) {
  if (begin > end || end > frame->rows || stride < encoder->n_outputs)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "rows %zu to %zu of %zu, stride %zu for %zu encoded columns", begin, end,
                   frame->rows, stride, encoder->n_outputs);
  if (dtype != SY_F32 && dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "encoded rows are float32 or float64");
  sy_binding binding;
  sy_status status = sy_binding_make(encoder, frame, &binding, error);
  if (!status) {
    apply_context context = {&binding, begin, end, dtype, out, stride};
    sy_parallel_blocks((end - begin + BLOCK_ROWS - 1) / BLOCK_ROWS, apply_block, &context);
  }
  sy_binding_clear(&binding);
  return status;
}

void sy_encoder_apply_row(const sy_encoder *encoder, const double *numbers,
                          const char *const *texts, double *out) {
  memset(out, 0, encoder->n_outputs * sizeof *out);
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    if (input->type == SY_COLUMN_TEXT) {
      uint32_t place = sy_encoder_place(encoder, input, texts[i] ? texts[i] : "");
      if (input->has_codes)
        out[input->code_place] = place;
      else if (place < encoder->n_outputs)
        out[place] = 1;
      continue;
    }
    if (input->has_number)
      out[input->number_place] = input->is_raw
                                     ? sy_keep_number(numbers[i])
                                     : sy_standardise(numbers[i], input->mean, input->scale);
    if (input->has_indicator && !isfinite(numbers[i])) out[input->indicator_place] = 1;
  }
}
