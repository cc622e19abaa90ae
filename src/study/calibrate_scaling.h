/* calibrate_scaling.h: log-loss as a function of scales and shifts. */
#ifndef SY_STUDY_CALIBRATE_SCALING_H
#define SY_STUDY_CALIBRATE_SCALING_H

#include "base/bounded.h"
#include "study/calibrate.h"

/* The objective:
 *   (1 / W) sum_i r_i l_i  +  ridge / (2 W) sum_j (t_j - t0_j)^2  +  (sum_k b_k)^2 / 2
 * with W the sum of row weights, t the parameters and t0 those of the identity. A constant added to
 * all shifts changes no probability: the last term makes their sum 0, and so keeps classes without
 * rows, whose shift stays 0, from being pushed aside by the others.
 * Temperature: t = (1 / T). Vector: t = (a_1 .. a_K, b_1 .. b_K). */

/* The objective with the room it works in. */
typedef struct sy_scaling {
  const sy_calibration_rows *rows;
  bool single; /* temperature */
  size_t size;
  size_t n_blocks, block_rows; /* by the number of rows and classes alone */
  double *slots;               /* (n_blocks, 1 + size + size^2) */
  double *scratch;             /* (n_blocks, 3 K) */
} sy_scaling;

/* Release with sy_scaling_clear; zero is legal. Fails with SY_OUT_OF_MEMORY. */
sy_status sy_scaling_make(const sy_calibration_rows *rows, bool single, sy_scaling *scaling,
                          sy_error *error);

void sy_scaling_clear(sy_scaling *scaling);

/* What leaves every probability as it is: 1 for scales, 0 for shifts. */
double sy_scaling_identity(const sy_scaling *scaling, size_t parameter);

/* Fills value, gradient and Hessian at place->at; the context is a sy_scaling. */
void sy_scaling_evaluate(void *context, sy_bounded_place *place);

#endif
