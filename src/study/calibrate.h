/* calibrate.h: what the fits of calibration maps share. */
#ifndef SY_STUDY_CALIBRATE_H
#define SY_STUDY_CALIBRATE_H

#include <steelyard/study.h>

/* The rows that count, checked: their class is known, their weight is above 0 and their own class
 * is not of probability 0 (such a row's loss is infinite under any map). */
typedef struct sy_calibration_rows {
  const double *log_probabilities; /* (all rows, K) */
  size_t n_classes;
  const int32_t *ids;        /* (all rows) */
  const double *row_weights; /* (all rows), or NULL for ones */
  size_t n;
  size_t *rows;          /* (n) which rows count, rising */
  double weight;         /* sum of their weights */
  double *class_weights; /* (K) sum of their weights in each class */
} sy_calibration_rows;

/* Weight of the i-th row that counts. */
static inline double sy_calibration_weight(const sy_calibration_rows *rows, size_t i) {
  return rows->row_weights ? rows->row_weights[rows->rows[i]] : 1;
}

/* Kinds temperature and vector. */
sy_status sy_calibrate_scaling(sy_calibration_kind kind, const sy_calibration_rows *rows,
                               sy_calibration **calibration, sy_error *error);

/* Kind isotonic. */
sy_status sy_calibrate_isotonic(const sy_calibration_rows *rows, sy_calibration **calibration,
                                sy_error *error);

/* Neighbouring values of an isotonic fit that were pooled. */
typedef struct sy_pool {
  double low, high; /* the smallest and the largest p in it */
  double weight;
  double share; /* of that weight that is of the class: the fitted value */
} sy_pool;

/* Pools neighbours until the shares rise: the weighted monotone least squares fit, which also is
 * the monotone fit of least log-loss. `pools` is in order of p and is rewritten; returns how many
 * are left. */
size_t sy_pool_violators(sy_pool *pools, size_t n);

/* Pools on until at most `most` >= 1 are left, neighbours first that cost the least log-loss. */
size_t sy_pool_thin(sy_pool *pools, size_t n, size_t most);

#endif
