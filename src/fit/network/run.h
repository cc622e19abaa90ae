/* run.h: a whole batch, for the type of the file that includes it. */

/* What it takes to be worth a thread. */
enum { SHARE = 16384 };

static void transpose_layer(const pass *p, size_t l) {
  const sy_net_layer *layer = &p->net->layers[l];
  size_t first = l == 0 ? p->net->dense : 0;
  size_t to_row = l == 0 ? p->net->embedded_stride : p->net->layers[l - 1].stride;
  transpose(p->parameters + layer->weights + first * layer->stride, layer->inputs - first,
            layer->units, layer->stride, (real *)p->net->transposed + layer->transposed, to_row);
}

/* 1 / deviations of the units as the running statistics have them. */
static void find_running(const pass *p) {
  for (size_t l = 0; l + 1 < p->net->n_layers && p->net->shape.norm == SY_NORM_BATCH; l++) {
    const sy_net_layer *layer = &p->net->layers[l];
    const real *variances = p->parameters + layer->variances;
    real *inverse = kept_of(p->net, l);
    for (size_t u = 0; u < layer->stride; u++)
      inverse[u] = 1 / real_sqrt(variances[u] + (real)SY_NET_EPSILON);
  }
}

/* The groups' gradients in a fixed tree, a share of the numbers at a time. */
static void combine_share(void *context, size_t share) {
  pass *p = context;
  size_t groups = sy_net_n_groups(p->net, p->batch->n);
  size_t first = p->net->first_slotted + share * SHARE;
  size_t end = first + SHARE < p->net->n_trained ? first + SHARE : p->net->n_trained;
  for (size_t step = 1; step < groups; step *= 2)
    for (size_t g = 0; g + step < groups; g += 2 * step) {
      real *left = slot_of(p, g);
      const real *right = slot_of(p, g + step);
      for (size_t i = first; i < end; i++) left[i] += right[i];
    }
}

/* Gradients of a table, row after row of the batch. */
static void add_table(void *context, size_t e) {
  pass *p = context;
  const sy_net *net = p->net;
  const sy_embedding *embedding = &net->shape.embeddings[e];
  const sy_matrix *rows = &p->batch->data->rows;
  real *table = p->gradient + net->tables[e];
  size_t first = 0, width = embedding->width;
  for (size_t i = 0; i < e; i++) first += net->shape.embeddings[i].width;
  memset(table, 0, embedding->n_values * width * sizeof *table);
  for (size_t i = 0; i < p->batch->n; i++) {
    const real *row = (const real *)rows->data + p->batch->places[i] * rows->stride;
    const real *from = (const real *)net->embedded_gradients + i * net->embedded_stride + first;
    real *to = table + code_of(embedding, row[embedding->column]) * width;
    for (size_t j = 0; j < width; j++) to[j] += from[j];
  }
}

static void add_tables(pass *p) {
  const sy_net *net = p->net;
  if (net->shape.n_embeddings == 0) return;
  const sy_embedding *last = &net->shape.embeddings[net->shape.n_embeddings - 1];
  size_t end = net->tables[net->shape.n_embeddings - 1] + last->n_values * last->width;
  for (size_t i = end; i < net->first_slotted; i++) p->gradient[i] = 0;
  sy_parallel_blocks(net->shape.n_embeddings, add_table, p);
}

static sy_status finish(const pass *p, sy_net_outcome *outcome, sy_error *error) {
  if (any_bad(p))
    return sy_fail(error, SY_NUMERIC_FAILURE,
                   "the outputs of the network left the range of numbers: a lower learning rate, "
                   "clipped gradients or scaled columns keep them there");
  double sums[SY_NET_GROUPS * 2];
  for (size_t g = 0; g < SY_NET_GROUPS; g++) {
    sums[2 * g] = p->outcomes[g].loss;
    sums[2 * g + 1] = p->outcomes[g].weight;
  }
  sy_tree_sum(sums, SY_NET_GROUPS, 2);
  *outcome = (sy_net_outcome){sums[0], sums[1]};
  return SY_OK;
}

static sy_status find_gradient(sy_net *net, real *parameters, const sy_net_batch *batch,
                               real *gradient, sy_net_outcome *outcome, sy_error *error) {
  pass p = {
      .net = net, .parameters = parameters, .batch = batch, .training = true, .gradient = gradient};
  bool in_phases = net->shape.norm == SY_NORM_BATCH && net->n_layers > 1;
  bool worth = is_worth_threads(&p, in_phases ? phases_of(&p) : 1);
  p.on_threads = worth && sy_pace_begin(&net->pace);
  for (size_t l = 0; l < net->n_layers; l++) transpose_layer(&p, l);
  if (in_phases)
    run_in_phases(&p, parameters);
  else
    in_groups(&p, run_group);
  if (worth) sy_pace_end(&net->pace, batch->n);
  sy_status status = finish(&p, outcome, error);
  if (status != SY_OK) return status;
  size_t slotted = net->n_trained - net->first_slotted;
  sy_parallel_blocks((slotted + SHARE - 1) / SHARE, combine_share, &p);
  add_tables(&p);
  return SY_OK;
}

static sy_status evaluate(sy_net *net, const real *parameters, const sy_net_batch *batch,
                          double *logits, sy_net_outcome *outcome, sy_error *error) {
  pass p = {.net = net, .parameters = parameters, .batch = batch, .logits = logits};
  p.on_threads = is_worth_threads(&p, 1);
  find_running(&p);
  in_groups(&p, run_group);
  return finish(&p, outcome, error);
}
