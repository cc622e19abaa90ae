/* replace.c: parts of a classifier that may be replaced after training: the rule, the calibration
 * map and the prior. What is new is made first, so that a failure leaves the model as it was. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "decide/tile.h"
#include "features/encoder.h"
#include <math.h>
#include <string.h>

static void free_names(char **names, size_t n) {
  for (size_t i = 0; names && i < n; i++) free(names[i]);
  free(names);
}

static char *cost_column(const char *expression) {
  size_t start = strlen(SY_COST_COLUMN), length = strlen(expression);
  char *name = sy_alloc(start + length + 1, 1);
  if (!name) return NULL;
  memcpy(name, SY_COST_COLUMN, start);
  memcpy(name + start, expression, length + 1);
  return name;
}

/* Names of the columns of costs; *names is NULL where there are none, and on failure. */
static sy_status name_columns(const sy_model *model, const sy_cost_rule *rule, char ***names,
                              sy_error *error) {
  *names = NULL;
  if (rule->n_expressions == 0) return SY_OK;
  char **made = sy_alloc_zero(rule->n_expressions, sizeof *made);
  bool good = made;
  for (size_t i = 0; good && i < rule->n_expressions; i++) {
    made[i] = cost_column(rule->expressions[i]);
    good = made[i];
    if (!good || sy_encoder_find_input(model->encoder, made[i]) < 0) continue;
    char shown[SY_SHOWN_SIZE];
    sy_fail(error, SY_INVALID_ARGUMENT,
            "the model has a column \"%s\": the cost of that name needs another column; write it "
            "otherwise, (%s)",
            sy_shown(made[i], shown), shown + strlen(SY_COST_COLUMN));
    free_names(made, rule->n_expressions);
    return SY_INVALID_ARGUMENT;
  }
  if (good) {
    *names = made;
    return SY_OK;
  }
  free_names(made, rule->n_expressions);
  return sy_fail_memory(error);
}

static sy_status check_rule(const sy_model *model, const sy_cost_rule *rule, sy_error *error) {
  size_t n = model->n_classes;
  if (rule->n_classes != n)
    return sy_fail(error, SY_INVALID_SHAPE, "costs of %zu classes for a model of %zu",
                   rule->n_classes, n);
  for (size_t i = 0; i < n * n; i++) {
    if (isfinite(rule->fixed[i]) || (rule->n_expressions && rule->which[i] >= 0)) continue;
    char actual[SY_SHOWN_SIZE], said[SY_SHOWN_SIZE], number[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_COST,
                   "the cost of predicting \"%s\" where it is \"%s\" is %s: it must be finite",
                   sy_shown(model->classes[i % n], said), sy_shown(model->classes[i / n], actual),
                   sy_number_format(rule->fixed[i], number));
  }
  return SY_OK;
}

sy_status sy_model_set_rule(sy_model *model, const sy_cost_rule *rule, sy_decision_source source,
                            sy_error *error) {
  sy_cost_rule copy = {0};
  char **names = NULL;
  sy_status status = sy_model_check_kind(model, false, error);
  if (!status) status = check_rule(model, rule, error);
  if (!status) status = name_columns(model, rule, &names, error);
  if (!status) status = sy_cost_rule_copy(rule, &copy, error);
  if (status) {
    free_names(names, rule->n_expressions);
    return status;
  }
  free_names(model->cost_columns, model->rule.n_expressions);
  sy_cost_rule_clear(&model->rule);
  model->rule = copy;
  model->cost_columns = names;
  model->only_gains =
      copy.n_expressions == 0 && sy_cost_gains(model->rule.fixed, model->n_classes, model->gains);
  model->source = source;
  return SY_OK;
}

sy_status sy_model_set_calibration(sy_model *model, const sy_calibration *calibration,
                                   sy_error *error) {
  sy_calibration *copy = NULL;
  sy_status status = sy_model_check_kind(model, false, error);
  if (status) return status;
  if (calibration && sy_calibration_n_classes(calibration) != model->n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "a calibration of %zu classes for a model of %zu",
                   sy_calibration_n_classes(calibration), model->n_classes);
  status = calibration ? sy_calibration_copy(calibration, &copy, error) : SY_OK;
  if (status) return status;
  sy_calibration_free(model->calibration);
  model->calibration = copy;
  return SY_OK;
}

/* Typed shares are rounded. */
static const double SUM_TOLERANCE = 1e-6;

static sy_status check_shares(const sy_model *model, const char *what, const double *shares,
                              sy_error *error) {
  double sum = 0;
  char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
  for (size_t k = 0; k < model->n_classes; k++) {
    if (!(shares[k] >= 0) || isinf(shares[k]))
      return sy_fail(error, SY_INVALID_ARGUMENT, "%s: the share %s of class \"%s\" is not 0 to 1",
                     what, sy_number_format(shares[k], number), sy_shown(model->classes[k], shown));
    sum += shares[k];
  }
  if (fabs(sum - 1) <= SUM_TOLERANCE) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "%s: the shares of the classes sum to %s, not to 1",
                 what, sy_number_format(sum, number));
}

static sy_status copy_shares(const double *from, size_t n, double **copy, sy_error *error) {
  *copy = sy_alloc(n, sizeof **copy);
  if (!*copy) return sy_fail_memory(error);
  memcpy(*copy, from, n * sizeof *from);
  return SY_OK;
}

sy_status sy_model_take_trained_prior(sy_model *model, const double *trained_prior,
                                      sy_error *error) {
  if (!trained_prior) return SY_OK;
  sy_status status = check_shares(model, "prior of the training", trained_prior, error);
  return status ? status
                : copy_shares(trained_prior, model->n_classes, &model->trained_prior, error);
}

/* No share brings back a class that was not learnt, and some class has to be left. */
static sy_status check_prior(const sy_model *model, const double *prior, sy_error *error) {
  if (!model->trained_prior)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the model does not say how frequent its classes were in training (it is of an "
                   "older format): train it again to give it a new prior");
  sy_status status = check_shares(model, "prior", prior, error);
  bool any = false;
  for (size_t k = 0; k < model->n_classes && !status; k++) {
    char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
    any = any || (prior[k] > 0 && model->class_weights[k] > 0);
    if (prior[k] > 0 && model->trained_prior[k] == 0)
      status = sy_fail(error, SY_INVALID_ARGUMENT,
                       "prior: class \"%s\" had no rows in training, so the model cannot tell it: "
                       "its share is 0, not %s",
                       sy_shown(model->classes[k], shown), sy_number_format(prior[k], number));
  }
  if (status || any) return status;
  return sy_fail(error, SY_INVALID_ARGUMENT, "prior: no class that was learnt has a share above 0");
}

/* What the prior takes off the log-probabilities. */
static sy_status make_shifts(const sy_model *model, const double *prior, double **shifts,
                             sy_error *error) {
  *shifts = sy_alloc(model->n_classes, sizeof **shifts);
  if (!*shifts) return sy_fail_memory(error);
  for (size_t k = 0; k < model->n_classes; k++)
    (*shifts)[k] = prior[k] > 0 ? prior[k] / model->trained_prior[k] : 0;
  sy_prior_shifts(*shifts, model->n_classes, *shifts);
  return SY_OK;
}

sy_status sy_model_set_prior(sy_model *model, const double *prior, sy_error *error) {
  double *copy = NULL, *shifts = NULL;
  sy_status status = sy_model_check_kind(model, false, error);
  if (prior && !status) status = check_prior(model, prior, error);
  if (prior && !status) status = copy_shares(prior, model->n_classes, &copy, error);
  if (prior && !status) status = make_shifts(model, prior, &shifts, error);
  if (status) {
    free(copy);
    return status;
  }
  free(model->prior);
  free(model->prior_shifts);
  model->prior = copy;
  model->prior_shifts = shifts;
  return SY_OK;
}
