/* objectives.h: the table of objectives. Adding one is a definition of a sy_objective_kind
 * sy_objective_kind_<name>, and a line here (docs/adding.md). */
#ifndef SY_EVALUATE_OBJECTIVES_H
#define SY_EVALUATE_OBJECTIVES_H

#include "evaluate/objective.h"

#define SY_OBJECTIVE_TABLE(X)                                                                      \
  X(cost)                                                                                          \
  X(f1)                                                                                            \
  X(fbeta)                                                                                         \
  X(balanced_accuracy)                                                                             \
  X(accuracy)                                                                                      \
  X(mcc)                                                                                           \
  X(g_mean)                                                                                        \
  X(youden)                                                                                        \
  X(precision)                                                                                     \
  X(recall)                                                                                        \
  X(macro_f1)                                                                                      \
  X(weighted_f1)

#define X(name) extern const struct sy_objective_kind sy_objective_kind_##name;
SY_OBJECTIVE_TABLE(X)
#undef X

#endif
