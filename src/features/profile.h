/* profile.h: what the rows of a training held in one raw column. Made while an encoder is fitted
 * (profile_fit.c, profile_texts.c) or read from a model file (onnx/profile_read.c). */
#ifndef SY_FEATURES_PROFILE_H
#define SY_FEATURES_PROFILE_H

#include "features/levels.h"
#include "features/statistics.h"
#include <steelyard/features.h>

/* How many rows were profiled: the sum of their weights, and the sum of the squares. */
typedef struct sy_profile_rows {
  double weight, squares;
} sy_profile_rows;

/* Profiles a column of numbers on the calling thread, to the same bits on any. Release with
 * sy_profile_clear (also on failure, which is SY_OUT_OF_MEMORY). */
sy_status sy_profile_numbers(const sy_column *column, size_t rows, const double *row_weights,
                             const sy_number_summary *summary, sy_profile_rows all,
                             sy_profile *profile);

/* The same of a column of texts, whose values were counted already. */
sy_status sy_profile_texts(const sy_level_summary *texts, sy_profile_rows all, sy_profile *profile);

/* Room for the bins of one, and what it says of all rows. */
sy_status sy_profile_start(sy_profile_rows all, size_t n_bins, size_t n_edges, sy_profile *profile);

/* Bin of a known number. */
size_t sy_profile_bin(const sy_profile *profile, double value);

/* Bin of each code of a text that has n_codes codes. */
void sy_profile_code_bins(const sy_profile *profile, size_t n_codes, uint32_t *bins);

/* Releases what a profile holds and zeroes it. */
void sy_profile_clear(sy_profile *profile);

#endif
