/* resample.h: the metrics of bootstrap samples of an evaluation. What does not depend on the
 * weights is made once: values a row, and the order of the rows by each class. */
#ifndef SY_EVALUATE_RESAMPLE_H
#define SY_EVALUATE_RESAMPLE_H

#include "evaluate/rows.h"

/* A row at its place in the order of a class. */
typedef struct sy_placed {
  double probability;
  uint64_t row; /* with sy_ranked_hit, and a flag where a group of equal probability begins */
} sy_placed;

/* What all samples share. */
typedef struct sy_resampling {
  const sy_evaluation *evaluation;
  double *losses, *briers, *costs; /* (n) */
  size_t n_present, n_placed;      /* classes with support, rows of any weight */
  size_t *present;                 /* (n_present) */
  sy_placed *placed;               /* (n_present, n_placed) */
} sy_resampling;

/* Prepares an evaluation that sy_evaluate took, whose support per class is in `metrics`. */
sy_status sy_resampling_make(const sy_evaluation *evaluation, const sy_metrics *metrics,
                             sy_resampling *resampling, sy_error *error);
void sy_resampling_clear(sy_resampling *resampling);

/* Room for one sample at a time. */
typedef struct sy_resample_room {
  uint8_t *counts; /* (n) */
  double *weights; /* (n) */
  double *sums;    /* (K) */
  sy_metrics metrics;
} sy_resample_room;

sy_status sy_resample_room_make(const sy_evaluation *evaluation, sy_resample_room *room,
                                sy_error *error);
void sy_resample_room_clear(sy_resample_room *room);

/* The metrics of a sample, into room->metrics: without `rows` and the interval of the cost. */
void sy_resample(const sy_resampling *resampling, uint64_t seed, uint32_t sample,
                 sy_resample_room *room);

#endif
