/* model.h: a predictor, the parameters of a family of models: encoded rows in, logits out. */
#ifndef STEELYARD_MODEL_H
#define STEELYARD_MODEL_H

#include <steelyard/loss.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Parameters of a family (here: logistic), mapping D encoded numbers to K logits. */
typedef struct sy_predictor sy_predictor;

/** A logistic predictor: logits z_k = intercept_k + sum_j coefficients[k * D + j] x_j.
 * With n_vectors = 1 there are two classes and the logits are {0, z}; else n_vectors = K.
 * An intercept of -inf marks a class that was not learnt: its probability is 0.
 * @param coefficients  (n_vectors, D) row-major, copied, finite
 * @param intercepts    (n_vectors) copied, finite or -inf
 * @param predictor     out; free with sy_predictor_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_predictor_logistic(size_t n_features, size_t n_classes, size_t n_vectors,
                                       const double *coefficients, const double *intercepts,
                                       sy_predictor **predictor, sy_error *error);

/** Frees a predictor; NULL is legal. */
SY_API void sy_predictor_free(sy_predictor *predictor);

/** Name of the family: "logistic". */
SY_API const char *sy_predictor_family(const sy_predictor *predictor);

/** Number of encoded features D. */
SY_API size_t sy_predictor_n_features(const sy_predictor *predictor);

/** Number of classes K. */
SY_API size_t sy_predictor_n_classes(const sy_predictor *predictor);

/** Number of coefficient vectors of a logistic predictor: 1 (two classes) or K. */
SY_API size_t sy_predictor_n_vectors(const sy_predictor *predictor);

/** (n_vectors, D) coefficients. Lives as long as the predictor. */
SY_API const double *sy_predictor_coefficients(const sy_predictor *predictor);

/** (n_vectors) intercepts. Lives as long as the predictor. */
SY_API const double *sy_predictor_intercepts(const sy_predictor *predictor);

/** Logits of encoded rows, float64 sums in a fixed order: the same bits row by row and by block.
 * @param rows    (n, D) encoded rows
 * @param logits  (n, K) out, row-major
 * Runs on the calling thread; callers cut rows into blocks. Fails with SY_INVALID_SHAPE. */
SY_API sy_status sy_predictor_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                                     sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
