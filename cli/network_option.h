/* network_option.h: the options of a family of models: that they are of the family chosen, that
 * they go together, and what they ask of a network. */
#ifndef CLI_NETWORK_OPTION_H
#define CLI_NETWORK_OPTION_H

#include <steelyard/study.h>

#include "loss_option.h"
#include "settings.h"

/* What the options say of a network; network_plan_clear. */
typedef struct network_plan {
  sy_study_family family;
  sy_network_options options; /* points into the members below */
  size_t *hidden;
  loss_plan loss;
} network_plan;

/* Reads --model and the options of its family; an exit code, having said what is wrong: with an
 * option of another family, with two that do not go together, with a value. */
int network_read(const settings *given, network_plan *plan);
void network_plan_clear(network_plan *plan);

#endif
