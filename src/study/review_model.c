/* review_model.c: a finished model on labelled rows. */
#include <steelyard/study.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "features/columns.h"
#include "study/present.h"
#include "study/ways.h"

/* Which way a finished model decides by. */
static sy_way_kind way_of_model(const sy_model *model) {
  switch (sy_model_decision_source(model)) {
  case SY_DECISION_IMPLIED:
    return SY_WAY_WEIGHTED;
  case SY_DECISION_GIVEN:
    return SY_WAY_COST;
  case SY_DECISION_TUNED:
    return SY_WAY_TUNED;
  case SY_DECISION_PLAIN:
    break;
  }
  return SY_WAY_DEFAULT;
}

static const sy_column *find_costs(const sy_frame *frame, const char *expression) {
  size_t prefix = strlen(SY_COST_COLUMN);
  for (size_t c = 0; c < frame->n_columns; c++) {
    const sy_column *column = &frame->columns[c];
    bool named = strncmp(column->name, SY_COST_COLUMN, prefix) == 0 &&
                 strcmp(column->name + prefix, expression) == 0;
    if (named && column->type != SY_COLUMN_TEXT) return column;
  }
  return NULL;
}

/* What the model's own costs come to, from the columns of the frame that are called so. */
static sy_status own_costs(const sy_model *model, const sy_frame *frame, double **values,
                           sy_error *error) {
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  size_t n = rule->n_expressions;
  if (n == 0) return SY_OK;
  *values = sy_alloc(frame->rows, n * sizeof **values);
  if (!*values) return sy_fail_memory(error);
  for (size_t v = 0; v < n; v++) {
    const sy_column *column = find_costs(frame, rule->expressions[v]);
    if (!column) {
      free(*values);
      return sy_fail(error, SY_MISSING_COLUMN,
                     "the model's costs are read from a number column \"%s%s\", which is missing",
                     SY_COST_COLUMN, rule->expressions[v]);
    }
    for (size_t i = 0; i < frame->rows; i++) (*values)[i * n + v] = sy_column_value(column, i);
  }
  return SY_OK;
}

static sy_status judge_by_model(const sy_model *model, const sy_frame *frame,
                                const sy_labels *labels, const double *row_weights,
                                sy_judged *judged, const sy_costs *costs, sy_error *error) {
  size_t n_classes = judged->n_classes;
  sy_present_ids(labels, row_weights, judged->ids);
  for (size_t i = 0; i < judged->n; i++) judged->rows[i] = i;
  if (row_weights) memcpy(judged->row_weights, row_weights, judged->n * sizeof(double));
  if (judged->n_varying > 0)
    memcpy(judged->cost_values, costs->values, judged->n * judged->n_varying * sizeof(double));
  sy_way_kind own = way_of_model(model);
  bool by_row = own == SY_WAY_COST && judged->n_varying > 0;
  sy_status status = sy_model_score(model, frame, judged->log_probabilities, NULL,
                                    by_row ? NULL : judged->decisions[own], error);
  if (status != SY_OK) return status;
  double *scratch = sy_alloc(n_classes, (n_classes + 1) * sizeof *scratch);
  if (!scratch) return sy_fail_memory(error);
  double *plain = scratch + n_classes;
  sy_cost_plain(n_classes, plain);
  if (own != SY_WAY_DEFAULT) {
    sy_judged_decide(judged, SY_WAY_DEFAULT, 0, judged->n, plain, scratch);
  }
  if (by_row || (own != SY_WAY_COST && costs)) {
    sy_judged_decide_costs(judged, SY_WAY_COST, 0, judged->n, costs, scratch);
  }
  free(scratch);
  return SY_OK;
}

sy_status sy_review_model(const sy_model *model, const sy_frame *frame, const sy_labels *labels,
                          const double *row_weights, const sy_costs *costs, sy_review *review,
                          sy_error *error) {
  *review = (sy_review){0};
  size_t n_classes = sy_model_n_classes(model);
  if (sy_labels_n_classes(labels) != n_classes || sy_labels_rows(labels) != frame->rows) {
    return sy_fail(error, SY_INVALID_SHAPE, "labels and model have %zu and %zu classes",
                   sy_labels_n_classes(labels), n_classes);
  }
  sy_way_kind own = way_of_model(model);
  sy_costs given;
  double *values = NULL;
  if (!costs && own == SY_WAY_COST) {
    sy_status found = own_costs(model, frame, &values, error);
    if (found != SY_OK) return found;
    given = sy_cost_rule_view(sy_model_cost_rule(model), values);
    costs = &given;
  }
  bool wanted[SY_WAY_COUNT] = {[SY_WAY_DEFAULT] = true};
  wanted[own] = true;
  wanted[SY_WAY_COST] = costs != NULL;
  sy_judged judged;
  sy_status status = sy_judged_make(&judged, frame->rows, n_classes, row_weights != NULL,
                                    costs ? costs->n_varying : 0, wanted, error);
  if (status == SY_OK)
    status = judge_by_model(model, frame, labels, row_weights, &judged, costs, error);
  const char *policy = sy_model_note(model, "class weights");
  const char *tuned_for = sy_model_note(model, "decision tuned for");
  if (tuned_for && strcmp(tuned_for, "a threshold typed") == 0) tuned_for = NULL;
  int positive = sy_model_positive(model);
  bool varies = sy_model_cost_rule(model)->n_expressions > 0;
  sy_review_frame about = {.classes = sy_model_classes(model),
                           .costs = costs,
                           .stored_cost = varies ? NULL : sy_model_cost(model),
                           .policy = policy ? policy : "class weights",
                           .tuned_for = tuned_for,
                           .positive = n_classes == 2 && positive < 0 ? 1 : positive,
                           .stored = own};
  if (status == SY_OK) status = sy_review_make(&judged, &about, review, error);
  if (status == SY_OK) review->is_raw = sy_model_note(model, SY_NOTE_SCORES) != NULL;
  sy_judged_clear(&judged);
  free(values);
  return status;
}
