/* read_network.c: the network of a graph. What there is says how many networks and layers there
 * are; each constant is of the size that the encoder and the layer before ask for, and all are
 * looked at before memory is taken for them. */
#include "base/error.h"
#include "base/memory.h"
#include "model/network.h"
#include "onnx/network.h"
#include <stdio.h>
#include <string.h>

/* Room for "network/MEMBER/LAYER/PART". */
enum { PART_SIZE = 64 };

typedef struct network_reading {
  sy_reading *reading;
  sy_network_shape shape; /* points to the next two */
  size_t *hidden;
  sy_embedding *embeddings;
  size_t n_members, n_parameters;
  double *parameters;
} network_reading;

static const char *layer_part(char part[PART_SIZE], size_t member, size_t layer, const char *name) {
  snprintf(part, PART_SIZE, "network/%zu/%zu/%s", member, layer, name);
  return part;
}

static bool has_layer(const sy_reading *reading, size_t member, size_t layer) {
  char part[PART_SIZE];
  return sy_reading_tensor(reading, layer_part(part, member, layer, "biases"),
                           ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
}

bool sy_reading_has_network(const sy_reading *reading) {
  return has_layer(reading, 1, 1);
}

/* --- the shape, as the first network has it --- */

/* The units of a layer are its biases. */
static sy_status read_hidden(network_reading *at) {
  char part[PART_SIZE];
  size_t n = 0;
  while (has_layer(at->reading, 1, n + 1)) n++;
  at->shape.n_hidden = n - 1;
  at->hidden = sy_alloc(n, sizeof *at->hidden);
  if (!at->hidden) return sy_fail_memory(at->reading->error);
  for (size_t l = 0; l < n; l++) {
    const Onnx__TensorProto *biases =
        sy_reading_doubles(at->reading, layer_part(part, 1, l + 1, "biases"), 0, 0);
    if (!biases) return SY_INVALID_MODEL;
    at->hidden[l] = biases->n_double_data;
  }
  at->shape.hidden = at->hidden;
  if (at->hidden[n - 1] == at->shape.n_outputs) return SY_OK;
  return sy_reading_fail(at->reading, part);
}

/* The width of a table is what its rows leave. */
static sy_status read_embedding(network_reading *at, size_t column, size_t codes) {
  char part[PART_SIZE];
  size_t e = at->shape.n_embeddings++;
  snprintf(part, sizeof part, "network/1/embedding/%zu", e + 1);
  const Onnx__TensorProto *table =
      sy_reading_tensor(at->reading, part, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
  if (!table || table->n_double_data < codes) return sy_reading_fail(at->reading, part);
  at->embeddings[e] = (sy_embedding){column, codes, table->n_double_data / codes};
  return SY_OK;
}

static sy_status read_embeddings(network_reading *at, const sy_encoder *encoder) {
  size_t width = at->shape.n_features;
  at->embeddings = sy_alloc(width, sizeof *at->embeddings);
  if (!at->embeddings) return sy_fail_memory(at->reading->error);
  at->shape.embeddings = at->embeddings;
  for (size_t j = 0; j < width; j++) {
    size_t codes = sy_encoder_output_codes(encoder, j);
    sy_status status = codes > 0 ? read_embedding(at, j, codes) : SY_OK;
    if (status) return status;
  }
  return SY_OK;
}

/* What is done to the sums of the first layer is done to those of all. */
static sy_status read_kind(network_reading *at) {
  const sy_reading *reading = at->reading;
  char part[PART_SIZE];
  if (at->shape.n_hidden == 0) return SY_OK;
  layer_part(part, 1, 1, "gains");
  if (sy_reading_tensor(reading, part, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE))
    at->shape.norm = SY_NORM_LAYER;
  layer_part(part, 1, 1, "activated");
  if (sy_reading_node(reading, part, "Relu"))
    at->shape.activation = SY_ACTIVATION_RELU;
  else if (sy_reading_node(reading, part, "Tanh"))
    at->shape.activation = SY_ACTIVATION_TANH;
  else if (sy_reading_node(reading, part, "Mul"))
    at->shape.activation = SY_ACTIVATION_GELU;
  else
    return sy_reading_fail(at->reading, part);
  return SY_OK;
}

static sy_status read_shape(network_reading *at, const sy_encoder *encoder) {
  sy_status status = read_hidden(at);
  if (!status) status = read_embeddings(at, encoder);
  if (!status) status = read_kind(at);
  if (status) return status;
  at->n_parameters = sy_network_n_parameters(&at->shape);
  if (at->n_parameters == 0) return sy_reading_fail(at->reading, "network");
  while (has_layer(at->reading, at->n_members + 1, 1)) at->n_members++;
  return SY_OK;
}

/* --- parameters --- */

/* Puts a constant behind the parameters there are, or, where there is no room for them yet, only
 * looks whether it is as it must be. */
static sy_status take(network_reading *at, const char *part, size_t rows, size_t columns,
                      double **to) {
  const Onnx__TensorProto *tensor = sy_reading_doubles(at->reading, part, rows, columns);
  if (!tensor) return SY_INVALID_MODEL;
  if (!*to) return SY_OK;
  memcpy(*to, tensor->double_data, tensor->n_double_data * sizeof **to);
  *to += tensor->n_double_data;
  return SY_OK;
}

static sy_status take_layer(network_reading *at, size_t member, size_t l, size_t inputs,
                            double **to) {
  char part[PART_SIZE];
  bool hidden = l < at->shape.n_hidden;
  size_t units = hidden ? at->shape.hidden[l] : at->shape.n_outputs;
  sy_status status = take(at, layer_part(part, member, l + 1, "weights"), inputs, units, to);
  if (!status) status = take(at, layer_part(part, member, l + 1, "biases"), units, 0, to);
  if (status || !hidden || !sy_shape_has_gains(&at->shape)) return status;
  status = take(at, layer_part(part, member, l + 1, "gains"), units, 0, to);
  return status ? status : take(at, layer_part(part, member, l + 1, "shifts"), units, 0, to);
}

static sy_status take_member(network_reading *at, size_t member, double **to) {
  size_t inputs = sy_shape_n_inputs(&at->shape);
  sy_status status = SY_OK;
  for (size_t e = 0; e < at->shape.n_embeddings && !status; e++) {
    char part[PART_SIZE];
    snprintf(part, sizeof part, "network/%zu/embedding/%zu", member, e + 1);
    status = take(at, part, at->embeddings[e].n_values, at->embeddings[e].width, to);
  }
  for (size_t l = 0; l <= at->shape.n_hidden && !status; l++) {
    status = take_layer(at, member, l, inputs, to);
    if (l < at->shape.n_hidden) inputs = at->shape.hidden[l];
  }
  return status;
}

static sy_status read_parameters(network_reading *at) {
  double *none = NULL;
  sy_status status = SY_OK;
  for (size_t m = 1; m <= at->n_members && !status; m++) status = take_member(at, m, &none);
  if (status) return status;
  at->parameters = sy_alloc(at->n_members, at->n_parameters * sizeof *at->parameters);
  if (!at->parameters) return sy_fail_memory(at->reading->error);
  double *to = at->parameters;
  for (size_t m = 1; m <= at->n_members && !status; m++) status = take_member(at, m, &to);
  return status;
}

sy_status sy_reading_network(sy_reading *reading, const sy_encoder *encoder, size_t n_classes,
                             sy_predictor **predictor) {
  network_reading at = {
      .reading = reading,
      .shape = {.n_features = sy_encoder_n_outputs(encoder), .n_outputs = n_classes}};
  sy_status status = read_shape(&at, encoder);
  if (!status) status = read_parameters(&at);
  if (!status) {
    status = sy_predictor_network(&at.shape, at.parameters, at.n_members, predictor, NULL);
    if (status == SY_OUT_OF_MEMORY)
      sy_fail_memory(reading->error);
    else if (status)
      status = sy_reading_fail(reading, "network");
  }
  free(at.hidden);
  free(at.embeddings);
  free(at.parameters);
  return status;
}
