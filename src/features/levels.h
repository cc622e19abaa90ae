/* levels.h: which values of a text column get a column or a code of their own. */
#ifndef SY_FEATURES_LEVELS_H
#define SY_FEATURES_LEVELS_H

#include "base/text.h"
#include <steelyard/features.h>

/* What fitting must know of one column of texts; over the rows of positive weight. */
typedef struct sy_level_summary {
  sy_dictionary levels;     /* the values kept, codes in order of bytes; "" is missing */
  size_t distinct;          /* values seen, missing counted as one */
  size_t missing_rows;      /* rows that are missing or "" */
  double other_share;       /* share of the row weights outside the levels */
  double *level_weights;    /* (levels.n) row weights of each; owned */
  double missing_weight;    /* row weights of the missing rows */
  bool cut_by_categories;   /* more values than max_categories were frequent enough */
  bool coded;               /* so many that they get codes */
  bool cut_by_codes;        /* more values than max_codes were frequent enough for one */
  const char *not_a_number; /* most frequent value that is none where 90 % of rows are, or NULL */
  size_t not_a_number_row;  /* its first row, 0-based */
  const char *odd_number;   /* most frequent of values as "1,5" or "$ 3", where 90 % are, or NULL */
  size_t odd_number_row;    /* its first row, 0-based */
} sy_level_summary;

/* Summarises a column on the calling thread; release `levels` and `level_weights` (also
 * on failure). */
sy_status sy_levels_choose(const sy_column *column, size_t rows, const double *row_weights,
                           const sy_encoder_options *options, sy_level_summary *summary);

#endif
