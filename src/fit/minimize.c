/* minimize.c: a quasi-Newton method that knows what second derivatives cost.
 *
 * Directions come from the inverse of a stand-in for the Hessian: the Hessian itself, factored some
 * steps ago, or before that is worth its price a cheap preconditioner; corrected by what the steps
 * since then have shown (L-BFGS). The Hessian is renewed once the steps since the last time have
 * cost as much as renewing it does, so that neither can waste more than the other; costs are
 * counted in operations, never timed, so that the way is the same on any machine. Where the Hessian
 * costs less than a step this is Newton's method.
 *
 * The corrections are more than thrift. Rows far out (a column with a few values hundreds of
 * standard deviations from its mean) turn from no curvature to much within one Newton step, which
 * the Hessian cannot foresee, and a line search then cuts every step for the sake of a few rows.
 * The pairs remember those rows, and damping (Levenberg, Marquardt) by the Gram matrix, which has
 * seen all rows, keeps the first steps from overturning them: kddcup99 takes 9 Hessians with both
 * and 40 with neither. */
#include "fit/minimize.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/line_search.h"
#include "fit/newton.h"
#include "fit/preconditioner.h"
#include "fit/secant.h"

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

/* Damping: where it starts and ends; how it falls after a full step and rises, at once, after one
 * cut below `cut_short`. A damping of 1/2 bounds the Hessian everywhere (Boehning 1992), so few
 * rises are enough. */
static const double first_damping = 1e-3, least_damping = 1e-8;
static const double less_damping = 0.03, more_damping = 10, cut_short = 0.05;
enum { MOST_RISES = 8 };

/* Once converged, Newton steps go on towards the end of float64 while each gains this much, and a
 * Hessian costs no more than this share of the fit so far or some hundredths of a second. */
enum { MOST_POLISH = 3 };
static const double polish_gain = 0.1, polish_share = 0.125, polish_price = 1e9, polish_end = 1e-16;

typedef enum stand_in { STAND_IN_NONE, STAND_IN_PRECONDITIONER, STAND_IN_HESSIAN } stand_in;

typedef struct minimizer {
  sy_objective *objective;
  const sy_fit_options *options;
  sy_point *point, trial;
  double *direction; /* (V, P) */
  stand_in stand_in;
  sy_newton newton;
  sy_preconditioner preconditioner;
  sy_secant secant;
  double damping;
  int steps, wait; /* since the stand-in was renewed, and before the Hessian may be */
  double spent;    /* operations since then */
  double evaluation_cost, first_norm;
  int iterations;
} minimizer;

/* A preconditioner that is diagonal has no Gram matrix to damp with. */
static sy_status factor_hessian(minimizer *search, sy_error *error) {
  sy_status status = SY_OK;
  if (search->damping > 0 && !search->preconditioner.gram)
    status = sy_preconditioner_update(&search->preconditioner, search->objective, error);
  if (search->preconditioner.diagonal) search->damping = 0;
  if (status != SY_OK) return status;
  return sy_newton_factor(&search->newton, search->damping, search->preconditioner.gram, error);
}

static sy_status renew_hessian(minimizer *search, sy_error *error) {
  if (search->stand_in == STAND_IN_PRECONDITIONER) search->damping = first_damping;
  search->stand_in = STAND_IN_HESSIAN;
  search->steps = search->wait = 0;
  search->spent = 0;
  sy_secant_forget(&search->secant);
  sy_status status = sy_newton_update(&search->newton, search->objective, error);
  return status == SY_OK ? factor_hessian(search, error) : status;
}

static sy_status renew_preconditioner(minimizer *search, sy_error *error) {
  search->stand_in = STAND_IN_PRECONDITIONER;
  return sy_preconditioner_update(&search->preconditioner, search->objective, error);
}

/* Renews the stand-in where that has become worth it. */
static sy_status consider_renewal(minimizer *search, sy_error *error) {
  double price = sy_newton_cost(search->objective);
  if (search->stand_in == STAND_IN_NONE)
    return price <= affordable * search->evaluation_cost ? renew_hessian(search, error)
                                                         : renew_preconditioner(search, error);
  if (search->steps >= search->wait && search->spent >= price) return renew_hessian(search, error);
  if (search->stand_in == STAND_IN_PRECONDITIONER && search->steps % PRECONDITIONER_STEPS == 0)
    return renew_preconditioner(search, error);
  return SY_OK;
}

/* direction = -(corrected inverse of the stand-in) x gradient. */
static void find_direction(minimizer *search) {
  const sy_problem *problem = search->objective->problem;
  size_t size = sy_problem_size(problem);
  double factors[SY_SECANT_MOST];
  for (size_t j = 0; j < size; j++) search->direction[j] = -search->point->gradient[j];
  sy_secant_before(&search->secant, search->direction, factors);
  if (search->stand_in == STAND_IN_HESSIAN)
    sy_newton_solve(&search->newton, search->direction);
  else
    sy_preconditioner_solve(&search->preconditioner, search->direction);
  sy_secant_after(&search->secant, search->direction, factors);
  sy_problem_center(problem, search->direction);
}

/* Finds a step to take, 0 when nothing helps. */
static double look_ahead(minimizer *search) {
  size_t before = search->objective->evaluations;
  find_direction(search);
  double step = sy_line_search(search->objective, search->direction, search->point, &search->trial);
  search->spent += (double)(search->objective->evaluations - before) * search->evaluation_cost;
  return step;
}

static bool is_fresh(const minimizer *search) {
  return search->stand_in == STAND_IN_HESSIAN && search->steps == 0;
}

/* The same with a fresh Hessian: more damping until the step is not cut short. */
static sy_status look_ahead_damped(minimizer *search, double *step, sy_error *error) {
  sy_status status = SY_OK;
  *step = look_ahead(search);
  for (int rises = 0; rises < MOST_RISES && *step < cut_short && status == SY_OK; rises++) {
    search->damping = fmax(search->damping * more_damping, first_damping);
    status = factor_hessian(search, error);
    if (search->damping == 0) break;
    if (status == SY_OK) *step = look_ahead(search);
  }
  if (*step < 1) search->wait = CUT_STEPS;
  if (*step == 1) search->damping *= less_damping;
  if (search->damping < least_damping) search->damping = 0;
  return status;
}

static void move(minimizer *search) {
  sy_point left = *search->point;
  sy_secant_add(&search->secant, search->point, &search->trial);
  *search->point = search->trial;
  search->trial = left;
  search->iterations++;
  search->steps++;
}

/* One iteration; *moved tells whether the objective could be lowered. Where a corrected direction
 * does not help, a fresh stand-in is the last resort. */
static sy_status iterate(minimizer *search, bool *moved, sy_error *error) {
  double step = 0;
  sy_status status = consider_renewal(search, error);
  if (status == SY_OK && !is_fresh(search)) {
    step = look_ahead(search);
    if (step == 0) {
      sy_objective_evaluate(search->objective, search->point);
      sy_secant_forget(&search->secant);
      status = isfinite(sy_newton_cost(search->objective)) ? renew_hessian(search, error)
                                                           : renew_preconditioner(search, error);
      if (status == SY_OK && !is_fresh(search)) step = look_ahead(search);
    }
  }
  if (status == SY_OK && is_fresh(search)) status = look_ahead_damped(search, &step, error);
  *moved = status == SY_OK && step > 0;
  if (*moved) move(search);
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

static bool is_worth_polishing(const minimizer *search) {
  double so_far = (double)search->objective->evaluations * search->evaluation_cost;
  double price = sy_newton_cost(search->objective);
  double end = polish_end * search->objective->problem->row_scale;
  return search->point->norm <= search->options->tolerance && search->point->norm > end &&
         search->iterations < search->options->max_iterations &&
         price <= fmax(polish_share * so_far, polish_price);
}

/* The tolerance bounds the gradient; along a direction of little curvature the parameters may still
 * be off by much more. Newton's last steps square the error, so they are worth their price. */
static sy_status polish(minimizer *search, sy_error *error) {
  for (int step = 0; step < MOST_POLISH && is_worth_polishing(search); step++) {
    double before = search->point->norm;
    search->stand_in = STAND_IN_HESSIAN;
    search->damping = 0;
    sy_status status = renew_hessian(search, error);
    if (status == SY_OK && look_ahead(search) > 0) move(search);
    if (status != SY_OK || search->point->norm > polish_gain * before) return status;
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
  result->solver = search->stand_in == STAND_IN_PRECONDITIONER ? "L-BFGS" : "Newton";
}

static sy_status run(minimizer *search, sy_error *error) {
  sy_objective_evaluate(search->objective, search->point);
  search->first_norm = search->point->norm;
  if (!isfinite(search->point->objective) || !isfinite(search->point->norm))
    return sy_fail(error, SY_NUMERIC_FAILURE, "the objective is not finite at the start");
  sy_status status = descend(search, error);
  return status == SY_OK ? polish(search, error) : status;
}

sy_status sy_minimize(sy_objective *objective, const sy_fit_options *options, sy_point *point,
                      sy_fit_result *result, sy_error *error) {
  const sy_problem *problem = objective->problem;
  minimizer search = {.objective = objective,
                      .options = options,
                      .point = point,
                      .direction = sy_alloc(sy_problem_size(problem), sizeof(double)),
                      .evaluation_cost = sy_objective_cost(problem)};
  sy_status status = search.direction ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) status = sy_point_make(problem, &search.trial, error);
  if (status == SY_OK) status = sy_secant_make(problem, &search.secant, error);
  if (status == SY_OK) status = run(&search, error);
  if (status == SY_OK) tell_result(&search, result);
  sy_newton_clear(&search.newton);
  sy_preconditioner_clear(&search.preconditioner);
  sy_secant_clear(&search.secant);
  sy_point_clear(&search.trial);
  free(search.direction);
  return status;
}
