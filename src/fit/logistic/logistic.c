/* logistic.c: weighted logistic regression, from rows to a predictor. */
#include "base/error.h"
#include "base/memory.h"
#include "fit/logistic/blas_room.h"
#include "fit/logistic/minimize.h"
#include "fit/logistic/objective.h"
#include "fit/logistic/problem.h"
#include "fit/logistic/sample.h"

#include <math.h>
#include <omp.h>
#include <string.h>

sy_fit_options sy_fit_options_default(void) {
  return (sy_fit_options){.l2 = -1, .tolerance = 1e-8, .max_iterations = 1000};
}

static sy_status check_options(const sy_fit_options *options, sy_error *error) {
  if (!(options->l2 >= 0 && isfinite(options->l2)))
    return sy_fail(error, SY_INVALID_ARGUMENT, "l2 is %g; it must be a finite number >= 0",
                   options->l2);
  if (!(options->tolerance >= 0 && isfinite(options->tolerance)))
    return sy_fail(error, SY_INVALID_ARGUMENT, "the tolerance is %g; it must be finite and >= 0",
                   options->tolerance);
  if (options->max_iterations < 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the iteration limit is %d; it must be >= 0",
                   options->max_iterations);
  return SY_OK;
}

/* Vector of a predictor that holds class k, as two classes share one. */
static const double *start_vector(const sy_predictor *start, size_t k, double *intercept) {
  size_t n_features = sy_predictor_n_features(start);
  *intercept = sy_predictor_intercepts(start)[k];
  return sy_predictor_coefficients(start) + k * n_features;
}

/* Without a start: no coefficients, and intercepts that predict the share of each class. */
static void start_cold(const sy_problem *problem, double *parameters) {
  size_t last = problem->width - 1;
  if (problem->n_vectors == 1) {
    parameters[last] = log(problem->shares[1]) - log(problem->shares[0]);
    return;
  }
  for (size_t k = 0; k < problem->n_vectors; k++)
    parameters[k * problem->width + last] = log(problem->shares[k]);
}

/* A class that the start did not learn keeps its intercept from the cold start. */
static void start_class(const sy_problem *problem, const sy_predictor *start, size_t k,
                        double *vector) {
  size_t last = problem->width - 1;
  double intercept;
  const double *from = start_vector(start, k, &intercept);
  if (isinf(intercept)) return;
  memcpy(vector, from, last * sizeof *vector);
  vector[last] = intercept;
}

/* Two learnt classes have one vector: the start's, or the difference of its two. */
static void start_pair(const sy_problem *problem, const sy_predictor *start, double *vector) {
  if (sy_predictor_n_vectors(start) == 1) {
    start_class(problem, start, 0, vector);
    return;
  }
  size_t last = problem->width - 1;
  double first_intercept, second_intercept;
  const double *first = start_vector(start, (size_t)problem->classes[0], &first_intercept);
  const double *second = start_vector(start, (size_t)problem->classes[1], &second_intercept);
  if (isinf(first_intercept) || isinf(second_intercept)) return;
  for (size_t j = 0; j < last; j++) vector[j] = second[j] - first[j];
  vector[last] = second_intercept - first_intercept;
}

static sy_status start_warm(const sy_problem *problem, const sy_predictor *start, size_t n_classes,
                            double *parameters, sy_error *error) {
  if (sy_predictor_n_features(start) + 1 != problem->width ||
      sy_predictor_n_classes(start) != n_classes)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the start has %zu features and %zu classes, the data %zu and %zu",
                   sy_predictor_n_features(start), sy_predictor_n_classes(start),
                   problem->width - 1, n_classes);
  if (problem->n_vectors > 1) {
    for (size_t k = 0; k < problem->n_vectors; k++)
      start_class(problem, start, (size_t)problem->classes[k], parameters + k * problem->width);
    return SY_OK;
  }
  start_pair(problem, start, parameters);
  return SY_OK;
}

static sy_status start(const sy_problem *problem, const sy_predictor *from, size_t n_classes,
                       sy_point *point, sy_error *error) {
  start_cold(problem, point->parameters);
  if (from) {
    sy_status status = start_warm(problem, from, n_classes, point->parameters, error);
    if (status != SY_OK) return status;
  }
  sy_problem_center(problem, point->parameters);
  return SY_OK;
}

/* The learnt vectors at the places of their classes, -inf elsewhere. With two learnt classes of
 * more, the first is the zero that its sigmoid implies. */
static sy_status make_predictor(const sy_problem *problem, const sy_point *point, size_t n_classes,
                                sy_predictor **predictor, sy_error *error) {
  size_t n_features = problem->width - 1, n_vectors = n_classes == 2 ? 1 : n_classes;
  double *coefficients = sy_alloc_zero(n_vectors, n_features * sizeof *coefficients);
  double *intercepts = sy_alloc(n_vectors, sizeof *intercepts);
  sy_status status = coefficients && intercepts ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    for (size_t k = 0; k < n_vectors; k++) intercepts[k] = -(double)INFINITY;
    bool implied = problem->n_vectors == 1 && n_vectors > 1;
    if (implied) intercepts[problem->classes[0]] = 0;
    for (size_t v = 0; v < problem->n_vectors; v++) {
      size_t k = n_vectors == 1 ? 0 : (size_t)problem->classes[v + implied];
      const double *vector = point->parameters + v * problem->width;
      memcpy(coefficients + k * n_features, vector, n_features * sizeof *vector);
      intercepts[k] = vector[n_features];
    }
    status = sy_predictor_logistic(n_features, n_classes, n_vectors, coefficients, intercepts,
                                   predictor, error);
  }
  free(coefficients);
  free(intercepts);
  return status;
}

static sy_status fit(sy_problem *problem, sy_matrix rows, const int32_t *ids, const double *weights,
                     size_t n_classes, const sy_fit_options *options, sy_predictor **predictor,
                     sy_fit_result *result, sy_error *error) {
  sy_fit_objective objective = {0};
  sy_point point = {0};
  sy_curvature curvature = {0};
  sy_watch watch = {.progress = options->progress};
  bool to_the_end = options->tolerance <= sy_fit_options_default().tolerance;
  sy_status status = sy_problem_make(rows, ids, weights, n_classes, options->l2, problem, error);
  if (status == SY_OK) status = sy_fit_objective_make(problem, &watch, &objective, error);
  if (status == SY_OK) status = sy_point_make(problem, &point, error);
  if (status == SY_OK) status = start(problem, options->start, n_classes, &point, error);
  if (status == SY_OK && !options->start)
    status = sy_sample_search(problem, options, &watch, &point, &curvature, error);
  if (status == SY_OK)
    status = sy_minimize(&objective, options, to_the_end, &curvature, &point, result, error);
  if (status == SY_OK) status = make_predictor(problem, &point, n_classes, predictor, error);
  sy_curvature_clear(&curvature);
  sy_point_clear(&point);
  sy_fit_objective_clear(&objective);
  return status;
}

sy_status sy_fit_logistic(sy_matrix rows, const int32_t *ids, const double *weights,
                          size_t n_classes, const sy_fit_options *options, sy_predictor **predictor,
                          sy_fit_result *result, sy_error *error) {
  sy_status status = check_options(options, error);
  if (status == SY_OK) status = sy_blas_room(error);
  if (status != SY_OK) return status;
  /* BLAS takes its threads from OpenMP; one is what keeps its sums the same everywhere, also where
   * our own blocks run serially. */
  int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  sy_problem problem = {0};
  sy_fit_result told;
  status = fit(&problem, rows, ids, weights, n_classes, options, predictor, &told, error);
  sy_problem_clear(&problem);
  omp_set_num_threads(threads);
  if (status == SY_OK && result) *result = told;
  return status;
}
