/* problem.c: compaction of the rows and classes that carry weight, and checks. */
#include "fit/logistic/problem.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/logistic/duplicates.h"
#include "fit/logistic/product.h"

#include <math.h>
#include <string.h>

enum { LEAST_SLOT_ROWS = 512, LARGEST_TILE = 8192, MOST_TILE_ROWS = 64, LEAST_TILE_ROWS = 8 };

static double weight_at(const int32_t *ids, const double *weights, size_t i) {
  if (ids[i] == SY_IGNORED) return 0;
  return weights ? weights[i] : 1;
}

static sy_status check_labels(const sy_problem *problem, const int32_t *ids, const double *weights,
                              size_t n_classes, sy_error *error) {
  for (size_t i = 0; i < problem->rows.rows; i++) {
    if (ids[i] == SY_IGNORED) continue;
    if (ids[i] < 0 || (size_t)ids[i] >= n_classes)
      return sy_fail(error, SY_INVALID_LABEL,
                     "label %d at row %zu is outside the %zu classes 0..%zu", ids[i], i + 1,
                     n_classes, n_classes - 1);
    if (weights && !(weights[i] >= 0 && isfinite(weights[i])))
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "weight %g at row %zu must be a finite number that is not negative",
                     weights[i], i + 1);
  }
  return SY_OK;
}

static sy_status check_shape(sy_matrix rows, size_t n_classes, sy_error *error) {
  if (rows.dtype != SY_F32 && rows.dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "rows to fit must be float32 or float64");
  if (rows.rows == 0) return sy_fail(error, SY_NO_ROWS, "there are no rows to fit");
  if (rows.columns == 0) return sy_fail(error, SY_INVALID_SHAPE, "there are no features to fit");
  if (rows.stride < rows.columns)
    return sy_fail(error, SY_INVALID_SHAPE, "the stride %zu is less than the %zu columns",
                   rows.stride, rows.columns);
  if (n_classes < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES, "a fit needs at least 2 classes, not %zu", n_classes);
  return SY_OK;
}

/* Numbers the classes that carry weight; place[k] becomes the new number of class k. */
static sy_status compact_classes(sy_problem *problem, const int32_t *ids, const double *weights,
                                 size_t n_classes, int32_t *place, sy_error *error) {
  for (size_t i = 0; i < problem->rows.rows; i++)
    if (weight_at(ids, weights, i) > 0) {
      place[ids[i]] = 1;
      problem->n++;
    }
  if (problem->n == 0) return sy_fail(error, SY_NO_WEIGHT, "all weights are zero");
  for (size_t k = 0; k < n_classes; k++)
    if (place[k]) {
      problem->classes[problem->n_classes] = (int32_t)k;
      place[k] = (int32_t)problem->n_classes++;
    }
  if (problem->n_classes < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES,
                   "only class %d has rows of positive weight; a fit needs at least two classes",
                   problem->classes[0]);
  problem->n_vectors = problem->n_classes == 2 ? 1 : problem->n_classes;
  return SY_OK;
}

/* Weights are divided by the largest first: sums of weights near the end of the range stay finite,
 * and multiplying all weights by a power of two changes no bit. */
static void compact_rows(sy_problem *problem, const int32_t *ids, const double *weights,
                         const int32_t *place) {
  double largest = 0;
  size_t at = 0;
  for (size_t i = 0; i < problem->rows.rows; i++) {
    double weight = weight_at(ids, weights, i);
    if (!(weight > 0)) continue;
    if (problem->index) problem->index[at] = i;
    problem->targets[at] = place[ids[i]];
    problem->weights[at++] = weight;
    if (weight > largest) largest = weight;
  }
  for (size_t i = 0; i < at; i++) problem->weights[i] /= largest;
  double total = sy_sum(problem->weights, at);
  for (size_t i = 0; i < at; i++) {
    problem->weights[i] /= total;
    problem->shares[problem->targets[i]] += problem->weights[i];
  }
}

static sy_status compact(sy_problem *problem, const int32_t *ids, const double *weights,
                         size_t n_classes, sy_error *error) {
  int32_t *place = sy_alloc_zero(n_classes, sizeof *place);
  problem->classes = sy_alloc(n_classes, sizeof *problem->classes);
  problem->shares = sy_alloc_zero(n_classes, sizeof *problem->shares);
  sy_status status = place && problem->classes && problem->shares ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) status = compact_classes(problem, ids, weights, n_classes, place, error);
  if (status == SY_OK) {
    bool gaps = problem->n < problem->rows.rows;
    if (gaps) problem->index = sy_alloc(problem->n, sizeof *problem->index);
    problem->targets = sy_alloc(problem->n, sizeof *problem->targets);
    problem->weights = sy_alloc(problem->n, sizeof *problem->weights);
    if (!problem->targets || !problem->weights || (gaps && !problem->index))
      status = sy_fail_memory(error);
    else
      compact_rows(problem, ids, weights, place);
  }
  free(place);
  return status;
}

size_t sy_problem_place(const sy_problem *problem, size_t i) {
  return problem->index ? problem->index[i] : i;
}

static double value_at(const sy_problem *problem, size_t i, size_t column) {
  size_t at = sy_problem_place(problem, i) * problem->rows.stride + column;
  if (problem->rows.dtype == SY_F32) return (double)((const float *)problem->rows.data)[at];
  return ((const double *)problem->rows.data)[at];
}

SY_CLONES static void scale_f32(const float *row, size_t n, double scale, double *out) {
  for (size_t j = 0; j < n; j++) out[j] = scale * (double)row[j];
}

SY_CLONES static void scale_f64(const double *row, size_t n, double scale, double *out) {
  for (size_t j = 0; j < n; j++) out[j] = scale * row[j];
}

void sy_problem_row(const sy_problem *problem, size_t i, double scale, double *out) {
  size_t n = problem->width - 1, start = sy_problem_place(problem, i) * problem->rows.stride;
  if (problem->rows.dtype == SY_F32)
    scale_f32((const float *)problem->rows.data + start, n, scale, out);
  else
    scale_f64((const double *)problem->rows.data + start, n, scale, out);
  out[n] = scale;
}

void sy_problem_tile(const sy_problem *problem, size_t first, size_t count, double *tile) {
  size_t width = sy_whole_lanes(problem->width), padding = width - problem->width;
  for (size_t i = 0; i < count; i++) {
    double *row = tile + i * width;
    sy_problem_row(problem, first + i, 1, row);
    memset(row + problem->width, 0, padding * sizeof *row);
  }
  memset(tile + count * width, 0, (sy_whole_lanes(count) - count) * width * sizeof *tile);
}

/* Eight sums side by side are one order at every width of vectors. */
#define DEFINE_SQUARE(name, element)                                                               \
  SY_CLONES static double name(const element *row, size_t n) {                                     \
    double lane[SY_PRODUCT_LANES] = {0}, sum = 0;                                                  \
    size_t j = 0;                                                                                  \
    for (; j + SY_PRODUCT_LANES <= n; j += SY_PRODUCT_LANES)                                       \
      for (size_t l = 0; l < SY_PRODUCT_LANES; l++)                                                \
        lane[l] += (double)row[j + l] * (double)row[j + l];                                        \
    for (; j < n; j++) sum += (double)row[j] * (double)row[j];                                     \
    for (size_t l = 0; l < SY_PRODUCT_LANES; l++) sum += lane[l];                                  \
    return sum;                                                                                    \
  }

DEFINE_SQUARE(square_f32, float)
DEFINE_SQUARE(square_f64, double)

typedef struct norm_context {
  sy_problem *problem;
  size_t slots;
} norm_context;

static void norm_slot(void *opaque, size_t slot) {
  const norm_context *context = opaque;
  sy_problem *problem = context->problem;
  size_t end = sy_problem_slot_start(problem, slot + 1, context->slots);
  for (size_t i = sy_problem_slot_start(problem, slot, context->slots); i < end; i++) {
    size_t n = problem->width - 1, at = sy_problem_place(problem, i) * problem->rows.stride;
    problem->norms[i] = 1 + (problem->rows.dtype == SY_F32
                                 ? square_f32((const float *)problem->rows.data + at, n)
                                 : square_f64((const double *)problem->rows.data + at, n));
  }
}

/* A norm that is not finite comes from a value that is not, or whose square is not. */
static sy_status name_bad_value(const sy_problem *problem, size_t i, sy_error *error) {
  size_t worst = 0;
  for (size_t j = 0; j + 1 < problem->width; j++) {
    double x = value_at(problem, i, j);
    if (!isfinite(x))
      return sy_fail(error, SY_INVALID_DATA, "%g at row %zu, column %zu is not a finite number", x,
                     sy_problem_place(problem, i) + 1, j + 1);
    if (fabs(x) > fabs(value_at(problem, i, worst))) worst = j;
  }
  return sy_fail(error, SY_INVALID_DATA,
                 "%g at row %zu, column %zu is too large to compute with; scale the column",
                 value_at(problem, i, worst), sy_problem_place(problem, i) + 1, worst + 1);
}

static sy_status measure_rows(sy_problem *problem, sy_error *error) {
  problem->norms = sy_alloc(problem->n, sizeof *problem->norms);
  if (!problem->norms) return sy_fail_memory(error);
  norm_context context = {problem, sy_problem_slots(problem, 64)};
  sy_parallel_blocks(context.slots, norm_slot, &context);
  double mean = 0;
  for (size_t i = 0; i < problem->n; i++) {
    if (!isfinite(problem->norms[i])) return name_bad_value(problem, i, error);
    mean += problem->weights[i] * problem->norms[i];
  }
  problem->row_scale = sqrt(mean);
  return SY_OK;
}

sy_status sy_problem_make(sy_matrix rows, const int32_t *ids, const double *weights,
                          size_t n_classes, double l2, sy_problem *problem, sy_error *error) {
  *problem = (sy_problem){.rows = rows, .width = rows.columns + 1, .l2 = l2};
  sy_status status = check_shape(rows, n_classes, error);
  if (status == SY_OK) status = check_labels(problem, ids, weights, n_classes, error);
  if (status == SY_OK) status = compact(problem, ids, weights, n_classes, error);
  if (status == SY_OK) status = sy_problem_merge(problem, error);
  if (status == SY_OK) status = measure_rows(problem, error);
  return status;
}

void sy_problem_clear(sy_problem *problem) {
  free(problem->index);
  free(problem->classes);
  free(problem->targets);
  free(problem->weights);
  free(problem->shares);
  free(problem->norms);
  *problem = (sy_problem){0};
}

size_t sy_problem_size(const sy_problem *problem) {
  return problem->n_vectors * problem->width;
}

size_t sy_problem_slots(const sy_problem *problem, size_t most) {
  size_t slots = problem->n / LEAST_SLOT_ROWS;
  if (slots > most) slots = most;
  return slots ? slots : 1;
}

size_t sy_problem_slot_start(const sy_problem *problem, size_t slot, size_t slots) {
  size_t whole = problem->n / slots, rest = problem->n % slots;
  return slot * whole + (slot < rest ? slot : rest);
}

size_t sy_problem_tile_rows(const sy_problem *problem) {
  size_t rows = LARGEST_TILE / problem->width / LEAST_TILE_ROWS * LEAST_TILE_ROWS;
  if (rows < LEAST_TILE_ROWS) return LEAST_TILE_ROWS;
  return rows < MOST_TILE_ROWS ? rows : MOST_TILE_ROWS;
}

void sy_problem_center(const sy_problem *problem, double *parameters) {
  size_t width = problem->width, n_vectors = problem->n_vectors;
  if (n_vectors == 1) return;
  for (size_t j = 0; j < width; j++) {
    double mean = 0;
    for (size_t k = 0; k < n_vectors; k++) mean += parameters[k * width + j];
    mean /= (double)n_vectors;
    for (size_t k = 0; k < n_vectors; k++) parameters[k * width + j] -= mean;
  }
}
