/* evaluate.c: a batch from its labels to its loss. The first walk over the positions reads labels
 * and weights, which say what the gradient is divided by; the second runs the kernels. Positions
 * are cut into slots by shape alone, each walked by one thread and summed in its own order. */
#include "base/array.h"
#include "base/error.h"
#include "base/parallel.h"
#include "loss/batch.h"
#include "loss/lanes.h"
#include "loss/layout.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* More slots than threads even out their work; a slot of fewer numbers is not worth a thread. */
enum { SLOTS = 128, SLOT_NUMBERS = 32768, SLOT_STEP = 8 };
enum { SUM_LOSS, SUM_WEIGHT, SUM_COUNTED, SUM_NONZERO, SUMS };

typedef struct evaluation {
  sy_loss_view view;
  sy_loss_layout layout;
  sy_loss_result *result;
  size_t n_slots, per_slot;
  double sums[SLOTS * SUMS];
  double divisor;    /* of the gradient; INFINITY where there is no weight to divide by */
  atomic_size_t bad; /* SIZE_MAX, or at or before the first position that is not usable */
} evaluation;

static void note_bad(evaluation *e, size_t position) {
  size_t known = atomic_load(&e->bad);
  while (position < known && !atomic_compare_exchange_weak(&e->bad, &known, position)) continue;
}

static size_t slot_end(const evaluation *e, size_t slot) {
  size_t end = (slot + 1) * e->per_slot;
  return end < e->layout.n ? end : e->layout.n;
}

/* Positions of a slot are walked so many at a time. */
static size_t step_at(size_t first, size_t end) {
  return end - first < SY_SPAN_POSITIONS ? end - first : SY_SPAN_POSITIONS;
}

static void cut_slots(evaluation *e) {
  size_t n = e->layout.n, n_classes = e->layout.n_classes;
  size_t least = (SLOT_NUMBERS - 1) / n_classes + 1, share = (n - 1) / SLOTS + 1;
  size_t wanted = share > least ? share : least;
  e->per_slot = (wanted + SLOT_STEP - 1) / SLOT_STEP * SLOT_STEP;
  e->n_slots = (n - 1) / e->per_slot + 1;
}

/* Slots behind a bad position are of no use. */
static void run_slots(evaluation *e, sy_block_fn fn) {
  memset(e->sums, 0, e->n_slots * SUMS * sizeof *e->sums);
  sy_parallel_blocks(e->n_slots, fn, e);
  sy_tree_sum(e->sums, e->n_slots, SUMS);
}

/* --- the first walk: labels and weights --- */

static void read_slot(void *context, size_t slot) {
  evaluation *e = context;
  double *sums = e->sums + slot * SUMS;
  sy_loss_labels labels;
  for (size_t first = slot * e->per_slot, end = slot_end(e, slot), n; first < end; first += n) {
    n = step_at(first, end);
    if (first > atomic_load(&e->bad)) return;
    if (sy_loss_labels_read(&e->view, first, n, &labels, NULL) != SY_OK ||
        sy_loss_costs_check(&e->view, first, n, &labels, NULL) != SY_OK) {
      note_bad(e, first);
      return;
    }
    sums[SUM_WEIGHT] += labels.weight;
    sums[SUM_COUNTED] += labels.counted;
    sums[SUM_NONZERO] += labels.nonzero;
  }
}

static double divisor_of(const sy_loss *loss, const double *sums) {
  switch (loss->reduction) {
  case SY_REDUCTION_WEIGHTED_MEAN:
    return sums[SUM_WEIGHT];
  case SY_REDUCTION_MEAN:
    return sums[SUM_COUNTED];
  case SY_REDUCTION_NONZERO_MEAN:
    return sums[SUM_NONZERO];
  case SY_REDUCTION_DIVISOR:
    return loss->divisor;
  default:
    return 1;
  }
}

static double not_zero(double divisor) {
  return divisor > 0 ? divisor : (double)INFINITY;
}

static sy_status check_total(double weight, sy_error *error) {
  if (isfinite(weight)) return SY_OK;
  return sy_fail(error, SY_INVALID_WEIGHT, "the weights add up to infinity: scale them down");
}

static sy_status read_labels(evaluation *e, sy_error *error) {
  run_slots(e, read_slot);
  size_t bad = atomic_load(&e->bad);
  if (bad != SIZE_MAX) {
    sy_loss_labels labels;
    size_t n = step_at(bad, e->layout.n);
    sy_status status = sy_loss_labels_read(&e->view, bad, n, &labels, error);
    return status == SY_OK ? sy_loss_costs_check(&e->view, bad, n, &labels, error) : status;
  }
  e->result->total_weight = e->sums[SUM_WEIGHT];
  e->divisor = not_zero(divisor_of(e->view.loss, e->sums));
  return check_total(e->sums[SUM_WEIGHT], error);
}

/* --- the second walk: kernels --- */

/* Whether the divisor is not known before the kernels have found the predicted classes. */
static bool divides_later(const sy_loss *loss) {
  return loss->weigh_by_prediction && (loss->reduction == SY_REDUCTION_WEIGHTED_MEAN ||
                                       loss->reduction == SY_REDUCTION_NONZERO_MEAN);
}

static void *element_at(const evaluation *e, const void *data, ptrdiff_t offset) {
  return data ? (char *)(size_t)data + offset * (ptrdiff_t)e->layout.element : NULL;
}

/* Runs kernels over n positions, cut where they do not lie evenly. Returns false where one is bad.
 */
static bool run_spans(evaluation *e, sy_loss_span *span, size_t first, size_t n) {
  sy_loss_span all = *span;
  for (size_t i = 0; i < n; i += span->n) {
    ptrdiff_t offset;
    span->n = sy_loss_layout_run(&e->layout, first + i, n - i, &offset, &span->step);
    span->logits = element_at(e, e->view.logits.data, offset);
    span->gradient = element_at(e, e->result->gradient, offset);
    span->hessian = element_at(e, e->result->hessian, offset);
    span->ids = all.ids + i;
    span->weights = all.weights + i;
    span->factors = all.factors + i;
    span->row_weights = all.row_weights + i;
    span->found = all.found + i;
    span->losses = all.losses + i;
    span->first = first + i;
    sy_loss_kernel fast = span->hard && sy_loss_is_plain(span->loss) ? sy_loss_fast(span) : NULL;
    size_t bad = fast ? fast(span) : sy_loss_general(span);
    if (bad == SIZE_MAX) continue;
    note_bad(e, first + i + bad);
    return false;
  }
  return true;
}

static void keep_losses(const evaluation *e, const double *losses, size_t first, size_t n) {
  if (!e->result->losses) return;
  if (e->view.logits.dtype == SY_F64) {
    memcpy((double *)e->result->losses + first, losses, n * sizeof *losses);
    return;
  }
  float *kept = (float *)e->result->losses + first;
  for (size_t i = 0; i < n; i++) kept[i] = (float)losses[i];
}

/* Weights that were found with the predictions take the place of those of the labels. */
static void take_found(const double *found, size_t n, sy_loss_labels *labels) {
  labels->weight = labels->nonzero = 0;
  for (size_t i = 0; i < n; i++) {
    labels->weight += found[i];
    labels->nonzero += found[i] != 0;
  }
}

SY_CLONES static void divide(const double *weights, size_t n, double divisor, double *factors) {
  for (size_t i = 0; i < n; i++) factors[i] = weights[i] / divisor;
}

SY_CLONES static double sum(const double *losses, size_t n) {
  return sy_lane_sum(losses, n);
}

static bool compute(evaluation *e, size_t first, size_t n, double *sums) {
  double factors[SY_SPAN_POSITIONS], losses[SY_SPAN_POSITIONS], found[SY_SPAN_POSITIONS];
  sy_loss_labels labels;
  const sy_loss_view *view = &e->view;
  if (sy_loss_labels_read(view, first, n, &labels, NULL) != SY_OK) return false;
  divide(labels.weights, n, e->divisor, factors);
  sy_loss_span span = {.loss = view->loss,
                       .dtype = view->logits.dtype,
                       .class_step = e->layout.class_step,
                       .hard = labels.hard,
                       .ids = labels.ids,
                       .weights = labels.weights,
                       .factors = factors,
                       .row_weights = labels.row_weights,
                       .divisor = e->divisor,
                       .labels = &view->labels.values,
                       .costs = view->costs.data ? &view->costs : NULL,
                       .has_ignore = view->batch->has_ignore,
                       .ignore = view->batch->ignore,
                       .found = found,
                       .losses = losses};
  if (!run_spans(e, &span, first, n)) return false;
  if (view->loss->weigh_by_prediction) take_found(found, n, &labels);
  keep_losses(e, losses, first, n);
  sums[SUM_LOSS] += sum(losses, n);
  sums[SUM_WEIGHT] += labels.weight;
  sums[SUM_COUNTED] += labels.counted;
  sums[SUM_NONZERO] += labels.nonzero;
  return true;
}

static void compute_slot(void *context, size_t slot) {
  evaluation *e = context;
  for (size_t first = slot * e->per_slot, end = slot_end(e, slot), n; first < end; first += n) {
    n = step_at(first, end);
    if (first > atomic_load(&e->bad) || !compute(e, first, n, e->sums + slot * SUMS)) return;
  }
}

/* A third walk, where the divisor was not known. */
static void divide_slot(void *context, size_t slot) {
  const evaluation *e = context;
  size_t first = slot * e->per_slot, n = slot_end(e, slot) - first;
  void *outputs[] = {e->result->gradient, e->result->hessian};
  for (size_t o = 0; o < 2; o++)
    if (outputs[o]) sy_loss_layout_divide(&e->layout, outputs[o], first, n, e->divisor);
}

static double logit_at(const evaluation *e, ptrdiff_t offset) {
  if (e->view.logits.dtype == SY_F64) return ((const double *)e->view.logits.data)[offset];
  return ((const float *)e->view.logits.data)[offset];
}

/* Words for the logits of a position that a kernel refused. */
static sy_status fail_logits(const evaluation *e, size_t position, sy_error *error) {
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  sy_positions_place(&e->view.positions, position, 0, place);
  const sy_loss *loss = e->view.loss;
  ptrdiff_t offset, step;
  sy_loss_layout_run(&e->layout, position, 1, &offset, &step);
  for (size_t k = 0; k < e->layout.n_classes; k++) {
    double logit = logit_at(e, offset + (ptrdiff_t)k * e->layout.class_step);
    if (!(logit < (double)INFINITY))
      return sy_fail(
          error, SY_INVALID_DATA,
          "the logit %s at %s, class %zu is not usable; it must be finite, or -inf for a "
          "class that cannot be",
          sy_number_format(logit, number), place, k);
    if (loss->slopes && isfinite(logit) && !isfinite(loss->slopes[k] * logit))
      return sy_fail(error, SY_INVALID_DATA,
                     "the logit %s at %s, class %zu leaves the range of numbers when it is scaled",
                     sy_number_format(logit, number), place, k);
  }
  return sy_fail(error, SY_INVALID_DATA,
                 "the logits at %s are -inf throughout: no class is left; mask the position, or "
                 "give one class a finite logit",
                 place);
}

static sy_status run_kernels(evaluation *e, sy_error *error) {
  bool later = divides_later(e->view.loss);
  if (later) e->divisor = 1;
  run_slots(e, compute_slot);
  size_t bad = atomic_load(&e->bad);
  if (bad != SIZE_MAX) return fail_logits(e, bad, error);
  double loss = e->sums[SUM_LOSS];
  e->result->total_weight = e->sums[SUM_WEIGHT];
  sy_status status = check_total(e->sums[SUM_WEIGHT], error);
  if (status == SY_OK && later) {
    e->divisor = not_zero(divisor_of(e->view.loss, e->sums));
    sy_parallel_blocks(e->n_slots, divide_slot, e);
  }
  if (status == SY_OK) e->result->value = isfinite(e->divisor) ? loss / e->divisor : 0;
  return status;
}

/* --- all of it --- */

/* The layout of the logits, as far as what is known of them allows to write zeros. */
static bool find_layout(const sy_loss_batch *batch, sy_loss_layout *layout) {
  sy_array logits;
  sy_error unused;
  if (sy_loss_logits_of(batch, &logits, &unused) != SY_OK) return false;
  *layout = sy_loss_layout_of(&logits);
  return true;
}

static void clear_outputs(const sy_loss_layout *layout, sy_loss_result *result) {
  result->value = result->total_weight = 0;
  if (result->gradient) sy_loss_layout_clear(layout, result->gradient);
  if (result->hessian) sy_loss_layout_clear(layout, result->hessian);
  if (result->losses) memset(result->losses, 0, layout->n * layout->element);
}

static sy_status check_outputs(const evaluation *e, sy_error *error) {
  const sy_loss_result *result = e->result;
  if (result->hessian && result->hessian == e->view.logits.data)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the Hessian cannot take the place of the logits; the gradient can");
  if ((!result->gradient && !result->hessian) || sy_loss_layout_writable(&e->layout)) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the logits are repeated (a stride of 0), so that a gradient of their layout has "
                 "no room for all its numbers: ask for the loss alone, or copy the logits");
}

static sy_status evaluate(evaluation *e, const sy_loss *loss, const sy_loss_batch *batch,
                          sy_error *error) {
  sy_status status = sy_loss_view_of(loss, batch, &e->view, error);
  if (status == SY_OK) status = check_outputs(e, error);
  if (status != SY_OK || e->layout.n == 0) return status;
  atomic_init(&e->bad, SIZE_MAX);
  cut_slots(e);
  status = read_labels(e, error);
  return status == SY_OK ? run_kernels(e, error) : status;
}

sy_status sy_loss_evaluate(const sy_loss *loss, const sy_loss_batch *batch, sy_loss_result *result,
                           sy_error *error) {
  evaluation e = {.result = result};
  result->value = result->total_weight = 0;
  bool known = find_layout(batch, &e.layout);
  sy_status status = evaluate(&e, loss, batch, error);
  if (status != SY_OK && known) clear_outputs(&e.layout, result);
  return status;
}
