/* study.h: where the rooms meet: split the rows, weigh, fit, judge every row by a model that did
 * not see it, and train the model that is kept on all rows. */
#ifndef STEELYARD_STUDY_H
#define STEELYARD_STUDY_H

#include <steelyard/classifier.h>
#include <steelyard/evaluate.h>
#include <steelyard/fit.h>
#include <steelyard/study_monitor.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/** How the rows that judge a model are chosen. */
typedef enum sy_test_kind {
  SY_TEST_NONE,  /**< no test: figures of the training rows only */
  SY_TEST_FOLDS, /**< k-fold cross-validation: every row judged once */
  SY_TEST_SHARE, /**< a random share of the rows */
  SY_TEST_MASK,  /**< the rows marked in sy_study_data.test_mask */
  SY_TEST_OTHER  /**< the rows of another source, sy_study_data.test_* */
} sy_test_kind;

/** The rows of a study; views, all over the same rows. */
typedef struct sy_study_data {
  const sy_frame *frame;      /**< feature columns */
  const sy_labels *labels;    /**< classes of the rows; ignored rows take no part */
  const double *row_weights;  /**< (rows), or NULL for ones */
  const uint32_t *groups;     /**< (rows) rows of equal code stay on one side of a split; or NULL */
  const uint8_t *test_mask;   /**< (rows) 1 = test row, for SY_TEST_MASK */
  const sy_frame *test_frame; /**< for SY_TEST_OTHER */
  const sy_labels *test_labels;   /**< read with the classes of `labels` declared */
  const double *test_row_weights; /**< or NULL */
  /** (rows, V) what the expressions of sy_study_options.cost_rule come to; NULL where V = 0 */
  const double *cost_values;
  const double *test_cost_values; /**< of the test source; NULL where V = 0 */
} sy_study_data;

/** What is done to the probabilities of a fitted model, on rows that the judging models did not
 * see. */
typedef enum sy_study_calibration {
  SY_STUDY_CALIBRATE_NONE,        /**< correction alone */
  SY_STUDY_CALIBRATE_TEMPERATURE, /**< a map of sy_calibrate, stored in the model */
  SY_STUDY_CALIBRATE_VECTOR,
  SY_STUDY_CALIBRATE_ISOTONIC,
  SY_STUDY_CALIBRATE_REFIT /**< the probabilities of an unweighted twin; decisions keep the weights
                                by the costs they imply */
} sy_study_calibration;

/** Reads "none", "temperature", "vector", "isotonic" or "refit"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_study_calibration_parse(const char *text, sy_study_calibration *calibration,
                                            sy_error *error);

/** Its name, as sy_study_calibration_parse reads it. */
SY_API const char *sy_study_calibration_name(sy_study_calibration calibration);

/** What a study does. */
typedef struct sy_study_options {
  const sy_policy *policy; /**< class weights; NULL = none */
  sy_normalize normalize;
  /** Class weights (n / (K n_k))^A with A of 0, 0.1, .. 1 chosen by this on unseen rows, in the
   * place of a policy; NULL = as the policy says. The smallest A is taken that is within one
   * standard error of the best: see sy_path. "cost" needs costs. */
  const sy_objective *automatic;
  const sy_cost_rule *cost_rule;  /**< costs that decide, or NULL: class weights imply them */
  sy_study_calibration calibrate; /**< default none */
  /** A threshold, or a factor for each class, tuned on unseen rows for a metric: it decides in the
   * model, in the place of costs and weights; NULL = none */
  const sy_tune_options *tune;
  int positive;       /**< two classes: the positive one, or -1 for the rarer */
  double l2;          /**< penalty, or < 0 for 1 / sum of row weights */
  double tolerance;   /**< of the fit, see sy_fit_options */
  int max_iterations; /**< of the fit */
  sy_encoder_options encoder;
  sy_test_kind test;
  int folds;     /**< >= 2, for SY_TEST_FOLDS; default 5 */
  double share;  /**< 0 < share < 1, for SY_TEST_SHARE; default 0.2 */
  uint64_t seed; /**< of the split; default 0 */
  sy_progress progress;
} sy_study_options;

/** No weights, no costs, no calibration, l2 1/n, 5 folds, seed 0. */
SY_API sy_study_options sy_study_options_default(void);

/** One way of deciding, judged on the test rows: a line of the decision table. */
typedef struct sy_way {
  char name[96];      /**< "p >= 0.167" */
  char remark[64];    /**< "from your costs"; may be empty */
  bool stored;        /**< the rule that the model keeps */
  double flagged;     /**< two classes: share of rows predicted positive */
  sy_metrics metrics; /**< under the costs of the review */
} sy_way;

/** Rows that were judged, and what was said of them: what curves, intervals and pages are made of.
 * Owned by the review that holds it. */
typedef struct sy_judged_rows {
  size_t n;
  size_t n_classes;
  size_t *rows;              /**< (n) their places in the source, 0-based */
  int32_t *ids;              /**< (n) actual classes, or SY_IGNORED */
  double *row_weights;       /**< (n), or NULL for ones */
  double *log_probabilities; /**< (n, K) as the stored rule saw them */
  size_t n_varying;          /**< V costs that differ by row, see sy_costs; 0 = none */
  double *cost_values;       /**< (n, V), or NULL where V = 0 */
  int32_t *decisions;        /**< (n) of the stored rule */
} sy_judged_rows;

/** Ways of deciding the same rows, side by side. */
typedef struct sy_review {
  bool of_scores; /**< no model stores the rule: sy_review_scores made it */
  bool priced;    /**< costs were given: average costs are in the user's own unit */
  int positive;   /**< the positive class of two, or -1 */
  size_t n_ways;
  sy_way *ways;            /**< (n_ways), the stored rule among them */
  size_t stored;           /**< index of the stored rule */
  sy_metrics unweighted;   /**< of the stored rule without row weights; zeroed without any */
  bool has_unweighted;     /**< there were row weights */
  double mean_probability; /**< two classes: mean corrected probability of the positive class */
  double observed_share;   /**< two classes: its share among the rows */
  double miss_cost; /**< two classes priced by one number, a false alarm costing 1: the price of a
                         missed positive; else NaN */
  bool has_saving;  /**< `saving` is set: the stored rule is not the usual default */
  sy_cost_comparison saving;          /**< the usual default (A) against the stored rule (B) */
  sy_cost_comparison saving_constant; /**< where priced: the best constant decision (A) against
                                         the stored rule (B) */
  sy_judged_rows rows;                /**< the rows themselves */
} sy_review;

/** Releases what a review holds and zeroes it. */
SY_API void sy_review_clear(sy_review *review);

/** A weighted model beside its twin without class weights, on the same unseen rows: what the
 * weights cost that correction does not bring back. */
typedef struct sy_twin {
  bool judged;              /**< class weights were used and a test was made */
  double log_loss;          /**< of the twin */
  double weighted_log_loss; /**< of the weighted model, corrected, before any calibration */
  double kept_log_loss;     /**< of the probabilities kept: calibrated where so */
  double difference;        /**< kept_log_loss - log_loss */
  double low, high; /**< its 95 % interval, by pairs, normal approximation; a row of whatever
                         weight is one observation */
} sy_twin;

/** What calibration did to rows unseen by both the model and the map. */
typedef struct sy_calibration_gain {
  sy_study_calibration kind;
  uint64_t rows; /**< rows judged */
  double log_loss_before, log_loss_after;
  double error_before, error_after; /**< calibration errors, see sy_metrics */
} sy_calibration_gain;

/** One exponent of class weights (n / (K n_k))^A, judged on unseen rows. */
typedef struct sy_path_point {
  double exponent;  /**< A */
  double max_ratio; /**< largest weight / smallest, of the classes there are */
  double value;     /**< of the objective; of cost, the average cost */
  double low, high; /**< its 95 % interval, normal approximation */
} sy_path_point;

/** The exponents that were tried and how one was chosen: of those whose value is within one
 * standard error of the best's (of the difference, by pairs of rows), the smallest. */
typedef struct sy_path {
  size_t n; /**< 0 where nothing was to be chosen */
  sy_path_point *points;
  size_t best, chosen; /**< the best value; the one taken */
  double margin; /**< one standard error of the difference of these two; 0 where they are one */
  bool is_cost;  /**< the value is an average cost: less is better */
  char objective[48];
  uint64_t rows; /**< unseen rows it was chosen on */
} sy_path;

/** Reviews a finished model on labelled rows: best constant, usual default, stored rule.
 * @param costs   what mistakes cost, of the rows of the frame, or NULL: the costs given to the
 *                model (those that vary in columns "cost: EXPRESSION" of the frame), or 0 and 1
 *                where it has none. The model's own rule decides, but for given costs that vary,
 *                which decide themselves where the model goes by costs; where it has no
 * given costs, these add a line with the rule they would give. Rows of weight 0 are left out, of
 * the unweighted figures too.
 * @param review  out; release with sy_review_clear
 * Fails as sy_model_score and sy_evaluate do. */
SY_API sy_status sy_review_model(const sy_model *model, const sy_frame *frame,
                                 const sy_labels *labels, const double *row_weights,
                                 const sy_costs *costs, sy_review *review, sy_error *error);

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

/** Reviews scores: best constant, usual default (of two classes p >= 0.5, a p of exactly 0.5 being
 * flagged), the rule from costs where there are some, the given threshold where there is one. The
 * last of them that there is counts as the stored rule.
 * @param review  out; release with sy_review_clear
 * Fails as sy_evaluate does. */
SY_API sy_status sy_review_scores(const sy_scores *scores, sy_review *review, sy_error *error);

/** The rows of a review as sy_evaluate takes them, decided by the stored rule; a view that lives as
 * long as the review and the costs.
 * @param costs  that the review was made under, row by row as its rows; or NULL */
SY_API sy_evaluation sy_review_evaluation(const sy_review *review, const sy_costs *costs);

/** What several models are compared by. */
typedef enum sy_comparison_measure {
  SY_BY_COST,     /**< average cost, where mistakes have prices */
  SY_BY_LOG_LOSS, /**< else log-loss */
  SY_BY_BRIER     /**< where some log-loss is infinite */
} sy_comparison_measure;

/** A model against the best one, metric by metric: its metrics minus the best's. */
typedef struct sy_review_difference {
  sy_metrics difference; /**< zeroed for the best itself, as the others */
  sy_metrics low, high;  /**< 95 % intervals, bootstrap of pairs */
} sy_review_difference;

/** Several models on the same rows. */
typedef struct sy_review_comparison {
  size_t n;                          /**< models */
  sy_comparison_measure measure;     /**< what makes one the best */
  size_t best;                       /**< lowest measure; the first of equals */
  int samples;                       /**< bootstrap samples */
  sy_review_difference *differences; /**< (n) each against the best */
} sy_review_comparison;

/** Compares reviews of the same rows.
 * @param reviews     (n) n >= 1
 * @param costs       that all of them were made under, or NULL
 * @param samples     bootstrap samples, >= 40
 * @param seed        of the samples
 * @param comparison  out; release with sy_review_comparison_clear
 * Fails with SY_INVALID_SHAPE (other rows), as sy_evaluate_difference does, SY_CANCELLED. */
SY_API sy_status sy_reviews_compare(const sy_review *reviews, size_t n, const sy_costs *costs,
                                    int samples, uint64_t seed, sy_progress progress,
                                    sy_review_comparison *comparison, sy_error *error);

/** Releases what a comparison holds and zeroes it; a zeroed one is legal. */
SY_API void sy_review_comparison_clear(sy_review_comparison *comparison);

/** What a set of metrics has of a measure. */
SY_API double sy_measure_value(sy_comparison_measure measure, const sy_metrics *metrics);

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

/** What a study found. */
typedef struct sy_study {
  sy_model *model;   /**< trained on all rows of the frame, test rows among them included */
  sy_audit audit;    /**< class weights on all rows */
  sy_fit_result fit; /**< of that model */
  double l2;         /**< penalty used for it */
  bool l2_default;   /**< it is the default, 1 / sum of row weights */
  char policy[64];   /**< text of the class weight policy, cut where it is longer */
  sy_path path;      /**< of the automatic policy */
  sy_twin twin;
  sy_calibration_gain calibration;
  bool tuned;          /**< a rule was tuned; it decides in the model */
  sy_tuned tuned_rule; /**< on all unseen rows; of the figures, each part has one of its own */
  char tuned_for[SY_TUNE_TEXT_SIZE]; /**< objective and constraints in words */
  uint64_t unseen_rows; /**< that map, rule and exponent were made from; 0 where none was */
  sy_test_kind test_kind;
  int folds;       /**< for SY_TEST_FOLDS */
  double share;    /**< for SY_TEST_SHARE */
  sy_review train; /**< on the training rows, by the model that saw them */
  sy_review test;  /**< on rows unseen by the model that judged them; empty for SY_TEST_NONE */
  sy_messages *messages; /**< warnings and remarks in the order found */
  double fit_seconds;    /**< wall time of all fits */
} sy_study;

/** Runs a study.
 * @param study  out; release with sy_study_clear
 * Fails as the rooms below do; SY_TOO_FEW_CLASSES, SY_INVALID_ARGUMENT (folds, share, test rows not
 * given, an empty side of the split), SY_CANCELLED. */
SY_API sy_status sy_study_run(const sy_study_data *data, const sy_study_options *options,
                              sy_study *study, sy_error *error);

/** Releases what a study holds, its model included (set study->model to NULL to keep it). */
SY_API void sy_study_clear(sy_study *study);

/** Splits rows into folds, stratified by class and seeded; rows of one group share a fold.
 * @param ids     (n) class ids; SY_IGNORED rows get fold -1, and so does the only row of a class
 *                (without groups): it always trains and is never judged
 * @param groups  (n) group codes or NULL
 * @param folds   number of folds >= 2
 * @param fold    (n) out: 0..folds-1
 * Each class is spread as evenly as can be: its counts in two folds differ by at most one (without
 * groups). The fold of a row depends on seed, class and position alone. Groups go where they even
 * out the classes best; no fold stays empty. Fails with SY_INVALID_ARGUMENT (fewer folds than 2,
 * fewer groups than folds), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_split_folds(const int32_t *ids, size_t n, size_t n_classes,
                                const uint32_t *groups, int folds, uint64_t seed, int32_t *fold,
                                sy_error *error);

/** Marks a test share, stratified and seeded, groups kept together; each class with two rows or
 * more keeps at least one training row.
 * @param test  (n) out: 1 = test row, 0 = training row or ignored
 * Fails with SY_INVALID_ARGUMENT (share), SY_OUT_OF_MEMORY. Marks nothing where no group is small
 * enough for the share. */
SY_API sy_status sy_split_share(const int32_t *ids, size_t n, size_t n_classes,
                                const uint32_t *groups, double share, uint64_t seed, uint8_t *test,
                                sy_error *error);

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
