/* sample.c: far from the minimum a few rows show the way as well as all of them, so the way there
 * is made on a sample, itself started from a smaller one, and all rows only see the last steps.
 * Each class gives rows alike, its rare ones all, since a rare class would be lost otherwise; the
 * rows of a class stand for its whole weight. The minimum found in the end is that of all rows. */
#include "fit/logistic/sample.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/logistic/hessian.h"
#include "fit/logistic/minimize.h"

#include <math.h>
#include <string.h>

/* A sample has one row in so many, and no fewer than these: more of them than parameters a class,
 * for its minimum to be any use. */
enum { ONE_IN = 8, LEAST_ROWS = 4096, ROWS_A_COLUMN = 4 };

/* The gradient on all rows is not this small yet beside the rows' scale: to go further on the
 * sample would be to learn its noise. */
static const double near_enough = 1e-4;
enum { MOST_STEPS = 50 };

/* The sample's Hessian is worth making for all rows where it costs less than so many passes over
 * them. */
static const double worth_passes = 2;

/* Largest number of rows a class may give so that all give `wanted` together. */
static size_t find_limit(const size_t *counts, size_t n_classes, size_t wanted) {
  size_t low = 1, high = wanted;
  while (low < high) {
    size_t middle = low + (high - low + 1) / 2, all = 0;
    for (size_t k = 0; k < n_classes; k++) all += counts[k] < middle ? counts[k] : middle;
    if (all <= wanted)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/* Chance of a row: alike in a class, but more for rows far out: what one of them has to say is said
 * by no other. */
typedef struct lottery {
  const sy_problem *problem;
  double *chances; /* (K') of a usual row */
  double usual;    /* 1 / squared norm of such a row */
  size_t *drawn;   /* (n) rows drawn */
  size_t n;
} lottery;

static double chance_of(const lottery *made, size_t i) {
  double farther = made->problem->norms[i] * made->usual;
  return made->chances[made->problem->targets[i]] * (farther > 1 ? farther : 1);
}

/* Multiples of the golden ratio are spread evenly however the rows are ordered. No branch, which
 * would be guessed wrong once for each row drawn. */
static void draw(lottery *made) {
  for (size_t i = 0; i < made->problem->n; i++) {
    uint64_t place = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u;
    made->drawn[made->n] = i;
    made->n += (double)(int64_t)(place >> 11) * 0x1p-53 < chance_of(made, i);
  }
}

static sy_status make_lottery(const sy_problem *problem, size_t wanted, lottery *made,
                              sy_error *error) {
  size_t *counts = sy_alloc_zero(problem->n_classes, sizeof *counts);
  *made = (lottery){.problem = problem, .usual = 1 / (problem->row_scale * problem->row_scale)};
  made->chances = sy_alloc(problem->n_classes, sizeof *made->chances);
  made->drawn = sy_alloc(problem->n, sizeof *made->drawn);
  sy_status status = counts && made->chances && made->drawn ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    for (size_t i = 0; i < problem->n; i++) counts[problem->targets[i]]++;
    double limit = (double)find_limit(counts, problem->n_classes, wanted);
    for (size_t k = 0; k < problem->n_classes; k++) made->chances[k] = limit / (double)counts[k];
    draw(made);
  }
  free(counts);
  return status;
}

static sy_status reserve(const sy_problem *problem, size_t n, sy_problem *sample, sy_error *error) {
  *sample = (sy_problem){.rows = problem->rows,
                         .n = n,
                         .width = problem->width,
                         .n_classes = problem->n_classes,
                         .n_vectors = problem->n_vectors,
                         .row_scale = problem->row_scale,
                         .l2 = problem->l2};
  sample->index = sy_alloc(n, sizeof *sample->index);
  sample->targets = sy_alloc(n, sizeof *sample->targets);
  sample->norms = sy_alloc(n, sizeof *sample->norms);
  sample->weights = sy_alloc(n, sizeof *sample->weights);
  sample->shares = sy_alloc_zero(problem->n_classes, sizeof *sample->shares);
  bool reserved =
      sample->index && sample->targets && sample->norms && sample->weights && sample->shares;
  return reserved ? SY_OK : sy_fail_memory(error);
}

/* A row stands for those like it that were not drawn, the rows of a class for its whole weight.
 * False where a class is lost. */
static bool fill(const lottery *made, sy_problem *sample) {
  const sy_problem *problem = made->problem;
  for (size_t s = 0; s < sample->n; s++) {
    size_t i = made->drawn[s];
    double chance = chance_of(made, i);
    sample->index[s] = sy_problem_place(problem, i);
    sample->targets[s] = problem->targets[i];
    sample->norms[s] = problem->norms[i];
    sample->weights[s] = problem->weights[i] / (chance < 1 ? chance : 1);
    sample->shares[problem->targets[i]] += sample->weights[s];
  }
  for (size_t s = 0; s < sample->n; s++) {
    size_t k = (size_t)sample->targets[s];
    sample->weights[s] *= problem->shares[k] / sample->shares[k];
  }
  bool complete = true;
  for (size_t k = 0; k < problem->n_classes; k++) complete = complete && sample->shares[k] > 0;
  memcpy(sample->shares, problem->shares, problem->n_classes * sizeof(double));
  return complete;
}

static sy_status make_sample(const sy_problem *problem, size_t wanted, sy_problem *sample,
                             bool *complete, sy_error *error) {
  lottery made;
  sy_status status = make_lottery(problem, wanted, &made, error);
  if (status == SY_OK) status = reserve(problem, made.n, sample, error);
  *complete = status == SY_OK && fill(&made, sample);
  free(made.chances);
  free(made.drawn);
  return status;
}

/* The sample's own search ends where a passable Hessian is made, for all rows to begin with. */
static sy_status search(const sy_problem *sample, const sy_problem *problem,
                        const sy_fit_options *options, sy_watch *watch, sy_point *point,
                        sy_curvature *curvature, sy_error *error) {
  sy_fit_objective objective = {0};
  sy_fit_result result;
  sy_fit_options rough = {.tolerance = fmax(options->tolerance, near_enough * problem->row_scale)};
  rough.max_iterations =
      options->max_iterations < MOST_STEPS ? options->max_iterations : MOST_STEPS;
  sy_status status = sy_fit_objective_make(sample, watch, &objective, error);
  if (status == SY_OK)
    status = sy_minimize(&objective, &rough, false, curvature, point, &result, error);
  if (status == SY_OK && curvature->stand_in == SY_STAND_IN_PRECONDITIONER && objective.spread) {
    double worth = worth_passes * sy_fit_objective_cost(problem);
    sy_fit_objective_evaluate(&objective, point);
    status = sy_curvature_take_hessian(curvature, &objective, worth / sy_hessian_pair_cost(problem),
                                       error);
  }
  sy_fit_objective_clear(&objective);
  return status;
}

sy_status sy_sample_search(const sy_problem *problem, const sy_fit_options *options,
                           sy_watch *watch, sy_point *point, sy_curvature *curvature,
                           sy_error *error) {
  size_t wanted = problem->n / ONE_IN;
  if (wanted < LEAST_ROWS || wanted < ROWS_A_COLUMN * problem->width * problem->n_classes)
    return SY_OK;
  sy_problem sample = {0};
  bool complete = false;
  sy_status status = make_sample(problem, wanted, &sample, &complete, error);
  if (complete) status = sy_sample_search(&sample, options, watch, point, curvature, error);
  if (complete && status == SY_OK)
    status = search(&sample, problem, options, watch, point, curvature, error);
  sy_curvature_hand_over(curvature, problem);
  sy_problem_clear(&sample);
  return status;
}
