/* monitor.h: the parts of watching rows without labels. */
#ifndef SY_STUDY_MONITOR_H
#define SY_STUDY_MONITOR_H

#include <steelyard/study.h>

/* The rows that are watched. */
typedef struct sy_watched_rows {
  const sy_model *model;
  const sy_frame *frame;
  const double *row_weights; /* (rows), or NULL for ones */
  double weight, effective;  /* their sum, and the rows of equal weight that say as much */
} sy_watched_rows;

static inline double sy_watched_weight(const sy_watched_rows *rows, size_t row) {
  return rows->row_weights ? rows->row_weights[row] : 1;
}

/* Fills monitor->columns and what is told of all of them together. */
sy_status sy_monitor_columns(const sy_watched_rows *rows, const sy_monitor_options *options,
                             sy_monitor *monitor, sy_error *error);

/* What chi-squared with `freedom` > 0 degrees of freedom exceeds with probability `upper`: by the
 * cube root of Wilson and Hilferty (1931), right to about 2 %. */
double sy_chi_squared_quantile(double freedom, double upper);

/* The index of bins whose shares are p among m rows and q among n; (n_bins) each. */
double sy_stability_index(const double *p, const double *q, size_t n_bins, double m, double n);

#endif
