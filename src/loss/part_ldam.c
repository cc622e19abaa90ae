/* part_ldam.c: Cao et al., "Learning imbalanced datasets with label-distribution-aware margin loss"
 * (2019): a row must be right by a margin, n_k^-1/4 by their theorem, the rarest class's by the one
 * that is given. Made for logits that are cosines, which the scale widens. */
#include "loss/parts.h"

#include <math.h>

static void transform(const double *values, const double *counts, sy_loss *loss) {
  double rarest = counts[0];
  for (size_t k = 1; k < loss->n_classes; k++) rarest = fmin(rarest, counts[k]);
  for (size_t k = 0; k < loss->n_classes; k++)
    loss->margins[k] += values[0] * sqrt(sqrt(rarest / counts[k]));
  loss->scale *= values[1];
}

const sy_loss_part sy_loss_part_ldam = {
    .name = "ldam",
    .form = "ldam[:margin=0.5,scale=30]",
    .formula = "scale (z_k - margin (n_min / n_k)^1/4 [k is the label]); no soft labels",
    .parameters = {{"margin", 0.5, 0, 1000}, {"scale", 30, 0.001, 1000}},
    .transform = transform};
