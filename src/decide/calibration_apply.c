/* calibration_apply.c: log-probabilities to calibrated ones, and to those of another prior. Rows
 * side by side and tiles run through the same loops. */
#include "base/parallel.h"
#include "decide/calibration.h"
#include "decide/normalise.h"
#include "decide/tile.h"

/* Rows a block: enough to hide the cost of a thread; it cannot change a result, a row is computed
 * alone. */
enum { APPLY_BLOCK = 1024 };

SY_INLINE void scale_class(double *numbers, sy_rows_layout l, size_t k, double scale,
                           double shift) {
  for (size_t i = 0; i < l.n_rows; i++) {
    double *at = numbers + k * l.class_step + i * l.row_step;
    *at = scale * *at + shift;
  }
}

/* Probabilities of a class, and -1 where its logarithm is -inf: such a class takes no part. */
SY_INLINE void exponentiate(double *numbers, sy_rows_layout l, size_t k) {
  for (size_t i = 0; i < l.n_rows; i++) {
    double *at = numbers + k * l.class_step + i * l.row_step;
    double p = sy_exp(*at);
    *at = *at == -(double)INFINITY ? -1 : p;
  }
}

/* The piecewise linear function through n >= 1 knots; by a share of the step between two of them,
 * so that it cannot leave their values. */
static double interpolate(const double *knots, const double *values, size_t n, double p) {
  if (!(p > knots[0])) return values[0];
  if (p >= knots[n - 1]) return values[n - 1];
  size_t low = 0, high = n - 1;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (knots[middle] <= p)
      low = middle;
    else
      high = middle;
  }
  double share = (p - knots[low]) / (knots[high] - knots[low]);
  return values[low] + share * (values[high] - values[low]);
}

static void interpolate_class(const sy_calibration *calibration, size_t k, double *numbers,
                              sy_rows_layout l) {
  const double *knots = sy_calibration_knots(calibration, k);
  const double *values = sy_calibration_values(calibration, k);
  size_t n = sy_calibration_n_knots(calibration, k);
  for (size_t i = 0; i < l.n_rows; i++) {
    double *at = numbers + k * l.class_step + i * l.row_step;
    if (*at >= 0) *at = interpolate(knots, values, n, *at);
  }
}

/* Two classes: what is not class 1 is class 0; class 1 without a probability has value 0. */
static void complement(double *numbers, sy_rows_layout l) {
  for (size_t i = 0; i < l.n_rows; i++) {
    double *at = numbers + i * l.row_step, other = at[l.class_step];
    if (*at >= 0) *at = 1 - (other >= 0 ? other : 0);
  }
}

/* Logarithms of each value's share of its row. A row whose values are all 0 (maps that give 0
 * where a probability is left) is shared evenly. */
static void share_rows(double *numbers, sy_rows_layout l) {
  for (size_t i = 0; i < l.n_rows; i++) {
    double *row = numbers + i * l.row_step, total = 0, n_left = 0;
    for (size_t k = 0; k < l.n_classes; k++) {
      double value = row[k * l.class_step];
      total += value > 0 ? value : 0;
      n_left += value >= 0 ? 1 : 0;
    }
    for (size_t k = 0; k < l.n_classes; k++) {
      double *at = row + k * l.class_step, share = total > 0 ? *at / total : 1 / n_left;
      *at = *at >= 0 ? log(share) : -(double)INFINITY;
    }
  }
}

SY_CLONES static void apply_exponentials(double *numbers, sy_rows_layout l) {
  for (size_t k = 0; k < l.n_classes; k++) exponentiate(numbers, l, k);
}

static void apply_isotonic(const sy_calibration *calibration, double *numbers, sy_rows_layout l) {
  apply_exponentials(numbers, l);
  bool two = l.n_classes == 2;
  for (size_t k = two ? 1 : 0; k < l.n_classes; k++) interpolate_class(calibration, k, numbers, l);
  if (two) complement(numbers, l);
  share_rows(numbers, l);
}

SY_CLONES static void apply_scaling(const double *scales, const double *shifts, double *numbers,
                                    sy_rows_layout l) {
  double divisors[SY_TILE_ROWS];
  for (size_t k = 0; k < l.n_classes; k++) scale_class(numbers, l, k, scales[k], shifts[k]);
  sy_normalise(numbers, NULL, l, true, divisors);
}

static void apply(const sy_calibration *calibration, double *numbers, sy_rows_layout l) {
  if (calibration->kind == SY_CALIBRATION_ISOTONIC)
    apply_isotonic(calibration, numbers, l);
  else
    apply_scaling(calibration->scales, calibration->shifts, numbers, l);
}

/* Knots are looked up one number at a time, so that lanes beyond the last row are left alone;
 * scaling takes them along. */
void sy_calibrate_tile(const sy_calibration *calibration, double *log_probabilities, size_t rows,
                       size_t stride) {
  bool isotonic = calibration->kind == SY_CALIBRATION_ISOTONIC;
  sy_rows_layout l = {isotonic ? rows : stride, 1, calibration->n_classes, stride};
  apply(calibration, log_probabilities, l);
}

typedef struct apply_job {
  const sy_calibration *calibration;
  const double *log_probabilities;
  size_t n;
  double *calibrated;
} apply_job;

static void apply_block(void *context, size_t block) {
  const apply_job *job = context;
  size_t n_classes = job->calibration->n_classes, most = sy_normalise_rows(n_classes);
  size_t begin = block * APPLY_BLOCK;
  size_t end = job->n - begin < APPLY_BLOCK ? job->n : begin + APPLY_BLOCK;
  for (size_t first = begin; first < end; first += most) {
    size_t n_rows = end - first < most ? end - first : most;
    double *rows = job->calibrated + first * n_classes;
    if (job->calibrated != job->log_probabilities)
      memcpy(rows, job->log_probabilities + first * n_classes, n_rows * n_classes * sizeof *rows);
    apply(job->calibration, rows, (sy_rows_layout){n_rows, n_classes, n_classes, 1});
  }
}

void sy_calibration_apply(const sy_calibration *calibration, const double *log_probabilities,
                          size_t n, double *calibrated) {
  apply_job job = {calibration, log_probabilities, n, calibrated};
  sy_parallel_blocks((n + APPLY_BLOCK - 1) / APPLY_BLOCK, apply_block, &job);
}
