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
  const sy_costs *costs;     /**< row i = row i of costs->values; NULL for 0 and 1 */
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
  double average_cost;      /**< mean of what the decision costs */
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
 * NaN, above 0, or not summing to 1 within 1e-3), SY_INVALID_COST (a cost of a row that is not
 * finite), each naming the row; SY_INVALID_ARGUMENT (no class, `positive`, costs of another number
 * of classes), SY_NO_ROWS, SY_NO_WEIGHT, SY_OUT_OF_MEMORY. Then `metrics` is zeroed.
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
 * @param ids, row_weights, costs  as in sy_evaluation
 * @param a, b                     (n) decisions
 * Fails as sy_evaluate does for labels, decisions, weights and costs; then `comparison` is zeroed.
 */
SY_API sy_status sy_cost_compare(const int32_t *ids, size_t n, size_t n_classes,
                                 const double *row_weights, const sy_costs *costs, const int32_t *a,
                                 const int32_t *b, sy_cost_comparison *comparison, sy_error *error);

/** 95 % bootstrap intervals of every metric: percentiles (2.5 and 97.5 %, linear between values)
 * over samples of the rows. A row, whatever its weight, is one observation; in a sample it counts
 * Poisson(1) times, keyed by (seed, sample, row), so neither threads nor the order of samples
 * matter. A metric that is not defined in a sample is left out of its percentiles; where that is so
 * in more than 5 % of the samples (a class of very few rows) there is no interval: NaN.
 * @param samples    at least 2; sy_bootstrap_samples_default says how many are sensible
 * @param progress   told "bootstrap"
 * @param low, high  out: the ends, in the place of each metric. `rows` and `best_constant` are
 * those of the rows themselves; average_cost_low and _high and the confusion matrix are NaN.
 * Release with sy_metrics_clear Fails as sy_evaluate does, with SY_INVALID_ARGUMENT (`samples`) and
 * SY_CANCELLED; then both are zeroed. Time K n a sample after one sy_evaluate; memory n K x 16
 * bytes, and n x 9 a thread. */
SY_API sy_status sy_evaluate_intervals(const sy_evaluation *evaluation, int samples, uint64_t seed,
                                       sy_progress progress, sy_metrics *low, sy_metrics *high,
                                       sy_error *error);

/** The difference a - b of every metric of two evaluations of the same rows (two models, or two
 * ways of deciding), with 95 % paired bootstrap intervals: both are weighed by the same samples.
 * @param a, b        of equal n, n_classes and ids
 * @param difference  out: a - b, NaN where either is not defined; release with sy_metrics_clear
 * All else as in sy_evaluate_intervals; `best_constant` is that of a. Fails with
 * SY_INVALID_ARGUMENT where rows or classes differ, naming the row. */
SY_API sy_status sy_evaluate_difference(const sy_evaluation *a, const sy_evaluation *b, int samples,
                                        uint64_t seed, sy_progress progress, sy_metrics *difference,
                                        sy_metrics *low, sy_metrics *high, sy_error *error);

/** Where a threshold may lie: one step a distinct score, from the highest down. ROC,
 * precision-recall, cost over threshold and gain all follow: flagging the rows with score >=
 * scores[i] catches positives[i] of all_positives (recall, the y of a ROC curve) and
 * negatives[i] of all_negatives (its x), with precision positives[i] / (positives[i] +
 * negatives[i]). Equal scores are one step, so ties are exact. */
typedef struct sy_steps {
  size_t n;
  double *scores;    /**< (n) falling */
  double *positives; /**< (n) row weights of the positive class with score >= scores[i] */
  double *negatives; /**< (n) row weights of all other rows there */
  double *costs;     /**< (n) total cost of flagging exactly these; NULL without costs */
  double all_positives, all_negatives; /**< positives[n - 1], negatives[n - 1] */
  double none_cost;                    /**< total cost of flagging nothing; 0 without costs */
} sy_steps;

/** Makes the steps of one class against the rest.
 * @param scores       (n) anything but NaN, infinite ones included: greater = more positive. Not
 *                     read where a row is ignored or weighs 0
 * @param ids          (n) actual classes of any number; SY_IGNORED rows are left out
 * @param positive     the class that is flagged
 * @param row_weights  (n) >= 0, or NULL for ones
 * @param costs        of two classes, or NULL; flagging = predicting `positive`
 * @param steps        out; release with sy_steps_clear
 * Fails with SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_COST, SY_INVALID_DATA (a score of
 * NaN), each naming the row; SY_INVALID_ARGUMENT (`positive`, costs of other than two classes),
 * SY_NO_ROWS, SY_NO_WEIGHT, SY_OUT_OF_MEMORY. Then `steps` is zeroed. Sums are compensated, right
 * to the last bits on any number of rows. Memory while it runs: n x 32 bytes. */
SY_API sy_status sy_steps_make(const double *scores, const int32_t *ids, size_t n, int positive,
                               const double *row_weights, const sy_costs *costs, sy_steps *steps,
                               sy_error *error);

/** Leaves out steps that a drawing does not need. Those kept are as they were: the first, the last,
 * the cheapest (the first of equals) and others about equally far along, as shares of positives
 * and of negatives caught.
 * @param most     how many may be left, at least 4
 * @param thinned  out; release with sy_steps_clear
 * Fails with SY_INVALID_ARGUMENT (`most`) and SY_OUT_OF_MEMORY; then `thinned` is zeroed. */
SY_API sy_status sy_steps_thin(const sy_steps *steps, size_t most, sy_steps *thinned,
                               sy_error *error);

/** Releases what steps hold and zeroes them; zeroed steps are legal. */
SY_API void sy_steps_clear(sy_steps *steps);

/** How well probabilities of one class are kept: bins of about equal weight, in order of rising
 * probability. Rows of equal probability share a bin, and the bins are those of
 * sy_metrics.calibration_error where there are 10. */
typedef struct sy_reliability {
  size_t n_bins;     /**< bins that hold rows: at most those asked for */
  double *weight;    /**< (n_bins) sum of row weights */
  double *predicted; /**< (n_bins) mean probability */
  double *observed;  /**< (n_bins) share of the class */
  double *low;       /**< (n_bins) Wilson's 95 % interval of `observed`, for the effective number */
  double *high;      /**< of rows (sum r)^2 / sum r^2: a row is one observation */
} sy_reliability;

/** Compares the probabilities of a class with how often it came.
 * @param probabilities  (n) of class `class_id`, 0..1. Not read where a row is ignored or weighs 0
 * @param ids            (n) actual classes; SY_IGNORED rows are left out
 * @param row_weights    (n) >= 0, or NULL for ones
 * @param most_bins      how many bins, at least 1; many ties leave fewer
 * @param reliability    out; release with sy_reliability_clear
 * Fails with SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_DATA (no probability), each naming the
 * row; SY_INVALID_ARGUMENT (`class_id`, `most_bins`), SY_NO_ROWS, SY_NO_WEIGHT, SY_OUT_OF_MEMORY.
 * Then `reliability` is zeroed. */
SY_API sy_status sy_reliability_make(const double *probabilities, const int32_t *ids, size_t n,
                                     int class_id, const double *row_weights, size_t most_bins,
                                     sy_reliability *reliability, sy_error *error);

/** Releases what a reliability holds and zeroes it; a zeroed one is legal. */
SY_API void sy_reliability_clear(sy_reliability *reliability);

/** A sensible number of bootstrap samples for n rows: 1000 up to 100,000 rows, then fewer, so that
 * the work stays about the same, but at least 200. */
SY_API int sy_bootstrap_samples_default(size_t n);

/** Several yes/no labels a row: n rows, L labels. */
typedef struct sy_label_evaluation {
  size_t n;
  size_t n_labels;
  const uint8_t *truth;        /**< (n, L) 1 = the label is there, 0 = it is not */
  const double *probabilities; /**< (n, L) that it is there, 0..1 */
  const uint8_t *decisions;    /**< (n, L) 1 = said to be there */
  const double *row_weights;   /**< (n) >= 0, or NULL for ones; a row of weight 0 is not read */
} sy_label_evaluation;

/** Metrics of several labels; NaN = not defined. A label without rows is undefined and left out of
 * the means over labels. */
typedef struct sy_label_metrics {
  size_t n_labels;
  uint64_t rows;
  double weighted_rows;
  double log_loss;          /**< mean over the labels of -log p(what is true of it) */
  double macro_f1;          /**< mean F1 of the labels with support; undefined precision counts 0 */
  double micro_precision;   /**< of all pairs (row, label) said to be there, the share that is */
  double micro_recall;      /**< of all pairs that are there, the share said to be */
  double micro_f1;          /**< 2 right / (there + said to be there); NaN where none is there */
  double subset_accuracy;   /**< share of rows with all labels right */
  double hamming_loss;      /**< share of pairs (row, label) that are wrong */
  double roc_auc;           /**< mean over the labels where it is defined */
  double average_precision; /**< the same way */
  double calibration_error; /**< mean over the labels of sy_metrics.calibration_error */
  sy_class_metrics *per_label; /**< (L) of the rows where the label is there against the rest */
  double *log_losses;          /**< (L) of each label; defined for those without rows too */
} sy_label_metrics;

/** Computes all metrics of several labels; each label alone as sy_evaluate has it for two classes.
 * @param metrics  out; release with sy_label_metrics_clear
 * Fails with SY_INVALID_LABEL (neither 0 nor 1), SY_INVALID_DATA (no probability), naming row and
 * label from 1; SY_INVALID_WEIGHT, SY_INVALID_ARGUMENT (no label), SY_NO_ROWS, SY_NO_WEIGHT,
 * SY_OUT_OF_MEMORY. Then `metrics` is zeroed. */
SY_API sy_status sy_evaluate_labels(const sy_label_evaluation *evaluation,
                                    sy_label_metrics *metrics, sy_error *error);

/** Releases what label metrics hold and zeroes them; zeroed metrics are legal. */
SY_API void sy_label_metrics_clear(sy_label_metrics *metrics);

/** Bytes that hold the text of any objective, zero included. */
#define SY_OBJECTIVE_SIZE 64

/** What decisions are chosen by: a metric, greater is better. Made by sy_objective_parse. */
typedef struct sy_objective {
  const struct sy_objective_kind *kind; /**< of the library's table; never NULL once made */
  double parameter;                     /**< beta of "fbeta:BETA"; else 0 */
} sy_objective;

/** Reads an objective: "cost", "f1", "fbeta:2", "balanced_accuracy", ... ('-' may stand for '_').
 * Fails with SY_INVALID_ARGUMENT, naming the nearest and all there are. */
SY_API sy_status sy_objective_parse(const char *text, sy_objective *objective, sy_error *error);

/** The objective "cost": least average cost. */
SY_API sy_objective sy_objective_cost(void);

/** Writes an objective so that sy_objective_parse reads it back. Returns `text`. */
SY_API char *sy_objective_text(const sy_objective *objective, char text[SY_OBJECTIVE_SIZE]);

/** Whether it needs to know what mistakes cost. Its value is then the negative average cost. */
SY_API bool sy_objective_is_cost(const sy_objective *objective);

/** Whether it is about one class, the positive one, as "f1" and "precision" are. */
SY_API bool sy_objective_is_of_positive(const sy_objective *objective);

/** Value of decisions that came to this; greater is better, NaN = not defined (precision where
 * nothing is flagged, an objective of the positive class where `positive` is none).
 * @param confusion     (K, K) row-major sums of row weights, row actual, column predicted
 * @param positive      the class to catch, or -1
 * @param average_cost  read by "cost" alone */
SY_API double sy_objective_value(const sy_objective *objective, const double *confusion,
                                 size_t n_classes, int positive, double average_cost);

/** Objective `index` as it is typed ("fbeta:BETA"); NULL behind the last. */
SY_API const char *sy_objective_form(size_t index);

/** Formula of objective `index` in one line; NULL behind the last. */
SY_API const char *sy_objective_formula(size_t index);

#ifdef __cplusplus
}
#endif
#endif
