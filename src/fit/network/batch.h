/* batch.h: training under batch normalisation, a layer of the whole batch after the other,
 * for the type of the file that includes it. */

static block block_of_group(pass *p, size_t g) {
  block b = {.p = p, .room = &p->net->batch, .group = g, .slot = slot_of(p, g)};
  size_t end;
  sy_net_group(p->net, p->batch->n, g, &b.first, &end);
  b.at = b.first;
  b.n = end - b.first;
  return b;
}

/* Adds the groups' statistics up in a fixed tree; `width` numbers from `which` on. */
static real *combine(const pass *p, size_t which, size_t width) {
  size_t groups = sy_net_n_groups(p->net, p->batch->n);
  for (size_t step = 1; step < groups; step *= 2)
    for (size_t g = 0; g + step < groups; g += 2 * step) {
      real *left = statistics_of(p->net, 2 * g + which);
      const real *right = statistics_of(p->net, 2 * (g + step) + which);
      for (size_t u = 0; u < width; u++) left[u] += right[u];
    }
  return statistics_of(p->net, which);
}

/* Three forward and two back of each layer, and the last. */
static double phases_of(const pass *p) {
  return (double)(5 * p->net->n_layers - 4);
}

/* --- forward --- */

static void sums_of_group(void *context, size_t g) {
  block b = block_of_group(context, g);
  const sy_net_layer *layer = layer_of(&b, b.p->layer);
  if (b.p->layer == 0) gather(&b);
  find_sums(&b, b.p->layer);
  add_rows(rows_of(&b, layer->outputs, layer->stride), b.n, layer->stride, false,
           statistics_of(b.p->net, 2 * g));
}

static void squares_of_group(void *context, size_t g) {
  block b = block_of_group(context, g);
  const sy_net_layer *layer = layer_of(&b, b.p->layer);
  add_squares(rows_of(&b, layer->outputs, layer->stride), b.n, layer->stride,
              statistics_of(b.p->net, 2 * SY_NET_GROUPS), statistics_of(b.p->net, 2 * g));
}

static void units_of_group(void *context, size_t g) {
  block b = block_of_group(context, g);
  const sy_net_layer *layer = layer_of(&b, b.p->layer);
  const real *parameters = b.p->parameters;
  normalise_units(rows_of(&b, layer->outputs, layer->stride), b.n, layer->stride,
                  statistics_of(b.p->net, 2 * SY_NET_GROUPS), kept_of(b.p->net, b.p->layer),
                  parameters + layer->gains, parameters + layer->shifts,
                  rows_of(&b, layer->normal, layer->stride));
  finish_units(&b, b.p->layer);
}

/* The running ones move a tenth of the way; the variance is that of a sample, as PyTorch has it. */
static void move_running(const pass *p, real *parameters, const real *means,
                         const real *variances) {
  const sy_net_layer *layer = &p->net->layers[p->layer];
  size_t n = p->batch->n;
  real tenth = (real)0.1, sample = (real)n / (real)(n > 1 ? n - 1 : 1);
  for (size_t u = 0; u < layer->units; u++) {
    real *mean = parameters + layer->means + u, *variance = parameters + layer->variances + u;
    *mean += tenth * (means[u] - *mean);
    *variance += tenth * (variances[u] * sample - *variance);
  }
}

static void normalise_batch(pass *p, real *parameters) {
  const sy_net_layer *layer = &p->net->layers[p->layer];
  real *means = statistics_of(p->net, 2 * SY_NET_GROUPS), *inverse = kept_of(p->net, p->layer);
  size_t stride = layer->stride, n = p->batch->n;
  in_groups(p, sums_of_group);
  const real *sums = combine(p, 0, stride);
  for (size_t u = 0; u < stride; u++) means[u] = sums[u] / (real)n;
  in_groups(p, squares_of_group);
  real *squares = combine(p, 0, stride);
  for (size_t u = 0; u < stride; u++) squares[u] /= (real)n;
  move_running(p, parameters, means, squares);
  for (size_t u = 0; u < stride; u++) inverse[u] = 1 / real_sqrt(squares[u] + (real)SY_NET_EPSILON);
  in_groups(p, units_of_group);
}

/* --- the loss and back --- */

static void loss_of_group(void *context, size_t g) {
  block all = block_of_group(context, g), b = all;
  find_sums(&all, b.p->layer);
  for (size_t end = all.first + all.n; b.first < end && !b.p->bad[g]; b.first += b.n) {
    b.n = end - b.first < b.p->net->block_rows ? end - b.first : b.p->net->block_rows;
    b.at = b.first;
    b.p->bad[g] = !find_loss(&b);
  }
  if (!b.p->bad[g] && b.p->gradient) go_back(&all, b.p->layer);
}

static void gains_of_group(void *context, size_t g) {
  block b = block_of_group(context, g);
  const sy_net_layer *layer = layer_of(&b, b.p->layer);
  add_gains(gradients_of(&b, b.p->layer), rows_of(&b, layer->normal, layer->stride), b.n,
            layer->stride, false, statistics_of(b.p->net, 2 * g + 1),
            statistics_of(b.p->net, 2 * g));
}

static void back_of_group(void *context, size_t g) {
  block b = block_of_group(context, g);
  const sy_net *net = b.p->net;
  const sy_net_layer *layer = layer_of(&b, b.p->layer);
  unnormalise_units(
      gradients_of(&b, b.p->layer), b.n, layer->stride, statistics_of(net, 2 * SY_NET_GROUPS),
      statistics_of(net, 2 * SY_NET_GROUPS + 1), statistics_of(net, 2 * SY_NET_GROUPS + 2),
      rows_of(&b, layer->normal, layer->stride));
  go_back(&b, b.p->layer);
  if (g == 0) return; /* gains and shifts are known already, and in the first group's gradient */
  memset(b.slot + layer->gains, 0, layer->stride * sizeof(real));
  memset(b.slot + layer->shifts, 0, layer->stride * sizeof(real));
}

static void unnormalise_batch(pass *p) {
  const sy_net_layer *layer = &p->net->layers[p->layer];
  size_t stride = layer->stride;
  real n = (real)p->batch->n;
  real *shares = statistics_of(p->net, 2 * SY_NET_GROUPS), *means = shares + p->net->widest;
  real *along = means + p->net->widest;
  in_groups(p, gains_of_group);
  const real *shifts = combine(p, 0, stride), *gains = combine(p, 1, stride);
  memcpy(p->gradient + layer->shifts, shifts, stride * sizeof *shifts);
  memcpy(p->gradient + layer->gains, gains, stride * sizeof *gains);
  const real *kept = kept_of(p->net, p->layer);
  for (size_t u = 0; u < stride; u++) {
    shares[u] = p->parameters[layer->gains + u] * kept[u];
    means[u] = shifts[u] / n;
    along[u] = gains[u] / n;
  }
  in_groups(p, back_of_group);
}

static bool any_bad(const pass *p) {
  for (size_t g = 0; g < SY_NET_GROUPS; g++)
    if (p->bad[g]) return true;
  return false;
}

static void run_in_phases(pass *p, real *parameters) {
  size_t last = p->net->n_layers - 1;
  for (p->layer = 0; p->layer < last; p->layer++) normalise_batch(p, parameters);
  in_groups(p, loss_of_group);
  for (p->layer = last; p->layer-- > 0 && !any_bad(p);) unnormalise_batch(p);
}
