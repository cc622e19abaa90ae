/* cost_rule.h: rules being put together. */
#ifndef SY_DECIDE_COST_RULE_H
#define SY_DECIDE_COST_RULE_H

#include <steelyard/decide.h>

/* Adds an expression, where it is new, that no cell uses yet. SY_OUT_OF_MEMORY. */
sy_status sy_cost_rule_add(sy_cost_rule *rule, const char *expression, sy_error *error);

#endif
