/* logistic.c: the logistic family, logits linear in the encoded row. */
#include "base/error.h"
#include "base/memory.h"
#include "model/dot.h"
#include "model/predictor.h"

#include <math.h>
#include <string.h>

static double dot_row(sy_matrix rows, size_t i, const double *coefficients) {
  if (rows.dtype == SY_F32)
    return sy_dot_f32((const float *)rows.data + i * rows.stride, coefficients, rows.columns);
  return sy_dot_f64((const double *)rows.data + i * rows.stride, coefficients, rows.columns);
}

/* Each logit is a scalar product of its own, so blocks and single rows give the same bits. */
static void logistic_logits(const sy_predictor *predictor, sy_matrix rows, double *logits) {
  size_t n_vectors = predictor->n_vectors;
  for (size_t i = 0; i < rows.rows; i++) {
    if (n_vectors == 1) *logits++ = 0;
    for (size_t k = 0; k < n_vectors; k++) {
      double intercept = predictor->intercepts[k];
      const double *coefficients = predictor->coefficients + k * predictor->n_features;
      /* A class not learnt stays at -inf even where the scalar product overflows. */
      *logits++ = isinf(intercept) ? intercept : intercept + dot_row(rows, i, coefficients);
    }
  }
}

static const sy_family logistic = {"logistic", logistic_logits};

static sy_status check_shape(size_t n_features, size_t n_classes, size_t n_vectors,
                             sy_error *error) {
  if (n_features == 0) return sy_fail(error, SY_INVALID_SHAPE, "a model needs at least 1 feature");
  if (n_classes < 2)
    return sy_fail(error, SY_INVALID_SHAPE, "a model needs at least 2 classes, not %zu", n_classes);
  if (n_vectors != n_classes && !(n_vectors == 1 && n_classes == 2))
    return sy_fail(error, SY_INVALID_SHAPE,
                   "%zu coefficient vectors do not fit %zu classes (one a class, or 1 for 2)",
                   n_vectors, n_classes);
  return SY_OK;
}

static sy_status check_values(size_t n_features, size_t n_vectors, const double *coefficients,
                              const double *intercepts, sy_error *error) {
  for (size_t k = 0; k < n_vectors; k++) {
    if (isnan(intercepts[k]) || intercepts[k] == (double)INFINITY)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "intercept %zu is %g; it must be finite, or -inf for a class not learnt",
                     k + 1, intercepts[k]);
    for (size_t j = 0; j < n_features; j++)
      if (!isfinite(coefficients[k * n_features + j]))
        return sy_fail(error, SY_INVALID_ARGUMENT,
                       "coefficient %zu of vector %zu is %g; it must be finite", j + 1, k + 1,
                       coefficients[k * n_features + j]);
  }
  return SY_OK;
}

static sy_predictor *new_predictor(size_t n_features, size_t n_classes, size_t n_vectors) {
  sy_predictor *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return NULL;
  *made = (sy_predictor){&logistic, n_features, n_classes, n_vectors, NULL, NULL};
  if (n_features <= SIZE_MAX / n_vectors)
    made->coefficients = sy_alloc(n_vectors * n_features, sizeof(double));
  made->intercepts = sy_alloc(n_vectors, sizeof(double));
  if (made->coefficients && made->intercepts) return made;
  sy_predictor_free(made);
  return NULL;
}

sy_status sy_predictor_logistic(size_t n_features, size_t n_classes, size_t n_vectors,
                                const double *coefficients, const double *intercepts,
                                sy_predictor **predictor, sy_error *error) {
  sy_status status = check_shape(n_features, n_classes, n_vectors, error);
  if (status == SY_OK)
    status = check_values(n_features, n_vectors, coefficients, intercepts, error);
  if (status != SY_OK) return status;
  sy_predictor *made = new_predictor(n_features, n_classes, n_vectors);
  if (!made) return sy_fail_memory(error);
  memcpy(made->coefficients, coefficients, n_vectors * n_features * sizeof(double));
  memcpy(made->intercepts, intercepts, n_vectors * sizeof(double));
  *predictor = made;
  return SY_OK;
}
