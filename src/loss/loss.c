/* loss.c: loss and gradient of a batch. Two walks over the rows: the first checks them and adds up
 * what the reduction divides by, the second computes each row's loss and its scaled gradient. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "loss/row.h"

#include <steelyard/loss.h>
#include <string.h>

enum { BLOCK_ROWS = 256 };

/* One evaluation under way. */
typedef struct batch {
  const sy_loss *loss;
  sy_matrix logits;
  const int32_t *ids;
  const double *weights;
  size_t n_classes;
  double *gradient; /* (rows, columns) or NULL */
  double *scratch;  /* (blocks, columns) where there is no gradient to work in */
  double *slots;    /* (blocks, 2) sum of weights, rows not ignored; then (blocks) sum of w l */
  size_t *bad_rows; /* (blocks) first row that is not usable, SIZE_MAX = none */
  double divisor;   /* 0 = there is nothing to divide, and all is 0 */
} batch;

sy_loss sy_loss_default(void) {
  return (sy_loss){0};
}

static double weight_at(const batch *b, size_t i) {
  return b->weights ? b->weights[i] : 1;
}

static size_t block_end(const batch *b, size_t block) {
  size_t end = (block + 1) * BLOCK_ROWS;
  return end < b->logits.rows ? end : b->logits.rows;
}

static bool usable_weight(double weight) {
  return weight >= 0 && isfinite(weight);
}

static bool usable_label(const batch *b, int32_t id) {
  return id >= 0 && (size_t)id < b->n_classes;
}

static void check_block(void *context, size_t block) {
  const batch *b = context;
  double sum = 0, rows = 0;
  b->bad_rows[block] = SIZE_MAX;
  for (size_t i = block * BLOCK_ROWS; i < block_end(b, block); i++) {
    if (b->ids[i] == SY_IGNORED) continue;
    if (!usable_label(b, b->ids[i]) || !usable_weight(weight_at(b, i))) {
      b->bad_rows[block] = i;
      return;
    }
    sum += weight_at(b, i);
    rows++;
  }
  b->slots[2 * block] = sum;
  b->slots[2 * block + 1] = rows;
}

/* The logits of row i as float64. */
static void load_row(const sy_matrix *logits, size_t i, double *row) {
  if (logits->dtype == SY_F64) {
    memcpy(row, (const double *)logits->data + i * logits->stride, logits->columns * sizeof *row);
    return;
  }
  const float *values = (const float *)logits->data + i * logits->stride;
  for (size_t j = 0; j < logits->columns; j++) row[j] = values[j];
}

/* Loss of one row; `row` holds its logits and becomes their gradient, not yet weighted. */
static double evaluate_row(const batch *b, size_t label, double *row) {
  if (b->loss->base == SY_LOSS_SOFTMAX) {
    double loss = sy_softmax_row(row, b->n_classes, label, row);
    sy_softmax_residual(row, b->n_classes, label);
    return loss;
  }
  double p1, loss = sy_sigmoid_row(*row, (int)label, &p1);
  *row = sy_sigmoid_residual(*row, (int)label);
  return loss;
}

/* Rows without weight are skipped, not multiplied by 0: theirs may be an infinite loss. */
static void evaluate_block(void *context, size_t block) {
  const batch *b = context;
  size_t columns = b->logits.columns;
  double sum = 0;
  for (size_t i = block * BLOCK_ROWS; i < block_end(b, block); i++) {
    double *row = b->gradient ? b->gradient + i * columns : b->scratch + block * columns;
    double weight = b->ids[i] == SY_IGNORED ? 0 : weight_at(b, i);
    if (weight == 0) {
      memset(row, 0, columns * sizeof *row);
      continue;
    }
    load_row(&b->logits, i, row);
    sum += weight * evaluate_row(b, (size_t)b->ids[i], row);
    double factor = b->divisor > 0 ? weight / b->divisor : 0;
    for (size_t j = 0; j < columns; j++) row[j] *= factor;
  }
  b->slots[block] = sum;
}

static sy_status check_arguments(const sy_loss *loss, const sy_matrix *logits, sy_error *error) {
  if (logits->dtype != SY_F32 && logits->dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "logits are float32 or float64");
  if (loss->base == SY_LOSS_SIGMOID && logits->columns != 1)
    return sy_fail(error, SY_INVALID_SHAPE, "sigmoid loss takes 1 logit a row, not %zu",
                   logits->columns);
  if (loss->base == SY_LOSS_SOFTMAX && logits->columns < 2)
    return sy_fail(error, SY_INVALID_SHAPE, "softmax loss takes 2 or more logits a row, not %zu",
                   logits->columns);
  if (logits->stride < logits->columns)
    return sy_fail(error, SY_INVALID_SHAPE, "rows of %zu logits cannot be %zu apart",
                   logits->columns, logits->stride);
  if (loss->reduction == SY_REDUCTION_DIVISOR && !(loss->divisor > 0 && isfinite(loss->divisor))) {
    char text[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the divisor of the loss is %s; it must be above 0 and finite",
                   sy_number_format(loss->divisor, text));
  }
  return SY_OK;
}

static sy_status fail_row(const batch *b, size_t i, sy_error *error) {
  if (!usable_label(b, b->ids[i]))
    return sy_fail(error, SY_INVALID_LABEL, "label %d at row %zu is outside the %zu classes 0..%zu",
                   b->ids[i], i + 1, b->n_classes, b->n_classes - 1);
  char text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s at row %zu is not usable; it must be 0 or more and finite",
                 sy_number_format(b->weights[i], text), i + 1);
}

static double reduction_divisor(const sy_loss *loss, double weight, double rows) {
  switch (loss->reduction) {
  case SY_REDUCTION_WEIGHTED_MEAN:
    return weight;
  case SY_REDUCTION_MEAN:
    return rows;
  case SY_REDUCTION_DIVISOR:
    return loss->divisor;
  default:
    return 1;
  }
}

static sy_status check_rows(batch *b, size_t n_blocks, sy_error *error) {
  sy_parallel_blocks(n_blocks, check_block, b);
  for (size_t block = 0; block < n_blocks; block++)
    if (b->bad_rows[block] != SIZE_MAX) return fail_row(b, b->bad_rows[block], error);
  sy_tree_sum(b->slots, n_blocks, 2);
  if (!isfinite(b->slots[0]))
    return sy_fail(error, SY_INVALID_WEIGHT, "the weights add up to infinity");
  b->divisor = reduction_divisor(b->loss, b->slots[0], b->slots[1]);
  return SY_OK;
}

static sy_status evaluate(batch *b, size_t n_blocks, double *value, sy_error *error) {
  b->slots = sy_alloc(n_blocks, 2 * sizeof *b->slots);
  b->bad_rows = sy_alloc(n_blocks, sizeof *b->bad_rows);
  b->scratch = sy_alloc(b->gradient ? 0 : n_blocks * b->logits.columns, sizeof *b->scratch);
  if (!b->slots || !b->bad_rows || !b->scratch) return sy_fail_memory(error);
  sy_status status = check_rows(b, n_blocks, error);
  if (status != SY_OK) return status;
  sy_parallel_blocks(n_blocks, evaluate_block, b);
  sy_tree_sum(b->slots, n_blocks, 1);
  *value = b->divisor > 0 ? b->slots[0] / b->divisor : 0;
  return SY_OK;
}

sy_status sy_loss_evaluate(const sy_loss *loss, sy_matrix logits, const int32_t *ids,
                           const double *weights, double *value, double *gradient,
                           sy_error *error) {
  sy_loss plain = sy_loss_default();
  if (!loss) loss = &plain;
  sy_status status = check_arguments(loss, &logits, error);
  if (status != SY_OK) return status;
  *value = 0;
  if (logits.rows == 0) return SY_OK;
  size_t n_classes = loss->base == SY_LOSS_SIGMOID ? 2 : logits.columns;
  batch b = {.loss = loss,
             .logits = logits,
             .ids = ids,
             .weights = weights,
             .n_classes = n_classes,
             .gradient = gradient};
  status = evaluate(&b, (logits.rows - 1) / BLOCK_ROWS + 1, value, error);
  free(b.slots);
  free(b.bad_rows);
  free(b.scratch);
  return status;
}
