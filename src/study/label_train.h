/* label_train.h: one weighted fit of several labels a row on some of the rows of a study. */
#ifndef SY_STUDY_LABEL_TRAIN_H
#define SY_STUDY_LABEL_TRAIN_H

#include <steelyard/study_labels.h>

/* The encoded rows of a study and what every fit on them shares. Zero-initialise;
 * sy_label_bench_clear. */
typedef struct sy_label_bench {
  const sy_label_study_data *data;
  const sy_study_options *options;
  size_t n, n_labels, width;
  sy_encoder *encoder;
  float *encoded;      /* (n, D) */
  int32_t *strata;     /* (n) SY_IGNORED where the row weight is 0 */
  int32_t *fold;       /* (n) fold that judges the row, -1 = none: always trains */
  uint8_t *trains;     /* (n) rows of the fit under way */
  uint8_t *held;       /* (n) those of them held back, of networks */
  double *weights;     /* (n) scratch */
  int32_t *ids;        /* (n) scratch: one label */
  float *targets;      /* (n, L) truth, of networks */
  sy_embedding *codes; /* (n_codes) columns of codes */
  size_t n_codes;
  double seconds; /* in fits so far */
} sy_label_bench;

/* Encodes all rows of the data and allocates the rest; `fold` is all -1. */
sy_status sy_label_bench_make(sy_label_bench *bench, const sy_label_study_data *data,
                              const sy_study_options *options, sy_messages *messages,
                              sy_error *error);
void sy_label_bench_clear(sy_label_bench *bench);

/* What a fit left. Zero-initialise; sy_label_trained_clear. */
typedef struct sy_label_trained {
  sy_predictor *predictor;
  sy_counts *counts; /* of the rows it was trained on, held ones included */
  double *weights;   /* (L, 2) */
  bool held;         /* of networks: rows held back ended it */
  double l2;
  sy_fit_result result;
  sy_network_result network;
} sy_label_trained;

void sy_label_trained_clear(sy_label_trained *trained);

/* One fit: on which rows, and for how long. */
typedef struct sy_label_training {
  int without;    /* fold whose rows are left out, -1 = none */
  bool holds;     /* of networks: holds rows back, to end in time */
  int stop_after; /* of networks: epochs, 0 = as the options say */
  int fit, fits;  /* which it is (from 1) of how many, for who looks on */
  sy_progress progress;
} sy_label_training;

/* Counts, weighs and fits. */
sy_status sy_label_train(sy_label_bench *bench, const sy_label_training *training,
                         sy_label_trained *trained, sy_error *error);

/* (L, 2) shares of absence and presence. */
void sy_label_shares(const sy_counts *counts, double *shares);

/* Corrected log-probabilities (L, 2) of the listed rows into `logs`, at places 0 .. n-1. */
sy_status sy_label_trained_score(const sy_label_bench *bench, const sy_label_trained *trained,
                                 const size_t *rows, size_t n, double *logs, sy_error *error);

#endif
