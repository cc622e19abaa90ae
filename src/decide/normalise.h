/* normalise.h: log softmax over rows that lie either way: side by side, or class after class (a
 * tile). Each row is computed alone in one order, so both ways give the same bits. */
#ifndef SY_DECIDE_NORMALISE_H
#define SY_DECIDE_NORMALISE_H

#include "base/clones.h"
#include "base/exponential.h"
#include "base/tile.h"

#include <stdbool.h>

/* What lies between neighbouring rows, and between neighbouring classes of a row. */
typedef struct sy_rows_layout {
  size_t n_rows, row_step, n_classes, class_step;
} sy_rows_layout;

/* Log softmax over classes, in place, of at most SY_TILE_ROWS rows; the terms e^(z - top) of each
 * row into `terms` where that is not NULL, and what they are divided by into `scale`. The largest
 * term is 1 and is left to log1p, so that a probability near 1 keeps all the digits of its
 * logarithm: ranking by it stays as fine as near 0. A row of nothing but -inf has no probabilities:
 * they and their logarithms stay 0 and -inf. */
SY_INLINE void sy_normalise(double *restrict logits, double *restrict terms, sy_rows_layout l,
                            bool want_logs, double *restrict scale) {
  double top[SY_TILE_ROWS], rest[SY_TILE_ROWS];
  int64_t best[SY_TILE_ROWS];
  for (size_t i = 0; i < l.n_rows; i++) {
    top[i] = logits[i * l.row_step];
    best[i] = 0;
    rest[i] = 0;
  }
  for (size_t k = 1; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) {
      double z = logits[k * l.class_step + i * l.row_step];
      best[i] = z > top[i] ? (int64_t)k : best[i];
      top[i] = z > top[i] ? z : top[i];
    }
  for (size_t k = 0; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) {
      size_t at = k * l.class_step + i * l.row_step;
      double z = logits[at], gap = z == top[i] ? 0 : z - top[i], term = sy_exp(gap);
      rest[i] += best[i] == (int64_t)k ? 0 : term;
      logits[at] = gap;
      if (terms) terms[at] = term;
    }
  for (size_t i = 0; i < l.n_rows; i++)
    scale[i] = top[i] == -(double)INFINITY ? 0 : 1 / (1 + rest[i]);
  if (!want_logs) return;
  for (size_t i = 0; i < l.n_rows; i++)
    rest[i] = top[i] == -(double)INFINITY ? (double)INFINITY : sy_log1p(rest[i]);
  for (size_t k = 0; k < l.n_classes; k++)
    for (size_t i = 0; i < l.n_rows; i++) logits[k * l.class_step + i * l.row_step] -= rest[i];
}

/* Numbers at once within rows side by side, as far as they are whole rows: they stay in the
 * cache. */
enum { SY_NORMALISE_NUMBERS = 2048 };

/* Log softmax, in place, of any number of rows side by side (n, K); normalise.c. */
void sy_normalise_whole_rows(double *rows, size_t n, size_t n_classes);

/* Rows at once. */
SY_INLINE size_t sy_normalise_rows(size_t n_classes) {
  size_t most = SY_NORMALISE_NUMBERS / n_classes;
  return most < 1 ? 1 : most > SY_TILE_ROWS ? SY_TILE_ROWS : most;
}

#endif
