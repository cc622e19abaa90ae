/* fit_reference.h: random problems to fit, and the objective by its definition, slow and in plain
 * loops, to judge fits by. After cmocka.h. */
#ifndef TESTS_FIT_REFERENCE_H
#define TESTS_FIT_REFERENCE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/fit.h>

/* Rows without gaps; `weights` may be NULL. Parameters in this file are (V, D + 1), the intercept
 * last in each vector, V = 1 for two classes. */
typedef struct fit_case {
  size_t n, columns, n_classes;
  double *x, *weights; /* (n, D), (n) */
  int32_t *ids;        /* (n) */
  double l2;
} fit_case;

/* Uniform in (0, 1): an own generator, so that a failure repeats anywhere. */
static inline double draw_uniform(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(*state >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

/* About normal, within (-3, 3), variance 1. */
static inline double draw_normal(uint64_t *state) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += draw_uniform(state);
  return fmax(fmin(sum, 3), -3);
}

static inline void *get_memory(size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size);
  assert_non_null(block);
  return block;
}

static inline void free_case(fit_case *c) {
  free(c->x);
  free(c->weights);
  free(c->ids);
  *c = (fit_case){0};
}

/* Labels that follow the rows, but only just: each is that of the highest of K random linear
 * scores, or with chance 0.4 any. The first rows hold every class; no two rows are equal. */
static inline fit_case draw_case(uint64_t seed, size_t n, size_t columns, size_t n_classes) {
  fit_case c = {.n = n, .columns = columns, .n_classes = n_classes, .l2 = 0.01};
  uint64_t state = seed;
  double *truth = get_memory(n_classes * columns, sizeof *truth);
  c.x = get_memory(n * columns, sizeof *c.x);
  c.weights = get_memory(n, sizeof *c.weights);
  c.ids = get_memory(n, sizeof *c.ids);
  for (size_t j = 0; j < n_classes * columns; j++) truth[j] = draw_normal(&state);
  for (size_t i = 0; i < n; i++) {
    double best = -INFINITY;
    for (size_t j = 0; j < columns; j++) c.x[i * columns + j] = draw_normal(&state);
    for (size_t k = 0; k < n_classes; k++) {
      double score = 0.5 * (double)k;
      for (size_t j = 0; j < columns; j++) score += truth[k * columns + j] * c.x[i * columns + j];
      if (score > best) c.ids[i] = (int32_t)k;
      best = fmax(best, score);
    }
    if (draw_uniform(&state) < 0.4)
      c.ids[i] = (int32_t)(draw_uniform(&state) * (double)n_classes);
    if (i < n_classes) c.ids[i] = (int32_t)i;
    c.weights[i] = 1 + floor(draw_uniform(&state) * 4);
  }
  free(truth);
  return c;
}

static inline sy_matrix case_rows(const fit_case *c) {
  return (sy_matrix){c->x, SY_F64, c->n, c->columns, c->columns};
}

static inline size_t case_vectors(const fit_case *c) {
  return c->n_classes == 2 ? 1 : c->n_classes;
}

static inline size_t case_size(const fit_case *c) {
  return case_vectors(c) * (c->columns + 1);
}

/* Tighter than the default, so that parameters can be compared to 1e-9. */
static inline sy_fit_options tight_options(double l2) {
  sy_fit_options options = sy_fit_options_default();
  options.l2 = l2;
  options.tolerance = 1e-12;
  return options;
}

static inline sy_predictor *fit_with(const fit_case *c, const sy_fit_options *options,
                                     sy_fit_result *result) {
  sy_predictor *predictor = NULL;
  sy_error error = {0};
  if (sy_fit_logistic(case_rows(c), c->ids, c->weights, c->n_classes, options, &predictor, result,
                      &error) != SY_OK)
    fail_msg("%s", error.text);
  assert_non_null(predictor);
  return predictor;
}

/* Parameters of a predictor; free with free(). */
static inline double *copy_parameters(const sy_predictor *predictor) {
  size_t n_vectors = sy_predictor_n_vectors(predictor);
  size_t columns = sy_predictor_n_features(predictor);
  double *parameters = get_memory(n_vectors * (columns + 1), sizeof *parameters);
  for (size_t v = 0; v < n_vectors; v++) {
    memcpy(parameters + v * (columns + 1), sy_predictor_coefficients(predictor) + v * columns,
           columns * sizeof *parameters);
    parameters[v * (columns + 1) + columns] = sy_predictor_intercepts(predictor)[v];
  }
  return parameters;
}

/* Fits to 1e-12 and gives the parameters; free with free(). */
static inline double *fit_parameters(const fit_case *c, sy_fit_result *result) {
  sy_fit_options options = tight_options(c->l2);
  sy_predictor *predictor = fit_with(c, &options, result);
  double *parameters = copy_parameters(predictor);
  sy_predictor_free(predictor);
  return parameters;
}

/* -log p(actual) of row i; the probabilities of all classes are written. */
static inline double reference_row(const fit_case *c, const double *parameters, size_t i,
                                   double *p) {
  size_t width = c->columns + 1, zero = c->n_classes == 2;
  double highest = -INFINITY, sum = 0;
  p[0] = 0;
  for (size_t k = zero; k < c->n_classes; k++) {
    const double *vector = parameters + (k - zero) * width;
    p[k] = vector[c->columns];
    for (size_t j = 0; j < c->columns; j++) p[k] += vector[j] * c->x[i * c->columns + j];
  }
  for (size_t k = 0; k < c->n_classes; k++) highest = fmax(highest, p[k]);
  double actual = p[c->ids[i]] - highest;
  for (size_t k = 0; k < c->n_classes; k++) sum += exp(p[k] - highest);
  for (size_t k = 0; k < c->n_classes; k++) p[k] = exp(p[k] - highest) / sum;
  return log(sum) - actual;
}

/* The objective; its gradient (V, D + 1) unless NULL. */
static inline double reference_objective(const fit_case *c, const double *parameters,
                                         double *gradient) {
  size_t width = c->columns + 1, zero = c->n_classes == 2, size = case_size(c);
  double *p = get_memory(c->n_classes, sizeof *p), loss = 0, total = 0, square = 0;
  if (gradient) memset(gradient, 0, size * sizeof *gradient);
  for (size_t i = 0; i < c->n; i++) {
    double weight = c->weights ? c->weights[i] : 1;
    if (c->ids[i] == SY_IGNORED || weight == 0) continue;
    total += weight;
    loss += weight * reference_row(c, parameters, i, p);
    for (size_t k = zero; gradient && k < c->n_classes; k++) {
      double residual = weight * (p[k] - (c->ids[i] == (int32_t)k));
      double *of = gradient + (k - zero) * width;
      for (size_t j = 0; j < c->columns; j++) of[j] += residual * c->x[i * c->columns + j];
      of[c->columns] += residual;
    }
  }
  for (size_t j = 0; j < size; j++) {
    double penalised = (j + 1) % width ? parameters[j] : 0;
    square += penalised * penalised;
    if (gradient) gradient[j] = gradient[j] / total + c->l2 * penalised;
  }
  free(p);
  return loss / total + c->l2 / 2 * square;
}

/* 2-norm of the gradient. */
static inline double reference_norm(const fit_case *c, const double *parameters) {
  double *gradient = get_memory(case_size(c), sizeof *gradient), square = 0;
  reference_objective(c, parameters, gradient);
  for (size_t j = 0; j < case_size(c); j++) square += gradient[j] * gradient[j];
  free(gradient);
  return sqrt(square);
}

static inline void assert_close(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

static inline void assert_all_close(const double *values, const double *wanted, size_t n,
                                    double tolerance) {
  for (size_t j = 0; j < n; j++)
    if (!(fabs(values[j] - wanted[j]) <= tolerance * fmax(1, fabs(wanted[j]))))
      fail_msg("number %zu: %.17g is not %.17g", j, values[j], wanted[j]);
}

#endif
