#include "rule_json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "say.h"

double rule_threshold_number(double threshold) {
  if (threshold > 1) return 2;
  return threshold <= 0 ? 0 : threshold; /* NaN stays */
}

/* JSON has no infinity. */
static double raw_logit(double threshold, double hit, double other) {
  if (threshold > 1) return DBL_MAX;
  double logit = threshold > 0 ? log(threshold * hit) - log((1 - threshold) * other) : -DBL_MAX;
  return fmin(logit, DBL_MAX);
}

double rule_raw_threshold(double threshold, const double *undo, int positive, bool logits) {
  double hit = undo ? undo[positive] : 1, other = undo ? undo[1 - positive] : 1;
  bool inside = threshold > 0 && threshold <= 1;
  if (logits) return raw_logit(threshold, hit, other);
  if (!inside || !undo) return rule_threshold_number(threshold);
  return threshold * hit / (threshold * hit + (1 - threshold) * other);
}

const char *rule_score(const score_rows *rows, bool logits) {
  const score_model *model = &rows->models[0];
  if (logits && model->columns.n > 1) return NULL;
  for (size_t i = 0; i < model->columns.n; i++)
    if (model->order[i] == (size_t)rows->positive)
      return column_list_name(&rows->table, &model->columns, i);
  return NULL;
}

/* Names of the score columns in the order of the classes; the one column of two classes. */
static json_t *score_names(const score_rows *rows) {
  const score_model *model = &rows->models[0];
  json_t *list = json_array();
  size_t n = model->columns.n;
  size_t *places = grab(n, sizeof *places);
  for (size_t i = 0; n > 1 && i < n; i++) places[model->order[i]] = i;
  for (size_t i = 0; i < n; i++)
    json_array_append_new(list,
                          json_text(column_list_name(&rows->table, &model->columns, places[i])));
  free(places);
  return list;
}

/* Cell by cell: a number, or the expression of a cost that varies; each divided by the weight that
 * the scores of its actual class carry. */
static json_t *cost_matrix(const score_rows *rows, const double *undo) {
  const sy_cost_rule *rule = &rows->rule;
  json_t *matrix = json_array();
  for (size_t k = 0; k < rule->n_classes; k++) {
    json_t *row = json_array();
    for (size_t j = 0; j < rule->n_classes; j++) {
      size_t cell = k * rule->n_classes + j;
      int32_t which = rule->n_expressions ? rule->which[cell] : -1;
      json_t *number = json_number(rule->fixed[cell] / (undo ? undo[k] : 1));
      if (which >= 0) {
        json_decref(number);
        number = json_text(rule->expressions[which]);
      }
      json_array_append_new(row, number);
    }
    json_array_append_new(matrix, row);
  }
  return matrix;
}

static void put_threshold(json_t *object, const sy_rules *rules, const score_rows *rows,
                          bool logits) {
  const char *score = rule_score(rows, logits);
  double raw = rule_raw_threshold(rules->threshold, rows->undo, rules->positive, logits);
  json_object_set_new(object, "negative", json_text(score_rows_classes(rows)[1 - rules->positive]));
  json_object_set_new(object, "score", score ? json_text(score) : json_null());
  json_object_set_new(object, "threshold", json_number(rule_threshold_number(rules->threshold)));
  json_object_set_new(object, "raw_threshold", score ? json_number(raw) : json_null());
}

static void put_factors(json_t *object, const sy_rules *rules, const double *undo) {
  double *raw = grab(rules->n_classes, sizeof *raw);
  for (size_t k = 0; k < rules->n_classes; k++) raw[k] = rules->factors[k] / (undo ? undo[k] : 1);
  json_object_set_new(object, "factors", json_numbers(rules->factors, rules->n_classes));
  json_object_set_new(object, "raw_factors", json_numbers(raw, rules->n_classes));
  free(raw);
}

/* Expressions cannot be divided: where weights are undone, whoever applies the rule does that. */
static void put_costs(json_t *object, const score_rows *rows) {
  json_object_set_new(object, "cost", cost_matrix(rows, NULL));
  if (!rows->rule.n_expressions)
    json_object_set_new(object, "raw_cost", cost_matrix(rows, rows->undo));
}

json_t *rule_json(const sy_rules *rules, const score_rows *rows, bool logits, const char *words) {
  const char *const *classes = score_rows_classes(rows);
  size_t n_classes = rules->n_classes;
  bool by_threshold = !isnan(rules->threshold), by_factors = rules->factors != NULL;
  const char *kind = by_threshold ? "threshold" : by_factors ? "factors" : "costs";
  json_t *object = json_object();
  json_object_set_new(object, "rule", json_text(words));
  json_object_set_new(object, "kind", json_text(kind));
  json_object_set_new(object, "classes", json_texts(classes, n_classes));
  json_object_set_new(object, "positive",
                      rules->positive < 0 ? json_null() : json_text(classes[rules->positive]));
  json_object_set_new(object, "scores", score_names(rows));
  json_object_set_new(object, "logits", json_boolean(logits));
  json_object_set_new(object, "undone_weights",
                      rows->undo ? json_named_numbers(classes, rows->undo, n_classes)
                                 : json_null());
  if (by_threshold)
    put_threshold(object, rules, rows, logits);
  else if (by_factors)
    put_factors(object, rules, rows->undo);
  else
    put_costs(object, rows);
  return object;
}

json_t *rule_json_share(const sy_share *share) {
  return json_estimate(share->value, share->low, share->high);
}

static json_t *line_json(const sy_rules *rules, const sy_rule_line *line) {
  json_t *object = json_object();
  json_object_set_new(object, "name", json_text(line->name));
  json_object_set_new(object, "remark", json_text(line->remark));
  json_object_set_new(object, "chosen", json_boolean(line->chosen));
  if (rules->positive >= 0) {
    json_object_set_new(object, "flagged", rule_json_share(&line->flagged));
    json_object_set_new(object, "caught", rule_json_share(&line->caught));
    json_object_set_new(object, "precision", rule_json_share(&line->precision));
  }
  const sy_metrics *metrics = &line->metrics;
  const sy_share cost = {metrics->average_cost, metrics->average_cost_low,
                         metrics->average_cost_high};
  json_object_set_new(object, "average_cost", rule_json_share(&cost));
  json_object_set_new(object, "accuracy", json_number(metrics->accuracy));
  json_object_set_new(object, "balanced_accuracy", json_number(metrics->balanced_accuracy));
  json_object_set_new(object, "macro_f1", json_number(metrics->macro_f1));
  json_object_set_new(object, "mcc", json_number(metrics->mcc));
  json_object_set_new(object, "confusion", json_matrix(metrics->confusion, rules->n_classes));
  return object;
}

json_t *rule_json_lines(const sy_rules *rules) {
  json_t *list = json_array();
  for (size_t i = 0; i < rules->n_lines; i++)
    json_array_append_new(list, line_json(rules, &rules->lines[i]));
  return list;
}

sy_share rule_tuned_value(const sy_tuned *tuning, const sy_tune_options *options) {
  if (!sy_objective_is_cost(&options->objective))
    return (sy_share){tuning->value, tuning->value_low, tuning->value_high};
  return (sy_share){0 - tuning->value, 0 - tuning->value_high, 0 - tuning->value_low}; /* no -0 */
}

json_t *rule_json_tuning(const sy_rules *rules, const sy_tune_options *options) {
  if (!rules->tuned) return json_null();
  const sy_tuned *tuning = &rules->tuning;
  char text[SY_TUNE_TEXT_SIZE];
  json_t *object = json_object();
  sy_share value = rule_tuned_value(tuning, options);
  json_object_set_new(object, "for", json_text(sy_tune_options_text(options, text)));
  if (rules->positive >= 0) {
    const sy_share threshold = {rule_threshold_number(tuning->threshold),
                                rule_threshold_number(tuning->threshold_low),
                                rule_threshold_number(tuning->threshold_high)};
    json_object_set_new(object, "threshold", rule_json_share(&threshold));
  }
  json_object_set_new(object, "value", rule_json_share(&value));
  json_object_set_new(object, "judged_by_halves", json_boolean(rules->crossed));
  return object;
}
