/* policy_log.c: the logarithm of rarity, never below 1: rare classes weigh more, but not by orders
 * of magnitude. The default mu = 0.15 is the one of the recipe that goes round for Keras. */
#include "weights/policies.h"

#include <math.h>
#include <string.h>

enum { BY_MU, BY_LARGEST, BY_TARGET };

static sy_status parse(const char *parameter, sy_policy *policy, sy_error *error) {
  policy->mode = BY_MU;
  policy->parameter = SY_LOG_MU;
  if (!parameter) return SY_OK;
  const char *target = sy_policy_target(parameter);
  if (strcmp(parameter, "auto") == 0) {
    policy->mode = BY_LARGEST;
    return SY_OK;
  }
  if (!target)
    return sy_policy_number(policy, parameter, (sy_range){0, true, INFINITY}, &policy->parameter,
                            error);
  policy->mode = BY_TARGET;
  return sy_policy_number(policy, target, (sy_range){1, false, INFINITY}, &policy->parameter,
                          error);
}

/* ln(mu n / n_k): for `auto` mu n is the largest count; for a target, mu n = n_min e^W, whose
 * exponential is never taken. */
static double rarity(const sy_policy *policy, const sy_shares *shares, double count) {
  switch (policy->mode) {
  case BY_LARGEST:
    return log(shares->largest / count);
  case BY_TARGET:
    return policy->parameter + log(shares->smallest / count);
  default:
    return log(policy->parameter * shares->total / count);
  }
}

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)error;
  for (size_t k = 0; k < shares->n_classes; k++)
    weights[k] = fmax(1, rarity(policy, shares, shares->counts[k]));
  return SY_OK;
}

const sy_policy_kind sy_policy_log = {.name = "log",
                                      .form = "log[:MU|:auto|:max=W]",
                                      .formula = "max(1, ln(MU n / n_k)), MU = 0.15",
                                      .listed = {"log", "log:auto"},
                                      .parse = parse,
                                      .weigh = weigh};
