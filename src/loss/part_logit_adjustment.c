/* part_logit_adjustment.c: Menon et al., "Long-tail learning via logit adjustment" (2021). With
 * tau = 1 it is the balanced softmax of Ren et al. (2020). The frequent classes get a head start in
 * training, so that the logits themselves learn what tells the classes apart at equal shares. */
#include "loss/parts.h"

#include <math.h>

static void transform(const double *values, const double *counts, sy_loss *loss) {
  double total = 0;
  for (size_t k = 0; k < loss->n_classes; k++) total += counts[k];
  for (size_t k = 0; k < loss->n_classes; k++)
    loss->offsets[k] += values[0] * log(counts[k] / total);
}

const sy_loss_part sy_loss_part_logit_adjustment = {
    .name = "logit-adjustment",
    .form = "logit-adjustment[:tau=1]",
    .formula = "z_k + tau ln(n_k / n); tau = 1 is balanced softmax",
    .parameters = {{"tau", 1, 0, 100}},
    .transform = transform};
