/* trainings.h: families of a study that are trained step by step, networks by epochs and boosted
 * trees by rounds, with rows held back to end that in time: what their trainings share, and what of
 * their losses is undone afterwards. */
#ifndef SY_STUDY_TRAININGS_H
#define SY_STUDY_TRAININGS_H

#include "study/checkpoint.h"
#include "study/train.h"

struct sy_trainings {
  sy_network_options options; /* of all networks; `loss` points to the one here */
  sy_boosted_options boosted; /* of all boosted trees, likewise */
  sy_loss_options loss;       /* `counts` are those of the training under way */
  sy_embedding *embeddings;
  size_t n_embeddings;
  double *counts;   /* (K) scratch */
  float *row_costs; /* (n, K) costs of each row by predicted class, of a loss of costs that vary; or
                       NULL */
  int32_t *ids;     /* (n) scratch: classes of the rows of a training */
  uint8_t *held;    /* (n) scratch */
  int most;         /* epochs or rounds that are allowed */
  int done, total;  /* trainings */
  sy_book *book;    /* what a checkpoint holds; NULL = none is written or gone on with */
  char trouble[256]; /* of the first training that had any */
};

/* Fewer rows held back than this say less of when to stop than they cost. */
enum { SY_HELD_LEAST = 10 };

/* Whether a family is trained step by step. */
static inline bool sy_family_iterates(sy_study_family family) {
  return family == SY_STUDY_MLP || family == SY_STUDY_BOOSTED;
}

/* The loss that was asked for; NULL = plain cross-entropy. */
const sy_loss_options *sy_trainings_loss(const sy_study_options *options);

/* Epochs or rounds that are allowed; 0 of logistic regression. */
int sy_trainings_most(const sy_study_options *options);

/* Options of the family alone, and the share of rows held back. */
sy_status sy_trainings_check_options(const sy_study_options *options, sy_error *error);

/* Class weights that were to come into force at an epoch which no network kept has seen: of none is
 * there anything to undo. */
bool sy_trainings_unweighed(const sy_network_options *options, const sy_training_result *result);

/* A training as a fit is told: `epochs` as they were asked for (0: until held rows ended it). */
sy_fit_result sy_trainings_result(const sy_study_options *options, const sy_training_result *result,
                                  int epochs, bool held);

/* Boosted trees in whose place others come that have the slopes of the loss in their leaves: (K),
 * of two classes whose trees are of class 1 that of class 1. */
sy_status sy_trees_steepen(sy_predictor **predictor, const double *slopes, sy_error *error);

/* trainings_held.c: marks the rows held back from a training in trainings->held. `enough` is false
 * where there are too few. */
sy_status sy_trainings_hold(const sy_bench *bench, const double *class_weights, bool *enough,
                            sy_error *error);

/* Who looks on, told which training it is. */
typedef struct sy_onlooker {
  const sy_study_options *options;
  int fit, fits;
} sy_onlooker;

/* Hooks that tell the onlooker, where there is one; it must outlive them. */
sy_training_hooks sy_onlooker_hooks(sy_onlooker *onlooker, sy_progress progress);

/* The training under way to the fit that is told, its trouble to all. */
void sy_trainings_tell(const sy_bench *bench, const sy_training *training, sy_trained *trained);

/* Fails as the options' own check and sy_loss_new do, SY_UNSUPPORTED without XGBoost, before any
 * data are looked at. */
sy_status sy_trainings_check(const sy_study_options *options, size_t n_classes, sy_error *error);

sy_status sy_trainings_new(const sy_bench *bench, const sy_study_data *data,
                           sy_trainings **trainings, sy_error *error);
void sy_trainings_free(sy_trainings *trainings);

/* Balanced sampling was asked for, of networks. */
bool sy_trainings_sample(const sy_study_options *options);

/* trainings_loss.c: the loss moves logits by class, as class weights do: logit adjustment. */
sy_status sy_trainings_adjust(const sy_study_options *options, bool *adjusts, sy_error *error);

/* What stands for class weights, in words: policy, "balanced sampling", "logit-adjustment:tau=1",
 * joined by " + ". At most `size` bytes. */
sy_status sy_trainings_policy(const sy_study_options *options, const char *policy, char *text,
                              size_t size, sy_error *error);

/* What of the loss has no inverse, as it is typed: "focal:gamma=2", "smoothing:0.1"; "" where all
 * of it has. At most `size` bytes. */
sy_status sy_trainings_scores(const sy_study_options *options, size_t n_classes, char *text,
                              size_t size, sy_error *error);

/* The rows of the next training: parts of its loss go by their counts. */
void sy_trainings_count(sy_trainings *trainings, const sy_counts *counts);

/* Multiplies the class weights (K) of a policy by what balanced sampling and offsets of the loss
 * weigh: what the logits of a model trained so hold beside the truth. */
sy_status sy_trainings_weigh(sy_trainings *trainings, const sy_counts *counts, bool sampled,
                             double *class_weights, sy_error *error);

/* The same of a model that was trained, whose place one takes that has the slopes of the loss in
 * its last layer or its leaves. */
sy_status sy_trainings_undo(sy_trainings *trainings, const sy_counts *counts, bool sampled,
                            double *class_weights, sy_predictor **predictor, sy_error *error);

/* train_network.c: trains on the rows of bench->weights, of trained->counts, weighed by
 * trained->class_weights: these become what the logits hold beside the truth. */
sy_status sy_train_network(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error);

/* train_boosted.c: the same of boosted trees. */
sy_status sy_train_boosted(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error);

#endif
