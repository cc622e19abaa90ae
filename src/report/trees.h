/* trees.h: what a model of boosted trees is made of, for the report of a model. */
#ifndef SY_REPORT_TREES_H
#define SY_REPORT_TREES_H

#include "base/text.h"
#include <steelyard/classifier.h>

/* Appends how many trees there are and the columns that they split on most; sets text->failed when
 * out of memory. */
void sy_put_trees(sy_text *text, const sy_model *model);

#endif
