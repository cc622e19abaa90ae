/* network.c: what of a network does not depend on the type of its numbers. */
#include "fit/network/layout.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

enum { CACHE_LINE = 64 };

/* --- new and free --- */

static sy_status check_shape(const sy_network_shape *shape, sy_error *error) {
  bool whole = shape->n_features > shape->n_embeddings || shape->n_embeddings > 0;
  for (size_t l = 0; l < shape->n_hidden; l++) whole = whole && shape->hidden[l] > 0;
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    const sy_embedding *embedding = &shape->embeddings[e];
    whole = whole && embedding->n_values > 0 && embedding->width > 0 &&
            embedding->column < shape->n_features &&
            (e == 0 || embedding->column > embedding[-1].column);
  }
  if (whole && shape->n_features > 0 && shape->n_outputs > 0) return SY_OK;
  return sy_fail(error, SY_INVALID_SHAPE,
                 "a network of %zu encoded columns and %zu outputs needs at least 1 of both, of "
                 "units in each hidden layer, and of values and numbers in each embedding, whose "
                 "columns rise",
                 shape->n_features, shape->n_outputs);
}

/* Copies n elements; NULL where there is no memory for them. */
static void *copy(const void *from, size_t n, size_t size) {
  void *to = sy_alloc(n, size);
  if (to && n > 0) memcpy(to, from, n * size);
  return to;
}

static bool copy_shape(sy_net *net, const sy_network_shape *shape) {
  net->shape = *shape;
  net->n_layers = shape->n_hidden + 1;
  net->shape.hidden = copy(shape->hidden, shape->n_hidden, sizeof *shape->hidden);
  net->shape.embeddings = copy(shape->embeddings, shape->n_embeddings, sizeof *shape->embeddings);
  net->layers = sy_alloc_zero(net->n_layers, sizeof *net->layers);
  net->tables = sy_alloc_zero(shape->n_embeddings, sizeof *net->tables);
  net->decaying = sy_alloc_zero(net->n_layers + shape->n_embeddings, sizeof *net->decaying);
  return net->shape.hidden && net->shape.embeddings && net->layers && net->tables && net->decaying;
}

/* Hands out n numbers of `size` bytes of each of the rows, the memory being known or not yet; each
 * run begins a line of the cache. False where all is more than memory could address. */
static bool hand_out(char *memory, size_t *used, size_t rows, size_t n, size_t size, void *place) {
  size_t bytes;
  if (__builtin_mul_overflow(rows, n, &bytes) || bytes > SIZE_MAX / 32) return false;
  char *run = memory ? memory + *used : NULL;
  memcpy(place, &run, sizeof run);
  *used += (bytes * size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
  return *used <= SIZE_MAX / 4;
}

static bool hand_out_room(sy_net *net, char *memory, size_t *used, size_t rows, sy_net_room *room) {
  size_t size = sy_dtype_size(net->dtype), width = net->shape.n_outputs;
  size_t most = rows < net->block_rows ? rows : net->block_rows;
  room->rows = rows;
  return hand_out(memory, used, rows, net->row_numbers, size, &room->numbers) &&
         hand_out(memory, used, most, width, sizeof(float), &room->labels) &&
         hand_out(memory, used, most, width, sizeof(float), &room->costs);
}

/* Lays all buffers out; twice, the first time for their bytes alone. */
static bool hand_out_all(sy_net *net, char *memory, size_t *used) {
  size_t size = sy_dtype_size(net->dtype), slotted = net->n_trained - net->first_slotted;
  bool batch = net->shape.norm == SY_NORM_BATCH, fits = true;
  for (size_t g = 0; g < SY_NET_GROUPS; g++)
    fits = fits && hand_out_room(net, memory, used, net->block_rows, &net->rooms[g]);
  for (size_t g = 1; g < sy_net_n_groups(net, net->batch_rows); g++)
    fits = fits && hand_out(memory, used, slotted, 1, size, &net->slots[g]);
  if (batch) fits = fits && hand_out_room(net, memory, used, net->batch_rows, &net->batch);
  size_t statistics = batch ? 2 * SY_NET_GROUPS + 4 + net->n_layers : 0;
  return fits && hand_out(memory, used, net->n_transposed, 1, size, &net->transposed) &&
         hand_out(memory, used, net->batch_rows, net->embedded_stride, size,
                  &net->embedded_gradients) &&
         hand_out(memory, used, statistics, net->widest, size, &net->statistics);
}

/* All zeros: padding is never written. */
static sy_status take_memory(sy_net *net, sy_error *error) {
  size_t bytes = 0;
  if (!hand_out_all(net, NULL, &bytes) || !(net->memory = sy_alloc_zero(bytes + CACHE_LINE, 1)))
    return sy_fail(error, SY_OUT_OF_MEMORY,
                   "out of memory: a network of %zu trained numbers and batches of %zu rows",
                   net->n_trained, net->batch_rows);
  size_t off = (uintptr_t)net->memory % CACHE_LINE, used = 0;
  hand_out_all(net, (char *)net->memory + (CACHE_LINE - off), &used);
  return SY_OK;
}

static sy_status build(sy_net *net, const sy_network_shape *shape, sy_error *error) {
  if (!copy_shape(net, shape))
    return sy_fail(error, SY_OUT_OF_MEMORY, "out of memory: the layers of a network");
  if (!sy_net_lay_out(net))
    return sy_fail(error, SY_INVALID_SHAPE,
                   "a network of %zu hidden layers on %zu encoded columns "
                   "has more numbers than memory could hold",
                   shape->n_hidden, shape->n_features);
  return take_memory(net, error);
}

sy_status sy_net_new(const sy_network_shape *shape, sy_dtype dtype, double dropout,
                     size_t batch_rows, sy_net **out, sy_error *error) {
  *out = NULL;
  sy_status status = check_shape(shape, error);
  if (status != SY_OK) return status;
  sy_net *net = sy_alloc_zero(1, sizeof *net);
  if (!net) return sy_fail(error, SY_OUT_OF_MEMORY, "out of memory: a network");
  net->dtype = dtype;
  net->dropout = dropout;
  net->batch_rows = batch_rows > 0 ? batch_rows : 1;
  status = build(net, shape, error);
  if (status == SY_OK)
    *out = net;
  else
    sy_net_free(net);
  return status;
}

void sy_net_free(sy_net *net) {
  if (!net) return;
  free((void *)(uintptr_t)net->shape.hidden);
  free((void *)(uintptr_t)net->shape.embeddings);
  free(net->layers);
  free(net->tables);
  free(net->decaying);
  free(net->memory);
  free(net);
}

size_t sy_net_n_trained(const sy_net *net) {
  return net->n_trained;
}

size_t sy_net_n_all(const sy_net *net) {
  return net->n_all;
}

const sy_net_range *sy_net_decaying(const sy_net *net, size_t *n) {
  *n = net->n_decaying;
  return net->decaying;
}

/* --- numbers of either type --- */

static void put(const sy_net *net, void *parameters, size_t at, double value) {
  if (net->dtype == SY_F32)
    ((float *)parameters)[at] = (float)value;
  else
    ((double *)parameters)[at] = value;
}

static double get(const sy_net *net, const void *parameters, size_t at) {
  return net->dtype == SY_F32 ? (double)((const float *)parameters)[at]
                              : ((const double *)parameters)[at];
}

/* --- where training begins --- */

/* Embeddings begin near 0, so that a code that is hardly ever seen says next to nothing. */
#define EMBEDDING_REACH 0.05

/* Half the width of the uniform distribution that weights are drawn from: of variance 2 / inputs
 * (He et al. 2015) where units are rectified, else 2 / (inputs + units) (Glorot and Bengio 2010).
 */
static double reach_of(const sy_net *net, size_t l) {
  double inputs = (double)net->layers[l].inputs, units = (double)net->layers[l].units;
  bool rectified = sy_net_is_hidden(net, l) && net->shape.activation != SY_ACTIVATION_TANH;
  return sqrt(6 / (rectified ? inputs : inputs + units));
}

/* Draws numbers in the order of the predictor's, whatever the padding is. */
typedef struct draws {
  uint64_t seed, index;
} draws;

static double draw(draws *d, double reach) {
  return reach * (2 * sy_random_uniform(d->seed, SY_STREAM_BEGIN, d->index++) - 1);
}

static void begin_layer(const sy_net *net, size_t l, draws *d, void *parameters) {
  const sy_net_layer *layer = &net->layers[l];
  double reach = reach_of(net, l);
  for (size_t i = 0; i < layer->inputs; i++)
    for (size_t u = 0; u < layer->units; u++)
      put(net, parameters, layer->weights + i * layer->stride + u, draw(d, reach));
  if (!sy_net_is_hidden(net, l) || net->shape.norm == SY_NORM_NONE) return;
  for (size_t u = 0; u < layer->units; u++) {
    put(net, parameters, layer->gains + u, 1);
    if (net->shape.norm == SY_NORM_BATCH) put(net, parameters, layer->variances + u, 1);
  }
}

void sy_net_begin(const sy_net *net, uint64_t seed, uint32_t member, const double *output_biases,
                  void *parameters) {
  draws d = {seed, (uint64_t)member << 40}; /* no network has 2^40 numbers */
  memset(parameters, 0, net->n_all * sy_dtype_size(net->dtype));
  for (size_t e = 0; e < net->shape.n_embeddings; e++) {
    size_t n = net->shape.embeddings[e].n_values * net->shape.embeddings[e].width;
    for (size_t i = 0; i < n; i++)
      put(net, parameters, net->tables[e] + i, draw(&d, EMBEDDING_REACH));
  }
  for (size_t l = 0; l < net->n_layers; l++) begin_layer(net, l, &d, parameters);
  size_t biases = net->layers[net->n_layers - 1].biases;
  for (size_t k = 0; k < net->shape.n_outputs; k++)
    put(net, parameters, biases + k, output_biases[k]);
}

/* --- steps --- */

sy_status sy_net_gradient(sy_net *net, void *parameters, const sy_net_batch *batch, void *gradient,
                          sy_net_outcome *outcome, sy_error *error) {
  if (net->dtype == SY_F32)
    return sy_net_gradient_f32(net, parameters, batch, gradient, outcome, error);
  return sy_net_gradient_f64(net, parameters, batch, gradient, outcome, error);
}

sy_status sy_net_evaluate(sy_net *net, const void *parameters, const sy_net_batch *batch,
                          double *logits, sy_net_outcome *outcome, sy_error *error) {
  if (net->dtype == SY_F32)
    return sy_net_evaluate_f32(net, parameters, batch, logits, outcome, error);
  return sy_net_evaluate_f64(net, parameters, batch, logits, outcome, error);
}

/* --- what a predictor has --- */

void sy_net_shape(const sy_net *net, sy_network_shape *shape) {
  *shape = net->shape;
  if (shape->norm == SY_NORM_BATCH) shape->norm = SY_NORM_NONE;
}

/* What batch normalisation multiplies the sums of a unit with; 1 where there is none. */
static double scale_of(const sy_net *net, size_t l, const void *parameters, size_t u) {
  const sy_net_layer *layer = &net->layers[l];
  if (net->shape.norm != SY_NORM_BATCH || !sy_net_is_hidden(net, l)) return 1;
  double variance = get(net, parameters, layer->variances + u);
  return get(net, parameters, layer->gains + u) / sqrt(variance + SY_NET_EPSILON);
}

static double bias_of(const sy_net *net, size_t l, const void *parameters, size_t u) {
  const sy_net_layer *layer = &net->layers[l];
  double bias = get(net, parameters, layer->biases + u);
  if (net->shape.norm != SY_NORM_BATCH || !sy_net_is_hidden(net, l)) return bias;
  double moved = bias - get(net, parameters, layer->means + u);
  return moved * scale_of(net, l, parameters, u) + get(net, parameters, layer->shifts + u);
}

static double *unpack_layer(const sy_net *net, size_t l, const void *parameters, double *out) {
  const sy_net_layer *layer = &net->layers[l];
  for (size_t i = 0; i < layer->inputs; i++)
    for (size_t u = 0; u < layer->units; u++)
      *out++ = get(net, parameters, layer->weights + i * layer->stride + u) *
               scale_of(net, l, parameters, u);
  for (size_t u = 0; u < layer->units; u++) *out++ = bias_of(net, l, parameters, u);
  if (net->shape.norm != SY_NORM_LAYER || !sy_net_is_hidden(net, l)) return out;
  for (size_t u = 0; u < layer->units; u++) *out++ = get(net, parameters, layer->gains + u);
  for (size_t u = 0; u < layer->units; u++) *out++ = get(net, parameters, layer->shifts + u);
  return out;
}

void sy_net_unpack(const sy_net *net, const void *parameters, double *out) {
  for (size_t e = 0; e < net->shape.n_embeddings; e++) {
    size_t n = net->shape.embeddings[e].n_values * net->shape.embeddings[e].width;
    for (size_t i = 0; i < n; i++) *out++ = get(net, parameters, net->tables[e] + i);
  }
  for (size_t l = 0; l < net->n_layers; l++) out = unpack_layer(net, l, parameters, out);
}
