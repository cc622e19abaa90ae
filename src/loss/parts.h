/* parts.h: the table of loss parts. Adding one is a file that defines sy_loss_part
 * sy_loss_part_<name>, and a line here (docs/adding.md). */
#ifndef SY_LOSS_PARTS_H
#define SY_LOSS_PARTS_H

#include "loss/part.h"

#define SY_LOSS_PART_TABLE(X)                                                                      \
  X(focal)                                                                                         \
  X(logit_adjustment)                                                                              \
  X(ldam)                                                                                          \
  X(vs)

#define X(name) extern const sy_loss_part sy_loss_part_##name;
SY_LOSS_PART_TABLE(X)
#undef X

#endif
