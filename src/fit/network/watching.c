/* watching.c: what those who look on are told of a training, and when. */
#define _POSIX_C_SOURCE 200809L
#include "fit/network/trainer.h"

#include "base/error.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Seconds between two words about steps: a caller's answer may take longer than a small step. */
static const double patience = 0.02;

double sy_training_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void sy_trainer_start_clock(sy_trainer *trainer) {
  double time = sy_training_now();
  trainer->clock = (sy_trainer_clock){.began = time, .epoch_began = time};
}

void sy_trainer_start_epoch(sy_trainer *trainer) {
  trainer->clock.epoch_began = sy_training_now();
  trainer->clock.epoch_rows = 0;
}

/* --- how far --- */

static double steps_in_all(const sy_trainer *trainer) {
  const sy_network_options *options = trainer->training->options;
  double epochs = options->stop_after > 0 ? options->stop_after : options->epochs;
  return epochs * (double)trainer->training->steps_per_epoch;
}

/* Steps that are done or will never be: of networks that ended early all. */
static double steps_done(const sy_trainer *trainer) {
  const sy_trainer_place *at = &trainer->at;
  return (at->restart - 1) * steps_in_all(trainer) + (double)at->steps;
}

static double fraction_done(const sy_trainer *trainer) {
  return steps_done(trainer) / (steps_in_all(trainer) * trainer->training->options->restarts);
}

void sy_trainer_time_epoch(const sy_trainer *trainer, sy_epoch *epoch) {
  const sy_trainer_clock *clock = &trainer->clock;
  double time = sy_training_now(), taken = time - clock->epoch_began;
  double all = steps_in_all(trainer) * trainer->training->options->restarts;
  epoch->seconds = time - clock->began;
  epoch->rows_per_second = taken > 0 ? (double)clock->epoch_rows / taken : 0;
  epoch->seconds_left =
      clock->steps > 0 ? epoch->seconds / (double)clock->steps * (all - steps_done(trainer)) : 0;
}

/* --- in words --- */

/* A whole number with commas. */
static const char *grouped(double value, char text[40]) {
  char digits[32];
  int n = snprintf(digits, sizeof digits, "%.0f", value), at = 0;
  for (int i = 0; i < n && i < 28; i++) {
    if (i > 0 && (n - i) % 3 == 0) text[at++] = ',';
    text[at++] = digits[i];
  }
  text[at] = 0;
  return text;
}

/* Two digits are enough to see a speed by. */
static double rounded(double value) {
  if (!(value >= 1 && value < 1e15)) return 0;
  double unit = pow(10, floor(log10(value)) - 1);
  return unit > 1 ? round(value / unit) * unit : round(value);
}

/* ", held 0.231 (balanced acc. 0.87)"; nothing where no rows are held back. */
static void describe_held(const sy_epoch *epoch, char *text, size_t size) {
  char loss[SY_NUMBER_SIZE], accuracy[SY_NUMBER_SIZE];
  if (isnan(epoch->held_loss)) return;
  sy_number_round(epoch->held_loss, 3, loss);
  if (isnan(epoch->held_accuracy))
    snprintf(text, size, ", held %s", loss);
  else
    snprintf(text, size, ", held %s (balanced acc. %s)", loss,
             sy_number_round(epoch->held_accuracy, 3, accuracy));
}

void sy_epoch_describe(const sy_epoch *epoch, char *text, size_t size) {
  char held[64] = "", loss[SY_NUMBER_SIZE], speed[40];
  describe_held(epoch, held, sizeof held);
  snprintf(text, size, ", loss %s%s, %s rows/s", sy_number_round(epoch->loss, 3, loss), held,
           grouped(rounded(epoch->rows_per_second), speed));
}

/* The epoch under way, and how the last one went. */
static void describe(const sy_trainer *trainer, char *text, size_t size) {
  const sy_trainer_place *at = &trainer->at;
  char network[48] = "", losses[128] = "";
  if (trainer->training->options->restarts > 1)
    snprintf(network, sizeof network, "network %d of %d, ", at->restart,
             trainer->training->options->restarts);
  if (trainer->n_curve > 0)
    sy_epoch_describe(&trainer->curve[trainer->n_curve - 1], losses, sizeof losses);
  snprintf(text, size, "%sepoch %d%s", network, at->epoch > 0 ? at->epoch : 1, losses);
}

sy_status sy_trainer_tell(sy_trainer *trainer, bool surely, sy_error *error) {
  if (!trainer->hooks->progress.call) return SY_OK;
  double time = sy_training_now();
  if (!surely && time - trainer->clock.told < patience) return SY_OK;
  trainer->clock.told = time;
  char stage[200];
  describe(trainer, stage, sizeof stage);
  return sy_progress_tell(trainer->hooks->progress, stage, fraction_done(trainer), error);
}
