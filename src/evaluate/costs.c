/* costs.c: what decisions cost on average, how sure that is, and which of two ways is cheaper.
 * Intervals are normal approximations that take a row, whatever its weight, as one observation
 * (the robust variance of a weighted mean); all three quantities are means of a value a row, which
 * is linear in what the two ways cost there, so one pass serves them all. */
#include "base/error.h"
#include "base/memory.h"
#include "base/normal.h"
#include "evaluate/parts.h"

#include <math.h>

/* Two ways of deciding the same rows. */
typedef struct two_ways {
  const sy_rows *rows;
  const sy_costs *costs; /* NULL = 0 and 1 */
  const int32_t *a, *b;
} two_ways;

static double cost_of(const sy_costs *costs, size_t row, size_t actual, size_t predicted) {
  if (!costs) return actual == predicted ? 0 : 1;
  return sy_costs_at(costs, row, actual, predicted);
}

static double row_cost(const two_ways *ways, const int32_t *decisions, size_t i) {
  return cost_of(ways->costs, i, (size_t)ways->rows->ids[i], (size_t)decisions[i]);
}

enum { WEIGHT, COST_A, COST_B, N_MEANS };

static void sum_costs(const void *context, size_t first, size_t end, double *sums) {
  const two_ways *ways = context;
  for (size_t i = first; i < end; i++) {
    double weight = sy_rows_weight(ways->rows, i);
    if (!(weight > 0)) continue;
    sums[WEIGHT] += weight;
    sums[COST_A] += weight * row_cost(ways, ways->a, i);
    sums[COST_B] += weight * row_cost(ways, ways->b, i);
  }
}

static sy_status average(const two_ways *ways, double means[N_MEANS], sy_error *error) {
  sy_status status = sy_rows_sum(ways->rows->n, N_MEANS, sum_costs, ways, means, error);
  if (status != SY_OK) return status;
  means[COST_A] /= means[WEIGHT];
  means[COST_B] /= means[WEIGHT];
  return SY_OK;
}

/* A value a row: by_a x cost of A + by_b x cost of B - mean. */
typedef struct residual {
  const two_ways *ways;
  double by_a, by_b, mean;
} residual;

static void sum_squares(const void *context, size_t first, size_t end, double *sums) {
  const residual *of = context;
  const two_ways *ways = of->ways;
  for (size_t i = first; i < end; i++) {
    double weight = sy_rows_weight(ways->rows, i);
    if (!(weight > 0)) continue;
    double value = of->by_a * row_cost(ways, ways->a, i) + of->by_b * row_cost(ways, ways->b, i);
    double deviation = weight * (value - of->mean);
    sums[0] += deviation * deviation;
  }
}

/* Half the width of the 95 % interval of the residual's mean. */
static sy_status half_width(residual of, double total_weight, double *half, sy_error *error) {
  double squares;
  sy_status status = sy_rows_sum(of.ways->rows->n, 1, sum_squares, &of, &squares, error);
  if (status == SY_OK) *half = sy_normal_95 * sqrt(squares) / total_weight;
  return status;
}

static sy_status fill_average(const two_ways *ways, sy_metrics *metrics, sy_error *error) {
  double means[N_MEANS], half;
  sy_status status = average(ways, means, error);
  if (status != SY_OK) return status;
  status = half_width((residual){ways, 1, 0, means[COST_A]}, means[WEIGHT], &half, error);
  if (status != SY_OK) return status;
  metrics->average_cost = means[COST_A];
  metrics->average_cost_low = means[COST_A] - half;
  metrics->average_cost_high = means[COST_A] + half;
  return SY_OK;
}

/* Total costs of the constant decisions where costs are the same for every row. */
static void sum_constants_fixed(const sy_costs *costs, const sy_metrics *metrics, double *sums) {
  size_t n_classes = metrics->n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    double support = metrics->per_class[k].support;
    if (!(support > 0)) continue;
    for (size_t j = 0; j < n_classes; j++) sums[j] += support * cost_of(costs, 0, k, j);
  }
}

static void sum_constants(const void *context, size_t first, size_t end, double *sums) {
  const two_ways *ways = context;
  const sy_rows *rows = ways->rows;
  for (size_t i = first; i < end; i++) {
    double weight = sy_rows_weight(rows, i);
    if (!(weight > 0)) continue;
    for (size_t j = 0; j < rows->n_classes; j++)
      sums[j] += weight * cost_of(ways->costs, i, (size_t)rows->ids[i], j);
  }
}

static void take_least(const double *sums, sy_metrics *metrics) {
  size_t best = 0;
  for (size_t j = 1; j < metrics->n_classes; j++)
    if (sums[j] < sums[best]) best = j;
  metrics->best_constant = (int)best;
  metrics->best_constant_cost = sums[best] / metrics->weighted_rows;
}

static bool costs_vary(const sy_costs *costs) {
  return costs && costs->n_varying > 0;
}

static sy_status fill_best_constant(const two_ways *ways, sy_metrics *metrics, sy_error *error) {
  size_t n_classes = metrics->n_classes;
  double *sums = sy_alloc_zero(n_classes, sizeof *sums);
  if (!sums) return sy_fail_memory(error);
  sy_status status = SY_OK;
  if (costs_vary(ways->costs))
    status = sy_rows_sum(ways->rows->n, n_classes, sum_constants, ways, sums, error);
  else
    sum_constants_fixed(ways->costs, metrics, sums);
  if (status == SY_OK) take_least(sums, metrics);
  free(sums);
  return status;
}

void sy_costs_resample(const sy_costs *costs, const sy_rows *rows, const double *row_costs,
                       double *sums, sy_metrics *metrics) {
  two_ways ways = {.rows = rows, .costs = costs};
  double total = 0;
  for (size_t i = 0; i < rows->n; i++) total += sy_rows_weight(rows, i) * row_costs[i];
  metrics->average_cost = total / metrics->weighted_rows;
  for (size_t j = 0; j < rows->n_classes; j++) sums[j] = 0;
  if (costs_vary(costs))
    sum_constants(&ways, 0, rows->n, sums);
  else
    sum_constants_fixed(costs, metrics, sums);
  take_least(sums, metrics);
}

void sy_costs_rows(const sy_costs *costs, const sy_rows *rows, const int32_t *decisions,
                   double *row_costs) {
  two_ways ways = {.rows = rows, .costs = costs};
  for (size_t i = 0; i < rows->n; i++)
    row_costs[i] = sy_rows_weight(rows, i) > 0 ? row_cost(&ways, decisions, i) : 0;
}

sy_status sy_costs_fill(const sy_evaluation *evaluation, const sy_rows *rows, sy_metrics *metrics,
                        sy_error *error) {
  two_ways ways = {rows, evaluation->costs, evaluation->decisions, evaluation->decisions};
  sy_status status = fill_average(&ways, metrics, error);
  return status == SY_OK ? fill_best_constant(&ways, metrics, error) : status;
}

static sy_status compare(const two_ways *ways, sy_cost_comparison *comparison, sy_error *error) {
  double means[N_MEANS], half, saving_half = NAN;
  sy_status status = average(ways, means, error);
  if (status != SY_OK) return status;
  double a = means[COST_A], b = means[COST_B], difference = a - b;
  status = half_width((residual){ways, 1, -1, difference}, means[WEIGHT], &half, error);
  if (status != SY_OK) return status;
  if (a > 0) {
    /* Delta method: B/A moves by (b_i - (B/A) a_i) / A, whose mean is 0. */
    residual moves = {ways, -b / a / a, 1 / a, 0};
    status = half_width(moves, means[WEIGHT], &saving_half, error);
    if (status != SY_OK) return status;
  }
  double saving = a > 0 ? 1 - b / a : NAN;
  *comparison = (sy_cost_comparison){difference, difference - half,    difference + half,
                                     saving,     saving - saving_half, saving + saving_half};
  return SY_OK;
}

sy_status sy_cost_compare(const int32_t *ids, size_t n, size_t n_classes, const double *row_weights,
                          const sy_costs *costs, const int32_t *a, const int32_t *b,
                          sy_cost_comparison *comparison, sy_error *error) {
  sy_rows rows = {ids, row_weights, n, n_classes};
  two_ways ways = {&rows, costs, a, b};
  *comparison = (sy_cost_comparison){0};
  sy_status status = sy_rows_check(&rows, a, error);
  if (status == SY_OK) status = sy_rows_check(&rows, b, error);
  if (status == SY_OK) status = sy_rows_check_costs(&rows, costs, error);
  return status == SY_OK ? compare(&ways, comparison, error) : status;
}
