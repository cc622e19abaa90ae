/* cost_option.h: --cost 'A:B=COST,..' or @FILE.csv or @FILE.cost. */
#ifndef CLI_COST_OPTION_H
#define CLI_COST_OPTION_H

#include <steelyard/decide.h>

#include "settings.h"

/* Reads costs over the classes: numbers, and SQL expressions over the row. Where all are numbers
 * they are checked; costs that vary are by cost_columns_values, row by row.
 * @param rule      out; release with sy_cost_rule_clear; n_classes 0 where no costs were asked for
 * @param messages  nullable: classes that no probabilities make optimal
 * Exit codes, as everywhere. */
int cost_rule_read(const settings *given, const char *const *classes, size_t n_classes,
                   sy_cost_rule *rule, sy_messages *messages);

/* The same where nothing but numbers will do.
 * @param cost  out: (K, K), free(); NULL where no costs were asked for */
int cost_read(const settings *given, const char *const *classes, size_t n_classes, double **cost,
              sy_messages *messages);

/* Costs in a file, numbers alone, unchecked: a matrix with names of classes around it, or a .cost
 * file.
 * @param cost  (K, K) out */
int cost_file_read(const char *path, const char *const *classes, size_t n_classes, double *cost);

/* The expressions in --cost, before the classes are known; the caller frees the list. */
int cost_expressions_read(const settings *given, text_list *expressions);

#endif
