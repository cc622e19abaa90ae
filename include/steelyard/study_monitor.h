/* study_monitor.h: rows without labels, watched by the model that is to decide them. A part of
 * study.h, which includes it. */
#ifndef STEELYARD_STUDY_MONITOR_H
#define STEELYARD_STUDY_MONITOR_H

#include <steelyard/classifier.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far a column of rows without labels has moved from the training. */
typedef enum sy_shift {
  SY_SHIFT_UNKNOWN, /**< the model has no profile of the column */
  SY_SHIFT_NONE,    /**< no more than chance, or than is worth a word */
  SY_SHIFT_SOME,
  SY_SHIFT_LARGE
} sy_shift;

/** "unknown", "no shift", "some" or "large". */
SY_API const char *sy_shift_name(sy_shift shift);

/** One raw column of the rows watched, against its profile. Shares are of row weights; NaN = not
 * defined or not known. */
typedef struct sy_watched_column {
  const char *name; /**< lives as long as the model */
  sy_column_type type;
  double missing, missing_training;
  double unseen; /**< texts: share of values that the model has no column or code of their own
                      for, beyond the share that was so in training, >= 0. NaN of other columns, and
                      where the model has a column or a code for "other" and no profile */
  double psi;    /**< population stability index over the bins of the profile: sum over bins of
                      (q - p) ln(q / p), p in training and q now. Missing numbers are a bin, and so
                      are texts outside the levels; bins empty then and now are none. So that no bin
                      is empty, half a row a bin is added: to the training evenly, to the rows now
                      as the training has them */
  double psi_expected; /**< its mean where nothing moved: (bins - 1) (1 / n + 1 / m), n and m the
                            effective rows now and in training */
  double psi_chance; /**< what it exceeds by chance so seldom that of all columns together one does
                          so with probability sy_monitor_options.chance: quantile of chi-squared
                          with bins - 1 degrees of freedom, times (1 / n + 1 / m) */
  double mean_difference; /**< numbers: (mean now - mean in training) / deviation in training */
  sy_shift shift;         /**< none where psi <= psi_chance */
} sy_watched_column;

/** From where on a shift is one. */
typedef struct sy_monitor_options {
  double some;   /**< least psi that is "some" shift; default 0.1 */
  double large;  /**< least psi that is a "large" one, >= some; default 0.25 */
  double chance; /**< 0 < chance < 1, see psi_chance; default 0.05 */
} sy_monitor_options;

/** The defaults above, which are those of the usual rule of thumb. */
SY_API sy_monitor_options sy_monitor_options_default(void);

/** What can be said of rows without labels. Shares are of row weights; NaN = not defined or not
 * known. */
typedef struct sy_monitor {
  size_t n_classes;
  int positive;             /**< the positive class of two (1 where the model names none), or -1 */
  uint64_t rows;            /**< of positive weight */
  double weighted_rows;     /**< sum of row weights */
  double effective_rows;    /**< (sum of row weights)^2 / sum of their squares */
  double *decided;          /**< (K) share decided as each class, by the rule of the model */
  double *mean_probability; /**< (K) */
  double flagged;           /**< two classes: share decided positive */
  bool has_prior;           /**< the model knows the shares of the classes it was trained on */
  double *trained_prior;    /**< (K) those, or NULL */
  sy_prior_estimate prior;  /**< of these rows, with 95 % intervals; zeroed without has_prior.
                                 Right where the classes themselves look as in training, and only
                                 their shares moved */
  bool has_profiles;        /**< the model has profiles of its columns */
  size_t n_columns;
  sy_watched_column *columns; /**< (n_columns) those that the model uses, by psi, largest first */
  double missing; /**< the most that the share missing of any column rose above that in training */
  double unseen;  /**< the largest of the columns; 0 where none is text */
  double shift; /**< largest psi of the columns that moved more than by chance; 0 where none did */
} sy_monitor;

/** Watches rows without labels: what the model decides, the prior they suggest, and how the columns
 * moved from the training.
 * @param row_weights  (rows) >= 0, or NULL for ones; rows of weight 0 are absent
 * @param options      NULL for the defaults
 * @param monitor      out; release with sy_monitor_clear
 * Fails as sy_model_score and sy_prior_estimate_make do; SY_INVALID_ARGUMENT (options),
 * SY_INVALID_WEIGHT, SY_NO_ROWS, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_monitor_make(const sy_model *model, const sy_frame *frame,
                                 const double *row_weights, const sy_monitor_options *options,
                                 sy_monitor *monitor, sy_error *error);

/** Releases what a monitor holds and zeroes it; a zeroed one is legal. */
SY_API void sy_monitor_clear(sy_monitor *monitor);

#ifdef __cplusplus
}
#endif
#endif
