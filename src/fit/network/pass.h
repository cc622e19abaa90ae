/* pass.h: a batch through the network and back, for the type of the file that includes it.
 *
 * Without batch normalisation a block of rows goes all the way before the next is begun, so that
 * what its layers make of it stays near. With it, each layer waits for all rows of the batch. */

/* What all groups of a pass share. */
typedef struct pass {
  sy_net *net;
  const real *parameters;
  const sy_net_batch *batch;
  bool training, on_threads;
  real *gradient; /* NULL where not wanted */
  double *logits; /* (n, n_outputs); NULL where not wanted */
  size_t layer;   /* of a phase */
  sy_net_outcome outcomes[SY_NET_GROUPS];
  bool bad[SY_NET_GROUPS];
} pass;

/* Rows of a group that are worked on. */
typedef struct block {
  pass *p;
  const sy_net_room *room;
  size_t group, first, n; /* of the batch */
  size_t at;              /* their place in the room */
  real *slot;             /* the group's gradient, as if of all numbers */
  bool add;               /* to what is there */
} block;

static real *rows_of(const block *b, size_t offset, size_t stride) {
  return (real *)b->room->numbers + offset * b->room->rows + b->at * stride;
}

static const sy_net_layer *layer_of(const block *b, size_t l) {
  return &b->p->net->layers[l];
}

static real *inputs_of(const block *b, size_t l, size_t *stride) {
  const sy_net *net = b->p->net;
  *stride = l == 0 ? net->inputs_stride : net->layers[l - 1].stride;
  return rows_of(b, l == 0 ? net->inputs : net->layers[l - 1].outputs, *stride);
}

/* Gradients in a layer's sums take turns in two buffers. */
static real *gradients_of(const block *b, size_t l) {
  return rows_of(b, b->p->net->gradients[l % 2], layer_of(b, l)->stride);
}

/* Those of the logits take the logits' place. */
static real *back_of(const block *b, size_t l) {
  const sy_net_layer *layer = layer_of(b, l);
  return sy_net_is_hidden(b->p->net, l) ? gradients_of(b, l)
                                        : rows_of(b, layer->outputs, layer->stride);
}

/* Statistics of a group under batch normalisation: two sums of each unit. Behind those of all
 * groups: four of the batch; and 1 / deviations of each layer, kept for the way back. */
static real *statistics_of(const sy_net *net, size_t i) {
  return (real *)net->statistics + i * net->widest;
}

static real *kept_of(const sy_net *net, size_t l) {
  return statistics_of(net, 2 * SY_NET_GROUPS + 4 + l);
}

/* --- inputs --- */

static size_t code_of(const sy_embedding *embedding, real code) {
  size_t last = embedding->n_values - 1;
  return code > 0 ? code < (real)last ? (size_t)code : last : 0;
}

static void gather_row(const sy_net *net, const real *parameters, const real *from, real *to) {
  size_t column = 0, dense = 0, embedded = net->dense;
  for (size_t e = 0; e < net->shape.n_embeddings; e++) {
    const sy_embedding *embedding = &net->shape.embeddings[e];
    size_t n = embedding->column - column, width = embedding->width;
    memcpy(to + dense, from + column, n * sizeof *to);
    size_t code = code_of(embedding, from[embedding->column]);
    memcpy(to + embedded, parameters + net->tables[e] + code * width, width * sizeof *to);
    dense += n;
    embedded += width;
    column = embedding->column + 1;
  }
  memcpy(to + dense, from + column, (net->shape.n_features - column) * sizeof *to);
}

/* Rows come from all over memory: those of the next block are asked for while this one is worked
 * on. */
static void ask_for(const sy_net_batch *batch, size_t i) {
  enum { LINE = 64, MOST = 16 };
  if (i >= batch->n) return;
  const sy_matrix *rows = &batch->data->rows;
  size_t place = batch->places[i], bytes = rows->columns * sizeof(real);
  const char *row = (const char *)((const real *)rows->data + place * rows->stride);
  for (size_t at = 0; at < bytes && at < MOST * LINE; at += LINE)
    __builtin_prefetch(row + at, 0, 2);
  __builtin_prefetch(row + bytes - 1, 0, 2);
  if (batch->data->ids) __builtin_prefetch(batch->data->ids + place, 0, 2);
  if (batch->weights) __builtin_prefetch(batch->weights + place, 0, 2);
}

static void gather(const block *b) {
  const sy_net *net = b->p->net;
  const sy_matrix *rows = &b->p->batch->data->rows;
  size_t stride;
  real *inputs = inputs_of(b, 0, &stride);
  for (size_t i = 0; i < b->n; i++) {
    size_t place = b->p->batch->places[b->first + i];
    gather_row(net, b->p->parameters, (const real *)rows->data + place * rows->stride,
               inputs + i * stride);
    ask_for(b->p->batch, b->first + net->block_rows + i);
  }
}

/* --- forward --- */

static bool is_relu(const sy_net *net) {
  return net->shape.activation == SY_ACTIVATION_RELU;
}

/* Without normalisation relu ends the product. */
static bool ends_as_relu(const sy_net *net, size_t l) {
  return sy_net_is_hidden(net, l) && is_relu(net) && net->shape.norm == SY_NORM_NONE;
}

static void find_sums(const block *b, size_t l) {
  const sy_net_layer *layer = layer_of(b, l);
  const real *parameters = b->p->parameters;
  size_t stride;
  const real *inputs = inputs_of(b, l, &stride);
  multiply(&(product){.a = inputs,
                      .a_step = stride,
                      .m = b->n,
                      .depth = layer->inputs,
                      .width = layer->stride,
                      .b = parameters + layer->weights,
                      .b_row = layer->stride,
                      .start = parameters + layer->biases,
                      .c = rows_of(b, layer->outputs, layer->stride),
                      .c_row = layer->stride,
                      .ending = ends_as_relu(b->p->net, l) ? END_RELU : END_PLAIN});
}

static void finish_units(const block *b, size_t l) {
  const sy_net *net = b->p->net;
  const sy_net_layer *layer = layer_of(b, l);
  real *outputs = rows_of(b, layer->outputs, layer->stride);
  real *slopes = rows_of(b, layer->slopes, layer->stride);
  if (!ends_as_relu(net, l)) activate(net->shape.activation, outputs, slopes, b->n * layer->stride);
  if (b->p->training && net->dropout > 0)
    drop(keeping_of(net, b->p->batch, l), b->first, b->n, layer->stride, outputs,
         is_relu(net) ? NULL : slopes);
}

/* As the running statistics have it; 1 / deviation is known (see find_running). */
static void normalise_by_running(const block *b, size_t l) {
  const sy_net_layer *layer = layer_of(b, l);
  const real *parameters = b->p->parameters;
  normalise_units(rows_of(b, layer->outputs, layer->stride), b->n, layer->stride,
                  parameters + layer->means, kept_of(b->p->net, l), parameters + layer->gains,
                  parameters + layer->shifts, rows_of(b, layer->normal, layer->stride));
}

static void normalise_layer(const block *b, size_t l) {
  const sy_net_layer *layer = layer_of(b, l);
  const real *parameters = b->p->parameters;
  normalise_rows(rows_of(b, layer->outputs, layer->stride), b->n, layer, parameters + layer->gains,
                 parameters + layer->shifts, rows_of(b, layer->normal, layer->stride),
                 rows_of(b, layer->inverse, SY_NET_LANES));
}

/* --- the loss --- */

/* -inf is right where the bias is. */
static bool all_usable(const block *b, const real *logits) {
  const sy_net_layer *last = layer_of(b, b->p->net->n_layers - 1);
  const real *biases = b->p->parameters + last->biases;
  for (size_t i = 0; i < b->n; i++)
    for (size_t k = 0; k < last->units; k++) {
      real logit = logits[i * last->stride + k];
      if (!isfinite(logit) && !(logit < 0 && biases[k] < 0 && isinf(biases[k]))) return false;
    }
  return true;
}

static void keep_logits(const block *b, const real *logits) {
  size_t width = b->p->net->shape.n_outputs, stride = layer_of(b, b->p->net->n_layers - 1)->stride;
  for (size_t i = 0; i < b->n && b->p->logits; i++)
    for (size_t k = 0; k < width; k++)
      b->p->logits[(b->first + i) * width + k] = (double)logits[i * stride + k];
}

static bool find_loss(const block *b) {
  const sy_net *net = b->p->net;
  const sy_net_layer *last = layer_of(b, net->n_layers - 1);
  real *logits = rows_of(b, last->outputs, last->stride);
  keep_logits(b, logits);
  return all_usable(b, logits) &&
         sy_net_loss(net, &net->rooms[b->group], b->p->batch, b->first, b->n, logits, last->stride,
                     b->p->gradient ? logits : NULL, &b->p->outcomes[b->group]) == SIZE_MAX;
}

/* --- back --- */

/* Gradients in what the layer is given: of a hidden layer's outputs right away in their sums, or in
 * what the normalisation made of those. */
static void find_input_gradients(const block *b, size_t l) {
  const sy_net *net = b->p->net;
  const sy_net_layer *layer = layer_of(b, l), *below = l > 0 ? layer - 1 : NULL;
  size_t stride = below ? below->stride : net->embedded_stride;
  real kept = (real)1;
  if (net->dropout > 0) kept = keeping_of(net, b->p->batch, 0).scale;
  size_t bend = !below ? 0 : is_relu(net) ? below->outputs : below->slopes;
  multiply(&(product){.a = back_of(b, l),
                      .a_step = layer->stride,
                      .m = b->n,
                      .depth = layer->units,
                      .width = stride,
                      .b = (const real *)net->transposed + layer->transposed,
                      .b_row = stride,
                      .c = below ? gradients_of(b, l - 1)
                                 : (real *)net->embedded_gradients + b->first * stride,
                      .c_row = stride,
                      .ending = !below         ? END_PLAIN
                                : is_relu(net) ? END_STEP
                                               : END_TIMES,
                      .bend = below ? rows_of(b, bend, stride) : NULL,
                      .scale = kept});
}

/* The layer's own gradients, and those of its inputs. */
static void go_back(const block *b, size_t l) {
  const sy_net *net = b->p->net;
  const sy_net_layer *layer = layer_of(b, l);
  const real *gradients = back_of(b, l);
  size_t stride;
  const real *inputs = inputs_of(b, l, &stride);
  multiply(&(product){.a = inputs,
                      .a_step = stride,
                      .sideways = true,
                      .m = layer->inputs,
                      .depth = b->n,
                      .width = layer->stride,
                      .b = gradients,
                      .b_row = layer->stride,
                      .add = b->add,
                      .c = b->slot + layer->weights,
                      .c_row = layer->stride});
  if (net->shape.norm == SY_NORM_BATCH && sy_net_is_hidden(net, l)) /* a bias changes nothing */
    memset(b->slot + layer->biases, 0, layer->stride * sizeof(real));
  else
    add_rows(gradients, b->n, layer->stride, b->add, b->slot + layer->biases);
  if (l > 0 || net->embedded > 0) find_input_gradients(b, l);
}

static void unnormalise_layer(const block *b, size_t l) {
  const sy_net_layer *layer = layer_of(b, l);
  const real *normal = rows_of(b, layer->normal, layer->stride);
  real *gradients = gradients_of(b, l);
  add_gains(gradients, normal, b->n, layer->stride, b->add, b->slot + layer->gains,
            b->slot + layer->shifts);
  normalise_rows_back(gradients, b->n, layer, b->p->parameters + layer->gains, normal,
                      rows_of(b, layer->inverse, SY_NET_LANES));
}

/* --- a block all the way --- */

static bool go_all_the_way(const block *b) {
  const sy_net *net = b->p->net;
  size_t n_layers = net->n_layers;
  gather(b);
  for (size_t l = 0; l < n_layers; l++) {
    find_sums(b, l);
    if (!sy_net_is_hidden(net, l)) break;
    if (net->shape.norm == SY_NORM_LAYER) normalise_layer(b, l);
    if (net->shape.norm == SY_NORM_BATCH) normalise_by_running(b, l);
    finish_units(b, l);
  }
  if (!find_loss(b)) return false;
  for (size_t l = n_layers; l-- > 0 && b->p->gradient;) {
    if (sy_net_is_hidden(net, l) && net->shape.norm == SY_NORM_LAYER) unnormalise_layer(b, l);
    go_back(b, l);
  }
  return true;
}

/* Products of a pass below which a second thread costs more than it saves, and much more where the
 * machine is busy with other things. */
#define WORTH_THREADS 5e5

/* A pass of so many phases is large enough for threads. */
static bool is_worth_threads(const pass *p, double phases) {
  double numbers = (double)(p->net->n_trained - p->net->first_slotted);
  return (double)p->batch->n * numbers >= WORTH_THREADS * phases;
}

/* Calls fn of each group. */
static void in_groups(pass *p, sy_block_fn fn) {
  size_t groups = sy_net_n_groups(p->net, p->batch->n);
  if (p->on_threads)
    sy_parallel_blocks(groups, fn, p);
  else
    for (size_t g = 0; g < groups; g++) fn(p, g);
}

static real *slot_of(const pass *p, size_t group) {
  if (!p->gradient || group == 0) return p->gradient;
  return (real *)p->net->slots[group] - p->net->first_slotted;
}

static void run_group(void *context, size_t g) {
  pass *p = context;
  size_t first, end;
  sy_net_group(p->net, p->batch->n, g, &first, &end);
  block b = {.p = p, .room = &p->net->rooms[g], .group = g, .slot = slot_of(p, g)};
  for (size_t i = 0; i < p->net->block_rows; i++) ask_for(p->batch, first + i);
  for (b.first = first; b.first < end && !p->bad[g]; b.first += b.n) {
    b.n = end - b.first < p->net->block_rows ? end - b.first : p->net->block_rows;
    p->bad[g] = !go_all_the_way(&b);
    b.add = true;
  }
}
