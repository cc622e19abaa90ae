#include "network_option.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "say.h"

/* Options of logistic regression, and what a network has in their place. */
static const struct {
  const char *option, *instead;
} of_logistic[] = {
    {"l2", "--weight-decay"}, {"tolerance", "--patience"}, {"max-iterations", "--epochs"}};

static const char *instead_of(const char *option) {
  for (size_t i = 0; i < sizeof of_logistic / sizeof of_logistic[0]; i++)
    if (strcmp(of_logistic[i].option, option) == 0) return of_logistic[i].instead;
  return NULL;
}

static const char *heading_of(const char *option) {
  for (size_t i = 0; i < n_options; i++)
    if ((option_table[i].commands & COMMAND_FIT) && strcmp(option_table[i].name, option) == 0)
      return option_table[i].heading;
  return "";
}

/* An option that would do nothing is none that its user meant. */
static int check_family(const settings *given, sy_study_family family) {
  for (size_t i = 0; i < given->typed.n; i++) {
    const char *option = given->typed.items[i], *heading = heading_of(option);
    if (family == SY_STUDY_LOGISTIC && strcmp(heading, HEADING_NETWORKS) == 0)
      return say_usage("--%s is for networks: add --model mlp, or leave it out", option);
    if (family == SY_STUDY_MLP && strcmp(heading, HEADING_LOGISTIC) == 0)
      return say_usage("--%s is for --model logistic; a network has %s", option,
                       instead_of(option));
  }
  return EXIT_DONE;
}

/* Units of a layer, 0 where the text is no such number. */
static size_t read_units(const char *text) {
  double units;
  bool good = sy_number_parse(text, &units) && units >= 1 && units <= 65536;
  return good && units == (double)(size_t)units ? (size_t)units : 0;
}

static int read_hidden(const settings *given, network_plan *plan) {
  text_list layers = {NULL, 0};
  if (strcmp(given->hidden, "none") != 0) text_list_split(&layers, given->hidden, ',');
  plan->hidden = grab(layers.n, sizeof *plan->hidden);
  plan->options.hidden = plan->hidden;
  plan->options.n_hidden = layers.n;
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

static int read_sampling(const settings *given, network_plan *plan) {
  plan->options.balanced_sampling = strcmp(given->sampling, "balanced") == 0;
  if (plan->options.balanced_sampling || strcmp(given->sampling, "shuffle") == 0) return EXIT_DONE;
  return say_usage("--sampling is shuffle or balanced, not '%s'", given->sampling);
}

/* The options that are words. */
static int read_words(const settings *given, network_plan *plan) {
  sy_network_options *options = &plan->options;
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
static int check_together(const settings *given, const network_plan *plan) {
  const sy_network_options *options = &plan->options;
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

static int read_network(const settings *given, network_plan *plan) {
  sy_error error;
  int code = read_hidden(given, plan);
  if (code == EXIT_DONE) code = read_words(given, plan);
  if (code != EXIT_DONE) return code;
  take_numbers(given, &plan->options);
  code = check_together(given, plan);
  if (code == EXIT_DONE) code = loss_read(given, &plan->loss);
  if (code != EXIT_DONE) return code;
  plan->options.loss = &plan->loss.options;
  return sy_network_options_check(&plan->options, &error) == SY_OK ? EXIT_DONE : say_error(&error);
}

int network_read(const settings *given, network_plan *plan) {
  sy_error error;
  *plan = (network_plan){.options = sy_network_options_default()};
  if (sy_study_family_parse(given->model, &plan->family, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--model");
  int code = check_family(given, plan->family);
  return code == EXIT_DONE && plan->family == SY_STUDY_MLP ? read_network(given, plan) : code;
}

void network_plan_clear(network_plan *plan) {
  loss_plan_clear(&plan->loss);
  free(plan->hidden);
  *plan = (network_plan){.hidden = NULL};
}
