/* classifier.c: the handle: its parts, and its decision in words. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "decide/tile.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static sy_status copy_classes(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  model->classes = sy_alloc_zero(parts->n_classes, sizeof *model->classes);
  if (!model->classes) return sy_fail_memory(error);
  for (size_t k = 0; k < parts->n_classes; k++)
    if (!(model->classes[k] = sy_copy_text(parts->classes[k]))) return sy_fail_memory(error);
  return SY_OK;
}

static sy_status copy_numbers(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  size_t n = parts->n_classes;
  model->class_weights = sy_alloc(n, sizeof *model->class_weights);
  model->shifts = sy_alloc(n, sizeof *model->shifts);
  model->gains = sy_alloc(n, sizeof *model->gains);
  model->cost = sy_alloc(n, n * sizeof *model->cost);
  if (!model->class_weights || !model->shifts || !model->gains || !model->cost)
    return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++)
    model->class_weights[k] = parts->class_weights ? parts->class_weights[k] : 1;
  sy_correct_shifts(model->class_weights, n, model->shifts);
  sy_model_set_cost(model, parts->cost, parts->source);
  return SY_OK;
}

static sy_status check_parts(const sy_model *model, const sy_model_parts *parts, sy_error *error) {
  size_t features = sy_predictor_n_features(model->predictor);
  size_t classes = sy_predictor_n_classes(model->predictor);
  size_t outputs = sy_encoder_n_outputs(model->encoder);
  if (features != outputs)
    return sy_fail(error, SY_INVALID_SHAPE,
                   "the encoder makes %zu columns, the predictor takes %zu", outputs, features);
  if (classes != parts->n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "%zu class names for a predictor of %zu classes",
                   parts->n_classes, classes);
  if (parts->positive < -1 || parts->positive >= (int)classes)
    return sy_fail(error, SY_INVALID_SHAPE, "positive class %d of %zu classes", parts->positive,
                   classes);
  return SY_OK;
}

static sy_status complete(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  sy_status status = check_parts(model, parts, error);
  if (status) return status;
  model->n_classes = parts->n_classes;
  model->positive = parts->n_classes == 2 ? parts->positive : -1;
  status = copy_classes(model, parts, error);
  return status ? status : copy_numbers(model, parts, error);
}

sy_status sy_model_new(sy_encoder *encoder, sy_predictor *predictor, const sy_model_parts *parts,
                       sy_model **model, sy_error *error) {
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

void sy_model_free(sy_model *model) {
  if (!model) return;
  for (size_t k = 0; model->classes && k < model->n_classes; k++) free(model->classes[k]);
  for (size_t i = 0; i < model->n_notes; i++) {
    free(model->notes[i].key);
    free(model->notes[i].value);
  }
  free(model->classes);
  free(model->class_weights);
  free(model->shifts);
  free(model->cost);
  free(model->gains);
  free(model->notes);
  sy_encoder_free(model->encoder);
  sy_predictor_free(model->predictor);
  free(model);
}

const sy_encoder *sy_model_encoder(const sy_model *model) {
  return model->encoder;
}

const sy_predictor *sy_model_predictor(const sy_model *model) {
  return model->predictor;
}

size_t sy_model_n_classes(const sy_model *model) {
  return model->n_classes;
}

const char *const *sy_model_classes(const sy_model *model) {
  return (const char *const *)model->classes;
}

const double *sy_model_class_weights(const sy_model *model) {
  return model->class_weights;
}

const double *sy_model_cost(const sy_model *model) {
  return model->cost;
}

sy_decision_source sy_model_decision_source(const sy_model *model) {
  return model->source;
}

int sy_model_positive(const sy_model *model) {
  return model->positive;
}

void sy_model_set_cost(sy_model *model, const double *cost, sy_decision_source source) {
  memmove(model->cost, cost, model->n_classes * model->n_classes * sizeof *cost);
  model->only_gains = sy_cost_gains(model->cost, model->n_classes, model->gains);
  model->source = source;
}

static const char *source_words(sy_decision_source source) {
  switch (source) {
  case SY_DECISION_PLAIN:
    return "the most probable class";
  case SY_DECISION_IMPLIED:
    return "implied by class weights";
  case SY_DECISION_GIVEN:
    return "from given costs";
  }
  return "from costs";
}

/* Written from integers: printf's decimal point depends on the locale. */
const char *sy_threshold_text(double threshold, char text[SY_NUMBER_SIZE]) {
  if (threshold >= 0.001 || threshold == 0) {
    long thousandths = lround(threshold * 1000);
    snprintf(text, SY_NUMBER_SIZE, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
    return text;
  }
  return sy_number_round(threshold, 3, text);
}

static void describe_two(const sy_model *model, const char *why, char *text, size_t size) {
  int positive = model->positive < 0 ? 1 : model->positive;
  const char *name = model->classes[positive];
  char number[SY_NUMBER_SIZE];
  double threshold;
  if (!sy_cost_threshold(model->cost, positive, &threshold))
    snprintf(text, size, "least expected cost, %s", why);
  else if (threshold > 1)
    snprintf(text, size, "never %s, %s", name, why);
  else if (threshold < 0)
    snprintf(text, size, "always %s, %s", name, why);
  else
    snprintf(text, size, "%s at p >= %s, %s", name, sy_threshold_text(threshold, number), why);
}

void sy_model_describe_decision(const sy_model *model, char *text, size_t size) {
  const char *why = source_words(model->source);
  if (size == 0) return;
  if (model->n_classes == 2)
    describe_two(model, why, text, size);
  else if (model->source == SY_DECISION_PLAIN)
    snprintf(text, size, "%s", why);
  else
    snprintf(text, size, "least expected cost, %s", why);
}
