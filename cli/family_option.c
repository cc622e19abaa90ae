#include "family_option.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "say.h"

static const family_entry *const families[] = {&family_logistic, &family_network, &family_boosted};

enum { N_FAMILIES = sizeof families / sizeof families[0] };

static const family_entry *entry_of(sy_study_family family) {
  for (size_t i = 0; i < N_FAMILIES; i++)
    if (families[i]->family == family) return families[i];
  return families[0];
}

static bool has_heading(const family_entry *entry, const char *heading) {
  for (size_t i = 0; entry->headings[i]; i++)
    if (strcmp(entry->headings[i], heading) == 0) return true;
  return false;
}

bool family_has_heading(sy_study_family of, const char *heading) {
  return has_heading(entry_of(of), heading);
}

static const char *heading_of(const char *option) {
  for (size_t i = 0; i < n_options; i++)
    if ((option_table[i].commands & COMMAND_FIT) && strcmp(option_table[i].name, option) == 0)
      return option_table[i].heading;
  return "";
}

static const char *instead_of(const family_entry *entry, const char *option) {
  for (const family_instead *one = entry->instead; one->option; one++)
    if (strcmp(one->option, option) == 0) return one->instead;
  return NULL;
}

/* "networks and boosted trees" and "--model mlp or --model boosted": the families that have the
 * options of a heading; free() both. */
static void name_owners(const char *heading, char **who, char **how) {
  *who = text_copy("");
  *how = text_copy("");
  for (size_t i = 0, n = 0; i < N_FAMILIES; i++) {
    if (!has_heading(families[i], heading)) continue;
    text_append(who, text_format("%s%s", n ? " and " : "", families[i]->who));
    text_append(how, text_format("%s--model %s", n ? " or " : "",
                                 sy_study_family_name(families[i]->family)));
    n++;
  }
}

/* Logistic regression is what there is without --model, so another family can be added; where one
 * was chosen, its own option is what is meant. */
static int refuse_option(const char *option, const char *heading, const family_entry *chosen) {
  char *who, *how;
  name_owners(heading, &who, &how);
  const char *instead = instead_of(chosen, option);
  if (instead)
    say_usage("--%s is for %s; %s --%s", option, how, chosen->has, instead);
  else if (chosen->family == SY_STUDY_LOGISTIC)
    say_usage("--%s is for %s: add %s, or leave it out", option, who, how);
  else
    say_usage("--%s is for %s (%s), not for %s: leave it out", option, who, how, chosen->who);
  free(who);
  free(how);
  return EXIT_USAGE;
}

static bool is_of_families(const char *heading) {
  for (size_t i = 0; i < N_FAMILIES; i++)
    if (has_heading(families[i], heading)) return true;
  return false;
}

/* An option that would do nothing is none that its user meant. */
static int check_options(const settings *given, const family_entry *chosen) {
  for (size_t i = 0; i < given->typed.n; i++) {
    const char *option = given->typed.items[i], *heading = heading_of(option);
    if (is_of_families(heading) && !has_heading(chosen, heading))
      return refuse_option(option, heading, chosen);
  }
  return EXIT_DONE;
}

static int read_one(const settings *given, const family_entry *chosen, family_plan *plan) {
  int code = check_options(given, chosen);
  if (code == EXIT_DONE && chosen->takes_loss) code = loss_read(given, &plan->loss);
  return code == EXIT_DONE ? chosen->read(given, plan) : code;
}

/* What goes with one family alone. */
static int check_automatic(const settings *given) {
  const char *state = given->checkpoint ? "checkpoint" : given->resume ? "resume" : NULL;
  if (state)
    return say_usage("--%s keeps the state of one network, and --model auto trains several "
                     "families: name one, as --model mlp",
                     state);
  if (given->test && strcmp(given->test, "none") == 0)
    return say_usage("--model auto chooses on rows that the models did not see, and --test none "
                     "leaves none: leave it out, or name a family, as --model boosted");
  if (settings_typed(given, "learning-rate"))
    return say_usage("--learning-rate means another thing in each family (by default %s): leave "
                     "it out with --model auto, or name a family",
                     given->learning_rates);
  return EXIT_DONE;
}

static int read_all(const settings *given, family_plan *plan) {
  plan->automatic = true;
  int code = check_automatic(given);
  if (code == EXIT_DONE) code = loss_read(given, &plan->loss);
  for (size_t i = 0; i < N_FAMILIES && code == EXIT_DONE; i++)
    code = families[i]->read(given, plan);
  return code;
}

/* The library names the families, and knows nothing of all of them. */
static int refuse_model(const sy_error *error) {
  if (error->status != SY_INVALID_ARGUMENT) return say_error_at(error, EXIT_USAGE, "--model");
  return say_usage("--model: %s; or auto, the best of them", error->text);
}

int family_read(const settings *given, family_plan *plan) {
  sy_error error;
  *plan = (family_plan){.network = sy_network_options_default(),
                        .boosted = sy_boosted_options_default()};
  if (strcmp(given->model, "auto") == 0) return read_all(given, plan);
  if (sy_study_family_parse(given->model, &plan->family, &error) != SY_OK)
    return refuse_model(&error);
  return read_one(given, entry_of(plan->family), plan);
}

void family_plan_clear(family_plan *plan) {
  loss_plan_clear(&plan->loss);
  free(plan->hidden);
  *plan = (family_plan){.hidden = NULL};
}
