/* logistic.c: the logistic family, logits linear in the encoded row. */
#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/predictor.h"

#include <math.h>
#include <string.h>

/* Every logit is its intercept plus one column after the other, whichever way rows lie in memory,
 * so that blocks, tiles and single rows give the same bits. A column that is 0 adds nothing and may
 * be left out: most one-hot columns are. */

/* A class not learnt stays at -inf even where its sum overflows. */
SY_INLINE double keep_unlearnt(double logit, double intercept) {
  return isinf(intercept) ? intercept : logit;
}

/* One vector: eight rows at once, so that additions do not wait for each other; past the end the
 * last row stands in. */
#define DEFINE_ONE(name, element)                                                                  \
  static void name(const sy_predictor *predictor, sy_matrix rows, size_t k, double *logits) {      \
    const double *coefficients = predictor->coefficients + k * rows.columns;                       \
    double intercept = predictor->intercepts[k];                                                   \
    for (size_t i = 0; i < rows.rows; i += SY_LANES) {                                             \
      const element *row[SY_LANES];                                                                \
      double sums[SY_LANES];                                                                       \
      for (size_t l = 0; l < SY_LANES; l++) {                                                      \
        size_t at = i + l < rows.rows ? i + l : rows.rows - 1;                                     \
        row[l] = (const element *)rows.data + at * rows.stride;                                    \
        sums[l] = intercept;                                                                       \
      }                                                                                            \
      for (size_t j = 0; j < rows.columns; j++)                                                    \
        for (size_t l = 0; l < SY_LANES; l++) sums[l] += (double)row[l][j] * coefficients[j];      \
      for (size_t l = 0; l < SY_LANES && i + l < rows.rows; l++)                                   \
        logits[(i + l) * predictor->n_classes] = keep_unlearnt(sums[l], intercept);                \
    }                                                                                              \
  }

DEFINE_ONE(one_f32, float)
DEFINE_ONE(one_f64, double)

/* Many vectors: all classes of a row at once, from the coefficients by column. */
#define DEFINE_MANY(name, element)                                                                 \
  SY_CLONES static void name(const sy_predictor *predictor, sy_matrix rows, double *logits) {      \
    size_t n_vectors = predictor->n_vectors;                                                       \
    for (size_t i = 0; i < rows.rows; i++, logits += n_vectors) {                                  \
      const element *row = (const element *)rows.data + i * rows.stride;                           \
      for (size_t k = 0; k < n_vectors; k++) logits[k] = predictor->intercepts[k];                 \
      for (size_t j = 0; j < rows.columns; j++) {                                                  \
        const double *factors = predictor->by_column + j * n_vectors;                              \
        double x = (double)row[j];                                                                 \
        if (x == 0) continue;                                                                      \
        for (size_t k = 0; k < n_vectors; k++) logits[k] += x * factors[k];                        \
      }                                                                                            \
      for (size_t k = 0; k < n_vectors; k++)                                                       \
        logits[k] = keep_unlearnt(logits[k], predictor->intercepts[k]);                            \
    }                                                                                              \
  }

DEFINE_MANY(logistic_many_f32, float)
DEFINE_MANY(logistic_many_f64, double)

/* From this number of vectors on, all classes of a row at once fill the processor's vectors. */
enum { MANY_VECTORS = 8 };

static sy_status logistic_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                                 sy_error *error) {
  (void)error;
  size_t n_vectors = predictor->n_vectors, n_classes = predictor->n_classes;
  bool is_float = rows.dtype == SY_F32;
  if (n_vectors >= MANY_VECTORS) {
    (is_float ? logistic_many_f32 : logistic_many_f64)(predictor, rows, logits);
    return SY_OK;
  }
  for (size_t k = 0; k < n_vectors; k++)
    (is_float ? one_f32 : one_f64)(predictor, rows, k, logits + (n_vectors == 1 ? 1 : k));
  for (size_t i = 0; n_vectors == 1 && i < rows.rows; i++) logits[i * n_classes] = 0;
  return SY_OK;
}

/* A text adds the coefficient of the column it sets; the last row of by_column is 0, for none. */
static void add_texts(const sy_predictor *predictor, const sy_tile *tile, double *logits) {
  size_t n_vectors = predictor->n_vectors, stride = tile->stride;
  for (size_t t = 0; t < tile->n_texts; t++) {
    const uint32_t *places = tile->places + t * stride;
    for (size_t k = 0; k < n_vectors; k++) {
      const double *factors = predictor->by_column + k;
      for (size_t row = 0; row < stride; row++)
        logits[k * stride + row] += factors[places[row] * n_vectors];
    }
  }
}

static void fill(double *column, size_t stride, double value) {
  for (size_t row = 0; row < stride; row++) column[row] = value;
}

static void logistic_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                          double *logits) {
  (void)scratch;
  size_t n_vectors = predictor->n_vectors, stride = tile->stride;
  if (n_vectors == 1) {
    fill(logits, stride, 0);
    logits += stride;
  }
  for (size_t k = 0; k < n_vectors; k++)
    fill(logits + k * stride, stride, predictor->intercepts[k]);
  sy_tile_add_product(tile->dense, tile->n_dense, stride, predictor->by_column, n_vectors, logits);
  add_texts(predictor, tile, logits);
  for (size_t k = 0; k < n_vectors; k++)
    if (isinf(predictor->intercepts[k]))
      fill(logits + k * stride, stride, predictor->intercepts[k]);
}

static const sy_family logistic = {
    .name = "logistic", .logits = logistic_logits, .tile = logistic_tile};

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
  *made = (sy_predictor){.family = &logistic,
                         .n_features = n_features,
                         .n_classes = n_classes,
                         .n_vectors = n_vectors};
  if (n_features < SIZE_MAX / n_vectors) {
    made->coefficients = sy_alloc(n_vectors * n_features, sizeof(double));
    made->by_column = sy_alloc_zero((n_features + 1) * n_vectors, sizeof(double));
  }
  made->intercepts = sy_alloc(n_vectors, sizeof(double));
  if (made->coefficients && made->by_column && made->intercepts) return made;
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
  for (size_t k = 0; k < n_vectors; k++)
    for (size_t j = 0; j < n_features; j++)
      made->by_column[j * n_vectors + k] = coefficients[k * n_features + j];
  memcpy(made->intercepts, intercepts, n_vectors * sizeof(double));
  *predictor = made;
  return SY_OK;
}
