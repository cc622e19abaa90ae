/* checkpoint_option.h: --checkpoint and --resume: a training that is interrupted goes on. */
#ifndef CLI_CHECKPOINT_OPTION_H
#define CLI_CHECKPOINT_OPTION_H

#include <steelyard/study.h>

#include "settings.h"

/* Where the state of a training is kept; checkpoint_plan_clear. */
typedef struct checkpoint_plan {
  sy_checkpoint_options options; /* points into `lines` and the settings */
  char *lines;                   /* "--NAME=VALUE\n" of each option that could change the model */
} checkpoint_plan;

/* Reads the options and looks for the file to go on from; an exit code, having said what is
 * wrong. */
int checkpoint_read(const settings *given, checkpoint_plan *plan);

/* From now on an interruption tells how to go on, once there is a checkpoint. */
void checkpoint_watch(const checkpoint_plan *plan);

void checkpoint_plan_clear(checkpoint_plan *plan);

#endif
