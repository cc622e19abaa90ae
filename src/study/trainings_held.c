/* trainings_held.c: what the training of a network and that of boosted trees have in common: rows
 * held back, who looks on, how it ended. */
#include "study/trainings.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "study/split.h"

/* Whether rows held back can tell when to stop: enough of them, of two classes at least. */
static bool is_enough(const sy_bench *bench, const double *class_weights) {
  const sy_trainings *trainings = bench->trainings;
  size_t n = 0;
  int32_t first = SY_IGNORED;
  bool several = false;
  for (size_t i = 0; i < bench->n; i++) {
    int32_t id = trainings->ids[i];
    if (!trainings->held[i] || class_weights[id] == 0) continue;
    if (first == SY_IGNORED) first = id;
    several = several || id != first;
    n++;
  }
  return several && n >= SY_HELD_LEAST;
}

/* Rows that were chosen to be held back are, however few. */
static bool hold_marked(const sy_bench *bench) {
  bool some = false;
  for (size_t i = 0; i < bench->n; i++) {
    bench->trainings->held[i] = bench->held_mask[i] && bench->weights[i] > 0;
    some = some || bench->trainings->held[i];
  }
  return some;
}

sy_status sy_trainings_hold(const sy_bench *bench, const double *class_weights, bool *enough,
                            sy_error *error) {
  sy_trainings *trainings = bench->trainings;
  const sy_study_options *options = bench->options;
  if (bench->held_mask) {
    *enough = hold_marked(bench);
    return SY_OK;
  }
  if (options->held_share == 0) return SY_OK;
  for (size_t i = 0; i < bench->n; i++)
    trainings->ids[i] = bench->weights[i] > 0 ? bench->ids[i] : SY_IGNORED;
  sy_status status =
      sy_split_marks(trainings->ids, bench->n, bench->n_classes, bench->groups, options->held_share,
                     options->seed, SY_STREAM_HELD, trainings->held, error);
  *enough = status == SY_OK && is_enough(bench, class_weights);
  return status;
}

static void tell_epoch(void *context, const sy_epoch *epoch) {
  const sy_onlooker *to = context;
  to->options->epoch(to->options->epoch_context, to->fit, to->fits, epoch);
}

sy_training_hooks sy_onlooker_hooks(sy_onlooker *onlooker, sy_progress progress) {
  sy_training_hooks hooks = {.progress = progress};
  if (!onlooker->options->epoch) return hooks;
  hooks.epoch = tell_epoch;
  hooks.epoch_context = onlooker;
  return hooks;
}

static const char *solver_of(const sy_study_options *options) {
  static const char *const solvers[] = {"Adam", "AdamW", "SGD"};
  if (options->family == SY_STUDY_BOOSTED) return "XGBoost";
  return solvers[options->network ? options->network->optimizer : SY_OPTIMIZER_ADAM];
}

sy_fit_result sy_trainings_result(const sy_study_options *options, const sy_training_result *result,
                                  int epochs, bool held) {
  bool chosen = epochs > 0 ? epochs < sy_trainings_most(options) : held;
  return (sy_fit_result){.objective = result->loss,
                         .gradient_norm = (double)NAN,
                         .iterations = result->best_epoch,
                         .converged = chosen && !result->trouble[0],
                         .solver = solver_of(options)};
}

/* Trouble in the trainings that chose how long this one goes is its own too. */
void sy_trainings_tell(const sy_bench *bench, const sy_training *training, sy_trained *trained) {
  sy_trainings *trainings = bench->trainings;
  const sy_training_result *result = &trained->training;
  trained->result = sy_trainings_result(bench->options, result, training->epochs, trained->held);
  if (!trainings->trouble[0])
    memcpy(trainings->trouble, result->trouble, sizeof trainings->trouble);
  trained->result.converged = trained->result.converged && !trainings->trouble[0];
}
