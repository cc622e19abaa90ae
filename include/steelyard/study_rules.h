/* study_rules.h: what is chosen on rows whose labels are known and that no model saw: calibration
 * maps, thresholds, factors of classes, rules for scores of any model. A part of study.h. */
#ifndef STEELYARD_STUDY_RULES_H
#define STEELYARD_STUDY_RULES_H

#include <steelyard/decide.h>
#include <steelyard/evaluate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Fits a calibration map on rows that the model did not see; on rows it was trained on it would
 * learn that the model is always right.
 *  - temperature, vector: least sum_i r_i (-log p'_i(y_i)) + 1/2 (squared distance of scales and
 *    shifts from the identity), convex, by Newton's method; scales are held to 0.001..1000, shifts
 *    sum to 0. The second part weighs like one row and decides where rows are few or separable.
 *    Never a greater log-loss on these rows than without the map.
 *  - isotonic: each class against the rest (two classes: class 1 alone) by pooling adjacent
 *    violators; values are kept 1 / (2 (N + 1)) away from 0 and 1, N = sum of row weights; p closer
 *    than 1e-7 relative count as ties; pools beyond 128 a class are joined, the cheapest in
 *    log-loss first.
 * A row of weight k is k copies, a row of weight 0 or SY_IGNORED is absent. A class without rows
 * keeps its identity map. Rows whose own class has log-probability -inf are left out: no map
 * changes their loss.
 * @param log_probabilities  (n, K) natural logs, rows summing to 1 within 1e-3
 * @param ids                (n) actual classes 0..K-1 or SY_IGNORED
 * @param row_weights        (n) >= 0, or NULL for ones
 * @param calibration        out; free with sy_calibration_free
 * Same bits for any number of threads. Fails with SY_NO_ROWS, SY_NO_WEIGHT (no row counts),
 * SY_TOO_FEW_CLASSES (rows of one class only), SY_INVALID_LABEL, SY_INVALID_WEIGHT,
 * SY_INVALID_DATA (NaN, above 0, not summing to 1), each naming the row, SY_INVALID_ARGUMENT (no
 * such kind), SY_OUT_OF_MEMORY.
 * Guo et al. (2017); Kull et al. (2017); Zadrozny and Elkan (2002): docs/decisions.md. */
SY_API sy_status sy_calibrate(sy_calibration_kind kind, const double *log_probabilities, size_t n,
                              size_t n_classes, const int32_t *ids, const double *row_weights,
                              sy_calibration **calibration, sy_error *error);

/** Bytes that hold the text of any tuning options, zero included. */
#define SY_TUNE_TEXT_SIZE 160

/** How a threshold, or factors of classes, are chosen on rows whose labels are known. */
typedef struct sy_tune_options {
  sy_objective objective; /**< default: cost */
  double max_flagged;     /**< share of the rows that may be flagged, 0..1; NaN (default) = any */
  double min_precision;   /**< least precision, 0..1; NaN (default) = any */
  double min_recall;      /**< least recall, 0..1; NaN (default) = any */
  int samples;            /**< bootstrap samples for the intervals, default 200; 0 = none */
  uint64_t seed;          /**< of the samples; default 0 */
  sy_progress progress;
} sy_tune_options;

/** Cost, no constraint, 200 samples, seed 0. */
SY_API sy_tune_options sy_tune_options_default(void);

/** What tuning found; what is not defined is NaN. All of it is of the rows tuned on, and so better
 * than what new rows will show. */
typedef struct sy_tuned {
  double threshold; /**< flag where score >= threshold. The shortest decimal between two scores
                       (the upper one where there is none). All rows: 0, or -inf where a score is
                       negative; no row: inf */
  double
      threshold_low; /**< 95 % of bootstrap samples, tuned anew, have their threshold from here */
  double threshold_high; /**< to here */
  double value;          /**< of the objective: greater is better, cost is negative */
  double value_low;      /**< 95 % interval of the value of this threshold, or of these factors */
  double value_high;     /**< on bootstrap samples */
  double flagged;        /**< share of the rows */
  double precision;      /**< NaN where nothing is flagged */
  double recall;         /**< share of the positive class that is flagged */
  double average_cost;   /**< by the costs, or by 0 and 1 where there are none */
  size_t n_scores;       /**< distinct scores; thresholds tried are one more */
} sy_tuned;

/** Writes what is tuned for in words: "f1, at most 0.5 % flagged, precision at least 0.9". Returns
 * `text`. */
SY_API char *sy_tune_options_text(const sy_tune_options *options, char text[SY_TUNE_TEXT_SIZE]);

/** Finds the best threshold of a score: all thresholds that decide differently are tried. Of
 * those whose values differ by no more than rounding (relative 1e-12) the one that flags fewest.
 * @param scores       (n) greater = more positive; anything but NaN
 * @param ids          (n) actual classes; SY_IGNORED rows are left out
 * @param positive     the class that is flagged, against all others
 * @param row_weights  (n) >= 0, or NULL for ones
 * @param costs        of two classes, or NULL for 0 and 1
 * @param tuned        out
 * Fails with SY_INVALID_ARGUMENT where no threshold meets the constraints (the text says how near
 * one comes), or the objective is defined nowhere; SY_NO_WEIGHT where one side has no rows; as
 * sy_steps_make does; SY_CANCELLED. Time: a sort, and a pass over the rows for each sample. No
 * result depends on the number of threads. */
SY_API sy_status sy_tune_threshold(const double *scores, const int32_t *ids, size_t n, int positive,
                                   const double *row_weights, const sy_costs *costs,
                                   const sy_tune_options *options, sy_tuned *tuned,
                                   sy_error *error);

/** Finds factors f so that deciding argmax_k f_k p(k|x) is best. One factor at a time is moved to
 * the best of all places where decisions change, until none gains; begun from factors of 1, from
 * balanced ones (1 / share of the class) and from what its mistakes cost on average, and never
 * worse on these rows than the best of these three. Not the best of all factors for K >= 3, which
 * cannot be had by trying; for K = 2 it is.
 * @param log_probabilities  (n, K)
 * @param ids                (n) actual classes; SY_IGNORED rows are left out
 * @param row_weights        (n) >= 0, or NULL for ones
 * @param costs              of K classes, or NULL for 0 and 1
 * @param options            without constraints, and no objective of one class
 * @param factors            (K) out: > 0, the largest is 1, few digits
 * @param tuned              out: value with its interval, average_cost
 * Fails with SY_INVALID_ARGUMENT, SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_DATA, SY_NO_ROWS,
 * SY_NO_WEIGHT, SY_CANCELLED, SY_OUT_OF_MEMORY. Time about K n log n a round of K factors. */
SY_API sy_status sy_tune_factors(const double *log_probabilities, const int32_t *ids, size_t n,
                                 size_t n_classes, const double *row_weights, const sy_costs *costs,
                                 const sy_tune_options *options, double *factors, sy_tuned *tuned,
                                 sy_error *error);

/** Probabilities of any origin, to be judged; views over n rows of K classes. */
typedef struct sy_scores {
  size_t n;
  size_t n_classes;
  const char *const *classes;      /**< (K) names */
  const size_t *rows;              /**< (n) places in the source, 0-based; NULL = 0, 1, 2, .. */
  const int32_t *ids;              /**< (n) actual classes, or SY_IGNORED */
  const double *row_weights;       /**< (n) above 0, or NULL for ones */
  const double *probabilities;     /**< (n, K) as decisions look at them */
  const double *log_probabilities; /**< (n, K) their natural logs, -inf = 0 */
  const sy_costs *costs;           /**< what mistakes cost, or NULL */
  int positive;                    /**< two classes: the positive one, else -1 */
  double threshold; /**< two classes: p(positive) >= threshold decides; NaN = none was given */
} sy_scores;

/** A share of rows with its 95 % interval (Wilson's, for the effective number of rows: a row of
 * whatever weight is one observation). All NaN where there are no rows to share. */
typedef struct sy_share {
  double value;
  double low, high;
} sy_share;

/** How a rule decides. */
typedef enum sy_rule_kind {
  SY_RULE_DEFAULT,   /**< two classes: p >= 0.5; else the most probable class */
  SY_RULE_COSTS,     /**< least expected cost */
  SY_RULE_THRESHOLD, /**< p(positive) >= threshold */
  SY_RULE_FACTORS    /**< argmax_k f_k p(k) */
} sy_rule_kind;

/** One rule, judged. */
typedef struct sy_rule_line {
  char name[96];      /**< "p >= 0.167" */
  char remark[64];    /**< "from your costs"; may be empty */
  bool chosen;        /**< it is the rule that was found */
  sy_share flagged;   /**< two classes: share of all rows that it flags, */
  sy_share caught;    /**< of the positive ones, */
  sy_share precision; /**< and share of the flagged that are positive */
  sy_metrics metrics; /**< under the costs of the scores */
} sy_rule_line;

/** A rule for scores of any model, beside others. */
typedef struct sy_rules {
  size_t n_classes;
  int positive;        /**< of two classes, else -1 */
  bool priced;         /**< costs were given */
  size_t n_lines;      /**< constant decisions, usual default, the rule before, that from costs, */
  sy_rule_line *lines; /**< the typed threshold, the tuned rule; those that there are */
  size_t chosen;       /**< index of the rule found: the last of those that may be chosen */
  sy_rule_kind kind;   /**< of that rule */
  double threshold;    /**< of it, where it is a threshold; else NaN */
  double *factors;     /**< (K) of it, where it has factors; else NULL */
  bool tuned;          /**< it was tuned: `tuning` says how well */
  sy_tuned tuning;     /**< on all rows */
  bool crossed;        /**< tuned, and judged honestly: each half of the rows by a rule that was
                          tuned on the other half */
  int32_t *decisions;  /**< (n) by the rule found, tuned on all rows */
  int best_constant;   /**< the constant decision that costs least */
  sy_cost_comparison against_default;  /**< usual default (A) against the rule found (B) */
  sy_cost_comparison against_constant; /**< best constant decision (A) against it (B) */
} sy_rules;

/** What sy_rules_find is to do. */
typedef struct sy_rules_options {
  const sy_tune_options *tune; /**< tune a rule; NULL = none */
  const int32_t *before;       /**< (n) decisions so far, to stand beside; or NULL */
  const char *before_name;     /**< how they came about: "p >= 0.167" */
  uint64_t seed;               /**< of the two halves */
} sy_rules_options;

/** Finds the rule for scores: tuned where `options` say so, else the threshold of the scores where
 * one is typed, else least expected cost where there are costs, else the usual default.
 * @param rules  out; release with sy_rules_clear
 * Fails as sy_evaluate, sy_tune_threshold and sy_tune_factors do. Where half of the rows are too
 * few to be tuned on, the tuned rule is judged on the rows that it was tuned on, and `crossed` is
 * false. */
SY_API sy_status sy_rules_find(const sy_scores *scores, const sy_rules_options *options,
                               sy_rules *rules, sy_error *error);

/** Releases what rules hold and zeroes them; zeroed ones are legal. */
SY_API void sy_rules_clear(sy_rules *rules);

#ifdef __cplusplus
}
#endif
#endif
