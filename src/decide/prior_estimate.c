/* prior_estimate.c: the prior of unlabelled rows: EM as Saerens et al. (2002) have it, which is
 * fast where classes are well apart, then Newton's method, which does not mind where they are not.
 */
#include "decide/prior_estimate.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* Steps of EM before Newton's method takes over, and after it (one would do: they tell whether it
 * has converged). */
enum { FIRST_STEPS = 30, LAST_STEPS = 20 };

static const double converged_change = 1e-10;

/* What is left of a class that is not there is 0: EM only ever comes nearer. */
static const double nothing = 1e-13;

static bool expect_and_maximise(const sy_prior_rows *rows, int most_steps, double *prior,
                                int *iterations) {
  for (int step = 0; step < most_steps; step++) {
    ++*iterations;
    if (sy_prior_step(rows, prior) <= converged_change) return true;
  }
  return false;
}

/* Newton's steps within 0..infinity. */
static sy_status polish(sy_prior_rows *rows, double *prior, int *iterations, sy_error *error) {
  double *bounds = sy_alloc(rows->n_active, 2 * sizeof *bounds), *highest = bounds;
  int steps = 0;
  if (!bounds) return sy_fail_memory(error);
  highest += rows->n_active;
  for (size_t a = 0; a < rows->n_active; a++) {
    bounds[a] = 0;
    highest[a] = (double)INFINITY;
  }
  sy_bounded problem = {rows->n_active, bounds, highest, sy_prior_evaluate, rows};
  sy_status status = sy_bounded_minimise(&problem, prior, &steps, error);
  *iterations += steps;
  free(bounds);
  return status;
}

/* From the trained prior, which so is the estimate where the rows tell nothing. EM alone may stand
 * still far from the optimum, step after tiny step: Newton's method always has the last word. */
static sy_status maximise(sy_prior_rows *rows, const double *trained_prior, double *prior,
                          sy_prior_estimate *estimate, sy_error *error) {
  for (size_t a = 0; a < rows->n_active; a++) prior[a] = trained_prior[rows->active[a]];
  expect_and_maximise(rows, FIRST_STEPS, prior, &estimate->iterations);
  sy_status status = polish(rows, prior, &estimate->iterations, error);
  for (size_t a = 0; a < rows->n_active; a++)
    if (prior[a] < nothing) prior[a] = 0;
  if (status == SY_OK)
    estimate->converged = expect_and_maximise(rows, LAST_STEPS, prior, &estimate->iterations);
  return status;
}

static sy_status make_room(size_t n_classes, sy_prior_estimate *estimate, sy_error *error) {
  estimate->n_classes = n_classes;
  estimate->prior = sy_alloc_zero(n_classes, sizeof *estimate->prior);
  estimate->low = sy_alloc_zero(n_classes, sizeof *estimate->low);
  estimate->high = sy_alloc_zero(n_classes, sizeof *estimate->high);
  return estimate->prior && estimate->low && estimate->high ? SY_OK : sy_fail_memory(error);
}

static sy_status estimate_rows(sy_prior_rows *rows, const double *trained_prior,
                               sy_prior_estimate *estimate, sy_error *error) {
  double *numbers = sy_alloc(rows->n_active, 3 * sizeof *numbers);
  if (!numbers) return sy_fail_memory(error);
  double *low = numbers + rows->n_active, *high = low + rows->n_active;
  sy_status status = maximise(rows, trained_prior, numbers, estimate, error);
  if (status == SY_OK) status = sy_prior_interval(rows, numbers, low, high, error);
  for (size_t a = 0; a < rows->n_active && status == SY_OK; a++) {
    estimate->prior[rows->active[a]] = numbers[a];
    estimate->low[rows->active[a]] = low[a];
    estimate->high[rows->active[a]] = high[a];
  }
  free(numbers);
  return status;
}

sy_status sy_prior_estimate_make(const double *log_probabilities, size_t n, size_t n_classes,
                                 const double *row_weights, const double *trained_prior,
                                 sy_prior_estimate *estimate, sy_error *error) {
  sy_prior_rows rows;
  *estimate = (sy_prior_estimate){0};
  sy_status status =
      sy_prior_rows_make(log_probabilities, n, n_classes, row_weights, trained_prior, &rows, error);
  if (status == SY_OK) status = make_room(n_classes, estimate, error);
  if (status == SY_OK) status = estimate_rows(&rows, trained_prior, estimate, error);
  sy_prior_rows_clear(&rows);
  if (status != SY_OK) sy_prior_estimate_clear(estimate);
  return status;
}

void sy_prior_estimate_clear(sy_prior_estimate *estimate) {
  free(estimate->prior);
  free(estimate->low);
  free(estimate->high);
  *estimate = (sy_prior_estimate){0};
}
