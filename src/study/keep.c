/* keep.c: the model that is kept, trained on all rows. */
#include "study/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The weights' largest ratio grows with the exponent: of power 1 it is that of
 * the counts. */
static void tell_ratios(sy_run *run) {
  sy_path *path = &run->study->path;
  double most = 0, least = INFINITY;
  for (size_t k = 0; k < run->bench.n_classes; k++) {
    double count = sy_counts_weight(run->kept.counts, k);
    if (count > most) most = count;
    if (count > 0 && count < least) least = count;
  }
  for (size_t i = 0; i < path->n; i++)
    path->points[i].max_ratio = pow(most / least, path->points[i].exponent);
}

static void tell_policy(sy_run *run) {
  sy_study *study = run->study;
  if (!run->options->automatic) return;
  char exponent[SY_NUMBER_SIZE];
  snprintf(study->policy, sizeof study->policy, "power:%.4s (auto, by %.32s)",
           sy_number_format(run->lines[run->chain.line].exponent, exponent), study->path.objective);
  tell_ratios(run);
}

/* Only where another source judges: in folds the twin was judged along. */
static sy_status fit_twin(sy_run *run, sy_error *error) {
  const sy_frame *frame = run->data->test_frame;
  sy_trained twin;
  sy_training training = {
      .without = -1, .progress = sy_run_progress(run), .plain = true, .epochs = run->epochs};
  snprintf(run->stage, sizeof run->stage, "training the unweighted twin");
  run->twin_logs = sy_alloc(frame->rows, run->bench.n_classes * sizeof(double));
  if (!run->twin_logs) return sy_fail_memory(error);
  sy_status status = sy_train(&run->bench, &training, &twin, error);
  if (status != SY_OK) return status;
  run->fits_done++;
  status = sy_trained_score_frame(&run->bench, &twin, frame, run->twin_logs, error);
  sy_trained_clear(&twin);
  return status;
}

bool sy_run_twin_of_other(const sy_run *run) {
  return run->options->test == SY_TEST_OTHER && sy_run_weighs(run) && !sy_run_refits(run);
}

/* What decisions weigh, on all rows: also where the probabilities are a twin's. */
static sy_status weigh(sy_run *run, const sy_policy *policy, sy_error *error) {
  size_t n_classes = run->bench.n_classes;
  run->weights = sy_alloc(n_classes, sizeof(double));
  if (!run->weights) return sy_fail_memory(error);
  if (!sy_run_refits(run)) {
    memcpy(run->weights, run->kept.class_weights, n_classes * sizeof(double));
    return SY_OK;
  }
  sy_status status = sy_weigh_classes(&run->bench, policy, run->kept.counts, run->weights, error);
  if (status != SY_OK || !run->bench.trainings) return status;
  return sy_trainings_weigh(run->bench.trainings, run->kept.counts,
                            sy_trainings_sample(run->options), run->weights, error);
}

/* A network (boosted trees) goes as long as those with rows held back were best: those of the
 * folds, or where there is none (--test none) one on all rows. Where no rows can be held back that
 * one is kept, and so it is where the caller chose them. */
static sy_status train_for_epochs(sy_run *run, sy_training *training, sy_error *error) {
  size_t which = sy_run_refits(run) ? (size_t)run->twin : run->chain.line;
  sy_course chosen = {0}, *course = &run->lines[which].course;
  sy_status status = SY_OK;
  if (run->bench.held_mask) {
    status = sy_train(&run->bench, training, &run->kept, error);
    run->fits_done += status == SY_OK;
    return status;
  }
  if (sy_run_tries_epochs(run)) {
    status = sy_train(&run->bench, training, &run->kept, error);
    if (status != SY_OK) return status;
    run->fits_done++;
    if (!run->kept.held) return SY_OK;
    status = sy_course_add(&chosen, &run->kept.training, error);
    sy_trained_clear(&run->kept);
    course = &chosen;
  }
  run->epochs = sy_course_epochs(course);
  training->epochs = run->epochs > 0 ? run->epochs : run->bench.trainings->most;
  training->progress = sy_run_progress(run);
  if (status == SY_OK) status = sy_train(&run->bench, training, &run->kept, error);
  if (status == SY_OK) run->fits_done++;
  if (status == SY_OK) sy_course_tell(course, &run->kept.training);
  sy_course_clear(&chosen);
  return status;
}

bool sy_run_tries_epochs(const sy_run *run) {
  return sy_family_iterates(run->options->family) && run->bench.n_folds == 0 &&
         run->options->held_share > 0 && !run->bench.held_mask;
}

static sy_status train(sy_run *run, const sy_policy *policy, sy_error *error) {
  sy_training training = {.policy = sy_run_refits(run) ? NULL : policy,
                          .without = -1,
                          .progress = sy_run_progress(run),
                          .plain = sy_run_refits(run)};
  if (run->bench.trainings) return train_for_epochs(run, &training, error);
  sy_status status = sy_train(&run->bench, &training, &run->kept, error);
  if (status == SY_OK) run->fits_done++;
  return status;
}

sy_status sy_run_fit(sy_run *run, sy_error *error) {
  const sy_policy *policy = run->lines[run->chain.line].policy;
  sy_study *study = run->study;
  snprintf(run->stage, sizeof run->stage, "training on all rows");
  sy_status status = train(run, policy, error);
  if (status != SY_OK) return status;
  study->fit = run->kept.result;
  study->l2 = run->kept.l2;
  study->training = run->kept.training;
  run->kept.training = (sy_training_result){0};
  status = weigh(run, policy, error);
  if (status == SY_OK)
    status = sy_audit_make(policy, run->bench.classes, run->kept.counts, run->weights,
                           run->bench.n_classes, &study->audit, error);
  if (status == SY_OK) tell_policy(run);
  if (status == SY_OK && sy_run_twin_of_other(run)) status = fit_twin(run, error);
  if (status == SY_OK) status = sy_run_rival_of_other(run, error);
  sy_book *book = run->bench.trainings ? run->bench.trainings->book : NULL;
  return status == SY_OK && book ? sy_book_end(book, error) : status;
}

/* What decides: a tuned rule, else given costs, else those that class weights
 * imply. */
static sy_decision_source find_rule(const sy_run *run, const double **cost) {
  if (run->chain.cost) {
    *cost = run->chain.cost;
    return SY_DECISION_TUNED;
  }
  *cost = run->plain;
  if (sy_run_priced(run)) return SY_DECISION_GIVEN;
  if (!sy_run_weighted(run)) return SY_DECISION_PLAIN;
  sy_cost_implied(run->weights, run->bench.n_classes, run->own_cost);
  *cost = run->own_cost;
  return SY_DECISION_IMPLIED;
}

static sy_status put_together(sy_run *run, const sy_cost_rule *rule, sy_decision_source source,
                              const double *prior, sy_error *error) {
  sy_model_parts parts = {.classes = run->bench.classes,
                          .n_classes = run->bench.n_classes,
                          .class_weights = run->kept.class_weights,
                          .rule = rule,
                          .source = source,
                          .calibration = run->chain.calibration,
                          .trained_prior = prior,
                          .positive = run->positive};
  sy_encoder *encoder = run->bench.encoder;
  sy_predictor *predictor = run->kept.predictor;
  run->bench.encoder = NULL; /* taken over, also on failure */
  run->kept.predictor = NULL;
  return sy_model_new(encoder, predictor, &parts, &run->study->model, error);
}

static sy_status note_training(const sy_study *study, sy_error *error) {
  if (!sy_family_iterates(study->family)) return SY_OK;
  const char *scores = study->scores_only[0] ? study->scores_only : NULL;
  sy_status status = sy_model_set_note(study->model, SY_NOTE_SCORES, scores, error);
  if (status != SY_OK) return status;
  char *curve = sy_curve_text(&study->training);
  if (!curve) return sy_fail_memory(error);
  status = sy_model_set_note(study->model, SY_NOTE_CURVE, curve, error);
  free(curve);
  return status;
}

static sy_status set_notes(const sy_run *run, sy_error *error) {
  const sy_study *study = run->study;
  char text[96];
  sy_status status = sy_model_set_note(study->model, "class weights", study->policy, error);
  if (status == SY_OK) status = note_training(study, error);
  if (status == SY_OK && study->tuned)
    status = sy_model_set_note(study->model, "decision tuned for", study->tuned_for, error);
  if (status != SY_OK || run->options->calibrate == SY_STUDY_CALIBRATE_NONE) return status;
  snprintf(text, sizeof text,
           sy_run_refits(run) ? "%s, probabilities of an unweighted twin"
                              : "%s, on rows unseen by the model",
           sy_study_calibration_name(run->options->calibrate));
  return sy_model_set_note(study->model, "calibrated", text, error);
}

sy_status sy_run_assemble(sy_run *run, sy_error *error) {
  size_t n_classes = run->bench.n_classes;
  const double *cost;
  sy_decision_source source = find_rule(run, &cost);
  sy_cost_rule made = {0};
  double *prior = sy_alloc(n_classes, sizeof *prior), total = 0;
  sy_status status = prior ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK && source != SY_DECISION_GIVEN)
    status = sy_cost_rule_matrix(cost, n_classes, &made, error);
  for (size_t k = 0; k < n_classes; k++) total += sy_counts_weight(run->kept.counts, k);
  for (size_t k = 0; status == SY_OK && k < n_classes; k++)
    prior[k] = sy_counts_weight(run->kept.counts, k) / total;
  if (status == SY_OK)
    status = put_together(run, source == SY_DECISION_GIVEN ? run->options->cost_rule : &made,
                          source, prior, error);
  sy_cost_rule_clear(&made);
  free(prior);
  return status == SY_OK ? set_notes(run, error) : status;
}
