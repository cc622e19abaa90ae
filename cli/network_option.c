/* network_option.c: the options of networks. */

#include <stdlib.h>
#include <string.h>

#include "family_option.h"
#include "options.h"
#include "say.h"

static const family_instead instead[] = {{"l2", "weight-decay"},
                                         {"tolerance", "patience"},
                                         {"max-iterations", "epochs"},
                                         {"rounds", "epochs"},
                                         {"early-stopping-rounds", "patience"},
                                         {"reg-lambda", "weight-decay"},
                                         {NULL, NULL}};

/* Units of a layer, 0 where the text is no such number. */
static size_t read_units(const char *text) {
  double units;
  bool good = sy_number_parse(text, &units) && units >= 1 && units <= 65536;
  return good && units == (double)(size_t)units ? (size_t)units : 0;
}

static int read_hidden(const settings *given, family_plan *plan) {
  text_list layers = {NULL, 0};
  if (strcmp(given->hidden, "none") != 0) text_list_split(&layers, given->hidden, ',');
  plan->hidden = grab(layers.n, sizeof *plan->hidden);
  plan->network.hidden = plan->hidden;
  plan->network.n_hidden = layers.n;
  int code = EXIT_DONE;
  for (size_t i = 0; i < layers.n && code == EXIT_DONE; i++) {
    const char *units = text_unquote(layers.items[i]);
    plan->hidden[i] = read_units(units);
    if (!plan->hidden[i])
      code = say_usage("--hidden takes the units of each layer, whole numbers from 1 to 65536 as "
                       "in 64,32, or none; not '%s'",
                       units);
  }
  text_list_free(&layers);
  return code;
}

static int read_sampling(const settings *given, family_plan *plan) {
  plan->network.balanced_sampling = strcmp(given->sampling, "balanced") == 0;
  if (plan->network.balanced_sampling || strcmp(given->sampling, "shuffle") == 0) return EXIT_DONE;
  return say_usage("--sampling is shuffle or balanced, not '%s'", given->sampling);
}

/* The options that are words. */
static int read_words(const settings *given, family_plan *plan) {
  sy_network_options *options = &plan->network;
  sy_error error;
  if (sy_activation_parse(given->activation, &options->activation, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--activation");
  if (sy_layer_norm_parse(given->norm, &options->norm, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--norm");
  if (sy_optimizer_parse(given->optimizer, &options->optimizer, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--optimizer");
  if (sy_schedule_parse(given->schedule, &options->schedule, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--schedule");
  return read_sampling(given, plan);
}

/* The options that are numbers, their ranges checked. */
static void take_numbers(const settings *given, sy_network_options *options) {
  options->dropout = given->dropout;
  options->embedding_width = given->embedding_width;
  options->learning_rate = given->learning_rate;
  options->momentum = given->momentum;
  options->weight_decay = given->weight_decay;
  options->clip = given->clip_norm;
  options->warm_up = given->warm_up;
  options->epochs = (int)given->epochs;
  options->batch_size = given->batch_size;
  options->patience = (int)given->patience;
  options->reweight_from = (int)given->reweight_from;
  options->restarts = (int)given->restarts;
}

/* Whether classes are to be weighed. */
static bool weighs(const settings *given) {
  return given->class_weight && strcmp(given->class_weight, "none") != 0;
}

/* What one option takes away from another. */
static int check_together(const settings *given, const family_plan *plan) {
  const sy_network_options *options = &plan->network;
  const char *const of_layers[] = {"activation", "norm", "dropout"};
  for (size_t i = 0; i < 3 && options->n_hidden == 0; i++)
    if (settings_typed(given, of_layers[i]))
      return say_usage("--%s is for hidden layers, and --hidden none has none", of_layers[i]);
  if (settings_typed(given, "momentum") && options->optimizer != SY_OPTIMIZER_SGD)
    return say_usage("--momentum is for --optimizer sgd; %s has its own",
                     sy_optimizer_name(options->optimizer));
  if (settings_typed(given, "patience") && given->patience > 0 && given->held_out == 0)
    return say_usage("--patience watches rows held out, and --held-out 0 has none");
  if (options->balanced_sampling && weighs(given))
    return say_usage("--sampling balanced draws classes equally often in the place of weighing "
                     "them: leave --class-weight out");
  if (options->reweight_from && !weighs(given))
    return say_usage("--reweight-from puts class weights off until then: give some by "
                     "--class-weight");
  if (options->reweight_from > options->epochs)
    return say_usage("--reweight-from %d comes after the last of %d epochs (--epochs)",
                     options->reweight_from, options->epochs);
  return EXIT_DONE;
}

static int read_network(const settings *given, family_plan *plan) {
  sy_error error;
  int code = read_hidden(given, plan);
  if (code == EXIT_DONE) code = read_words(given, plan);
  if (code != EXIT_DONE) return code;
  take_numbers(given, &plan->network);
  code = check_together(given, plan);
  if (code != EXIT_DONE) return code;
  plan->network.loss = &plan->loss.options;
  return sy_network_options_check(&plan->network, &error) == SY_OK ? EXIT_DONE : say_error(&error);
}

const family_entry family_network = {.family = SY_STUDY_MLP,
                                     .who = "networks",
                                     .has = "a network has",
                                     .headings = {HEADING_ITERATED, HEADING_NETWORKS},
                                     .instead = instead,
                                     .takes_loss = true,
                                     .read = read_network};
