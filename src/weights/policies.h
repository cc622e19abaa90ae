/* policies.h: the table of class weight policies. Adding one is a file that defines
 * sy_policy_kind sy_policy_<name>, and a line here (docs/adding.md). */
#ifndef SY_WEIGHTS_POLICIES_H
#define SY_WEIGHTS_POLICIES_H

#include "weights/policy.h"

#define SY_POLICY_TABLE(X)                                                                         \
  X(none)                                                                                          \
  X(balanced)                                                                                      \
  X(inverse)                                                                                       \
  X(max_ratio)                                                                                     \
  X(median)                                                                                        \
  X(power)                                                                                         \
  X(sqrt)                                                                                          \
  X(log)                                                                                           \
  X(effective)                                                                                     \
  X(enet)                                                                                          \
  X(cost)                                                                                          \
  X(pos)

/* The mu of policy log where none is given: a class weighs more than 1 below a share of mu / e. */
#define SY_LOG_MU 0.15

#define X(name) extern const sy_policy_kind sy_policy_##name;
SY_POLICY_TABLE(X)
#undef X

#endif
