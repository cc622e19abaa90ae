/* cost_file.h: a cost matrix in a text, as Weka keeps it in .cost files. */
#ifndef SY_DIALECT_COST_FILE_H
#define SY_DIALECT_COST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <steelyard/base.h>

/* K where the text begins with "K K", as Weka's matrices do; false where it does not. */
bool sy_cost_file_size(const char *text, size_t *n_classes);

#endif
