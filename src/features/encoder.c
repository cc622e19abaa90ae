/* encoder.c: the parts of an encoder put together: the order and the names of its outputs. */
#include "features/encoder.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/profile.h"
#include <limits.h>
#include <string.h>

const char *sy_column_type_name(sy_column_type type) {
  static const char *const names[] = {"number", "boolean", "date", "text"};
  return (unsigned)type < sizeof names / sizeof *names ? names[type] : "unknown";
}

size_t sy_input_n_levels(const sy_input *input) {
  return input->has_codes ? 0 : input->levels.n + (input->has_other ? 1 : 0);
}

size_t sy_input_n_codes(const sy_input *input) {
  return input->has_codes ? input->levels.n + 1 : 0;
}

void sy_inputs_free(sy_input *inputs, size_t n_inputs) {
  for (size_t i = 0; inputs && i < n_inputs; i++) {
    free(inputs[i].name);
    sy_dictionary_clear(&inputs[i].levels);
    sy_profile_clear(&inputs[i].profile);
  }
  free(inputs);
}

/* Numbers first, then indicators, codes, levels: the blocks the graph of a model file is made of.
 */
static void lay_out(sy_encoder *encoder) {
  sy_input *inputs = encoder->inputs;
  size_t place = 0;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (inputs[i].has_number) inputs[i].number_place = place++;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (inputs[i].has_indicator) inputs[i].indicator_place = place++;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (inputs[i].has_codes) inputs[i].code_place = place++;
  encoder->n_dense = place;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    inputs[i].first_level_place = place;
    place += sy_input_n_levels(&inputs[i]);
    inputs[i].text_index = encoder->n_texts;
    encoder->n_texts += inputs[i].type == SY_COLUMN_TEXT && !inputs[i].has_codes;
  }
  encoder->n_outputs = place;
}

/* "job=clerk", "job=(missing)", "job=(other)"; NULL when out of memory. */
static char *level_name(const sy_input *input, size_t level) {
  sy_text text = {0};
  const char *value = level < input->levels.n ? input->levels.values[level] : "(other)";
  sy_text_add(&text, "%s=%s", input->name, *value ? value : "(missing)");
  if (text.failed) free(text.data);
  return text.failed ? NULL : text.data;
}

/* "age missing", "job (code)"; NULL when out of memory. */
static char *marked_name(const sy_input *input, const char *mark) {
  sy_text text = {0};
  sy_text_add(&text, "%s %s", input->name, mark);
  if (text.failed) free(text.data);
  return text.failed ? NULL : text.data;
}

static void trace_outputs(sy_encoder *encoder) {
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    if (input->has_number) encoder->output_inputs[input->number_place] = i;
    if (input->has_indicator) encoder->output_inputs[input->indicator_place] = i;
    if (input->has_codes) encoder->output_inputs[input->code_place] = i;
    for (size_t level = 0; level < sy_input_n_levels(input); level++)
      encoder->output_inputs[input->first_level_place + level] = i;
  }
}

static bool name_outputs(sy_encoder *encoder) {
  bool complete = true;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    char **names = encoder->output_names;
    if (input->has_number)
      complete &= (names[input->number_place] = sy_copy_text(input->name)) != NULL;
    if (input->has_indicator)
      complete &= (names[input->indicator_place] = marked_name(input, "missing")) != NULL;
    if (input->has_codes)
      complete &= (names[input->code_place] = marked_name(input, "(code)")) != NULL;
    for (size_t level = 0; level < sy_input_n_levels(input); level++)
      complete &= (names[input->first_level_place + level] = level_name(input, level)) != NULL;
  }
  return complete;
}

static sy_status index_names(sy_encoder *encoder, sy_error *error) {
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const char *name = encoder->inputs[i].name;
    uint32_t code = sy_dictionary_add(&encoder->input_names, name, strlen(name));
    if (code == SY_NOT_FOUND) return sy_fail_memory(error);
    if (code != i) return sy_fail(error, SY_INVALID_DATA, "two columns are called '%s'", name);
  }
  return SY_OK;
}

static sy_status complete_encoder(sy_encoder *encoder, sy_error *error) {
  sy_status status = index_names(encoder, error);
  if (status) return status;
  lay_out(encoder);
  if (encoder->n_outputs == 0)
    return sy_fail(error, SY_INVALID_DATA, "no column has anything to learn from");
  encoder->output_names = sy_alloc_zero(encoder->n_outputs, sizeof *encoder->output_names);
  encoder->output_inputs = sy_alloc(encoder->n_outputs, sizeof *encoder->output_inputs);
  if (!encoder->output_names || !encoder->output_inputs || !name_outputs(encoder))
    return sy_fail_memory(error);
  trace_outputs(encoder);
  return SY_OK;
}

sy_status sy_encoder_new(sy_input *inputs, size_t n_inputs, sy_encoder **encoder, sy_error *error) {
  sy_encoder *made = sy_alloc_zero(1, sizeof *made);
  if (!made) {
    sy_inputs_free(inputs, n_inputs);
    return sy_fail_memory(error);
  }
  made->inputs = inputs;
  made->n_inputs = n_inputs;
  sy_status status = complete_encoder(made, error);
  if (status)
    sy_encoder_free(made);
  else
    *encoder = made;
  return status;
}

void sy_encoder_free(sy_encoder *encoder) {
  if (!encoder) return;
  for (size_t i = 0; encoder->output_names && i < encoder->n_outputs; i++)
    free(encoder->output_names[i]);
  free(encoder->output_names);
  free(encoder->output_inputs);
  sy_dictionary_clear(&encoder->input_names);
  sy_inputs_free(encoder->inputs, encoder->n_inputs);
  free(encoder);
}

sy_status sy_encoder_raw(const char *const *names, size_t n, sy_encoder **encoder,
                         sy_error *error) {
  if (n == 0) return sy_fail(error, SY_INVALID_SHAPE, "an encoder needs at least 1 column");
  sy_input *inputs = sy_alloc_zero(n, sizeof *inputs);
  if (!inputs) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) {
    inputs[i] = (sy_input){.name = sy_copy_text(names[i]),
                           .type = SY_COLUMN_NUMBER,
                           .has_number = true,
                           .is_raw = true,
                           .scale = 1};
    if (inputs[i].name) continue;
    sy_inputs_free(inputs, n);
    return sy_fail_memory(error);
  }
  return sy_encoder_new(inputs, n, encoder, error);
}

bool sy_encoder_is_raw(const sy_encoder *encoder) {
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (encoder->inputs[i].is_raw) return true;
  return false;
}

uint32_t sy_encoder_place(const sy_encoder *encoder, const sy_input *input, const char *text) {
  uint32_t level = sy_dictionary_find(&input->levels, text, strlen(text));
  if (input->has_codes) return level != SY_NOT_FOUND ? level : (uint32_t)input->levels.n;
  if (level != SY_NOT_FOUND) return (uint32_t)input->first_level_place + level;
  if (input->has_other) return (uint32_t)(input->first_level_place + input->levels.n);
  return (uint32_t)encoder->n_outputs;
}

int sy_encoder_find_input(const sy_encoder *encoder, const char *name) {
  uint32_t index = sy_dictionary_find(&encoder->input_names, name, strlen(name));
  return index > INT_MAX ? -1 : (int)index;
}

size_t sy_encoder_n_inputs(const sy_encoder *encoder) {
  return encoder->n_inputs;
}

const char *sy_encoder_input_name(const sy_encoder *encoder, size_t input) {
  return encoder->inputs[input].name;
}

sy_column_type sy_encoder_input_type(const sy_encoder *encoder, size_t input) {
  return encoder->inputs[input].type;
}

size_t sy_encoder_input_missing(const sy_encoder *encoder, size_t input) {
  return encoder->inputs[input].missing_rows;
}

size_t sy_encoder_n_outputs(const sy_encoder *encoder) {
  return encoder->n_outputs;
}

const char *sy_encoder_output_name(const sy_encoder *encoder, size_t output) {
  return encoder->output_names[output];
}

size_t sy_encoder_output_codes(const sy_encoder *encoder, size_t output) {
  return sy_input_n_codes(&encoder->inputs[encoder->output_inputs[output]]);
}

size_t sy_encoder_output_input(const sy_encoder *encoder, size_t output) {
  return encoder->output_inputs[output];
}

/* The input that an output is the number of, or NULL where it is an indicator or a level. */
static const sy_input *number_of(const sy_encoder *encoder, size_t output) {
  const sy_input *input = &encoder->inputs[encoder->output_inputs[output]];
  return input->has_number && input->number_place == output ? input : NULL;
}

double sy_encoder_output_shift(const sy_encoder *encoder, size_t output) {
  const sy_input *input = number_of(encoder, output);
  return input ? input->mean : 0;
}

double sy_encoder_output_scale(const sy_encoder *encoder, size_t output) {
  const sy_input *input = number_of(encoder, output);
  return input ? input->scale : 1;
}
