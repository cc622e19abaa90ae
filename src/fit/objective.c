/* objective.c: passes over the rows. A slot is a range of rows fixed by shape, worked through in
 * tiles of float64; its sums are combined with the others' in a fixed tree. */
#include "fit/objective.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/product.h"
#include "loss/row.h"
#include "model/dot.h"

#include <math.h>
#include <string.h>

/* Slots are many where sums are small, few where they are large: 32 MB of sums at most, or 4. */
enum { MOST_SLOTS = 64, FEWEST_SLOTS = 4, MOST_SUMS = 1 << 22 };

/* Operations that are not worth saving. */
static const double cheap = 3e8;

/* Largest Hessian (128 MB), and most probabilities kept for it (1 GB). */
enum { LARGEST_SYSTEM = 4096, MOST_SPREAD = 1 << 27 };

sy_status sy_point_make(const sy_problem *problem, sy_point *point, sy_error *error) {
  size_t size = sy_problem_size(problem);
  *point =
      (sy_point){sy_alloc_zero(size, sizeof(double)), sy_alloc_zero(size, sizeof(double)), 0, 0};
  return point->parameters && point->gradient ? SY_OK : sy_fail_memory(error);
}

void sy_point_clear(sy_point *point) {
  free(point->parameters);
  free(point->gradient);
  *point = (sy_point){0};
}

void sy_point_copy(const sy_problem *problem, const sy_point *from, sy_point *to) {
  size_t size = sy_problem_size(problem);
  memcpy(to->parameters, from->parameters, size * sizeof(double));
  memcpy(to->gradient, from->gradient, size * sizeof(double));
  to->objective = from->objective;
  to->norm = from->norm;
}

static size_t sums_width(const sy_problem *problem) {
  return sy_problem_size(problem) + problem->n_vectors + 2;
}

static size_t scratch_width(const sy_objective *objective) {
  const sy_problem *problem = objective->problem;
  return objective->tile_rows * (problem->width + 2 * problem->n_vectors);
}

/* A pair is skipped where all rows together, each with one such pair, could not move the Hessian by
 * a tenth of the penalty: Newton steps then still gain a digit each, and far more in practice.
 * Where all pairs together take some hundredths of a second, none is. */
static double negligible_curvature(const sy_problem *problem) {
  double width = (double)problem->width, vectors = (double)problem->n_vectors;
  double all = (double)problem->n * vectors * vectors / 4 * width * width;
  return all <= cheap ? 0 : 0.1 * problem->l2 / (double)problem->n;
}

sy_status sy_objective_make(const sy_problem *problem, sy_objective *objective, sy_error *error) {
  size_t most = MOST_SUMS / sums_width(problem);
  if (most < FEWEST_SLOTS) most = FEWEST_SLOTS;
  *objective =
      (sy_objective){.problem = problem,
                     .slots = sy_problem_slots(problem, most < MOST_SLOTS ? most : MOST_SLOTS),
                     .tile_rows = sy_problem_tile_rows(problem),
                     .negligible = negligible_curvature(problem)};
  objective->sums = sy_alloc(objective->slots, sums_width(problem) * sizeof(double));
  objective->scratch = sy_alloc(objective->slots, scratch_width(objective) * sizeof(double));
  objective->curvature = sy_alloc_zero(problem->n_vectors, sizeof(double));
  bool stored =
      sy_problem_size(problem) <= LARGEST_SYSTEM && problem->n <= MOST_SPREAD / problem->n_vectors;
  if (stored) objective->spread = sy_alloc(problem->n * problem->n_vectors, sizeof(double));
  if (!objective->sums || !objective->scratch || !objective->curvature ||
      (stored && !objective->spread))
    return sy_fail_memory(error);
  return SY_OK;
}

void sy_objective_clear(sy_objective *objective) {
  free(objective->sums);
  free(objective->scratch);
  free(objective->spread);
  free(objective->curvature);
  *objective = (sy_objective){0};
}

/* One slot's view of a pass. */
typedef struct slot_pass {
  sy_objective *objective;
  const double *vectors;           /* parameters, or the direction of a product */
  double *sums;                    /* of the slot */
  double *tile, *scores, *spreads; /* (tile_rows, P), (tile_rows, V) twice */
  size_t first, end;               /* rows of the slot */
} slot_pass;

static slot_pass open_slot(sy_objective *objective, const double *vectors, size_t slot) {
  const sy_problem *problem = objective->problem;
  double *scratch = objective->scratch + slot * scratch_width(objective);
  slot_pass opened = {.objective = objective,
                      .vectors = vectors,
                      .sums = objective->sums + slot * sums_width(problem),
                      .tile = scratch,
                      .scores = scratch + objective->tile_rows * problem->width};
  opened.spreads = opened.scores + objective->tile_rows * problem->n_vectors;
  opened.first = sy_problem_slot_start(problem, slot, objective->slots);
  opened.end = sy_problem_slot_start(problem, slot + 1, objective->slots);
  memset(opened.sums, 0, sums_width(problem) * sizeof(double));
  return opened;
}

static size_t load_tile(const slot_pass *pass, size_t first) {
  const sy_problem *problem = pass->objective->problem;
  size_t count = pass->end - first;
  if (count > pass->objective->tile_rows) count = pass->objective->tile_rows;
  for (size_t i = 0; i < count; i++)
    sy_problem_row(problem, first + i, 1, pass->tile + i * problem->width);
  return count;
}

/* Pairs of classes between which the row still wavers. Only classes that waver against all others
 * together can be in one, which leaves few to compare. */
static double count_pairs(const double *probabilities, size_t n_vectors, double threshold,
                          double *active) {
  size_t n_active = 0;
  for (size_t k = 0; k < n_vectors; k++)
    if (probabilities[k] * (1 - probabilities[k]) > threshold)
      active[n_active++] = probabilities[k];
  size_t pairs = 0;
  for (size_t k = 0; k < n_active; k++)
    for (size_t l = k + 1; l < n_active; l++) pairs += active[k] * active[l] > threshold;
  return (double)pairs;
}

/* Loss of a softmax row. `scores` (V) become the weighted residuals. */
static double softmax_row(const slot_pass *pass, size_t i, double *scores, double *probabilities) {
  const sy_objective *objective = pass->objective;
  size_t n_vectors = objective->problem->n_vectors;
  size_t label = (size_t)objective->problem->targets[i];
  double weight = objective->problem->weights[i];
  double *curvature = pass->sums + sy_problem_size(objective->problem);
  double loss = sy_softmax_row(scores, n_vectors, label, probabilities);
  double threshold = objective->negligible / (weight * objective->problem->norms[i]);
  curvature[n_vectors + 1] += count_pairs(probabilities, n_vectors, threshold, scores);
  memcpy(scores, probabilities, n_vectors * sizeof(double));
  sy_softmax_residual(scores, n_vectors, label);
  for (size_t k = 0; k < n_vectors; k++) {
    double distance = fabs(scores[k]);
    curvature[k] += weight * distance * (1 - distance);
    scores[k] *= weight;
  }
  return weight * loss;
}

/* Loss of a sigmoid row, likewise. p (1 - p) comes from the residual, which keeps the digits of a
 * row that is nearly certain. */
static double sigmoid_row(const slot_pass *pass, size_t i, double *score, double *spread) {
  const sy_objective *objective = pass->objective;
  int label = objective->problem->targets[i];
  double weight = objective->problem->weights[i], p1;
  double *curvature = pass->sums + sy_problem_size(objective->problem);
  double loss = sy_sigmoid_row(*score, label, &p1);
  double residual = sy_sigmoid_residual(*score, label), distance = fabs(residual);
  double bend = weight * distance * (1 - distance);
  *spread = distance;
  curvature[0] += bend;
  curvature[2] += bend * objective->problem->norms[i] > objective->negligible;
  *score = weight * residual;
  return weight * loss;
}

typedef struct pass_context {
  sy_objective *objective;
  const double *vectors;
} pass_context;

static void evaluate_slot(void *opaque, size_t slot) {
  const pass_context *context = opaque;
  slot_pass pass = open_slot(context->objective, context->vectors, slot);
  const sy_problem *problem = context->objective->problem;
  size_t n_vectors = problem->n_vectors, size = sy_problem_size(problem), count;
  double *stored = context->objective->spread;
  for (size_t first = pass.first; first < pass.end; first += count) {
    count = load_tile(&pass, first);
    sy_product_scores(pass.tile, count, problem->width, pass.vectors, n_vectors, pass.scores);
    double *spread = stored ? stored + first * n_vectors : pass.spreads, loss = 0;
    for (size_t i = 0; i < count; i++) {
      double *scores = pass.scores + i * n_vectors;
      loss += n_vectors == 1 ? sigmoid_row(&pass, first + i, scores, spread + i)
                             : softmax_row(&pass, first + i, scores, spread + i * n_vectors);
    }
    pass.sums[size + n_vectors] += loss;
    sy_product_gather(pass.tile, count, problem->width, pass.scores, n_vectors, pass.sums);
  }
}

/* Adds l2 x vector to all but the intercepts of `out`; returns |vector|^2 over the same. */
static double add_penalty(const sy_problem *problem, const double *vectors, double *out) {
  double square = 0;
  for (size_t k = 0; k < problem->n_vectors; k++)
    for (size_t j = 0; j + 1 < problem->width; j++) {
      double value = vectors[k * problem->width + j];
      out[k * problem->width + j] += problem->l2 * value;
      square += value * value;
    }
  return square;
}

/* Two products of P x V a row at a third of the speed of a square one, the conversion of the row,
 * and its exponentials. */
double sy_objective_cost(const sy_problem *problem) {
  double width = (double)problem->width, vectors = (double)problem->n_vectors;
  return (double)problem->n * (width * 2 + 6 * width * vectors + 30 * vectors);
}

void sy_objective_evaluate(sy_objective *objective, sy_point *point) {
  const sy_problem *problem = objective->problem;
  size_t size = sy_problem_size(problem), n_vectors = problem->n_vectors;
  pass_context context = {objective, point->parameters};
  objective->evaluations++;
  sy_parallel_blocks(objective->slots, evaluate_slot, &context);
  sy_tree_sum(objective->sums, objective->slots, sums_width(problem));
  memcpy(point->gradient, objective->sums, size * sizeof(double));
  memcpy(objective->curvature, objective->sums + size, n_vectors * sizeof(double));
  objective->active_pairs = objective->sums[size + n_vectors + 1];
  double square = add_penalty(problem, point->parameters, point->gradient);
  point->objective = objective->sums[size + n_vectors] + problem->l2 / 2 * square;
  point->norm = sqrt(sy_dot_f64(point->gradient, point->gradient, size));
}
