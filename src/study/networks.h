/* networks.h: the networks of a study: what their trainings share, and what of their losses is
 * undone afterwards. */
#ifndef SY_STUDY_NETWORKS_H
#define SY_STUDY_NETWORKS_H

#include "study/checkpoint.h"
#include "study/train.h"

struct sy_networks {
  sy_network_options options; /* of all trainings; `loss` points to the one here */
  sy_loss_options loss;       /* `counts` are those of the training under way */
  sy_embedding *embeddings;
  size_t n_embeddings;
  double *counts;   /* (K) scratch */
  float *row_costs; /* (n, K) costs of each row by predicted class, of a loss of costs that vary; or
                       NULL */
  int32_t *ids;     /* (n) scratch: classes of the rows of a training */
  uint8_t *held;    /* (n) scratch */
  int done, total;  /* trainings */
  sy_book *book;    /* what a checkpoint holds; NULL = none is written or gone on with */
  char trouble[256]; /* of the first training that had any */
};

/* Fewer rows held back than this say less of when to stop than they cost. */
enum { SY_HELD_LEAST = 10 };

/* Options of networks alone, and the share of rows held back. */
sy_status sy_networks_check_options(const sy_study_options *options, sy_error *error);

/* Class weights that were to come into force at an epoch which no network kept has seen: of none is
 * there anything to undo. */
bool sy_networks_unweighed(const sy_network_options *options, const sy_network_result *result);

/* The training of a network as a fit is told: `epochs` as it was asked for (0: until held rows
 * ended it). */
sy_fit_result sy_networks_result(const sy_network_options *options, const sy_network_result *result,
                                 int epochs, bool held);

/* Fails as sy_network_options_check and sy_loss_new do, before any data are looked at. */
sy_status sy_networks_check(const sy_study_options *options, size_t n_classes, sy_error *error);

sy_status sy_networks_new(const sy_bench *bench, const sy_study_data *data, sy_networks **networks,
                          sy_error *error);
void sy_networks_free(sy_networks *networks);

/* Balanced sampling was asked for, of networks. */
bool sy_networks_sample(const sy_study_options *options);

/* networks_loss.c: the loss moves logits by class, as class weights do: logit adjustment. */
sy_status sy_networks_adjust(const sy_study_options *options, bool *adjusts, sy_error *error);

/* What stands for class weights, in words: policy, "balanced sampling", "logit-adjustment:tau=1",
 * joined by " + ". At most `size` bytes. */
sy_status sy_networks_policy(const sy_study_options *options, const char *policy, char *text,
                             size_t size, sy_error *error);

/* What of the loss has no inverse, as it is typed: "focal:gamma=2", "smoothing:0.1"; "" where all
 * of it has. At most `size` bytes. */
sy_status sy_networks_scores(const sy_study_options *options, size_t n_classes, char *text,
                             size_t size, sy_error *error);

/* The rows of the next training: parts of its loss go by their counts. */
void sy_networks_count(sy_networks *networks, const sy_counts *counts);

/* Multiplies the class weights (K) of a policy by what balanced sampling and offsets of the loss
 * weigh: what the logits of a network trained so hold beside the truth. */
sy_status sy_networks_weigh(sy_networks *networks, const sy_counts *counts, bool sampled,
                            double *class_weights, sy_error *error);

/* The same of a network that was trained, whose place one takes that has the slopes of the loss in
 * its last layer. */
sy_status sy_networks_undo(sy_networks *networks, const sy_counts *counts, bool sampled,
                           double *class_weights, sy_predictor **predictor, sy_error *error);

/* train_network.c: trains on the rows of bench->weights, of trained->counts, weighed by
 * trained->class_weights: these become what the logits hold beside the truth. */
sy_status sy_train_network(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error);

#endif
