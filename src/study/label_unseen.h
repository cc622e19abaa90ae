/* label_unseen.h: what models said of several labels on rows that they did not see. */
#ifndef SY_STUDY_LABEL_UNSEEN_H
#define SY_STUDY_LABEL_UNSEEN_H

#include "study/label_train.h"

/* Zero-initialise; sy_label_unseen_clear. */
typedef struct sy_label_unseen {
  int n_folds;
  size_t n;              /* rows that are judged */
  size_t *rows;          /* (n) their places, fold after fold */
  int32_t *folds;        /* (n) */
  double *logs;          /* (n, L, 2) corrected log-probabilities, then calibrated ones */
  double *weights;       /* (folds, L, 2) class weights of each training: what decides */
  sy_calibration **maps; /* (L) of all of these rows, NULL where there is none; or NULL */
} sy_label_unseen;

sy_status sy_label_unseen_make(sy_label_unseen *unseen, const sy_label_bench *bench, int n_folds,
                               sy_error *error);
void sy_label_unseen_clear(sy_label_unseen *unseen, size_t n_labels);

/* Scores the rows of a fold by the model that did not see them. */
sy_status sy_label_unseen_add(sy_label_unseen *unseen, const sy_label_bench *bench, int fold,
                              const sy_label_trained *trained, sy_error *error);

/* Fits a map for each label on all rows, and calibrates each fold by maps of the others. A label
 * that is alike in all rows has none. */
sy_status sy_label_unseen_calibrate(sy_label_unseen *unseen, const sy_label_bench *bench,
                                    sy_study_calibration kind, sy_error *error);

/* Decides each row as its training implies, and evaluates. */
sy_status sy_label_unseen_evaluate(const sy_label_unseen *unseen, const sy_label_bench *bench,
                                   sy_label_metrics *metrics, sy_error *error);

#endif
