/* epoch_log.h: who looks on while networks are trained: --json-log, and the line on a terminal. */
#ifndef CLI_EPOCH_LOG_H
#define CLI_EPOCH_LOG_H

#include <jansson.h>
#include <stdio.h>

#include <steelyard/study.h>

#include "settings.h"

/* A log of epochs; zero-initialise, epoch_log_close. */
typedef struct epoch_log {
  const char *path; /* or NULL: told on a terminal alone */
  bool goes_on;     /* of a training that goes on: lines are added */
  FILE *file;       /* NULL until the first epoch has ended */
  int trouble;      /* errno of what went wrong first */
} epoch_log;

/* What the log is to be; nothing is opened yet, so that a training that fails at once leaves the
 * log of the one before. */
epoch_log epoch_log_of(const settings *given);

/* sy_study_options.epoch; the context is the log. */
void epoch_log_tell(void *context, int fit, int fits, const sy_epoch *epoch);

/* Ends the log; an exit code, having said what is wrong: a disk that was full ends no training, and
 * is told after it. */
int epoch_log_close(epoch_log *log);

/* An epoch as JSON: restart, epoch, learning_rate, loss, held_loss, held_accuracy, best; new. */
json_t *json_epoch(const sy_epoch *epoch);

#endif
