/* fit_reference.h: random problems to fit, and the objective by its formula: plain loops over rows
 * and classes that share nothing with the library. After cmocka.h. */
#ifndef TESTS_FIT_REFERENCE_H
#define TESTS_FIT_REFERENCE_H

#include <math.h>
#include <stdlib.h>

#include <steelyard/fit.h>

typedef struct fit_problem {
  size_t n, n_features, n_classes;
  double *rows; /* (n, D) without gaps */
  int32_t *ids;
  double *weights;
} fit_problem;

/* All zero. Free with free_problem. */
static inline fit_problem new_problem(size_t n, size_t n_features, size_t n_classes) {
  fit_problem made = {.n = n, .n_features = n_features, .n_classes = n_classes};
  made.rows = calloc(n * n_features, sizeof *made.rows);
  made.ids = calloc(n, sizeof *made.ids);
  made.weights = calloc(n, sizeof *made.weights);
  assert_true(made.rows && made.ids && made.weights);
  return made;
}

static inline void free_problem(fit_problem *problem) {
  free(problem->rows);
  free(problem->ids);
  free(problem->weights);
}

static inline sy_matrix matrix_of(const fit_problem *problem) {
  return (sy_matrix){problem->rows, SY_F64, problem->n, problem->n_features, problem->n_features};
}

/* Uniform in (0, 1): an own generator, so that a failure repeats anywhere. */
static inline double uniform(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(*state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* About normal, a number of float32. */
static inline double normal(uint64_t *state) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += uniform(state);
  return (double)(float)sum;
}

/* Labels follow random linear scores, but only just: 4 of 10 are drawn from all classes. The first
 * rows hold every class, in order. Weights lie in 0.5..4. */
static inline fit_problem random_problem(uint64_t seed, size_t n, size_t n_features,
                                         size_t n_classes) {
  fit_problem made = new_problem(n, n_features, n_classes);
  double *truth = calloc(n_classes * n_features, sizeof *truth);
  assert_non_null(truth);
  for (size_t j = 0; j < n_classes * n_features; j++) truth[j] = normal(&seed);
  for (size_t i = 0; i < n; i++) {
    double *row = made.rows + i * n_features, best = -INFINITY;
    for (size_t j = 0; j < n_features; j++) row[j] = normal(&seed);
    for (size_t k = 0; k < n_classes; k++) {
      double score = 0;
      for (size_t j = 0; j < n_features; j++) score += truth[k * n_features + j] * row[j];
      if (score > best) made.ids[i] = (int32_t)k;
      best = fmax(best, score);
    }
    if (uniform(&seed) < 0.4) made.ids[i] = (int32_t)(uniform(&seed) * (double)n_classes);
    if (i < n_classes) made.ids[i] = (int32_t)i;
    made.weights[i] = 0.5 + 3.5 * uniform(&seed);
  }
  free(truth);
  return made;
}

/* Scores of row i, then its probabilities; returns -log p(actual). One vector is class 1's, beside
 * a score of 0. */
static inline double reference_row(const fit_problem *problem, size_t n_vectors, const double *b,
                                   const double *a, size_t i, double *p) {
  size_t n_features = problem->n_features, n_classes = problem->n_classes;
  size_t implied = n_classes - n_vectors;
  double highest = -INFINITY, sum = 0;
  p[0] = 0;
  for (size_t v = 0; v < n_vectors; v++) {
    double score = a[v];
    for (size_t j = 0; j < n_features; j++)
      score += b[v * n_features + j] * problem->rows[i * n_features + j];
    p[v + implied] = score;
  }
  for (size_t k = 0; k < n_classes; k++) highest = fmax(highest, p[k]);
  for (size_t k = 0; k < n_classes; k++) sum += exp(p[k] - highest);
  double loss = highest + log(sum) - p[problem->ids[i]];
  for (size_t k = 0; k < n_classes; k++) p[k] = exp(p[k] - highest) / sum;
  return loss;
}

static inline double reference_total(const fit_problem *problem) {
  double total = 0;
  for (size_t i = 0; i < problem->n; i++)
    if (problem->ids[i] != SY_IGNORED) total += problem->weights[i];
  return total;
}

/* The objective at coefficients b (V, D) and intercepts a (V). */
static inline double reference_objective(const fit_problem *problem, double l2, size_t n_vectors,
                                         const double *b, const double *a) {
  double *p = calloc(problem->n_classes, sizeof *p), sum = 0, square = 0;
  assert_non_null(p);
  for (size_t i = 0; i < problem->n; i++)
    if (problem->ids[i] != SY_IGNORED)
      sum += problem->weights[i] * reference_row(problem, n_vectors, b, a, i, p);
  for (size_t j = 0; j < n_vectors * problem->n_features; j++) square += b[j] * b[j];
  free(p);
  return sum / reference_total(problem) + l2 / 2 * square;
}

/* 2-norm of its gradient over coefficients and intercepts. */
static inline double reference_gradient(const fit_problem *problem, double l2, size_t n_vectors,
                                        const double *b, const double *a) {
  size_t n_features = problem->n_features, width = n_features + 1;
  size_t implied = problem->n_classes - n_vectors;
  double *gradient = calloc(n_vectors * width, sizeof *gradient), square = 0;
  double *p = calloc(problem->n_classes, sizeof *p), total = reference_total(problem);
  assert_true(gradient && p);
  for (size_t i = 0; i < problem->n; i++) {
    if (problem->ids[i] == SY_IGNORED) continue;
    reference_row(problem, n_vectors, b, a, i, p);
    for (size_t v = 0; v < n_vectors; v++) {
      double residual = p[v + implied] - ((size_t)problem->ids[i] == v + implied);
      residual *= problem->weights[i] / total;
      for (size_t j = 0; j < n_features; j++)
        gradient[v * width + j] += residual * problem->rows[i * n_features + j];
      gradient[v * width + n_features] += residual;
    }
  }
  for (size_t v = 0; v < n_vectors; v++)
    for (size_t j = 0; j < width; j++) {
      double slope = gradient[v * width + j] + (j < n_features ? l2 * b[v * n_features + j] : 0);
      square += slope * slope;
    }
  free(gradient);
  free(p);
  return sqrt(square);
}

/* Largest difference of any parameter of two predictors of the same shape; infinite for NaN. */
static inline double predictor_distance(const sy_predictor *one, const sy_predictor *other) {
  size_t n_vectors = sy_predictor_n_vectors(one), n_features = sy_predictor_n_features(one);
  assert_int_equal(n_vectors, sy_predictor_n_vectors(other));
  assert_int_equal(n_features, sy_predictor_n_features(other));
  double largest = 0;
  for (size_t j = 0; j < n_vectors * (n_features + 1); j++) {
    bool inner = j < n_vectors * n_features;
    size_t at = inner ? j : j - n_vectors * n_features;
    double x = inner ? sy_predictor_coefficients(one)[at] : sy_predictor_intercepts(one)[at];
    double y = inner ? sy_predictor_coefficients(other)[at] : sy_predictor_intercepts(other)[at];
    if (x == y) continue;
    double distance = fabs(x - y);
    largest = isnan(distance) ? (double)INFINITY : fmax(largest, distance);
  }
  return largest;
}

#endif
