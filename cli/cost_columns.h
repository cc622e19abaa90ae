/* cost_columns.h: costs that are expressions over the row, as columns of the one scan in which a
 * source is read. */
#ifndef CLI_COST_COLUMNS_H
#define CLI_COST_COLUMNS_H

#include <steelyard/decide.h>

#include "reading.h"

/* Columns asked for, one an expression, called "cost: EXPRESSION" as models want them. */
typedef struct cost_columns {
  text_list expressions, names;
  size_t first; /* place of the first among the columns read; the others follow */
} cost_columns;

/* Asks for what --cost needs, before the classes are known. */
int cost_columns_ask(const settings *given, reading *opened, cost_columns *asked);

/* Asks for what a rule needs. */
void cost_columns_ask_rule(const sy_cost_rule *rule, reading *opened, cost_columns *asked);

/* The costs of the rows that were read: what each expression of the rule comes to on each of them,
 * checked. Says which row has a value that is missing or not finite, or costs that are unusable.
 * @param classes      (K) names
 * @param row_weights  (rows) or NULL; what a row of weight 0 costs is of no matter
 * @param values       out: (rows, V), free(); NULL where the rule has no expressions */
int cost_columns_values(const cost_columns *asked, const reading *read, const sy_cost_rule *rule,
                        const char *const *classes, const double *row_weights, double **values);

/* Looks at costs read for a model that decides by itself: each is a finite number, or the row that
 * has none is said.
 * @param first  place of the first of them among the columns read */
int cost_columns_look(const reading *read, const sy_cost_rule *rule, size_t first);

/* Releases; a zeroed one is legal. */
void cost_columns_free(cost_columns *asked);

#endif
