/* boosted.c: boosted trees, grown by XGBoost on our gradients: the loop of rounds. */
#include "fit/boosted/boosted.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "fit/boosted/xgboost_library.h"
#include "loss/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- where it begins --- */

/* The logit of class 1 where that of class 0 is 0 and their transforms differ by the logarithm of
 * the ratio of the classes' weights. */
static double base_of_two(const sy_training *training) {
  const sy_loss *loss = training->weighted;
  const double *sums = training->sums, *weights = training->class_weights;
  double base = log(sums[1] * weights[1] / (sums[0] * weights[0]));
  if (!isfinite(base)) base = log(sums[1] * weights[1]) - log(sums[0] * weights[0]);
  if (loss->offsets) base -= loss->offsets[1] - loss->offsets[0];
  if (loss->slopes) base = loss->slopes[1] != 0 ? base / loss->slopes[1] : 0;
  return base;
}

static sy_status reserve(sy_boosted *boosted, sy_error *error) {
  const sy_training *training = boosted->training;
  size_t classes = training->data->n_outputs, n = training->n;
  boosted->n_outputs = classes == 2 ? 1 : classes;
  if (n > SIZE_MAX / boosted->n_outputs) return sy_fail_memory(error);
  boosted->base = sy_alloc(boosted->n_outputs, sizeof *boosted->base);
  boosted->gradients = sy_alloc(n * boosted->n_outputs, sizeof *boosted->gradients);
  boosted->hessians = sy_alloc(n * boosted->n_outputs, sizeof *boosted->hessians);
  if (!boosted->base || !boosted->gradients || !boosted->hessians) return sy_fail_memory(error);
  memcpy(boosted->base, training->output_biases, boosted->n_outputs * sizeof *boosted->base);
  if (boosted->n_outputs == 1) boosted->base[0] = base_of_two(training);
  return sy_judge_make(training, &boosted->judge, error);
}

static void boosted_clear(sy_boosted *boosted) {
  sy_grower_clear(&boosted->grower);
  sy_judge_clear(&boosted->judge);
  free(boosted->base);
  free(boosted->rows.ids);
  free(boosted->rows.weights);
  free(boosted->held.ids);
  free(boosted->held.weights);
  free(boosted->weights);
  free(boosted->gradients);
  free(boosted->hessians);
  free(boosted->held_logits);
  free(boosted->held_costs);
  free(boosted->curve);
  *boosted = (sy_boosted){0};
}

/* --- who looks on --- */

static int last_round(const sy_boosted_options *options) {
  bool sooner = options->stop_after > 0 && options->stop_after < options->rounds;
  return sooner ? options->stop_after : options->rounds;
}

static sy_status tell(const sy_boosted *boosted, sy_error *error) {
  const sy_training_hooks *hooks = boosted->hooks;
  if (!hooks || !hooks->progress.call) return SY_OK;
  char stage[200], last[144] = "";
  int rounds = last_round(boosted->options);
  if (boosted->n_curve > 0)
    sy_epoch_describe(&boosted->curve[boosted->n_curve - 1], last, sizeof last);
  snprintf(stage, sizeof stage, "round %d%s", boosted->round > 0 ? boosted->round : 1, last);
  return sy_progress_tell(hooks->progress, stage, (double)boosted->round / rounds, error);
}

static void note_trouble(sy_boosted *boosted, const char *where) {
  char rate[SY_NUMBER_SIZE];
  boosted->in_trouble = true;
  if (boosted->round == 0)
    snprintf(boosted->trouble, sizeof boosted->trouble,
             "the loss is infinite before the first round: weights or costs are too far apart");
  else
    snprintf(boosted->trouble, sizeof boosted->trouble,
             "the loss became infinite %s round %d (learning rate %s): a lower learning rate, or a "
             "max_delta_step, would help",
             where, boosted->round, sy_number_format(boosted->options->learning_rate, rate));
}

static sy_epoch *next_of_curve(sy_boosted *boosted, sy_error *error) {
  if (boosted->n_curve == boosted->curve_room) {
    size_t room = boosted->curve_room < 16 ? 16 : 2 * boosted->curve_room;
    sy_epoch *curve = sy_realloc(boosted->curve, room, sizeof *curve);
    if (!curve) return sy_fail_memory(error), NULL;
    boosted->curve = curve;
    boosted->curve_room = room;
  }
  return &boosted->curve[boosted->n_curve++];
}

static void time_round(const sy_boosted *boosted, sy_epoch *epoch) {
  double time = sy_training_now(), taken = time - boosted->round_began;
  epoch->seconds = time - boosted->began;
  epoch->rows_per_second = taken > 0 ? (double)boosted->rows.n / taken : 0;
  epoch->seconds_left =
      epoch->seconds / boosted->round * (last_round(boosted->options) - boosted->round);
}

static sy_status record_round(sy_boosted *boosted, double loss, const sy_judgement *held,
                              sy_error *error) {
  sy_epoch *epoch = next_of_curve(boosted, error);
  if (!epoch) return SY_OUT_OF_MEMORY;
  *epoch = (sy_epoch){.restart = 1,
                      .epoch = boosted->round,
                      .learning_rate = boosted->options->learning_rate,
                      .loss = loss,
                      .held_loss = held->loss,
                      .held_accuracy = held->accuracy,
                      .best = boosted->held.n == 0 || boosted->best_round == 0 ||
                              held->loss < boosted->best_held,
                      .is_round = true};
  if (epoch->best) {
    boosted->best_round = boosted->round;
    boosted->best_held = held->loss;
    boosted->best_loss = boosted->loss;
  }
  time_round(boosted, epoch);
  if (boosted->hooks && boosted->hooks->epoch)
    boosted->hooks->epoch(boosted->hooks->epoch_context, epoch);
  return SY_OK;
}

/* --- rounds --- */

/* Gradients where the trees so far have come to, and the loss there. */
static sy_status look(sy_boosted *boosted, sy_error *error) {
  const float *sums;
  sy_status status = sy_grower_sums(&boosted->grower, 0, &sums, error);
  if (status == SY_OK) status = sy_boosted_differentiate(boosted, sums, &boosted->loss, error);
  if (status == SY_OK && isinf(boosted->loss)) note_trouble(boosted, "after");
  return status;
}

static sy_status judge(sy_boosted *boosted, sy_judgement *held, sy_error *error) {
  const float *sums;
  *held = (sy_judgement){NAN, NAN};
  if (boosted->held.n == 0 || boosted->in_trouble) return SY_OK;
  sy_status status = sy_grower_sums(&boosted->grower, 1, &sums, error);
  if (status == SY_OK) status = sy_boosted_judge(boosted, sums, held, error);
  if (status == SY_OK && isinf(held->loss)) note_trouble(boosted, "on the rows held back, after");
  return status;
}

static sy_status run_round(sy_boosted *boosted, sy_error *error) {
  double before = boosted->loss;
  sy_judgement held;
  boosted->round_began = sy_training_now();
  sy_status status = sy_grower_round(&boosted->grower, boosted->gradients, boosted->hessians,
                                     boosted->rows.n * boosted->n_outputs, error);
  boosted->round++;
  if (status == SY_OK) status = look(boosted, error);
  if (status == SY_OK) status = judge(boosted, &held, error);
  if (status != SY_OK || boosted->in_trouble) return status;
  status = record_round(boosted, before, &held, error);
  return status == SY_OK ? tell(boosted, error) : status;
}

/* Whether rounds without a better one are enough. */
static bool is_patience_over(const sy_boosted *boosted) {
  int patience = boosted->options->early_stopping_rounds;
  if (patience == 0 || boosted->held.n == 0) return false;
  return boosted->round - boosted->best_round >= patience;
}

static sy_status run(sy_boosted *boosted, sy_error *error) {
  int last = last_round(boosted->options);
  boosted->began = sy_training_now();
  sy_status status = tell(boosted, error);
  if (status == SY_OK) status = look(boosted, error);
  while (status == SY_OK && !boosted->in_trouble && boosted->round < last) {
    status = run_round(boosted, error);
    if (!is_patience_over(boosted)) continue;
    boosted->stopped_early = boosted->round < last && !boosted->in_trouble;
    break;
  }
  if (status == SY_OK && boosted->best_round == 0)
    return sy_fail(error, SY_NUMERIC_FAILURE, "%s", boosted->trouble);
  return status;
}

/* --- the end --- */

/* The trees of the best rounds, on our base. */
static sy_status keep_best(sy_boosted *boosted, sy_predictor **predictor, sy_error *error) {
  sy_predictor *all = NULL;
  sy_status status = sy_grower_trees(&boosted->grower, &all, error);
  if (status != SY_OK) return status;
  sy_forest forest = *sy_predictor_forest(all);
  size_t n_trees = (size_t)boosted->best_round * boosted->n_outputs;
  if (n_trees < forest.n_trees) {
    forest.n_nodes = forest.roots[n_trees];
    forest.n_trees = n_trees;
  }
  forest.base = boosted->base;
  status = sy_predictor_boosted(&forest, boosted->training->data->n_outputs, predictor, error);
  sy_predictor_free(all);
  return status;
}

static void tell_result(sy_boosted *boosted, sy_training_result *result) {
  *result = (sy_training_result){.loss = boosted->best_loss,
                                 .held_loss = boosted->best_held,
                                 .epochs = (int)boosted->n_curve,
                                 .best_epoch = boosted->best_round,
                                 .steps = (uint64_t)boosted->n_curve * boosted->n_outputs,
                                 .stopped_early = boosted->stopped_early,
                                 .curve = boosted->curve,
                                 .n_curve = boosted->n_curve,
                                 .batch_size = boosted->rows.n};
  memcpy(result->trouble, boosted->trouble, sizeof result->trouble);
  boosted->curve = NULL;
}

static sy_status grow(sy_boosted *boosted, sy_predictor **predictor, sy_training_result *result,
                      sy_error *error) {
  sy_status status = reserve(boosted, error);
  if (status == SY_OK) status = sy_boosted_gather(boosted, error);
  if (status == SY_OK)
    status = sy_grower_begin(&boosted->grower, boosted->options, boosted->n_outputs, error);
  if (status == SY_OK) status = run(boosted, error);
  if (status == SY_OK) status = keep_best(boosted, predictor, error);
  if (status == SY_OK && result) tell_result(boosted, result);
  return status;
}

sy_status sy_fit_boosted(const sy_training_data *data, const sy_boosted_options *options,
                         const sy_training_hooks *hooks, sy_predictor **predictor,
                         sy_training_result *result, sy_error *error) {
  sy_network_options shared = sy_network_options_default();
  sy_training training = {0};
  sy_boosted boosted = {.training = &training, .options = options, .hooks = hooks};
  sy_status status = sy_boosted_options_check(options, error);
  const char *absence = sy_xgboost_absence();
  if (status == SY_OK && absence) return sy_fail(error, SY_UNSUPPORTED, "%s", absence);
  shared.loss = options->loss;
  if (status == SY_OK) status = sy_training_make_boosted(data, &shared, &training, error);
  if (status == SY_OK) status = grow(&boosted, predictor, result, error);
  boosted_clear(&boosted);
  sy_training_clear(&training);
  return status;
}
