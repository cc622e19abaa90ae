/* fit.c: from rows to a network. */
#include "fit/network/trainer.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

void sy_training_result_clear(sy_training_result *result) {
  free(result->curve);
  *result = (sy_training_result){0};
}

/* The curve goes over to the result. */
static void tell_result(sy_trainer *trainer, sy_training_result *result) {
  const sy_trainer_place *at = &trainer->at;
  double members = (double)at->n_members;
  *result = (sy_training_result){.loss = at->loss / members,
                                 .held_loss = at->held_loss / members,
                                 .epochs = at->ended_epochs,
                                 .best_epoch = at->ended_best,
                                 .steps = at->all_steps,
                                 .batch_size = trainer->training->batch_size,
                                 .stopped_early = at->stopped_early,
                                 .curve = trainer->curve,
                                 .n_curve = trainer->n_curve};
  memcpy(result->trouble, trainer->trouble, sizeof result->trouble);
  trainer->curve = NULL;
}

static sy_status train(sy_trainer *trainer, const sy_training *training,
                       const sy_training_hooks *hooks, sy_error *error) {
  bool states = hooks && (hooks->state_due || hooks->resume);
  sy_status status = sy_trainer_make(training, hooks, trainer, error);
  if (status == SY_OK && states) {
    sy_fingerprint_put(&trainer->fingerprint, training);
    if (trainer->fingerprint.failed) status = sy_fail_memory(error);
  }
  if (status == SY_OK && hooks && hooks->resume)
    status = sy_trainer_resume(trainer, hooks->resume, hooks->resume_size, error);
  return status == SY_OK ? sy_trainer_run(trainer, error) : status;
}

sy_status sy_fit_network(const sy_training_data *data, const sy_network_options *options,
                         const sy_training_hooks *hooks, sy_predictor **predictor,
                         sy_training_result *result, sy_error *error) {
  sy_training training = {0};
  sy_trainer trainer = {0};
  sy_network_shape shape;
  sy_status status = sy_training_make(data, options, &training, error);
  if (status == SY_OK) status = train(&trainer, &training, hooks, error);
  if (status == SY_OK) {
    sy_net_shape(trainer.net, &shape);
    status = sy_predictor_network(&shape, trainer.members, trainer.at.n_members, predictor, error);
  }
  if (status == SY_OK && result) tell_result(&trainer, result);
  sy_trainer_clear(&trainer);
  sy_training_clear(&training);
  return status;
}
