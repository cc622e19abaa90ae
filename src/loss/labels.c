/* labels.c: class ids, and what positions of any kind of label weigh. Loops look over many at once
 * for what is not usable; the words are found by going over them one by one. */
#include "base/array.h"
#include "base/clones.h"
#include "base/error.h"
#include "loss/label_rows.h"
#include "loss/lanes.h"

#include <inttypes.h>

/* --- index --- */

#define WIDEN(type)                                                                                \
  for (size_t i = 0; i < n; i++) ids[i] = (int64_t)((const type *)block)[i]

/* Unsigned ids beyond 2^63 are outside any classes, and stay so. */
static void widen_unsigned(const uint64_t *block, size_t n, int64_t *ids) {
  for (size_t i = 0; i < n; i++) ids[i] = block[i] > INT64_MAX ? INT64_MAX : (int64_t)block[i];
}

static void widen_ids(const void *block, sy_dtype dtype, size_t n, int64_t *ids) {
  switch (dtype) {
  case SY_I8:
    WIDEN(int8_t);
    return;
  case SY_I16:
    WIDEN(int16_t);
    return;
  case SY_I32:
    WIDEN(int32_t);
    return;
  case SY_U8:
    WIDEN(uint8_t);
    return;
  case SY_U16:
    WIDEN(uint16_t);
    return;
  case SY_U32:
    WIDEN(uint32_t);
    return;
  case SY_U64:
    widen_unsigned(block, n, ids);
    return;
  default:
    WIDEN(int64_t);
  }
}

/* Ids that are ignored leave `counts`; whether all others are below n_classes. */
SY_CLONES static bool narrow_ids(const int64_t *wide, size_t n, const sy_loss_batch *batch,
                                 uint64_t n_classes, uint8_t *counts, int32_t *ids) {
  int64_t ignore = batch->has_ignore ? batch->ignore : -1;
  uint8_t ignores = batch->has_ignore, outside = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t counted = (uint8_t)(counts[i] & !(ignores & (wide[i] == ignore)));
    outside |= (uint8_t)(counted & ((uint64_t)wide[i] >= n_classes));
    ids[i] = counted ? (int32_t)wide[i] : 0;
    counts[i] = counted;
  }
  return !outside;
}

SY_CLONES static void weigh_ids(const double *class_weights, size_t n, sy_loss_labels *labels) {
  for (size_t i = 0; i < n; i++) labels->weights[i] = class_weights[labels->ids[i]];
}

static sy_status fail_id(const sy_loss_view *view, size_t position, int64_t id, size_t n_classes,
                         sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(&view->positions, position, 0, place);
  const char *advice = id < 0 && !view->batch->has_ignore
                           ? ": declare it as the one to ignore, or mask its positions"
                           : "";
  return sy_fail(error, SY_INVALID_LABEL,
                 "label %" PRId64 " at %s is outside the %zu classes 0..%zu%s", id, place,
                 n_classes, n_classes - 1, advice);
}

static sy_status read_ids(const sy_loss_view *view, size_t first, size_t n, sy_loss_labels *labels,
                          sy_error *error) {
  int64_t tile[SY_SPAN_POSITIONS], wide[SY_SPAN_POSITIONS];
  const sy_array *values = &view->labels.values;
  widen_ids(sy_array_block(values, first, n, tile), values->dtype, n, wide);
  size_t n_classes = view->loss->base == SY_LOSS_SIGMOID ? 2 : view->loss->n_classes;
  if (!narrow_ids(wide, n, view->batch, n_classes, labels->counts, labels->ids))
    return fail_id(view, first, wide[0], n_classes, error);
  weigh_ids(view->loss->class_weights, n, labels);
  return SY_OK;
}

/* --- all kinds --- */

/* Weights of the labels become those of the positions, and are counted. Those by prediction are
 * found by the kernels: here they are those of the rows. */
SY_CLONES static void end_weights(size_t n, bool by_prediction, sy_loss_labels *labels) {
  uint32_t counted = 0, nonzero = 0;
  for (size_t i = 0; i < n; i++) {
    double weight = by_prediction ? 1 : labels->weights[i];
    labels->weights[i] = weight * labels->row_weights[i];
  }
  for (size_t i = 0; i < n; i++) {
    counted += labels->counts[i];
    nonzero += labels->weights[i] != 0;
  }
  labels->weight = sy_lane_sum(labels->weights, n);
  labels->counted = counted;
  labels->nonzero = nonzero;
}

/* The same, where cells are counted and not positions. */
static void end_cells(size_t n, const double *cells, sy_loss_labels *labels) {
  double counted = labels->counted, nonzero = 0;
  end_weights(n, false, labels);
  for (size_t i = 0; i < n; i++) nonzero += labels->row_weights[i] != 0 ? cells[i] : 0;
  labels->counted = counted;
  labels->nonzero = nonzero;
}

static sy_status read_all(const sy_loss_view *view, size_t first, size_t n, sy_loss_labels *labels,
                          sy_error *error) {
  double cells[SY_SPAN_POSITIONS];
  labels->hard = true;
  labels->counted = 0;
  sy_positions_mask(&view->positions, first, n, labels->counts);
  sy_status status = view->labels.kind == SY_LABEL_INDEX
                         ? read_ids(view, first, n, labels, error)
                         : sy_loss_rows_read(view, first, n, labels, cells, error);
  if (status == SY_OK)
    status = sy_positions_weights(&view->positions, first, n, 0, labels->counts,
                                  labels->row_weights, error);
  if (status != SY_OK) return status;
  if (view->labels.kind == SY_LABEL_MULTI_HOT)
    end_cells(n, cells, labels);
  else
    end_weights(n, view->loss->weigh_by_prediction, labels);
  return SY_OK;
}

sy_status sy_loss_labels_read(const sy_loss_view *view, size_t first, size_t n,
                              sy_loss_labels *labels, sy_error *error) {
  sy_status status = read_all(view, first, n, labels, NULL);
  for (size_t i = 0; i < n && status != SY_OK; i++) {
    sy_status one = read_all(view, first + i, 1, labels, error);
    if (one != SY_OK) return one;
  }
  return status;
}
