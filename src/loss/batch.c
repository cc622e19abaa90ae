/* batch.c: whether the arrays of a batch fit together. */
#include "loss/batch.h"

#include "base/array.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

/* The same array with one axis moved behind the others. */
static sy_array move_last(const sy_array *array, size_t axis) {
  sy_array moved = *array;
  for (size_t a = axis; a + 1 < array->n_axes; a++) {
    moved.shape[a] = array->shape[a + 1];
    moved.strides[a] = array->strides[a + 1];
  }
  moved.shape[array->n_axes - 1] = array->shape[axis];
  moved.strides[array->n_axes - 1] = array->strides[axis];
  return moved;
}

static sy_status check_floats(const sy_array *array, const char *what, sy_error *error) {
  if (array->n_axes == 0 || array->n_axes > SY_MAX_AXES)
    return sy_fail(error, SY_INVALID_SHAPE, "the %s have %zu axes; there may be 1 to %d", what,
                   array->n_axes, SY_MAX_AXES);
  if (array->dtype != SY_F32 && array->dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "%s are float32 or float64, not %s", what,
                   sy_dtype_name(array->dtype));
  size_t count;
  if (!sy_shape_count(array->shape, array->n_axes, &count))
    return sy_fail(error, SY_INVALID_SHAPE, "the %s are more than memory can address", what);
  if (!array->data && count > 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the %s have a shape but no data", what);
  return SY_OK;
}

sy_status sy_loss_logits_of(const sy_loss_batch *batch, sy_array *logits, sy_error *error) {
  sy_status status = check_floats(&batch->logits, "logits", error);
  if (status != SY_OK) return status;
  if (batch->class_axis >= batch->logits.n_axes)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the class axis is %zu, but the logits have %zu axes, 0 to %zu",
                   batch->class_axis, batch->logits.n_axes, batch->logits.n_axes - 1);
  *logits = move_last(&batch->logits, batch->class_axis);
  return SY_OK;
}

static sy_status check_classes(const sy_loss *loss, const sy_loss_batch *batch, sy_error *error) {
  const sy_array *logits = &batch->logits;
  if (logits->shape[batch->class_axis] == loss->n_classes) return SY_OK;
  char shape[SY_SHAPE_SIZE];
  return sy_fail(
      error, SY_INVALID_SHAPE, "the logits of shape %s have %zu %s on axis %zu; the loss has %zu",
      sy_shape_text(logits->shape, logits->n_axes, shape), logits->shape[batch->class_axis],
      loss->base == SY_LOSS_SIGMOID ? "labels" : "classes", batch->class_axis, loss->n_classes);
}

static bool has_class_axis(sy_label_kind kind) {
  return kind == SY_LABEL_ONE_HOT || kind == SY_LABEL_MULTI_HOT;
}

static sy_status check_kind(const sy_loss *loss, sy_label_kind kind, sy_error *error) {
  if (loss->base == SY_LOSS_SOFTMAX) {
    if (kind == SY_LABEL_INDEX || kind == SY_LABEL_ONE_HOT) return SY_OK;
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a softmax loss takes labels of kind index or one-hot, not %s%s",
                   sy_label_kind_name(kind),
                   kind == SY_LABEL_MULTI_HOT ? ": several labels a row go with a sigmoid" : "");
  }
  if (kind == SY_LABEL_MULTI_HOT || (kind == SY_LABEL_INDEX && loss->n_classes == 1)) return SY_OK;
  return sy_fail(
      error, SY_INVALID_ARGUMENT, "a sigmoid loss takes labels of kind multi-hot%s, not %s",
      loss->n_classes == 1 ? ", or index with ids 0 and 1" : "", sy_label_kind_name(kind));
}

/* Labels have the shape of the logits, less the class axis where they have none. */
static sy_status check_labels(const sy_loss_view *view, sy_error *error) {
  const sy_array *logits = &view->logits, *values = &view->labels.values;
  size_t n_axes = logits->n_axes - !has_class_axis(view->labels.kind);
  if (values->n_axes == n_axes &&
      memcmp(values->shape, logits->shape, n_axes * sizeof *values->shape) == 0)
    return SY_OK;
  const sy_array *given = &view->batch->labels.values, *of = &view->batch->logits;
  char found[SY_SHAPE_SIZE], wanted[SY_SHAPE_SIZE];
  return sy_fail(error, SY_INVALID_SHAPE,
                 "the labels of shape %s do not fit the logits of shape %s with their classes on "
                 "axis %zu",
                 sy_shape_text(given->shape, given->n_axes, found),
                 sy_shape_text(of->shape, of->n_axes, wanted), view->batch->class_axis);
}

static sy_status take_labels(sy_loss_view *view, sy_error *error) {
  const sy_label_array *labels = &view->batch->labels;
  sy_status status = check_kind(view->loss, labels->kind, error);
  if (status != SY_OK) return status;
  view->labels = *labels;
  if (has_class_axis(labels->kind) && labels->values.n_axes == view->logits.n_axes)
    view->labels.values = move_last(&labels->values, view->batch->class_axis);
  if (labels->values.n_axes <= SY_MAX_AXES) status = check_labels(view, error);
  return status == SY_OK ? sy_positions_of(&view->labels, &view->positions, error) : status;
}

static sy_status check_cost_use(const sy_loss_view *view, sy_error *error) {
  sy_cost_use use = view->loss->cost_use;
  if (use == SY_COST_UNUSED && view->batch->row_costs)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the batch has costs of its own, but the loss uses none: make it with "
                   "cost-argmax or cost-expected");
  if (use != SY_COST_UNUSED && !view->batch->row_costs && !view->loss->cost)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the loss goes by costs, but neither it nor the batch has any");
  return SY_OK;
}

static sy_status take_costs(sy_loss_view *view, sy_error *error) {
  sy_status status = check_cost_use(view, error);
  const sy_array *costs = view->batch->row_costs, *logits = &view->batch->logits;
  if (!costs || status != SY_OK) return status;
  status = check_floats(costs, "costs of rows", error);
  if (status != SY_OK) return status;
  if (costs->n_axes != logits->n_axes ||
      memcmp(costs->shape, logits->shape, logits->n_axes * sizeof *logits->shape) != 0) {
    char found[SY_SHAPE_SIZE], wanted[SY_SHAPE_SIZE];
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the costs of rows of shape %s do not have the shape %s of the logits",
                   sy_shape_text(costs->shape, costs->n_axes, found),
                   sy_shape_text(logits->shape, logits->n_axes, wanted));
  }
  view->costs = move_last(costs, view->batch->class_axis);
  return SY_OK;
}

sy_status sy_loss_view_of(const sy_loss *loss, const sy_loss_batch *batch, sy_loss_view *view,
                          sy_error *error) {
  *view = (sy_loss_view){.loss = loss, .batch = batch};
  sy_status status = sy_loss_logits_of(batch, &view->logits, error);
  if (status == SY_OK) status = check_classes(loss, batch, error);
  if (status == SY_OK) status = take_labels(view, error);
  return status == SY_OK ? take_costs(view, error) : status;
}

static sy_status fail_cost(const sy_loss_view *view, size_t position, size_t k, double cost,
                           sy_error *error) {
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_COST,
                 "the cost %s of predicting class %zu at %s is not usable; it must be finite",
                 sy_number_format(cost, number), k,
                 sy_positions_place(&view->positions, position, 0, place));
}

sy_status sy_loss_costs_check(const sy_loss_view *view, size_t first, size_t n,
                              const sy_loss_labels *labels, sy_error *error) {
  enum { TILE = 512 };
  double tile[TILE];
  size_t width = view->loss->n_classes;
  for (size_t i = 0; i < n && view->costs.data; i++)
    for (size_t begin = 0; begin < width && labels->counts[i]; begin += TILE) {
      size_t length = width - begin < TILE ? width - begin : TILE;
      sy_array_block_f64(&view->costs, (first + i) * width + begin, length, tile);
      for (size_t k = 0; k < length; k++)
        if (!isfinite(tile[k])) return fail_cost(view, first + i, begin + k, tile[k], error);
    }
  return SY_OK;
}
