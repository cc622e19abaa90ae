/* classifier.c: the handle and its parts. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "decide/tile.h"

#include <string.h>

sy_status sy_model_copy_classes(sy_model *model, const char *const *classes, size_t n,
                                sy_error *error) {
  model->n_classes = n;
  model->classes = sy_alloc_zero(n, sizeof *model->classes);
  if (!model->classes) return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++)
    if (!(model->classes[k] = sy_copy_text(classes[k]))) return sy_fail_memory(error);
  return SY_OK;
}

static sy_status copy_weights(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  size_t n = parts->n_classes;
  model->class_weights = sy_alloc(n, sizeof *model->class_weights);
  model->shifts = sy_alloc(n, sizeof *model->shifts);
  model->gains = sy_alloc(n, sizeof *model->gains);
  if (!model->class_weights || !model->shifts || !model->gains) return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++)
    model->class_weights[k] = parts->class_weights ? parts->class_weights[k] : 1;
  sy_correct_shifts(model->class_weights, n, model->shifts);
  return SY_OK;
}

static sy_status set_plain(sy_model *model, sy_error *error) {
  sy_cost_rule plain = {.n_classes = model->n_classes};
  plain.fixed = sy_alloc(model->n_classes, model->n_classes * sizeof *plain.fixed);
  if (!plain.fixed) return sy_fail_memory(error);
  sy_cost_plain(model->n_classes, plain.fixed);
  sy_status status = sy_model_set_rule(model, &plain, SY_DECISION_PLAIN, error);
  sy_cost_rule_clear(&plain);
  return status;
}

sy_status sy_model_copy_parts(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  sy_status status = sy_model_copy_classes(model, parts->classes, parts->n_classes, error);
  if (!status) status = copy_weights(model, parts, error);
  if (!status)
    status = parts->rule ? sy_model_set_rule(model, parts->rule, parts->source, error)
                         : set_plain(model, error);
  if (!status) status = sy_model_set_calibration(model, parts->calibration, error);
  if (!status) status = sy_model_take_trained_prior(model, parts->trained_prior, error);
  return status ? status : sy_model_set_prior(model, parts->prior, error);
}

/* Codes are what a network embeds, and nothing else takes them. */
static sy_status check_codes(const sy_model *model, sy_error *error) {
  const sy_network_shape *shape = sy_predictor_shape(model->predictor);
  size_t n_embeddings = shape ? shape->n_embeddings : 0, e = 0;
  for (size_t j = 0; j < sy_encoder_n_outputs(model->encoder); j++) {
    size_t codes = sy_encoder_output_codes(model->encoder, j), values = 0;
    if (e < n_embeddings && shape->embeddings[e].column == j)
      values = shape->embeddings[e++].n_values;
    if (codes == values) continue;
    return sy_fail(error, SY_INVALID_SHAPE,
                   "encoded column %zu has %zu codes, the predictor takes %zu (0: it takes a "
                   "number)",
                   j + 1, codes, values);
  }
  return SY_OK;
}

/* Numbers as they are may be missing, which trees alone have a way for. */
static sy_status check_raw(const sy_model *model, sy_error *error) {
  if (!sy_encoder_is_raw(model->encoder) || sy_predictor_forest(model->predictor)) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "the encoder leaves numbers as they are, missing ones too, and a predictor of the "
                 "family %s takes none such: trees do",
                 sy_predictor_family(model->predictor));
}

sy_status sy_model_check_halves(const sy_model *model, sy_error *error) {
  size_t features = sy_predictor_n_features(model->predictor);
  size_t outputs = sy_encoder_n_outputs(model->encoder);
  if (features == outputs) {
    sy_status status = check_raw(model, error);
    return status ? status : check_codes(model, error);
  }
  return sy_fail(error, SY_INVALID_SHAPE, "the encoder makes %zu columns, the predictor takes %zu",
                 outputs, features);
}

/* A class of the name of another could neither be priced nor told from it. */
static sy_status check_names(const sy_model_parts *parts, sy_error *error) {
  sy_dictionary names = {0};
  sy_status status = SY_OK;
  for (size_t k = 0; k < parts->n_classes && !status; k++) {
    const char *name = parts->classes[k];
    uint32_t code = sy_dictionary_add(&names, name, strlen(name));
    if (code == SY_NOT_FOUND)
      status = sy_fail_memory(error);
    else if (code != k)
      status = sy_fail(error, SY_INVALID_ARGUMENT, "two classes are called '%s'", name);
  }
  sy_dictionary_clear(&names);
  return status;
}

static sy_status check_parts(const sy_model *model, const sy_model_parts *parts, sy_error *error) {
  size_t classes = sy_predictor_n_classes(model->predictor);
  sy_status status = sy_model_check_halves(model, error);
  if (status) return status;
  if (classes != parts->n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "%zu class names for a predictor of %zu classes",
                   parts->n_classes, classes);
  status = check_names(parts, error);
  if (status) return status;
  if (parts->positive < -1 || parts->positive >= (int)classes)
    return sy_fail(error, SY_INVALID_SHAPE, "positive class %d of %zu classes", parts->positive,
                   classes);
  return SY_OK;
}

static sy_status complete(sy_model *model, const sy_model_parts *parts, sy_error *error) {
  sy_status status = check_parts(model, parts, error);
  if (status) return status;
  model->positive = parts->n_classes == 2 ? parts->positive : -1;
  return sy_model_copy_parts(model, parts, error);
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
  for (size_t l = 0; model->labels && l < model->n_classes; l++) sy_model_free(model->labels[l]);
  free(model->labels);
  for (size_t k = 0; model->classes && k < model->n_classes; k++) free(model->classes[k]);
  for (size_t i = 0; i < model->n_notes; i++) {
    free(model->notes[i].key);
    free(model->notes[i].value);
  }
  free(model->classes);
  free(model->class_weights);
  free(model->shifts);
  for (size_t i = 0; model->cost_columns && i < model->rule.n_expressions; i++)
    free(model->cost_columns[i]);
  free(model->cost_columns);
  sy_cost_rule_clear(&model->rule);
  free(model->gains);
  sy_calibration_free(model->calibration);
  free(model->trained_prior);
  free(model->prior);
  free(model->prior_shifts);
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

const sy_cost_rule *sy_model_cost_rule(const sy_model *model) {
  return &model->rule;
}

const double *sy_model_cost(const sy_model *model) {
  return model->rule.fixed;
}

sy_decision_source sy_model_decision_source(const sy_model *model) {
  return model->source;
}

int sy_model_positive(const sy_model *model) {
  return model->positive;
}

const sy_calibration *sy_model_calibration(const sy_model *model) {
  return model->calibration;
}

const double *sy_model_trained_prior(const sy_model *model) {
  return model->trained_prior;
}

const double *sy_model_prior(const sy_model *model) {
  return model->prior;
}
