/* policy_max_ratio.c: the largest class weighs 1, the others as many times more as they are rarer.
 */
#include "weights/policies.h"

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy, (void)error;
  for (size_t k = 0; k < shares->n_classes; k++) weights[k] = shares->largest / shares->counts[k];
  return SY_OK;
}

const sy_policy_kind sy_policy_max_ratio = {.name = "max-ratio",
                                            .form = "max-ratio",
                                            .formula = "largest n_j / n_k",
                                            .listed = {"max-ratio"},
                                            .weigh = weigh};
