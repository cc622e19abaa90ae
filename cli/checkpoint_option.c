#define _POSIX_C_SOURCE 200809L
#include "checkpoint_option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <steelyard/store.h>

#include "interrupt.h"
#include "options.h"
#include "say.h"

/* Options of which no model depends. All others are compared, those of the source too: that the
 * rows are equal is found by the library, but which option made them differ is said by name. */
static const char *const without_effect[] = {
    "output", "report",     "json",   "quiet",    "threads",
    "help",   "checkpoint", "resume", "json-log", "checkpoint-every"};

static bool has_effect(const option_entry *entry) {
  for (size_t i = 0; i < sizeof without_effect / sizeof without_effect[0]; i++)
    if (strcmp(without_effect[i], entry->name) == 0) return false;
  return strcmp(entry->heading, HEADING_BOOSTED) != 0; /* checkpoints are of networks */
}

static void add_line(char **lines, const char *name, const char *value) {
  size_t begin = strlen(*lines);
  text_append(lines, text_format("%s=%s", name, value));
  char *end = *lines + strlen(*lines);
  for (char *c = *lines + begin; *c; c++)
    if (*c == '\n' || *c == '\r') *c = ' ';
  while (end > *lines + begin && end[-1] == ' ') *--end = 0;
  text_append(lines, text_copy("\n"));
}

/* A file of weights or costs may change under its name; one that cannot be read is refused
 * elsewhere. */
static void add_contents(char **lines, const char *path) {
  void *bytes;
  size_t size;
  if (sy_file_read(path, &bytes, &size, NULL) != SY_OK) return;
  char *name = text_format("contents of %s", path);
  for (char *c = name; *c; c++)
    if (*c == '=') *c = ' ';
  add_line(lines, name, bytes);
  free(name);
  free(bytes);
}

/* Each option on a line of its own, whatever its value holds. */
static char *lines_of(const settings *given) {
  char *lines = text_copy("");
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!(entry->commands & COMMAND_FIT) || !has_effect(entry)) continue;
    char *value = option_value(entry, given);
    char *name = text_format("--%s", entry->name);
    if (value) add_line(&lines, name, value);
    if (value && value[0] == '@') add_contents(&lines, value + 1);
    free(name);
    free(value);
  }
  return lines;
}

int checkpoint_read(const settings *given, checkpoint_plan *plan) {
  const char *path = given->checkpoint ? given->checkpoint : given->resume;
  if (settings_typed(given, "checkpoint-every") && !path)
    return say_usage("--checkpoint-every says how often a checkpoint is written: say where by "
                     "--checkpoint FILE");
  if (given->resume && access(given->resume, R_OK) != 0)
    return say_failed("--resume %s: cannot be read: %s", given->resume, strerror(errno));
  plan->lines = path ? lines_of(given) : NULL;
  plan->options = (sy_checkpoint_options){.path = path,
                                          .resume = given->resume,
                                          .seconds = given->checkpoint_every,
                                          .options = plan->lines};
  return EXIT_DONE;
}

void checkpoint_watch(const checkpoint_plan *plan) {
  const char *path = plan->options.path, *resume = plan->options.resume;
  bool stands = path && resume && strcmp(path, resume) == 0;
  if (path) interrupt_leaves(path, stands);
}

void checkpoint_plan_clear(checkpoint_plan *plan) {
  free(plan->lines);
  *plan = (checkpoint_plan){.lines = NULL};
}
