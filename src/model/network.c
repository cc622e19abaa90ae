/* network.c: the family of networks: what a predictor of theirs is made of. */
#include "model/network.h"

#include "base/error.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

static sy_status check_shape(const sy_network_shape *shape, size_t n_members, sy_error *error) {
  if (shape->n_outputs < 2)
    return sy_fail(error, SY_INVALID_SHAPE, "a model needs at least 2 classes, not %zu",
                   shape->n_outputs);
  if (n_members == 0) return sy_fail(error, SY_INVALID_SHAPE, "a mean of 0 networks is none");
  if (shape->norm != SY_NORM_NONE && shape->norm != SY_NORM_LAYER)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a predictor has no batch normalisation: fold it into the weights");
  if ((unsigned)shape->activation > SY_ACTIVATION_TANH)
    return sy_fail(error, SY_INVALID_ARGUMENT, "there is no activation %d", (int)shape->activation);
  if (sy_network_n_parameters(shape) == 0)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the shape is no network's: columns, units, codes and their numbers are 1 or "
                   "more, columns of codes rise, and all parameters fit into memory");
  return SY_OK;
}

/* `hidden` layers, embeddings, layers and tables. */
static bool copy_shape(sy_network *network, const sy_network_shape *shape) {
  size_t *hidden = sy_alloc(shape->n_hidden, sizeof *hidden);
  sy_embedding *embeddings = sy_alloc(shape->n_embeddings, sizeof *embeddings);
  network->shape = *shape;
  network->shape.hidden = hidden;
  network->shape.embeddings = embeddings;
  network->layers = sy_alloc_zero(shape->n_hidden + 1, sizeof *network->layers);
  network->tables = sy_alloc(shape->n_embeddings, sizeof *network->tables);
  if (!hidden || !embeddings || !network->layers || !network->tables) return false;
  if (shape->n_hidden > 0) memcpy(hidden, shape->hidden, shape->n_hidden * sizeof *hidden);
  if (shape->n_embeddings > 0)
    memcpy(embeddings, shape->embeddings, shape->n_embeddings * sizeof *embeddings);
  network->n_parameters = sy_shape_lay_out(shape, network->layers, network->tables);
  return true;
}

/* Where packed numbers lie; no sum overflows, they are at most four times the parameters. */
static void lay_out_packed(sy_network *network) {
  for (size_t e = 0; e < network->shape.n_embeddings; e++)
    if (network->widest < network->shape.embeddings[e].width)
      network->widest = network->shape.embeddings[e].width;
  for (size_t l = 0; l <= network->shape.n_hidden; l++) {
    sy_layer *layer = &network->layers[l];
    layer->rounded = (layer->units + SY_UNIT_ROUND - 1) / SY_UNIT_ROUND * SY_UNIT_ROUND;
    layer->panels = network->n_packed;
    layer->packed_biases = layer->panels + layer->inputs * layer->rounded;
    network->n_packed = layer->packed_biases + layer->rounded;
    if (network->widest < layer->rounded) network->widest = layer->rounded;
  }
}

/* A bias of -0 becomes 0: no sum is -0 then, and adding what is 0, as the columns that a text does
 * not set, changes no bit of it. */
static void pack(const sy_layer *layer, const double *parameters, double *packed) {
  for (size_t first = 0; first < layer->units; first += SY_PANEL_UNITS) {
    size_t left = layer->rounded - first, width = left < SY_PANEL_UNITS ? left : SY_PANEL_UNITS;
    double *panel = packed + layer->panels + layer->inputs * first;
    for (size_t j = 0; j < layer->inputs; j++)
      for (size_t u = 0; u < width && first + u < layer->units; u++)
        panel[j * width + u] = parameters[layer->weights + j * layer->units + first + u];
  }
  for (size_t u = 0; u < layer->units; u++)
    packed[layer->packed_biases + u] = parameters[layer->biases + u] + 0.0;
}

static sy_status check_values(const sy_network *network, const double *parameters,
                              sy_error *error) {
  size_t last_biases = network->layers[network->shape.n_hidden].biases;
  for (size_t m = 0; m < network->n_members; m++)
    for (size_t i = 0; i < network->n_parameters; i++) {
      double value = parameters[m * network->n_parameters + i];
      if (isfinite(value) || (value == -(double)INFINITY && i >= last_biases)) continue;
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "parameter %zu of network %zu is %g; it must be finite (a bias of the last "
                     "layer may be -inf: a class not learnt)",
                     i + 1, m + 1, value);
    }
  return SY_OK;
}

static bool copy_parameters(sy_network *network, const double *parameters) {
  size_t members = network->n_members;
  if (network->n_packed > SIZE_MAX / sizeof(double) / members) return false;
  network->parameters = sy_alloc(members, network->n_parameters * sizeof(double));
  network->packed = sy_alloc_zero(members, network->n_packed * sizeof(double));
  if (!network->parameters || !network->packed) return false;
  memcpy(network->parameters, parameters, members * network->n_parameters * sizeof(double));
  for (size_t m = 0; m < members; m++)
    for (size_t l = 0; l <= network->shape.n_hidden; l++)
      pack(&network->layers[l], parameters + m * network->n_parameters,
           network->packed + m * network->n_packed);
  return true;
}

static void clear(sy_predictor *predictor) {
  sy_network *network = predictor->network;
  free((size_t *)(uintptr_t)network->shape.hidden);
  free((sy_embedding *)(uintptr_t)network->shape.embeddings);
  free(network->layers);
  free(network->tables);
  free(network->parameters);
  free(network->packed);
  free(network);
}

static const sy_family networks = {.name = "mlp",
                                   .clear = clear,
                                   .logits = sy_network_logits,
                                   .scratch = sy_network_scratch,
                                   .tile = sy_network_tile};

static sy_predictor *new_predictor(const sy_network_shape *shape, size_t n_members) {
  sy_predictor *made = sy_alloc_zero(1, sizeof *made);
  sy_network *network = sy_alloc_zero(1, sizeof *network);
  if (!made || !network) {
    free(made);
    free(network);
    return NULL;
  }
  *made = (sy_predictor){.family = &networks,
                         .n_features = shape->n_features,
                         .n_classes = shape->n_outputs,
                         .network = network};
  network->n_members = n_members;
  if (copy_shape(network, shape)) return made;
  sy_predictor_free(made);
  return NULL;
}

sy_status sy_predictor_network(const sy_network_shape *shape, const double *parameters,
                               size_t n_members, sy_predictor **predictor, sy_error *error) {
  sy_status status = check_shape(shape, n_members, error);
  if (status) return status;
  sy_predictor *made = new_predictor(shape, n_members);
  if (!made) return sy_fail_memory(error);
  status = check_values(made->network, parameters, error);
  if (!status) {
    lay_out_packed(made->network);
    if (!copy_parameters(made->network, parameters)) status = sy_fail_memory(error);
  }
  if (status)
    sy_predictor_free(made);
  else
    *predictor = made;
  return status;
}

const sy_network_shape *sy_predictor_shape(const sy_predictor *predictor) {
  return predictor->network ? &predictor->network->shape : NULL;
}

size_t sy_predictor_n_members(const sy_predictor *predictor) {
  return predictor->network ? predictor->network->n_members : 0;
}

const double *sy_predictor_parameters(const sy_predictor *predictor) {
  return predictor->network ? predictor->network->parameters : NULL;
}
