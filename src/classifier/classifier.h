/* classifier.h: what a classifier is made of, for the files of this room. */
#ifndef SY_CLASSIFIER_CLASSIFIER_H
#define SY_CLASSIFIER_CLASSIFIER_H

#include "base/tile.h"
#include <steelyard/classifier.h>

typedef struct sy_note {
  char *key, *value; /* owned */
} sy_note;

struct sy_model {
  sy_encoder *encoder;
  sy_predictor *predictor;
  char **classes; /* (K) */
  size_t n_classes;
  double *class_weights; /* (K) */
  double *shifts;        /* (K) what correcting takes off the logits, see decide/tile.h */
  sy_cost_rule rule;     /* what decides */
  char **cost_columns;   /* (V) names of the columns of its expressions; NULL where V = 0 */
  double *gains;         /* (K) where costs are simple, see sy_cost_gains */
  bool only_gains;       /* whether they are */
  sy_decision_source source;
  int positive;
  sy_calibration *calibration; /* or NULL */
  double *trained_prior;       /* (K), or NULL */
  double *prior;               /* (K), or NULL */
  double *prior_shifts;        /* (K) what a prior takes off, see sy_prior_shifts; or NULL */
  sy_note *notes;
  size_t n_notes;
  /* Of several labels a row there is a classifier of two classes each, without encoder and
   * predictor, and of the members above only these three, classes, n_classes (L), class_weights
   * (L, 2) and notes are used. */
  sy_model **labels; /* (L), or NULL */
};

/* What is said of a tile of rows, class after class; memory for it is the caller's. */
typedef struct sy_tile_scores {
  double *logs;          /* (K, stride) */
  double *probabilities; /* (K, stride) */
  double *expected;      /* (K, stride) scratch; of several labels, their decisions lie here */
  double *costs;         /* (V, stride) what the expressions of the rule come to */
  double *scratch;       /* of the predictor */
  int32_t decisions[SY_TILE_ROWS];
} sy_tile_scores;

/* Doubles that hold a tile of `stride` for this model, and what is said of it. */
size_t sy_model_tile_size(const sy_model *model, size_t stride);

/* Lays tile and scores out in memory of that many doubles, and of (n_texts, stride) places. */
void sy_model_lay_out(const sy_model *model, double *memory, uint32_t *places, size_t stride,
                      sy_tile *tile, sy_tile_scores *scores);

/* What is wanted of a tile. Without logs, those of the scores are not those of probabilities;
 * without decisions, costs that vary are not looked at. */
typedef struct sy_wanted {
  bool logs, decisions;
} sy_wanted;

/* An encoded tile -> what is said of it. Both ways of scoring, by row and by block, end here, so
 * both give the same bits. */
void sy_model_score_tile(const sy_model *model, const sy_tile *tile, sy_wanted wanted,
                         sy_tile_scores *scores);

/* What follows on the logits of a model of one class a row, which are the logs of the scores. */
void sy_model_finish_tile(const sy_model *model, size_t rows, size_t stride, sy_wanted wanted,
                          sy_tile_scores *scores);

/* An encoded tile -> what is said of it by a model of several labels: probabilities (L, stride) of
 * the scores, and the decisions, (L, stride) bytes, which are returned. */
const uint8_t *sy_model_score_label_tile(const sy_model *model, const sy_tile *tile,
                                         sy_tile_scores *scores);

/* Fails where a model is of several labels and the call for one class a row, or the other way
 * round. */
sy_status sy_model_check_kind(const sy_model *model, bool of_labels, sy_error *error);

/* Fails where encoder and predictor do not fit each other. */
sy_status sy_model_check_halves(const sy_model *model, sy_error *error);

/* Sets parts of a model that is being put together. */
sy_status sy_model_copy_classes(sy_model *model, const char *const *classes, size_t n,
                                sy_error *error);
sy_status sy_model_copy_parts(sy_model *model, const sy_model_parts *parts, sy_error *error);
sy_status sy_model_take_trained_prior(sy_model *model, const double *trained_prior,
                                      sy_error *error);

/* The decision of a model of several labels in words. */
void sy_model_describe_labels(const sy_model *model, char *text, size_t size);

/* A threshold 0..1 for people: "0.167", and more digits for one that would read as 0. Returns
 * `text`. */
const char *sy_threshold_text(double threshold, char text[SY_NUMBER_SIZE]);

#endif
