/* network_shape.c: how many parameters a shape has, and where each one lies. */
#include "model/network.h"

#include <stdint.h>

/* Parameters that an array of doubles may have. */
#define MOST_PARAMETERS ((size_t)PTRDIFF_MAX / sizeof(double))

static bool are_embeddings(const sy_network_shape *shape) {
  if (shape->n_embeddings > shape->n_features) return false;
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    const sy_embedding *embedding = &shape->embeddings[e];
    if (embedding->column >= shape->n_features || embedding->n_values == 0 || embedding->width == 0)
      return false;
    if (e > 0 && embedding->column <= shape->embeddings[e - 1].column) return false;
  }
  return true;
}

static bool is_shape(const sy_network_shape *shape) {
  if (shape->n_features == 0 || shape->n_outputs == 0 || !are_embeddings(shape)) return false;
  for (size_t l = 0; l < shape->n_hidden; l++)
    if (shape->hidden[l] == 0) return false;
  return true;
}

size_t sy_shape_n_inputs(const sy_network_shape *shape) {
  size_t inputs = shape->n_features - shape->n_embeddings;
  if (!is_shape(shape)) return 0;
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    if (shape->embeddings[e].width > MOST_PARAMETERS - inputs) return 0;
    inputs += shape->embeddings[e].width;
  }
  return inputs <= MOST_PARAMETERS ? inputs : 0;
}

/* Puts n x width numbers behind those there are; where they begin, or SIZE_MAX where they are too
 * many: `total` is then SIZE_MAX for good. */
static size_t put(size_t *total, size_t n, size_t width) {
  size_t begin = *total;
  if (begin > MOST_PARAMETERS || n > (MOST_PARAMETERS - begin) / width)
    *total = SIZE_MAX;
  else
    *total += n * width;
  return *total == SIZE_MAX ? SIZE_MAX : begin;
}

static sy_layer put_layer(size_t *total, size_t inputs, size_t units, bool has_gains) {
  sy_layer layer = {.inputs = inputs, .units = units};
  layer.weights = put(total, inputs, units);
  layer.biases = put(total, units, 1);
  if (has_gains) {
    layer.gains = put(total, units, 1);
    layer.shifts = put(total, units, 1);
  }
  return layer;
}

size_t sy_shape_lay_out(const sy_network_shape *shape, sy_layer *layers, size_t *tables) {
  size_t total = 0, inputs = sy_shape_n_inputs(shape);
  if (inputs == 0) return 0;
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    size_t table = put(&total, shape->embeddings[e].n_values, shape->embeddings[e].width);
    if (tables) tables[e] = table;
  }
  for (size_t l = 0; l <= shape->n_hidden; l++) {
    bool hidden = l < shape->n_hidden;
    size_t units = hidden ? shape->hidden[l] : shape->n_outputs;
    sy_layer layer = put_layer(&total, inputs, units, hidden && sy_shape_has_gains(shape));
    if (layers) layers[l] = layer;
    inputs = units;
  }
  return total == SIZE_MAX ? 0 : total;
}

size_t sy_network_n_parameters(const sy_network_shape *shape) {
  return sy_shape_lay_out(shape, NULL, NULL);
}
