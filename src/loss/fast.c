/* fast.c: which kernel is made for which plain cross-entropy. */
#include "loss/fast.h"

sy_loss_kernel sy_loss_fast(const sy_loss_span *span) {
  bool narrow = span->dtype == SY_F32;
  if (!span->hard || span->hessian) return NULL;
  if (span->loss->base == SY_LOSS_SIGMOID)
    return span->loss->n_classes > 1 ? NULL : narrow ? sy_loss_binary_f32 : sy_loss_binary_f64;
  if (span->loss->n_classes <= SY_FEW_CLASSES) return narrow ? sy_loss_few_f32 : sy_loss_few_f64;
  if (span->class_step != 1) return NULL;
  return narrow ? sy_loss_many_f32 : sy_loss_many_f64;
}
