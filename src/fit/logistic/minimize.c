/* minimize.c: a quasi-Newton method that knows what second derivatives cost.
 *
 * Directions come from the inverse of a stand-in for the Hessian: the Hessian itself, factored some
 * steps ago or on a sample of the rows, or before that is worth its price a cheap preconditioner;
 * corrected by what the steps since then have shown (L-BFGS). The Hessian is renewed once the steps
 * since the last time have cost as much as renewing it does, so that neither can waste more than
 * the other; costs are counted in operations, never timed, so that the way is the same on any
 * machine. Where the Hessian costs less than a step this is Newton's method.
 *
 * The corrections are more than thrift. Rows far out (a column with a few values hundreds of
 * standard deviations from its mean) turn from no curvature to much within one Newton step, which
 * the Hessian cannot foresee, and a line search then cuts every step for the sake of a few rows.
 * The pairs remember those rows, and damping (Levenberg, Marquardt) by the Gram matrix, which has
 * seen all rows, keeps the first steps from overturning them: begun without a sample, kddcup99
 * took 9 Hessians with both and 40 with neither. */
#include "fit/logistic/minimize.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/logistic/line_search.h"

#include <math.h>

/* A gradient this small beside the rows' own scale is rounding. */
static const double gradient_rounding = 1e-13;

/* The Hessian is taken at the start already where it costs no more than this many evaluations. */
static const double affordable = 8;

/* The preconditioner follows the curvature of the classes every so many steps. */
enum { PRECONDITIONER_STEPS = 10 };

/* Steps until the next Hessian where the first step after one had to be cut: what is learnt about
 * the rows in the way should not be thrown away at once. */
enum { CUT_STEPS = 20 };

/* A first step cut below this asks for more damping, at most so many times. */
static const double cut_short = 0.05;
enum { MOST_RISES = 8 };

/* Once converged, Newton steps go on towards the end of float64 while each gains this much, and a
 * new Hessian costs no more than this share of the fit so far or some hundredths of a second. */
enum { MOST_POLISH = 6 };
static const double polish_gain = 0.1, polish_share = 0.125, polish_price = 1e9, polish_end = 1e-16;

typedef struct minimizer {
  sy_fit_objective *objective;
  const sy_fit_options *options;
  sy_curvature *curvature;
  sy_point *point, trial;
  double *direction; /* (V, P) */
  int steps, wait;   /* since the stand-in was renewed, and before the Hessian may be */
  double spent;      /* operations since then */
  double evaluation_cost, first_norm;
  double last_gain; /* what the last step left of the gradient */
  int iterations;
} minimizer;

static sy_status renew_hessian(minimizer *search, sy_error *error) {
  search->steps = search->wait = 0;
  search->spent = 0;
  return sy_curvature_take_hessian(search->curvature, search->objective, (double)INFINITY, error);
}

static sy_status renew_preconditioner(minimizer *search, sy_error *error) {
  return sy_curvature_take_preconditioner(search->curvature, search->objective, error);
}

static bool is_due(const minimizer *search, int steps, double spent) {
  return steps >= search->wait && spent >= sy_newton_cost(search->objective);
}

/* Renews the stand-in where that has become worth it. */
static sy_status consider_renewal(minimizer *search, sy_error *error) {
  sy_stand_in stand_in = search->curvature->stand_in;
  if (stand_in == SY_STAND_IN_NONE)
    return sy_newton_cost(search->objective) <= affordable * search->evaluation_cost
               ? renew_hessian(search, error)
               : renew_preconditioner(search, error);
  if (is_due(search, search->steps, search->spent)) return renew_hessian(search, error);
  if (stand_in == SY_STAND_IN_PRECONDITIONER && search->steps % PRECONDITIONER_STEPS == 0)
    return renew_preconditioner(search, error);
  return SY_OK;
}

static bool is_fresh(const minimizer *search) {
  return search->curvature->stand_in == SY_STAND_IN_HESSIAN && search->steps == 0;
}

/* Whether the next point will want its Hessian, so that it may come with the evaluation; not where
 * that point is likely to be the last. A fresh Hessian squares the error, later steps gain alike.
 */
static bool foresees_hessian(const minimizer *search) {
  double norm = search->point->norm, gain = is_fresh(search) ? norm : search->last_gain;
  if (norm * fmin(gain, 1) <= search->options->tolerance) return false;
  return is_due(search, search->steps + 1, search->spent + search->evaluation_cost);
}

/* Finds a step to take, 0 when nothing helps. */
static double look_ahead(minimizer *search) {
  sy_fit_objective *objective = search->objective;
  size_t before = objective->evaluations;
  sy_curvature_direction(search->curvature, objective->problem, search->point->gradient,
                         search->direction);
  objective->with_hessian = foresees_hessian(search);
  double step = sy_line_search(objective, search->direction, search->point, &search->trial);
  search->spent += (double)(objective->evaluations - before) * search->evaluation_cost;
  return step;
}

/* The same with a fresh Hessian: more damping until the step is not cut short. */
static sy_status look_ahead_damped(minimizer *search, double *step, sy_error *error) {
  sy_status status = SY_OK;
  *step = look_ahead(search);
  for (int rises = 0; rises < MOST_RISES && *step < cut_short && status == SY_OK; rises++) {
    status = sy_curvature_damp(search->curvature, search->objective, error);
    if (search->curvature->damping == 0) break;
    if (status == SY_OK) *step = look_ahead(search);
  }
  if (*step < 1)
    search->wait = CUT_STEPS;
  else
    sy_curvature_relax(search->curvature);
  return status;
}

static void move(minimizer *search) {
  sy_point left = *search->point;
  sy_secant_add(&search->curvature->secant, search->point, &search->trial);
  search->last_gain = search->trial.norm / search->point->norm;
  *search->point = search->trial;
  search->trial = left;
  search->iterations++;
  search->steps++;
}

static double fraction_done(const minimizer *search) {
  double all = log(search->first_norm / search->options->tolerance);
  double done = log(search->first_norm / search->point->norm);
  return all > 0 && isfinite(all) ? fmin(fmax(done / all, 0), 1) : 0;
}

/* One iteration; *moved tells whether the objective could be lowered. Where a corrected direction
 * does not help, a fresh stand-in is the last resort. */
static sy_status iterate(minimizer *search, bool *moved, sy_error *error) {
  double step = 0;
  sy_watch *watch = search->objective->watch;
  sy_status status = consider_renewal(search, error);
  if (status == SY_OK && !is_fresh(search)) {
    step = look_ahead(search);
    if (step == 0) status = sy_watch_tell(watch, fraction_done(search), error);
    if (status == SY_OK && step == 0) {
      sy_fit_objective_evaluate(search->objective, search->point);
      sy_secant_forget(&search->curvature->secant);
      status = isfinite(sy_newton_cost(search->objective)) ? renew_hessian(search, error)
                                                           : renew_preconditioner(search, error);
      if (status == SY_OK && !is_fresh(search)) step = look_ahead(search);
    }
  }
  if (status == SY_OK && is_fresh(search)) status = look_ahead_damped(search, &step, error);
  if (status == SY_OK) status = sy_watch_tell(watch, fraction_done(search), error);
  *moved = status == SY_OK && step > 0;
  if (*moved) move(search);
  return status;
}

static sy_status descend(minimizer *search, sy_error *error) {
  bool moved = true;
  while (moved && search->iterations < search->options->max_iterations &&
         search->point->norm > search->options->tolerance) {
    sy_status status = iterate(search, &moved, error);
    if (status != SY_OK) return status;
  }
  return SY_OK;
}

static bool is_worth_polishing(const minimizer *search) {
  double end = polish_end * search->objective->problem->row_scale;
  return search->point->norm <= search->options->tolerance && search->point->norm > end &&
         search->iterations < search->options->max_iterations;
}

static bool can_afford_hessian(const minimizer *search) {
  double so_far = (double)search->objective->evaluations * search->evaluation_cost;
  return sy_newton_cost(search->objective) <= fmax(polish_share * so_far, polish_price);
}

/* The tolerance bounds the gradient; along a direction of little curvature the parameters may still
 * be off by much more. The Hessian of the steps before is near enough to gain many digits a step;
 * where it is not, a new one is, which squares the error. */
static sy_status polish(minimizer *search, sy_error *error) {
  bool gains = search->curvature->stand_in == SY_STAND_IN_HESSIAN;
  for (int step = 0; step < MOST_POLISH && is_worth_polishing(search); step++) {
    if (!gains && (is_fresh(search) || !can_afford_hessian(search))) break;
    if (!gains) {
      search->curvature->stand_in = SY_STAND_IN_HESSIAN;
      search->curvature->damping = 0;
      sy_fit_objective_evaluate(search->objective, search->point);
      sy_status status = renew_hessian(search, error);
      if (status != SY_OK) return status;
    }
    double before = search->point->norm;
    bool moved = look_ahead(search) > 0;
    if (moved) move(search);
    bool renewed = !gains;
    gains = moved && search->point->norm <= polish_gain * before;
    if (renewed && !gains) break;
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
  result->solver = search->curvature->stand_in == SY_STAND_IN_PRECONDITIONER ? "L-BFGS" : "Newton";
}

static sy_status run(minimizer *search, bool to_the_end, sy_error *error) {
  search->objective->with_hessian = search->curvature->stand_in == SY_STAND_IN_NONE;
  sy_fit_objective_evaluate(search->objective, search->point);
  search->first_norm = search->point->norm;
  sy_status status = sy_watch_tell(search->objective->watch, 0, error);
  if (status != SY_OK) return status;
  if (!isfinite(search->point->objective) || !isfinite(search->point->norm))
    return sy_fail(error, SY_NUMERIC_FAILURE, "the objective is not finite at the start");
  status = descend(search, error);
  if (status == SY_OK && to_the_end) status = polish(search, error);
  if (status == SY_OK) status = sy_watch_tell(search->objective->watch, 1, error);
  return status;
}

sy_status sy_minimize(sy_fit_objective *objective, const sy_fit_options *options, bool to_the_end,
                      sy_curvature *curvature, sy_point *point, sy_fit_result *result,
                      sy_error *error) {
  const sy_problem *problem = objective->problem;
  minimizer search = {.objective = objective,
                      .options = options,
                      .curvature = curvature,
                      .point = point,
                      .direction = sy_alloc(sy_problem_size(problem), sizeof(double)),
                      .last_gain = 1,
                      .steps = curvature->stand_in == SY_STAND_IN_HESSIAN,
                      .evaluation_cost = sy_fit_objective_cost(problem)};
  sy_status status = search.direction ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) status = sy_point_make(problem, &search.trial, error);
  if (status == SY_OK && !curvature->secant.steps)
    status = sy_secant_make(problem, &curvature->secant, error);
  if (status == SY_OK) status = run(&search, to_the_end, error);
  if (status == SY_OK) tell_result(&search, result);
  sy_point_clear(&search.trial);
  free(search.direction);
  return status;
}
