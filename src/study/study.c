#include <steelyard/study.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "study/hints.h"
#include "study/leak.h"
#include "study/run.h"

sy_study_options sy_study_options_default(void) {
  sy_fit_options fit = sy_fit_options_default();
  return (sy_study_options){.held_share = 0.1,
                            .checkpoint.seconds = 5,
                            .positive = -1,
                            .l2 = -1,
                            .tolerance = fit.tolerance,
                            .max_iterations = fit.max_iterations,
                            .encoder = sy_encoder_options_default(),
                            .test = SY_TEST_FOLDS,
                            .folds = 5,
                            .share = 0.2};
}

/* One fit's progress as a part of the whole. */
static bool relay(void *context, const char *stage, double fraction) {
  sy_run *r = context;
  (void)stage;
  double done = (r->fits_done + fraction) / r->fits;
  return r->options->progress.call(r->options->progress.context, r->stage, done);
}

sy_progress sy_run_progress(sy_run *r) {
  if (!r->options->progress.call) return (sy_progress){NULL, NULL};
  return (sy_progress){relay, r};
}

static sy_status check_data(const sy_study_data *data, const sy_study_options *options,
                            sy_error *error) {
  if (sy_labels_rows(data->labels) != data->frame->rows) {
    return sy_fail(error, SY_INVALID_SHAPE, "%zu labels for %zu rows", sy_labels_rows(data->labels),
                   data->frame->rows);
  }
  if (options->positive >= (int)sy_labels_n_classes(data->labels)) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "there is no class %d", options->positive);
  }
  if (sy_labels_n_classes(data->labels) < 2) {
    return sy_fail(error, SY_TOO_FEW_CLASSES,
                   "all rows are of class '%s': there is nothing to tell apart",
                   sy_labels_n_classes(data->labels) ? sy_labels_classes(data->labels)[0] : "");
  }
  if (options->dtype != SY_F32 && options->dtype != SY_F64) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "columns are encoded to float32 or float64");
  }
  if (data->held_mask && !sy_family_iterates(options->family)) {
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "rows are held back from networks and boosted trees, to end their training "
                   "in time: this is logistic regression");
  }
  if (options->test == SY_TEST_MASK && !data->test_mask) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "the test rows are to be marked: give test_mask");
  }
  if (options->test == SY_TEST_OTHER && (!data->test_frame || !data->test_labels)) {
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the test rows are another source's: give test_frame and test_labels");
  }
  return SY_OK;
}

/* An objective that can choose: of two classes if it is about one, with costs if it is about them.
 */
static sy_status check_objective(const sy_objective *objective, const char *who, bool priced,
                                 size_t n_classes, sy_error *error) {
  char text[SY_OBJECTIVE_SIZE];
  sy_objective_text(objective, text);
  if (sy_objective_is_cost(objective) && !priced)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "%s: choosing by cost needs costs: say what mistakes cost (--cost)", who);
  if (sy_objective_is_of_positive(objective) && n_classes != 2)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "%s: '%s' is about one class of two, and there are %zu: 'macro_f1', "
                   "'balanced_accuracy' and 'accuracy' are about all",
                   who, text, n_classes);
  return SY_OK;
}

static sy_status check_choices(const sy_study_options *options, size_t n_classes, sy_error *error) {
  bool priced = options->cost_rule != NULL;
  bool policy = options->policy && !sy_policy_is_none(options->policy);
  bool weighted = policy || sy_trainings_sample(options);
  sy_status status = SY_OK;
  if (options->calibrate == SY_STUDY_CALIBRATE_REFIT && options->automatic)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "automatic class weights choose between weighted models, and refitting keeps an "
                   "unweighted one: give a policy (--class-weight balanced), or another "
                   "calibration");
  if (options->calibrate == SY_STUDY_CALIBRATE_REFIT && !weighted)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "refitting takes probabilities from a twin without class weights, which this "
                   "model is already: give class weights, or another calibration");
  if (options->automatic)
    status = check_objective(options->automatic, "class weights", priced, n_classes, error);
  if (status == SY_OK && options->tune)
    status = check_objective(&options->tune->objective, "tuning", priced, n_classes, error);
  return status;
}

static sy_status check_family(const sy_study_options *options, size_t n_classes, sy_error *error) {
  const sy_checkpoint_options *checkpoint = &options->checkpoint;
  sy_status status = SY_OK;
  if (sy_family_iterates(options->family)) status = sy_trainings_check(options, n_classes, error);
  if (status != SY_OK || options->family == SY_STUDY_MLP) return status;
  if (!checkpoint->path && !checkpoint->resume) return SY_OK;
  if (options->family == SY_STUDY_BOOSTED)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "checkpoints are of networks: boosted trees are grown without a break; leave "
                   "them out, or train a network (--model mlp)");
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "checkpoints are of networks: logistic regression is fitted again sooner than one "
                 "is read; leave them out, or train a network (--model mlp)");
}

static sy_status check(const sy_study_data *data, const sy_study_options *options,
                       sy_error *error) {
  sy_status status = check_data(data, options, error);
  if (status != SY_OK) return status;
  size_t n_classes = sy_labels_n_classes(data->labels);
  status = check_family(options, n_classes, error);
  return status == SY_OK ? check_choices(options, n_classes, error) : status;
}

static sy_status make_room(sy_run *r, sy_error *error) {
  size_t n_classes = sy_labels_n_classes(r->data->labels);
  r->own_cost = sy_alloc(n_classes, n_classes * sizeof(double));
  r->plain = sy_alloc(n_classes, n_classes * sizeof(double));
  r->scratch = sy_alloc(n_classes, sizeof(double));
  r->study->messages = sy_messages_new();
  bool complete = r->own_cost && r->plain && r->scratch && r->study->messages;
  if (complete && r->options->automatic) {
    size_t n = 1 + (SY_EXPONENTS - 1) / (size_t)sy_run_path_step(r);
    r->study->path.points = sy_alloc_zero(n, sizeof(sy_path_point));
    r->study->path.n = r->study->path.points ? n : 0;
    complete = r->study->path.points;
  }
  if (!complete) return sy_fail_memory(error);
  sy_cost_plain(n_classes, r->plain);
  return SY_OK;
}

/* What the loss of networks and boosted trees does, and the words for it. */
static sy_status note_loss(sy_run *r, sy_error *error) {
  sy_study *study = r->study;
  const sy_study_options *options = r->options;
  const char *policy = options->policy ? sy_policy_text(options->policy) : "none";
  sy_status status = sy_trainings_adjust(options, &r->adjusts, error);
  if (status == SY_OK)
    status = sy_trainings_policy(options, policy, study->policy, sizeof study->policy, error);
  if (status == SY_OK && !sy_run_chooses_map(r))
    status = sy_trainings_scores(options, sy_labels_n_classes(r->data->labels), study->scores_only,
                                 sizeof study->scores_only, error);
  return status;
}

static void note_options(sy_run *r) {
  sy_study *study = r->study;
  const sy_study_options *options = r->options;
  study->test_kind = options->test;
  study->folds = options->folds;
  study->share = options->share;
  study->l2_default = options->l2 < 0;
  study->calibration.kind = options->calibrate;
  study->family = options->family;
  study->epochs_most = sy_trainings_most(options);
  if (!options->automatic) return;
  char text[SY_OBJECTIVE_SIZE];
  snprintf(study->path.objective, sizeof study->path.objective, "%s",
           sy_objective_text(options->automatic, text));
}

static sy_status take_costs(sy_run *r, sy_error *error) {
  const sy_study_data *data = r->data;
  if (!r->options->cost_rule) return SY_OK;
  r->costs = sy_cost_rule_view(r->options->cost_rule, data->cost_values);
  return sy_costs_check(&r->costs, data->frame->rows, sy_labels_classes(data->labels),
                        r->study->messages, error);
}

/* Of two classes the rarer, by row weights, unless one is named. */
static void find_positive(sy_run *r) {
  double sums[2] = {0};
  r->positive = r->bench.n_classes == 2 ? r->options->positive : -1;
  if (r->bench.n_classes != 2 || r->positive >= 0) return;
  for (size_t i = 0; i < r->bench.n; i++) {
    if (r->bench.ids[i] == SY_IGNORED) continue;
    sums[r->bench.ids[i]] += r->bench.row_weights ? r->bench.row_weights[i] : 1;
  }
  r->positive = sums[1] <= sums[0] ? 1 : 0;
}

static sy_status prepare(sy_run *r, sy_error *error) {
  sy_status status = make_room(r, error);
  if (status != SY_OK) return status;
  note_options(r);
  status = note_loss(r, error);
  if (status == SY_OK) status = take_costs(r, error);
  if (status != SY_OK) return status;
  sy_book *book = NULL;
  status = sy_book_open(&r->options->checkpoint, &book, error);
  if (status == SY_OK)
    status = sy_bench_make(&r->bench, r->data, r->options, r->study->messages, error);
  if (r->bench.trainings)
    r->bench.trainings->book = book;
  else
    sy_book_free(book);
  if (status == SY_OK) find_positive(r);
  return status;
}

static void count_fits(sy_run *r) {
  const sy_bench *bench = &r->bench;
  size_t inner = 0;
  for (size_t i = 0; i < r->n_lines; i++) inner += r->lines[i].inner;
  r->fits = bench->n_tested * (int)r->n_lines + (bench->n_folds - bench->n_tested) * (int)inner;
  r->fits += 1 + sy_run_twin_of_other(r) + sy_run_tries_epochs(r);
  int rivals = r->rival < 0 ? 0 : bench->n_tested;
  if (bench->trainings) bench->trainings->total = r->fits - rivals;
  r->fits += r->rival >= 0 && r->options->test == SY_TEST_OTHER;
  r->fits_done = 0;
}

static sy_way_kind stored_way(const sy_run *r) {
  return r->options->tune     ? SY_WAY_TUNED
         : sy_run_priced(r)   ? SY_WAY_COST
         : sy_run_weighted(r) ? SY_WAY_WEIGHTED
                              : SY_WAY_DEFAULT;
}

static sy_review_frame review_frame(const sy_run *r) {
  bool varies = sy_model_cost_rule(r->study->model)->n_expressions > 0;
  return (sy_review_frame){.classes = r->bench.classes,
                           .costs = sy_run_priced(r) ? &r->costs : NULL,
                           .stored_cost = varies ? NULL : sy_model_cost(r->study->model),
                           .policy = r->comparison >= 0      ? "balanced"
                                     : r->options->automatic ? "auto"
                                                             : r->study->policy,
                           .tuned_for = r->study->tuned_for,
                           .positive = r->positive,
                           .stored = stored_way(r)};
}

static sy_status review_other(sy_run *r, sy_error *error) {
  const sy_study_data *data = r->data;
  sy_costs costs = r->costs;
  costs.values = data->test_cost_values;
  sy_status status =
      sy_review_model(r->study->model, data->test_frame, data->test_labels, data->test_row_weights,
                      sy_run_priced(r) ? &costs : NULL, &r->study->test, error);
  if (status == SY_OK && r->twin_logs)
    sy_run_compare_twin(r, &r->study->test.rows, NULL, r->twin_logs);
  if (status == SY_OK && r->rival_logs)
    sy_run_compare_rival(r, &r->study->test.rows, r->rival_logs);
  return status;
}

static sy_status review(sy_run *r, sy_judged *tested, sy_judged *seen, sy_error *error) {
  sy_review_frame frame = review_frame(r);
  sy_status status = sy_review_make(seen, &frame, &r->study->train, error);
  if (status == SY_OK && r->bench.n_tested > 0)
    status = sy_review_make(tested, &frame, &r->study->test, error);
  if (status == SY_OK && r->options->test == SY_TEST_OTHER) status = review_other(r, error);
  r->study->train.is_raw = r->study->test.is_raw = r->study->scores_only[0];
  return status;
}

static sy_status judge(sy_run *r, sy_judged *tested, sy_error *error) {
  const sy_study_data *data = r->data;
  sy_status status = sy_run_plan(r, error);
  if (status == SY_OK)
    status = sy_unseen_make(&r->bench, r->costs.values, r->costs.n_varying, sy_run_chooses(r),
                            data->groups, r->options->seed, &r->unseen, error);
  if (status == SY_OK) status = sy_run_lines(r, error);
  if (status == SY_OK) status = sy_run_mark_book(r, error);
  if (status != SY_OK) return status;
  count_fits(r);
  status = sy_run_judge(r, error);
  return status == SY_OK ? sy_run_finish(r, tested, error) : status;
}

static sy_status run_steps(sy_run *r, sy_judged *tested, sy_judged *seen, sy_error *error) {
  sy_status status = prepare(r, error);
  if (status == SY_OK) status = judge(r, tested, error);
  if (status == SY_OK) status = sy_run_fit(r, error);
  if (status == SY_OK) status = sy_run_judge_seen(r, seen, error);
  if (status == SY_OK) status = sy_run_assemble(r, error);
  if (status == SY_OK) status = review(r, tested, seen, error);
  if (status == SY_OK) {
    status = sy_study_leaks(r->data->frame, &r->bench, r->study->messages, error);
  }
  if (status != SY_OK) return status;
  sy_study_hints(r->study, &r->bench);
  sy_run_training_hints(r);
  return sy_messages_check(r->study->messages, error);
}

static void clear(sy_run *r) {
  for (size_t i = 0; i < r->n_lines; i++) sy_line_clear(&r->lines[i]);
  sy_unseen_clear(&r->unseen);
  sy_chain_clear(&r->chain);
  sy_trained_clear(&r->kept);
  sy_run_rival_clear(r);
  sy_bench_clear(&r->bench);
  free(r->corrected);
  free(r->weights);
  free(r->twin_logs);
  free(r->rival_logs);
  free(r->own_cost);
  free(r->plain);
  free(r->scratch);
}

sy_status sy_study_run(const sy_study_data *data, const sy_study_options *options, sy_study *study,
                       sy_error *error) {
  *study = (sy_study){0};
  sy_status status = check(data, options, error);
  if (status != SY_OK) return status;
  sy_run r = {.data = data, .options = options, .study = study, .fits = 1};
  sy_judged tested = {0}, seen = {0};
  status = run_steps(&r, &tested, &seen, error);
  study->fit_seconds = r.bench.seconds;
  sy_judged_clear(&tested);
  sy_judged_clear(&seen);
  clear(&r);
  if (status != SY_OK) sy_study_clear(study);
  return status;
}

void sy_study_clear(sy_study *study) {
  sy_model_free(study->model);
  sy_audit_clear(&study->audit);
  sy_review_clear(&study->train);
  sy_review_clear(&study->test);
  sy_messages_free(study->messages);
  free(study->path.points);
  sy_training_result_clear(&study->training);
  *study = (sy_study){0};
}
