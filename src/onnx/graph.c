/* graph.c: ONNX messages made and linked. Values are borrowed and names are taken from one chain
 * of memory, so that a graph is released at once. The generated structures hold pointers to
 * non-const data that packing only reads; borrowed() says where const is set aside. */
#include "onnx/graph.h"

#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_INPUTS = 4, MAX_ATTRIBUTES = 14, LEAST_ROOM = 64 };

/* One piece of memory of the chain; what is handed over has a link of its own. */
typedef struct link {
  struct link *next;
  void *owned;
} link;

static void *borrowed(const void *data) {
  return (void *)(uintptr_t)data;
}

void *sy_graph_take(sy_graph *graph, size_t count, size_t size) {
  void *taken = sy_alloc_zero(count, size);
  return sy_graph_own(graph, taken);
}

char *sy_graph_own(sy_graph *graph, char *text) {
  link *made = text ? sy_alloc(1, sizeof *made) : NULL;
  if (!made) {
    free(text);
    graph->failed = true;
    return NULL;
  }
  *made = (link){graph->memory, text};
  graph->memory = made;
  return text;
}

void sy_graph_start(sy_graph *graph, const char *prefix, size_t n_inputs) {
  *graph = (sy_graph){.proto = ONNX__GRAPH_PROTO__INIT};
  memcpy(graph->prefix, prefix, strlen(prefix) + 1);
  graph->proto.name = borrowed("steelyard");
  graph->proto.input = sy_graph_take(graph, n_inputs, sizeof *graph->proto.input);
  graph->proto.output = sy_graph_take(graph, 2, sizeof *graph->proto.output);
}

void sy_graph_clear(sy_graph *graph) {
  for (link *next, *at = graph->memory; at; at = next) {
    next = at->next;
    free(at->owned);
    free(at);
  }
  *graph = (sy_graph){0};
}

char *sy_graph_name(sy_graph *graph, const char *format, ...) {
  char part[64];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(part, sizeof part, format, arguments);
  va_end(arguments);
  size_t size = strlen(graph->prefix) + strlen(part) + 2;
  char *name = sy_graph_take(graph, size, 1);
  if (name) snprintf(name, size, "%s/%s", graph->prefix, part);
  return name;
}

/* A dimension: a number, or "N" for the rows of a call. */
static void add_dimension(sy_graph *graph, Onnx__TensorShapeProto *shape, int64_t size) {
  Onnx__TensorShapeProto__Dimension *made = sy_graph_take(graph, 1, sizeof *made);
  if (!made) return;
  *made = (Onnx__TensorShapeProto__Dimension)ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT;
  if (size < 0) {
    made->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    made->dim_param = borrowed("N");
  } else {
    made->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    made->dim_value = size;
  }
  shape->dim[shape->n_dim++] = made;
}

/* Memory for a value and the chain of messages that says its type. */
typedef struct typed_value {
  Onnx__ValueInfoProto value;
  Onnx__TypeProto type;
  Onnx__TypeProto__Tensor tensor;
  Onnx__TensorShapeProto shape;
  Onnx__TensorShapeProto__Dimension *dimensions[2];
} typed_value;

static Onnx__ValueInfoProto *make_value(sy_graph *graph, char *name, int type, int64_t columns) {
  typed_value *made = sy_graph_take(graph, 1, sizeof *made);
  if (!made) return NULL;
  made->value = (Onnx__ValueInfoProto)ONNX__VALUE_INFO_PROTO__INIT;
  made->type = (Onnx__TypeProto)ONNX__TYPE_PROTO__INIT;
  made->tensor = (Onnx__TypeProto__Tensor)ONNX__TYPE_PROTO__TENSOR__INIT;
  made->shape = (Onnx__TensorShapeProto)ONNX__TENSOR_SHAPE_PROTO__INIT;
  made->shape.dim = made->dimensions;
  add_dimension(graph, &made->shape, -1);
  if (columns >= 0) add_dimension(graph, &made->shape, columns);
  made->tensor.has_elem_type = true;
  made->tensor.elem_type = type;
  made->tensor.shape = &made->shape;
  made->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  made->type.tensor_type = &made->tensor;
  made->value.name = name;
  made->value.type = &made->type;
  return &made->value;
}

void sy_graph_input(sy_graph *graph, char *name, int type, char *doc) {
  Onnx__ValueInfoProto *value = make_value(graph, name, type, 1);
  if (graph->failed) return;
  value->doc_string = doc;
  graph->proto.input[graph->proto.n_input++] = value;
}

void sy_graph_output(sy_graph *graph, char *name, int type, int64_t columns) {
  Onnx__ValueInfoProto *value = make_value(graph, name, type, columns);
  if (graph->failed) return;
  graph->proto.output[graph->proto.n_output++] = value;
}

/* Room for one more in a list of n pointers: twice as much where it is full. What it had before
 * stays in the chain until the graph is cleared. NULL when out of memory. */
static void *make_room(sy_graph *graph, void *list, size_t n) {
  bool full = n == 0 || (n >= LEAST_ROOM && (n & (n - 1)) == 0);
  if (!full) return list;
  void *wider = sy_graph_take(graph, n == 0 ? LEAST_ROOM : 2 * n, sizeof(void *));
  if (wider && n > 0) memcpy(wider, list, n * sizeof(void *));
  return wider;
}

/* Numbers or texts without values yet; NULL when out of memory. */
static Onnx__TensorProto *make_tensor(sy_graph *graph, char *name, int type, int64_t rows,
                                      int64_t columns) {
  Onnx__TensorProto *tensor = sy_graph_take(graph, 1, sizeof *tensor);
  int64_t *dims = sy_graph_take(graph, 2, sizeof *dims);
  if (graph->failed) return NULL;
  *tensor = (Onnx__TensorProto)ONNX__TENSOR_PROTO__INIT;
  tensor->name = name;
  tensor->has_data_type = true;
  tensor->data_type = type;
  tensor->dims = dims;
  if (rows >= 0) dims[tensor->n_dims++] = rows;
  if (columns >= 0) dims[tensor->n_dims++] = columns;
  return tensor;
}

/* The same as a constant of the graph. */
static Onnx__TensorProto *add_tensor(sy_graph *graph, char *name, int type, int64_t rows,
                                     int64_t columns) {
  Onnx__TensorProto *tensor = make_tensor(graph, name, type, rows, columns);
  Onnx__TensorProto **list = make_room(graph, graph->proto.initializer, graph->proto.n_initializer);
  if (graph->failed) return NULL;
  graph->proto.initializer = list;
  graph->proto.initializer[graph->proto.n_initializer++] = tensor;
  return tensor;
}

static size_t n_values(int64_t rows, int64_t columns) {
  return (size_t)(rows < 0 ? 1 : rows) * (size_t)(columns < 0 ? 1 : columns);
}

char *sy_graph_doubles(sy_graph *graph, char *name, int64_t rows, int64_t columns,
                       const double *values) {
  Onnx__TensorProto *tensor =
      add_tensor(graph, name, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, rows, columns);
  if (!tensor) return NULL;
  tensor->n_double_data = n_values(rows, columns);
  tensor->double_data = borrowed(values);
  return name;
}

char *sy_graph_integers(sy_graph *graph, char *name, int64_t rows, int64_t columns,
                        const int64_t *values) {
  Onnx__TensorProto *tensor =
      add_tensor(graph, name, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, rows, columns);
  if (!tensor) return NULL;
  tensor->n_int64_data = n_values(rows, columns);
  tensor->int64_data = borrowed(values);
  return name;
}

/* Texts as protobuf has them: with their length. */
static ProtobufCBinaryData *make_strings(sy_graph *graph, char *const *values, size_t n) {
  ProtobufCBinaryData *strings = sy_graph_take(graph, n, sizeof *strings);
  for (size_t i = 0; strings && i < n; i++)
    strings[i] = (ProtobufCBinaryData){strlen(values[i]), (uint8_t *)values[i]};
  return strings;
}

char *sy_graph_strings(sy_graph *graph, char *name, char *const *values, size_t n) {
  ProtobufCBinaryData *strings = make_strings(graph, values, n);
  Onnx__TensorProto *tensor =
      add_tensor(graph, name, ONNX__TENSOR_PROTO__DATA_TYPE__STRING, (int64_t)n, -1);
  if (!tensor) return NULL;
  tensor->n_string_data = n;
  tensor->string_data = strings;
  return name;
}

/* Memory for a node, its lists of names and attributes. */
typedef struct whole_node {
  Onnx__NodeProto node;
  char *inputs[MAX_INPUTS];
  char *output;
  Onnx__AttributeProto *attributes[MAX_ATTRIBUTES];
} whole_node;

static Onnx__NodeProto *add_node(sy_graph *graph, const char *operation, char *name) {
  whole_node *made = sy_graph_take(graph, 1, sizeof *made);
  Onnx__NodeProto **list = make_room(graph, graph->proto.node, graph->proto.n_node);
  if (graph->failed) return NULL;
  graph->proto.node = list;
  made->node = (Onnx__NodeProto)ONNX__NODE_PROTO__INIT;
  made->node.name = name;
  made->node.op_type = borrowed(operation);
  made->node.input = made->inputs;
  made->output = name;
  made->node.output = &made->output;
  made->node.n_output = 1;
  made->node.attribute = made->attributes;
  graph->proto.node[graph->proto.n_node++] = &made->node;
  return &made->node;
}

char *sy_graph_node(sy_graph *graph, const char *operation, char *name, ...) {
  Onnx__NodeProto *node = add_node(graph, operation, name);
  if (!node) return NULL;
  va_list inputs;
  va_start(inputs, name);
  for (char *input; node->n_input < MAX_INPUTS && (input = va_arg(inputs, char *));)
    node->input[node->n_input++] = input;
  va_end(inputs);
  return name;
}

char *sy_graph_join(sy_graph *graph, char *name, char **inputs, size_t n_inputs) {
  Onnx__NodeProto *node = add_node(graph, "Concat", name);
  if (!node) return NULL;
  node->input = inputs;
  node->n_input = n_inputs;
  sy_graph_set_integer(graph, "axis", 1);
  return name;
}

static Onnx__NodeProto *last_node(const sy_graph *graph) {
  return graph->proto.node[graph->proto.n_node - 1];
}

static Onnx__AttributeProto *add_attribute(sy_graph *graph, const char *name, int type) {
  Onnx__AttributeProto *made = sy_graph_take(graph, 1, sizeof *made);
  if (graph->failed) return NULL;
  *made = (Onnx__AttributeProto)ONNX__ATTRIBUTE_PROTO__INIT;
  made->name = borrowed(name);
  made->has_type = true;
  made->type = (Onnx__AttributeProto__AttributeType)type;
  Onnx__NodeProto *node = last_node(graph);
  node->attribute[node->n_attribute++] = made;
  return made;
}

void sy_graph_set_integer(sy_graph *graph, const char *name, int64_t value) {
  Onnx__AttributeProto *made =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  if (!made) return;
  made->has_i = true;
  made->i = value;
}

void sy_graph_set_integers(sy_graph *graph, const char *name, const int64_t *values, size_t n) {
  Onnx__AttributeProto *made =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  if (!made) return;
  made->ints = borrowed(values);
  made->n_ints = n;
}

void sy_graph_set_strings(sy_graph *graph, const char *name, char *const *values, size_t n) {
  ProtobufCBinaryData *strings = make_strings(graph, values, n);
  Onnx__AttributeProto *made =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS);
  if (!made) return;
  made->strings = strings;
  made->n_strings = n;
}

void sy_graph_set_doubles(sy_graph *graph, const char *name, const double *values, size_t n) {
  Onnx__AttributeProto *made =
      add_attribute(graph, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR);
  Onnx__TensorProto *tensor =
      make_tensor(graph, NULL, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, (int64_t)n, -1);
  if (graph->failed) return;
  tensor->n_double_data = n;
  tensor->double_data = borrowed(values);
  made->t = tensor;
}

void sy_graph_set_domain(sy_graph *graph, const char *domain) {
  if (!graph->failed) last_node(graph)->domain = borrowed(domain);
}

void sy_graph_set_output(sy_graph *graph, const char *name) {
  if (!graph->failed) last_node(graph)->output[0] = borrowed(name);
}
