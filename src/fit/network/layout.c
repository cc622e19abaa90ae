/* layout.c: the order of a network's numbers. */
#include "fit/network/layout.h"

/* A block of rows and what its layers make of it should stay in the first cache or near it. */
enum { BLOCK_BYTES = 73728, BLOCK_MOST = 64, BLOCK_LEAST = 16, BLOCKS_OF_GROUP = 2 };

/* Beyond this no size could overflow when it is multiplied by the bytes of a number. */
#define MOST_NUMBERS (SIZE_MAX / 64)

/* Takes n rows of `width` numbers from the end of a run; false where it would be too long. */
static bool take(size_t *run, size_t n, size_t width, size_t *offset) {
  *offset = *run;
  size_t numbers;
  return !__builtin_mul_overflow(n, width, &numbers) &&
         !__builtin_add_overflow(*run, numbers, run) && *run <= MOST_NUMBERS;
}

static bool lay_tables(sy_net *net) {
  const sy_network_shape *shape = &net->shape;
  net->dense = shape->n_features - shape->n_embeddings;
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    const sy_embedding *embedding = &shape->embeddings[e];
    if (!take(&net->n_trained, embedding->n_values, embedding->width, &net->tables[e]) ||
        !take(&net->embedded, 1, embedding->width, &(size_t){0}))
      return false;
    net->decaying[net->n_decaying++] =
        (sy_net_range){net->tables[e], embedding->n_values * embedding->width};
  }
  net->n_trained = sy_net_padded(net->n_trained);
  net->first_slotted = net->n_trained;
  net->inputs_stride = sy_net_padded(net->dense + net->embedded);
  net->embedded_stride = sy_net_padded(net->embedded);
  return true;
}

/* Columns of a layer's inputs whose gradient is wanted, padded. */
static size_t wanted_inputs(const sy_net *net, size_t l) {
  return l == 0 ? net->embedded_stride : net->layers[l - 1].stride;
}

static bool lay_parameters(sy_net *net, size_t l) {
  sy_net_layer *layer = &net->layers[l];
  size_t *run = &net->n_trained, stride = layer->stride;
  bool fits = take(run, layer->inputs, stride, &layer->weights);
  net->decaying[net->n_decaying++] = (sy_net_range){layer->weights, layer->inputs * stride};
  fits = fits && take(run, 1, stride, &layer->biases);
  if (sy_net_is_hidden(net, l) && net->shape.norm != SY_NORM_NONE)
    fits = fits && take(run, 1, stride, &layer->gains) && take(run, 1, stride, &layer->shifts);
  return fits && take(&net->n_transposed, layer->units, wanted_inputs(net, l), &layer->transposed);
}

/* What is never looked at takes no room. */
static bool lay_rows(sy_net *net, size_t l) {
  sy_net_layer *layer = &net->layers[l];
  size_t *run = &net->row_numbers, stride = layer->stride;
  size_t bent = net->shape.activation != SY_ACTIVATION_RELU && sy_net_is_hidden(net, l);
  size_t normal = net->shape.norm != SY_NORM_NONE && sy_net_is_hidden(net, l);
  if (stride > net->widest) net->widest = stride;
  return take(run, 1, stride, &layer->outputs) && take(run, bent, stride, &layer->slopes) &&
         take(run, normal, stride, &layer->normal) &&
         take(run, normal, SY_NET_LANES, &layer->inverse);
}

static bool lay_running(sy_net *net) {
  net->n_all = net->n_trained;
  for (size_t l = 0; sy_net_is_hidden(net, l) && net->shape.norm == SY_NORM_BATCH; l++) {
    sy_net_layer *layer = &net->layers[l];
    if (!take(&net->n_all, 1, layer->stride, &layer->means) ||
        !take(&net->n_all, 1, layer->stride, &layer->variances))
      return false;
  }
  return true;
}

static size_t rows_of_block(const sy_net *net) {
  size_t rows = BLOCK_BYTES / (net->row_numbers * sizeof(float)) / SY_NET_LANES * SY_NET_LANES;
  return rows < BLOCK_LEAST ? BLOCK_LEAST : rows > BLOCK_MOST ? BLOCK_MOST : rows;
}

bool sy_net_lay_out(sy_net *net) {
  if (!lay_tables(net) || !take(&net->row_numbers, 1, net->inputs_stride, &net->inputs))
    return false;
  size_t inputs = net->dense + net->embedded;
  for (size_t l = 0; l < net->n_layers; l++) {
    sy_net_layer *layer = &net->layers[l];
    layer->inputs = inputs;
    layer->units = sy_net_is_hidden(net, l) ? net->shape.hidden[l] : net->shape.n_outputs;
    layer->stride = sy_net_padded(layer->units);
    if (!lay_parameters(net, l) || !lay_rows(net, l)) return false;
    inputs = layer->units;
  }
  for (size_t i = 0; i < 2; i++)
    if (!take(&net->row_numbers, 1, net->widest, &net->gradients[i])) return false;
  net->block_rows = rows_of_block(net);
  return lay_running(net);
}

size_t sy_net_n_groups(const sy_net *net, size_t n) {
  size_t groups = n / (net->block_rows * BLOCKS_OF_GROUP);
  return groups < 1 ? 1 : groups > SY_NET_GROUPS ? SY_NET_GROUPS : groups;
}

void sy_net_group(const sy_net *net, size_t n, size_t g, size_t *first, size_t *end) {
  size_t groups = sy_net_n_groups(net, n), blocks = (n + net->block_rows - 1) / net->block_rows;
  *first = g * blocks / groups * net->block_rows;
  *end = (g + 1) * blocks / groups * net->block_rows;
  if (*end > n) *end = n;
}
