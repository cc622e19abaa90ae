/* minimize.c: Newton's method, damped as by Levenberg and Marquardt: where a full step does not
 * lower the objective as promised, the step is computed anew with more damping, which turns it
 * towards safer directions and does not merely cut it. Nothing is taken that is not lower, so the
 * iteration cannot diverge.
 *
 * Each iteration takes its direction the cheaper way, counted in operations and never timed, so
 * that the way is the same on any machine: from the factored Hessian (the sparser the surer the
 * model is of its rows), or by conjugate gradients. */
#include "fit/minimize.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/newton.h"
#include "fit/newton_cg.h"
#include "model/dot.h"

#include <math.h>

/* A gradient this small beside the rows' own scale is rounding. */
static const double gradient_rounding = 1e-13;

/* Rounding of the objective, relative: sums of n terms in short runs and a tree. */
static const double objective_rounding = 1e-14;

/* Steps of conjugate gradients to expect before any were taken. */
enum { EXPECTED_STEPS = 20 };

/* Once converged, exact Newton steps go on to the end of float64 while each gains this much. */
enum { MOST_POLISH = 3 };
static const double polish_gain = 0.1;

/* Relative residual of conjugate gradients: loose at first, tightening so that the outer iteration
 * still converges faster than linearly. */
static const double loosest_forcing = 0.25;

/* A step is taken when the objective falls by at least this fraction of what the quadratic model
 * promises; the damping falls after a step better than `good`, and rises after a `poor` one. */
static const double acceptable = 1e-3, poor = 0.25, good = 0.6;

/* Damping: where it starts and ends, and how it moves. */
static const double first_damping = 1e-5, least_damping = 1e-9;
static const double more_damping = 4, less_damping = 0.125;

/* With a damping of 1/2 the model bounds the objective, so far fewer rejections are enough. */
enum { MOST_REJECTIONS = 60 };

typedef struct minimizer {
  sy_objective *objective;
  const sy_fit_options *options;
  sy_point *point, trial;
  double *direction; /* (V, P) */
  sy_metric metric;
  sy_newton newton;
  sy_newton_cg cg;
  double damping, first_norm;
  int iterations;
} minimizer;

static bool cg_used(const minimizer *search) {
  return search->cg.residual != NULL;
}

static bool newton_is_cheaper(const minimizer *search) {
  int steps = cg_used(search) ? search->cg.steps : EXPECTED_STEPS;
  double step_cost = sy_newton_cg_step_cost(search->objective->problem);
  return sy_newton_cost(search->objective) <= steps * step_cost;
}

static sy_status newton_direction(minimizer *search, bool again, sy_error *error) {
  const sy_problem *problem = search->objective->problem;
  sy_status status = SY_OK;
  if (!search->newton.matrix)
    status = sy_newton_make(problem, &search->metric, &search->newton, error);
  if (status == SY_OK)
    status = sy_newton_update(&search->newton, search->objective, error);
  if (status == SY_OK)
    status = sy_newton_direction(&search->newton, search->point->gradient, search->damping,
                                 search->direction, error);
  return status;
}

static sy_status conjugate_direction(minimizer *search, bool again, sy_error *error) {
  const sy_problem *problem = search->objective->problem;
  sy_status status = sy_metric_make(problem, &search->metric, error);
  if (status == SY_OK && !cg_used(search))
    status = sy_newton_cg_make(problem, &search->metric, &search->cg, error);
  if (status != SY_OK) return status;
  double forcing = fmin(loosest_forcing, sqrt(search->point->norm / search->first_norm));
  return sy_newton_cg_direction(&search->cg, search->objective, search->point, search->damping,
                                forcing, search->direction, error);
}

/* Whether a trial is taken that was to lower the objective by `promise`. Near the optimum the
 * difference drowns in rounding; there the gradient decides. */
static bool accepts(const sy_point *point, const sy_point *trial, double promise) {
  if (!isfinite(trial->objective) || !isfinite(trial->norm)) return false;
  double noise = objective_rounding * fabs(point->objective);
  double fall = point->objective - trial->objective;
  if (promise > 10 * noise) return fall >= acceptable * promise;
  return fall >= -noise && trial->norm < point->norm;
}

static void swap_points(sy_point *a, sy_point *b) {
  sy_point kept = *a;
  *a = *b;
  *b = kept;
}

/* Tries the direction. The damped model promises half the slope along it. */
static bool try_direction(minimizer *search, double *ratio) {
  size_t size = sy_problem_size(search->objective->problem);
  double promise = -sy_dot_f64(search->point->gradient, search->direction, size) / 2;
  if (!(promise > 0)) return false;
  for (size_t j = 0; j < size; j++)
    search->trial.parameters[j] = search->point->parameters[j] + search->direction[j];
  sy_objective_evaluate(search->objective, &search->trial);
  if (!accepts(search->point, &search->trial, promise)) return false;
  *ratio = (search->point->objective - search->trial.objective) / promise;
  sy_objective_accept(search->objective);
  swap_points(search->point, &search->trial);
  search->iterations++;
  return true;
}

static void relax_damping(minimizer *search, double ratio) {
  if (ratio < poor) search->damping *= more_damping;
  if (ratio > good) search->damping *= less_damping;
  if (search->damping < least_damping) search->damping = 0;
}

/* One outer iteration: the same second derivatives with more and more damping, until a step is
 * taken. *moved tells whether one was. */
static sy_status iterate(minimizer *search, bool *moved, sy_error *error) {
  bool by_newton = newton_is_cheaper(search);
  sy_status status = SY_OK;
  double ratio = 0;
  *moved = false;
  for (int rejections = 0; rejections < MOST_REJECTIONS && status == SY_OK; rejections++) {
    status = by_newton ? newton_direction(search, rejections > 0, error)
                       : conjugate_direction(search, rejections > 0, error);
    if (status == SY_OK) *moved = try_direction(search, &ratio);
    if (*moved) {
      relax_damping(search, ratio);
      return SY_OK;
    }
    sy_objective_reject(search->objective);
    if (rejections > 0) search->damping = fmax(search->damping * more_damping, first_damping);
    if (status == SY_OK)
      status = sy_metric_make(search->objective->problem, &search->metric, error);
  }
  return status;
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
  result->converged = point->norm <= fmax(search->options->tolerance, gradient_rounding * scale);
  result->solver = cg_used(search) ? "Newton-CG" : "Newton";
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
    sy_objective_accept(objective);
    search.first_norm = point->norm;
    if (!isfinite(point->objective) || !isfinite(point->norm))
      status = sy_fail(error, SY_NUMERIC_FAILURE, "the objective is not finite at the start");
  }
  if (status == SY_OK) status = descend(&search, error);
  if (status == SY_OK) status = polish(&search, error);
  if (status == SY_OK) tell_result(&search, result);
  sy_newton_clear(&search.newton);
  sy_newton_cg_clear(&search.cg);
  sy_metric_clear(&search.metric);
  sy_point_clear(&search.trial);
  free(search.direction);
  return status;
}
