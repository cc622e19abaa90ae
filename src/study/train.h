/* train.h: one weighted fit on some of the rows of a study. */
#ifndef SY_STUDY_TRAIN_H
#define SY_STUDY_TRAIN_H

#include <steelyard/study.h>

/* The encoded rows of a study and what every fit on them shares. Zero-initialise; sy_bench_clear.
 */
typedef struct sy_bench {
  const sy_study_options *options;
  const char *const *classes;
  size_t n, n_classes;
  int32_t *ids;              /* (n) SY_IGNORED also where the row weight is 0 */
  const double *row_weights; /* (n), or NULL */
  sy_encoder *encoder;
  float *encoded;  /* (n, D) */
  int32_t *fold;   /* (n) fold that judges the row, -1 = none: always trains */
  int n_folds;     /* 0 without a test */
  double *weights; /* (n) scratch: weights of the fit under way */
  double seconds;  /* in fits so far */
} sy_bench;

/* Encodes all rows of the data and allocates the rest; `fold` is all -1. */
sy_status sy_bench_make(sy_bench *bench, const sy_study_data *data, const sy_study_options *options,
                        sy_messages *messages, sy_error *error);
void sy_bench_clear(sy_bench *bench);

/* The encoded rows as a matrix. */
sy_matrix sy_bench_rows(const sy_bench *bench);

/* What a fit left. Zero-initialise; sy_trained_clear. */
typedef struct sy_trained {
  sy_predictor *predictor;
  sy_counts *counts;     /* of the rows it was trained on */
  double *class_weights; /* (K) */
  double l2;
  sy_fit_result result;
} sy_trained;

void sy_trained_clear(sy_trained *trained);

/* Counts, weighs and fits all rows but those judged in fold `without` (-1 = all rows). Every fit
 * starts afresh: measured, starting from the fit of another fold gains little with two classes and
 * loses with many (kddcup99 168 steps instead of 89), and so the model kept does not depend on how
 * it was tested. */
sy_status sy_train(sy_bench *bench, const sy_policy *policy, int without, sy_progress progress,
                   sy_trained *trained, sy_error *error);

/* Corrected log-probabilities (K each) of the listed rows into out, at their places 0..n-1. */
sy_status sy_trained_score(const sy_bench *bench, const sy_trained *trained, const size_t *rows,
                           size_t n, double *out, sy_error *error);

#endif
