/* minimize.c: Newton's method with a line search. Each iteration takes its direction the cheaper
 * way, counted in operations and never timed, so that the way is the same on any machine: from the
 * factored Hessian (exact, and the sparser the surer the model is of its rows), or by conjugate
 * gradients. */
#include "fit/minimize.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/line_search.h"
#include "fit/newton.h"
#include "fit/newton_cg.h"

#include <math.h>

/* A gradient this small beside the rows' own scale is rounding. */
static const double rounding = 1e-13;

/* Steps of conjugate gradients to expect before any were taken. */
enum { EXPECTED_STEPS = 20 };

/* Once converged, exact Newton steps go on to the end of float64 while each gains this much. */
enum { MOST_POLISH = 3 };
static const double polish_gain = 0.1;

/* Relative residual of conjugate gradients: loose at first, tightening so that the outer iteration
 * still converges faster than linearly. */
static const double loosest_forcing = 0.25;

typedef struct minimizer {
  sy_objective *objective;
  const sy_fit_options *options;
  sy_point *point, trial;
  double *direction; /* (V, P) */
  sy_newton_cg cg;
  bool cg_ready, cg_used;
  double first_norm;
  int iterations;
} minimizer;

static bool newton_is_cheaper(const minimizer *search) {
  int steps = search->cg_used ? search->cg.steps : EXPECTED_STEPS;
  double step_cost = sy_newton_cg_step_cost(search->objective->problem);
  return sy_newton_cost(search->objective) <= steps * step_cost;
}

static sy_status conjugate_direction(minimizer *search, sy_error *error) {
  sy_status status = SY_OK;
  if (!search->cg_ready) {
    search->cg_ready = true;
    status = sy_newton_cg_make(search->objective->problem, &search->cg, error);
  }
  if (status != SY_OK) return status;
  search->cg_used = true;
  double forcing = fmin(loosest_forcing, sqrt(search->point->norm / search->first_norm));
  return sy_newton_cg_direction(&search->cg, search->objective, search->point, forcing,
                                search->direction, error);
}

/* One outer iteration; *moved tells whether the objective could be lowered. */
static sy_status iterate(minimizer *search, bool *moved, sy_error *error) {
  sy_status status =
      newton_is_cheaper(search)
          ? sy_newton_direction(search->objective, search->point, search->direction, error)
          : conjugate_direction(search, error);
  if (status != SY_OK) return status;
  *moved = sy_line_search(search->objective, search->direction, search->point, &search->trial);
  if (*moved) search->iterations++;
  return SY_OK;
}

static double fraction_done(const minimizer *search) {
  double all = log(search->first_norm / search->options->tolerance);
  double done = log(search->first_norm / search->point->norm);
  return all > 0 && isfinite(all) ? fmin(fmax(done / all, 0), 1) : 0;
}

static sy_status descend(minimizer *search, sy_error *error) {
  bool moved = true;
  while (moved && search->iterations < search->options->max_iterations &&
         search->point->norm > search->options->tolerance) {
    sy_status status =
        sy_progress_tell(search->options->progress, "fit", fraction_done(search), error);
    if (status == SY_OK) status = iterate(search, &moved, error);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

/* The tolerance bounds the gradient; along a direction of little curvature the parameters may still
 * be off by much more. Newton's last steps square the error, so they are worth their price. */
static sy_status polish(minimizer *search, sy_error *error) {
  for (int step = 0; step < MOST_POLISH; step++) {
    double before = search->point->norm;
    bool moved = false;
    if (search->iterations >= search->options->max_iterations || !(before > 0) ||
        before > search->options->tolerance || !newton_is_cheaper(search))
      return SY_OK;
    sy_status status = iterate(search, &moved, error);
    if (status != SY_OK || !moved || search->point->norm > polish_gain * before) return status;
  }
  return SY_OK;
}

static void tell_result(const minimizer *search, sy_fit_result *result) {
  const sy_point *point = search->point;
  double scale = search->objective->problem->row_scale;
  result->objective = point->objective;
  result->gradient_norm = point->norm;
  result->iterations = search->iterations;
  result->converged = point->norm <= fmax(search->options->tolerance, rounding * scale);
  result->solver = search->cg_used ? "Newton-CG" : "Newton";
}

sy_status sy_minimize(sy_objective *objective, const sy_fit_options *options, sy_point *point,
                      sy_fit_result *result, sy_error *error) {
  const sy_problem *problem = objective->problem;
  minimizer search = {.objective = objective, .options = options, .point = point};
  sy_status status = sy_point_make(problem, &search.trial, error);
  search.direction = sy_alloc(sy_problem_size(problem), sizeof(double));
  if (!search.direction) status = sy_fail_memory(error);
  if (status == SY_OK) {
    sy_objective_evaluate(objective, point);
    search.first_norm = point->norm;
    if (!isfinite(point->objective) || !isfinite(point->norm))
      status = sy_fail(error, SY_NUMERIC_FAILURE, "the objective is not finite at the start");
  }
  if (status == SY_OK) status = descend(&search, error);
  if (status == SY_OK) status = polish(&search, error);
  if (status == SY_OK) tell_result(&search, result);
  sy_newton_cg_clear(&search.cg);
  sy_point_clear(&search.trial);
  free(search.direction);
  return status;
}
