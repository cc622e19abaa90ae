/* label_study.c: a study of several labels a row, step by step. */
#include <steelyard/study_labels.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "study/course.h"
#include "study/hints.h"
#include "study/label_unseen.h"
#include "study/trainings.h"

/* A study under way. */
typedef struct label_run {
  const sy_label_study_data *data;
  const sy_study_options *options;
  sy_label_study *study;
  sy_label_bench bench;
  sy_label_unseen unseen;
  int n_folds;        /* trainings that judge; 0 where none does */
  sy_course course;   /* of networks */
  sy_course *courses; /* (L) of boosted trees */
  int *rounds;        /* (L) of the trees kept */
  char trouble[256];  /* of the first training that had any */
  sy_label_trained kept;
  int fits_done, fits;
  char stage[48];
} label_run;

static bool relay(void *context, const char *stage, double fraction) {
  label_run *run = context;
  (void)stage;
  double done = (run->fits_done + fraction) / run->fits;
  return run->options->progress.call(run->options->progress.context, run->stage, done);
}

static sy_progress progress_of(label_run *run) {
  if (!run->options->progress.call) return (sy_progress){NULL, NULL};
  return (sy_progress){relay, run};
}

static bool is_mlp(const label_run *run) {
  return run->options->family == SY_STUDY_MLP;
}

static bool is_boosted(const label_run *run) {
  return run->options->family == SY_STUDY_BOOSTED;
}

static bool iterates(const label_run *run) {
  return sy_family_iterates(run->options->family);
}

static bool is_weighted(const label_run *run) {
  return run->options->policy && !sy_policy_is_none(run->options->policy);
}

static sy_status check_truth(const uint8_t *truth, size_t n, const sy_label_study_data *data,
                             sy_error *error) {
  for (size_t i = 0; i < n * data->n_labels; i++)
    if (truth[i] > 1) {
      char shown[SY_SHOWN_SIZE];
      return sy_fail(error, SY_INVALID_LABEL, "label \"%s\" is %u at row %zu: it must be 0 or 1",
                     sy_shown(data->labels[i % data->n_labels], shown), (unsigned)truth[i],
                     i / data->n_labels + 1);
    }
  return SY_OK;
}

/* Whether some row has a label that another one has not. */
static bool any_varies(const sy_label_study_data *data) {
  for (size_t l = 0; l < data->n_labels; l++) {
    bool seen[2] = {false, false};
    for (size_t i = 0; i < data->frame->rows; i++)
      if (!data->row_weights || data->row_weights[i] > 0)
        seen[data->truth[i * data->n_labels + l]] = true;
    if (seen[0] && seen[1]) return true;
  }
  return false;
}

static sy_status check_data(const label_run *run, sy_error *error) {
  const sy_label_study_data *data = run->data;
  sy_test_kind test = run->options->test;
  if (data->n_labels < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES,
                   "several labels a row are two or more, not %zu: one label is a class, present "
                   "or absent",
                   data->n_labels);
  if (test == SY_TEST_MASK && !data->test_mask)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the test rows are to be marked: give test_mask");
  if (test == SY_TEST_OTHER && (!data->test_frame || !data->test_truth))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the test rows are another source's: give test_frame and test_truth");
  sy_status status = check_truth(data->truth, data->frame->rows, data, error);
  if (!status && test == SY_TEST_OTHER)
    status = check_truth(data->test_truth, data->test_frame->rows, data, error);
  if (status || any_varies(data)) return status;
  return sy_fail(error, SY_TOO_FEW_CLASSES,
                 "each of the %zu labels is in every row or in none: there is nothing to tell "
                 "apart",
                 data->n_labels);
}

/* What is of one class a row alone. */
static sy_status check_options(const label_run *run, sy_error *error) {
  const sy_study_options *options = run->options;
  const sy_network_options *network = options->network;
  sy_study_calibration map = options->calibrate;
  const struct {
    bool used;
    const char *what;
  } single[] = {
      {options->automatic, "class weights chosen automatically"},
      {options->cost_rule, "costs"},
      {options->tune, "a tuned rule"},
      {options->checkpoint.path || options->checkpoint.resume, "a checkpoint"},
      {map == SY_STUDY_CALIBRATE_ISOTONIC, "an isotonic map"},
      {map == SY_STUDY_CALIBRATE_REFIT, "refitting"},
      {is_mlp(run) && network && network->balanced_sampling, "balanced sampling"},
  };
  for (size_t i = 0; i < sizeof single / sizeof *single; i++)
    if (single[i].used)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "%s: this is of one class a row, not of several labels", single[i].what);
  if (map != SY_STUDY_CALIBRATE_NONE && options->test != SY_TEST_FOLDS)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "calibrating several labels takes the rows of folds: test by cross-validation "
                   "(--test cv:5)");
  return SY_OK;
}

/* Focal parts and smoothing leave scores; what shifts or scales the classes of one another has no
 * meaning for labels that stand each by itself. */
static sy_status check_loss(label_run *run, sy_error *error) {
  const sy_loss_options *loss = sy_trainings_loss(run->options);
  sy_label_study *study = run->study;
  if (!loss) return SY_OK;
  const char *parts = loss->parts ? loss->parts : "";
  bool focal = strncmp(parts, "focal", 5) == 0 && !strchr(parts, '+');
  if ((*parts && !focal) || loss->margins || loss->offsets || loss->slopes ||
      (loss->scale != 0 && loss->scale != 1) || loss->cost_use != SY_COST_UNUSED ||
      loss->weigh_by_prediction)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the loss of several labels is cross-entropy, focal or smoothed; '%s' goes with "
                   "one class a row: class weights (--class-weight pos) favour rare labels",
                   *parts ? parts : "what shifts or scales classes");
  if (focal) snprintf(study->scores_only, sizeof study->scores_only, "%s", parts);
  if (!focal && loss->smoothing > 0)
    snprintf(study->scores_only, sizeof study->scores_only, "label smoothing");
  return SY_OK;
}

static sy_status start(label_run *run, sy_error *error) {
  sy_label_study *study = run->study;
  const sy_study_options *options = run->options;
  study->family = options->family;
  study->test_kind = options->test;
  study->folds = options->folds;
  study->share = options->share;
  study->l2_default = options->l2 < 0;
  study->epochs_most = sy_trainings_most(options);
  study->calibration = options->calibrate;
  snprintf(study->policy, sizeof study->policy, "%s",
           options->policy ? sy_policy_text(options->policy) : "none");
  study->messages = sy_messages_new();
  if (!study->messages) return sy_fail_memory(error);
  sy_status status = check_data(run, error);
  if (!status) status = check_options(run, error);
  if (!status && iterates(run)) status = sy_trainings_check_options(options, error);
  if (!status) status = check_loss(run, error);
  if (status) return status;
  run->courses = sy_alloc_zero(run->data->n_labels, sizeof *run->courses);
  run->rounds = sy_alloc_zero(run->data->n_labels, sizeof *run->rounds);
  if (!run->courses || !run->rounds) return sy_fail_memory(error);
  return sy_label_bench_make(&run->bench, run->data, options, study->messages, error);
}

static void use_mask(label_run *run, const uint8_t *mask) {
  sy_label_bench *bench = &run->bench;
  for (size_t i = 0; i < bench->n; i++)
    if (mask[i] && bench->strata[i] != SY_IGNORED) bench->fold[i] = 0;
  run->n_folds = 1;
}

/* Which rows judge which training. */
static sy_status split(label_run *run, sy_error *error) {
  sy_label_bench *bench = &run->bench;
  const sy_study_options *options = run->options;
  size_t n_strata = bench->n_labels + 1;
  sy_status status = SY_OK;
  if (options->test == SY_TEST_FOLDS) {
    run->n_folds = options->folds;
    return sy_split_folds(bench->strata, bench->n, n_strata, run->data->groups, options->folds,
                          options->seed, bench->fold, error);
  }
  if (options->test == SY_TEST_SHARE) {
    uint8_t *test = sy_alloc(bench->n, 1);
    if (!test) return sy_fail_memory(error);
    status = sy_split_share(bench->strata, bench->n, n_strata, run->data->groups, options->share,
                            options->seed, test, error);
    if (!status) use_mask(run, test);
    free(test);
  }
  if (options->test == SY_TEST_MASK) use_mask(run, run->data->test_mask);
  return status;
}

static sy_status check_sides(const label_run *run, sy_error *error) {
  const sy_label_bench *bench = &run->bench;
  size_t judged = 0, present = 0;
  for (size_t i = 0; i < bench->n; i++) {
    judged += bench->fold[i] >= 0;
    present += bench->strata[i] != SY_IGNORED;
  }
  if (run->n_folds == 0) return SY_OK;
  if (judged == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "no row is left to test on: give more rows, or test nothing (--test none)");
  if (run->n_folds == 1 && judged == present)
    return sy_fail(error, SY_INVALID_ARGUMENT, "every row is a test row: none is left to train on");
  return SY_OK;
}

static sy_status plan(label_run *run, sy_error *error) {
  sy_status status = split(run, error);
  if (!status) status = check_sides(run, error);
  if (status) return status;
  run->fits = run->n_folds + (run->n_folds == 0 && iterates(run)) + 1;
  return sy_label_unseen_make(&run->unseen, &run->bench, run->n_folds, error);
}

/* What comes of it is the caller's to clear, who is given nothing where it fails. */
static sy_status add_course(label_run *run, const sy_label_trained *trained, sy_error *error) {
  if (is_mlp(run)) return sy_course_add(&run->course, &trained->training, error);
  sy_status status = SY_OK;
  for (size_t l = 0; l < trained->n_by_label && !status; l++)
    if (trained->by_label[l].n_curve > 0)
      status = sy_course_add(&run->courses[l], &trained->by_label[l], error);
  return status;
}

static sy_status train(label_run *run, int without, bool holds, int stop_after,
                       sy_label_trained *trained, sy_error *error) {
  sy_label_training training = {.without = without,
                                .holds = holds,
                                .stop_after = stop_after,
                                .rounds = holds ? NULL : run->rounds,
                                .fit = run->fits_done + 1,
                                .fits = run->fits,
                                .progress = progress_of(run)};
  sy_status status = sy_label_train(&run->bench, &training, trained, error);
  run->fits_done++;
  if (status) return status;
  if (!*run->trouble) memcpy(run->trouble, trained->training.trouble, sizeof run->trouble);
  trained->result.converged = trained->result.converged && !*run->trouble;
  if (trained->held) status = add_course(run, trained, error);
  if (status) sy_label_trained_clear(trained);
  return status;
}

static sy_status judge_fold(label_run *run, int fold, sy_error *error) {
  sy_label_trained trained = {0};
  snprintf(run->stage, sizeof run->stage, "fold %d of %d", fold + 1, run->n_folds);
  sy_status status = train(run, fold, iterates(run), 0, &trained, error);
  if (status) return status;
  status = sy_label_unseen_add(&run->unseen, &run->bench, fold, &trained, error);
  sy_label_trained_clear(&trained);
  return status;
}

/* Rounds of each label; one that no training could tell of takes those of the longest. Returns
 * that; 0 where none is told. */
static int choose_rounds(label_run *run) {
  size_t n = run->data->n_labels;
  int most = 0;
  for (size_t l = 0; l < n; l++) {
    run->rounds[l] = sy_course_epochs(&run->courses[l]);
    if (run->rounds[l] > most) most = run->rounds[l];
  }
  for (size_t l = 0; l < n; l++)
    if (run->rounds[l] == 0) run->rounds[l] = most;
  return most;
}

/* How long the training of the model kept goes on: as the trainings with rows held back say. */
static sy_status choose_epochs(label_run *run, int *epochs, sy_error *error) {
  *epochs = 0;
  if (!iterates(run)) return SY_OK;
  if (run->n_folds == 0 && run->options->held_share > 0) {
    sy_label_trained trained = {0};
    snprintf(run->stage, sizeof run->stage, "epochs");
    sy_status status = train(run, -1, true, 0, &trained, error);
    if (status) return status;
    sy_label_trained_clear(&trained);
  }
  *epochs = is_boosted(run) ? choose_rounds(run) : sy_course_epochs(&run->course);
  return SY_OK;
}

/* What is to be known of how long a network, or trees, were trained. */
static void hint(label_run *run, int epochs) {
  const sy_network_options *network = run->options->network;
  int most = run->study->epochs_most;
  bool constant = is_boosted(run) || !network || network->schedule == SY_SCHEDULE_CONSTANT;
  const char *steps = is_boosted(run) ? "rounds" : "epochs";
  sy_messages *messages = run->study->messages;
  if (!iterates(run)) return;
  if (*run->trouble) sy_messages_add(messages, "%s", run->trouble);
  if (run->options->held_share > 0 && epochs == 0)
    sy_messages_add(messages,
                    "too few rows to hold any back: trained for all %d %s; --%s sets how many",
                    most, steps, steps);
  else
    sy_study_hint_held(messages, run->options->held_share, steps);
  if (epochs == most && constant)
    sy_messages_add(messages, "still improving at the last of %d %s: --%s raises it", most, steps,
                    steps);
}

/* The curves of trees, with what held rows said of each label. */
static sy_status join_curves(label_run *run, sy_error *error) {
  sy_label_trained *kept = &run->kept;
  if (!is_boosted(run)) return SY_OK;
  for (size_t l = 0; l < kept->n_by_label; l++)
    sy_course_tell(&run->courses[l], &kept->by_label[l]);
  return sy_label_join_curves(kept, error);
}

static sy_status fit_all(label_run *run, sy_error *error) {
  int epochs;
  sy_status status = choose_epochs(run, &epochs, error);
  snprintf(run->stage, sizeof run->stage, "all rows");
  if (!status) status = train(run, -1, false, epochs, &run->kept, error);
  if (status) return status;
  sy_label_study *study = run->study;
  status = join_curves(run, error);
  if (status) return status;
  study->counts = run->kept.counts;
  study->weights = run->kept.weights;
  study->fit = run->kept.result;
  study->l2 = run->kept.l2;
  study->training = run->kept.training;
  if (!is_boosted(run)) sy_course_tell(&run->course, &study->training);
  run->kept.counts = NULL;
  run->kept.weights = NULL;
  run->kept.training = (sy_training_result){0};
  hint(run, epochs);
  return sy_label_audits_make(run->options->policy, study->counts, study->weights, &study->audits,
                              error);
}

static void copy_messages(const sy_messages *from, sy_messages *to) {
  for (size_t i = 0; i < sy_messages_count(from); i++)
    sy_messages_add(to, "%s", sy_messages_get(from, i));
}

/* What the weights imply decides; without weights p > 1/2. */
static sy_status assemble(label_run *run, const sy_calibration *const *maps, double *costs,
                          double *shares, sy_decision_source *sources, sy_error *error) {
  sy_label_study *study = run->study;
  size_t n = run->bench.n_labels;
  for (size_t l = 0; l < n; l++) {
    sy_cost_implied(study->weights + 2 * l, 2, costs + 4 * l);
    sources[l] = is_weighted(run) ? SY_DECISION_IMPLIED : SY_DECISION_PLAIN;
  }
  sy_label_shares(study->counts, shares);
  sy_label_parts parts = {.labels = run->data->labels,
                          .n_labels = n,
                          .class_weights = study->weights,
                          .costs = costs,
                          .sources = sources,
                          .calibrations = maps,
                          .trained_prior = shares};
  sy_encoder *encoder = run->bench.encoder;
  sy_predictor *predictor = run->kept.predictor;
  run->bench.encoder = NULL;
  run->kept.predictor = NULL;
  return sy_model_new_labels(encoder, predictor, &parts, &study->model, error);
}

/* The curve of a network, or of trees, stays with the model. */
static sy_status note_curve(const label_run *run, sy_error *error) {
  if (!iterates(run)) return SY_OK;
  char *curve = sy_curve_text(&run->study->training);
  if (!curve) return sy_fail_memory(error);
  sy_status status = sy_model_set_note(run->study->model, SY_NOTE_CURVE, curve, error);
  free(curve);
  return status;
}

static sy_status make_model(label_run *run, sy_error *error) {
  size_t n = run->bench.n_labels;
  double *costs = sy_alloc(n, 4 * sizeof *costs), *shares = sy_alloc(n, 2 * sizeof *shares);
  sy_decision_source *sources = sy_alloc(n, sizeof *sources);
  const sy_calibration *const *maps = (const sy_calibration *const *)run->unseen.maps;
  sy_status status = costs && shares && sources ? assemble(run, maps, costs, shares, sources, error)
                                                : sy_fail_memory(error);
  if (!status) status = note_curve(run, error);
  free(costs);
  free(shares);
  free(sources);
  return status;
}

/* What the model says of whole rows, against the truth. */
static sy_status judge_frame(const sy_model *model, const sy_frame *frame, const uint8_t *truth,
                             const double *row_weights, sy_label_metrics *metrics,
                             sy_error *error) {
  size_t n = frame->rows, n_labels = sy_model_n_labels(model);
  double *probabilities = sy_alloc(n, n_labels * sizeof *probabilities);
  uint8_t *there = sy_alloc(n, n_labels);
  sy_status status = probabilities && there ? SY_OK : sy_fail_memory(error);
  if (!status) status = sy_model_score_labels(model, frame, probabilities, there, error);
  sy_label_evaluation evaluation = {.n = n,
                                    .n_labels = n_labels,
                                    .truth = truth,
                                    .probabilities = probabilities,
                                    .decisions = there,
                                    .row_weights = row_weights};
  if (!status) status = sy_evaluate_labels(&evaluation, metrics, error);
  free(probabilities);
  free(there);
  return status;
}

static sy_status review(label_run *run, sy_error *error) {
  const sy_label_study_data *data = run->data;
  sy_label_study *study = run->study;
  sy_status status =
      judge_frame(study->model, data->frame, data->truth, data->row_weights, &study->train, error);
  if (!status && run->n_folds > 0)
    status = sy_label_unseen_evaluate(&run->unseen, &run->bench, &study->test, error);
  if (!status && run->options->test == SY_TEST_OTHER)
    status = judge_frame(study->model, data->test_frame, data->test_truth, data->test_row_weights,
                         &study->test, error);
  if (status) return status;
  copy_messages(study->audits.warnings, study->messages);
  return sy_messages_check(study->messages, error);
}

static sy_status run_steps(label_run *run, sy_error *error) {
  sy_status status = start(run, error);
  if (!status) status = plan(run, error);
  for (int fold = 0; fold < run->n_folds && !status; fold++) status = judge_fold(run, fold, error);
  if (!status && run->options->calibrate != SY_STUDY_CALIBRATE_NONE)
    status = sy_label_unseen_calibrate(&run->unseen, &run->bench, run->options->calibrate, error);
  if (!status) status = fit_all(run, error);
  if (!status) status = make_model(run, error);
  return status ? status : review(run, error);
}

sy_status sy_label_study_run(const sy_label_study_data *data, const sy_study_options *options,
                             sy_label_study *study, sy_error *error) {
  *study = (sy_label_study){0};
  label_run run = {.data = data, .options = options, .study = study, .fits = 1};
  sy_status status = run_steps(&run, error);
  study->fit_seconds = run.bench.seconds;
  sy_label_unseen_clear(&run.unseen, data->n_labels);
  sy_label_trained_clear(&run.kept);
  sy_label_bench_clear(&run.bench);
  sy_course_clear(&run.course);
  for (size_t l = 0; run.courses && l < data->n_labels; l++) sy_course_clear(&run.courses[l]);
  free(run.courses);
  free(run.rounds);
  if (status) sy_label_study_clear(study);
  return status;
}

void sy_label_study_clear(sy_label_study *study) {
  sy_model_free(study->model);
  sy_counts_free(study->counts);
  free(study->weights);
  sy_label_audits_clear(&study->audits);
  sy_training_result_clear(&study->training);
  sy_label_metrics_clear(&study->train);
  sy_label_metrics_clear(&study->test);
  sy_messages_free(study->messages);
  *study = (sy_label_study){0};
}
