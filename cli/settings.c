#include "settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "64,32": the widths of the library's hidden layers. */
static const char *default_hidden(const sy_network_options *network) {
  static char text[128];
  size_t length = 0;
  for (size_t i = 0; i < network->n_hidden && length < sizeof text; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%zu", i ? "," : "",
                               network->hidden[i]);
  return text;
}

static void set_network_defaults(const sy_study_options *study, settings *given) {
  sy_network_options network = sy_network_options_default();
  given->hidden = default_hidden(&network);
  given->activation = sy_activation_name(network.activation);
  given->norm = sy_layer_norm_name(network.norm);
  given->dropout = network.dropout;
  given->embedding_width = network.embedding_width;
  given->optimizer = sy_optimizer_name(network.optimizer);
  given->learning_rate = network.learning_rate;
  given->momentum = network.momentum;
  given->weight_decay = network.weight_decay;
  given->clip_norm = network.clip;
  given->schedule = sy_schedule_name(network.schedule);
  given->warm_up = network.warm_up;
  given->epochs = (uint64_t)network.epochs;
  given->batch_size = network.batch_size;
  given->patience = (uint64_t)network.patience;
  given->reweight_from = (uint64_t)network.reweight_from;
  given->sampling = network.balanced_sampling ? "balanced" : "shuffle";
  given->restarts = (uint64_t)network.restarts;
  given->loss = "cross-entropy";
  given->held_out = study->held_share;
  given->checkpoint_every = study->checkpoint.seconds;
}

/* "0.001 of a network, 0.1 of boosted trees" */
static const char *default_learning_rates(double of_network, double of_trees) {
  static char text[2 * SY_NUMBER_SIZE + 64];
  char network[SY_NUMBER_SIZE], trees[SY_NUMBER_SIZE];
  snprintf(text, sizeof text, "%s of a network, %s of boosted trees",
           sy_number_format(of_network, network), sy_number_format(of_trees, trees));
  return text;
}

static void set_boosted_defaults(settings *given) {
  sy_boosted_options boosted = sy_boosted_options_default();
  given->learning_rates = default_learning_rates(given->learning_rate, boosted.learning_rate);
  given->rounds = (uint64_t)boosted.rounds;
  given->early_stopping_rounds = (uint64_t)boosted.early_stopping_rounds;
  given->max_depth = (uint64_t)boosted.max_depth;
  given->max_leaves = (uint64_t)boosted.max_leaves;
  given->grow_policy = sy_grow_policy_name(boosted.grow_policy);
  given->min_child_weight = boosted.min_child_weight;
  given->gamma = boosted.gamma;
  given->reg_lambda = boosted.reg_lambda;
  given->reg_alpha = boosted.reg_alpha;
  given->max_delta_step = boosted.max_delta_step;
  given->subsample = boosted.subsample;
  given->colsample_bytree = boosted.colsample_bytree;
  given->colsample_bylevel = boosted.colsample_bylevel;
  given->colsample_bynode = boosted.colsample_bynode;
  given->max_bin = (uint64_t)boosted.max_bin;
}

settings settings_default(void) {
  sy_study_options study = sy_study_options_default();
  settings given = {
      .header = "auto",
      .blank_lines = "auto",
      .label_origin = "--label",
      .normalize = sy_normalize_name(study.normalize),
      .threshold = NAN,
      .model = sy_study_family_name(study.family),
      .l2 = study.l2,
      .tolerance = study.tolerance,
      .max_iterations = (uint64_t)study.max_iterations,
      .min_count = study.encoder.min_count,
      .max_categories = study.encoder.max_categories,
      .seed = study.seed,
  };
  set_network_defaults(&study, &given);
  set_boosted_defaults(&given);
  return given;
}

settings settings_of_family(const settings *given, sy_study_family family) {
  settings of = *given;
  if (family == SY_STUDY_BOOSTED && !settings_typed(given, "learning-rate"))
    of.learning_rate = sy_boosted_options_default().learning_rate;
  return of;
}

bool settings_typed(const settings *given, const char *option) {
  for (size_t i = 0; i < given->typed.n; i++)
    if (strcmp(given->typed.items[i], option) == 0) return true;
  return false;
}

void settings_clear(settings *given) {
  text_list_free(&given->labels);
  text_list_free(&given->classes);
  text_list_free(&given->group_classes);
  text_list_free(&given->features);
  text_list_free(&given->exclude);
  text_list_free(&given->keep);
  text_list_free(&given->fail_if);
  text_list_free(&given->scores);
  text_list_free(&given->typed);
}
