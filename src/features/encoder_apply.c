/* encoder_apply.c: a fitted encoder at work, by block of rows and row by row. Both ways compute a
 * value by the same expression, so both give the same bits. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include "features/encoder.h"
#include <string.h>

/* Rows encoded column by column at a time: few enough for their block to stay in the cache. */
enum { BLOCK_ROWS = 256 };

static const uint32_t NO_PLACE = UINT32_MAX;

static double standardise(const sy_input *input, double value) {
  return isfinite(value) ? (value - input->mean) / input->scale : 0;
}

/* The column that a text sets to 1, or NO_PLACE. */
static uint32_t place_of(const sy_input *input, const char *text) {
  uint32_t level = sy_dictionary_find(&input->levels, text, strlen(text));
  if (level != SY_NOT_FOUND) return (uint32_t)input->first_level_place + level;
  if (input->has_other) return (uint32_t)(input->first_level_place + input->levels.n);
  return NO_PLACE;
}

static sy_status fail_missing(const sy_frame *frame, const char *name, sy_error *error) {
  const char **names = sy_alloc(frame->n_columns, sizeof *names);
  if (!names) return sy_fail_memory(error);
  for (size_t c = 0; c < frame->n_columns; c++) names[c] = frame->columns[c].name;
  const char *near = sy_nearest_name(name, names, frame->n_columns);
  sy_status status =
      near ? sy_fail(error, SY_MISSING_COLUMN,
                     "there is no column '%s', which the model needs; the nearest is '%s'", name,
                     near)
           : sy_fail(error, SY_MISSING_COLUMN, "there is no column '%s', which the model needs",
                     name);
  free(names);
  return status;
}

/* Columns mostly come in the order of training, so the search goes on where the last one ended. */
static size_t find_column(const sy_frame *frame, const char *name, size_t start) {
  for (size_t step = 0; step < frame->n_columns; step++) {
    size_t c = (start + step) % frame->n_columns;
    if (frame->columns[c].name && strcmp(frame->columns[c].name, name) == 0) return c;
  }
  return frame->n_columns;
}

static sy_status check_type(const sy_input *input, const sy_column *column, sy_error *error) {
  bool needs_text = input->type == SY_COLUMN_TEXT, is_text = column->type == SY_COLUMN_TEXT;
  if (needs_text == is_text) return SY_OK;
  if (needs_text)
    return sy_fail(error, SY_INVALID_DATA,
                   "column '%s' was text in training and holds a %s here: it must be text",
                   input->name, sy_column_type_name(column->type));
  char shown[SY_SHOWN_SIZE];
  const char *example = sy_shown(column->n_values ? column->values[0] : "", shown);
  return sy_fail(error, SY_INVALID_DATA,
                 "column '%s' was a %s in training and holds text such as '%s' here: it must be "
                 "numbers",
                 input->name, sy_column_type_name(input->type), example);
}

sy_status sy_encoder_match(const sy_encoder *encoder, const sy_frame *frame, size_t *positions,
                           sy_error *error) {
  size_t start = 0;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    positions[i] = find_column(frame, input->name, start);
    if (positions[i] == frame->n_columns) return fail_missing(frame, input->name, error);
    sy_status status = check_type(input, &frame->columns[positions[i]], error);
    if (status) return status;
    start = positions[i] + 1;
  }
  return SY_OK;
}

static sy_status bind_columns(sy_binding *binding, const sy_frame *frame, sy_error *error) {
  size_t n_inputs = binding->encoder->n_inputs;
  size_t *positions = sy_alloc(n_inputs, sizeof *positions);
  if (!positions) return sy_fail_memory(error);
  sy_status status = sy_encoder_match(binding->encoder, frame, positions, error);
  for (size_t i = 0; i < n_inputs && !status; i++) {
    binding->columns[i] = &frame->columns[positions[i]];
    status = sy_column_check(binding->columns[i], frame->rows, error);
  }
  free(positions);
  return status;
}

static void fill_places(const sy_input *input, const sy_column *column, uint32_t *places) {
  for (size_t code = 0; code < column->n_values; code++)
    places[code] = place_of(input, column->values[code]);
  places[column->n_values] = place_of(input, "");
}

static sy_status bind_texts(sy_binding *binding, sy_error *error) {
  const sy_encoder *encoder = binding->encoder;
  size_t total = 0;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (encoder->inputs[i].type == SY_COLUMN_TEXT) total += binding->columns[i]->n_values + 1;
  binding->place_table = sy_alloc(total, sizeof *binding->place_table);
  if (!binding->place_table) return sy_fail_memory(error);
  uint32_t *next = binding->place_table;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    if (encoder->inputs[i].type != SY_COLUMN_TEXT) continue;
    binding->places[i] = next;
    fill_places(&encoder->inputs[i], binding->columns[i], next);
    next += binding->columns[i]->n_values + 1;
  }
  return SY_OK;
}

sy_status sy_binding_make(const sy_encoder *encoder, const sy_frame *frame, sy_binding *binding,
                          sy_error *error) {
  *binding = (sy_binding){.encoder = encoder};
  binding->columns = sy_alloc_zero(encoder->n_inputs, sizeof *binding->columns);
  binding->places = sy_alloc_zero(encoder->n_inputs, sizeof *binding->places);
  if (!binding->columns || !binding->places) return sy_fail_memory(error);
  sy_status status = bind_columns(binding, frame, error);
  return status ? status : bind_texts(binding, error);
}

void sy_binding_clear(sy_binding *binding) {
  free(binding->columns);
  free(binding->places);
  free(binding->place_table);
  *binding = (sy_binding){0};
}

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

static void encode_numbers(const sy_input *input, const sy_column *column, size_t begin,
                           size_t rows, const block_target *target) {
  for (size_t row = 0; row < rows; row++) {
    double value = sy_column_number(column, begin + row);
    if (input->has_number) set(target, row, input->number_place, standardise(input, value));
    if (input->has_indicator && isnan(value)) set(target, row, input->indicator_place, 1);
  }
}

static void encode_texts(const sy_column *column, const uint32_t *places, size_t begin, size_t rows,
                         const block_target *target) {
  for (size_t row = 0; row < rows; row++) {
    uint32_t code = column->codes[begin + row];
    uint32_t place = places[code < column->n_values ? code : column->n_values];
    if (place != NO_PLACE) set(target, row, place, 1);
  }
}

static void encode_block(const sy_binding *binding, size_t begin, size_t rows,
                         const block_target *target) {
  const sy_encoder *encoder = binding->encoder;
  clear_rows(target, rows, encoder->n_outputs);
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    if (input->type == SY_COLUMN_TEXT)
      encode_texts(binding->columns[i], binding->places[i], begin, rows, target);
    else
      encode_numbers(input, binding->columns[i], begin, rows, target);
  }
}

void sy_binding_encode(const sy_binding *binding, size_t begin, size_t end, sy_dtype dtype,
                       void *out, size_t stride) {
  size_t size = dtype == SY_F32 ? sizeof(float) : sizeof(double);
  for (size_t row = begin; row < end; row += BLOCK_ROWS) {
    size_t rows = end - row < BLOCK_ROWS ? end - row : BLOCK_ROWS;
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
      uint32_t place = place_of(input, texts[i] ? texts[i] : "");
      if (place != NO_PLACE) out[place] = 1;
      continue;
    }
    if (input->has_number) out[input->number_place] = standardise(input, numbers[i]);
    if (input->has_indicator && !isfinite(numbers[i])) out[input->indicator_place] = 1;
  }
}
