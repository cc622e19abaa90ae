/* train.h: one weighted fit on some of the rows of a study. */
#ifndef SY_STUDY_TRAIN_H
#define SY_STUDY_TRAIN_H

#include <steelyard/study.h>

/* What the networks or boosted trees of a study share: study/trainings.h. */
typedef struct sy_trainings sy_trainings;

/* The encoded rows of a study and what every fit on them shares. Zero-initialise; sy_bench_clear.
 */
typedef struct sy_bench {
  const sy_study_options *options;
  const char *const *classes;
  size_t n, n_classes;
  int32_t *ids;              /* (n) SY_IGNORED also where the row weight is 0 */
  const double *row_weights; /* (n), or NULL */
  const uint32_t *groups;    /* (n) rows that stay together, or NULL */
  sy_encoder *encoder;
  const uint8_t *held_mask; /* (n) rows that are always held back, or NULL */
  void *encoded;            /* (n, D) of options->dtype */
  int32_t *fold;            /* (n) fold that judges the row, -1 = none: always trains */
  int n_folds;              /* 0 where no row is judged */
  int n_tested;             /* folds of the test; inner folds of the other rows come after them */
  double *weights;          /* (n) scratch: weights of the fit under way */
  sy_trainings *trainings;  /* NULL of logistic regression */
  double seconds;           /* in fits so far */
} sy_bench;

/* Encodes all rows of the data and allocates the rest; `fold` is all -1. */
sy_status sy_bench_make(sy_bench *bench, const sy_study_data *data, const sy_study_options *options,
                        sy_messages *messages, sy_error *error);
void sy_bench_clear(sy_bench *bench);

/* Bytes of an encoded row. */
size_t sy_bench_row_size(const sy_bench *bench);

/* The encoded rows as a matrix. */
sy_matrix sy_bench_rows(const sy_bench *bench);

/* What a fit left. Zero-initialise; sy_trained_clear. */
typedef struct sy_trained {
  sy_predictor *predictor;
  sy_counts *counts;     /* of the rows it was trained on */
  double *class_weights; /* (K) what the logits hold beside the truth, to be taken off */
  double l2;
  sy_fit_result result;
  sy_training_result training; /* of a network or boosted trees */
  bool held;                   /* of these: rows were held back, and chose how long it took */
} sy_trained;

void sy_trained_clear(sy_trained *trained);

/* One fit: what of, and on which rows. */
typedef struct sy_training {
  const sy_policy *policy;   /* NULL = no class weights */
  int without;               /* fold whose rows are left out, -1 = none; without an inner fold the
                                rows of the test are left out too */
  const sy_predictor *start; /* where the fit begins; NULL = afresh */
  sy_progress progress;
  bool plain; /* a network without balanced sampling, too */
  int epochs; /* on all of its rows, for so many epochs (rounds); 0 = rows held back choose */
} sy_training;

/* Seconds of a clock that only goes forward. */
double sy_study_now(void);

/* Counts, weighs and fits. Between folds every fit starts afresh: measured, starting from the fit
 * of another fold gains little with two classes and loses with many (kddcup99 168 steps instead of
 * 89), and so the model kept does not depend on how it was tested. */
sy_status sy_train(sy_bench *bench, const sy_training *training, sy_trained *trained,
                   sy_error *error);

/* (K) class weights of a policy (NULL = ones) for counted rows. */
sy_status sy_weigh_classes(const sy_bench *bench, const sy_policy *policy, const sy_counts *counts,
                           double *class_weights, sy_error *error);

/* Row weights of the rows that train without a fold, 0 for the others, into bench->weights. */
void sy_select_rows(sy_bench *bench, int without);

/* Corrected log-probabilities (K each) of the listed rows into out, at their places 0..n-1. */
sy_status sy_trained_score(const sy_bench *bench, const sy_trained *trained, const size_t *rows,
                           size_t n, double *out, sy_error *error);

/* The same of all rows of another frame: (rows, K). */
sy_status sy_trained_score_frame(const sy_bench *bench, const sy_trained *trained,
                                 const sy_frame *frame, double *out, sy_error *error);

#endif
