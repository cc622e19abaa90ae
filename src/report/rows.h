/* rows.h: how much was counted, in words: "10,000 rows", "350 positions (50 rows x 7)", "6 rows
 * that weigh 12". */
#ifndef SY_REPORT_ROWS_H
#define SY_REPORT_ROWS_H

#include "base/text.h"

#include <steelyard/labels.h>

/* Rows, or positions of arrays of more axes, that are not taken out; of several labels, those of
 * the label that has most. */
double sy_rows_counted(const sy_counts *counts);

/* "row" or "position". */
const char *sy_rows_word(const sy_counts *counts);

void sy_put_rows(sy_text *text, const sy_counts *counts);

#endif
