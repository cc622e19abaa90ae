/* boosted_option.c: the options of boosted trees. */
#include <stdlib.h>
#include <string.h>

#include "family_option.h"
#include "options.h"
#include "say.h"

static const family_instead instead[] = {{"l2", "reg-lambda"},
                                         {"tolerance", "early-stopping-rounds"},
                                         {"max-iterations", "rounds"},
                                         {"epochs", "rounds"},
                                         {"patience", "early-stopping-rounds"},
                                         {"weight-decay", "reg-lambda"},
                                         {"batch-size", "subsample"},
                                         {NULL, NULL}};

static void take_numbers(const settings *given, sy_boosted_options *options) {
  options->rounds = (int)given->rounds;
  options->early_stopping_rounds = (int)given->early_stopping_rounds;
  options->learning_rate = settings_of_family(given, SY_STUDY_BOOSTED).learning_rate;
  options->max_depth = (int)given->max_depth;
  options->max_leaves = (int)given->max_leaves;
  options->min_child_weight = given->min_child_weight;
  options->gamma = given->gamma;
  options->reg_lambda = given->reg_lambda;
  options->reg_alpha = given->reg_alpha;
  options->max_delta_step = given->max_delta_step;
  options->subsample = given->subsample;
  options->colsample_bytree = given->colsample_bytree;
  options->colsample_bylevel = given->colsample_bylevel;
  options->colsample_bynode = given->colsample_bynode;
  options->max_bin = (int)given->max_bin;
}

/* The option whose name, words apart by '_', is the word that begins here; NULL where none is. */
static const char *option_at(const char *word, size_t length) {
  for (size_t i = 0; i < n_options; i++) {
    const char *name = option_table[i].name;
    if (!family_has_heading(SY_STUDY_BOOSTED, option_table[i].heading) || strlen(name) != length)
      continue;
    size_t same = 0;
    while (same < length && word[same] == (name[same] == '-' ? '_' : name[same])) same++;
    if (same == length) return name;
  }
  return NULL;
}

/* A message of the library with its fields as options: "max_depth 0" becomes "--max-depth 0";
 * free(). Fields of one word are words of English too, and are left alone. */
static char *with_options(const char *message) {
  char *out = text_copy("");
  while (*message) {
    size_t length = strspn(message, "abcdefghijklmnopqrstuvwxyz_");
    const char *option = memchr(message, '_', length) ? option_at(message, length) : NULL;
    if (length == 0) length = 1;
    text_append(&out,
                option ? text_format("--%s", option) : text_format("%.*s", (int)length, message));
    message += length;
  }
  return out;
}

static int check(const sy_boosted_options *options) {
  sy_error error;
  if (sy_boosted_options_check(options, &error) == SY_OK) return EXIT_DONE;
  if (error.status != SY_INVALID_ARGUMENT) return say_error(&error);
  char *message = with_options(error.text);
  say_usage("%s", message);
  free(message);
  return EXIT_USAGE;
}

/* Where the library was built without XGBoost, it says so, before anything is read. */
static int check_built(const sy_boosted_options *options) {
  if (sy_xgboost_version()) return EXIT_DONE;
  sy_training_data none = {.n_outputs = 2};
  sy_predictor *predictor = NULL;
  sy_error error;
  if (sy_fit_boosted(&none, options, NULL, &predictor, NULL, &error) == SY_OK) {
    sy_predictor_free(predictor);
    return EXIT_DONE;
  }
  return say_error_at(&error, EXIT_DATA, "--model boosted");
}

/* With --model auto a family that cannot be trained is left out, and is told. */
static int read_boosted(const settings *given, family_plan *plan) {
  sy_boosted_options *options = &plan->boosted;
  sy_error error;
  if (sy_grow_policy_parse(given->grow_policy, &options->grow_policy, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--grow-policy");
  take_numbers(given, options);
  options->loss = &plan->loss.options;
  int code = check(options);
  if (code != EXIT_DONE) return code;
  if (settings_typed(given, "early-stopping-rounds") && given->early_stopping_rounds > 0 &&
      given->held_out == 0)
    return say_usage("--early-stopping-rounds watches rows held out, and --held-out 0 has none");
  return plan->automatic ? EXIT_DONE : check_built(options);
}

const family_entry family_boosted = {.family = SY_STUDY_BOOSTED,
                                     .who = "boosted trees",
                                     .has = "boosted trees have",
                                     .headings = {HEADING_ITERATED, HEADING_BOOSTED},
                                     .instead = instead,
                                     .takes_loss = true,
                                     .read = read_boosted};
