/* binding.c: an encoder meets a table: each input's column is found and checked, each text of its
 * dictionary looked up once, whether it sets a column or is a code. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/columns.h"
#include "features/encoder.h"
#include <string.h>

/* Texts looked up by one thread at a time. */
enum { PLACE_BLOCK = 4096 };

static sy_status fail_missing(const sy_frame *frame, const char *name, sy_error *error) {
  const char **names = sy_alloc(frame->n_columns, sizeof *names);
  if (!names) return sy_fail_memory(error);
  for (size_t c = 0; c < frame->n_columns; c++)
    names[c] = frame->columns[c].name ? frame->columns[c].name : "";
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
    if (sy_column_stride(binding->columns[i]) != 1) binding->rows_apart = true;
  }
  free(positions);
  return status;
}

/* The texts of one dictionary, looked up by block. */
typedef struct place_job {
  const sy_encoder *encoder;
  const sy_input *input;
  const sy_column *column;
  uint32_t *places; /* (n_values + 1) */
} place_job;

static void find_places(void *context, size_t block) {
  const place_job *job = context;
  size_t n = job->column->n_values, begin = block * PLACE_BLOCK;
  size_t end = n - begin < PLACE_BLOCK ? n : begin + PLACE_BLOCK;
  for (size_t code = begin; code < end; code++)
    job->places[code] = sy_encoder_place(job->encoder, job->input, job->column->values[code]);
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
    size_t n = binding->columns[i]->n_values;
    place_job job = {encoder, &encoder->inputs[i], binding->columns[i], next};
    sy_parallel_blocks((n + PLACE_BLOCK - 1) / PLACE_BLOCK, find_places, &job);
    next[n] = sy_encoder_place(encoder, &encoder->inputs[i], "");
    binding->places[i] = next;
    next += n + 1;
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
