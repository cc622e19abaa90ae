/* loss.h: weighted losses on logits, with their gradients. */
#ifndef STEELYARD_LOSS_H
#define STEELYARD_LOSS_H

#include <steelyard/weights.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The base of a loss. */
typedef enum sy_loss_base {
  SY_LOSS_SOFTMAX, /**< logsumexp(z) - z_y over K >= 2 logits */
  SY_LOSS_SIGMOID  /**< one logit x for classes 0 and 1: y softplus(-x) + (1 - y) softplus(x) */
} sy_loss_base;

/** How losses l of positions with weights w become one number. No weight at all gives 0. */
typedef enum sy_reduction {
  SY_REDUCTION_WEIGHTED_MEAN, /**< sum(w l) / sum(w), the default */
  SY_REDUCTION_SUM,           /**< sum(w l) */
  SY_REDUCTION_MEAN,          /**< sum(w l) / number of positions not ignored */
  SY_REDUCTION_DIVISOR        /**< sum(w l) / divisor */
} sy_reduction;

/** A loss: base and reduction. Zero (or sy_loss_default) is softmax with the weighted mean. */
typedef struct sy_loss {
  sy_loss_base base;
  sy_reduction reduction;
  double divisor; /**< > 0 and finite, for SY_REDUCTION_DIVISOR only */
} sy_loss;

/** Softmax cross-entropy with the weighted mean. */
SY_API sy_loss sy_loss_default(void);

/** Loss and gradient of a batch with hard labels.
 * @param loss      base and reduction
 * @param logits    (n, K) for softmax, (n, 1) for sigmoid; float32 or float64
 * @param ids       (n) class ids, SY_IGNORED = no part in loss or divisor
 * @param weights   (n) >= 0, or NULL for ones (see sy_row_weights)
 * @param value     out: the reduced loss
 * @param gradient  out: d value / d logits, row-major (n, K) or (n, 1) float64 without gaps; or
 * NULL Finite for all finite logits (log-sum-exp, never the log of a probability). Fails with
 * SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_SHAPE, SY_INVALID_ARGUMENT. */
SY_API sy_status sy_loss_evaluate(const sy_loss *loss, sy_matrix logits, const int32_t *ids,
                                  const double *weights, double *value, double *gradient,
                                  sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
