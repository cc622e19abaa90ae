/* fit_problem.h: random problems, and a slow objective of training written from its formula, to
 * judge fits by. Nothing here calls the code under test. */
#ifndef TESTS_FIT_PROBLEM_H
#define TESTS_FIT_PROBLEM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <steelyard/fit.h>

/* A problem that owns its arrays. */
typedef struct fit_problem {
  size_t n, n_features, n_classes;
  double *rows;    /* (n, D) */
  int32_t *ids;    /* (n) */
  double *weights; /* (n) */
} fit_problem;

static inline double uniform(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

/* About normal: the sum of twelve uniforms. */
static inline double normal(uint64_t *seed) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += uniform(seed);
  return sum;
}

static inline fit_problem new_problem(size_t n, size_t n_features, size_t n_classes) {
  fit_problem made = {n, n_features, n_classes, NULL, NULL, NULL};
  made.rows = calloc(n * n_features, sizeof *made.rows);
  made.ids = calloc(n, sizeof *made.ids);
  made.weights = calloc(n, sizeof *made.weights);
  if (!made.rows || !made.ids || !made.weights) abort();
  return made;
}

static inline void free_problem(fit_problem *problem) {
  free(problem->rows);
  free(problem->ids);
  free(problem->weights);
}

/* Noisy linear classes of unequal sizes (the first K rows have one each), weights in (0.2, 3).
 * Values are float32 numbers, so that both element types can hold the same problem. */
static inline fit_problem random_problem(uint64_t seed, size_t n, size_t n_features,
                                         size_t n_classes) {
  fit_problem made = new_problem(n, n_features, n_classes);
  double *truth = calloc(n_features * n_classes, sizeof *truth);
  if (!truth) abort();
  for (size_t j = 0; j < n_features * n_classes; j++) truth[j] = normal(&seed);
  for (size_t i = 0; i < n; i++) {
    double best = -INFINITY;
    for (size_t j = 0; j < n_features; j++)
      made.rows[i * n_features + j] = (double)(float)normal(&seed);
    for (size_t k = 0; k < n_classes; k++) {
      double score = 1.5 * normal(&seed) - 0.7 * (double)k;
      for (size_t j = 0; j < n_features; j++)
        score += truth[k * n_features + j] * made.rows[i * n_features + j];
      if (score > best) made.ids[i] = (int32_t)k;
      if (score > best) best = score;
    }
    if (i < n_classes) made.ids[i] = (int32_t)i;
    made.weights[i] = 0.2 + 2.8 * uniform(&seed);
  }
  free(truth);
  return made;
}

static inline sy_matrix matrix_of(const fit_problem *problem) {
  return (sy_matrix){problem->rows, SY_F64, problem->n, problem->n_features, problem->n_features};
}

/* Scores of a row, and the index of the largest. */
static inline size_t reference_scores(const fit_problem *problem, size_t i, size_t n_vectors,
                                      const double *coefficients, const double *intercepts,
                                      double *scores) {
  size_t n_features = problem->n_features, largest = 0;
  for (size_t k = 0; k < n_vectors; k++) {
    scores[k] = intercepts[k];
    for (size_t j = 0; j < n_features; j++)
      scores[k] += coefficients[k * n_features + j] * problem->rows[i * n_features + j];
    if (scores[k] > scores[largest]) largest = k;
  }
  return largest;
}

enum { REFERENCE_VECTORS = 64 };

/* Objective at (V, D) coefficients and (V) intercepts, V = 1 or K <= REFERENCE_VECTORS. */
static inline double reference_objective(const fit_problem *problem, double l2, size_t n_vectors,
                                         const double *coefficients, const double *intercepts) {
  double loss = 0, weight = 0, square = 0, scores[REFERENCE_VECTORS];
  for (size_t i = 0; i < problem->n; i++) {
    size_t top = reference_scores(problem, i, n_vectors, coefficients, intercepts, scores);
    double row_loss = 0;
    if (n_vectors == 1) {
      double wrong = problem->ids[i] ? -scores[0] : scores[0];
      row_loss = fmax(wrong, 0) + log1p(exp(-fabs(wrong)));
    } else {
      for (size_t k = 0; k < n_vectors; k++) row_loss += exp(scores[k] - scores[top]);
      row_loss = log(row_loss) + scores[top] - scores[problem->ids[i]];
    }
    loss += problem->weights[i] * row_loss;
    weight += problem->weights[i];
  }
  for (size_t j = 0; j < n_vectors * problem->n_features; j++)
    square += coefficients[j] * coefficients[j];
  return loss / weight + l2 / 2 * square;
}

/* Largest component of the gradient, by its formula: sum w (p - y) x / sum w + l2 b. */
static inline double reference_gradient(const fit_problem *problem, double l2, size_t n_vectors,
                                        const double *coefficients, const double *intercepts) {
  size_t n_features = problem->n_features, width = n_features + 1;
  double *gradient = calloc(n_vectors * width, sizeof *gradient), weight = 0, largest = 0;
  double scores[REFERENCE_VECTORS];
  if (!gradient) abort();
  for (size_t i = 0; i < problem->n; i++) {
    size_t top = reference_scores(problem, i, n_vectors, coefficients, intercepts, scores);
    double highest = scores[top], sum = n_vectors == 1 ? exp(-highest) : 0;
    for (size_t k = 0; k < n_vectors; k++) sum += exp(scores[k] - highest);
    for (size_t k = 0; k < n_vectors; k++) {
      bool own = n_vectors == 1 ? problem->ids[i] == 1 : problem->ids[i] == (int32_t)k;
      double residual = problem->weights[i] * (exp(scores[k] - highest) / sum - own);
      for (size_t j = 0; j < n_features; j++)
        gradient[k * width + j] += residual * problem->rows[i * n_features + j];
      gradient[k * width + n_features] += residual;
    }
    weight += problem->weights[i];
  }
  for (size_t k = 0; k < n_vectors; k++)
    for (size_t j = 0; j < width; j++) {
      double value = gradient[k * width + j] / weight;
      if (j < n_features) value += l2 * coefficients[k * n_features + j];
      largest = fmax(largest, fabs(value));
    }
  free(gradient);
  return largest;
}

/* Largest difference between the parameters of two predictors of the same shape. */
static inline double predictor_distance(const sy_predictor *a, const sy_predictor *b) {
  size_t n_vectors = sy_predictor_n_vectors(a), n = n_vectors * sy_predictor_n_features(a);
  double largest = 0;
  for (size_t j = 0; j < n; j++)
    largest =
        fmax(largest, fabs(sy_predictor_coefficients(a)[j] - sy_predictor_coefficients(b)[j]));
  for (size_t k = 0; k < n_vectors; k++) {
    double left = sy_predictor_intercepts(a)[k], right = sy_predictor_intercepts(b)[k];
    if (left != right) largest = fmax(largest, fabs(left - right));
  }
  return largest;
}

#endif
