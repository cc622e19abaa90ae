/* reading.c: pieces of an unpacked graph found by name. */
#include "onnx/reading.h"

#include "base/error.h"
#include "base/memory.h"
#include "onnx/format.h"
#include <stdio.h>
#include <string.h>

/* An unpacker fails alike for want of memory and for bad bytes: the flag tells them apart. */
static void *take(void *out_of_memory, size_t size) {
  void *block = sy_alloc(size, 1);
  if (!block) *(bool *)out_of_memory = true;
  return block;
}

static void give_back(void *out_of_memory, void *block) {
  (void)out_of_memory;
  free(block);
}

sy_status sy_reading_fail(sy_reading *reading, const char *piece) {
  return sy_fail(reading->error, SY_INVALID_MODEL, "%s is damaged (%s)", reading->what, piece);
}

static sy_status add_name(sy_reading *reading, sy_dictionary *names, const char *name,
                          size_t index) {
  if (!name) return sy_reading_fail(reading, "a name is missing");
  uint32_t code = sy_dictionary_add(names, name, strlen(name));
  if (code == SY_NOT_FOUND) return sy_fail_memory(reading->error);
  return code == index ? SY_OK : sy_reading_fail(reading, name);
}

static sy_status add_column(sy_reading *reading, const char *input, size_t index) {
  char *column = sy_onnx_column_name(input);
  if (!column) return sy_fail_memory(reading->error);
  sy_status status = add_name(reading, &reading->columns, column, index);
  free(column);
  return status;
}

/* Inputs are columns, then costs. */
static sy_status add_input(sy_reading *reading, const Onnx__ValueInfoProto *input, size_t index) {
  sy_status status = add_name(reading, &reading->inputs, input->name, index);
  if (status) return status;
  if (!input->doc_string || !sy_is_cost_doc(input->doc_string))
    return add_column(reading, input->name, index);
  bool is_double = input->type && input->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
                   input->type->tensor_type->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
  return is_double && index > 0 ? SY_OK : sy_reading_fail(reading, input->name);
}

static sy_status index_graph(sy_reading *reading) {
  const Onnx__GraphProto *graph = reading->model->graph;
  sy_status status = SY_OK;
  if (!graph || graph->n_input == 0) return sy_reading_fail(reading, "no graph");
  for (size_t i = 0; i < graph->n_initializer && !status; i++)
    status = add_name(reading, &reading->tensors, graph->initializer[i]->name, i);
  for (size_t i = 0; i < graph->n_node && !status; i++)
    status = add_name(reading, &reading->nodes, graph->node[i]->name, i);
  for (size_t i = 0; i < graph->n_input && !status; i++)
    status = add_input(reading, graph->input[i], i);
  if (status) return status;
  sy_onnx_prefix((const char *const *)reading->columns.values, reading->columns.n, reading->prefix);
  return SY_OK;
}

sy_status sy_reading_start(sy_reading *reading, const char *what, const void *bytes, size_t size,
                           sy_error *error) {
  *reading = (sy_reading){.what = what, .error = error};
  reading->allocator = (ProtobufCAllocator){take, give_back, &reading->out_of_memory};
  reading->model = onnx__model_proto__unpack(&reading->allocator, size, bytes);
  if (reading->out_of_memory) return sy_fail_memory(error);
  if (!reading->model) return sy_reading_fail(reading, "it cannot be unpacked");
  return index_graph(reading);
}

void sy_reading_clear(sy_reading *reading) {
  if (reading->model) onnx__model_proto__free_unpacked(reading->model, &reading->allocator);
  sy_dictionary_clear(&reading->tensors);
  sy_dictionary_clear(&reading->nodes);
  sy_dictionary_clear(&reading->inputs);
  sy_dictionary_clear(&reading->columns);
  *reading = (sy_reading){0};
}

/* Index of "<prefix>/<part>" in a dictionary, or SY_NOT_FOUND. */
static uint32_t find_part(const sy_reading *reading, const sy_dictionary *names, const char *part) {
  char name[SY_ONNX_PREFIX_SIZE + 64];
  int length = snprintf(name, sizeof name, "%s/%s", reading->prefix, part);
  return sy_dictionary_find(names, name, (size_t)length);
}

const Onnx__TensorProto *sy_reading_tensor(const sy_reading *reading, const char *part,
                                           Onnx__TensorProto__DataType type) {
  uint32_t index = find_part(reading, &reading->tensors, part);
  if (index == SY_NOT_FOUND) return NULL;
  const Onnx__TensorProto *tensor = reading->model->graph->initializer[index];
  return tensor->has_data_type && tensor->data_type == (int32_t)type ? tensor : NULL;
}

const Onnx__NodeProto *sy_reading_node(const sy_reading *reading, const char *part,
                                       const char *operation) {
  uint32_t index = find_part(reading, &reading->nodes, part);
  if (index == SY_NOT_FOUND) return NULL;
  const Onnx__NodeProto *node = reading->model->graph->node[index];
  return node->op_type && strcmp(node->op_type, operation) == 0 ? node : NULL;
}

/* Sizes are compared one by one before they are multiplied: none can overflow then. */
static bool has_shape(const Onnx__TensorProto *tensor, size_t rows, size_t columns) {
  size_t n = tensor->n_double_data;
  if (n == 0 || tensor->n_dims != (columns > 0 ? 2u : 1u)) return false;
  if (columns == 0) return tensor->dims[0] == (int64_t)n && (rows == 0 || rows == n);
  return tensor->dims[0] == (int64_t)rows && tensor->dims[1] == (int64_t)columns &&
         n / columns == rows && n % columns == 0;
}

const Onnx__TensorProto *sy_reading_doubles(sy_reading *reading, const char *part, size_t rows,
                                            size_t columns) {
  const Onnx__TensorProto *tensor =
      sy_reading_tensor(reading, part, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
  if (tensor && has_shape(tensor, rows, columns)) return tensor;
  sy_reading_fail(reading, part);
  return NULL;
}

const Onnx__AttributeProto *sy_reading_attribute(const Onnx__NodeProto *node, const char *name) {
  for (size_t i = 0; i < node->n_attribute; i++)
    if (node->attribute[i]->name && strcmp(node->attribute[i]->name, name) == 0)
      return node->attribute[i];
  return NULL;
}

bool sy_attribute_has_doubles(const Onnx__AttributeProto *attribute, size_t n) {
  const Onnx__TensorProto *tensor = attribute ? attribute->t : NULL;
  return tensor && tensor->has_data_type &&
         tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE && tensor->n_dims == 1 &&
         tensor->dims[0] == (int64_t)n && tensor->n_double_data == n;
}

sy_status sy_reading_strings(sy_reading *reading, const char *piece,
                             const ProtobufCBinaryData *strings, size_t n, sy_dictionary *texts) {
  for (size_t i = 0; i < n; i++) {
    const char *text = strings[i].len > 0 ? (const char *)strings[i].data : "";
    if (memchr(text, 0, strings[i].len)) return sy_reading_fail(reading, piece);
    uint32_t code = sy_dictionary_add(texts, text, strings[i].len);
    if (code == SY_NOT_FOUND) return sy_fail_memory(reading->error);
    if (code != i) return sy_reading_fail(reading, piece);
  }
  return SY_OK;
}

sy_status sy_reading_classes(sy_reading *reading, sy_dictionary *classes) {
  const Onnx__TensorProto *tensor =
      sy_reading_tensor(reading, "classes", ONNX__TENSOR_PROTO__DATA_TYPE__STRING);
  if (!tensor || tensor->n_string_data < 2 || tensor->n_dims != 1 ||
      tensor->dims[0] != (int64_t)tensor->n_string_data)
    return sy_reading_fail(reading, "classes");
  return sy_reading_strings(reading, "classes", tensor->string_data, tensor->n_string_data,
                            classes);
}
