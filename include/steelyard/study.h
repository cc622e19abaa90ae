/* study.h: where the rooms meet: split the rows, weigh, fit, judge every row by a model that did
 * not see it, and train the model that is kept on all rows. */
#ifndef STEELYARD_STUDY_H
#define STEELYARD_STUDY_H

#include <steelyard/classifier.h>
#include <steelyard/evaluate.h>
#include <steelyard/fit.h>

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
} sy_study_data;

/** What a study does. */
typedef struct sy_study_options {
  const sy_policy *policy; /**< class weights; NULL = none */
  sy_normalize normalize;
  const double *cost; /**< (K, K) costs that decide, or NULL: class weights imply them */
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

/** No weights, no costs, l2 1/n, 5 folds, seed 0. */
SY_API sy_study_options sy_study_options_default(void);

/** One way of deciding, judged on the test rows: a line of the decision table. */
typedef struct sy_way {
  char name[96];      /**< "p >= 0.167" */
  char remark[64];    /**< "from your costs"; may be empty */
  bool stored;        /**< the rule that the model keeps */
  double flagged;     /**< two classes: share of rows predicted positive */
  sy_metrics metrics; /**< under the costs of the review */
} sy_way;

/** Ways of deciding the same rows, side by side. */
typedef struct sy_review {
  bool priced;  /**< costs were given: average costs are in the user's own unit */
  int positive; /**< the positive class of two, or -1 */
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
  sy_cost_comparison saving; /**< the usual default (A) against the stored rule (B) */
} sy_review;

/** Releases what a review holds and zeroes it. */
SY_API void sy_review_clear(sy_review *review);

/** Reviews a finished model on labelled rows: best constant, usual default, stored rule.
 * @param cost    (K, K) what mistakes cost, or NULL: the costs given to the model, or 0 and 1 where
 *                it has none. The model's own rule decides; where it has no given costs, these add
 *                a line with the rule they would give. Rows of weight 0 are left out, of the
 *                unweighted figures too.
 * @param review  out; release with sy_review_clear
 * Fails as sy_model_score and sy_evaluate do. */
SY_API sy_status sy_review_model(const sy_model *model, const sy_frame *frame,
                                 const sy_labels *labels, const double *row_weights,
                                 const double *cost, sy_review *review, sy_error *error);

/** What a study found. */
typedef struct sy_study {
  sy_model *model;   /**< trained on all rows of the frame, test rows among them included */
  sy_audit audit;    /**< class weights on all rows */
  sy_fit_result fit; /**< of that model */
  double l2;         /**< penalty used for it */
  bool l2_default;   /**< it is the default, 1 / sum of row weights */
  char policy[64];   /**< text of the class weight policy, cut where it is longer */
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

#ifdef __cplusplus
}
#endif
#endif
