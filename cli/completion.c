#include "completion.h"

#include <stdlib.h>
#include <string.h>

#include <steelyard/dialect.h>

#include "loss_option.h"
#include "options.h"

/* $2 is the word to complete; COMP_WORDS has it taken apart at '=' and ':'. */
static const char beginning[] =
    "# Completion of steelyard for bash, written by `steelyard --completion bash`.\n"
    "_steelyard() {\n"
    "  local word=$2 option=${COMP_WORDS[COMP_CWORD - 1]} words= file\n"
    "  COMPREPLY=()\n"
    "  if [[ $option == '=' ]]; then option=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
    "  if [[ $option == : || ${COMP_WORDS[COMP_CWORD]} == : ]]; then return; fi\n";

/* Where nothing is offered, -o default lets bash complete names of files. */
static const char ending[] =
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
    "  if [[ $word == @* ]]; then\n"
    "    while IFS= read -r file; do\n"
    "      if [[ -d $file ]]; then file+=/; fi\n"
    "      COMPREPLY+=(\"@$(printf %q \"$file\")\")\n"
    "    done < <(compgen -f -- \"${word#@}\")\n"
    "  fi\n"
    "  if [[ ${COMPREPLY-} == *[:/] ]]; then compopt -o nospace 2>/dev/null; fi\n"
    "}\n"
    "complete -o default -F _steelyard steelyard\n";

static char *command_names(void) {
  char *names = text_copy("");
  for (size_t i = 0; i < n_commands; i++)
    text_append(&names, text_format("%s%s", i ? " " : "", commands[i].name));
  return names;
}

/* Names of the policies, those that go on with a parameter ending in ':'. */
static char *policy_names(void) {
  char *names = text_copy("");
  const char *form;
  for (size_t i = 0; (form = sy_policy_form(i)) != NULL; i++) {
    size_t length = strcspn(form, ":[|");
    if (form[length] == ':') length++;
    text_append(&names, text_format("%s%.*s", i ? " " : "", (int)length, form));
  }
  return names;
}

/* Names of the systems that --emit knows. */
static char *dialect_names(void) {
  char *names = text_copy("");
  for (size_t i = 0; sy_dialect_name(i); i++)
    text_append(&names, text_format("%s%s", i ? " " : "", sy_dialect_name(i)));
  return names;
}

/* Those of an entry's words that are said as they stand. */
static char *literal_words(const option_entry *entry) {
  text_list words = {NULL, 0}, kept = {NULL, 0};
  text_list_split(&words, entry->words, ' ');
  for (size_t i = 0; i < words.n; i++) {
    const char *word = words.items[i];
    char *all = strcmp(word, "POLICY") == 0    ? policy_names()
                : strcmp(word, "DIALECT") == 0 ? dialect_names()
                : strcmp(word, "LOSS") == 0    ? loss_names()
                                               : NULL;
    if (!strstr(word, "FILE")) text_list_add(&kept, all ? all : word);
    free(all);
  }
  char *joined = text_list_join(&kept, " ");
  text_list_free(&words);
  text_list_free(&kept);
  return joined;
}

static bool same_words(const option_entry *a, const option_entry *b) {
  if (!a->words || !b->words) return a->words == b->words;
  return strcmp(a->words, b->words) == 0;
}

/* Commands that have one of the entries of `name` with the same words; "*" where all that have the
 * option take these. */
static char *commands_of(const option_entry *entry) {
  unsigned same = 0, other = 0;
  for (size_t i = 0; i < n_options; i++) {
    if (strcmp(option_table[i].name, entry->name) != 0) continue;
    if (same_words(&option_table[i], entry))
      same |= option_table[i].commands;
    else
      other |= option_table[i].commands;
  }
  char *names = text_copy(other ? "" : "*");
  for (size_t k = 0; k < n_commands && other; k++)
    if (same & commands[k].bit)
      text_append(&names, text_format("%s%s", *names ? " " : "", commands[k].name));
  return names;
}

/* Options of one name that take the same words: the first stands for them. */
static bool is_repeated(size_t index) {
  for (size_t i = 0; i < index; i++)
    if (strcmp(option_table[i].name, option_table[index].name) == 0 &&
        same_words(&option_table[i], &option_table[index]))
      return true;
  return false;
}

static char *option_names(const option_entry *entry, const char *separator) {
  char letter[] = {'-', entry->letter, 0};
  return entry->letter ? text_format("%s%s--%s", letter, separator, entry->name)
                       : text_format("--%s", entry->name);
}

/* "fit,--output | fit,-o": what stands before the word to complete. */
static char *patterns_of(const option_entry *entry) {
  char *of = commands_of(entry), *names = option_names(entry, " ");
  text_list all = {NULL, 0}, both = {NULL, 0}, patterns = {NULL, 0};
  text_list_split(&all, of, ' ');
  text_list_split(&both, names, ' ');
  for (size_t k = 0; k < all.n; k++)
    for (size_t i = 0; i < both.n; i++) {
      char *pattern = text_format("%s,%s", all.items[k], both.items[i]);
      text_list_add(&patterns, pattern);
      free(pattern);
    }
  char *joined = text_list_join(&patterns, " | ");
  text_list_free(&patterns);
  text_list_free(&both);
  text_list_free(&all);
  free(names);
  free(of);
  return joined;
}

/* What follows an option: its words; nothing, not even files, where only the user can know. */
static char *cases_of_values(void) {
  char *cases = text_copy("  case ${COMP_WORDS[1]},$option in\n"), *unknown = text_copy("");
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!entry->argument || entry->kind == OPTION_MAYBE || is_repeated(i)) continue;
    char *patterns = patterns_of(entry);
    char *words = entry->words ? literal_words(entry) : NULL;
    if (words)
      text_append(&cases, text_format("  %s) words='%s' ;;\n", patterns, words));
    else
      text_append(&unknown, text_format("%s%s", *unknown ? " | " : "", patterns));
    free(patterns);
    free(words);
  }
  text_append(&cases, text_format("  %s) compopt +o default 2>/dev/null ;;\n", unknown));
  free(unknown);
  return cases;
}

/* What stands anywhere else: the command, its options. */
static char *cases_of_commands(void) {
  char *names = command_names();
  char *cases = text_format("  *)\n"
                            "    case $COMP_CWORD,${COMP_WORDS[1]},$word in\n"
                            "    1,*) words='%s --help --version --man --completion' ;;\n"
                            "    *,--man,*) words='%s' ;;\n"
                            "    *,--completion,*) words=bash ;;\n",
                            names, names);
  for (size_t k = 0; k < n_commands; k++) {
    text_append(&cases, text_format("    *,%s,-*) words='", commands[k].name));
    for (size_t i = 0, n = 0; i < n_options; i++) {
      if (!(option_table[i].commands & commands[k].bit)) continue;
      char *both = option_names(&option_table[i], " ");
      text_append(&cases, text_format("%s%s", n++ ? " " : "", both));
      free(both);
    }
    text_append(&cases, text_copy("' ;;\n"));
  }
  text_append(&cases, text_copy("    esac\n"
                                "    ;;\n"
                                "  esac\n"));
  free(names);
  return cases;
}

char *completion_bash(void) {
  char *script = text_copy(beginning);
  text_append(&script, cases_of_values());
  text_append(&script, cases_of_commands());
  text_append(&script, text_copy(ending));
  return script;
}
