/* read_decision.c: the rule, the calibration map and the priors out of the constants of a graph, of
 * which nothing is believed. */
#include "base/error.h"
#include "base/memory.h"
#include "decide/cost_rule.h"
#include "onnx/decision.h"
#include "onnx/format.h"
#include <math.h>
#include <string.h>

static bool has_doubles(const sy_reading *reading, const char *part) {
  return sy_reading_tensor(reading, part, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE) != NULL;
}

/* Constant of n integers, each of 0 .. below - 1; NULL after sy_reading_fail. */
static const int64_t *read_integers(sy_reading *reading, const char *part, size_t n, size_t below) {
  const Onnx__TensorProto *tensor =
      sy_reading_tensor(reading, part, ONNX__TENSOR_PROTO__DATA_TYPE__INT64);
  bool good = tensor && tensor->n_int64_data == n && n > 0;
  for (size_t i = 0; good && i < n; i++)
    good = tensor->int64_data[i] >= 0 && (uint64_t)tensor->int64_data[i] < below;
  if (good) return tensor->int64_data;
  sy_reading_fail(reading, part);
  return NULL;
}

/* The expressions are what the inputs behind the columns are called. */
static sy_status read_expressions(sy_reading *reading, sy_cost_rule *rule) {
  size_t start = strlen(SY_COST_COLUMN);
  for (size_t i = reading->columns.n; i < reading->inputs.n; i++) {
    const char *name = reading->inputs.values[i];
    if (strncmp(name, SY_COST_COLUMN, start) != 0 || !name[start])
      return sy_reading_fail(reading, name);
    sy_status status = sy_cost_rule_add(rule, name + start, reading->error);
    if (status) return status;
  }
  return SY_OK;
}

static sy_status read_varying(sy_reading *reading, sy_cost_rule *rule) {
  size_t n_classes = rule->n_classes, last = 0;
  const Onnx__TensorProto *cells =
      sy_reading_tensor(reading, "varying/which", ONNX__TENSOR_PROTO__DATA_TYPE__INT64);
  size_t n = cells ? cells->n_int64_data : 0;
  const int64_t *which = read_integers(reading, "varying/which", n, rule->n_expressions);
  if (!which) return SY_INVALID_MODEL;
  const int64_t *actual = read_integers(reading, "varying/actual", n, n_classes);
  if (!actual) return SY_INVALID_MODEL;
  const int64_t *predicted = read_integers(reading, "varying/predicted", n, n_classes);
  if (!predicted) return SY_INVALID_MODEL;
  for (size_t i = 0; i < n; i++) {
    size_t cell = (size_t)actual[i] * n_classes + (size_t)predicted[i];
    if ((i > 0 && cell <= last) || rule->fixed[cell] != 0)
      return sy_reading_fail(reading, "varying/actual");
    last = cell;
    const char *expression = rule->expressions[which[i]];
    sy_status status =
        sy_cost_rule_set(rule, (size_t)actual[i], (size_t)predicted[i], expression, reading->error);
    if (status) return status;
  }
  return SY_OK;
}

static sy_status read_rule(sy_reading *reading, size_t n_classes, sy_cost_rule *rule) {
  const Onnx__TensorProto *cost = sy_reading_doubles(reading, "cost", n_classes, n_classes);
  if (!cost) return SY_INVALID_MODEL;
  for (size_t i = 0; i < n_classes * n_classes; i++)
    if (!isfinite(cost->double_data[i])) return sy_reading_fail(reading, "cost");
  sy_status status = sy_cost_rule_matrix(cost->double_data, n_classes, rule, reading->error);
  if (!status) status = read_expressions(reading, rule);
  if (status || rule->n_expressions == 0) return status;
  return read_varying(reading, rule);
}

/* Whether a map could be made of what was read. */
static sy_status made(sy_reading *reading, sy_status status) {
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(reading->error);
  return status ? sy_reading_fail(reading, "calibration") : SY_OK;
}

static sy_status read_temperature(sy_reading *reading, size_t n_classes,
                                  sy_calibration **calibration) {
  const Onnx__TensorProto *scale = sy_reading_doubles(reading, "calibration/scale", 1, 0);
  if (!scale) return SY_INVALID_MODEL;
  double *scales = sy_alloc(n_classes, sizeof *scales);
  if (!scales) return sy_fail_memory(reading->error);
  for (size_t k = 0; k < n_classes; k++) scales[k] = scale->double_data[0];
  sy_status status = sy_calibration_scaling(SY_CALIBRATION_TEMPERATURE, n_classes, scales, NULL,
                                            calibration, NULL);
  free(scales);
  return made(reading, status);
}

static sy_status read_vector(sy_reading *reading, size_t n_classes, sy_calibration **calibration) {
  const Onnx__TensorProto *scales = sy_reading_doubles(reading, "calibration/scales", n_classes, 0);
  if (!scales) return SY_INVALID_MODEL;
  const Onnx__TensorProto *shifts = sy_reading_doubles(reading, "calibration/shifts", n_classes, 0);
  if (!shifts) return SY_INVALID_MODEL;
  return made(reading, sy_calibration_scaling(SY_CALIBRATION_VECTOR, n_classes, scales->double_data,
                                              shifts->double_data, calibration, NULL));
}

/* How many knots each class has: up to where those of the next one begin; of two classes only
 * class 1 has any. */
static sy_status count_knots(sy_reading *reading, size_t n_classes, size_t n, size_t *n_knots) {
  size_t begin = n_classes == 2 ? 1 : 0, n_maps = n_classes - begin;
  const int64_t *first = read_integers(reading, "calibration/first", n_maps, n);
  if (!first) return SY_INVALID_MODEL;
  for (size_t m = 0; m < n_maps; m++) {
    int64_t end = m + 1 < n_maps ? first[m + 1] : (int64_t)n;
    if (end <= first[m] || (m == 0 && first[m] != 0))
      return sy_reading_fail(reading, "calibration/first");
    n_knots[begin + m] = (size_t)(end - first[m]);
  }
  return SY_OK;
}

static sy_status read_isotonic(sy_reading *reading, size_t n_classes,
                               sy_calibration **calibration) {
  const Onnx__TensorProto *knots = sy_reading_doubles(reading, "calibration/knots", 0, 0);
  if (!knots) return SY_INVALID_MODEL;
  size_t n = knots->n_double_data;
  const Onnx__TensorProto *values = sy_reading_doubles(reading, "calibration/values", n, 0);
  if (!values) return SY_INVALID_MODEL;
  size_t *n_knots = sy_alloc_zero(n_classes, sizeof *n_knots);
  if (!n_knots) return sy_fail_memory(reading->error);
  sy_status status = count_knots(reading, n_classes, n, n_knots);
  if (!status)
    status = made(reading, sy_calibration_isotonic(n_classes, n_knots, knots->double_data,
                                                   values->double_data, calibration, NULL));
  free(n_knots);
  return status;
}

/* What there is says of which kind the map is. */
static sy_status read_calibration(sy_reading *reading, size_t n_classes,
                                  sy_calibration **calibration) {
  if (has_doubles(reading, "calibration/scale"))
    return read_temperature(reading, n_classes, calibration);
  if (has_doubles(reading, "calibration/scales"))
    return read_vector(reading, n_classes, calibration);
  if (has_doubles(reading, "calibration/knots"))
    return read_isotonic(reading, n_classes, calibration);
  return SY_OK;
}

bool sy_reading_shares(const char *text, size_t n, double *shares) {
  for (size_t k = 0; k < n; k++) {
    char number[SY_NUMBER_SIZE];
    size_t length = strcspn(text, ",");
    if (length == 0 || length >= sizeof number) return false;
    memcpy(number, text, length);
    number[length] = 0;
    if (!sy_number_parse(number, &shares[k]) || text[length] != (k + 1 < n ? ',' : 0)) return false;
    text += length + 1;
  }
  return true;
}

/* The prior of the training stands in the graph where another one follows on it. */
static sy_status read_priors(sy_reading *reading, size_t n_classes, const char *trained,
                             sy_read_decision *decision) {
  bool has_prior = has_doubles(reading, "prior");
  if (!has_prior && !trained) return SY_OK;
  decision->trained_prior = sy_alloc(n_classes, sizeof *decision->trained_prior);
  if (!decision->trained_prior) return sy_fail_memory(reading->error);
  if (!has_prior)
    return sy_reading_shares(trained, n_classes, decision->trained_prior)
               ? SY_OK
               : sy_reading_fail(reading, SY_KEY_TRAINED_PRIOR);
  const Onnx__TensorProto *prior = sy_reading_doubles(reading, "prior", n_classes, 0);
  if (!prior) return SY_INVALID_MODEL;
  const Onnx__TensorProto *from = sy_reading_doubles(reading, "trained_prior", n_classes, 0);
  if (!from) return SY_INVALID_MODEL;
  memcpy(decision->trained_prior, from->double_data, n_classes * sizeof *from->double_data);
  decision->prior = prior->double_data;
  return SY_OK;
}

sy_status sy_reading_decision(sy_reading *reading, size_t n_classes, const char *trained_prior,
                              sy_read_decision *decision) {
  *decision = (sy_read_decision){0};
  sy_status status = read_rule(reading, n_classes, &decision->rule);
  if (!status) status = read_calibration(reading, n_classes, &decision->calibration);
  return status ? status : read_priors(reading, n_classes, trained_prior, decision);
}

void sy_reading_decision_clear(sy_read_decision *decision) {
  sy_cost_rule_clear(&decision->rule);
  sy_calibration_free(decision->calibration);
  free(decision->trained_prior);
  *decision = (sy_read_decision){0};
}
