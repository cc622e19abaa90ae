/* policy_balanced.c: every class has the same share of the total weight, and the mean weight of a
 * row stays 1. Multiplied out as scikit-learn does it, so that the bits agree. */
#include "weights/policies.h"

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy, (void)error;
  for (size_t k = 0; k < shares->n_classes; k++)
    weights[k] = shares->total / ((double)shares->n_classes * shares->counts[k]);
  return SY_OK;
}

const sy_policy_kind sy_policy_balanced = {.name = "balanced",
                                           .form = "balanced",
                                           .formula = "n / (K n_k)",
                                           .listed = {"balanced"},
                                           .weigh = weigh};
