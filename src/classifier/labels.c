/* labels.c: classifiers of several labels a row: one predictor, and for each of its logits a
 * classifier of two classes that takes what follows. */
#include <steelyard/classifier_labels.h>

#include "base/error.h"
#include "base/memory.h"
#include "classifier/classifier.h"
#include "model/predictor.h"
#include <stdio.h>
#include <string.h>

size_t sy_model_n_labels(const sy_model *model) {
  return model->labels ? model->n_classes : 0;
}

const sy_model *sy_model_label(const sy_model *model, size_t label) {
  return model->labels[label];
}

sy_status sy_model_check_kind(const sy_model *model, bool of_labels, sy_error *error) {
  if (of_labels == (model->labels != NULL)) return SY_OK;
  return of_labels ? sy_fail(error, SY_INVALID_ARGUMENT,
                             "the model says one class a row: it has no labels that are there or "
                             "not; the calls without _label are for it")
                   : sy_fail(error, SY_INVALID_ARGUMENT,
                             "the model says several labels a row: the calls with _label are for "
                             "it");
}

static sy_status check_shape(const sy_model *model, const sy_label_parts *parts, sy_error *error) {
  size_t logits = sy_predictor_n_classes(model->predictor);
  sy_status status = sy_model_check_halves(model, error);
  if (status) return status;
  if (parts->n_labels < 2 || logits != parts->n_labels)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "%zu labels for a predictor of %zu logits: one each, and at least 2",
                   parts->n_labels, logits);
  for (size_t l = 0; l < parts->n_labels; l++)
    for (size_t other = 0; other < l; other++)
      if (strcmp(parts->labels[l], parts->labels[other]) == 0) {
        char shown[SY_SHOWN_SIZE];
        return sy_fail(error, SY_INVALID_ARGUMENT, "the label \"%s\" is there twice",
                       sy_shown(parts->labels[l], shown));
      }
  return SY_OK;
}

/* Class weights of all labels, for those who ask the whole model. */
static sy_status copy_weights(sy_model *model, const double *weights, sy_error *error) {
  size_t n = 2 * model->n_classes;
  model->class_weights = sy_alloc(n, sizeof *model->class_weights);
  if (!model->class_weights) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) model->class_weights[i] = weights ? weights[i] : 1;
  return SY_OK;
}

static sy_status check_calibration(const sy_calibration *calibration, sy_error *error) {
  if (!calibration || sy_calibration_kind_of(calibration) != SY_CALIBRATION_ISOTONIC) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "labels are calibrated by temperature or vector, not by an isotonic map");
}

static sy_status take_label(sy_model *model, const sy_label_parts *parts, size_t label,
                            sy_error *error) {
  char *absence = NULL, *name = model->classes[label];
  size_t size = strlen(name) + sizeof "not ";
  sy_model *two = model->labels[label] = sy_alloc_zero(1, sizeof *two);
  if (two) absence = sy_alloc(size, 1);
  if (!absence) return sy_fail_memory(error);
  snprintf(absence, size, "not %s", name);
  const char *const classes[] = {absence, name};
  sy_cost_rule rule = {.n_classes = 2};
  double cost[4];
  if (parts->costs) rule.fixed = memcpy(cost, parts->costs + 4 * label, sizeof cost);
  sy_model_parts own = {.classes = classes,
                        .n_classes = 2,
                        .class_weights = model->class_weights + 2 * label,
                        .rule = parts->costs ? &rule : NULL,
                        .source = parts->sources ? parts->sources[label] : SY_DECISION_PLAIN,
                        .calibration = parts->calibrations ? parts->calibrations[label] : NULL,
                        .trained_prior =
                            parts->trained_prior ? parts->trained_prior + 2 * label : NULL};
  two->positive = 1;
  sy_status status = check_calibration(own.calibration, error);
  if (!status) status = sy_model_copy_parts(two, &own, error);
  free(absence);
  return status;
}

static sy_status complete(sy_model *model, const sy_label_parts *parts, sy_error *error) {
  sy_status status = check_shape(model, parts, error);
  if (!status) status = sy_model_copy_classes(model, parts->labels, parts->n_labels, error);
  if (!status) status = copy_weights(model, parts->class_weights, error);
  if (status) return status;
  model->positive = -1;
  model->labels = sy_alloc_zero(parts->n_labels, sizeof(sy_model *));
  if (!model->labels) return sy_fail_memory(error);
  for (size_t l = 0; l < parts->n_labels && !status; l++)
    status = take_label(model, parts, l, error);
  return status;
}

sy_status sy_model_new_labels(sy_encoder *encoder, sy_predictor *predictor,
                              const sy_label_parts *parts, sy_model **model, sy_error *error) {
  sy_model *made = sy_alloc_zero(1, sizeof *made);
  if (!made) {
    sy_encoder_free(encoder);
    sy_predictor_free(predictor);
    return sy_fail_memory(error);
  }
  made->encoder = encoder;
  made->predictor = predictor;
  sy_status status = complete(made, parts, error);
  if (status)
    sy_model_free(made);
  else
    *model = made;
  return status;
}

static sy_status check_label(const sy_model *model, size_t label, sy_error *error) {
  sy_status status = sy_model_check_kind(model, true, error);
  if (status || label < model->n_classes) return status;
  return sy_fail(error, SY_INVALID_SHAPE, "label %zu of a model of %zu", label, model->n_classes);
}

sy_status sy_model_set_label_rule(sy_model *model, size_t label, const double *cost,
                                  sy_decision_source source, sy_error *error) {
  double copy[4];
  sy_status status = check_label(model, label, error);
  if (status) return status;
  sy_cost_rule rule = {.n_classes = 2, .fixed = memcpy(copy, cost, sizeof copy)};
  return sy_model_set_rule(model->labels[label], &rule, source, error);
}

sy_status sy_model_set_label_calibration(sy_model *model, size_t label,
                                         const sy_calibration *calibration, sy_error *error) {
  sy_status status = check_label(model, label, error);
  if (!status) status = check_calibration(calibration, error);
  return status ? status : sy_model_set_calibration(model->labels[label], calibration, error);
}

/* The logits {0, z} of one label go through its classifier of two classes. */
static void finish_label(const sy_model *two, const double *logits, size_t rows, size_t stride,
                         double *probabilities, uint8_t *there) {
  double logs[2 * SY_TILE_ROWS], both[2 * SY_TILE_ROWS], expected[2 * SY_TILE_ROWS];
  sy_tile_scores scores = {.logs = logs, .probabilities = both, .expected = expected};
  for (size_t row = 0; row < stride; row++) logs[row] = 0;
  memcpy(logs + stride, logits, stride * sizeof *logs);
  sy_model_finish_tile(two, rows, stride, (sy_wanted){.decisions = true}, &scores);
  for (size_t row = 0; row < stride; row++) {
    /* A row too far for any probability says so at the first class. */
    probabilities[row] = both[row] == both[row] ? both[stride + row] : both[row];
    there[row] = (uint8_t)scores.decisions[row];
  }
}

const uint8_t *sy_model_score_label_tile(const sy_model *model, const sy_tile *tile,
                                         sy_tile_scores *scores) {
  uint8_t *there = (uint8_t *)scores->expected;
  sy_predictor_tile(model->predictor, tile, scores->scratch, scores->logs);
  for (size_t l = 0; l < model->n_classes; l++) {
    size_t at = l * tile->stride;
    finish_label(model->labels[l], scores->logs + at, tile->rows, tile->stride,
                 scores->probabilities + at, there + at);
  }
  return there;
}

sy_status sy_model_score_labels(const sy_model *model, const sy_frame *frame, double *probabilities,
                                uint8_t *decisions, sy_error *error) {
  sy_scorer *scorer = NULL;
  sy_status status = sy_model_check_kind(model, true, error);
  if (!status) status = sy_scorer_new(model, frame, &scorer, error);
  if (!status)
    status = sy_scorer_run_labels(scorer, 0, frame->rows, probabilities, decisions, error);
  sy_scorer_free(scorer);
  return status;
}

static bool same_rule(const sy_model *model) {
  const sy_model *first = model->labels[0];
  for (size_t l = 1; l < model->n_classes; l++) {
    const sy_model *label = model->labels[l];
    if (label->source != first->source ||
        memcmp(label->rule.fixed, first->rule.fixed, 4 * sizeof *label->rule.fixed) != 0)
      return false;
  }
  return true;
}

/* One sentence for all of them where they decide alike; `inspect` says each. */
void sy_model_describe_labels(const sy_model *model, char *text, size_t size) {
  const sy_model *first = model->labels[0];
  double threshold;
  char number[SY_NUMBER_SIZE];
  bool all_implied = true;
  for (size_t l = 0; l < model->n_classes; l++)
    all_implied = all_implied && model->labels[l]->source == SY_DECISION_IMPLIED;
  if (!same_rule(model) || !sy_cost_threshold(first->rule.fixed, 1, &threshold))
    snprintf(text, size, "each label at its own threshold%s",
             all_implied ? ", implied by class weights" : "");
  else
    snprintf(text, size, "each label at p >= %s%s", sy_threshold_text(threshold, number),
             first->source == SY_DECISION_PLAIN     ? ", more likely there than not"
             : first->source == SY_DECISION_IMPLIED ? ", implied by class weights"
                                                    : "");
}
