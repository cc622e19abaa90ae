/* study_labels.h: a study of several labels a row: split the rows, weigh each label, fit, judge
 * every row by a model that did not see it, and train the model that is kept on all rows. */
#ifndef STEELYARD_STUDY_LABELS_H
#define STEELYARD_STUDY_LABELS_H

#include <steelyard/classifier_labels.h>
#include <steelyard/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The rows of a study of several labels; views, all over the same rows. */
typedef struct sy_label_study_data {
  const sy_frame *frame;      /**< feature columns */
  const uint8_t *truth;       /**< (rows, L) 1 = the label is there, 0 = it is not */
  const char *const *labels;  /**< (L) names, distinct */
  size_t n_labels;            /**< L >= 2 */
  const double *row_weights;  /**< (rows), or NULL for ones; rows of weight 0 are absent */
  const uint32_t *groups;     /**< (rows) rows of equal code stay on one side of a split; or NULL */
  const uint8_t *test_mask;   /**< (rows) 1 = test row, for SY_TEST_MASK */
  const sy_frame *test_frame; /**< for SY_TEST_OTHER */
  const uint8_t *test_truth;  /**< (test rows, L), for SY_TEST_OTHER */
  const double *test_row_weights; /**< or NULL */
} sy_label_study_data;

/** What a study of several labels found. */
typedef struct sy_label_study {
  sy_study_family family;
  sy_model *model;        /**< of L labels, trained on all rows of the frame */
  sy_counts *counts;      /**< of all rows, by label */
  double *weights;        /**< (L, 2) class weights on all rows */
  sy_label_audits audits; /**< of these */
  char policy[64];        /**< text of the policy, cut where it is longer */
  sy_fit_result fit;      /**< of logistic: steps of all labels, the largest gradient, objectives
                               summed; converged where all are */
  sy_training_result training; /**< of mlp and boosted: the training of the model kept, on
 all rows; of boosted means over the labels, round by round */
  int epochs_most;             /**< of mlp and boosted: epochs (rounds) that were allowed */
  double l2;                   /**< of logistic: penalty used for each label */
  bool l2_default;             /**< it is the default, 1 / sum of row weights */
  char scores_only[64]; /**< "" or what of the loss has no inverse ("focal:gamma=2"): then what the
                             model gives are scores, no probabilities, unless calibrated */
  sy_study_calibration calibration; /**< map of each label: none, temperature or vector */
  sy_test_kind test_kind;
  int folds;              /**< for SY_TEST_FOLDS */
  double share;           /**< for SY_TEST_SHARE */
  sy_label_metrics train; /**< on the training rows, by the model that saw them */
  sy_label_metrics test;  /**< on rows unseen by the model that judged them; n_labels 0 for
                               SY_TEST_NONE */
  sy_messages *messages;  /**< warnings and remarks in the order found */
  double fit_seconds;     /**< wall time of all fits */
} sy_label_study;

/** Runs a study of several labels. Logistic: a regression for each label; mlp: one network with a
 * sigmoid for each; boosted: trees for each label, as many as its own rows held back chose. Class
 * weights are a pair for each label (see sy_counts_weights), undone from its logit and implied as
 * its costs; a label that all training rows have or none has says a constant (n_1 + 1/2) / (n + 1).
 * Rows are split at random by the seed, stratified by the rarest label of each, groups kept
 * together. Calibration (temperature or vector, a map for each label) needs folds: each fold is
 * calibrated by the others, the model kept by all of them.
 * @param options  as sy_study_run takes them; automatic weights, costs, a tuned rule, a checkpoint
 *                 and isotonic or refitted probabilities are of one class a row, and fail
 * @param study    out; release with sy_label_study_clear
 * Fails as the rooms below do; SY_INVALID_LABEL (neither 0 nor 1), SY_TOO_FEW_CLASSES (one label;
 * no label that some rows have and others have not), SY_INVALID_ARGUMENT, SY_CANCELLED. */
SY_API sy_status sy_label_study_run(const sy_label_study_data *data,
                                    const sy_study_options *options, sy_label_study *study,
                                    sy_error *error);

/** Releases what a study holds, its model included (set study->model to NULL to keep it). */
SY_API void sy_label_study_clear(sy_label_study *study);

/** Strata for splitting rows with several labels: row i gets the number of the rarest label it has
 * (by row weight, ties to the first), or L where it has none. A label whose stratum would have a
 * single row gives it to the next rarest of the row.
 * @param truth        (n, L) 0 or 1
 * @param row_weights  (n), or NULL for ones; rows of weight 0 get SY_IGNORED
 * @param strata       (n) out
 * Fails with SY_OUT_OF_MEMORY. */
SY_API sy_status sy_label_strata(const uint8_t *truth, size_t n, size_t n_labels,
                                 const double *row_weights, int32_t *strata, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
