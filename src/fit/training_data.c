/* training_data.c: what is refused of the rows that a network, or trees, are to be trained on. */
#include "base/clones.h"
#include "base/error.h"
#include "base/parallel.h"
#include "fit/training.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>

enum { BLOCK_ROWS = 1024 };

/* --- shapes --- */

static sy_status check_kind(const sy_training_data *data, sy_error *error) {
  if (!data->ids == !data->labels)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "rows have either classes (ids) or several labels each: give one of the two");
  if (data->ids && data->n_outputs < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES, "a fit needs at least 2 classes, not %zu",
                   data->n_outputs);
  if (data->n_outputs < 1) return sy_fail(error, SY_INVALID_SHAPE, "there are no labels to fit");
  if (data->n_outputs < 2)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "one label a row is two classes: give them as ids, 0 and 1");
  if (data->n_outputs > INT32_MAX)
    return sy_fail(error, SY_INVALID_SHAPE, "there are %zu outputs; there may be %d at most",
                   data->n_outputs, INT32_MAX);
  return SY_OK;
}

static sy_status check_rows(sy_matrix rows, sy_error *error) {
  if (rows.dtype != SY_F32 && rows.dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "rows to fit must be float32 or float64");
  if (rows.rows == 0) return sy_fail(error, SY_NO_ROWS, "there are no rows to fit");
  if (rows.rows >= UINT32_MAX)
    return sy_fail(error, SY_INVALID_SHAPE, "there are %zu rows; a network takes fewer than %u",
                   rows.rows, UINT32_MAX);
  if (rows.columns == 0) return sy_fail(error, SY_INVALID_SHAPE, "there are no features to fit");
  if (rows.stride < rows.columns)
    return sy_fail(error, SY_INVALID_SHAPE, "the stride %zu is less than the %zu columns",
                   rows.stride, rows.columns);
  return SY_OK;
}

static sy_status check_embeddings(const sy_training_data *data, sy_error *error) {
  for (size_t e = 0; e < data->n_embeddings; e++) {
    const sy_embedding *embedding = &data->embeddings[e];
    if (embedding->column >= data->rows.columns)
      return sy_fail(error, SY_INVALID_SHAPE,
                     "the codes of embedding %zu are column %zu of %zu columns", e + 1,
                     embedding->column + 1, data->rows.columns);
    if (e > 0 && embedding->column <= embedding[-1].column)
      return sy_fail(error, SY_INVALID_SHAPE,
                     "the columns of the embeddings must rise; that of embedding %zu does not",
                     e + 1);
    if (embedding->n_values == 0)
      return sy_fail(error, SY_INVALID_SHAPE, "embedding %zu has no values", e + 1);
  }
  return SY_OK;
}

/* --- labels and weights --- */

static bool usable(double weight) {
  return weight >= 0 && isfinite(weight);
}

static sy_status check_class_weights(const sy_training_data *data, sy_error *error) {
  size_t n = data->labels ? 2 * data->n_outputs : data->n_outputs;
  char text[SY_NUMBER_SIZE];
  for (size_t c = 0; data->class_weights && c < n; c++)
    if (!usable(data->class_weights[c]))
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "the weight %s of %s %zu is not usable; it must be 0 or more and finite",
                     sy_number_format(data->class_weights[c], text),
                     data->ids    ? "class"
                     : c % 2 == 0 ? "the absence of label"
                                  : "the presence of label",
                     data->ids ? c : c / 2);
  return SY_OK;
}

static sy_status check_label_row(const sy_training_data *data, size_t i, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  const float *labels = data->labels + i * data->n_outputs;
  for (size_t l = 0; l < data->n_outputs; l++)
    if (!(labels[l] >= 0 && labels[l] <= 1))
      return sy_fail(error, SY_INVALID_LABEL,
                     "label %zu at row %zu is %s; it must be a number from 0 to 1", l + 1, i + 1,
                     sy_number_format_f32(labels[l], text));
  return SY_OK;
}

static sy_status check_cost_row(const sy_training_data *data, size_t i, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  const float *costs = data->row_costs + i * data->n_outputs;
  for (size_t k = 0; k < data->n_outputs; k++)
    if (!isfinite(costs[k]))
      return sy_fail(error, SY_INVALID_COST,
                     "the cost %s of predicting class %zu at row %zu must be a finite number",
                     sy_number_format_f32(costs[k], text), k, i + 1);
  return SY_OK;
}

static sy_status check_targets(const sy_training_data *data, sy_error *error) {
  for (size_t i = 0; i < data->rows.rows; i++) {
    double weight = data->row_weights ? data->row_weights[i] : 1;
    if (data->ids && data->ids[i] == SY_IGNORED) continue;
    if (data->ids && (data->ids[i] < 0 || (size_t)data->ids[i] >= data->n_outputs))
      return sy_fail(error, SY_INVALID_LABEL,
                     "label %d at row %zu is outside the %zu classes 0..%zu", data->ids[i], i + 1,
                     data->n_outputs, data->n_outputs - 1);
    if (!usable(weight))
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "weight %g at row %zu must be a finite number that is not negative", weight,
                     i + 1);
    if (weight == 0) continue;
    sy_status status = data->labels ? check_label_row(data, i, error) : SY_OK;
    if (status == SY_OK && data->row_costs) status = check_cost_row(data, i, error);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

/* --- values --- */

/* A product with 0 is 0 for finite numbers alone. */
#define DEFINE_FINITE(type, suffix)                                                                \
  SY_CLONES static bool values_finite_##suffix(const type *row, size_t n) {                        \
    type sum = 0;                                                                                  \
    for (size_t j = 0; j < n; j++) sum = (row[j] * 0 == 0) ? sum : 1;                              \
    return sum == 0;                                                                               \
  }

DEFINE_FINITE(float, f32)
DEFINE_FINITE(double, f64)

/* Trees look at float32, in which NaN is missing. */
#define DEFINE_SPLITTABLE(type, suffix)                                                            \
  SY_CLONES static bool values_splittable_##suffix(const type *row, size_t n) {                    \
    float sum = 0;                                                                                 \
    for (size_t j = 0; j < n; j++) sum = fabsf((float)row[j]) > FLT_MAX ? 1 : sum;                 \
    return sum == 0;                                                                               \
  }

DEFINE_SPLITTABLE(float, f32)
DEFINE_SPLITTABLE(double, f64)

static double value_at(const sy_training_data *data, size_t i, size_t column) {
  size_t at = i * data->rows.stride + column;
  if (data->rows.dtype == SY_F32) return (double)((const float *)data->rows.data)[at];
  return ((const double *)data->rows.data)[at];
}

static bool is_present(const sy_training_data *data, size_t i) {
  if (data->ids && data->ids[i] == SY_IGNORED) return false;
  return !data->row_weights || data->row_weights[i] > 0;
}

static bool code_fits(const sy_training_data *data, size_t i, const sy_embedding *embedding) {
  double code = value_at(data, i, embedding->column);
  return code >= 0 && code < (double)embedding->n_values && code == floor(code);
}

static bool row_splits(const sy_training_data *data, size_t i) {
  size_t at = i * data->rows.stride, n = data->rows.columns;
  return data->rows.dtype == SY_F32
             ? values_splittable_f32((const float *)data->rows.data + at, n)
             : values_splittable_f64((const double *)data->rows.data + at, n);
}

static bool row_fits(const sy_training_data *data, size_t i) {
  size_t at = i * data->rows.stride, n = data->rows.columns;
  if (data->rows.dtype == SY_F32 ? !values_finite_f32((const float *)data->rows.data + at, n)
                                 : !values_finite_f64((const double *)data->rows.data + at, n))
    return false;
  for (size_t e = 0; e < data->n_embeddings; e++)
    if (!code_fits(data, i, &data->embeddings[e])) return false;
  return true;
}

typedef struct search {
  const sy_training_data *data;
  bool (*fits)(const sy_training_data *data, size_t i);
  atomic_size_t first; /* row that does not fit, or the number of rows */
} search;

static void search_block(void *opaque, size_t block) {
  search *made = opaque;
  size_t begin = block * BLOCK_ROWS, end = begin + BLOCK_ROWS;
  if (end > made->data->rows.rows) end = made->data->rows.rows;
  for (size_t i = begin; i < end && i < atomic_load(&made->first); i++) {
    if (!is_present(made->data, i) || made->fits(made->data, i)) continue;
    size_t known = atomic_load(&made->first);
    while (i < known && !atomic_compare_exchange_weak(&made->first, &known, i)) continue;
    return;
  }
}

static sy_status fail_value(const sy_training_data *data, size_t i, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  for (size_t j = 0; j < data->rows.columns; j++)
    if (!isfinite(value_at(data, i, j)))
      return sy_fail(error, SY_INVALID_DATA, "%s at row %zu, column %zu is not a finite number",
                     sy_number_format(value_at(data, i, j), text), i + 1, j + 1);
  const sy_embedding *embedding = data->embeddings;
  while (code_fits(data, i, embedding)) embedding++;
  return sy_fail(error, SY_INVALID_DATA, "the code %s at row %zu, column %zu is none of 0 to %zu",
                 sy_number_format(value_at(data, i, embedding->column), text), i + 1,
                 embedding->column + 1, embedding->n_values - 1);
}

static sy_status fail_split(const sy_training_data *data, size_t i, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  size_t j = 0;
  while (!isinf((float)value_at(data, i, j))) j++;
  return sy_fail(
      error, SY_INVALID_DATA,
      "%s at row %zu, column %zu is not a finite float32; trees take finite numbers, and "
      "NaN for missing ones",
      sy_number_format(value_at(data, i, j), text), i + 1, j + 1);
}

/* The first row that does not fit, or the number of rows. */
static size_t find_misfit(const sy_training_data *data,
                          bool (*fits)(const sy_training_data *data, size_t i)) {
  search made = {.data = data, .fits = fits};
  atomic_init(&made.first, data->rows.rows);
  sy_parallel_blocks((data->rows.rows + BLOCK_ROWS - 1) / BLOCK_ROWS, search_block, &made);
  return atomic_load(&made.first);
}

/* --- all --- */

static sy_status check_all_but_values(const sy_training_data *data, sy_error *error) {
  sy_status status = check_rows(data->rows, error);
  if (status == SY_OK) status = check_kind(data, error);
  if (status == SY_OK) status = check_embeddings(data, error);
  if (status == SY_OK) status = check_class_weights(data, error);
  if (status == SY_OK) status = check_targets(data, error);
  return status;
}

sy_status sy_network_data_check(const sy_training_data *data, sy_error *error) {
  sy_status status = check_all_but_values(data, error);
  if (status != SY_OK) return status;
  size_t first = find_misfit(data, row_fits);
  return first == data->rows.rows ? SY_OK : fail_value(data, first, error);
}

sy_status sy_boosted_data_check(const sy_training_data *data, sy_error *error) {
  if (data->labels)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "boosted trees tell classes apart (ids), not several labels a row");
  if (data->n_embeddings > 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "boosted trees take numbers, no codes: encode texts one-hot");
  sy_status status = check_all_but_values(data, error);
  if (status != SY_OK) return status;
  size_t first = find_misfit(data, row_splits);
  return first == data->rows.rows ? SY_OK : fail_split(data, first, error);
}
