/* objective.c: objectives by name: reading, listing, and the value of an outcome. */
#include "evaluate/objective.h"

#include "base/choice.h"
#include "base/error.h"
#include "evaluate/objectives.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct sy_objective_kind *const kinds[] = {
#define X(name) &sy_objective_kind_##name,
    SY_OBJECTIVE_TABLE(X)
#undef X
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *sy_objective_form(size_t index) {
  return index < N_KINDS ? kinds[index]->form : NULL;
}

const char *sy_objective_formula(size_t index) {
  return index < N_KINDS ? kinds[index]->formula : NULL;
}

double sy_outcome_ratio(double part, double whole) {
  return whole > 0 ? part / whole : NAN;
}

double sy_outcome_right(const sy_outcome *outcome, size_t k) {
  return outcome->right ? outcome->right[k] : outcome->confusion[k * outcome->n_classes + k];
}

double sy_outcome_actual(const sy_outcome *outcome, size_t k) {
  if (outcome->actual) return outcome->actual[k];
  double sum = 0;
  for (size_t j = 0; j < outcome->n_classes; j++)
    sum += outcome->confusion[k * outcome->n_classes + j];
  return sum;
}

double sy_outcome_predicted(const sy_outcome *outcome, size_t k) {
  if (outcome->predicted) return outcome->predicted[k];
  double sum = 0;
  for (size_t i = 0; i < outcome->n_classes; i++)
    sum += outcome->confusion[i * outcome->n_classes + k];
  return sum;
}

double sy_objective_of(const sy_objective *objective, const sy_outcome *outcome) {
  bool has_positive = outcome->positive >= 0 && (size_t)outcome->positive < outcome->n_classes;
  if (objective->kind->of_positive && !has_positive) return NAN;
  return objective->kind->value(objective, outcome);
}

double sy_objective_value(const sy_objective *objective, const double *confusion, size_t n_classes,
                          int positive, double average_cost) {
  sy_outcome outcome = {.n_classes = n_classes,
                        .positive = positive,
                        .confusion = confusion,
                        .average_cost = average_cost};
  return sy_objective_of(objective, &outcome);
}

bool sy_objective_is_cost(const sy_objective *objective) {
  return objective->kind->is_cost;
}

bool sy_objective_is_of_positive(const sy_objective *objective) {
  return objective->kind->of_positive;
}

char *sy_objective_text(const sy_objective *objective, char text[SY_OBJECTIVE_SIZE]) {
  size_t length = strlen(objective->kind->name);
  memcpy(text, objective->kind->name, length + 1);
  if (!objective->kind->parameter) return text;
  text[length] = ':';
  sy_number_format(objective->parameter, text + length + 1);
  return text;
}

/* "balanced-accuracy" is balanced_accuracy, too. */
static bool same_name(const char *name, const char *typed, size_t length) {
  if (strlen(name) != length) return false;
  for (size_t i = 0; i < length; i++)
    if (name[i] != (typed[i] == '-' ? '_' : typed[i])) return false;
  return true;
}

static const struct sy_objective_kind *find_kind(const char *typed, size_t length) {
  for (size_t i = 0; i < N_KINDS; i++)
    if (same_name(kinds[i]->name, typed, length)) return kinds[i];
  return NULL;
}

static sy_status fail_unknown(const char *typed, sy_error *error) {
  const char *names[N_KINDS], *forms[N_KINDS];
  for (size_t i = 0; i < N_KINDS; i++) {
    names[i] = kinds[i]->name;
    forms[i] = kinds[i]->form;
  }
  sy_choices choices = {"objective", "", names, forms, N_KINDS};
  return sy_fail_choice(&choices, typed, SY_INVALID_ARGUMENT, error);
}

static sy_status parse_parameter(const char *typed, const char *parameter, sy_objective *objective,
                                 sy_error *error) {
  const struct sy_objective_kind *kind = objective->kind;
  char shown[SY_SHOWN_SIZE], lowest[SY_NUMBER_SIZE];
  if (!kind->parameter && !parameter) return SY_OK;
  if (!kind->parameter)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "objective '%s' takes no parameter, but '%s' is given", kind->name,
                   sy_shown(typed, shown));
  if (!parameter)
    return sy_fail(error, SY_INVALID_ARGUMENT, "objective '%s' needs its parameter, %s: '%s:2'",
                   kind->name, kind->parameter, kind->name);
  if (sy_number_parse(parameter, &objective->parameter) && isfinite(objective->parameter) &&
      objective->parameter > kind->lowest)
    return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "objective '%s': '%s' is not usable; it must be a finite number above %s",
                 kind->name, sy_shown(parameter, shown), sy_number_format(kind->lowest, lowest));
}

sy_status sy_objective_parse(const char *text, sy_objective *objective, sy_error *error) {
  size_t head = strcspn(text, ":");
  *objective = (sy_objective){find_kind(text, head), 0};
  if (!objective->kind) return fail_unknown(text, error);
  return parse_parameter(text, text[head] == ':' ? text + head + 1 : NULL, objective, error);
}

sy_objective sy_objective_cost(void) {
  return (sy_objective){&sy_objective_kind_cost, 0};
}
