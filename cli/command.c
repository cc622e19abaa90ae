#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "manual_text.h"
#include "say.h"

const command commands[] = {
    {"weights", COMMAND_WEIGHTS, "SOURCE --label COL [--class-weight POLICY]",
     "--counts COUNTS [--class-weight POLICY]",
     "count the classes and show what policies of class weights do", 1, 0, &manual_of_weights,
     command_weights},
    {"fit", COMMAND_FIT, "SOURCE --label COL -o MODEL", NULL,
     "train a model, judge it on rows it did not see, write it", 1, 1, &manual_of_fit, command_fit},
    {"predict", COMMAND_PREDICT, "MODEL SOURCE [-o FILE]", NULL,
     "decide rows: the class predicted and the probability of each", 2, 2, &manual_of_predict,
     command_predict},
    {"evaluate", COMMAND_EVALUATE, "MODEL.. SOURCE", "SOURCE --label COL --scores P",
     "judge models, or anyone's scores, on rows whose labels are known", 64, 1, &manual_of_evaluate,
     command_evaluate},
    {"decide", COMMAND_DECIDE, "MODEL [SOURCE] [--cost ..] [--prior ..] [--tune METRIC] -o MODEL",
     "SOURCE --label COL --scores P [--cost ..] [--tune METRIC] [-o RULE.json]",
     "another rule for a model, or the best rule for anyone's scores; nothing is trained", 2, 1,
     &manual_of_decide, command_decide},
    {"inspect", COMMAND_INSPECT, "MODEL", NULL, "show what is in a model", 1, 1, &manual_of_inspect,
     command_inspect},
};

const size_t n_commands = sizeof commands / sizeof commands[0];

static void unknown_command(const char *name) {
  text_list names = {NULL, 0};
  for (size_t i = 0; i < n_commands; i++) text_list_add(&names, commands[i].name);
  const char *nearest = sy_nearest_name(name, text_list_view(&names), names.n);
  char *all = text_list_join(&names, ", ");
  if (nearest)
    say_usage("there is no command '%s'; did you mean '%s'?", name, nearest);
  else
    say_usage("there is no command '%s'; there are %s", name, all);
  free(all);
  text_list_free(&names);
}

const command *command_find(const char *name) {
  for (size_t i = 0; i < n_commands; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  unknown_command(name);
  return NULL;
}
