/* evaluate.h: metrics and intervals on arrays. Knows no model; honours row weights (weight k = k
 * copies); class weights never enter. NaN stands for "not defined". */
#ifndef STEELYARD_EVALUATE_H
#define STEELYARD_EVALUATE_H

#include <steelyard/decide.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is evaluated: n rows, K classes. */
typedef struct sy_evaluation {
  size_t n;
  size_t n_classes;
  const int32_t *ids; /**< (n) actual classes; SY_IGNORED rows are left out */
  const double
      *log_probabilities;    /**< (n, K) natural logs, rows normalised, -inf = probability 0 */
  const int32_t *decisions;  /**< (n) predicted classes */
  const double *row_weights; /**< (n) >= 0, or NULL for ones */
  const double *cost;        /**< (K, K), or NULL for 0 and 1 */
  int positive;              /**< two classes: the positive one; ignored for K >= 3 */
} sy_evaluation;

/** Metrics of one class against the rest. */
typedef struct sy_class_metrics {
  double support;           /**< sum of row weights of the actual class */
  double predicted;         /**< sum of row weights of the predicted class */
  double precision;         /**< NaN where never predicted */
  double recall;            /**< NaN without support */
  double f1;                /**< NaN without support */
  double average_precision; /**< sum of (recall step) x precision over distinct scores */
  double roc_auc;           /**< ties count half; NaN where one side is empty */
} sy_class_metrics;

/** All metrics; NaN = not defined. */
typedef struct sy_metrics {
  size_t n_classes;
  uint64_t rows;        /**< rows not ignored (of any weight) */
  double weighted_rows; /**< sum of row weights */
  double log_loss;      /**< mean of -log p(actual); infinite only where p is exactly 0 */
  double brier;         /**< mean of sum_k (p_k - [k = y])^2 */
  double accuracy;
  double balanced_accuracy; /**< mean recall of the classes with support */
  double macro_f1;    /**< mean F1 of the classes with support; undefined precision counts 0 */
  double weighted_f1; /**< F1 weighted by support */
  double mcc;         /**< Matthews correlation (Gorodkin's R_K); NaN where a side is constant */
  double g_mean;      /**< geometric mean of the recalls of classes with support */
  double roc_auc;     /**< two classes: of the positive one; else mean over classes defined
                         (one-vs-rest) */
  double average_precision; /**< the same way */
  double calibration_error; /**< 10 equal-count bins a class, |mean p - share| weighted by bin,
                               averaged over the classes with support; docs/metrics.md */
  double average_cost;      /**< mean of cost[actual][predicted] */
  double average_cost_low;  /**< 95 % interval of average_cost, normal approximation; a row of
                               whatever weight is one observation */
  double average_cost_high;
  double best_constant_cost; /**< average cost of the best decision that is the same for all rows */
  int best_constant;         /**< that class */
  sy_class_metrics *per_class; /**< (K) */
  double *confusion; /**< (K, K) row-major sums of row weights, row actual, column predicted */
} sy_metrics;

/** Computes all metrics.
 * @param metrics  out; release with sy_metrics_clear
 * Fails with SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_DATA (log-probabilities that are none:
 * NaN, above 0, or not summing to 1 within 1e-3), each naming the row; SY_INVALID_ARGUMENT (no
 * class, `positive`), SY_NO_ROWS, SY_NO_WEIGHT, SY_OUT_OF_MEMORY. Then `metrics` is zeroed.
 * Time K n for K classes with support; memory n x 32 bytes a thread and K x K x 8. */
SY_API sy_status sy_evaluate(const sy_evaluation *evaluation, sy_metrics *metrics, sy_error *error);

/** Releases what metrics hold and zeroes them; zeroed metrics are legal. */
SY_API void sy_metrics_clear(sy_metrics *metrics);

/** A difference of average costs between two ways of deciding the same rows. */
typedef struct sy_cost_comparison {
  double
      difference;   /**< average cost of A minus that of B, paired by row: > 0 where B is cheaper */
  double low, high; /**< its 95 % interval (normal approximation of the paired difference) */
  double saving;    /**< 1 - cost B / cost A; NaN where A costs 0 or less */
  double saving_low, saving_high; /**< its 95 % interval (delta method) */
} sy_cost_comparison;

/** Compares two sets of decisions on the same rows under the same costs.
 * @param ids, row_weights, cost  as in sy_evaluation
 * @param a, b                    (n) decisions
 * Fails as sy_evaluate does for labels, decisions and weights; then `comparison` is zeroed. */
SY_API sy_status sy_cost_compare(const int32_t *ids, size_t n, size_t n_classes,
                                 const double *row_weights, const double *cost, const int32_t *a,
                                 const int32_t *b, sy_cost_comparison *comparison, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
