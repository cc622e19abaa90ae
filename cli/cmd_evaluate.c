/* cmd_evaluate.c: steelyard evaluate: which of its ways was asked for. */
#include <math.h>

#include "command.h"
#include "evaluate.h"
#include "say.h"

/* Options that say how scores are to be read mean nothing to a model, which knows. */
static int check_model_options(const settings *given) {
  const struct {
    const char *option;
    bool used;
  } of_scores[] = {{"--classes", given->classes.n > 0},
                   {"--label-kind", given->label_kind != NULL},
                   {"--labels", given->labels.n > 0},
                   {"--positive", given->positive != NULL},
                   {"--logits", given->logits},
                   {"--threshold", !isnan(given->threshold)},
                   {"--undo-weights", given->undo_weights}};
  for (size_t i = 0; i < sizeof of_scores / sizeof of_scores[0]; i++)
    if (of_scores[i].used)
      return say_usage("%s goes with --scores; a model knows its classes", of_scores[i].option);
  return EXIT_DONE;
}

/* A page is of one model and one label a row. */
static int check_page(const settings *given, size_t n_models) {
  if (!given->report) return EXIT_DONE;
  if (n_models > 1 || given->scores.n > 1)
    return say_usage("--report makes the page of one model: give one, or leave out --report");
  if (given->labels.n)
    return say_usage("--report is for one label a row; leave it out, or judge one of --labels");
  return EXIT_DONE;
}

static int evaluate(const settings *given, char *const *arguments, fail_conditions *conditions) {
  size_t n = 0;
  while (arguments[n]) n++;
  if (given->scores.n && n > 1)
    return say_usage("--scores judges columns of one SOURCE, without a model: leave out '%s'",
                     arguments[0]);
  int code = check_page(given, given->scores.n ? 1 : n - 1);
  if (code != EXIT_DONE) return code;
  if (given->scores.n) return evaluate_scores(given, arguments[0], conditions);
  if (n < 2)
    return say_usage("evaluate needs MODEL and SOURCE, or SOURCE and --scores: steelyard evaluate "
                     "model.onnx new.csv");
  code = check_model_options(given);
  if (code != EXIT_DONE) return code;
  return evaluate_models(given, arguments, n - 1, arguments[n - 1], conditions);
}

int command_evaluate(const settings *given, char *const *arguments) {
  fail_conditions conditions = {NULL, 0};
  int code = fail_if_read(given, &conditions);
  if (code == EXIT_DONE) code = evaluate(given, arguments, &conditions);
  fail_if_free(&conditions);
  return code;
}
