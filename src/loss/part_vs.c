/* part_vs.c: Kini et al., "Label-imbalanced and group-sensitive classification under
 * overparameterization" (2021), the vector-scaling loss: offsets work at the beginning of training,
 * slopes at its end, where every row is right already. */
#include "loss/parts.h"

#include <math.h>

static void transform(const double *values, const double *counts, sy_loss *loss) {
  double total = 0, largest = 0;
  for (size_t k = 0; k < loss->n_classes; k++) {
    total += counts[k];
    largest = fmax(largest, counts[k]);
  }
  for (size_t k = 0; k < loss->n_classes; k++) {
    loss->slopes[k] *= pow(counts[k] / largest, values[0]);
    loss->offsets[k] += values[1] * log(counts[k] / total);
  }
}

const sy_loss_part sy_loss_part_vs = {.name = "vs",
                                      .form = "vs[:gamma=0.15,tau=1]",
                                      .formula = "(n_k / n_max)^gamma z_k + tau ln(n_k / n)",
                                      .parameters = {{"gamma", 0.15, 0, 10}, {"tau", 1, 0, 100}},
                                      .transform = transform};
