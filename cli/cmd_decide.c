/* cmd_decide.c: steelyard decide: which of its ways was asked for. */
#include <string.h>

#include "command.h"
#include "decide.h"
#include "say.h"

/* Options that say how scores are to be read mean nothing to a model, which knows. */
static int check_model_options(const settings *given) {
  const struct {
    const char *option;
    bool used;
  } of_scores[] = {{"--label-kind", given->label_kind != NULL},
                   {"--labels", given->labels.n > 0},
                   {"--positive", given->positive != NULL},
                   {"--logits", given->logits},
                   {"--undo-weights", given->undo_weights != NULL}};
  for (size_t i = 0; i < sizeof of_scores / sizeof of_scores[0]; i++)
    if (of_scores[i].used)
      return say_usage("%s goes with --scores; a model knows its classes", of_scores[i].option);
  return EXIT_DONE;
}

static int check_scores_options(const settings *given, const char *second) {
  if (second)
    return say_usage("--scores takes one SOURCE and no model; there is '%s', too", second);
  if (given->scores.n > 1)
    return say_usage("--scores is given %zu times; a rule is for one model, steelyard evaluate "
                     "compares several",
                     given->scores.n);
  if (given->prior)
    return say_usage("--prior is for a MODEL, which knows the prior it was trained under");
  if (given->output && strcmp(given->output, "-") == 0)
    return say_usage("-o -: --json prints the rule on stdout; give it a file name");
  return EXIT_DONE;
}

int command_decide(const settings *given, char *const *arguments) {
  if (!given->scores.n) {
    int code = check_model_options(given);
    return code == EXIT_DONE ? decide_model(given, arguments[0], arguments[1]) : code;
  }
  int code = check_scores_options(given, arguments[1]);
  if (code != EXIT_DONE) return code;
  return given->labels.n ? decide_labels(given, arguments[0]) : decide_scores(given, arguments[0]);
}
