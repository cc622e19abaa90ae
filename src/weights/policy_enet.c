/* policy_enet.c: the inverse of a logarithm of the share (ENet, Paszke et al. 2016), bounded on
 * both sides: with the default of 1.02 weights lie between 1.42 and 50.5. */
#include "weights/policies.h"

#include <math.h>

#define DEFAULT_C 1.02

static sy_status parse(const char *parameter, sy_policy *policy, sy_error *error) {
  policy->parameter = DEFAULT_C;
  if (!parameter) return SY_OK;
  return sy_policy_number(policy, parameter, (sy_range){1, true, INFINITY}, &policy->parameter,
                          error);
}

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)error;
  for (size_t k = 0; k < shares->n_classes; k++)
    weights[k] = 1 / log1p(policy->parameter - 1 + shares->counts[k] / shares->total);
  return SY_OK;
}

const sy_policy_kind sy_policy_enet = {.name = "enet",
                                       .form = "enet[:C]",
                                       .formula = "1 / ln(C + n_k / n), C = 1.02",
                                       .listed = {"enet"},
                                       .parse = parse,
                                       .weigh = weigh};
