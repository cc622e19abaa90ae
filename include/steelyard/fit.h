/* fit.h: an objective and a solver fit a predictor. */
#ifndef STEELYARD_FIT_H
#define STEELYARD_FIT_H

#include <steelyard/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a logistic predictor is fitted. */
typedef struct sy_fit_options {
  double l2;          /**< penalty >= 0 on coefficients, never intercepts; see sy_fit_logistic */
  double tolerance;   /**< converged when the gradient's 2-norm is at most this; default 1e-8, past
                         which the fit goes on while that is cheap; a looser one ends it at once */
  int max_iterations; /**< steps, >= 0; default 1000 (most are cheap: see docs/fitting.md) */
  const sy_predictor *start; /**< warm start of the same shape, or NULL */
  sy_progress progress;
} sy_fit_options;

/** Tolerance and iterations as above, l2 = -1 (meaning 1 / sum of row weights must be filled in by
 * the caller: sy_fit_logistic refuses a negative l2). */
SY_API sy_fit_options sy_fit_options_default(void);

/** How a fit ended. Not converging within the iterations is a result, no error. */
typedef struct sy_fit_result {
  double objective;     /**< value of the objective at the end */
  double gradient_norm; /**< 2-norm of its gradient over coefficients and intercepts */
  int iterations;       /**< outer iterations */
  bool converged;       /**< gradient_norm <= tolerance, or rounding beside the size of the rows */
  const char *solver;   /**< "Newton", or "L-BFGS" where no Hessian was made; static text */
} sy_fit_result;

/** Weighted logistic regression to the optimum: minimises
 *   (1 / sum_i w_i) sum_i w_i l_i + (l2 / 2) sum of squared coefficients,
 * l the cross-entropy. Two classes: one vector, sigmoid. K >= 3: K vectors, softmax, symmetric
 * penalty, intercepts summing to 0. Rows of weight 0 and ignored rows are absent. A class without
 * any weight is not learnt: its intercept is -inf and its coefficients 0 (so with two learnt
 * classes of K >= 3 the vectors are 0, the sigmoid's, and those not learnt).
 * Separable data with l2 = 0 has no optimum: the fit ends once the objective cannot fall or the
 * iterations are used up, with converged telling which.
 * @param rows       (n, D) encoded rows, finite, float32 or float64
 * @param ids        (n) class ids or SY_IGNORED
 * @param weights    (n) row x class weights >= 0, or NULL for ones (see sy_row_weights)
 * @param n_classes  K >= 2
 * @param predictor  out; free with sy_predictor_free
 * @param result     out, nullable
 * Same bits for any number of threads. Fails with SY_TOO_FEW_CLASSES (fewer than two with weight),
 * SY_NO_WEIGHT, SY_NO_ROWS, SY_INVALID_DATA (a value that is not finite, naming row and column),
 * SY_INVALID_LABEL and SY_INVALID_WEIGHT (naming the row), SY_INVALID_SHAPE, SY_INVALID_ARGUMENT,
 * SY_NUMERIC_FAILURE, SY_CANCELLED, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_fit_logistic(sy_matrix rows, const int32_t *ids, const double *weights,
                                 size_t n_classes, const sy_fit_options *options,
                                 sy_predictor **predictor, sy_fit_result *result, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
