/* sample.c: far from the minimum a few rows show the way as well as all of them, so the way there
 * is made on a sample, itself started from a smaller one, and all rows only see the last steps.
 * Each class gives rows alike, its rare ones all, since a rare class would be lost otherwise; the
 * rows of a class stand for its whole weight. The minimum found in the end is that of all rows. */
#include "fit/sample.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "fit/minimize.h"

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

/* Takes rows of a class by chance, those far out sooner: what one of them has to say is said by no
 * other. Each stands for the rows not taken. `kept` (K') is the weight taken. */
static void draw(const sy_problem *problem, const size_t *counts, size_t limit, sy_problem *sample,
                 double *kept) {
  double usual = problem->row_scale * problem->row_scale;
  for (size_t i = 0; i < problem->n; i++) {
    size_t k = (size_t)problem->targets[i];
    double chance = (double)limit / (double)counts[k] * fmax(1, problem->norms[i] / usual);
    if (chance < 1 && sy_random_uniform(0, SY_STREAM_SAMPLE, i) >= chance) continue;
    sample->index[sample->n] = sy_problem_place(problem, i);
    sample->targets[sample->n] = problem->targets[i];
    sample->norms[sample->n] = problem->norms[i];
    sample->weights[sample->n] = problem->weights[i] / fmin(1, chance);
    kept[k] += sample->weights[sample->n++];
  }
}

static sy_status make_sample(const sy_problem *problem, size_t wanted, sy_problem *sample,
                             bool *usable, sy_error *error) {
  *sample = (sy_problem){.rows = problem->rows,
                         .width = problem->width,
                         .n_classes = problem->n_classes,
                         .n_vectors = problem->n_vectors,
                         .row_scale = problem->row_scale,
                         .l2 = problem->l2};
  size_t *counts = sy_alloc_zero(problem->n_classes, sizeof *counts);
  double *kept = sy_alloc_zero(problem->n_classes, sizeof *kept);
  sample->index = sy_alloc(problem->n, sizeof *sample->index);
  sample->targets = sy_alloc(problem->n, sizeof *sample->targets);
  sample->norms = sy_alloc(problem->n, sizeof *sample->norms);
  sample->weights = sy_alloc(problem->n, sizeof *sample->weights);
  sample->shares = sy_alloc(problem->n_classes, sizeof *sample->shares);
  sy_status status = counts && kept && sample->index && sample->targets && sample->norms &&
                             sample->weights && sample->shares
                         ? SY_OK
                         : sy_fail_memory(error);
  if (status == SY_OK) {
    for (size_t i = 0; i < problem->n; i++) counts[problem->targets[i]]++;
    draw(problem, counts, find_limit(counts, problem->n_classes, wanted), sample, kept);
    *usable = true;
    for (size_t k = 0; k < problem->n_classes; k++) *usable = *usable && kept[k] > 0;
    for (size_t i = 0; i < sample->n && *usable; i++)
      sample->weights[i] *= problem->shares[sample->targets[i]] / kept[sample->targets[i]];
  }
  if (status == SY_OK) memcpy(sample->shares, problem->shares, problem->n_classes * sizeof *kept);
  free(counts);
  free(kept);
  return status;
}

static sy_status search(sy_problem *sample, const sy_problem *problem,
                        const sy_fit_options *options, double *parameters, sy_curvature *curvature,
                        sy_error *error) {
  sy_objective objective = {0};
  sy_point point = {0};
  sy_fit_result result;
  sy_fit_options rough = *options;
  rough.tolerance = fmax(options->tolerance, near_enough * problem->row_scale);
  if (rough.max_iterations > MOST_STEPS) rough.max_iterations = MOST_STEPS;
  size_t bytes = sy_problem_size(problem) * sizeof(double);
  sy_status status = sy_sample_search(sample, options, parameters, curvature, error);
  if (status == SY_OK) status = sy_objective_make(sample, &objective, error);
  if (status == SY_OK) status = sy_point_make(sample, &point, error);
  if (status == SY_OK) {
    memcpy(point.parameters, parameters, bytes);
    status = sy_minimize(&objective, &rough, false, curvature, &point, &result, error);
  }
  if (status == SY_OK) {
    memcpy(parameters, point.parameters, bytes);
    double most_pairs = worth_passes * sy_objective_cost(problem) / sy_newton_pair_cost(problem);
    if (curvature->stand_in == SY_STAND_IN_PRECONDITIONER && objective.spread) {
      sy_objective_evaluate(&objective, &point);
      status = sy_curvature_take_hessian(curvature, &objective, most_pairs, error);
    }
  }
  sy_point_clear(&point);
  sy_objective_clear(&objective);
  return status;
}

sy_status sy_sample_search(const sy_problem *problem, const sy_fit_options *options,
                           double *parameters, sy_curvature *curvature, sy_error *error) {
  size_t wanted = problem->n / ONE_IN;
  if (wanted < LEAST_ROWS || wanted < ROWS_A_COLUMN * problem->width * problem->n_classes)
    return SY_OK;
  sy_problem sample;
  bool usable = false;
  sy_status status = make_sample(problem, wanted, &sample, &usable, error);
  if (status == SY_OK && usable)
    status = search(&sample, problem, options, parameters, curvature, error);
  sy_curvature_hand_over(curvature, problem);
  sy_problem_clear(&sample);
  return status;
}
