/* loss.c: rows of a batch as a span of the loss. */
#include "fit/network/loss.h"

#include "base/array.h"
#include "loss/kernel.h"
#include "loss/lanes.h"

#include <string.h>

/* What is known of the rows of a span beside their logits. */
typedef struct rows {
  int32_t ids[SY_SPAN_POSITIONS];
  double weights[SY_SPAN_POSITIONS], factors[SY_SPAN_POSITIONS];
  double row_weights[SY_SPAN_POSITIONS], found[SY_SPAN_POSITIONS], losses[SY_SPAN_POSITIONS];
  sy_array labels, costs;
} rows;

static void read_row_weights(const sy_net_batch *batch, const uint32_t *places, size_t n, rows *r) {
  for (size_t i = 0; i < n; i++) r->row_weights[i] = batch->weights ? batch->weights[places[i]] : 1;
}

/* A row that is ignored weighs nothing. */
static void read_ids(const sy_net_batch *batch, const uint32_t *places, size_t n, rows *r) {
  const double *class_weights = batch->loss->class_weights;
  for (size_t i = 0; i < n; i++) {
    int32_t id = batch->data->ids[places[i]];
    if (id < 0) r->row_weights[i] = 0;
    r->ids[i] = id < 0 ? 0 : id;
    r->weights[i] = batch->loss->weigh_by_prediction ? r->row_weights[i]
                                                     : class_weights[r->ids[i]] * r->row_weights[i];
  }
}

/* Rows of the data, one after the other. */
static sy_array gather(const float *from, const uint32_t *places, size_t n, size_t width,
                       float *to) {
  for (size_t i = 0; i < n; i++)
    memcpy(to + i * width, from + (size_t)places[i] * width, width * sizeof *to);
  return sy_array_of(to, SY_F32, 2, (size_t[]){n, width});
}

/* What a row's labels weigh: presence and absence of each. */
static void weigh_labels(const sy_loss *loss, const float *labels, size_t n, rows *r) {
  const double *pairs = loss->class_weights;
  for (size_t i = 0; i < n; i++) {
    double weight = 0;
    for (size_t k = 0; k < loss->n_classes; k++) {
      double label = (double)labels[i * loss->n_classes + k];
      weight += label * pairs[2 * k + 1] + (1 - label) * pairs[2 * k];
    }
    r->weights[i] = weight * r->row_weights[i];
  }
}

static void read_rows(const sy_net_room *room, const sy_net_batch *batch, size_t first, size_t n,
                      rows *r) {
  const sy_training_data *data = batch->data;
  const uint32_t *places = batch->places + first;
  read_row_weights(batch, places, n, r);
  if (data->ids) {
    read_ids(batch, places, n, r);
  } else {
    r->labels = gather(data->labels, places, n, data->n_outputs, room->labels);
    weigh_labels(batch->loss, room->labels, n, r);
  }
  if (data->row_costs) r->costs = gather(data->row_costs, places, n, data->n_outputs, room->costs);
  for (size_t i = 0; i < n; i++) r->factors[i] = r->weights[i] / batch->divisor;
}

size_t sy_net_loss(const sy_net *net, const sy_net_room *room, const sy_net_batch *batch,
                   size_t first, size_t n, const void *logits, size_t stride, void *gradient,
                   sy_net_outcome *outcome) {
  rows r;
  read_rows(room, batch, first, n, &r);
  bool hard = batch->data->ids;
  sy_loss_span span = {.loss = batch->loss,
                       .dtype = net->dtype,
                       .n = n,
                       .logits = logits,
                       .gradient = gradient,
                       .step = (ptrdiff_t)stride,
                       .class_step = 1,
                       .hard = hard,
                       .ids = hard ? r.ids : NULL,
                       .weights = r.weights,
                       .factors = r.factors,
                       .row_weights = r.row_weights,
                       .divisor = batch->divisor,
                       .labels = hard ? NULL : &r.labels,
                       .costs = batch->data->row_costs ? &r.costs : NULL,
                       .found = r.found,
                       .losses = r.losses};
  sy_loss_kernel fast = sy_loss_is_plain(batch->loss) ? sy_loss_fast(&span) : NULL;
  size_t bad = fast ? fast(&span) : sy_loss_general(&span);
  if (bad != SIZE_MAX) return bad;
  outcome->loss += sy_lane_sum(r.losses, n);
  outcome->weight += sy_lane_sum(batch->loss->weigh_by_prediction ? r.found : r.weights, n);
  return SIZE_MAX;
}
