/* read_encoder.c: the encoder that a graph begins with. Which inputs are numbers, and which are
 * marked where missing, is read off the nodes that join them. */
#include "base/error.h"
#include "base/memory.h"
#include "features/encoder.h"
#include "onnx/format.h"
#include "onnx/profile.h"
#include "onnx/reading.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Type of a graph input, by its doc string; the type of its elements must agree. */
static bool read_type(const Onnx__ValueInfoProto *value, sy_column_type *type) {
  if (!value->doc_string || !sy_input_doc_parse(value->doc_string, type)) return false;
  if (!value->type || value->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE) return false;
  int expected = *type == SY_COLUMN_TEXT ? ONNX__TENSOR_PROTO__DATA_TYPE__STRING
                                         : ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
  return value->type->tensor_type->elem_type == expected;
}

/* Indices of the inputs that a node joins: numbers, each once, in their order. */
static sy_status read_joined(sy_reading *reading, const Onnx__NodeProto *node,
                             const sy_input *inputs, size_t *indices) {
  for (size_t i = 0; i < node->n_input; i++) {
    const char *name = node->input[i];
    uint32_t index = sy_dictionary_find(&reading->inputs, name, strlen(name));
    if (index == SY_NOT_FOUND || inputs[index].type == SY_COLUMN_TEXT ||
        (i > 0 && index <= indices[i - 1]))
      return sy_reading_fail(reading, node->name);
    indices[i] = index;
  }
  return SY_OK;
}

/* Indices joined by node `part`, in memory to free; none where there is no such node. */
static sy_status read_group(sy_reading *reading, const char *part, const sy_input *inputs,
                            size_t **indices, size_t *n) {
  const Onnx__NodeProto *node = sy_reading_node(reading, part, "Concat");
  *indices = NULL;
  *n = 0;
  if (!node) return SY_OK;
  *indices = sy_alloc(node->n_input, sizeof **indices);
  if (!*indices) return sy_fail_memory(reading->error);
  *n = node->n_input;
  return read_joined(reading, node, inputs, *indices);
}

static sy_status read_scales(sy_reading *reading, sy_input *inputs, const size_t *indices,
                             size_t n) {
  if (n == 0) return SY_OK;
  const Onnx__TensorProto *mean = sy_reading_doubles(reading, "numbers/mean", 1, n);
  const Onnx__TensorProto *scale = sy_reading_doubles(reading, "numbers/scale", 1, n);
  if (!mean || !scale) return SY_INVALID_MODEL;
  for (size_t i = 0; i < n; i++) {
    sy_input *input = &inputs[indices[i]];
    input->has_number = true;
    input->mean = mean->double_data[i];
    input->scale = scale->double_data[i];
    if (!isfinite(input->mean)) return sy_reading_fail(reading, "numbers/mean");
    if (!isfinite(input->scale) || input->scale <= 0)
      return sy_reading_fail(reading, "numbers/scale");
  }
  return SY_OK;
}

/* Numbers that are rounded to float32 go on as they are, and mark what is missing themselves. */
static bool is_raw(const sy_reading *reading) {
  return sy_reading_node(reading, "numbers/single", "Cast");
}

static sy_status read_kept(sy_reading *reading, sy_input *inputs, const size_t *indices, size_t n) {
  for (size_t i = 0; i < n; i++) {
    inputs[indices[i]].has_number = true;
    inputs[indices[i]].is_raw = true;
  }
  return sy_reading_node(reading, "marked/joined", "Concat")
             ? sy_reading_fail(reading, "marked/joined")
             : SY_OK;
}

static sy_status read_numbers(sy_reading *reading, sy_input *inputs) {
  size_t *indices, n;
  sy_status status = read_group(reading, "numbers/joined", inputs, &indices, &n);
  if (!status)
    status = is_raw(reading) ? read_kept(reading, inputs, indices, n)
                             : read_scales(reading, inputs, indices, n);
  free(indices);
  if (status) return status;
  status = read_group(reading, "marked/joined", inputs, &indices, &n);
  for (size_t i = 0; i < n && !status; i++) inputs[indices[i]].has_indicator = true;
  free(indices);
  return status;
}

static bool counts_up(const int64_t *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (values[i] != (int64_t)i) return false;
  return true;
}

static bool is_sorted(const sy_dictionary *levels) {
  for (size_t i = 1; i < levels->n; i++)
    if (strcmp(levels->values[i - 1], levels->values[i]) >= 0) return false;
  return true;
}

/* Whether a node codes its values 0, 1, ... and all others as the number of values; where it is
 * compared with all the codes there are (else NULL), also as -1. */
static bool codes_fit(const Onnx__AttributeProto *keys, const Onnx__AttributeProto *codes,
                      const Onnx__AttributeProto *others, const Onnx__TensorProto *all) {
  if (!keys || !codes || !others || keys->n_strings == 0) return false;
  size_t n = keys->n_strings, width = all ? all->n_int64_data : 0;
  if (codes->n_ints != n || !counts_up(codes->ints, n)) return false;
  if (!all) return others->i == (int64_t)n && n < SY_MOST_CODES;
  if (!counts_up(all->int64_data, width)) return false;
  return (width == n && others->i == -1) || (width == n + 1 && others->i == (int64_t)n);
}

static sy_status read_text(sy_reading *reading, size_t index, sy_input *input) {
  char code_part[64], codes_part[64];
  snprintf(code_part, sizeof code_part, "text/%zu/code", index);
  snprintf(codes_part, sizeof codes_part, "text/%zu/codes", index);
  const Onnx__NodeProto *node = sy_reading_node(reading, code_part, "LabelEncoder");
  const Onnx__TensorProto *all =
      sy_reading_tensor(reading, codes_part, ONNX__TENSOR_PROTO__DATA_TYPE__INT64);
  const char *name = reading->inputs.values[index];
  if (!node || node->n_input != 1 || strcmp(node->input[0], name) != 0)
    return sy_reading_fail(reading, code_part);
  const Onnx__AttributeProto *keys = sy_reading_attribute(node, "keys_strings");
  if (!codes_fit(keys, sy_reading_attribute(node, "values_int64s"),
                 sy_reading_attribute(node, "default_int64"), all))
    return sy_reading_fail(reading, codes_part);
  sy_status status =
      sy_reading_strings(reading, code_part, keys->strings, keys->n_strings, &input->levels);
  if (status) return status;
  input->has_codes = !all;
  input->has_other = all && all->n_int64_data > keys->n_strings;
  return is_sorted(&input->levels) ? SY_OK : sy_reading_fail(reading, code_part);
}

static sy_status read_inputs(sy_reading *reading, sy_input *inputs, size_t n) {
  for (size_t i = 0; i < n; i++) {
    inputs[i].scale = 1;
    inputs[i].name = sy_copy_text(reading->columns.values[i]);
    if (!inputs[i].name) return sy_fail_memory(reading->error);
    if (!read_type(reading->model->graph->input[i], &inputs[i].type))
      return sy_reading_fail(reading, inputs[i].name);
  }
  sy_status status = read_numbers(reading, inputs);
  for (size_t i = 0; i < n && !status; i++) {
    if (inputs[i].type == SY_COLUMN_TEXT)
      status = read_text(reading, i, &inputs[i]);
    else if (!inputs[i].has_number && !inputs[i].has_indicator)
      status = sy_reading_fail(reading, inputs[i].name);
  }
  return status ? status : sy_reading_profiles(reading, inputs);
}

sy_status sy_reading_encoder(sy_reading *reading, sy_encoder **encoder) {
  size_t n = reading->columns.n;
  sy_input *inputs = sy_alloc_zero(n, sizeof *inputs);
  if (!inputs) return sy_fail_memory(reading->error);
  sy_status status = read_inputs(reading, inputs, n);
  if (!status) return sy_encoder_new(inputs, n, encoder, reading->error);
  sy_inputs_free(inputs, n);
  return status;
}
