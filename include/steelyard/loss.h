/* loss.h: weighted losses on logits, with gradient and diagonal Hessian. A loss is made of parts,
 * logit transform, base, modulation, weight, reduction, that are checked once; then it runs on any
 * number of batches and allocates nothing. */
#ifndef STEELYARD_LOSS_H
#define STEELYARD_LOSS_H

#include <steelyard/weights.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The base of a loss. */
typedef enum sy_loss_base {
  SY_LOSS_SOFTMAX, /**< K logits, one class a position: l(k) = logsumexp(z') - z'_k */
  SY_LOSS_SIGMOID  /**< L logits, each a yes/no label by itself: y softplus(-x) + (1-y) softplus(x);
                    * their losses are added up */
} sy_loss_base;

/** What a cost matrix does. */
typedef enum sy_cost_use {
  SY_COST_UNUSED,
  SY_COST_ARGMAX, /**< the loss times C[y, argmax p], held constant in the gradient; the first class
                   * on ties (the recipe of keras#2115) */
  SY_COST_EXPECTED /**< sum_j C[y, j] p_j instead of the base: differentiable */
} sy_cost_use;

/** How losses l of positions with weights w become one number. No weight at all gives 0. */
typedef enum sy_reduction {
  SY_REDUCTION_WEIGHTED_MEAN, /**< sum(w l) / sum(w), the default */
  SY_REDUCTION_SUM,           /**< sum(w l) */
  SY_REDUCTION_MEAN,          /**< sum(w l) / number of positions not taken out */
  SY_REDUCTION_NONZERO_MEAN,  /**< sum(w l) / number of positions with w != 0 */
  SY_REDUCTION_DIVISOR,       /**< sum(w l) / divisor */
  SY_REDUCTION_NONE           /**< the losses w l of the positions; the value is their sum */
} sy_reduction;

/** A loss to be made. Zero (or sy_loss_options_default) is plain softmax cross-entropy with the
 * weighted mean. */
typedef struct sy_loss_options {
  sy_loss_base base;
  size_t n_classes; /**< K >= 1 logits of a position (sigmoid: L labels) */
  /** Softmax: (K). Sigmoid: (L, 2), of absence and presence; (1, q) is a positive weight q. >= 0
   * and finite; NULL = ones. */
  const double *class_weights;
  /** Transform z'_k = scale (slopes_k z_k + offsets_k - margins_k [k is the label]); of a sigmoid
   * the margin goes where the label is present. (K) each, finite; NULL = 1, 0, 0. */
  const double *slopes, *offsets, *margins;
  double scale; /**< > 0 and finite; 0 stands for 1 */
  /** More parts by name, apart by '+', as sy_loss_part_form lists them: "focal:gamma=2",
   * "logit-adjustment:tau=1", "ldam:margin=0.5,scale=30", "vs:gamma=0.15,tau=1". NULL = none. */
  const char *parts;
  const double *counts; /**< (K) rows of each class, > 0, for parts that go by them; or NULL */
  double smoothing; /**< a in 0..1: y becomes y (1 - a) + a / K; of a sigmoid, y (1 - a) + a / 2 */
  sy_cost_use cost_use;
  const double *cost; /**< (K, K) cost[actual * K + predicted], finite; NULL where batches have
                       * costs of their own */
  /** The class weight of the predicted class (argmax p, the first on ties) instead of the true one;
   * hard labels only. What a mean divides by is then known last: the gradient is divided in a walk
   * of its own. */
  bool weigh_by_prediction;
  sy_reduction reduction;
  double divisor; /**< > 0 and finite, for SY_REDUCTION_DIVISOR only */
} sy_loss_options;

/** Plain softmax cross-entropy of K classes. */
SY_API sy_loss_options sy_loss_options_default(size_t n_classes);

/** A loss that was checked. It can be used by many threads at once. */
typedef struct sy_loss sy_loss;

/** Makes a loss; it keeps copies of the options. Fails with SY_INVALID_ARGUMENT, SY_INVALID_WEIGHT,
 * SY_INVALID_COST or SY_INVALID_SHAPE where a part is unknown, out of its range, or does not go
 * with another, naming it; SY_OUT_OF_MEMORY. */
SY_API sy_status sy_loss_new(const sy_loss_options *options, sy_loss **loss, sy_error *error);

/** Frees a loss; NULL is legal. */
SY_API void sy_loss_free(sy_loss *loss);

/** How part `index` (0, 1, ...) is written, "focal[:gamma=2]"; NULL past the last. */
SY_API const char *sy_loss_part_form(size_t index);

/** What it does, in one line; NULL past the last. */
SY_API const char *sy_loss_part_formula(size_t index);

/** A batch: views that own nothing. */
typedef struct sy_loss_batch {
  /** Float32 or float64, finite or -inf; one axis is the class axis of length K, the others are the
   * positions: (n, .., K) or class-first (n, K, ..). Any strides. */
  sy_array logits;
  size_t class_axis; /**< which one: n_axes - 1 for the last */
  /** Kinds index (any integer type; sigmoid with L = 1 takes ids 0 and 1), one-hot/soft (softmax)
   * and multi-hot (sigmoid; any type, numbers from 0 to 1). Shape: that of the positions, in their
   * order; one-hot and multi-hot have their class axis where the logits have it. `mask` has the
   * shape of the positions; `row_weights` one for each entry of the first axis, or that shape. */
  sy_label_array labels;
  bool has_ignore;
  int64_t ignore; /**< index: an id that takes its position out (-1, -100); multi-hot: a cell */
  /** With SY_COST_ARGMAX or _EXPECTED: costs of each position by predicted class, (positions.., K)
   * with the class axis where the logits have it, float32 or float64; NULL = options.cost. */
  const sy_array *row_costs;
} sy_loss_batch;

/** What is wanted of a batch. NULL pointers are not computed. */
typedef struct sy_loss_result {
  double value;        /**< the reduced loss */
  double total_weight; /**< what the weighted mean divides by */
  /** d value / d logits, of the logits' type; layout of the logits (shape and strides); may be the
   * logits themselves. Of SY_REDUCTION_NONE: of the sum. */
  void *gradient;
  void *hessian; /**< d2 value / d logit2, likewise; may not be the logits */
  void *losses;  /**< w l of each position, not divided, in C order of the positions, of the logits'
                  * type */
} sy_loss_result;

/** Loss of a batch, and what else `result` has room for. Sums are float64, in an order that the
 * shape alone fixes: no bit depends on the number of threads. (Asking for the Hessian may change
 * the last bits of the rest: plain losses without it have kernels of their own.) Finite for all
 * finite logits (log-sum-exp, never the log of a probability). A logit of -inf has probability 0.
 * Positions taken out, and those of row weight 0, have loss 0 and gradient 0, whatever their logits
 * are. Fails with SY_INVALID_DATA (a logit that is NaN or +inf, or a row of nothing but -inf: with
 * its position), SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_COST (with their positions),
 * SY_INVALID_SHAPE, SY_INVALID_ARGUMENT; then value is 0, and gradient, hessian and losses are
 * zeros throughout (the gradient, where it is the logits' own memory, too); of logits whose type,
 * shape or class axis there is not, none of these is known, and nothing else is written. */
SY_API sy_status sy_loss_evaluate(const sy_loss *loss, const sy_loss_batch *batch,
                                  sy_loss_result *result, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
