/* statistics.h: what fitting must know of one column of numbers. */
#ifndef SY_FEATURES_STATISTICS_H
#define SY_FEATURES_STATISTICS_H

#include <steelyard/features.h>

/* Weighted statistics of the rows of positive weight. */
typedef struct sy_number_summary {
  size_t known_rows, missing_rows;
  double smallest, largest; /* of the known values; infinite where there are none */
  double mean, deviation;   /* population standard deviation; 0 where no value is known */
} sy_number_summary;

/* Summarises a column on the calling thread, to the same bits on any. */
sy_status sy_number_summarise(const sy_column *column, size_t rows, const double *row_weights,
                              sy_number_summary *summary);

#endif
