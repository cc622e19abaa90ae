/* write_decision.c: what follows on the logits, as nodes. Read this file as the graph: each
 * function adds the nodes of one step and returns the name of what it computes. */
#include "onnx/decision.h"

#include "base/memory.h"
#include "classifier/classifier.h"
#include <math.h>

enum { DOUBLE = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE };

char *sy_graph_apply(sy_graph *graph, const char *operation, const char *part, char *a, char *b,
                     char *c) {
  return sy_graph_node(graph, operation, sy_graph_name(graph, "%s", part), a, b, c, (char *)NULL);
}

static char *vector(sy_graph *graph, const char *part, size_t n, const double *values) {
  return sy_graph_doubles(graph, sy_graph_name(graph, "%s", part), (int64_t)n, -1, values);
}

/* Logits of the weighted model -> those of true probabilities: minus ln w, or -inf where w = 0.
 * Written as an addition: -inf (a class not learnt) plus either of them is never NaN. */
char *sy_graph_correction(sy_graph *graph, int64_t rows, int64_t columns, const double *of_classes,
                          char *logits) {
  static const double zero = 0, never = -INFINITY;
  char *weights =
      sy_graph_doubles(graph, sy_graph_name(graph, "class_weights"), rows, columns, of_classes);
  char *zeros = sy_graph_doubles(graph, sy_graph_name(graph, "zero"), -1, -1, &zero);
  char *nevers = sy_graph_doubles(graph, sy_graph_name(graph, "never"), -1, -1, &never);
  char *learnt = sy_graph_apply(graph, "Greater", "is_learnt", weights, zeros, NULL);
  char *logs = sy_graph_apply(graph, "Log", "log_weights", weights, NULL, NULL);
  char *shifts = sy_graph_apply(graph, "Neg", "minus_log_weights", logs, NULL, NULL);
  char *correction = sy_graph_apply(graph, "Where", "correction", learnt, shifts, nevers);
  return sy_graph_apply(graph, "Add", "corrected", logits, correction, NULL);
}

/* Scaled log-probabilities, not normalised: a temperature is one number, a vector two a class. */
static char *write_scaling(sy_graph *graph, const sy_calibration *calibration, char *corrected) {
  bool vector_of = sy_calibration_kind_of(calibration) == SY_CALIBRATION_VECTOR;
  size_t n = vector_of ? sy_calibration_n_classes(calibration) : 1;
  char *logs = sy_graph_apply(graph, "LogSoftmax", "calibration/logs", corrected, NULL, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *scales = vector(graph, vector_of ? "calibration/scales" : "calibration/scale", n,
                        sy_calibration_scales(calibration));
  char *scaled = sy_graph_apply(graph, "Mul", "calibration/scaled", logs, scales, NULL);
  if (!vector_of) return scaled;
  char *shifts = vector(graph, "calibration/shifts", n, sy_calibration_shifts(calibration));
  return sy_graph_apply(graph, "Add", "calibration/shifted", scaled, shifts, NULL);
}

/* Log-probabilities plus ln(prior / trained prior), -inf where the prior is 0. */
static char *write_prior(sy_graph *graph, const sy_model *model, char *logs) {
  char *trained = vector(graph, "trained_prior", model->n_classes, model->trained_prior);
  char *prior = vector(graph, "prior", model->n_classes, model->prior);
  char *there =
      sy_graph_apply(graph, "Greater", "prior/is_there", prior, sy_graph_name(graph, "zero"), NULL);
  char *ratio = sy_graph_apply(graph, "Div", "prior/ratio", prior, trained, NULL);
  char *log_ratio = sy_graph_apply(graph, "Log", "prior/log_ratio", ratio, NULL, NULL);
  char *shifts = sy_graph_apply(graph, "Where", "prior/shifts", there, log_ratio,
                                sy_graph_name(graph, "never"));
  return sy_graph_apply(graph, "Add", "prior/shifted", logs, shifts, NULL);
}

char *sy_graph_probabilities(sy_graph *graph, const sy_model *model, char *logits) {
  const sy_calibration *calibration = model->calibration;
  bool isotonic = calibration && sy_calibration_kind_of(calibration) == SY_CALIBRATION_ISOTONIC;
  int64_t n = (int64_t)model->n_classes;
  char *at = sy_graph_correction(graph, n, -1, model->class_weights, logits);
  if (isotonic)
    at = sy_graph_isotonic(graph, calibration, at);
  else if (calibration)
    at = write_scaling(graph, calibration, at);
  if (isotonic && model->prior)
    at = sy_graph_apply(graph, "Log", "calibration/log_shares", at, NULL, NULL);
  if (model->prior) at = write_prior(graph, model, at);
  if (!isotonic || model->prior) {
    sy_graph_apply(graph, "Softmax", SY_ONNX_PROBABILITIES, at, NULL, NULL);
    sy_graph_set_integer(graph, "axis", 1);
  }
  sy_graph_set_output(graph, SY_ONNX_PROBABILITIES);
  return sy_graph_own(graph, sy_copy_text(SY_ONNX_PROBABILITIES));
}

/* The cells of the rule that vary, in the order of the matrix. */
typedef struct varying_cells {
  int64_t *actual, *predicted, *which; /* (n) */
  int64_t *classes;                    /* (K) 0, 1, ... */
  size_t n;
} varying_cells;

static varying_cells find_cells(sy_graph *graph, const sy_cost_rule *rule) {
  size_t n_classes = rule->n_classes, most = n_classes * n_classes;
  varying_cells cells = {sy_graph_take(graph, most, sizeof(int64_t)),
                         sy_graph_take(graph, most, sizeof(int64_t)),
                         sy_graph_take(graph, most, sizeof(int64_t)),
                         sy_graph_take(graph, n_classes, sizeof(int64_t)), 0};
  for (size_t i = 0; i < most && !graph->failed; i++) {
    if (rule->which[i] < 0) continue;
    cells.actual[cells.n] = (int64_t)(i / n_classes);
    cells.predicted[cells.n] = (int64_t)(i % n_classes);
    cells.which[cells.n++] = rule->which[i];
  }
  for (size_t k = 0; k < n_classes && !graph->failed; k++) cells.classes[k] = (int64_t)k;
  return cells;
}

/* What the cells that vary add to the expected costs: p of the actual class times the cost of the
 * row, each added to the class it would predict. */
static char *write_varying(sy_graph *graph, const sy_cost_rule *rule, char *probabilities,
                           char **costs) {
  varying_cells cells = find_cells(graph, rule);
  int64_t n = (int64_t)cells.n, n_classes = (int64_t)rule->n_classes;
  if (graph->failed) return NULL;
  char *actual =
      sy_graph_integers(graph, sy_graph_name(graph, "varying/actual"), n, -1, cells.actual);
  char *which = sy_graph_integers(graph, sy_graph_name(graph, "varying/which"), n, -1, cells.which);
  char *predicted =
      sy_graph_integers(graph, sy_graph_name(graph, "varying/predicted"), n, 1, cells.predicted);
  char *classes = sy_graph_integers(graph, sy_graph_name(graph, "varying/classes"), 1, n_classes,
                                    cells.classes);
  char *joined =
      sy_graph_join(graph, sy_graph_name(graph, "varying/joined"), costs, rule->n_expressions);
  char *each = sy_graph_apply(graph, "Gather", "varying/costs", joined, which, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *chances = sy_graph_apply(graph, "Gather", "varying/chances", probabilities, actual, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *terms = sy_graph_apply(graph, "Mul", "varying/terms", chances, each, NULL);
  char *equal = sy_graph_apply(graph, "Equal", "varying/is_predicted", predicted, classes, NULL);
  char *places = sy_graph_apply(graph, "Cast", "varying/places", equal, NULL, NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  return sy_graph_apply(graph, "MatMul", "varying/expected_costs", terms, places, NULL);
}

/* The class of least expected cost, the first on ties. */
void sy_graph_decision(sy_graph *graph, const sy_model *model, char *probabilities, char **costs) {
  const sy_cost_rule *rule = &model->rule;
  int64_t n = (int64_t)model->n_classes;
  bool varies = rule->n_expressions > 0;
  char *cost = sy_graph_doubles(graph, sy_graph_name(graph, "cost"), n, n, rule->fixed);
  char *classes =
      sy_graph_strings(graph, sy_graph_name(graph, "classes"), model->classes, model->n_classes);
  char *expected = sy_graph_apply(graph, "MatMul", varies ? "fixed_costs" : "expected_costs",
                                  probabilities, cost, NULL);
  if (varies) {
    char *more = write_varying(graph, rule, probabilities, costs);
    expected = sy_graph_apply(graph, "Add", "expected_costs", expected, more, NULL);
  }
  char *best = sy_graph_apply(graph, "ArgMin", "decision", expected, NULL, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  sy_graph_set_integer(graph, "keepdims", 0);
  sy_graph_set_integer(graph, "select_last_index", 0);
  sy_graph_apply(graph, "Gather", SY_ONNX_LABEL, classes, best, NULL);
  sy_graph_set_integer(graph, "axis", 0);
  sy_graph_set_output(graph, SY_ONNX_LABEL);
}
