#include "completion.h"

#include <stdlib.h>
#include <string.h>

#include <steelyard/weights.h>

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

/* Those of an entry's words that are said as they stand. */
static char *literal_words(const option_entry *entry) {
  text_list words = {NULL, 0}, kept = {NULL, 0};
  text_list_split(&words, entry->words, ' ');
  for (size_t i = 0; i < words.n; i++) {
    const char *word = words.items[i];
    char *policies = strcmp(word, "POLICY") == 0 ? policy_names() : NULL;
    if (!strstr(word, "FILE")) text_list_add(&kept, policies ? policies : word);
    free(policies);
  }
  char *joined = text_list_join(&kept, " ");
  text_list_free(&words);
  text_list_free(&kept);
  return joined;
}

/* Options of one name take the same words in all commands; the first stands for them. */
static bool is_repeated(size_t index) {
  for (size_t i = 0; i < index; i++)
    if (strcmp(option_table[i].name, option_table[index].name) == 0) return true;
  return false;
}

static char *option_names(const option_entry *entry, const char *separator) {
  char letter[] = {'-', entry->letter, 0};
  return entry->letter ? text_format("%s%s--%s", letter, separator, entry->name)
                       : text_format("--%s", entry->name);
}

/* What follows an option: its words; nothing, not even files, where only the user can know. */
static char *cases_of_values(void) {
  char *cases = text_copy("  case $option in\n"), *unknown = text_copy("");
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!entry->argument || is_repeated(i)) continue;
    char *names = option_names(entry, " | ");
    char *words = entry->words ? literal_words(entry) : NULL;
    if (words)
      text_append(&cases, text_format("  %s) words='%s' ;;\n", names, words));
    else
      text_append(&unknown, text_format("%s%s", *unknown ? " | " : "", names));
    free(names);
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
