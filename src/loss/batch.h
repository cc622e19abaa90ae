/* batch.h: a batch whose shapes were found to fit, and its labels and weights, some neighbouring
 * positions at a time. */
#ifndef SY_LOSS_BATCH_H
#define SY_LOSS_BATCH_H

#include "labels/positions.h"
#include "loss/kernel.h"

/* A batch with the class axis last, wherever it was. It points into itself: never copy it. */
typedef struct sy_loss_view {
  const sy_loss *loss;
  const sy_loss_batch *batch;
  sy_array logits;
  sy_label_array labels;
  sy_positions positions; /* of the labels */
  sy_array costs;         /* of the positions; no data = those of the loss */
} sy_loss_view;

/* The logits with the class axis last. SY_INVALID_ARGUMENT, SY_INVALID_SHAPE: of a type, shape or
 * class axis that there is not. */
sy_status sy_loss_logits_of(const sy_loss_batch *batch, sy_array *logits, sy_error *error);

/* Checks types and shapes; no number is looked at. SY_INVALID_ARGUMENT, SY_INVALID_SHAPE. */
sy_status sy_loss_view_of(const sy_loss *loss, const sy_loss_batch *batch, sy_loss_view *view,
                          sy_error *error);

/* What labels, mask and weights say about some positions; see sy_loss_span. */
typedef struct sy_loss_labels {
  int32_t ids[SY_SPAN_POSITIONS];
  uint8_t counts[SY_SPAN_POSITIONS]; /* 0 = taken out */
  double weights[SY_SPAN_POSITIONS];
  double row_weights[SY_SPAN_POSITIONS];
  bool hard;
  double weight;  /* sum of the weights */
  double counted; /* positions (of sigmoids cells) not taken out */
  double nonzero; /* those whose weight is not 0 */
} sy_loss_labels;

/* Reads positions first .. first + n - 1, n <= SY_SPAN_POSITIONS. SY_INVALID_LABEL and
 * SY_INVALID_WEIGHT tell the first that is not usable. */
sy_status sy_loss_labels_read(const sy_loss_view *view, size_t first, size_t n,
                              sy_loss_labels *labels, sy_error *error);

/* Checks the costs that these positions have of their own, if any: SY_INVALID_COST tells the first
 * that is not finite. */
sy_status sy_loss_costs_check(const sy_loss_view *view, size_t first, size_t n,
                              const sy_loss_labels *labels, sy_error *error);

#endif
