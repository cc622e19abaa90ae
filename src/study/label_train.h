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
  uint8_t *held;       /* (n) those of them held back, of networks and trees */
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
  bool held;         /* of networks and trees: rows held back ended it */
  double l2;
  sy_fit_result result;
  sy_training_result training;
  sy_training_result *by_label; /* (n_by_label) of boosted trees; no curve of a constant label */
  size_t n_by_label;
} sy_label_trained;

void sy_label_trained_clear(sy_label_trained *trained);

/* One fit: on which rows, and for how long. */
typedef struct sy_label_training {
  int without;       /* fold whose rows are left out, -1 = none */
  bool holds;        /* of networks and trees: holds rows back, to end in time */
  int stop_after;    /* of networks: epochs, 0 = as the options say */
  const int *rounds; /* (L) of boosted trees, each likewise; NULL = as the options say */
  int fit, fits;     /* which it is (from 1) of how many, for who looks on */
  sy_progress progress;
} sy_label_training;

/* Counts, weighs and fits. */
sy_status sy_label_train(sy_label_bench *bench, const sy_label_training *training,
                         sy_label_trained *trained, sy_error *error);

/* The logit of a label that no training row has, or every one: as if one more row were half with
 * it. */
double sy_label_constant(const sy_counts *one);

/* Marks rows to hold back from a training in bench->held; *enough is false where there are too
 * few. */
sy_status sy_label_hold(sy_label_bench *bench, bool *enough, sy_error *error);

/* label_boosted.c: trees for each label, and what became of each in trained->by_label. */
sy_status sy_label_train_boosted(sy_label_bench *bench, const sy_label_training *training,
                                 sy_label_trained *trained, sy_error *error);

/* Their curves as one, into trained->training: means over the labels. */
sy_status sy_label_join_curves(sy_label_trained *trained, sy_error *error);

/* (L, 2) shares of absence and presence. */
void sy_label_shares(const sy_counts *counts, double *shares);

/* Corrected log-probabilities (L, 2) of the listed rows into `logs`, at places 0 .. n-1. */
sy_status sy_label_trained_score(const sy_label_bench *bench, const sy_label_trained *trained,
                                 const size_t *rows, size_t n, double *logs, sy_error *error);

#endif
