/* rows.c: rows to train on and rows held back, each gathered into a matrix of its own. */
#include "fit/boosted/boosted.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { BLOCK_ROWS = 1024 };

typedef struct copying {
  sy_matrix from;
  const uint32_t *places;
  size_t n;
  float *to; /* (n, columns) */
} copying;

static void copy_row(const copying *made, size_t i) {
  size_t columns = made->from.columns, at = made->places[i] * made->from.stride;
  float *to = made->to + i * columns;
  if (made->from.dtype == SY_F32) {
    memcpy(to, (const float *)made->from.data + at, columns * sizeof *to);
    return;
  }
  const double *from = (const double *)made->from.data + at;
  for (size_t j = 0; j < columns; j++) to[j] = (float)from[j];
}

static void copy_block(void *opaque, size_t block) {
  const copying *made = opaque;
  size_t begin = block * BLOCK_ROWS, end = begin + BLOCK_ROWS;
  if (end > made->n) end = made->n;
  for (size_t i = begin; i < end; i++) copy_row(made, i);
}

/* XGBoost makes a copy of its own, so ours, where one is needed, is gone soon. */
static sy_status hand_over(sy_boosted *boosted, int held, const sy_boosted_rows *rows,
                           const float *weights, sy_error *error) {
  sy_matrix from = boosted->training->data->rows;
  if (rows->n == from.rows && from.dtype == SY_F32)
    return sy_grower_take(&boosted->grower, held, from, weights, error);
  float *values =
      rows->n <= SIZE_MAX / from.columns ? sy_alloc(rows->n * from.columns, sizeof *values) : NULL;
  if (!values) return sy_fail_memory(error);
  copying made = {from, rows->places, rows->n, values};
  sy_parallel_blocks((rows->n + BLOCK_ROWS - 1) / BLOCK_ROWS, copy_block, &made);
  sy_matrix matrix = {values, SY_F32, rows->n, from.columns, from.columns};
  sy_status status = sy_grower_take(&boosted->grower, held, matrix, weights, error);
  free(values);
  return status;
}

static sy_status gather_targets(const sy_training *training, sy_boosted_rows *rows,
                                sy_error *error) {
  rows->ids = sy_alloc(rows->n, sizeof *rows->ids);
  rows->weights = sy_alloc(rows->n, sizeof *rows->weights);
  if (!rows->ids || !rows->weights) return sy_fail_memory(error);
  for (size_t i = 0; i < rows->n; i++) {
    rows->ids[i] = training->data->ids[rows->places[i]];
    rows->weights[i] = training->weights ? training->weights[rows->places[i]] : 1;
  }
  return SY_OK;
}

/* What makes row weights as they were given of those of the training, which are times a power of
 * two; or their mean 1, where it is below. */
static double scale_of_rows(const sy_training *training) {
  const double *given = training->data->row_weights;
  double sum = 0, sum_given = 0;
  if (!given) return 1;
  for (size_t i = 0; i < training->n; i++) {
    sum += training->weights[training->places[i]];
    sum_given += given[training->places[i]];
  }
  return fmax(sum_given, (double)training->n) / sum;
}

/* Mean of the class weights over the row weights: exactly the weight, where all are one. */
static double mean_class_weight(const sy_training *training) {
  double sum = 0, weighted = 0, first = training->class_weights[0];
  bool same = true;
  for (size_t k = 0; k < training->data->n_outputs; k++) {
    same = same && training->class_weights[k] == first;
    sum += training->sums[k];
    weighted += training->sums[k] * training->class_weights[k];
  }
  return same ? first : weighted / sum;
}

/* A row of weight k is to be k copies, and min_child_weight and the penalties count rows: so class
 * weights have mean 1, and row weights stay as they are. But weights that are shares, say, would
 * be too light for any split: a mean below 1 becomes 1. */
static sy_status weigh(sy_boosted *boosted, sy_error *error) {
  const sy_training *training = boosted->training;
  const sy_boosted_rows *rows = &boosted->rows;
  boosted->scale = scale_of_rows(training) / mean_class_weight(training);
  boosted->weights = sy_alloc(rows->n, sizeof *boosted->weights);
  if (!boosted->weights) return sy_fail_memory(error);
  for (size_t i = 0; i < rows->n; i++)
    boosted->weights[i] =
        (float)(rows->weights[i] * training->class_weights[rows->ids[i]] * boosted->scale);
  return SY_OK;
}

static sy_status gather_held(sy_boosted *boosted, sy_error *error) {
  const sy_training_data *data = boosted->training->data;
  const sy_boosted_rows *held = &boosted->held;
  size_t outputs = data->n_outputs;
  if (held->n > SIZE_MAX / outputs) return sy_fail_memory(error);
  boosted->held_logits = sy_alloc(held->n * outputs, sizeof *boosted->held_logits);
  if (!boosted->held_logits) return sy_fail_memory(error);
  if (!data->row_costs) return SY_OK;
  boosted->held_costs = sy_alloc(held->n * outputs, sizeof *boosted->held_costs);
  if (!boosted->held_costs) return sy_fail_memory(error);
  for (size_t i = 0; i < held->n; i++)
    memcpy(boosted->held_costs + i * outputs, data->row_costs + held->places[i] * outputs,
           outputs * sizeof *boosted->held_costs);
  return SY_OK;
}

sy_status sy_boosted_gather(sy_boosted *boosted, sy_error *error) {
  const sy_training *training = boosted->training;
  sy_boosted_rows *rows = &boosted->rows, *held = &boosted->held;
  rows->places = training->places;
  rows->n = training->n;
  held->places = training->held;
  held->n = training->n_held;
  sy_status status = gather_targets(training, rows, error);
  if (status == SY_OK) status = weigh(boosted, error);
  if (status == SY_OK) status = hand_over(boosted, 0, rows, boosted->weights, error);
  if (status != SY_OK || held->n == 0) return status;
  status = gather_targets(training, held, error);
  if (status == SY_OK) status = gather_held(boosted, error);
  return status == SY_OK ? hand_over(boosted, 1, held, NULL, error) : status;
}
