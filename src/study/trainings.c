#include "study/trainings.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "fit/boosted/xgboost_library.h"

bool sy_trainings_sample(const sy_study_options *options) {
  const sy_network_options *network = options->network;
  return options->family == SY_STUDY_MLP && network && network->balanced_sampling;
}

const sy_loss_options *sy_trainings_loss(const sy_study_options *options) {
  if (options->family == SY_STUDY_MLP) return options->network ? options->network->loss : NULL;
  if (options->family == SY_STUDY_BOOSTED) return options->boosted ? options->boosted->loss : NULL;
  return NULL;
}

int sy_trainings_most(const sy_study_options *options) {
  if (options->family == SY_STUDY_MLP)
    return (options->network ? *options->network : sy_network_options_default()).epochs;
  if (options->family == SY_STUDY_BOOSTED)
    return (options->boosted ? *options->boosted : sy_boosted_options_default()).rounds;
  return 0;
}

static sy_status check_weighing(const sy_study_options *options, sy_error *error) {
  bool weighted = options->automatic || (options->policy && !sy_policy_is_none(options->policy));
  if (!weighted || !sy_trainings_sample(options)) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "balanced sampling takes the place of class weights: ask for one of them");
}

/* Costs of a loss are the study's, unless it brings its own. */
static sy_status check_costs(const sy_study_options *options, sy_error *error) {
  const sy_loss_options *loss = sy_trainings_loss(options);
  if (!loss || loss->cost_use == SY_COST_UNUSED || loss->cost || options->cost_rule) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "this loss goes by what mistakes cost: say it (--cost)");
}

/* Parts that go by counts are tried with some that fit. */
static sy_status check_loss(const sy_study_options *options, size_t n_classes, sy_error *error) {
  if (!sy_trainings_loss(options)) return SY_OK;
  sy_loss_options loss = *sy_trainings_loss(options);
  if (loss.base != SY_LOSS_SOFTMAX)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a study has one class a row: its loss is of softmax, not sigmoid");
  double *numbers = sy_alloc(n_classes, (1 + n_classes) * sizeof *numbers);
  if (!numbers) return sy_fail_memory(error);
  for (size_t k = 0; k < n_classes * (1 + n_classes); k++) numbers[k] = 1;
  loss.n_classes = n_classes;
  loss.class_weights = NULL;
  if (!loss.counts) loss.counts = numbers;
  if (loss.cost_use != SY_COST_UNUSED && !loss.cost) loss.cost = numbers + n_classes;
  sy_loss *made = NULL;
  sy_status status = sy_loss_new(&loss, &made, error);
  sy_loss_free(made);
  free(numbers);
  return status == SY_OK ? check_costs(options, error) : status;
}

static sy_status check_own(const sy_study_options *options, sy_error *error) {
  if (options->family == SY_STUDY_MLP)
    return options->network ? sy_network_options_check(options->network, error) : SY_OK;
  const char *absence = sy_xgboost_absence();
  if (absence) return sy_fail(error, SY_UNSUPPORTED, "%s", absence);
  return options->boosted ? sy_boosted_options_check(options->boosted, error) : SY_OK;
}

sy_status sy_trainings_check_options(const sy_study_options *options, sy_error *error) {
  char number[SY_NUMBER_SIZE];
  sy_status status = check_own(options, error);
  if (status != SY_OK) return status;
  if (options->held_share >= 0 && options->held_share < 1) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the share of the rows held back must be 0 or more and below 1, not %s",
                 sy_number_format(options->held_share, number));
}

sy_status sy_trainings_check(const sy_study_options *options, size_t n_classes, sy_error *error) {
  sy_status status = sy_trainings_check_options(options, error);
  if (status != SY_OK) return status;
  status = check_weighing(options, error);
  return status == SY_OK ? check_loss(options, n_classes, error) : status;
}

static sy_status list_embeddings(sy_trainings *trainings, const sy_encoder *encoder,
                                 sy_error *error) {
  size_t width = sy_encoder_n_outputs(encoder);
  for (size_t j = 0; j < width; j++)
    trainings->n_embeddings += sy_encoder_output_codes(encoder, j) > 0;
  if (trainings->n_embeddings == 0) return SY_OK;
  trainings->embeddings = sy_alloc(trainings->n_embeddings, sizeof *trainings->embeddings);
  if (!trainings->embeddings) return sy_fail_memory(error);
  size_t at = 0;
  for (size_t j = 0; j < width; j++) {
    size_t codes = sy_encoder_output_codes(encoder, j);
    if (codes > 0) trainings->embeddings[at++] = (sy_embedding){.column = j, .n_values = codes};
  }
  return SY_OK;
}

/* Costs that vary become numbers of each row; others are the loss's own. */
static sy_status take_costs(sy_trainings *trainings, const sy_bench *bench,
                            const sy_study_data *data, sy_error *error) {
  size_t n_classes = bench->n_classes;
  const sy_cost_rule *rule = bench->options->cost_rule;
  if (trainings->loss.cost_use == SY_COST_UNUSED || trainings->loss.cost) return SY_OK;
  if (rule->n_expressions == 0) {
    trainings->loss.cost = rule->fixed;
    return SY_OK;
  }
  sy_costs costs = sy_cost_rule_view(rule, data->cost_values);
  trainings->row_costs = sy_alloc_zero(bench->n, n_classes * sizeof(float));
  if (!trainings->row_costs) return sy_fail_memory(error);
  for (size_t i = 0; i < bench->n; i++) {
    if (bench->ids[i] == SY_IGNORED) continue;
    for (size_t j = 0; j < n_classes; j++)
      trainings->row_costs[i * n_classes + j] =
          (float)sy_costs_at(&costs, i, (size_t)bench->ids[i], j);
  }
  return SY_OK;
}

static void take_options(sy_trainings *trainings, const sy_bench *bench) {
  const sy_study_options *options = bench->options;
  trainings->options = options->network ? *options->network : sy_network_options_default();
  trainings->boosted = options->boosted ? *options->boosted : sy_boosted_options_default();
  const sy_loss_options *loss = sy_trainings_loss(options);
  trainings->loss = loss ? *loss : sy_loss_options_default(bench->n_classes);
  trainings->loss.n_classes = bench->n_classes;
  trainings->loss.class_weights = NULL;
  trainings->options.loss = trainings->boosted.loss = &trainings->loss;
  trainings->options.seed = trainings->boosted.seed = options->seed;
  trainings->most = sy_trainings_most(options);
}

static sy_status fill(sy_trainings *trainings, const sy_bench *bench, const sy_study_data *data,
                      sy_error *error) {
  take_options(trainings, bench);
  trainings->ids = sy_alloc(bench->n, sizeof *trainings->ids);
  trainings->held = sy_alloc(bench->n, sizeof *trainings->held);
  trainings->counts = sy_alloc(bench->n_classes, sizeof(double));
  if (!trainings->ids || !trainings->held || !trainings->counts) return sy_fail_memory(error);
  sy_status status = list_embeddings(trainings, bench->encoder, error);
  if (!trainings->loss.counts) trainings->loss.counts = trainings->counts;
  return status == SY_OK ? take_costs(trainings, bench, data, error) : status;
}

sy_status sy_trainings_new(const sy_bench *bench, const sy_study_data *data,
                           sy_trainings **trainings, sy_error *error) {
  *trainings = sy_alloc_zero(1, sizeof **trainings);
  if (!*trainings) return sy_fail_memory(error);
  return fill(*trainings, bench, data, error);
}

void sy_trainings_free(sy_trainings *trainings) {
  if (!trainings) return;
  sy_book_free(trainings->book);
  free(trainings->embeddings);
  free(trainings->counts);
  free(trainings->row_costs);
  free(trainings->ids);
  free(trainings->held);
  free(trainings);
}
