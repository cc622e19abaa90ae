/* trainer.c: the loop of training. */
#include "fit/network/trainer.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "fit/network/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- making --- */

static sy_status reserve(sy_trainer *trainer, sy_error *error) {
  const sy_training *training = trainer->training;
  size_t restarts = (size_t)training->options->restarts;
  trainer->parameters = sy_alloc(trainer->n_all, trainer->element);
  trainer->best = sy_alloc(trainer->n_all, trainer->element);
  trainer->gradient = sy_alloc(trainer->n_trained, trainer->element);
  trainer->order = sy_alloc(training->n, sizeof *trainer->order);
  bool small = trainer->n_parameters <= SIZE_MAX / restarts;
  trainer->members = small ? sy_alloc(restarts * trainer->n_parameters, sizeof(double)) : NULL;
  bool reserved = trainer->parameters && trainer->best && trainer->gradient && trainer->order &&
                  trainer->members;
  return reserved ? SY_OK : sy_fail_memory(error);
}

sy_status sy_trainer_make(const sy_training *training, const sy_training_hooks *hooks,
                          sy_trainer *trainer, sy_error *error) {
  static const sy_training_hooks none = {0};
  sy_dtype dtype = training->data->rows.dtype;
  sy_network_shape shape = sy_training_shape(training), made;
  *trainer = (sy_trainer){.training = training,
                          .hooks = hooks ? hooks : &none,
                          .element = dtype == SY_F32 ? sizeof(float) : sizeof(double),
                          .at = {.restart = 1}};
  sy_status status = sy_net_new(&shape, dtype, training->options->dropout, training->batch_size,
                                &trainer->net, error);
  if (status != SY_OK) return status;
  sy_net_shape(trainer->net, &made);
  trainer->n_trained = sy_net_n_trained(trainer->net);
  trainer->n_all = sy_net_n_all(trainer->net);
  trainer->n_parameters = sy_network_n_parameters(&made);
  for (size_t k = 0; k < training->data->n_outputs; k++)
    if (isinf(training->output_biases[k])) trainer->n_infinite++;
  size_t n_decaying;
  const sy_net_range *decaying = sy_net_decaying(trainer->net, &n_decaying);
  status = reserve(trainer, error);
  if (status == SY_OK)
    status = sy_optimizer_make(training->options, dtype, trainer->n_trained, decaying, n_decaying,
                               &trainer->optimizer, error);
  if (status == SY_OK) status = sy_judge_make(training, &trainer->judge, error);
  if (status == SY_OK && training->late.balanced)
    status = sy_sampler_make(training->data->ids, training->data->n_outputs, training->places,
                             training->n, training->weights, &trainer->sampler, error);
  return status;
}

void sy_trainer_clear(sy_trainer *trainer) {
  sy_net_free(trainer->net);
  free(trainer->parameters);
  free(trainer->best);
  free(trainer->gradient);
  free(trainer->members);
  free(trainer->curve);
  free(trainer->order);
  free(trainer->fingerprint.data);
  free(trainer->state.data);
  sy_optimizer_clear(&trainer->optimizer);
  sy_sampler_clear(&trainer->sampler);
  sy_judge_clear(&trainer->judge);
  *trainer = (sy_trainer){0};
}

/* --- trouble --- */

/* Notes why the network under way cannot go on. What the first step meets cannot come from a
 * learning rate. */
static void note_trouble(sy_trainer *trainer, const char *where) {
  const sy_trainer_place *at = &trainer->at;
  char rate[SY_NUMBER_SIZE], network[32] = "";
  trainer->in_trouble = true;
  if (trainer->trouble[0]) return;
  if (trainer->training->options->restarts > 1)
    snprintf(network, sizeof network, " of network %d", at->restart);
  if (at->steps == 0)
    snprintf(trainer->trouble, sizeof trainer->trouble,
             "the loss%s is infinite before the first step: the numbers in the rows are too large",
             network);
  else
    snprintf(trainer->trouble, sizeof trainer->trouble,
             "the loss became infinite %s of epoch %d%s (learning rate %s): a lower learning rate, "
             "or clipping the gradient, would help",
             where, at->epoch, network, sy_number_format(at->rate, rate));
}

static void note_step_trouble(sy_trainer *trainer) {
  char where[48];
  snprintf(where, sizeof where, "at step %zu", trainer->at.step + 1);
  note_trouble(trainer, where);
}

#define DEFINE_COUNT(type, suffix)                                                                 \
  SY_CLONES static size_t count_infinite_##suffix(const type *values, size_t n) {                  \
    size_t count = 0;                                                                              \
    for (size_t i = 0; i < n; i++) count += !(values[i] * 0 == 0);                                 \
    return count;                                                                                  \
  }

DEFINE_COUNT(float, f32)
DEFINE_COUNT(double, f64)

/* Whether all parameters are finite but the biases that never were. */
static bool is_sound(const sy_trainer *trainer) {
  size_t count = trainer->element == sizeof(float)
                     ? count_infinite_f32(trainer->parameters, trainer->n_all)
                     : count_infinite_f64(trainer->parameters, trainer->n_all);
  return count == trainer->n_infinite;
}

/* --- steps --- */

static void arrange_epoch(sy_trainer *trainer) {
  const sy_training *training = trainer->training;
  uint64_t seed = training->options->seed;
  uint32_t member = (uint32_t)trainer->at.restart - 1;
  uint64_t before = (uint64_t)trainer->at.epoch - 1;
  if (sy_training_phase(training, trainer->at.epoch)->balanced) {
    sy_sampler_draw(&trainer->sampler, seed, member, before * training->n, training->n,
                    trainer->order);
    return;
  }
  memcpy(trainer->order, training->places, training->n * sizeof *trainer->order);
  sy_shuffle((sy_shuffle_key){seed, SY_STREAM_SHUFFLE, member, before}, trainer->order,
             training->n);
}

/* Rows of step s: an epoch's rows are cut as evenly as can be, so that no step has but a few. */
static size_t step_begin(const sy_training *training, size_t s) {
  return (size_t)((uint64_t)training->n * s / training->steps_per_epoch);
}

static sy_net_batch next_batch(const sy_trainer *trainer) {
  const sy_training *training = trainer->training;
  const sy_phase *phase = sy_training_phase(training, trainer->at.epoch);
  size_t begin = step_begin(training, trainer->at.step);
  size_t n = step_begin(training, trainer->at.step + 1) - begin;
  return (sy_net_batch){.data = training->data,
                        .places = trainer->order + begin,
                        .n = n,
                        .weights = phase->weights,
                        .loss = phase->loss,
                        .divisor = (double)n * phase->mean_weight,
                        .seed = training->options->seed,
                        .step = trainer->at.steps,
                        .member = (uint32_t)trainer->at.restart - 1};
}

static sy_status take_step(sy_trainer *trainer, sy_error *error) {
  sy_trainer_place *at = &trainer->at;
  sy_net_batch batch = next_batch(trainer);
  sy_net_outcome outcome;
  sy_status status = sy_net_gradient(trainer->net, trainer->parameters, &batch, trainer->gradient,
                                     &outcome, error);
  if (status != SY_OK && status != SY_NUMERIC_FAILURE) return status;
  double rate =
      sy_schedule_rate(trainer->training->options, at->steps, trainer->training->steps_per_epoch);
  if (at->steps == 0) at->rate = rate;
  if (status != SY_OK || !isfinite(outcome.loss) ||
      !sy_optimizer_step(&trainer->optimizer, rate, trainer->parameters, trainer->gradient)) {
    note_step_trouble(trainer);
    return SY_OK;
  }
  at->rate = rate;
  at->epoch_loss += outcome.loss;
  at->epoch_weight += outcome.weight;
  at->step++;
  at->steps++;
  at->all_steps++;
  trainer->clock.steps++;
  trainer->clock.epoch_rows += batch.n;
  return SY_OK;
}

static sy_status offer_state(sy_trainer *trainer, sy_error *error) {
  const sy_training_hooks *hooks = trainer->hooks;
  if (!hooks->state_due || !hooks->state || !hooks->state_due(hooks->state_context)) return SY_OK;
  sy_status status = sy_trainer_save(trainer, error);
  if (status != SY_OK) return status;
  return hooks->state(hooks->state_context, trainer->state.data, trainer->state.length, error);
}

/* --- epochs --- */

static int last_epoch(const sy_training *training) {
  return training->options->stop_after > 0 ? training->options->stop_after
                                           : training->options->epochs;
}

sy_status sy_trainer_grow_curve(sy_trainer *trainer, size_t room, sy_error *error) {
  if (room <= trainer->curve_room) return SY_OK;
  size_t grown = trainer->curve_room < 16 ? 16 : 2 * trainer->curve_room;
  if (grown < room) grown = room;
  sy_epoch *curve = sy_realloc(trainer->curve, grown, sizeof *curve);
  if (!curve) return sy_fail_memory(error);
  trainer->curve = curve;
  trainer->curve_room = grown;
  return SY_OK;
}

/* Whether the epoch that ended is to be kept: the first that counts, without rows held back each,
 * else one of a lower loss on them. */
static bool is_best(const sy_trainer *trainer, double held_loss) {
  const sy_trainer_place *at = &trainer->at;
  int first = sy_training_first_rated(trainer->training);
  if (trainer->training->n_held == 0 || at->best_epoch < first) return true;
  return held_loss < at->best_loss;
}

static sy_status record_epoch(sy_trainer *trainer, const sy_judgement *held, sy_error *error) {
  sy_trainer_place *at = &trainer->at;
  sy_status status = sy_trainer_grow_curve(trainer, trainer->n_curve + 1, error);
  if (status != SY_OK) return status;
  sy_epoch *epoch = &trainer->curve[trainer->n_curve++];
  *epoch = (sy_epoch){.restart = at->restart,
                      .epoch = at->epoch,
                      .learning_rate = at->rate,
                      .loss = at->epoch_weight > 0 ? at->epoch_loss / at->epoch_weight : 0,
                      .held_loss = held->loss,
                      .held_accuracy = held->accuracy,
                      .best = is_best(trainer, held->loss)};
  if (epoch->best) {
    memcpy(trainer->best, trainer->parameters, trainer->n_all * trainer->element);
    at->best_epoch = at->epoch;
    at->best_loss = held->loss;
  }
  sy_trainer_time_epoch(trainer, epoch);
  if (trainer->hooks->epoch) trainer->hooks->epoch(trainer->hooks->epoch_context, epoch);
  return SY_OK;
}

static sy_status end_epoch(sy_trainer *trainer, sy_error *error) {
  const sy_training *training = trainer->training;
  sy_judgement held = {NAN, NAN};
  sy_status status = SY_OK;
  bool sound = is_sound(trainer);
  if (sound && training->n_held > 0)
    status = sy_judge_rows(&trainer->judge, training, trainer->net, trainer->parameters,
                           training->held, training->n_held, &held, error);
  if (status != SY_OK) return status;
  if (!sound || isinf(held.loss)) {
    note_trouble(trainer, sound ? "on the rows held back, at the end" : "at the end");
    return SY_OK;
  }
  status = record_epoch(trainer, &held, error);
  return status == SY_OK ? sy_trainer_tell(trainer, true, error) : status;
}

/* Whether epochs without a better one are enough. */
static bool is_patience_over(const sy_trainer *trainer) {
  const sy_trainer_place *at = &trainer->at;
  int patience = trainer->training->options->patience;
  if (patience == 0 || trainer->training->n_held == 0) return false;
  if (at->best_epoch < sy_training_first_rated(trainer->training)) return false;
  return at->epoch - at->best_epoch >= patience;
}

/* --- networks --- */

static void begin_epoch(sy_trainer *trainer, int epoch) {
  trainer->at.epoch = epoch;
  trainer->at.step = 0;
  trainer->at.epoch_loss = trainer->at.epoch_weight = 0;
}

static void begin_network(sy_trainer *trainer) {
  const sy_training *training = trainer->training;
  sy_net_begin(trainer->net, training->options->seed, (uint32_t)trainer->at.restart - 1,
               training->output_biases, trainer->parameters);
  sy_optimizer_reset(&trainer->optimizer);
  trainer->at.steps = 0;
  trainer->at.best_epoch = 0;
  trainer->at.best_loss = NAN;
  begin_epoch(trainer, 1);
}

/* The best epoch's parameters become a member, with its loss. */
static sy_status end_network(sy_trainer *trainer, sy_error *error) {
  const sy_training *training = trainer->training;
  sy_trainer_place *at = &trainer->at;
  at->ended_epochs = at->epoch;
  at->ended_best = at->best_epoch;
  if (trainer->in_trouble) at->ended_epochs--;
  trainer->in_trouble = false;
  if (at->best_epoch == 0) return SY_OK;
  sy_judgement fitted;
  sy_status status = sy_judge_rows(&trainer->judge, training, trainer->net, trainer->best,
                                   training->places, training->n, &fitted, error);
  if (status != SY_OK) return status;
  sy_net_unpack(trainer->net, trainer->best,
                trainer->members + at->n_members * trainer->n_parameters);
  at->n_members++;
  at->loss += fitted.loss;
  at->held_loss += at->best_loss;
  return SY_OK;
}

static sy_status run_epoch(sy_trainer *trainer, sy_error *error) {
  sy_status status = SY_OK;
  arrange_epoch(trainer);
  sy_trainer_start_epoch(trainer);
  while (status == SY_OK && trainer->at.step < trainer->training->steps_per_epoch) {
    status = take_step(trainer, error);
    if (trainer->in_trouble) return status;
    if (status == SY_OK) status = offer_state(trainer, error);
    if (status == SY_OK) status = sy_trainer_tell(trainer, false, error);
  }
  return status == SY_OK ? end_epoch(trainer, error) : status;
}

static sy_status run_network(sy_trainer *trainer, sy_error *error) {
  int last = last_epoch(trainer->training);
  if (trainer->at.epoch == 0) begin_network(trainer);
  for (;;) {
    sy_status status = run_epoch(trainer, error);
    if (status != SY_OK) return status;
    bool over = is_patience_over(trainer);
    trainer->at.stopped_early = over && trainer->at.epoch < last && !trainer->in_trouble;
    if (trainer->in_trouble || over || trainer->at.epoch == last) break;
    begin_epoch(trainer, trainer->at.epoch + 1);
  }
  return end_network(trainer, error);
}

sy_status sy_trainer_run(sy_trainer *trainer, sy_error *error) {
  sy_trainer_place *at = &trainer->at;
  sy_trainer_start_clock(trainer);
  sy_status status = sy_trainer_tell(trainer, true, error);
  for (; status == SY_OK && at->restart <= trainer->training->options->restarts; at->restart++) {
    status = run_network(trainer, error);
    at->epoch = 0;
  }
  if (status == SY_OK && at->n_members == 0)
    return sy_fail(error, SY_NUMERIC_FAILURE, "%s", trainer->trouble);
  return status;
}
