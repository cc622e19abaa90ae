/* hessian.c: rows that matter to a pair of classes are gathered into a tile, each times the root of
 * its weight, and the tile goes to dsyrk: half the work of a product, at the speed of one. */
#include "fit/logistic/hessian.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/logistic/product.h"

#include <cblas.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* Sums of all slots together stay below 128 MB, but for a single slot. */
enum { MOST_SUMS = 1 << 24, MOST_SLOTS = 64, NARROW = 56, TILE_ROWS = 128 };

typedef struct pair_assembly {
  const sy_problem *problem;
  const float *spread; /* NULL: plain weights, one matrix */
  double negligible, coarse;
  size_t first_classes, n_pairs, slots;
  sy_watch *watch;
  double price; /* operations of a block, about */
  double *sums; /* (slots, pairs, P, P) upper triangles */
  atomic_bool failed;
} pair_assembly;

/* Rows on their way to one matrix. */
typedef struct row_gathering {
  const sy_problem *problem;
  double *tile;
  size_t count, capacity;
  double *sum;
} row_gathering;

/* dsyrk does half the work of dgemm, but below some width less than half as fast. */
static void flush(row_gathering *gathering) {
  int width = (int)gathering->problem->width;
  if (gathering->count && width < NARROW)
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, width, width, (int)gathering->count, 1,
                gathering->tile, width, gathering->tile, width, 1, gathering->sum, width);
  else if (gathering->count)
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, width, (int)gathering->count, 1,
                gathering->tile, width, 1, gathering->sum, width);
  gathering->count = 0;
}

static void gather(row_gathering *gathering, size_t i, double coefficient) {
  double *row = gathering->tile + gathering->count * gathering->problem->width;
  sy_problem_row(gathering->problem, i, sqrt(coefficient), row);
  if (++gathering->count == gathering->capacity) flush(gathering);
}

/* Gathers a row unless it does not matter. Those that matter less than `coarse` are thinned out,
 * every so many, one that stands for all of them; `carry` is what the ones before have left. */
static void consider(const pair_assembly *assembly, row_gathering *gathering, size_t i,
                     double coefficient, double *carry) {
  double size = coefficient * assembly->problem->norms[i];
  if (size <= assembly->negligible) return;
  if (size < assembly->coarse) {
    *carry += size;
    if (*carry < assembly->coarse) return;
    *carry -= assembly->coarse;
    coefficient *= assembly->coarse / size;
  }
  gather(gathering, i, coefficient);
}

/* One matrix from a coefficient a row: w, or w p (1 - p). */
static void sum_single(const pair_assembly *assembly, size_t first, size_t end,
                       row_gathering *gathering) {
  double carry = assembly->coarse / 2;
  for (size_t i = first; i < end; i++) {
    double coefficient = assembly->problem->weights[i];
    if (assembly->spread) coefficient *= (double)assembly->spread[i];
    consider(assembly, gathering, i, coefficient, &carry);
  }
  flush(gathering);
}

/* Rows of the range that waver between class k and all others together. */
static size_t list_active(const pair_assembly *assembly, size_t k, size_t first, size_t end,
                          size_t *active) {
  const sy_problem *problem = assembly->problem;
  size_t n_active = 0;
  for (size_t i = first; i < end; i++) {
    double p = (double)assembly->spread[i * problem->n_vectors + k];
    if (problem->weights[i] * p * (1 - p) * problem->norms[i] > assembly->negligible)
      active[n_active++] = i;
  }
  return n_active;
}

/* Matrices of class k with each later class; `sums` is that of the first. */
static void sum_pairs(const pair_assembly *assembly, size_t k, const size_t *active,
                      size_t n_active, row_gathering *gathering) {
  const sy_problem *problem = assembly->problem;
  for (size_t l = k + 1; l < problem->n_vectors; l++) {
    double carry = assembly->coarse / 2;
    for (size_t a = 0; a < n_active; a++) {
      const float *p = assembly->spread + active[a] * problem->n_vectors;
      double coefficient = problem->weights[active[a]] * (double)p[k] * (double)p[l];
      consider(assembly, gathering, active[a], coefficient, &carry);
    }
    flush(gathering);
    gathering->sum += problem->width * problem->width;
  }
}

/* Number of pairs whose first class is below k. */
static size_t pairs_before(size_t n_vectors, size_t k) {
  return k * (2 * n_vectors - k - 1) / 2;
}

static void assembly_block(void *opaque, size_t block) {
  pair_assembly *assembly = opaque;
  if (sy_watch_stops(assembly->watch, assembly->price)) return;
  const sy_problem *problem = assembly->problem;
  size_t k = block / assembly->slots, slot = block % assembly->slots;
  size_t first = sy_problem_slot_start(problem, slot, assembly->slots);
  size_t end = sy_problem_slot_start(problem, slot + 1, assembly->slots);
  size_t square = problem->width * problem->width, capacity = TILE_ROWS;
  bool pairs = assembly->spread && problem->n_vectors > 1;
  double *tile = sy_alloc(capacity * problem->width, sizeof *tile);
  size_t *active = sy_alloc(pairs ? end - first : 0, sizeof *active);
  size_t at = slot * assembly->n_pairs + (pairs ? pairs_before(problem->n_vectors, k) : 0);
  row_gathering gathering = {problem, tile, 0, capacity, assembly->sums + at * square};
  if (!tile || !active)
    atomic_store(&assembly->failed, true);
  else if (pairs)
    sum_pairs(assembly, k, active, list_active(assembly, k, first, end, active), &gathering);
  else
    sum_single(assembly, first, end, &gathering);
  free(tile);
  free(active);
}

double sy_hessian_pair_cost(const sy_problem *problem) {
  double width = (double)problem->width;
  return width * (0.8 * width + 16);
}

/* Leaves the sums over all rows in the first slot; sums are the caller's to free. */
static sy_status assemble(pair_assembly *assembly, sy_error *error) {
  const sy_problem *problem = assembly->problem;
  size_t total = assembly->n_pairs * problem->width * problem->width;
  size_t most = MOST_SLOTS / assembly->first_classes;
  if (most > MOST_SUMS / total) most = MOST_SUMS / total;
  assembly->slots = sy_problem_slots(problem, most ? most : 1);
  atomic_init(&assembly->failed, false);
  assembly->sums = sy_alloc_zero(assembly->slots, total * sizeof(double));
  if (!assembly->sums) return sy_fail_memory(error);
  size_t blocks = assembly->first_classes * assembly->slots;
  assembly->price /= (double)blocks;
  sy_watch_open(assembly->watch);
  sy_parallel_blocks(blocks, assembly_block, assembly);
  sy_watch_close();
  if (atomic_load(&assembly->failed)) return sy_fail_memory(error);
  if (atomic_load(&assembly->watch->stopped))
    return sy_watch_tell(assembly->watch, assembly->watch->fraction, error);
  sy_tree_sum(assembly->sums, assembly->slots, total);
  return SY_OK;
}

static void fill_lower(double *matrix, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) matrix[i * n + j] = matrix[j * n + i];
}

sy_status sy_hessian_gram(const sy_problem *problem, sy_watch *watch, double *matrix,
                          sy_error *error) {
  pair_assembly assembly = {.problem = problem,
                            .watch = watch,
                            .price = (double)problem->n * sy_hessian_pair_cost(problem),
                            .first_classes = 1,
                            .n_pairs = 1};
  sy_status status = assemble(&assembly, error);
  if (status == SY_OK) {
    memcpy(matrix, assembly.sums, problem->width * problem->width * sizeof(double));
    fill_lower(matrix, problem->width);
  }
  free(assembly.sums);
  return status;
}

/* Adds the pair's matrix to the diagonal blocks of both classes, and takes it from the block
 * between them, of which l > k is the column. */
static void place_pair(const sy_problem *problem, size_t k, size_t l, const double *pair,
                       double *matrix) {
  size_t width = problem->width, size = sy_problem_size(problem);
  double *first = matrix + k * width * (size + 1), *second = matrix + l * width * (size + 1);
  double *between = matrix + k * width * size + l * width;
  for (size_t i = 0; i < width; i++)
    for (size_t j = i; j < width; j++) {
      double value = pair[i * width + j];
      first[i * size + j] += value;
      second[i * size + j] += value;
      between[i * size + j] -= value;
      if (i < j) between[j * size + i] -= value;
    }
}

/* The common shift of column j gets the mean curvature of the column over the classes. */
static void fix_gauge(const sy_problem *problem, double *matrix) {
  size_t width = problem->width, size = sy_problem_size(problem), n_vectors = problem->n_vectors;
  for (size_t j = 0; j < width; j++) {
    double mean = 0;
    for (size_t k = 0; k < n_vectors; k++) mean += matrix[(k * width + j) * (size + 1)];
    mean /= (double)(n_vectors * n_vectors);
    for (size_t k = 0; k < n_vectors; k++)
      for (size_t l = k; l < n_vectors; l++) matrix[(k * width + j) * size + l * width + j] += mean;
  }
}

static void place_pairs(const sy_problem *problem, const double *sums, double *matrix) {
  size_t width = problem->width, size = sy_problem_size(problem);
  if (problem->n_vectors == 1) {
    memcpy(matrix, sums, width * width * sizeof(double));
    return;
  }
  memset(matrix, 0, size * size * sizeof(double));
  for (size_t k = 0; k < problem->n_vectors; k++)
    for (size_t l = k + 1; l < problem->n_vectors; l++, sums += width * width)
      place_pair(problem, k, l, sums, matrix);
}

/* What came with the evaluation, without its padding. */
static void take_square(const sy_fit_objective *objective, double *matrix) {
  size_t width = objective->problem->width, padded = sy_whole_lanes(width);
  for (size_t i = 0; i < width; i++)
    memcpy(matrix + i * width, objective->squares + i * padded, width * sizeof *matrix);
}

sy_status sy_hessian_make(const sy_fit_objective *objective, double most_pairs, double *matrix,
                          double *diagonal, sy_error *error) {
  const sy_problem *problem = objective->problem;
  size_t n_vectors = problem->n_vectors, size = sy_problem_size(problem);
  bool single = n_vectors == 1;
  pair_assembly assembly = {
      .problem = problem,
      .watch = objective->watch,
      .price = fmin(objective->active_pairs, most_pairs) * sy_hessian_pair_cost(problem),
      .spread = objective->spread,
      .negligible = objective->negligible,
      .coarse = objective->active_pairs > most_pairs ? objective->pair_size / most_pairs : 0,
      .first_classes = single ? 1 : n_vectors - 1,
      .n_pairs = single ? 1 : n_vectors * (n_vectors - 1) / 2};
  sy_status status = objective->has_hessian ? SY_OK : assemble(&assembly, error);
  if (status == SY_OK) {
    if (objective->has_hessian)
      take_square(objective, matrix);
    else
      place_pairs(problem, assembly.sums, matrix);
    for (size_t j = 0; j < size; j++)
      if ((j + 1) % problem->width) matrix[j * (size + 1)] += problem->l2;
    if (!single) fix_gauge(problem, matrix);
    for (size_t j = 0; j < size; j++) diagonal[j] = matrix[j * (size + 1)];
  }
  free(assembly.sums);
  return status;
}
