/* decide.c: the decision of least expected cost. */
#include "base/clones.h"
#include "base/parallel.h"
#include "decide/tile.h"

/* Rows a block (it cannot change a result: a row is decided alone), and classes whose expected
 * costs are held at once, on the stack: deciding a row allocates nothing. */
enum { DECIDE_BLOCK = 1024, DECIDE_CLASSES = 64 };

/* A mistake of class k: adding a constant to the costs of one actual class changes no decision, so
 * each row of the matrix is taken relative to this entry. Where all mistakes of a class cost the
 * same (plain and implied costs) only -w_j p_j is left of the sum: the decision then is
 * argmax_j w_j p_j to the last bit, ties included, instead of comparing long sums that differ by
 * rounding. */
static double mistake_of(const double *cost, size_t n_classes, size_t k) {
  return cost[k * n_classes + (k + 1 < n_classes ? k + 1 : 0)];
}

bool sy_cost_gains(const double *cost, size_t n_classes, double *gains) {
  for (size_t k = 0; k < n_classes; k++) {
    double mistake = mistake_of(cost, n_classes, k);
    for (size_t j = 0; j < n_classes; j++)
      if (j != k && cost[k * n_classes + j] != mistake) return false;
    if (gains) gains[k] = cost[k * n_classes + k] - mistake;
  }
  return true;
}

/* Expected costs of `width` decisions from `first` on. */
static void expected_costs(const double *probabilities, size_t n_classes, const double *cost,
                           size_t first, size_t width, double *expected) {
  for (size_t j = 0; j < width; j++) expected[j] = 0;
  for (size_t k = 0; k < n_classes; k++) {
    const double *row = cost + k * n_classes;
    double mistake = mistake_of(cost, n_classes, k), p = probabilities[k];
    for (size_t j = 0; j < width; j++) expected[j] += p * (row[first + j] - mistake);
  }
}

static int32_t decide_row(const double *probabilities, size_t n_classes, const double *cost) {
  double expected[DECIDE_CLASSES], least = 0;
  size_t best = 0;
  for (size_t first = 0; first < n_classes; first += DECIDE_CLASSES) {
    size_t width = n_classes - first < DECIDE_CLASSES ? n_classes - first : DECIDE_CLASSES;
    expected_costs(probabilities, n_classes, cost, first, width, expected);
    if (first == 0) least = expected[0];
    for (size_t j = 0; j < width; j++) {
      if (!(expected[j] < least)) continue;
      least = expected[j];
      best = first + j;
    }
  }
  return (int32_t)best;
}

/* Where only gains are left, the terms that are 0 are left out. */
static int32_t decide_by_gains(const double *probabilities, size_t n_classes, const double *cost) {
  size_t best = 0;
  double least = 0;
  for (size_t j = 0; j < n_classes; j++) {
    double gain = cost[j * n_classes + j] - mistake_of(cost, n_classes, j);
    double expected = probabilities[j] * gain;
    if (j > 0 && !(expected < least)) continue;
    least = expected;
    best = j;
  }
  return (int32_t)best;
}

typedef struct decide_job {
  const double *probabilities;
  size_t n, n_classes;
  const double *cost;
  bool only_gains;
  int32_t *decisions;
} decide_job;

static void decide_block(void *context, size_t block) {
  const decide_job *job = context;
  size_t first = block * DECIDE_BLOCK;
  size_t end = job->n - first < DECIDE_BLOCK ? job->n : first + DECIDE_BLOCK;
  for (size_t i = first; i < end; i++)
    job->decisions[i] = (job->only_gains ? decide_by_gains : decide_row)(
        job->probabilities + i * job->n_classes, job->n_classes, job->cost);
}

void sy_decide(const double *probabilities, size_t n, size_t n_classes, const double *cost,
               int32_t *decisions) {
  bool only_gains = sy_cost_gains(cost, n_classes, NULL);
  decide_job job = {probabilities, n, n_classes, cost, only_gains, decisions};
  sy_parallel_blocks((n + DECIDE_BLOCK - 1) / DECIDE_BLOCK, decide_block, &job);
}

/* Costs that vary: the same sums with the cells of the row. */
static int32_t decide_varying(const double *probabilities, const sy_costs *costs, size_t row) {
  double expected[DECIDE_CLASSES], least = 0;
  size_t n_classes = costs->n_classes, best = 0;
  for (size_t first = 0; first < n_classes; first += DECIDE_CLASSES) {
    size_t width = n_classes - first < DECIDE_CLASSES ? n_classes - first : DECIDE_CLASSES;
    for (size_t j = 0; j < width; j++) expected[j] = 0;
    for (size_t k = 0; k < n_classes; k++) {
      double mistake = sy_costs_at(costs, row, k, k + 1 < n_classes ? k + 1 : 0);
      for (size_t j = 0; j < width; j++)
        expected[j] += probabilities[k] * (sy_costs_at(costs, row, k, first + j) - mistake);
    }
    for (size_t j = 0; j < width; j++) {
      if (first + j > 0 && !(expected[j] < least)) continue;
      least = expected[j];
      best = first + j;
    }
  }
  return (int32_t)best;
}

typedef struct varying_job {
  const double *probabilities;
  size_t n;
  const sy_costs *costs;
  int32_t *decisions;
} varying_job;

static void varying_block(void *context, size_t block) {
  const varying_job *job = context;
  size_t first = block * DECIDE_BLOCK, n_classes = job->costs->n_classes;
  size_t end = job->n - first < DECIDE_BLOCK ? job->n : first + DECIDE_BLOCK;
  for (size_t i = first; i < end; i++)
    job->decisions[i] = decide_varying(job->probabilities + i * n_classes, job->costs, i);
}

void sy_decide_costs(const double *probabilities, size_t n, const sy_costs *costs,
                     int32_t *decisions) {
  if (costs->n_varying == 0) {
    sy_decide(probabilities, n, costs->n_classes, costs->fixed, decisions);
    return;
  }
  varying_job job = {probabilities, n, costs, decisions};
  sy_parallel_blocks((n + DECIDE_BLOCK - 1) / DECIDE_BLOCK, varying_block, &job);
}

/* The same for a tile, class by class; both give the same bits. */

static void expect_by_gains(const double *restrict probabilities, size_t n_classes, size_t stride,
                            const double *gains, double *restrict expected) {
  for (size_t j = 0; j < n_classes; j++)
    for (size_t row = 0; row < stride; row++)
      expected[j * stride + row] = probabilities[j * stride + row] * gains[j];
}

SY_CLONES static void expect_by_costs(const double *restrict probabilities, size_t n_classes,
                                      size_t stride, const double *cost,
                                      double *restrict expected) {
  for (size_t i = 0; i < n_classes * stride; i++) expected[i] = 0;
  for (size_t k = 0; k < n_classes; k++) {
    double mistake = mistake_of(cost, n_classes, k);
    for (size_t j = 0; j < n_classes; j++) {
      double relative = cost[k * n_classes + j] - mistake;
      for (size_t row = 0; row < stride; row++)
        expected[j * stride + row] += probabilities[k * stride + row] * relative;
    }
  }
}

SY_CLONES static void take_least(const double *expected, size_t n_classes, size_t stride,
                                 int32_t *restrict decisions) {
  double least[SY_TILE_ROWS];
  for (size_t row = 0; row < stride; row++) {
    least[row] = expected[row];
    decisions[row] = 0;
  }
  for (size_t j = 1; j < n_classes; j++)
    for (size_t row = 0; row < stride; row++) {
      double cost = expected[j * stride + row];
      decisions[row] = cost < least[row] ? (int32_t)j : decisions[row];
      least[row] = cost < least[row] ? cost : least[row];
    }
}

void sy_decide_tile(const double *probabilities, size_t n_classes, size_t stride,
                    const double *cost, const double *gains, double *expected, int32_t *decisions) {
  if (gains)
    expect_by_gains(probabilities, n_classes, stride, gains, expected);
  else
    expect_by_costs(probabilities, n_classes, stride, cost, expected);
  take_least(expected, n_classes, stride, decisions);
}

/* What a cell costs on each row of a tile, relative to the mistake of its class. */
static void relative_costs(const sy_costs *costs, size_t stride, size_t k, size_t j,
                           double *restrict relative) {
  size_t n = costs->n_classes, mistake = k * n + (k + 1 < n ? k + 1 : 0), cell = k * n + j;
  const double *values = costs->values;
  int32_t varies = costs->which[cell], mistake_varies = costs->which[mistake];
  for (size_t row = 0; row < stride; row++) {
    double cost = varies < 0 ? costs->fixed[cell] : values[(size_t)varies * stride + row];
    double base =
        mistake_varies < 0 ? costs->fixed[mistake] : values[(size_t)mistake_varies * stride + row];
    relative[row] = cost - base;
  }
}

void sy_decide_costs_tile(const double *probabilities, size_t stride, const sy_costs *costs,
                          double *expected, int32_t *decisions) {
  double relative[SY_TILE_ROWS];
  size_t n_classes = costs->n_classes;
  for (size_t i = 0; i < n_classes * stride; i++) expected[i] = 0;
  for (size_t k = 0; k < n_classes; k++)
    for (size_t j = 0; j < n_classes; j++) {
      relative_costs(costs, stride, k, j, relative);
      for (size_t row = 0; row < stride; row++)
        expected[j * stride + row] += probabilities[k * stride + row] * relative[row];
    }
  take_least(expected, n_classes, stride, decisions);
}
