/* factors.h: the rows that factors of classes are tuned on, and what deciding them comes to. */
#ifndef SY_STUDY_FACTORS_H
#define SY_STUDY_FACTORS_H

#include "study/tune.h"

/* Rows of any weight; r counts them, rows[r] is their place in the arrays given. */
typedef struct sy_factor_rows {
  size_t all, n, n_classes;
  size_t *rows;              /* (n) owned */
  const double *log_p;       /* (all, K) */
  const int32_t *ids;        /* (all) */
  const double *row_weights; /* (all), or NULL */
  const sy_costs *costs;     /* of all, or NULL */
  double *actual;            /* (K) sums of row weights, owned */
  double total;
  const sy_tune_options *options;
} sy_factor_rows;

static inline double sy_factor_weight(const sy_factor_rows *rows, size_t r) {
  return rows->row_weights ? rows->row_weights[rows->rows[r]] : 1;
}

static inline size_t sy_factor_class(const sy_factor_rows *rows, size_t r) {
  return (size_t)rows->ids[rows->rows[r]];
}

/* What deciding row r as `predicted` costs. */
static inline double sy_factor_cost(const sy_factor_rows *rows, size_t r, size_t predicted) {
  size_t actual = sy_factor_class(rows, r);
  if (!rows->costs) return actual == predicted ? 0 : 1;
  return sy_costs_at(rows->costs, rows->rows[r], actual, predicted);
}

/* Sums over decided rows. Counts tell that a class is decided for no row, which sums of weights do
 * not once rows have left it. */
typedef struct sy_factor_tally {
  double *right, *predicted; /* (K) */
  size_t *counts;            /* (K) rows decided as the class */
  double cost;
} sy_factor_tally;

/* Where `room` is (3 K) doubles. */
sy_factor_tally sy_factor_tally_in(double *room, size_t n_classes);

/* Adds row r, decided so; takes it out again with a weight below 0. */
void sy_factor_tally_add(const sy_factor_rows *rows, size_t r, size_t predicted, double weight,
                         sy_factor_tally *tally);

double sy_factor_value(const sy_factor_rows *rows, const sy_factor_tally *tally,
                       const double *actual, double total);

/* 95 % interval of the value of these decisions (n). */
sy_status sy_factor_interval(const sy_factor_rows *rows, const int32_t *decisions, double *low,
                             double *high, sy_error *error);

#endif
