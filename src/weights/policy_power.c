/* policy_power.c: a power of the balanced weights, between none (0) and balanced (1); `sqrt` is the
 * one half way. */
#include "base/error.h"
#include "weights/policies.h"

#include <math.h>

enum { BY_EXPONENT, BY_TARGET };

static sy_status parse(const char *parameter, sy_policy *policy, sy_error *error) {
  if (!parameter)
    return sy_fail(error, SY_INVALID_POLICY,
                   "policy 'power' needs its exponent, as in 'power:0.5', or a largest weight, as "
                   "in 'power:max=20'");
  const char *target = sy_policy_target(parameter);
  policy->mode = target ? BY_TARGET : BY_EXPONENT;
  sy_range range = {target ? 1 : 0, false, INFINITY};
  return sy_policy_number(policy, target ? target : parameter, range, &policy->parameter, error);
}

/* The largest weight is that of the rarest class, (n / (K n_min))^a, so a is a ratio of logarithms.
 */
static sy_status solve_exponent(const sy_policy *policy, const sy_shares *shares, double *exponent,
                                sy_error *error) {
  *exponent = 0;
  if (policy->parameter == 1) return SY_OK;
  double rarest = shares->total / ((double)shares->n_classes * shares->smallest);
  if (!(rarest > 1)) /* counts that differ in their last digits may round to it, too */
    return sy_fail(error, SY_INVALID_POLICY,
                   "policy '%s' cannot be reached: all %zu classes are equally frequent, so every "
                   "power of their weights is 1",
                   policy->text, shares->n_classes);
  *exponent = log(policy->parameter) / log(rarest);
  return SY_OK;
}

static void raise_balanced(const sy_shares *shares, double exponent, double *weights) {
  for (size_t k = 0; k < shares->n_classes; k++) {
    double balanced = shares->total / ((double)shares->n_classes * shares->counts[k]);
    weights[k] = exponent == 0.5 ? sqrt(balanced) : pow(balanced, exponent);
  }
}

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  double exponent = policy->parameter;
  if (policy->mode == BY_TARGET) {
    sy_status status = solve_exponent(policy, shares, &exponent, error);
    if (status != SY_OK) return status;
  }
  raise_balanced(shares, exponent, weights);
  return SY_OK;
}

static sy_status weigh_sqrt(const sy_policy *policy, const sy_shares *shares, double *weights,
                            sy_error *error) {
  (void)policy, (void)error;
  raise_balanced(shares, 0.5, weights);
  return SY_OK;
}

const sy_policy_kind sy_policy_power = {.name = "power",
                                        .form = "power:A|power:max=W",
                                        .formula = "(n / (K n_k))^A",
                                        .parse = parse,
                                        .weigh = weigh};

const sy_policy_kind sy_policy_sqrt = {.name = "sqrt",
                                       .form = "sqrt",
                                       .formula = "(n / (K n_k))^0.5",
                                       .listed = {"sqrt"},
                                       .weigh = weigh_sqrt};
