/* trainer.h: a training under way. Its place, numbers and curve are its state: whoever has them,
 * and the same data and options, goes on to the same bits. */
#ifndef SY_FIT_NETWORK_TRAINER_H
#define SY_FIT_NETWORK_TRAINER_H

#include "base/text.h"
#include "fit/network/optimizer.h"
#include "fit/network/order.h"
#include "fit/training.h"

/* How far a training is, and what it remembers of the way. */
typedef struct sy_trainer_place {
  int restart;                  /* network under way, from 1 */
  int epoch;                    /* epoch under way, from 1; 0 = the network was not begun */
  size_t step;                  /* steps of the epoch that are done */
  uint64_t steps;               /* of the network that are done */
  uint64_t all_steps;           /* of those before, too */
  double rate;                  /* learning rate of the last step */
  double epoch_loss;            /* sum over the epoch's steps of the losses of their rows */
  double epoch_weight;          /* and what the mean divides it by */
  int best_epoch;               /* 0 = none ended yet */
  double best_loss;             /* its loss on the rows held back, NaN without any */
  bool stopped_early;           /* the last network that ended */
  int ended_epochs, ended_best; /* its epochs, and the best of them */
  size_t n_members;             /* networks that ended well */
  double loss, held_loss;       /* sums over them */
} sy_trainer_place;

/* Times, which are no part of the state. */
typedef struct sy_trainer_clock {
  double began, epoch_began, told; /* seconds */
  uint64_t steps, epoch_rows;      /* steps and rows since then */
} sy_trainer_clock;

typedef struct sy_trainer {
  const sy_training *training;
  const sy_training_hooks *hooks;
  sy_net *net;
  size_t element, n_trained, n_all; /* bytes of a number; numbers */
  size_t n_parameters;              /* of a predictor's member */
  size_t n_infinite;                /* parameters that are -inf from the beginning */
  sy_trainer_place at;
  void *parameters, *best; /* (n_all) */
  void *gradient;          /* (n_trained) */
  sy_optimizer_state optimizer;
  double *members; /* (restarts, n_parameters) networks that ended, as a predictor has them */
  sy_epoch *curve; /* (n_curve) */
  size_t n_curve, curve_room;
  char trouble[sizeof((sy_training_result *)0)->trouble]; /* the first there was */
  bool in_trouble;                                        /* the network under way cannot go on */
  uint32_t *order;                                        /* (n) rows of the epoch under way */
  sy_sampler sampler;
  sy_judge judge;
  sy_trainer_clock clock;
  sy_text fingerprint, state; /* of data and options; room to write a state */
} sy_trainer;

/* Reserves all that a training needs, at the place where it begins. */
sy_status sy_trainer_make(const sy_training *training, const sy_training_hooks *hooks,
                          sy_trainer *trainer, sy_error *error);
void sy_trainer_clear(sy_trainer *trainer);

/* Trains from its place to the end. */
sy_status sy_trainer_run(sy_trainer *trainer, sy_error *error);

/* --- who looks on: watching.c --- */

/* Begins to measure time; so does each epoch. */
void sy_trainer_start_clock(sy_trainer *trainer);
void sy_trainer_start_epoch(sy_trainer *trainer);

/* Fills in the times of an epoch that ended. */
void sy_trainer_time_epoch(const sy_trainer *trainer, sy_epoch *epoch);

/* Tells the progress, every now and then or, where `surely`, now. SY_CANCELLED. */
sy_status sy_trainer_tell(sy_trainer *trainer, bool surely, sy_error *error);

/* --- states: state.c --- */

/* Appends what tells data and options from others: names and values. */
void sy_fingerprint_put(sy_text *text, const sy_training *training);

/* Fails with SY_INVALID_ARGUMENT at the first of `given` that is not as in `right`, saying which;
 * with SY_INVALID_MODEL where these are no fingerprints. */
sy_status sy_fingerprint_compare(const char *given, size_t given_size, const sy_text *right,
                                 sy_error *error);

/* Writes the state to trainer->state. */
sy_status sy_trainer_save(sy_trainer *trainer, sy_error *error);

/* Goes to where a state was saved. SY_INVALID_MODEL, SY_INVALID_ARGUMENT, SY_OUT_OF_MEMORY. */
sy_status sy_trainer_resume(sy_trainer *trainer, const void *bytes, size_t size, sy_error *error);

/* Makes room for one more epoch of the curve. */
sy_status sy_trainer_grow_curve(sy_trainer *trainer, size_t room, sy_error *error);

#endif
