/* policy_effective.c: the effective number of samples (Cui et al. 2019): row after row of a class
 * adds less that is new, so a class of n_k rows counts as (1 - beta^n_k) / (1 - beta) and weighs
 * the inverse of it. Scaled to sum to K, as in the paper; so 1 - beta cancels. */
#include "base/error.h"
#include "base/parallel.h"
#include "weights/policies.h"

#include <math.h>
#include <string.h>

#define DEFAULT_BETA 0.999

enum { BY_BETA, BY_ROWS };

static sy_status parse(const char *parameter, sy_policy *policy, sy_error *error) {
  policy->mode = BY_BETA;
  policy->parameter = DEFAULT_BETA;
  if (!parameter) return SY_OK;
  if (strcmp(parameter, "auto") == 0) {
    policy->mode = BY_ROWS;
    return SY_OK;
  }
  return sy_policy_number(policy, parameter, (sy_range){0, false, 1}, &policy->parameter, error);
}

static sy_status log_of_beta(const sy_policy *policy, const sy_shares *shares, double *log_beta,
                             sy_error *error) {
  *log_beta = log(policy->parameter);
  if (policy->mode == BY_BETA) return SY_OK;
  *log_beta = log1p(-1 / shares->total);
  if (shares->total >= 1) return SY_OK;
  char text[SY_NUMBER_SIZE];
  return sy_fail(
      error, SY_INVALID_POLICY,
      "policy '%s' is (n - 1) / n of the number of rows, but these weigh only %s in all; "
      "give a beta, or larger row weights",
      policy->text, sy_number_format(shares->total, text));
}

/* 1 - beta^n_k is -expm1(n_k ln beta), exact for a beta next to 1 and for counts in the millions.
 * Divided by that of the rarest class, whose weight is the largest, so that nothing overflows. */
static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  double log_beta;
  sy_status status = log_of_beta(policy, shares, &log_beta, error);
  if (status != SY_OK) return status;
  double rarest = expm1(shares->smallest * log_beta);
  for (size_t k = 0; k < shares->n_classes; k++)
    weights[k] = rarest / expm1(shares->counts[k] * log_beta);
  double scale = (double)shares->n_classes / sy_sum(weights, shares->n_classes);
  for (size_t k = 0; k < shares->n_classes; k++) weights[k] *= scale;
  return SY_OK;
}

const sy_policy_kind sy_policy_effective = {
    .name = "effective",
    .form = "effective[:BETA|:auto]",
    .formula = "(1 - BETA) / (1 - BETA^n_k), scaled to sum to K, BETA = 0.999",
    .listed = {"effective", "effective:auto"},
    .apart = "effective:auto, or a BETA nearer to 1,",
    .parse = parse,
    .weigh = weigh};
