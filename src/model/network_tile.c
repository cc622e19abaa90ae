/* network_tile.c: logits of a tile of rows, layer after layer. Every sum is its bias, then one
 * input after the other, whichever way rows lie in memory: so a row alone, whose units are computed
 * side by side, a tile, whose rows are, and a matrix give the same bits. */
#include "base/clones.h"
#include "base/error.h"
#include "base/exponential.h"
#include "base/memory.h"
#include "model/network.h"

/* A member at work on a tile. Numbers between layers are (units, lanes): the stride of the tile, or
 * 1 for one row alone. */
typedef struct pass {
  const sy_network *network;
  const double *parameters, *packed; /* of the member */
  const sy_tile *tile;
  size_t lanes;
} pass;

/* --- products --- */

enum { LANES = 4 };
typedef double lanes_type
    __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/* n vectors of neighbouring units of one row: sums[u] + x[0] factors[0][u] + x[1] factors[1][u] ...
 */
SY_INLINE void add_to_units(const double *x, size_t apart, size_t n_inputs, const double *factors,
                            size_t width, size_t n, double *to) {
  lanes_type sums[SY_PANEL_UNITS / LANES];
  for (size_t v = 0; v < n; v++) sums[v] = *(const lanes_type *)(to + v * LANES);
  for (size_t j = 0; j < n_inputs; j++) {
    const lanes_type *factor = (const lanes_type *)(factors + j * width);
    for (size_t v = 0; v < n; v++) sums[v] += factor[v] * x[j * apart];
  }
  for (size_t v = 0; v < n; v++) *(lanes_type *)(to + v * LANES) = sums[v];
}

SY_CLONES static void network_add_row(const double *x, size_t apart, size_t n_inputs,
                                      const double *factors, size_t width, double *to) {
  size_t u = 0;
  for (; u + 8 * LANES <= width; u += 8 * LANES)
    add_to_units(x, apart, n_inputs, factors + u, width, 8, to + u);
  for (; u + 4 * LANES <= width; u += 4 * LANES)
    add_to_units(x, apart, n_inputs, factors + u, width, 4, to + u);
  for (; u + LANES <= width; u += LANES)
    add_to_units(x, apart, n_inputs, factors + u, width, 1, to + u);
}

/* Adds the products of n columns to the sums of a panel; so many at a time that their factors and
 * they themselves stay in the nearest cache while all rows and units have their turn. */
static void add_to_panel(const pass *at, const double *columns, size_t apart, size_t n,
                         const double *factors, size_t width, double *sums) {
  enum { COLUMNS_AT_ONCE = 64 };
  for (size_t begin = 0; begin < n; begin += COLUMNS_AT_ONCE) {
    size_t left = n - begin, more = left < COLUMNS_AT_ONCE ? left : COLUMNS_AT_ONCE;
    const double *some = columns + begin * apart, *theirs = factors + begin * width;
    if (at->lanes == 1)
      network_add_row(some, apart, more, theirs, width, sums);
    else
      sy_tile_add_product(some, more, apart, theirs, width, sums);
  }
}

/* Adds the products of n columns, which are the inputs of a layer from `first` on. Columns are as
 * far apart as the tile has them, or as numbers between layers are. */
static void add_inputs(const pass *at, const sy_layer *layer, const double *columns, size_t apart,
                       size_t first, size_t n, double *sums) {
  for (size_t u = 0; u < layer->rounded; u += SY_PANEL_UNITS) {
    size_t left = layer->rounded - u, width = left < SY_PANEL_UNITS ? left : SY_PANEL_UNITS;
    const double *panel = at->packed + layer->panels + layer->inputs * u + first * width;
    add_to_panel(at, columns, apart, n, panel, width, sums + u * at->lanes);
  }
}

static void begin_with_biases(const pass *at, const sy_layer *layer, double *sums) {
  const double *biases = at->packed + layer->packed_biases;
  for (size_t u = 0; u < layer->rounded; u++)
    for (size_t row = 0; row < at->lanes; row++) sums[u * at->lanes + row] = biases[u];
}

/* --- the first layer --- */

/* Columns that hold no codes, in runs between those that do. */
static void add_numbers(const pass *at, const sy_layer *layer, double *sums) {
  const sy_network_shape *shape = &at->network->shape;
  size_t stride = at->tile->stride, begin = 0;
  for (size_t e = 0; e <= shape->n_embeddings && begin < at->tile->n_dense; e++) {
    bool more = e < shape->n_embeddings;
    size_t end = more ? shape->embeddings[e].column : at->tile->n_dense;
    add_inputs(at, layer, at->tile->dense + begin * stride, stride, begin - e, end - begin, sums);
    begin = end + 1;
  }
}

/* Of one row alone. */
SY_CLONES static void network_add_units(const double *restrict weights, size_t n,
                                        double *restrict sums) {
  for (size_t u = 0; u < n; u++) sums[u] += weights[u];
}

/* Of a unit: `weights` are its own for all inputs, `shift` is how far those are before places. */
SY_CLONES static void network_add_places(const uint32_t *restrict places, size_t lanes, size_t none,
                                         size_t shift, const double *weights, size_t units,
                                         double *restrict sums) {
  for (size_t row = 0; row < lanes; row++)
    sums[row] += places[row] < none ? weights[(places[row] - shift) * units] : 0;
}

/* A text adds the weights of the column that it sets; such columns come after those of codes, of
 * which each is one input less. */
static void add_texts(const pass *at, const sy_layer *layer, double *sums) {
  const sy_network_shape *shape = &at->network->shape;
  size_t units = layer->units, lanes = at->lanes;
  const double *weights = at->parameters + layer->weights;
  for (size_t t = 0; t < at->tile->n_texts; t++) {
    const uint32_t *places = at->tile->places + t * at->tile->stride;
    if (lanes > 1)
      for (size_t u = 0; u < units; u++)
        network_add_places(places, lanes, shape->n_features, shape->n_embeddings, weights + u,
                           units, sums + u * lanes);
    else if (places[0] < shape->n_features)
      network_add_units(weights + (places[0] - shape->n_embeddings) * units, units, sums);
  }
}

/* A code as an index, whatever number it is. */
static size_t index_of(double code, size_t n_values) {
  if (!(code > 0)) return 0;
  return code < (double)n_values ? (size_t)code : n_values - 1;
}

static void add_embedding(const pass *at, const sy_layer *layer, size_t e, size_t first,
                          double *numbers, double *sums) {
  const sy_embedding *embedding = &at->network->shape.embeddings[e];
  const double *codes = at->tile->dense + embedding->column * at->tile->stride;
  const double *table = at->parameters + at->network->tables[e];
  size_t width = embedding->width, lanes = at->lanes;
  for (size_t row = 0; row < lanes; row++) {
    size_t index = row < at->tile->rows ? index_of(codes[row], embedding->n_values) : 0;
    for (size_t w = 0; w < width; w++) numbers[w * lanes + row] = table[index * width + w];
  }
  add_inputs(at, layer, numbers, lanes, first, width, sums);
}

/* `spare` has room for the numbers of an embedding. */
static void add_encoded(const pass *at, double *spare, double *sums) {
  const sy_network_shape *shape = &at->network->shape;
  const sy_layer *layer = &at->network->layers[0];
  size_t first = shape->n_features - shape->n_embeddings;
  add_numbers(at, layer, sums);
  add_texts(at, layer, sums);
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    add_embedding(at, layer, e, first, spare, sums);
    first += shape->embeddings[e].width;
  }
}

/* --- between layers --- */

/* Each row over its units. */
SY_CLONES static void network_normalise(const pass *at, const sy_layer *layer, double *sums) {
  const double *gains = at->parameters + layer->gains, *shifts = at->parameters + layer->shifts;
  size_t units = layer->units, lanes = at->lanes;
  double means[SY_TILE_ROWS] = {0}, scales[SY_TILE_ROWS] = {0};
  for (size_t u = 0; u < units; u++)
    for (size_t row = 0; row < lanes; row++) means[row] += sums[u * lanes + row];
  for (size_t row = 0; row < lanes; row++) means[row] /= (double)units;
  for (size_t u = 0; u < units; u++)
    for (size_t row = 0; row < lanes; row++) {
      double off = sums[u * lanes + row] - means[row];
      scales[row] += off * off;
    }
  for (size_t row = 0; row < lanes; row++)
    scales[row] = 1 / sqrt(scales[row] / (double)units + SY_NORM_EPSILON);
  for (size_t u = 0; u < units; u++)
    for (size_t row = 0; row < lanes; row++) {
      double *sum = &sums[u * lanes + row];
      *sum = (*sum - means[row]) * scales[row] * gains[u] + shifts[u];
    }
}

/* What is no number stays none. */
SY_CLONES static void network_relu(double *sums, size_t n) {
  for (size_t i = 0; i < n; i++) sums[i] = sums[i] < 0 ? 0 : sums[i];
}

SY_CLONES static void network_tanh(double *sums, size_t n) {
  for (size_t i = 0; i < n; i++) sums[i] = sy_tanh(sums[i]);
}

SY_CLONES static void network_gelu(double *sums, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double a = sums[i];
    sums[i] = 0.5 * a * (1 + sy_tanh(SY_GELU_SCALE * (a + SY_GELU_CUBE * (a * a * a))));
  }
}

static void activate(const pass *at, const sy_layer *layer, double *sums) {
  static void (*const functions[])(double *, size_t) = {
      [SY_ACTIVATION_RELU] = network_relu,
      [SY_ACTIVATION_GELU] = network_gelu,
      [SY_ACTIVATION_TANH] = network_tanh,
  };
  const sy_network_shape *shape = &at->network->shape;
  if (sy_shape_has_gains(shape)) network_normalise(at, layer, sums);
  functions[shape->activation](sums, layer->rounded * at->lanes);
}

/* Sums of the last layer; in one half of the scratch memory. */
static const double *run(const pass *at, double *scratch) {
  const sy_network *network = at->network;
  double *sums = scratch, *other = scratch + network->widest * at->lanes;
  begin_with_biases(at, &network->layers[0], sums);
  add_encoded(at, other, sums);
  for (size_t l = 1; l <= network->shape.n_hidden; l++) {
    const sy_layer *layer = &network->layers[l];
    double *before = sums;
    activate(at, layer - 1, before);
    sums = other;
    other = before;
    begin_with_biases(at, layer, sums);
    add_inputs(at, layer, before, at->lanes, 0, layer->inputs, sums);
  }
  return sums;
}

/* --- a tile --- */

size_t sy_network_scratch(const sy_predictor *predictor, size_t stride) {
  return 2 * predictor->network->widest * stride;
}

/* Where one row is alone, the others of its tile are 0. */
static void add_logits(const pass *at, const double *sums, bool first, double *logits) {
  size_t stride = at->tile->stride;
  for (size_t k = 0; k < at->network->shape.n_outputs; k++)
    for (size_t row = 0; row < stride; row++) {
      double sum = row < at->lanes ? sums[k * at->lanes + row] : 0;
      logits[k * stride + row] = first ? sum : logits[k * stride + row] + sum;
    }
}

static bool is_unlearnt(const sy_network *network, size_t k) {
  size_t place = network->layers[network->shape.n_hidden].biases + k;
  for (size_t m = 0; m < network->n_members; m++)
    if (isinf(network->parameters[m * network->n_parameters + place])) return true;
  return false;
}

/* The mean over the members; a class not learnt stays so even where its sum overflows. */
static void finish(const sy_network *network, size_t stride, double *logits) {
  double members = (double)network->n_members;
  for (size_t k = 0; k < network->shape.n_outputs; k++, logits += stride) {
    bool unlearnt = is_unlearnt(network, k);
    for (size_t row = 0; row < stride; row++)
      logits[row] = unlearnt ? -(double)INFINITY : logits[row] / members;
  }
}

void sy_network_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                     double *logits) {
  const sy_network *network = predictor->network;
  for (size_t m = 0; m < network->n_members; m++) {
    const pass at = {.network = network,
                     .parameters = network->parameters + m * network->n_parameters,
                     .packed = network->packed + m * network->n_packed,
                     .tile = tile,
                     .lanes = tile->rows == 1 ? 1 : tile->stride};
    add_logits(&at, run(&at, scratch), m == 0, logits);
  }
  finish(network, tile->stride, logits);
}

/* --- a matrix --- */

/* Rows of a matrix as a tile all of whose columns are numbers. */
static void turn_rows(sy_matrix rows, size_t begin, const sy_tile *tile) {
  for (size_t row = 0; row < tile->stride; row++)
    for (size_t j = 0; j < rows.columns; j++) {
      size_t place = (begin + row) * rows.stride + j;
      double value = row >= tile->rows      ? 0
                     : rows.dtype == SY_F32 ? (double)((const float *)rows.data)[place]
                                            : ((const double *)rows.data)[place];
      tile->dense[j * tile->stride + row] = value;
    }
}

sy_status sy_network_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                            sy_error *error) {
  size_t n_classes = predictor->n_classes, width = predictor->n_features;
  size_t numbers = width + n_classes + sy_network_scratch(predictor, 1);
  size_t most = sy_tile_rows(numbers);
  double *memory = sy_alloc(numbers, most * sizeof *memory);
  if (!memory) return sy_fail_memory(error);
  for (size_t begin = 0; begin < rows.rows; begin += most) {
    size_t n = rows.rows - begin < most ? rows.rows - begin : most;
    sy_tile tile = {.rows = n, .stride = sy_tile_stride(n), .n_dense = width, .dense = memory};
    double *turned = memory + width * tile.stride, *scratch = turned + n_classes * tile.stride;
    turn_rows(rows, begin, &tile);
    sy_network_tile(predictor, &tile, scratch, turned);
    for (size_t row = 0; row < n; row++)
      for (size_t k = 0; k < n_classes; k++)
        logits[(begin + row) * n_classes + k] = turned[k * tile.stride + row];
  }
  free(memory);
  return SY_OK;
}
