/* problem.h: what a fit learns from: the rows that carry weight, their classes counted from 0
 * without gaps, weights that sum to 1, copies of a row merged. Rows are viewed in place. */
#ifndef SY_FIT_LOGISTIC_PROBLEM_H
#define SY_FIT_LOGISTIC_PROBLEM_H

#include <steelyard/fit.h>

typedef struct sy_problem {
  sy_matrix rows;
  size_t *index;    /* (n) places in `rows`; NULL = all of them */
  size_t n;         /* rows that carry weight, distinct ones where they were merged */
  size_t width;     /* P = D + 1: coefficients, then the intercept */
  size_t n_classes; /* learnt ones, K' >= 2 */
  size_t n_vectors; /* V = 1 for two classes, else K' */
  int32_t *classes; /* (K') their ids */
  int32_t *targets; /* (n) 0..K'-1 */
  double *weights;  /* (n) sum 1 */
  double *shares;   /* (K') share of the weight */
  double *norms;    /* (n) squared 2-norm of a row, the 1 of the intercept included */
  double row_scale; /* root of the weighted mean of `norms` */
  double l2;
} sy_problem;

/* Compacts and checks; release with sy_problem_clear whether or not it succeeds. */
sy_status sy_problem_make(sy_matrix rows, const int32_t *ids, const double *weights,
                          size_t n_classes, double l2, sy_problem *problem, sy_error *error);
void sy_problem_clear(sy_problem *problem);

/* Place of row i in problem->rows. */
size_t sy_problem_place(const sy_problem *problem, size_t i);

/* Writes row i times `scale` in float64, the intercept's 1 last: P numbers. */
void sy_problem_row(const sy_problem *problem, size_t i, double scale, double *out);

/* Writes rows first..first + count - 1, each padded with zeros to whole lanes (see product.h), then
 * rows of zeros up to whole lanes of rows. */
void sy_problem_tile(const sy_problem *problem, size_t first, size_t count, double *tile);

/* Number of parameters V x P. */
size_t sy_problem_size(const sy_problem *problem);

/* Ranges that rows are cut into, by shape alone: at most `most`, none shorter than 512 rows. */
size_t sy_problem_slots(const sy_problem *problem, size_t most);
size_t sy_problem_slot_start(const sy_problem *problem, size_t slot, size_t slots);

/* Rows of a tile that stays in cache: whole lanes of them. */
size_t sy_problem_tile_rows(const sy_problem *problem);

/* Takes the mean over the vectors from each of P columns of (V, P): a shift common to all vectors
 * changes no softmax and only adds penalty. One vector stays as it is. */
void sy_problem_center(const sy_problem *problem, double *parameters);

#endif
