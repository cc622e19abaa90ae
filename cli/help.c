#define _DEFAULT_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "manual_text.h"
#include "options.h"

/* Column at which the texts of options begin, and the last column. */
#define INDENT 30
#define WIDTH  96

char *option_value(const option_entry *entry, const settings *given) {
  const void *place = (const char *)given + entry->offset;
  char number[SY_NUMBER_SIZE];
  switch (entry->kind) {
  case OPTION_FLAG:
    return *(const bool *)place ? text_copy("yes") : NULL;
  case OPTION_TEXT:
    return *(const char *const *)place ? text_copy(*(const char *const *)place) : NULL;
  case OPTION_LIST:
    return ((const text_list *)place)->n ? text_list_join(place, "; ") : NULL;
  case OPTION_NUMBER:
  case OPTION_ABOVE:
  case OPTION_BELOW:
    return text_copy(sy_number_format(*(const double *)place, number));
  case OPTION_COUNT:
  case OPTION_MAYBE:
    return text_format("%llu", (unsigned long long)*(const uint64_t *)place);
  }
  return NULL;
}

/* The default of an option in words, or NULL where there is none worth saying; free(). */
static char *default_of(const option_entry *entry, const settings *defaults) {
  if (entry->offset == offsetof(settings, learning_rate))
    return text_copy(defaults->learning_rates);
  if (entry->fallback) return text_copy(entry->fallback);
  return entry->kind == OPTION_MAYBE ? NULL : option_value(entry, defaults);
}

char *option_text(const option_entry *entry, const settings *defaults) {
  char *fallback = default_of(entry, defaults);
  char *text =
      fallback ? text_format("%s (default: %s)", entry->text, fallback) : text_copy(entry->text);
  free(fallback);
  return text;
}

/* Words of `text` in lines of WIDTH columns, all but the first indented by INDENT. */
static char *wrapped(const char *text) {
  char *copy = text_copy(text), *out = text_copy(""), *rest = copy;
  size_t column = INDENT;
  for (char *word; (word = strsep(&rest, " ")) != NULL;) {
    bool first = column == INDENT;
    bool breaks = !first && column + 1 + strlen(word) > WIDTH;
    if (breaks) {
      text_append(&out, text_format("\n%*s%s", INDENT, "", word));
      column = INDENT + strlen(word);
    } else {
      text_append(&out, text_format("%s%s", first ? "" : " ", word));
      column += strlen(word) + (first ? 0 : 1);
    }
  }
  free(copy);
  return out;
}

static char *left_of(const option_entry *entry) {
  char letter[] = {'-', entry->letter, ',', ' ', 0};
  return text_format("  %s--%s%s%s", entry->letter ? letter : "", entry->name,
                     !entry->argument || entry->kind == OPTION_MAYBE ? "" : " ",
                     entry->argument ? entry->argument : "");
}

static char *option_line(const option_entry *entry, const settings *defaults) {
  char *said = option_text(entry, defaults);
  char *right = wrapped(said);
  char *left = left_of(entry);
  bool fits = strlen(left) + 1 < INDENT;
  char *line = fits ? text_format("%-*s%s\n", INDENT, left, right)
                    : text_format("%s\n%*s%s\n", left, INDENT, "", right);
  free(left);
  free(right);
  free(said);
  return line;
}

/* What a SOURCE of the command may be. */
static const char *source_of(const command *chosen) {
  if (chosen->bit == COMMAND_INSPECT) return "";
  if (chosen->bit == COMMAND_WEIGHTS)
    return "\nSOURCE is a file (text, .gz, .zst, .parquet, .json, .jsonl), a glob, - for stdin, a "
           "query that\nbegins with SELECT, FROM or WITH, an array (.npy, IDX), or a folder whose "
           "sub-folders are classes.\n";
  return "\nSOURCE is a file (text, .gz, .zst, .parquet, .json, .jsonl), a glob, - for stdin, or a "
         "query\nthat begins with SELECT, FROM or WITH.\n";
}

char *help_command(const command *chosen) {
  settings defaults = settings_default();
  char *text = text_format("steelyard %s %s\n", chosen->name, chosen->usage);
  if (chosen->other)
    text_append(&text, text_format("steelyard %s %s\n", chosen->name, chosen->other));
  text_append(&text, text_format("  %s\n", chosen->summary));
  const char *heading = NULL;
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!(entry->commands & chosen->bit)) continue;
    if (!heading || strcmp(heading, entry->heading) != 0)
      text_append(&text, text_format("\n%s\n", heading = entry->heading));
    text_append(&text, option_line(entry, &defaults));
  }
  text_append(&text, text_copy(source_of(chosen)));
  text_append(&text, text_format("\nExample: %s\n", chosen->manual->examples[0].typed));
  return text;
}

char *help_program(void) {
  char *text = text_format("steelyard %s: classification with unequal classes and priced mistakes\n"
                           "\nsteelyard COMMAND [ARGUMENTS] [--options]\n\n",
                           sy_version());
  for (size_t i = 0; i < n_commands; i++)
    text_append(&text, text_format("  %-10s %s\n", commands[i].name, commands[i].summary));
  text_append(&text,
              text_copy("\nsteelyard COMMAND --help tells its options, steelyard --version the "
                        "version.\nExit codes: 0 done, 1 the data or the run failed, 2 the command "
                        "line is wrong, 130 interrupted.\n"));
  return text;
}
