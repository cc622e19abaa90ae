/* minimize.c: a quasi-Newton method that knows what second derivatives cost.
 *
 * Directions come from the inverse of a stand-in for the Hessian: the Hessian itself, factored some
 * steps ago, or before that is worth its price a cheap preconditioner; corrected by what the steps
 * since then have shown (L-BFGS). The stand-in is renewed once the steps since the last time have
 * cost as much as renewing does, so neither can waste more than the other; costs are counted in
 * operations, never timed, so that the way is the same on any machine. Where the Hessian costs less
 * than a step this is Newton's method.
 *
 * The corrections are more than thrift. Rows far out (a column with a few values hundreds of
 * standard deviations from its mean) turn from no curvature to much within one Newton step, which
 * the Hessian cannot foresee; the line search then cuts every step for the sake of a few rows. The
 * pairs remember those rows: kddcup99 takes 5 Hessians with them and 40 without. */
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

/* The preconditioner, once made, is renewed after this many steps. */
enum { PRECONDITIONER_STEPS = 10 };

/* Steps between two Hessians where the first step after one had to be cut: what was to be learnt
 * about those rows is not thrown away at once. */
enum { CUT_STEPS = 20 };

/* Once converged, Newton steps go on to the end of float64 while each gains this much. */
enum { MOST_POLISH = 3 };
static const double polish_gain = 0.1;

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
  int steps;       /* since the stand-in was renewed */
  int wait;        /* steps before it may be */
  double spent;    /* operations since then */
  bool all_newton; /* every step so far was one with a fresh Hessian */
  double first_norm;
  int iterations;
} minimizer;

static sy_status renew(minimizer *search, bool hessian, sy_error *error) {
  sy_secant_forget(&search->secant);
  search->stand_in = hessian ? STAND_IN_HESSIAN : STAND_IN_PRECONDITIONER;
  search->steps = 0;
  search->spent = 0;
  search->wait = 0;
  return hessian ? sy_newton_update(&search->newton, search->objective, error)
                 : sy_preconditioner_update(&search->preconditioner, search->objective, error);
}

/* Renews the stand-in where that has become worth it. */
static sy_status consider_renewal(minimizer *search, sy_error *error) {
  double price = sy_newton_cost(search->objective);
  if (search->stand_in == STAND_IN_NONE) {
    double evaluation = sy_objective_cost(search->objective->problem);
    return renew(search, price <= affordable * evaluation, error);
  }
  if (search->steps < search->wait) return SY_OK;
  if (search->spent >= price) return renew(search, true, error);
  if (search->stand_in == STAND_IN_PRECONDITIONER && search->steps % PRECONDITIONER_STEPS == 0)
    return sy_preconditioner_update(&search->preconditioner, search->objective, error);
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

static void swap_points(sy_point *a, sy_point *b) {
  sy_point kept = *a;
  *a = *b;
  *b = kept;
}

/* Takes the step found by the line search. */
static void move(minimizer *search, double step) {
  bool newton = search->stand_in == STAND_IN_HESSIAN && search->steps == 0;
  if (newton && step < 1) search->wait = CUT_STEPS;
  if (!newton) search->all_newton = false;
  sy_secant_add(&search->secant, search->point, &search->trial);
  swap_points(search->point, &search->trial);
  search->iterations++;
  search->steps++;
}

/* One iteration; *moved tells whether the objective could be lowered. Where the corrected direction
 * does not help, the plain one of a fresh Hessian is the last resort. */
static sy_status iterate(minimizer *search, bool *moved, sy_error *error) {
  sy_status status = consider_renewal(search, error);
  for (*moved = false; status == SY_OK && !*moved;) {
    find_direction(search);
    unsigned before = search->objective->evaluations;
    double step =
        sy_line_search(search->objective, search->direction, search->point, &search->trial);
    search->spent +=
        (search->objective->evaluations - before) * sy_objective_cost(search->objective->problem);
    *moved = step > 0;
    if (*moved) move(search, step);
    if (*moved || search->steps == 0) break;
    sy_objective_evaluate(search->objective, search->point);
    status = renew(search, isfinite(sy_newton_cost(search->objective)), error);
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
        before > search->options->tolerance ||
        sy_newton_cost(search->objective) >
            affordable * sy_objective_cost(search->objective->problem))
      return SY_OK;
    sy_status status = renew(search, true, error);
    if (status == SY_OK) status = iterate(search, &moved, error);
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
  result->solver = search->all_newton ? "Newton" : "Newton-BFGS";
}

sy_status sy_minimize(sy_objective *objective, const sy_fit_options *options, sy_point *point,
                      sy_fit_result *result, sy_error *error) {
  const sy_problem *problem = objective->problem;
  minimizer search = {
      .objective = objective, .options = options, .point = point, .all_newton = true};
  sy_status status = sy_point_make(problem, &search.trial, error);
  search.direction = sy_alloc(sy_problem_size(problem), sizeof(double));
  if (!search.direction) status = sy_fail_memory(error);
  if (status == SY_OK) status = sy_secant_make(problem, &search.secant, error);
  if (status == SY_OK) {
    sy_objective_evaluate(objective, point);
    search.first_norm = point->norm;
    if (!isfinite(point->objective) || !isfinite(point->norm))
      status = sy_fail(error, SY_NUMERIC_FAILURE, "the objective is not finite at the start");
  }
  if (status == SY_OK) status = descend(&search, error);
  if (status == SY_OK) status = polish(&search, error);
  if (status == SY_OK) tell_result(&search, result);
  sy_newton_clear(&search.newton);
  sy_preconditioner_clear(&search.preconditioner);
  sy_secant_clear(&search.secant);
  sy_point_clear(&search.trial);
  free(search.direction);
  return status;
}
