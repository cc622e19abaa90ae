/* train_network.c: one training of a network on some of the rows of a study. */
#include "study/networks.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "study/split.h"

/* Whether rows held back can tell when to stop: enough of them, of two classes at least. */
static bool is_enough(const sy_bench *bench, const double *class_weights) {
  const sy_networks *networks = bench->networks;
  size_t n = 0;
  int32_t first = SY_IGNORED;
  bool several = false;
  for (size_t i = 0; i < bench->n; i++) {
    int32_t id = networks->ids[i];
    if (!networks->held[i] || class_weights[id] == 0) continue;
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
    bench->networks->held[i] = bench->held_mask[i] && bench->weights[i] > 0;
    some = some || bench->networks->held[i];
  }
  return some;
}

/* Marks the rows held back in networks->held. `enough` is false where there are too few. */
static sy_status hold_back(const sy_bench *bench, const double *class_weights, bool *enough,
                           sy_error *error) {
  sy_networks *networks = bench->networks;
  const sy_study_options *options = bench->options;
  if (bench->held_mask) {
    *enough = hold_marked(bench);
    return SY_OK;
  }
  if (options->held_share == 0) return SY_OK;
  for (size_t i = 0; i < bench->n; i++)
    networks->ids[i] = bench->weights[i] > 0 ? bench->ids[i] : SY_IGNORED;
  sy_status status =
      sy_split_marks(networks->ids, bench->n, bench->n_classes, bench->groups, options->held_share,
                     options->seed, SY_STREAM_HELD, networks->held, error);
  *enough = status == SY_OK && is_enough(bench, class_weights);
  return status;
}

/* One epoch told to whoever looks on, with the number of the training. */
typedef struct onlooker {
  const sy_study_options *options;
  int fit, fits;
} onlooker;

static void tell_epoch(void *context, const sy_epoch *epoch) {
  const onlooker *looks = context;
  looks->options->epoch(looks->options->epoch_context, looks->fit, looks->fits, epoch);
}

static sy_network_hooks make_hooks(const sy_bench *bench, const sy_training *training,
                                   onlooker *looks) {
  sy_networks *networks = bench->networks;
  sy_network_hooks hooks = {.progress = training->progress};
  if (bench->options->epoch) {
    hooks.epoch = tell_epoch;
    hooks.epoch_context = looks;
  }
  if (!networks->book) return hooks;
  if (bench->options->checkpoint.path) {
    hooks.state_due = sy_book_due;
    hooks.state = sy_book_keep;
  }
  hooks.state_context = networks->book;
  hooks.resume = sy_book_state(networks->book, (size_t)networks->done, &hooks.resume_size);
  return hooks;
}

static sy_status fit(sy_bench *bench, const sy_training *training, const double *class_weights,
                     sy_trained *trained, sy_error *error) {
  sy_networks *networks = bench->networks;
  sy_network_options options = networks->options;
  onlooker looks = {bench->options, networks->done + 1, networks->total};
  sy_network_hooks hooks = make_hooks(bench, training, &looks);
  options.stop_after = training->epochs;
  options.balanced_sampling = options.balanced_sampling && !training->plain;
  sy_network_data data = {.rows = sy_bench_rows(bench),
                          .ids = bench->ids,
                          .n_outputs = bench->n_classes,
                          .row_weights = bench->weights,
                          .class_weights = options.balanced_sampling ? NULL : class_weights,
                          .row_costs = networks->row_costs,
                          .held = trained->held ? networks->held : NULL,
                          .embeddings = networks->embeddings,
                          .n_embeddings = networks->n_embeddings};
  return sy_fit_network(&data, &options, &hooks, &trained->predictor, &trained->network, error);
}

/* A network of the book is for these rows and classes, whatever its file says. */
static sy_status check_taken(const sy_bench *bench, const sy_trained *trained, sy_error *error) {
  const sy_predictor *predictor = trained->predictor;
  bool fits = !predictor || (sy_predictor_n_features(predictor) == sy_bench_rows(bench).columns &&
                             sy_predictor_n_classes(predictor) == bench->n_classes);
  if (fits) return SY_OK;
  return sy_fail(error, SY_INVALID_MODEL, "'%s' is damaged: its networks are of other rows",
                 bench->options->checkpoint.resume);
}

/* From the book where this training is finished there; else trained, and entered. */
static sy_status fit_or_take(sy_bench *bench, const sy_training *training, sy_trained *trained,
                             sy_error *error) {
  sy_networks *networks = bench->networks;
  sy_status status = SY_OK;
  if (networks->book)
    status = sy_book_take(networks->book, (size_t)networks->done, &trained->predictor,
                          &trained->network, error);
  if (status == SY_OK) status = check_taken(bench, trained, error);
  if (status == SY_OK && !trained->predictor) {
    status = fit(bench, training, trained->class_weights, trained, error);
    if (status == SY_OK && networks->book)
      status = sy_book_finish(networks->book, trained->predictor, &trained->network, error);
  }
  networks->done++;
  return status;
}

bool sy_networks_unweighed(const sy_network_options *options, const sy_network_result *result) {
  int last = 0, best = 0;
  for (size_t i = 0; i < result->n_curve; i++) {
    const sy_epoch *epoch = &result->curve[i];
    if (epoch->epoch == 1) best = 0;
    if (epoch->best) best = epoch->epoch;
    if (best > last) last = best;
  }
  return options->reweight_from > 1 && last < options->reweight_from;
}

static sy_status undo(sy_networks *networks, const sy_training *training, sy_trained *trained,
                      sy_error *error) {
  bool sampled = networks->options.balanced_sampling && !training->plain;
  if (sy_networks_unweighed(&networks->options, &trained->network))
    for (size_t k = 0; k < networks->loss.n_classes; k++)
      if (trained->class_weights[k] > 0) trained->class_weights[k] = 1;
  return sy_networks_undo(networks, trained->counts, sampled, trained->class_weights,
                          &trained->predictor, error);
}

sy_fit_result sy_networks_result(const sy_network_options *options, const sy_network_result *result,
                                 int epochs, bool held) {
  static const char *const solvers[] = {"Adam", "AdamW", "SGD"};
  bool chosen = epochs > 0 ? epochs < options->epochs : held;
  return (sy_fit_result){.objective = result->loss,
                         .gradient_norm = (double)NAN,
                         .iterations = result->best_epoch,
                         .converged = chosen && !result->trouble[0],
                         .solver = solvers[options->optimizer]};
}

/* Trouble in the trainings that chose how long this one goes is its own too. */
static void tell(sy_networks *networks, const sy_training *training, sy_trained *trained) {
  const sy_network_result *result = &trained->network;
  trained->result = sy_networks_result(&networks->options, result, training->epochs, trained->held);
  if (!networks->trouble[0]) memcpy(networks->trouble, result->trouble, sizeof networks->trouble);
  trained->result.converged = trained->result.converged && !networks->trouble[0];
}

sy_status sy_train_network(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error) {
  sy_networks *networks = bench->networks;
  sy_status status = SY_OK;
  if (training->epochs == 0)
    status = hold_back(bench, trained->class_weights, &trained->held, error);
  sy_networks_count(networks, trained->counts);
  if (status == SY_OK) status = fit_or_take(bench, training, trained, error);
  if (status == SY_OK) status = undo(networks, training, trained, error);
  if (status == SY_OK) tell(networks, training, trained);
  return status;
}
