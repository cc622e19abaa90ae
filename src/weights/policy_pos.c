/* policy_pos.c: presence weighs as many times more than absence as it is rarer: what other systems
 * call pos_weight. It is a policy of labels of which a row may have several. */
#include "weights/policies.h"

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  (void)policy, (void)error;
  weights[0] = 1;
  weights[1] = shares->counts[0] / shares->counts[1];
  return SY_OK;
}

const sy_policy_kind sy_policy_pos = {
    .name = "pos",
    .form = "pos",
    .formula = "1 where absent, n_0 / n_1 where present",
    .listed = {"pos"},
    .not_for_classes = "is for several labels a row, each there or not; for "
                       "classes max-ratio does the same: the commonest weighs 1, "
                       "the others as many times more as they are rarer",
    .weigh = weigh};
