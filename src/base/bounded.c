/* bounded.c: Newton's method projected onto bounds (Bertsekas 1982). */
#include "base/bounded.h"

#include "base/dense.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Steps are far fewer (5 to 15); the last ones only polish. */
enum { MOST_STEPS = 100, MOST_HALVINGS = 40 };

/* Part of what the slope promises that a step must bring (Armijo). */
static const double least_gain = 1e-4;

/* Below this promise values differ by rounding alone: whole steps are taken as long as what they
 * promise falls fast and the value does not rise by more than rounding. */
static const double last_promise = 1e-12, rounding = 1e-14;

/* Parts of the diagonal that are added to it. The first is rounding; where a step along a direction
 * without curvature is too long to bring anything, the others shorten it. */
static const double least_ridge = 1e-15, most_ridge = 10, ridge_growth = 1000;

/* A search under way. */
typedef struct newton {
  const sy_bounded *problem;
  sy_bounded_place here, next;
  double *step, *factor; /* (size), (size, size) */
  bool *free;            /* (size) parameters that may move */
  double last_promise;   /* of the last whole step taken near the end */
} newton;

static bool make_place(size_t size, sy_bounded_place *place) {
  place->at = sy_alloc(size, sizeof(double));
  place->gradient = sy_alloc(size, sizeof(double));
  place->hessian = sy_alloc(size, size * sizeof(double));
  return place->at && place->gradient && place->hessian;
}

static void clear_place(sy_bounded_place *place) {
  free(place->at);
  free(place->gradient);
  free(place->hessian);
}

static sy_status make_newton(const sy_bounded *problem, newton *n, sy_error *error) {
  size_t size = problem->size;
  *n = (newton){.problem = problem, .last_promise = (double)INFINITY};
  bool here = make_place(size, &n->here), next = make_place(size, &n->next);
  n->step = sy_alloc(size, sizeof *n->step);
  n->factor = sy_alloc(size, size * sizeof *n->factor);
  n->free = sy_alloc(size, sizeof *n->free);
  return here && next && n->step && n->factor && n->free ? SY_OK : sy_fail_memory(error);
}

static void clear_newton(newton *n) {
  clear_place(&n->here);
  clear_place(&n->next);
  free(n->step);
  free(n->factor);
  free(n->free);
}

static double within_bounds(const newton *n, size_t j, double value) {
  return fmin(fmax(value, n->problem->lowest[j]), n->problem->highest[j]);
}

/* Parameters on a bound stay there while the slope pushes them out. */
static void find_free(newton *n) {
  for (size_t j = 0; j < n->problem->size; j++) {
    double at = n->here.at[j], slope = n->here.gradient[j];
    double lowest = n->problem->lowest[j], highest = n->problem->highest[j];
    bool held = (at <= lowest && slope > 0) || (at >= highest && slope < 0);
    n->free[j] = !held && lowest < highest;
  }
}

/* The Hessian of the free parameters, scaled to a unit diagonal that a ridge is added to. */
static void fill_factor(newton *n, const double *scale, double ridge) {
  size_t size = n->problem->size;
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j <= i; j++) {
      double value = n->free[i] && n->free[j] ? n->here.hessian[i * size + j] : 0;
      n->factor[i * size + j] = i == j ? 1 + ridge : value * scale[i] * scale[j];
    }
}

static double scale_of(const newton *n, size_t j) {
  double curvature = n->here.hessian[j * (n->problem->size + 1)];
  return curvature > 0 ? 1 / sqrt(curvature) : 1;
}

/* step = - inverse Hessian x gradient over the free parameters, with this ridge or the next that
 * gives a factor. False where none does. */
static bool find_step(newton *n, double ridge) {
  size_t size = n->problem->size;
  double *scale = n->next.gradient; /* free at this time */
  bool factored = false;
  for (size_t j = 0; j < size; j++) scale[j] = scale_of(n, j);
  for (; ridge <= most_ridge && !factored; ridge *= ridge_growth) {
    fill_factor(n, scale, ridge);
    factored = sy_dense_factor(n->factor, size);
  }
  if (!factored) return false;
  for (size_t j = 0; j < size; j++) n->step[j] = n->free[j] ? -n->here.gradient[j] * scale[j] : 0;
  sy_dense_solve(n->factor, size, n->step);
  for (size_t j = 0; j < size; j++) n->step[j] *= scale[j];
  return true;
}

/* A step out of bounds from a bound: that parameter is held. */
static bool hold_outward(newton *n) {
  bool any = false;
  for (size_t j = 0; j < n->problem->size; j++) {
    double at = n->here.at[j], to = within_bounds(n, j, at + n->step[j]);
    if (!n->free[j] || n->step[j] == 0 || to != at) continue;
    n->free[j] = false;
    any = true;
  }
  return any;
}

/* A direction of descent that stays within bounds at first. */
static bool find_direction(newton *n, double ridge) {
  find_free(n);
  do {
    if (!find_step(n, ridge)) return false;
  } while (hold_outward(n));
  return true;
}

/* Goes the share `length` of the step, within bounds; returns what the slope promises for it. */
static double try_step(newton *n, double length) {
  double promise = 0;
  for (size_t j = 0; j < n->problem->size; j++) {
    n->next.at[j] = within_bounds(n, j, n->here.at[j] + length * n->step[j]);
    promise -= n->here.gradient[j] * (n->next.at[j] - n->here.at[j]);
  }
  n->problem->evaluate(n->problem->context, &n->next);
  return promise;
}

/* What the slope promises for the whole step, bounds or not. */
static double promise_of(const newton *n) {
  double promise = 0;
  for (size_t j = 0; j < n->problem->size; j++) promise -= n->here.gradient[j] * n->step[j];
  return promise;
}

/* Takes the next place where the value falls by at least `least`. */
static bool take(newton *n, double least) {
  if (!(n->here.value - n->next.value >= least)) return false;
  sy_bounded_place left = n->here;
  n->here = n->next;
  n->next = left;
  return true;
}

/* The last steps; false at the end. */
static bool polish(newton *n, double promise) {
  if (!(promise < n->last_promise / 4)) return false;
  n->last_promise = promise;
  try_step(n, 1);
  return take(n, -rounding * fabs(n->here.value));
}

/* Halves the step until the value falls. A step that bounds cut short may lead upwards: then it is
 * halved until it no longer is cut. */
static bool search(newton *n) {
  double length = 1;
  for (int i = 0; i < MOST_HALVINGS; i++, length /= 2) {
    double promise = try_step(n, length);
    if (promise > 0 && take(n, least_gain * promise)) return true;
  }
  return false;
}

/* One step; false at the end. */
static bool step(newton *n) {
  for (double ridge = least_ridge; ridge <= most_ridge; ridge *= ridge_growth) {
    if (!find_direction(n, ridge)) return false;
    double promise = promise_of(n);
    if (promise < last_promise) return polish(n, promise);
    if (search(n)) return true;
  }
  return false;
}

sy_status sy_bounded_minimise(const sy_bounded *problem, double *at, int *steps, sy_error *error) {
  newton n;
  int taken = 0;
  sy_status status = make_newton(problem, &n, error);
  if (status == SY_OK) {
    memcpy(n.here.at, at, problem->size * sizeof *at);
    problem->evaluate(problem->context, &n.here);
    while (taken < MOST_STEPS && step(&n)) taken++;
    memcpy(at, n.here.at, problem->size * sizeof *at);
  }
  if (steps) *steps = taken;
  clear_newton(&n);
  return status;
}
