#include "settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <steelyard/study.h>

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
  return given;
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
