/* policies.h: the table of class weight policies. Adding one is a file that defines
 * sy_policy_kind sy_policy_<name>, and a line here (docs/adding.md). */
#ifndef SY_WEIGHTS_POLICIES_H
#define SY_WEIGHTS_POLICIES_H

#include "weights/policy.h"

#define SY_POLICY_TABLE(X)                                                                         \
  X(none)                                                                                          \
  X(balanced)                                                                                      \
  X(power)                                                                                         \
  X(sqrt)                                                                                          \
  X(max_ratio)                                                                                     \
  X(log)

#define X(name) extern const sy_policy_kind sy_policy_##name;
SY_POLICY_TABLE(X)
#undef X

#endif
