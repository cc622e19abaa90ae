/* policy_inverse.c: how many times rarer than all rows together; balanced without the division by
 * the number of classes. */
#include "weights/policies.h"

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy, (void)error;
  for (size_t k = 0; k < shares->n_classes; k++) weights[k] = shares->total / shares->counts[k];
  return SY_OK;
}

const sy_policy_kind sy_policy_inverse = {.name = "inverse",
                                          .form = "inverse",
                                          .formula = "n / n_k",
                                          .listed = {"inverse"},
                                          .weigh = weigh};
