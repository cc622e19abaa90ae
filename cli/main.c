/* steelyard: the command line. Each command is one file, cmd_*.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "completion.h"
#include "interrupt.h"
#include "json_text.h"
#include "manual.h"
#include "options.h"
#include "progress.h"
#include "say.h"

static int print(char *text) {
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static void apply(const settings *given) {
  say_quiet(given->quiet);
  progress_allow(!given->quiet);
  sy_threads_set((int)given->threads);
}

static int run_command(int argc, char **argv) {
  const command *chosen = command_find(argv[1]);
  if (!chosen) return EXIT_USAGE;
  settings given = settings_default();
  char **arguments = grab((size_t)argc, sizeof *arguments);
  int code = options_read(chosen, argc, argv, &given, arguments);
  if (code == EXIT_DONE && given.help) {
    code = print(help_command(chosen));
  } else if (code == EXIT_DONE) {
    apply(&given);
    code = chosen->run(&given, arguments);
  }
  free(arguments);
  settings_clear(&given);
  return code;
}

/* --man [COMMAND] */
static int run_manual(const char *name) {
  if (!name) return print(manual_program());
  const command *chosen = command_find(name);
  return chosen ? print(manual_command(chosen)) : EXIT_USAGE;
}

/* --completion SHELL */
static int run_completion(const char *shell) {
  if (!shell || strcmp(shell, "bash") != 0)
    return say_usage("--completion is for bash: steelyard --completion bash");
  return print(completion_bash());
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c) {
  return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static int run(int argc, char **argv) {
  if (argc < 2)
    return say_usage("which command? weights, fit, predict, evaluate or inspect; "
                     "steelyard --help tells more");
  if (is_one_of(argv[1], "--help", "-h", "help")) return print(help_program());
  if (strcmp(argv[1], "--version") == 0) return print(text_format("steelyard %s\n", sy_version()));
  if (strcmp(argv[1], "--man") == 0) return run_manual(argv[2]);
  if (strcmp(argv[1], "--completion") == 0) return run_completion(argv[2]);
  if (argv[1][0] == '-')
    return say_usage("the command comes first, as in: steelyard fit %s; steelyard --help tells "
                     "more",
                     argv[1]);
  return run_command(argc, argv);
}

int main(int argc, char **argv) {
  interrupt_watch();
  say_begin();
  json_begin();
  return say_end(run(argc, argv));
}
