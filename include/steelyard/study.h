/* study.h: where the rooms meet: split the rows, weigh, fit, judge every row by a model that did
 * not see it, and train the model that is kept on all rows. */
#ifndef STEELYARD_STUDY_H
#define STEELYARD_STUDY_H

#include <steelyard/classifier.h>
#include <steelyard/evaluate.h>
#include <steelyard/fit.h>
#include <steelyard/study_monitor.h>
#include <steelyard/study_rules.h>

#ifdef __cplusplus
extern "C" {
#endif

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
  /** Of mlp and boosted: (rows) 1 = held back from every training, in the place of held_share:
   * these rows tell it when to stop, and the model kept is trained on the others alone; NULL =
   * drawn */
  const uint8_t *held_mask;
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

/** The family of models that a study trains. */
typedef enum sy_study_family { SY_STUDY_LOGISTIC, SY_STUDY_MLP, SY_STUDY_BOOSTED } sy_study_family;

/** Reads "logistic", "mlp" or "boosted"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_study_family_parse(const char *text, sy_study_family *family, sy_error *error);

/** Its name, as sy_study_family_parse reads it. */
SY_API const char *sy_study_family_name(sy_study_family family);

/** Where a long training leaves its state, to be gone on with after whatever interrupts it. */
typedef struct sy_checkpoint_options {
  const char *path;    /**< file written while networks are trained: whole or not at all, the one
                            before it stays until then; NULL = none is written */
  const char *resume;  /**< file to go on from: the same data and options end in the same bits as
                            without the interruption; NULL = begin afresh */
  double seconds;      /**< written at most this often; default 5, 0 = after every step */
  const char *options; /**< lines "NAME=VALUE" that must be those the file was written with, or
                            NULL; an error names the one that is not as it is written here
                            ("--hidden=64,32": "was made with --hidden 64,32, not 128") */
} sy_checkpoint_options;

/** What a study does. */
typedef struct sy_study_options {
  sy_study_family family;            /**< default logistic */
  const sy_network_options *network; /**< of mlp: NULL = sy_network_options_default. Its seed,
                                          stop_after and class weights are the study's own. */
  const sy_boosted_options *boosted; /**< of boosted: NULL = sy_boosted_options_default. Its seed,
                                          stop_after and class weights are the study's own. */
  bool alone;        /**< of mlp and boosted: no logistic regression stands beside it; default false
                      */
  double held_share; /**< of mlp and boosted: share of the rows of a training that is held back to
                        end it in time, stratified, groups kept together; 0 <= s < 1, default 0.1.
                        The model kept is trained on all rows for as many epochs (rounds) as these
                        chose, the median of the best ones. 0, or fewer than 10 rows to hold back,
                        or rows of one class only: all epochs of `network` (rounds of `boosted`) are
                          run. More than a half leaves little to train on: a message says so. */
  sy_checkpoint_options checkpoint; /**< of mlp; default none */
  void (*epoch)(void *context, int fit, int fits,
                const sy_epoch *epoch); /**< of mlp and boosted: after each
epoch (round) of training `fit` (from 1) of `fits`; NULL = nobody looks on */
  void *epoch_context;
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
  sy_dtype dtype; /**< what columns are encoded to, and networks computed in: SY_F32 (default) or
                       SY_F64 */
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
  bool is_raw; /**< the probabilities are scores of a loss that has no inverse, not calibrated */
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

/** A network, or boosted trees, beside logistic regression of the same policy (none where it is
 * automatic, `balanced` for balanced sampling) and default l2, on the same unseen rows. */
typedef struct sy_rival {
  bool judged; /**< the model is one of these and not `alone`, a test was made and the data are not
                  so large that logistic regression would take minutes (which is told) */
  double log_loss;          /**< of the model, as it is kept */
  double logistic_log_loss; /**< of logistic regression, corrected */
  double difference;        /**< log_loss - logistic_log_loss */
  double low, high;         /**< its 95 % interval, by pairs, normal approximation */
} sy_rival;

/** Note of a model whose probabilities are scores: what of its loss has no inverse, see
 * sy_study.scores_only. */
#define SY_NOTE_SCORES "scores"

/** Note of a network or boosted trees with the curve of the training: "EPOCH:LOSS/HELD/ACCURACY"
 * for each epoch, or for at most 200 of them, apart by blanks; means over its restarts and over the
 * trainings that chose how long it took; "-" = not known. */
#define SY_NOTE_CURVE "training curve"

/** What a study found. */
typedef struct sy_study {
  sy_study_family family;
  sy_training_result training; /**< of mlp and boosted: the training of the model kept, on all rows;
                                its curve has the mean held loss and accuracy of the trainings that
                                chose how long it took */
  sy_rival rival;
  char scores_only[64]; /**< "" or what of the loss has no inverse ("focal:gamma=2"): then what the
                             model gives are scores, no probabilities, until calibrated; "" too
                             where they are */
  sy_model *model;      /**< trained on all rows of the frame, test rows among them included */
  sy_audit audit;       /**< class weights on all rows */
  sy_fit_result fit;    /**< of that model */
  double l2;            /**< penalty used for it */
  bool l2_default;      /**< it is the default, 1 / sum of row weights */
  char policy[64];      /**< text of the class weight policy, cut where it is longer */
  sy_path path;         /**< of the automatic policy */
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
  int epochs_most;       /**< of mlp and boosted: epochs (rounds) that were allowed */
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

#ifdef __cplusplus
}
#endif
#endif
