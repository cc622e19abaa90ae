/* boosted.h: boosted trees under way. */
#ifndef SY_FIT_BOOSTED_BOOSTED_H
#define SY_FIT_BOOSTED_BOOSTED_H

#include "fit/boosted/booster.h"
#include "fit/training.h"

/* Rows in the order in which XGBoost has them. */
typedef struct sy_boosted_rows {
  const uint32_t *places; /* (n) which of the data, rising */
  size_t n;
  int32_t *ids;    /* (n) */
  double *weights; /* (n) row weights, class weights left out */
} sy_boosted_rows;

typedef struct sy_boosted {
  const sy_training *training;
  const sy_boosted_options *options;
  const sy_training_hooks *hooks;
  size_t n_outputs;           /* 1 of two classes, else K */
  double *base;               /* (n_outputs) where the logits begin */
  sy_boosted_rows rows, held; /* to train on, and held back */
  float *weights;             /* (rows.n) row x class weight x scale */
  double scale; /* what makes their mean 1, or that of the row weights where this is more */
  float *gradients, *hessians; /* (rows.n, n_outputs) of the round under way */
  double *held_logits;         /* (held.n, K) */
  float *held_costs;           /* (held.n, K), or NULL */
  sy_judge judge;
  sy_grower grower;
  int round;        /* rounds that are done */
  double loss;      /* after them, on the rows to train on */
  int best_round;   /* 0 = none */
  double best_held; /* its loss on the rows held back, NaN without any */
  double best_loss; /* and on those to train on */
  bool stopped_early, in_trouble;
  char trouble[sizeof((sy_training_result *)0)->trouble];
  sy_epoch *curve; /* (n_curve) */
  size_t n_curve, curve_room;
  double began, round_began; /* seconds */
} sy_boosted;

/* Gathers rows, and what they weigh, and hands them to XGBoost. */
sy_status sy_boosted_gather(sy_boosted *boosted, sy_error *error);

/* Fills gradients and Hessians where the logits are base + sums (rows.n, n_outputs).
 * @param loss  out: the objective there, infinite where a logit or loss is not finite */
sy_status sy_boosted_differentiate(sy_boosted *boosted, const float *sums, double *loss,
                                   sy_error *error);

/* Objective and balanced accuracy of base + sums (held.n, n_outputs) on the rows held back. */
sy_status sy_boosted_judge(sy_boosted *boosted, const float *sums, sy_judgement *judgement,
                           sy_error *error);

#endif
