/* command.h: the commands, and what each of them runs. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "settings.h"

/* One bit a command: options.c says with them which option belongs to which commands. */
enum command_bit {
  COMMAND_WEIGHTS = 1,
  COMMAND_FIT = 2,
  COMMAND_PREDICT = 4,
  COMMAND_EVALUATE = 8,
  COMMAND_INSPECT = 16,
  COMMAND_DECIDE = 32
};

typedef struct command {
  const char *name;
  unsigned bit;
  const char *usage;   /* "SOURCE --label COL": what follows the name, in its shortest form */
  const char *other;   /* another such form, or NULL */
  const char *summary; /* one line */
  size_t n_arguments;  /* arguments that are no options: so many at most, */
  size_t n_needed;     /* and at least */
  const struct manual_text *manual;
  int (*run)(const settings *given, char *const *arguments);
} command;

/* All commands, in the order of the work. */
extern const command commands[];
extern const size_t n_commands;

/* The command called `name`, or NULL after an error line with the nearest. */
const command *command_find(const char *name);

/* Each does its work and returns an exit code, having said what is wrong. */
int command_weights(const settings *given, char *const *arguments);
int command_fit(const settings *given, char *const *arguments);
int command_predict(const settings *given, char *const *arguments);
int command_evaluate(const settings *given, char *const *arguments);
int command_decide(const settings *given, char *const *arguments);
int command_inspect(const settings *given, char *const *arguments);

#endif
