/* read_labels.c: a classifier of several labels out of the constants and the metadata of a graph,
 * of which nothing is believed. */
#include "base/error.h"
#include "base/memory.h"
#include "classifier/classifier.h"
#include "onnx/decision.h"
#include "onnx/format.h"
#include <math.h>
#include <stdio.h>
#include <steelyard/classifier_labels.h>
#include <string.h>

static const char *label_at(const sy_reading *reading, size_t place) {
  char key[sizeof SY_KEY_LABEL + SY_NUMBER_SIZE];
  snprintf(key, sizeof key, "%s%zu", SY_KEY_LABEL, place);
  return sy_reading_metadata(reading, key);
}

/* Labels are as many as the columns of the output say, the names of all of which are needed. */
size_t sy_reading_n_labels(const sy_reading *reading) {
  size_t n = 0;
  if (!label_at(reading, 0)) return 0;
  const Onnx__TensorProto *weights =
      sy_reading_tensor(reading, "class_weights", ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
  if (weights && weights->n_dims == 2 && weights->dims[0] > 0) n = (size_t)weights->dims[0];
  return n ? n : 1;
}

/* All that is read before the classifier is made; arrays of L. */
typedef struct label_arrays {
  size_t n;
  const char **names;
  double *costs;         /* (L, 2, 2) */
  double *trained_prior; /* (L, 2) */
  sy_decision_source *sources;
  sy_calibration **calibrations;
} label_arrays;

static sy_status make_arrays(sy_reading *reading, size_t n, label_arrays *arrays) {
  *arrays = (label_arrays){.n = n,
                           .names = sy_alloc_zero(n, sizeof *arrays->names),
                           .costs = sy_alloc_zero(n, 4 * sizeof *arrays->costs),
                           .trained_prior = sy_alloc_zero(n, 2 * sizeof *arrays->trained_prior),
                           .sources = sy_alloc_zero(n, sizeof *arrays->sources),
                           .calibrations = sy_alloc_zero(n, sizeof(sy_calibration *))};
  if (arrays->names && arrays->costs && arrays->trained_prior && arrays->sources &&
      arrays->calibrations)
    return SY_OK;
  return sy_fail_memory(reading->error);
}

static void clear_arrays(label_arrays *arrays) {
  for (size_t l = 0; arrays->calibrations && l < arrays->n; l++)
    sy_calibration_free(arrays->calibrations[l]);
  free(arrays->names);
  free(arrays->costs);
  free(arrays->trained_prior);
  free(arrays->sources);
  free(arrays->calibrations);
}

static sy_status read_names(sy_reading *reading, label_arrays *arrays) {
  for (size_t l = 0; l < arrays->n; l++)
    if (!(arrays->names[l] = label_at(reading, l))) return sy_reading_fail(reading, SY_KEY_LABEL);
  return label_at(reading, arrays->n) ? sy_reading_fail(reading, SY_KEY_LABEL) : SY_OK;
}

/* Costs of saying `said` lie in one column of each label's matrix. */
static sy_status read_costs(sy_reading *reading, const char *part, size_t said,
                            label_arrays *arrays) {
  const Onnx__TensorProto *costs = sy_reading_doubles(reading, part, arrays->n, 2);
  if (!costs) return SY_INVALID_MODEL;
  for (size_t i = 0; i < 2 * arrays->n; i++) {
    if (!isfinite(costs->double_data[i])) return sy_reading_fail(reading, part);
    arrays->costs[2 * i + said] = costs->double_data[i];
  }
  return SY_OK;
}

/* Word `place` of a list with commas between; false where it is longer than words are. */
static bool next_word(const char **list, char word[SY_NUMBER_SIZE]) {
  size_t length = strcspn(*list, ",");
  if (length == 0 || length >= SY_NUMBER_SIZE) return false;
  memcpy(word, *list, length);
  word[length] = 0;
  *list += length + ((*list)[length] == ',');
  return true;
}

static sy_status read_sources(sy_reading *reading, label_arrays *arrays) {
  const char *list = sy_reading_metadata(reading, SY_KEY_DECISION);
  char word[SY_NUMBER_SIZE];
  bool good = list;
  for (size_t l = 0; good && l < arrays->n; l++)
    good = next_word(&list, word) && sy_source_parse(word, &arrays->sources[l]);
  return good && !*list ? SY_OK : sy_reading_fail(reading, SY_KEY_DECISION);
}

static sy_status make_calibration(sy_reading *reading, const char *word, const double *scales,
                                  const double *shifts, sy_calibration **calibration) {
  bool vector = strcmp(word, SY_VECTOR_CALIBRATION) == 0;
  if (!vector && strcmp(word, SY_TEMPERATURE_CALIBRATION) != 0)
    return strcmp(word, SY_NO_CALIBRATION) == 0 ? SY_OK
                                                : sy_reading_fail(reading, SY_KEY_CALIBRATION);
  sy_status status =
      sy_calibration_scaling(vector ? SY_CALIBRATION_VECTOR : SY_CALIBRATION_TEMPERATURE, 2, scales,
                             vector ? shifts : NULL, calibration, NULL);
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(reading->error);
  return status ? sy_reading_fail(reading, "calibration") : SY_OK;
}

static sy_status read_calibrations(sy_reading *reading, label_arrays *arrays) {
  const char *list = sy_reading_metadata(reading, SY_KEY_CALIBRATION);
  if (!list) return SY_OK;
  const Onnx__TensorProto *scales = sy_reading_doubles(reading, "calibration/scales", arrays->n, 2);
  if (!scales) return SY_INVALID_MODEL;
  const Onnx__TensorProto *shifts = sy_reading_doubles(reading, "calibration/shifts", arrays->n, 2);
  if (!shifts) return SY_INVALID_MODEL;
  for (size_t l = 0; l < arrays->n; l++) {
    char word[SY_NUMBER_SIZE];
    if (!next_word(&list, word)) return sy_reading_fail(reading, SY_KEY_CALIBRATION);
    sy_status status = make_calibration(reading, word, scales->double_data + 2 * l,
                                        shifts->double_data + 2 * l, &arrays->calibrations[l]);
    if (status) return status;
  }
  return *list ? sy_reading_fail(reading, SY_KEY_CALIBRATION) : SY_OK;
}

static sy_status read_arrays(sy_reading *reading, label_arrays *arrays, sy_label_parts *parts) {
  size_t n = arrays->n;
  sy_status status = read_names(reading, arrays);
  const Onnx__TensorProto *weights =
      status ? NULL : sy_reading_doubles(reading, "class_weights", n, 2);
  if (!weights) return SY_INVALID_MODEL;
  for (size_t i = 0; i < 2 * n; i++)
    if (!(weights->double_data[i] >= 0) || isinf(weights->double_data[i]))
      return sy_reading_fail(reading, "class_weights");
  status = read_costs(reading, "costs/said_absent", 0, arrays);
  if (!status) status = read_costs(reading, "costs/said_present", 1, arrays);
  if (!status) status = read_sources(reading, arrays);
  if (!status) status = read_calibrations(reading, arrays);
  if (status) return status;
  const char *shares = sy_reading_metadata(reading, SY_KEY_TRAINED_PRIOR);
  if (shares && !sy_reading_shares(shares, 2 * n, arrays->trained_prior))
    return sy_reading_fail(reading, SY_KEY_TRAINED_PRIOR);
  *parts = (sy_label_parts){.labels = arrays->names,
                            .n_labels = n,
                            .class_weights = weights->double_data,
                            .costs = arrays->costs,
                            .sources = arrays->sources,
                            .calibrations = (const sy_calibration *const *)arrays->calibrations,
                            .trained_prior = shares ? arrays->trained_prior : NULL};
  return SY_OK;
}

sy_status sy_reading_labels(sy_reading *reading, sy_encoder *encoder, sy_predictor *predictor,
                            sy_model **model) {
  label_arrays arrays;
  sy_label_parts parts;
  sy_status status = make_arrays(reading, sy_predictor_n_classes(predictor), &arrays);
  if (!status) status = read_arrays(reading, &arrays, &parts);
  if (status) {
    sy_encoder_free(encoder);
    sy_predictor_free(predictor);
  } else {
    status = sy_model_new_labels(encoder, predictor, &parts, model, NULL);
    if (status == SY_OUT_OF_MEMORY)
      sy_fail_memory(reading->error);
    else if (status)
      status = sy_reading_fail(reading, SY_KEY_LABEL);
  }
  clear_arrays(&arrays);
  return status;
}
