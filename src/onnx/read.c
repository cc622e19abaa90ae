/* read.c: an ONNX file of steelyard's as a classifier. The bytes are believed step by step: sealed,
 * of a known format, made of known messages, then each constant of the size the others ask for. */
#include "base/error.h"
#include "base/memory.h"
#include "classifier/classifier.h"
#include "onnx/decision.h"
#include "onnx/format.h"
#include "onnx/network.h"
#include "onnx/reading.h"
#include "onnx/trees.h"
#include "onnx/wire.h"
#include <math.h>
#include <steelyard/onnx.h>
#include <steelyard/store.h>
#include <string.h>

static sy_status check_bytes(const char *what, const uint8_t *bytes, size_t size, sy_error *error) {
  sy_glance glance = sy_wire_glance(bytes, size);
  if (sy_seal_holds(bytes, size)) {
    if (glance.format > SY_MODEL_FORMAT)
      return sy_fail(error, SY_INVALID_MODEL, "%s was written by a newer steelyard (format %ld)",
                     what, glance.format);
    if (glance.format >= 1 && sy_wire_is_known(bytes, size)) return SY_OK;
    return sy_fail(error, SY_INVALID_MODEL, "%s is damaged (unknown fields)", what);
  }
  if (glance.ours || sy_seal_is_there(bytes, size))
    return sy_fail(error, SY_INVALID_MODEL, "%s is cut short or damaged (checksum)", what);
  if (glance.whole && glance.has_version && glance.has_graph)
    return sy_fail(error, SY_INVALID_MODEL, "%s is an ONNX file but not one written by steelyard",
                   what);
  if (size > 0 && bytes[0] == '{')
    return sy_fail(error, SY_INVALID_MODEL,
                   "%s is no ONNX file; if it is a model of XGBoost's, steelyard decide %s -o "
                   "model.onnx (in Python Model.from_xgboost) makes one of it",
                   what, what);
  return sy_fail(error, SY_INVALID_MODEL, "%s is no ONNX file%s", what,
                 size == 0 ? " (it is empty)" : "");
}

/* Coefficients lie (D, V) in the graph and (V, D) in a predictor. */
static sy_status read_logistic(sy_reading *reading, size_t width, size_t n_classes,
                               sy_predictor **predictor) {
  const Onnx__TensorProto *intercepts = sy_reading_doubles(reading, "intercepts", 0, 0);
  size_t vectors = intercepts ? intercepts->n_double_data : 0;
  const Onnx__TensorProto *from = sy_reading_doubles(reading, "coefficients", width, vectors);
  if (!from || !intercepts) return SY_INVALID_MODEL;
  double *values = sy_alloc(width, vectors * sizeof *values);
  if (!values) return sy_fail_memory(reading->error);
  for (size_t j = 0; j < width; j++)
    for (size_t k = 0; k < vectors; k++) values[k * width + j] = from->double_data[j * vectors + k];
  sy_status status = sy_predictor_logistic(width, n_classes, vectors, values,
                                           intercepts->double_data, predictor, NULL);
  free(values);
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(reading->error);
  return status ? sy_reading_fail(reading, "coefficients") : SY_OK;
}

static sy_status read_predictor(sy_reading *reading, const sy_encoder *encoder, size_t n_classes,
                                sy_predictor **predictor) {
  if (sy_reading_has_network(reading))
    return sy_reading_network(reading, encoder, n_classes, predictor);
  if (sy_reading_has_trees(reading))
    return sy_reading_trees(reading, sy_encoder_n_outputs(encoder), n_classes, predictor);
  return read_logistic(reading, sy_encoder_n_outputs(encoder), n_classes, predictor);
}

const char *sy_reading_metadata(const sy_reading *reading, const char *key) {
  for (size_t i = 0; i < reading->model->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *entry = reading->model->metadata_props[i];
    if (entry->key && entry->value && strcmp(entry->key, key) == 0) return entry->value;
  }
  return NULL;
}

/* The classes, their weights, and what decides. `classes` and `decision` are filled and owned by
 * the caller; the numbers point into them and into the file. */
static sy_status read_parts(sy_reading *reading, sy_dictionary *classes, sy_read_decision *decision,
                            sy_model_parts *parts) {
  sy_status status = sy_reading_classes(reading, classes);
  if (status) return status;
  size_t n = classes->n;
  const Onnx__TensorProto *weights = sy_reading_doubles(reading, "class_weights", n, 0);
  if (!weights) return SY_INVALID_MODEL;
  for (size_t k = 0; k < n; k++)
    if (!(weights->double_data[k] >= 0) || isinf(weights->double_data[k]))
      return sy_reading_fail(reading, "class_weights");
  status =
      sy_reading_decision(reading, n, sy_reading_metadata(reading, SY_KEY_TRAINED_PRIOR), decision);
  if (status) return status;
  const char *source = sy_reading_metadata(reading, SY_KEY_DECISION);
  const char *positive = sy_reading_metadata(reading, SY_KEY_POSITIVE);
  *parts = (sy_model_parts){.classes = (const char *const *)classes->values,
                            .n_classes = n,
                            .class_weights = weights->double_data,
                            .rule = &decision->rule,
                            .positive = -1,
                            .calibration = decision->calibration,
                            .trained_prior = decision->trained_prior,
                            .prior = decision->prior};
  if (!source || !sy_source_parse(source, &parts->source))
    return sy_reading_fail(reading, SY_KEY_DECISION);
  if (!positive) return SY_OK;
  uint32_t id = sy_dictionary_find(classes, positive, strlen(positive));
  if (id == SY_NOT_FOUND || n != 2) return sy_reading_fail(reading, SY_KEY_POSITIVE);
  parts->positive = (int)id;
  return SY_OK;
}

static sy_status read_notes(const sy_reading *reading, sy_model *model) {
  size_t start = strlen(SY_KEY_NOTE);
  for (size_t i = 0; i < reading->model->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *entry = reading->model->metadata_props[i];
    if (!entry->key || !entry->value || strncmp(entry->key, SY_KEY_NOTE, start) != 0) continue;
    sy_status status = sy_model_set_note(model, entry->key + start, entry->value, reading->error);
    if (status) return status;
  }
  return SY_OK;
}

static sy_status read_halves(sy_reading *reading, size_t n_classes, sy_encoder **encoder,
                             sy_predictor **predictor) {
  sy_status status = sy_reading_encoder(reading, encoder);
  if (!status) status = read_predictor(reading, *encoder, n_classes, predictor);
  if (status) sy_encoder_free(*encoder);
  return status;
}

/* Puts the classifier together; parts that do not fit one another are damage. */
static sy_status assemble(sy_reading *reading, const sy_model_parts *parts, sy_model **model) {
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_status status = read_halves(reading, parts->n_classes, &encoder, &predictor);
  if (status) return status;
  status = sy_model_new(encoder, predictor, parts, model, NULL);
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(reading->error);
  return status ? sy_reading_fail(reading, "decision") : SY_OK;
}

static sy_status read_classes(sy_reading *reading, sy_model **model) {
  sy_dictionary classes = {0};
  sy_model_parts parts;
  sy_read_decision decision = {0};
  sy_status status = read_parts(reading, &classes, &decision, &parts);
  if (!status) status = assemble(reading, &parts, model);
  sy_reading_decision_clear(&decision);
  sy_dictionary_clear(&classes);
  return status;
}

static sy_status read_labels(sy_reading *reading, sy_model **model) {
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_status status = read_halves(reading, sy_reading_n_labels(reading), &encoder, &predictor);
  return status ? status : sy_reading_labels(reading, encoder, predictor, model);
}

static sy_status read_model(sy_reading *reading, sy_model **model) {
  sy_status status =
      sy_reading_n_labels(reading) ? read_labels(reading, model) : read_classes(reading, model);
  if (status) return status;
  status = read_notes(reading, *model);
  if (status) {
    sy_model_free(*model);
    *model = NULL;
  }
  return status;
}

static sy_status read_bytes(const char *what, const void *bytes, size_t size, sy_model **model,
                            sy_error *error) {
  sy_reading reading;
  sy_model *made = NULL;
  sy_status status = check_bytes(what, bytes, size, error);
  if (status) return status;
  status = sy_reading_start(&reading, what, bytes, size, error);
  if (!status) status = read_model(&reading, &made);
  if (!status) *model = made;
  sy_reading_clear(&reading);
  return status;
}

sy_status sy_model_from_onnx(const void *bytes, size_t size, sy_model **model, sy_error *error) {
  return read_bytes("the model", bytes, size, model, error);
}

sy_status sy_model_open(const char *path, sy_model **model, sy_error *error) {
  void *bytes;
  size_t size;
  sy_status status = sy_file_read(path, &bytes, &size, error);
  if (status) return status;
  status = read_bytes(path, bytes, size, model, error);
  free(bytes);
  return status;
}
