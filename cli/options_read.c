#define _POSIX_C_SOURCE 200809L
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "other_names.h"
#include "say.h"

/* getopt's table of one command. A long option of entry i returns FIRST_CODE + i. */
#define FIRST_CODE 1000

typedef struct getopt_table {
  struct option *items; /* ended by a zeroed one */
  size_t n;
  char *letters;
} getopt_table;

static int takes_value(const option_entry *entry) {
  if (entry->kind == OPTION_MAYBE) return optional_argument;
  return entry->argument ? required_argument : no_argument;
}

static getopt_table table_make(const command *chosen) {
  getopt_table table = {.items = grab(n_options + 1, sizeof(struct option)),
                        .letters = grab(2 * n_options + 2, 1)};
  size_t length = 0;
  table.letters[length++] = ':';
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!(entry->commands & chosen->bit)) continue;
    table.items[table.n++] =
        (struct option){entry->name, takes_value(entry), NULL, FIRST_CODE + (int)i};
    if (!entry->letter) continue;
    table.letters[length++] = entry->letter;
    if (entry->argument) table.letters[length++] = ':';
  }
  return table;
}

static void table_free(getopt_table *table) {
  free(table->items);
  free(table->letters);
}

static const option_entry *entry_of_code(const command *chosen, int code) {
  if (code >= FIRST_CODE) return &option_table[code - FIRST_CODE];
  for (size_t i = 0; i < n_options; i++)
    if (option_table[i].letter == code && (option_table[i].commands & chosen->bit))
      return &option_table[i];
  return NULL;
}

static size_t count_beginning_with(const getopt_table *table, const char *name) {
  size_t count = 0;
  for (size_t i = 0; i < table->n; i++)
    count += strncmp(table->items[i].name, name, strlen(name)) == 0;
  return count;
}

static int unknown_long(const command *chosen, const getopt_table *table, const char *name) {
  if (count_beginning_with(table, name) > 1)
    return say_usage("--%s begins more than one option of %s; write it out", name, chosen->name);
  const char *right = chosen->bit == COMMAND_FIT ? other_name(name) : NULL;
  if (right) return say_usage("%s has no option --%s; %s", chosen->name, name, right);
  text_list names = {NULL, 0};
  for (size_t i = 0; i < table->n; i++) text_list_add(&names, table->items[i].name);
  const char *nearest = sy_nearest_name(name, text_list_view(&names), names.n);
  if (nearest)
    say_usage("%s has no option --%s; did you mean --%s?", chosen->name, name, nearest);
  else
    say_usage("%s has no option --%s; steelyard %s --help lists them", chosen->name, name,
              chosen->name);
  text_list_free(&names);
  return EXIT_USAGE;
}

/* Whether getopt's letter is a byte beyond ASCII, which is negative where char has a sign. */
static bool beyond_ascii(int letter) {
  return letter < 0 || (letter > 127 && letter < FIRST_CODE);
}

/* Such a byte is no letter to show, but its word is; getopt has moved behind the word only where it
 * ends in it. */
static int unknown_byte(const command *chosen, char **argv) {
  const char *word = argv[optind];
  if (!word || word[0] != '-' || !strchr(word, (char)optopt)) word = argv[optind - 1];
  return say_usage("%s has no option %s; steelyard %s --help lists them", chosen->name, word,
                   chosen->name);
}

/* What getopt answered with '?': an unknown option, or a value for one that takes none. */
static int bad_option(const command *chosen, const getopt_table *table, char **argv) {
  const char *word = argv[optind - 1];
  if (beyond_ascii(optopt)) return unknown_byte(chosen, argv);
  if (optopt >= FIRST_CODE)
    return say_usage("--%s takes no value", option_table[optopt - FIRST_CODE].name);
  if (optopt > 0)
    return say_usage("%s has no option -%c; steelyard %s --help lists them", chosen->name, optopt,
                     chosen->name);
  char *name = text_copy(word + 2);
  name[strcspn(name, "=")] = 0;
  int code = unknown_long(chosen, table, name);
  free(name);
  return code;
}

static int missing_value(const command *chosen, char **argv) {
  const option_entry *entry = entry_of_code(chosen, optopt);
  if (!entry) return say_usage("%s needs a value", argv[optind - 1]);
  return say_usage("--%s needs a value: --%s %s", entry->name, entry->name, entry->argument);
}

static bool in_range(const option_entry *entry, double number) {
  if (!isfinite(number)) return false;
  bool high_enough = entry->kind == OPTION_ABOVE ? number > entry->low : number >= entry->low;
  return high_enough &&
         (entry->kind == OPTION_BELOW ? number < entry->high : number <= entry->high);
}

static int refuse_number(const option_entry *entry, bool whole, const char *value) {
  char low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  const char *from = entry->kind == OPTION_ABOVE ? "above" : "of at least";
  const char *to = entry->kind == OPTION_BELOW ? "to less than" : "to";
  sy_number_format(entry->low, low);
  if (isinf(entry->high))
    return say_usage("--%s takes a number %s %s, not '%s'", entry->name, from, low, value);
  if (entry->kind == OPTION_ABOVE)
    return say_usage("--%s takes a number above %s, at most %s, not '%s'", entry->name, low,
                     sy_number_format(entry->high, high), value);
  return say_usage("--%s takes a %snumber from %s %s %s, not '%s'", entry->name,
                   whole ? "whole " : "", low, to, sy_number_format(entry->high, high), value);
}

static int store_number(const option_entry *entry, const char *value, void *place) {
  double number;
  bool good = sy_number_parse(value, &number) && in_range(entry, number);
  bool whole = entry->kind == OPTION_COUNT || entry->kind == OPTION_MAYBE;
  if (!good || (whole && number != floor(number))) return refuse_number(entry, whole, value);
  if (whole)
    *(uint64_t *)place = (uint64_t)number;
  else
    *(double *)place = number;
  return EXIT_DONE;
}

static int store(const option_entry *entry, const char *value, settings *given) {
  void *place = (char *)given + entry->offset;
  switch (entry->kind) {
  case OPTION_FLAG:
    *(bool *)place = true;
    return EXIT_DONE;
  case OPTION_TEXT:
    *(const char **)place = value;
    return EXIT_DONE;
  case OPTION_LIST:
    text_list_add(place, value);
    return EXIT_DONE;
  case OPTION_NUMBER:
  case OPTION_ABOVE:
  case OPTION_BELOW:
  case OPTION_COUNT:
  case OPTION_MAYBE:
    if (value) return store_number(entry, value, place);
    *(uint64_t *)place = 1;
    return EXIT_DONE;
  }
  return EXIT_DONE;
}

/* Of two values that exclude each other none is the obvious one: the last would win silently. */
static int check_once(const option_entry *entry, bool *seen) {
  bool *before = &seen[entry - option_table];
  if (*before && entry->kind != OPTION_FLAG && entry->kind != OPTION_LIST)
    return say_usage("--%s is given twice; it takes one value", entry->name);
  *before = true;
  return EXIT_DONE;
}

static int take_option(const command *chosen, const getopt_table *table, int code, char **argv,
                       bool *seen, settings *given) {
  if (code == '?') return bad_option(chosen, table, argv);
  if (code == ':') return missing_value(chosen, argv);
  const option_entry *entry = entry_of_code(chosen, code);
  int result = check_once(entry, seen);
  text_list_add(&given->typed, entry->name);
  return result == EXIT_DONE ? store(entry, optarg, given) : result;
}

static int read_all(const command *chosen, const getopt_table *table, int argc, char **argv,
                    settings *given) {
  bool *seen = grab(n_options, sizeof *seen);
  int result = EXIT_DONE;
  opterr = 0;
  optind = 2; /* after the command */
  for (int code; result == EXIT_DONE &&
                 (code = getopt_long(argc, argv, table->letters, table->items, NULL)) != -1;)
    result = take_option(chosen, table, code, argv, seen, given);
  free(seen);
  return result;
}

static int gather(const command *chosen, int argc, char **argv, char **arguments) {
  size_t n = (size_t)(argc - optind);
  for (size_t i = 0; i < n; i++) arguments[i] = argv[optind + (int)i];
  if (n < chosen->n_needed)
    return say_usage("%s needs more arguments: steelyard %s %s", chosen->name, chosen->name,
                     chosen->usage);
  if (n > chosen->n_arguments)
    return say_usage("unexpected argument '%s' (a name or a query that holds blanks needs quotes)",
                     arguments[chosen->n_arguments]);
  return EXIT_DONE;
}

int options_read(const command *chosen, int argc, char **argv, settings *given, char **arguments) {
  getopt_table table = table_make(chosen);
  int code = read_all(chosen, &table, argc, argv, given);
  table_free(&table);
  if (code != EXIT_DONE || given->help) return code;
  return gather(chosen, argc, argv, arguments);
}
