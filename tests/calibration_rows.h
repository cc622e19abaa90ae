/* calibration_rows.h: made-up log-probabilities with labels, after cmocka.h. */
#ifndef SY_TESTS_CALIBRATION_ROWS_H
#define SY_TESTS_CALIBRATION_ROWS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <steelyard/study.h>

enum { MOST_ROWS = 20000, MOST_CLASSES = 30 };

typedef struct calibration_rows {
  size_t n, n_classes;
  double logs[MOST_ROWS * MOST_CLASSES];
  int32_t ids[MOST_ROWS];
  double weights[MOST_ROWS];
} calibration_rows;

static uint64_t rows_bits;

/* Uniform in (0, 1): an own generator, so that a failure repeats anywhere. */
static inline double uniform(void) {
  rows_bits = rows_bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double)(rows_bits >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static inline double normal(void) {
  return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static inline void normalise_logs(double *logs, size_t n_classes) {
  double top = -INFINITY, total = 0;
  for (size_t k = 0; k < n_classes; k++) top = fmax(top, logs[k]);
  for (size_t k = 0; k < n_classes; k++) total += exp(logs[k] - top);
  for (size_t k = 0; k < n_classes; k++) logs[k] -= top + log(total);
}

/* A class drawn with these probabilities. */
static inline int32_t draw_class(const double *logs, size_t n_classes) {
  double left = uniform();
  for (size_t k = 0; k + 1 < n_classes; k++)
    if ((left -= exp(logs[k])) < 0) return (int32_t)k;
  return (int32_t)(n_classes - 1);
}

/* Logits of standard deviation `spread` around `base`, the class drawn with the probabilities of
 * a_k log p_k + b_k (scales and shifts NULL: those given); weights 0 to 3. */
static inline void draw_rows(calibration_rows *rows, uint64_t seed, size_t n, size_t n_classes,
                             double spread, const double *base, const double *scales,
                             const double *shifts) {
  rows_bits = seed;
  rows->n = n;
  rows->n_classes = n_classes;
  for (size_t i = 0; i < n; i++) {
    double *logs = rows->logs + i * n_classes, truth[MOST_CLASSES];
    for (size_t k = 0; k < n_classes; k++) logs[k] = spread * normal() + (base ? base[k] : 0);
    normalise_logs(logs, n_classes);
    for (size_t k = 0; k < n_classes; k++)
      truth[k] = (scales ? scales[k] : 1) * logs[k] + (shifts ? shifts[k] : 0);
    normalise_logs(truth, n_classes);
    rows->ids[i] = draw_class(truth, n_classes);
    rows->weights[i] = (double)(i % 4);
  }
}

static inline double log_loss(const calibration_rows *rows, const double *logs,
                              const double *weights) {
  double sum = 0, all = 0;
  for (size_t i = 0; i < rows->n; i++) {
    double weight = weights ? weights[i] : 1;
    if (rows->ids[i] == SY_IGNORED || weight == 0) continue;
    sum -= weight * logs[i * rows->n_classes + (size_t)rows->ids[i]];
    all += weight;
  }
  return sum / all;
}

static inline double calibrated_loss(const calibration_rows *rows, const sy_calibration *map,
                                     const double *weights) {
  static double logs[MOST_ROWS * MOST_CLASSES];
  sy_calibration_apply(map, rows->logs, rows->n, logs);
  return log_loss(rows, logs, weights);
}

static inline sy_calibration *calibrate(sy_calibration_kind kind, const calibration_rows *rows,
                                        const double *weights) {
  sy_calibration *map;
  sy_error error = {0};
  if (sy_calibrate(kind, rows->logs, rows->n, rows->n_classes, rows->ids, weights, &map, &error) !=
      SY_OK)
    fail_msg("%s", error.text);
  return map;
}

#endif
