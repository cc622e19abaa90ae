/* cost_option.h: --cost 'A:B=COST,..' or @FILE.csv or @FILE.cost. */
#ifndef CLI_COST_OPTION_H
#define CLI_COST_OPTION_H

#include <steelyard/decide.h>

#include "settings.h"

/* Reads costs over the classes, checked.
 * @param cost      out: (K, K), free(); NULL where no costs were asked for
 * @param messages  nullable: classes that no probabilities make optimal
 * Exit codes, as everywhere. */
int cost_read(const settings *given, const char *const *classes, size_t n_classes, double **cost,
              sy_messages *messages);

/* Costs in a file, unchecked: a matrix with names of classes around it, or a .cost file.
 * @param cost  (K, K) out */
int cost_file_read(const char *path, const char *const *classes, size_t n_classes, double *cost);

#endif
