/* loss_option.h: --loss: what a network minimises. */
#ifndef CLI_LOSS_OPTION_H
#define CLI_LOSS_OPTION_H

#include <steelyard/loss.h>

#include "settings.h"

/* A loss as it is written: "focal:gamma=2+smoothing:0.1". Zero-initialise; loss_plan_clear. */
typedef struct loss_plan {
  sy_loss_options options; /* parts points into `parts`; classes, weights and costs are not set */
  char *parts;             /* those that the library reads by name, or NULL */
} loss_plan;

/* Reads --loss, strictly, and checks that what it needs is given too; an exit code, having said
 * what is wrong. */
int loss_read(const settings *given, loss_plan *plan);
void loss_plan_clear(loss_plan *plan);

/* All names that --loss takes, apart by blanks, those that need a parameter ending in ':'; free().
 */
char *loss_names(void);

#endif
