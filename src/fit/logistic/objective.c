/* objective.c: passes over the rows. A slot is a range of rows fixed by shape, worked through in
 * tiles of float64; its sums are combined with the others' in a fixed tree. */
#include "fit/logistic/objective.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/logistic/dot.h"
#include "fit/logistic/product.h"
#include "loss/tile.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* Slots are many where sums are small, few where they are large: 32 MB of sums at most, or 4. */
enum { MOST_SLOTS = 64, FEWEST_SLOTS = 4, MOST_SUMS = 1 << 22 };

/* A slot's second derivatives take at most 128 KB. */
enum { WIDEST_FUSED = 128 };

/* One row in so many is asked for its pairs. */
enum { PAIR_SAMPLE = 16 };

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

/* Sums of a slot: (V, padded P) gradient, (V) curvature, loss, number of pairs and their size. */
static size_t sums_width(const sy_problem *problem) {
  return problem->n_vectors * (sy_whole_lanes(problem->width) + 1) + 3;
}

static size_t scratch_width(const sy_fit_objective *objective) {
  const sy_problem *problem = objective->problem;
  size_t width = sy_whole_lanes(problem->width), tiles = objective->squares ? 2 : 1;
  return objective->tile_rows * (tiles * width + 2 * problem->n_vectors);
}

/* A pair is skipped where all rows together, each with one such pair, could not move the Hessian by
 * a tenth of the penalty: Newton steps then still gain a digit each, and far more in practice.
 * Where all pairs together take some hundredths of a second, none is. */
static double negligible_curvature(const sy_problem *problem) {
  double width = (double)problem->width, vectors = (double)problem->n_vectors;
  double all = (double)problem->n * vectors * vectors / 4 * width * width;
  return all <= cheap ? 0 : 0.1 * problem->l2 / (double)problem->n;
}

sy_status sy_fit_objective_make(const sy_problem *problem, sy_watch *watch,
                                sy_fit_objective *objective, sy_error *error) {
  size_t most = MOST_SUMS / sums_width(problem);
  if (most < FEWEST_SLOTS) most = FEWEST_SLOTS;
  *objective =
      (sy_fit_objective){.problem = problem,
                         .watch = watch,
                         .slots = sy_problem_slots(problem, most < MOST_SLOTS ? most : MOST_SLOTS),
                         .tile_rows = sy_problem_tile_rows(problem),
                         .negligible = negligible_curvature(problem)};
  objective->vectors =
      sy_alloc_zero(problem->n_vectors, sy_whole_lanes(problem->width) * sizeof(double));
  size_t square = sy_whole_lanes(problem->width) * sy_whole_lanes(problem->width);
  bool fused = problem->n_vectors == 1 && problem->width <= WIDEST_FUSED;
  if (fused) objective->squares = sy_alloc(objective->slots, square * sizeof(double));
  objective->sums = sy_alloc(objective->slots, sums_width(problem) * sizeof(double));
  objective->scratch = sy_alloc(objective->slots, scratch_width(objective) * sizeof(double));
  objective->curvature = sy_alloc_zero(problem->n_vectors, sizeof(double));
  bool stored =
      sy_problem_size(problem) <= LARGEST_SYSTEM && problem->n <= MOST_SPREAD / problem->n_vectors;
  if (stored) objective->spread = sy_alloc(problem->n * problem->n_vectors, sizeof(float));
  if (!objective->vectors || !objective->sums || !objective->scratch || !objective->curvature ||
      (fused && !objective->squares) || (stored && !objective->spread))
    return sy_fail_memory(error);
  return SY_OK;
}

void sy_fit_objective_clear(sy_fit_objective *objective) {
  free(objective->vectors);
  free(objective->sums);
  free(objective->scratch);
  free(objective->squares);
  free(objective->spread);
  free(objective->curvature);
  *objective = (sy_fit_objective){0};
}

/* One slot's view of a pass. */
typedef struct slot_pass {
  const sy_fit_objective *objective;
  double *gradient, *curvature, *loss, *pairs; /* sums of the slot */
  double *tile, *scores, *probabilities;       /* (tile_rows, padded P), (V, tile_rows) twice */
  double *square, *scaled; /* sum of second derivatives, and a tile for it; or NULL */
  size_t first, end;       /* rows of the slot */
} slot_pass;

static slot_pass open_slot(const sy_fit_objective *objective, size_t slot) {
  const sy_problem *problem = objective->problem;
  size_t width = sy_whole_lanes(problem->width), n_vectors = problem->n_vectors;
  double *scratch = objective->scratch + slot * scratch_width(objective);
  slot_pass pass = {.objective = objective,
                    .gradient = objective->sums + slot * sums_width(problem),
                    .tile = scratch,
                    .scores = scratch + objective->tile_rows * width,
                    .first = sy_problem_slot_start(problem, slot, objective->slots),
                    .end = sy_problem_slot_start(problem, slot + 1, objective->slots)};
  pass.probabilities = pass.scores + objective->tile_rows * n_vectors;
  pass.curvature = pass.gradient + n_vectors * width;
  pass.loss = pass.curvature + n_vectors;
  pass.pairs = pass.loss + 1;
  if (objective->with_hessian) {
    pass.square = objective->squares + slot * width * width;
    pass.scaled = pass.probabilities + objective->tile_rows * n_vectors;
    memset(pass.square, 0, width * width * sizeof(double));
  }
  memset(pass.gradient, 0, sums_width(problem) * sizeof(double));
  return pass;
}

/* Adds the pairs of classes between which a row still wavers: how many, and how much. Only classes
 * that waver against all others together can be in one, which leaves few to compare. */
static void count_pairs(const float *probabilities, size_t n_vectors, double negligible,
                        double scale, double stands_for, double *pairs) {
  for (size_t k = 0; k < n_vectors; k++) {
    double p = scale * (double)probabilities[k];
    if (p * (1 - (double)probabilities[k]) <= negligible) continue;
    for (size_t l = k + 1; l < n_vectors; l++) {
      double size = p * (double)probabilities[l];
      if (size <= negligible) continue;
      pairs[0] += stands_for;
      pairs[1] += stands_for * size;
    }
  }
}

/* Leaves what the Hessian will need of a tile: probabilities row by row. Pairs, which only tell its
 * price, are counted in some of the rows. */
static void keep_spread(const slot_pass *pass, size_t first, const sy_loss_tile *losses) {
  const sy_fit_objective *objective = pass->objective;
  const sy_problem *problem = objective->problem;
  size_t n_vectors = problem->n_vectors;
  float *spread = objective->spread + first * n_vectors;
  for (size_t k = 0; k < n_vectors; k++)
    for (size_t r = 0; r < losses->count; r++)
      spread[r * n_vectors + k] = (float)losses->probabilities[k * losses->stride + r];
  if (n_vectors == 1) {
    *pass->pairs += (double)losses->count;
    return;
  }
  for (size_t r = 0; r < losses->count; r += PAIR_SAMPLE) {
    size_t left = losses->count - r, stands_for = left < PAIR_SAMPLE ? left : PAIR_SAMPLE;
    count_pairs(spread + r * n_vectors, n_vectors, objective->negligible,
                problem->weights[first + r] * problem->norms[first + r], (double)stands_for,
                pass->pairs);
  }
}

/* sum of w p (1 - p) x x'. Half the work would do, but dsyrk takes more time for it. */
static void add_square(const slot_pass *pass, const sy_loss_tile *losses, size_t width) {
  for (size_t r = 0; r < losses->count; r++) {
    double bend = losses->weights[r] * losses->probabilities[r];
    for (size_t j = 0; j < width; j++)
      pass->scaled[r * width + j] = bend * pass->tile[r * width + j];
  }
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)width, (int)width, (int)losses->count,
              1, pass->tile, (int)width, pass->scaled, (int)width, 1, pass->square, (int)width);
}

static void evaluate_tile(const slot_pass *pass, size_t first, size_t count) {
  const sy_fit_objective *objective = pass->objective;
  const sy_problem *problem = objective->problem;
  size_t width = sy_whole_lanes(problem->width), stride = sy_whole_lanes(count);
  sy_problem_tile(problem, first, count, pass->tile);
  sy_product_scores(pass->tile, stride, width, objective->vectors, problem->n_vectors,
                    pass->scores);
  sy_loss_tile losses = {.count = count,
                         .stride = stride,
                         .n_vectors = problem->n_vectors,
                         .targets = problem->targets + first,
                         .weights = problem->weights + first,
                         .scores = pass->scores,
                         .probabilities = pass->probabilities,
                         .curvature = pass->curvature};
  *pass->loss += problem->n_vectors == 1 ? sy_sigmoid_tile(&losses) : sy_softmax_tile(&losses);
  if (objective->spread) keep_spread(pass, first, &losses);
  if (pass->square) add_square(pass, &losses, width);
  sy_product_gather(pass->tile, stride, width, pass->scores, problem->n_vectors, pass->gradient);
}

static void evaluate_slot(void *opaque, size_t slot) {
  const sy_fit_objective *objective = opaque;
  double share = sy_fit_objective_cost(objective->problem) / (double)objective->slots;
  slot_pass pass = open_slot(objective, slot);
  if (sy_watch_stops(objective->watch, share)) return;
  size_t count;
  for (size_t first = pass.first; first < pass.end; first += count) {
    count = pass.end - first < objective->tile_rows ? pass.end - first : objective->tile_rows;
    evaluate_tile(&pass, first, count);
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

/* In multiplications and additions at the speed of BLAS: the row from memory, two products of P x V
 * at two thirds of that speed, and the exponentials. */
double sy_fit_objective_cost(const sy_problem *problem) {
  double width = (double)problem->width, vectors = (double)problem->n_vectors;
  return (double)problem->n * (10 * width + 3 * width * vectors + 65 * vectors);
}

void sy_fit_objective_evaluate(sy_fit_objective *objective, sy_point *point) {
  const sy_problem *problem = objective->problem;
  size_t n_vectors = problem->n_vectors, width = problem->width, padded = sy_whole_lanes(width);
  for (size_t k = 0; k < n_vectors; k++)
    memcpy(objective->vectors + k * padded, point->parameters + k * width, width * sizeof(double));
  objective->evaluations++;
  objective->with_hessian = objective->with_hessian && objective->squares;
  sy_watch_open(objective->watch);
  sy_parallel_blocks(objective->slots, evaluate_slot, objective);
  sy_watch_close();
  if (objective->with_hessian) sy_tree_sum(objective->squares, objective->slots, padded * padded);
  objective->has_hessian = objective->with_hessian;
  objective->with_hessian = false;
  sy_tree_sum(objective->sums, objective->slots, sums_width(problem));
  for (size_t k = 0; k < n_vectors; k++)
    memcpy(point->gradient + k * width, objective->sums + k * padded, width * sizeof(double));
  const double *rest = objective->sums + n_vectors * padded;
  memcpy(objective->curvature, rest, n_vectors * sizeof(double));
  objective->active_pairs = rest[n_vectors + 1];
  objective->pair_size = rest[n_vectors + 2];
  double square = add_penalty(problem, point->parameters, point->gradient);
  point->objective = rest[n_vectors] + problem->l2 / 2 * square;
  point->norm = sqrt(sy_dot(point->gradient, point->gradient, sy_problem_size(problem)));
}
