/* line_search.c: backtracking with the sufficient decrease of Armijo. Near the optimum differences
 * of the objective drown in rounding; there the gradient decides, as in the approximate Wolfe
 * conditions of Hager and Zhang (2005). */
#include "fit/logistic/line_search.h"

#include "fit/logistic/dot.h"

#include <math.h>

enum { MOST_STEPS = 50 };

/* Fraction of the decrease promised by the slope that is asked for; any small number does. */
static const double sufficient = 1e-4;

/* Rounding of the objective, relative: sums of n terms in short runs and a tree. */
static const double rounding = 1e-14;

/* Shortest and longest cut of a step that failed. */
static const double least_cut = 0.1, most_cut = 0.5;

static bool accepts(const sy_point *point, const sy_point *trial, double promise) {
  if (!isfinite(trial->objective) || !isfinite(trial->norm)) return false;
  double noise = rounding * fabs(point->objective);
  double fall = point->objective - trial->objective;
  if (promise > 10 * noise) return fall >= sufficient * promise;
  return fall >= -noise && trial->norm < point->norm;
}

/* Minimum of the parabola through both values and the slope, within the cuts. */
static double shorter(double step, double slope, double before, double after) {
  double bend = after - before - step * slope;
  double best = isfinite(bend) && bend > 0 ? -slope * step * step / (2 * bend) : 0;
  return fmin(fmax(best, least_cut * step), most_cut * step);
}

double sy_line_search(sy_fit_objective *objective, const double *direction, const sy_point *point,
                      sy_point *trial) {
  size_t size = sy_problem_size(objective->problem);
  double slope = sy_dot(point->gradient, direction, size), step = 1;
  if (!(slope < 0)) return 0;
  for (int tries = 0; tries < MOST_STEPS; tries++) {
    for (size_t j = 0; j < size; j++)
      trial->parameters[j] = point->parameters[j] + step * direction[j];
    sy_fit_objective_evaluate(objective, trial);
    if (accepts(point, trial, -step * slope)) return step;
    step = shorter(step, slope, point->objective, trial->objective);
  }
  return 0;
}
