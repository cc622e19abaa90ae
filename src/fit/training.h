/* training.h: what a network is trained on: rows and weights checked and put in order, once. */
#ifndef SY_FIT_TRAINING_H
#define SY_FIT_TRAINING_H

#include "fit/network/network.h"

/* What weighs in some epochs. */
typedef struct sy_phase {
  const sy_loss *loss;   /* of sums; with class weights */
  const double *weights; /* (data rows) row weights, or NULL for ones */
  double mean_weight;    /* of the rows drawn: row x class weight, of labels over all cells */
  bool balanced;         /* rows are drawn by classes */
} sy_phase;

typedef struct sy_training {
  const sy_training_data *data;
  const sy_network_options *options;
  sy_embedding *embeddings; /* (data->n_embeddings), widths filled in */
  uint32_t *places;         /* (n) rows to train on, rising */
  size_t n;
  uint32_t *held; /* (n_held) rows held back, rising */
  size_t n_held;
  double *weights;           /* (data rows) row weights times a power of two, or NULL */
  double *sums;              /* (K), or (L, 2): row weight of each class over the rows trained on */
  double *class_weights;     /* (K), or (L, 2): those in the end, times a power of two; of balanced
                                sampling those that it stands for; 0 = not learnt */
  double *output_biases;     /* (K or L) */
  sy_loss *plain, *weighted; /* with class weights of 1 and 0, and with class_weights */
  size_t batch_size, steps_per_epoch;
  sy_phase early, late; /* before options->reweight_from, and from it on */
  sy_phase objective;   /* what is minimised in the end */
} sy_training;

/* Checks data and options together and makes a training of them, both of which must outlive it.
 * Fails as sy_fit_network says. */
sy_status sy_training_make(const sy_training_data *data, const sy_network_options *options,
                           sy_training *training, sy_error *error);
/* The same for boosted trees, whose options were checked: of those of networks they look at the
 * loss. */
sy_status sy_training_make_boosted(const sy_training_data *data, const sy_network_options *options,
                                   sy_training *training, sy_error *error);
void sy_training_clear(sy_training *training);

/* Checks every number of the data that is looked at; see sy_fit_network, sy_fit_boosted. */
sy_status sy_network_data_check(const sy_training_data *data, sy_error *error);
sy_status sy_boosted_data_check(const sy_training_data *data, sy_error *error);

/* Shape of the network to be trained. */
sy_network_shape sy_training_shape(const sy_training *training);

/* Epoch that rates what is best from, counted from 1. */
static inline int sy_training_first_rated(const sy_training *training) {
  return training->options->reweight_from > 1 ? training->options->reweight_from : 1;
}

static inline const sy_phase *sy_training_phase(const sy_training *training, int epoch) {
  return epoch < sy_training_first_rated(training) ? &training->early : &training->late;
}

/* Loss and balanced accuracy on some rows. */
typedef struct sy_judgement {
  double loss;     /* objective, infinite where a logit is not finite */
  double accuracy; /* mean of the classes' recalls; of labels, the mean over the labels */
} sy_judgement;

/* Room that judging needs. */
typedef struct sy_judge {
  size_t chunk;   /* rows at a time */
  double *logits; /* (chunk, K or L) */
  double *hits;   /* (K), or (L, 2): row weight of each class that was told right */
  double *sums;   /* likewise, of all rows */
} sy_judge;

sy_status sy_judge_make(const sy_training *training, sy_judge *judge, sy_error *error);
void sy_judge_clear(sy_judge *judge);

/* Judges parameters on the rows at `places` (n); accuracy NULL = not wanted. Fails as
 * sy_net_evaluate, but for SY_NUMERIC_FAILURE. */
sy_status sy_judge_rows(sy_judge *judge, const sy_training *training, sy_net *net,
                        const void *parameters, const uint32_t *places, size_t n,
                        sy_judgement *judgement, sy_error *error);

/* Balanced accuracy of logits (n, K) on the rows at `places` (n). */
double sy_judge_accuracy(sy_judge *judge, const sy_training *training, const uint32_t *places,
                         size_t n, const double *logits);

/* How an epoch or round went, for people: ", loss 0.31, held 0.35 (balanced acc. 0.9), 12,000
 * rows/s". */
void sy_epoch_describe(const sy_epoch *epoch, char *text, size_t size);

/* Seconds of a clock that only goes forward. */
double sy_training_now(void);

#endif
