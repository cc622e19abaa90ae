/* policy_none.c: every class weighs 1. */
#include "weights/policies.h"

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy, (void)error;
  for (size_t k = 0; k < shares->n_classes; k++) weights[k] = 1;
  return SY_OK;
}

const sy_policy_kind sy_policy_none = {
    .name = "none", .form = "none", .formula = "1", .listed = {"none"}, .weigh = weigh};
