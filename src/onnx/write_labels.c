/* write_labels.c: what follows on the logits of several labels a row, as nodes. Read this file as
 * the graph: all labels go through one node, those of their two classes, absence and presence,
 * lying along a last axis of 2. */
#include "onnx/decision.h"

#include "base/memory.h"
#include "classifier/classifier.h"
#include <string.h>

enum {
  DOUBLE = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE,
  INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64
};

/* A constant (L, 2) of what `get` gives of each label. */
static char *constant(sy_graph *graph, const sy_model *model, const char *part,
                      void (*get)(const sy_model *label, double *two)) {
  double *values = sy_graph_take(graph, 2 * model->n_classes, sizeof *values);
  for (size_t l = 0; values && l < model->n_classes; l++) get(model->labels[l], values + 2 * l);
  if (graph->failed) return NULL;
  return sy_graph_doubles(graph, sy_graph_name(graph, "%s", part), (int64_t)model->n_classes, 2,
                          values);
}

/* Logits (N, L) -> (N, L, 2): 0 for the absence of each label. */
static char *write_both(sy_graph *graph, char *logits, char *last_axis) {
  static const int64_t zero_before[] = {0, 0, 1, 0, 0, 0};
  char *alone = sy_graph_apply(graph, "Unsqueeze", "labels/presence", logits, last_axis, NULL);
  char *padding =
      sy_graph_integers(graph, sy_graph_name(graph, "labels/zero_before"), 6, -1, zero_before);
  return sy_graph_apply(graph, "Pad", "labels/logits", alone, padding, NULL);
}

/* A label without a map keeps its log-probabilities: times 1, plus 0. */
static void scales_of(const sy_model *label, double *two) {
  const double *scales = label->calibration ? sy_calibration_scales(label->calibration) : NULL;
  for (size_t k = 0; k < 2; k++) two[k] = scales ? scales[k] : 1;
}

static void shifts_of(const sy_model *label, double *two) {
  const double *shifts = label->calibration ? sy_calibration_shifts(label->calibration) : NULL;
  for (size_t k = 0; k < 2; k++) two[k] = shifts ? shifts[k] : 0;
}

static char *write_calibration(sy_graph *graph, const sy_model *model, char *corrected) {
  char *logs = sy_graph_apply(graph, "LogSoftmax", "calibration/logs", corrected, NULL, NULL);
  sy_graph_set_integer(graph, "axis", 2);
  char *scales = constant(graph, model, "calibration/scales", scales_of);
  char *scaled = sy_graph_apply(graph, "Mul", "calibration/scaled", logs, scales, NULL);
  char *shifts = constant(graph, model, "calibration/shifts", shifts_of);
  return sy_graph_apply(graph, "Add", "calibration/shifted", scaled, shifts, NULL);
}

/* Costs of saying that a label is not there, and that it is: a column of its matrix each. */
static void absent_costs(const sy_model *label, double *two) {
  two[0] = label->rule.fixed[0];
  two[1] = label->rule.fixed[2];
}

static void present_costs(const sy_model *label, double *two) {
  two[0] = label->rule.fixed[1];
  two[1] = label->rule.fixed[3];
}

/* Probabilities (N, L, 2) and the costs of saying one thing -> what it is expected to cost. */
static char *write_expected(sy_graph *graph, const char *group, char *both, char *costs,
                            char *last_axis) {
  char *terms = sy_graph_node(graph, "Mul", sy_graph_name(graph, "%s/terms", group), both, costs,
                              (char *)NULL);
  char *sums = sy_graph_node(graph, "ReduceSum", sy_graph_name(graph, "%s/expected", group), terms,
                             last_axis, (char *)NULL);
  sy_graph_set_integer(graph, "keepdims", 0);
  return sums;
}

/* There where saying so is expected to cost less. */
static void write_decision(sy_graph *graph, const sy_model *model, char *both, char *last_axis) {
  char *absent = constant(graph, model, "costs/said_absent", absent_costs);
  char *present = constant(graph, model, "costs/said_present", present_costs);
  char *without = write_expected(graph, "absent", both, absent, last_axis);
  char *with = write_expected(graph, "present", both, present, last_axis);
  char *there = sy_graph_apply(graph, "Less", "labels/is_there", with, without, NULL);
  sy_graph_apply(graph, "Cast", SY_ONNX_LABEL, there, NULL, NULL);
  sy_graph_set_integer(graph, "to", INT64);
  sy_graph_set_output(graph, SY_ONNX_LABEL);
}

void sy_graph_labels(sy_graph *graph, const sy_model *model, char *logits) {
  static const int64_t last = 2, presence = 1;
  int64_t n = (int64_t)model->n_classes;
  char *last_axis =
      sy_graph_integers(graph, sy_graph_name(graph, "labels/last_axis"), 1, -1, &last);
  char *second = sy_graph_integers(graph, sy_graph_name(graph, "labels/second"), -1, -1, &presence);
  char *at = write_both(graph, logits, last_axis);
  at = sy_graph_correction(graph, n, 2, model->class_weights, at);
  if (sy_model_has_calibrated_label(model)) at = write_calibration(graph, model, at);
  char *both = sy_graph_apply(graph, "Softmax", "labels/probabilities", at, NULL, NULL);
  sy_graph_set_integer(graph, "axis", 2);
  sy_graph_apply(graph, "Gather", SY_ONNX_PROBABILITIES, both, second, NULL);
  sy_graph_set_integer(graph, "axis", 2);
  sy_graph_set_output(graph, SY_ONNX_PROBABILITIES);
  write_decision(graph, model, both, last_axis);
  sy_graph_output(graph, sy_graph_own(graph, sy_copy_text(SY_ONNX_LABEL)), INT64, n);
  sy_graph_output(graph, sy_graph_own(graph, sy_copy_text(SY_ONNX_PROBABILITIES)), DOUBLE, n);
}
