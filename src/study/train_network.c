/* train_network.c: one training of a network on some of the rows of a study. */
#include "study/trainings.h"

#include "base/error.h"

static sy_training_hooks make_hooks(const sy_bench *bench, const sy_training *training,
                                    sy_onlooker *looks) {
  sy_trainings *trainings = bench->trainings;
  sy_training_hooks hooks = sy_onlooker_hooks(looks, training->progress);
  if (!trainings->book) return hooks;
  if (bench->options->checkpoint.path) {
    hooks.state_due = sy_book_due;
    hooks.state = sy_book_keep;
  }
  hooks.state_context = trainings->book;
  hooks.resume = sy_book_state(trainings->book, (size_t)trainings->done, &hooks.resume_size);
  return hooks;
}

static sy_status fit(sy_bench *bench, const sy_training *training, const double *class_weights,
                     sy_trained *trained, sy_error *error) {
  sy_trainings *trainings = bench->trainings;
  sy_network_options options = trainings->options;
  sy_onlooker looks = {bench->options, trainings->done + 1, trainings->total};
  sy_training_hooks hooks = make_hooks(bench, training, &looks);
  options.stop_after = training->epochs;
  options.balanced_sampling = options.balanced_sampling && !training->plain;
  sy_training_data data = {.rows = sy_bench_rows(bench),
                           .ids = bench->ids,
                           .n_outputs = bench->n_classes,
                           .row_weights = bench->weights,
                           .class_weights = options.balanced_sampling ? NULL : class_weights,
                           .row_costs = trainings->row_costs,
                           .held = trained->held ? trainings->held : NULL,
                           .embeddings = trainings->embeddings,
                           .n_embeddings = trainings->n_embeddings};
  return sy_fit_network(&data, &options, &hooks, &trained->predictor, &trained->training, error);
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
  sy_trainings *trainings = bench->trainings;
  sy_status status = SY_OK;
  if (trainings->book)
    status = sy_book_take(trainings->book, (size_t)trainings->done, &trained->predictor,
                          &trained->training, error);
  if (status == SY_OK) status = check_taken(bench, trained, error);
  if (status == SY_OK && !trained->predictor) {
    status = fit(bench, training, trained->class_weights, trained, error);
    if (status == SY_OK && trainings->book)
      status = sy_book_finish(trainings->book, trained->predictor, &trained->training, error);
  }
  trainings->done++;
  return status;
}

bool sy_trainings_unweighed(const sy_network_options *options, const sy_training_result *result) {
  int last = 0, best = 0;
  for (size_t i = 0; i < result->n_curve; i++) {
    const sy_epoch *epoch = &result->curve[i];
    if (epoch->epoch == 1) best = 0;
    if (epoch->best) best = epoch->epoch;
    if (best > last) last = best;
  }
  return options->reweight_from > 1 && last < options->reweight_from;
}

static sy_status undo(sy_trainings *trainings, const sy_training *training, sy_trained *trained,
                      sy_error *error) {
  bool sampled = trainings->options.balanced_sampling && !training->plain;
  if (sy_trainings_unweighed(&trainings->options, &trained->training))
    for (size_t k = 0; k < trainings->loss.n_classes; k++)
      if (trained->class_weights[k] > 0) trained->class_weights[k] = 1;
  return sy_trainings_undo(trainings, trained->counts, sampled, trained->class_weights,
                           &trained->predictor, error);
}

sy_status sy_train_network(sy_bench *bench, const sy_training *training, sy_trained *trained,
                           sy_error *error) {
  sy_trainings *trainings = bench->trainings;
  sy_status status = SY_OK;
  if (training->epochs == 0)
    status = sy_trainings_hold(bench, trained->class_weights, &trained->held, error);
  sy_trainings_count(trainings, trained->counts);
  if (status == SY_OK) status = fit_or_take(bench, training, trained, error);
  if (status == SY_OK) status = undo(trainings, training, trained, error);
  if (status == SY_OK) sy_trainings_tell(bench, training, trained);
  return status;
}
