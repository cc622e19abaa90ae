/* predictor.c: what every family shares. */
#include "model/predictor.h"

#include "base/error.h"
#include "base/memory.h"

void sy_predictor_free(sy_predictor *predictor) {
  if (!predictor) return;
  if (predictor->family->clear) predictor->family->clear(predictor);
  free(predictor->coefficients);
  free(predictor->by_column);
  free(predictor->intercepts);
  free(predictor);
}

const char *sy_predictor_family(const sy_predictor *predictor) {
  return predictor->family->name;
}

size_t sy_predictor_n_features(const sy_predictor *predictor) {
  return predictor->n_features;
}

size_t sy_predictor_n_classes(const sy_predictor *predictor) {
  return predictor->n_classes;
}

size_t sy_predictor_n_vectors(const sy_predictor *predictor) {
  return predictor->n_vectors;
}

const double *sy_predictor_coefficients(const sy_predictor *predictor) {
  return predictor->coefficients;
}

const double *sy_predictor_intercepts(const sy_predictor *predictor) {
  return predictor->intercepts;
}

sy_status sy_predictor_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                              sy_error *error) {
  if (rows.dtype != SY_F32 && rows.dtype != SY_F64)
    return sy_fail(error, SY_INVALID_ARGUMENT, "encoded rows must be float32 or float64");
  if (rows.columns != predictor->n_features)
    return sy_fail(error, SY_INVALID_SHAPE, "rows have %zu encoded columns, the model takes %zu",
                   rows.columns, predictor->n_features);
  if (rows.stride < rows.columns)
    return sy_fail(error, SY_INVALID_SHAPE, "the stride %zu is less than the %zu columns",
                   rows.stride, rows.columns);
  return predictor->family->logits(predictor, rows, logits, error);
}

size_t sy_predictor_scratch(const sy_predictor *predictor, size_t stride) {
  return predictor->family->scratch ? predictor->family->scratch(predictor, stride) : 0;
}

void sy_predictor_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                       double *logits) {
  predictor->family->tile(predictor, tile, scratch, logits);
}
