#define _DEFAULT_SOURCE
#include "manual.h"

#include <stdlib.h>
#include <string.h>

#include <steelyard/weights.h>

#include "manual_text.h"
#include "options.h"

#define HAS_SOURCE(bits)  ((bits) & ~(unsigned)COMMAND_INSPECT)
#define HAS_WEIGHTS(bits) ((bits) & (COMMAND_WEIGHTS | COMMAND_FIT))
#define HAS_COSTS(bits)                                                                            \
  ((bits) & (COMMAND_WEIGHTS | COMMAND_FIT | COMMAND_EVALUATE | COMMAND_DECIDE))

/* A character as roff must be told it, so that what is read can be copied and typed. */
static const char *escaped(char c) {
  switch (c) {
  case '-':
    return "\\-";
  case '\\':
    return "\\e";
  case '\'':
    return "\\(aq";
  case '"':
    return "\\(dq";
  case '^':
    return "\\(ha";
  case '~':
    return "\\(ti";
  default:
    return NULL;
  }
}

/* A text; where it is marked, with its `literal` and {meant} parts set off. */
static char *roff(const char *text, bool marked) {
  /* A first letter that is a control character must not begin its line. */
  char *out = text_copy(*text == '.' ? "\\&" : "");
  bool bold = false;
  for (; *text; text++) {
    const char *escape = escaped(*text);
    if (*text == '`' && marked)
      text_append(&out, text_copy((bold = !bold) ? "\\fB" : "\\fR"));
    else if ((*text == '{' || *text == '}') && marked)
      text_append(&out, text_copy(*text == '{' ? "\\fI" : "\\fR"));
    else
      text_append(&out, escape ? text_copy(escape) : text_format("%c", *text));
  }
  return out;
}

/* A line of the page: a text told to roff, between requests that are roff already. */
static void line(char **page, const char *before, const char *text, const char *after) {
  char *told = roff(text, true);
  text_append(page, text_format("%s%s%s\n", before, told, after));
  free(told);
}

/* A text as it is typed or printed elsewhere: without marks. */
static void plain_line(char **page, const char *text) {
  char *told = roff(text, false);
  text_append(page, text_format("%s\n", told));
  free(told);
}

static void item(char **page, const char *term, const char *text) {
  line(page, ".TP\n", term, "");
  line(page, "", text, "");
}

/* Paragraphs and items, one a line of the text; a heading or an item stands before it. */
static void blocks(char **page, const char *text) {
  char *copy = text_copy(text), *rest = copy;
  for (char *block; (block = strsep(&rest, "\n")) != NULL;) {
    char *term = strsep(&block, "\t");
    if (block)
      item(page, term, block);
    else
      line(page, term == copy ? "" : ".PP\n", term, "");
  }
  free(copy);
}

static void section(char **page, const char *heading, const char *text) {
  line(page, ".SH ", heading, "");
  blocks(page, text);
}

/* Title and first section. The page has no date: the same sources make the same page. */
static char *page_begun(const char *name, const char *summary) {
  char *capitals = text_copy(name);
  for (char *c = capitals; *c; c++)
    if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
  char *page = text_copy("");
  line(&page, ".TH ", capitals, " 1 \"\" \"steelyard " SY_VERSION "\" \"User Commands\"");
  text_append(&page, text_copy(".nh\n.nr HY 0\n.ad l\n.SH NAME\n"));
  line(&page, "", name, " \\-");
  line(&page, "", summary, "");
  free(capitals);
  return page;
}

static void examples(char **page, const manual_text *text) {
  line(page, ".SH ", "EXAMPLES", "");
  for (size_t i = 0; i < MANUAL_EXAMPLES && text->examples[i].says; i++) {
    line(page, i ? ".PP\n" : "", text->examples[i].says, "\n.PP\n.RS 4\n.EX");
    plain_line(page, text->examples[i].typed);
    text_append(page, text_copy(".EE\n.RE\n"));
  }
}

/* All pages but the one it stands on. */
static void see_also(char **page, unsigned bit) {
  char *names = text_copy(bit ? "`steelyard`(1)" : "");
  for (size_t i = 0; i < n_commands; i++)
    if (commands[i].bit != bit)
      text_append(&names, text_format("%s`steelyard-%s`(1)", *names ? ", " : "", commands[i].name));
  section(page, "SEE ALSO", names);
  free(names);
}

static void option_item(char **page, const option_entry *entry, const settings *defaults) {
  char letter[] = {'`', '-', entry->letter, '`', ',', ' ', 0};
  char *term = text_format("%s`--%s`%s%s%s", entry->letter ? letter : "", entry->name,
                           !entry->argument              ? ""
                           : entry->kind == OPTION_MAYBE ? "{"
                                                         : " {",
                           entry->argument ? entry->argument : "", entry->argument ? "}" : "");
  char *text = option_text(entry, defaults);
  line(page, ".TP\n", term, "");
  plain_line(page, text);
  free(term);
  free(text);
}

static void options(char **page, unsigned bit) {
  settings defaults = settings_default();
  const char *heading = NULL;
  line(page, ".SH ", "OPTIONS", "");
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!(entry->commands & bit)) continue;
    if (!heading || strcmp(heading, entry->heading) != 0)
      line(page, ".SS ", heading = entry->heading, "");
    option_item(page, entry, &defaults);
  }
}

static void class_weights(char **page) {
  section(page, "CLASS WEIGHTS", manual_class_weights);
  for (size_t i = 0; sy_policy_form(i); i++) {
    char *term = text_format("`%s`", sy_policy_form(i));
    item(page, term, sy_policy_formula(i));
    free(term);
  }
  blocks(page, manual_more_class_weights);
}

static void sources(char **page, bool of_labels) {
  section(page, "SOURCE", of_labels ? manual_label_sources : manual_source);
  if (of_labels) blocks(page, manual_source);
}

/* "SOURCE --label COL [-o FILE]" with what is typed and what is meant set off. */
static char *synopsis(const command *chosen, const char *usage) {
  char *text = text_format("`steelyard %s`", chosen->name);
  char *copy = text_copy(usage), *rest = copy;
  for (char *word; (word = strsep(&rest, " ")) != NULL;) {
    bool opens = *word == '[', closes = word[strlen(word) - 1] == ']';
    if (closes) word[strlen(word) - 1] = 0;
    if (opens) word++;
    bool typed = *word == '-';
    text_append(&text, text_format(" %s%c%s%c%s", opens ? "[" : "", typed ? '`' : '{', word,
                                   typed ? '`' : '}', closes ? "]" : ""));
  }
  free(copy);
  text_append(&text, text_copy(" [{OPTION}]..."));
  return text;
}

char *manual_command(const command *chosen) {
  char *name = text_format("steelyard-%s", chosen->name);
  char *page = page_begun(name, chosen->summary);
  char *usage = synopsis(chosen, chosen->usage);
  if (chosen->other) text_append(&usage, text_copy("\n"));
  if (chosen->other) text_append(&usage, synopsis(chosen, chosen->other));
  section(&page, "SYNOPSIS", usage);
  section(&page, "DESCRIPTION", chosen->manual->description);
  options(&page, chosen->bit);
  if (HAS_SOURCE(chosen->bit)) sources(&page, chosen->bit == COMMAND_WEIGHTS);
  if (HAS_WEIGHTS(chosen->bit)) class_weights(&page);
  if (HAS_COSTS(chosen->bit)) section(&page, "COSTS", manual_costs);
  section(&page, "EXIT STATUS", manual_exit_status);
  if (HAS_SOURCE(chosen->bit)) section(&page, "ENVIRONMENT", manual_environment);
  examples(&page, chosen->manual);
  see_also(&page, chosen->bit);
  free(name);
  free(usage);
  return page;
}

char *manual_program(void) {
  char *page = page_begun("steelyard", "classification with unequal classes and priced mistakes");
  section(&page, "SYNOPSIS", "`steelyard` {COMMAND} [{ARGUMENT}]... [{OPTION}]...");
  section(&page, "DESCRIPTION", manual_of_program.description);
  line(&page, ".SH ", "COMMANDS", "");
  for (size_t i = 0; i < n_commands; i++) {
    char *term = text_format("`steelyard-%s`(1)", commands[i].name);
    item(&page, term, commands[i].summary);
    free(term);
  }
  section(&page, "OPTIONS", manual_program_options);
  section(&page, "EXIT STATUS", manual_exit_status);
  section(&page, "ENVIRONMENT", manual_environment);
  examples(&page, &manual_of_program);
  see_also(&page, 0);
  return page;
}
