/* kernel.h: a span is what a kernel is given of a batch: neighbouring positions, evenly apart,
 * whose labels are checked and whose weights are known. Kernels fill its losses and its part of the
 * gradient; the driver cuts batches into spans, adds up and words errors. */
#ifndef SY_LOSS_KERNEL_H
#define SY_LOSS_KERNEL_H

#include "loss/loss.h"

enum { SY_SPAN_POSITIONS = 256 };

typedef struct sy_loss_span {
  const sy_loss *loss;
  sy_dtype dtype; /* of logits, gradient and Hessian: SY_F32 or SY_F64 */
  size_t n;       /* positions, 1 .. SY_SPAN_POSITIONS */
  /* Element of position i and class k: data[i * step + k * class_step]. The gradient may be the
   * logits themselves; NULL where not wanted. */
  const void *logits;
  void *gradient, *hessian;
  ptrdiff_t step, class_step;
  bool hard;             /* all positions have one class: ids say it all (softmax; sigmoid, L=1) */
  const int32_t *ids;    /* (n) class; 0 where taken out; -1 of a soft row (if not hard) */
  const double *weights; /* (n) class weight of the label (soft: sum_k w_k y_k) x row weight */
  const double *factors; /* (n) weights / divisor: what the gradient is multiplied with */
  const double *row_weights; /* (n) row weight, 0 = taken out; for losses that are not plain */
  double divisor;            /* for the same; 1 where it is not known yet */
  const sy_array *labels;    /* labels of the batch, class axis last: of soft rows and sigmoids */
  const sy_array *costs;     /* row costs, class axis last; NULL = those of the loss */
  bool has_ignore;           /* multi-hot: cells of value `ignore` are taken out */
  int64_t ignore;
  size_t first;   /* number of the first position, in C order, in `labels` and `costs` */
  double *found;  /* (n) out, of losses that weigh by prediction: the weights they found */
  double *losses; /* (n) out: weight x loss of each position */
} sy_loss_span;

/* Computes a span. A position of weight 0 has loss 0 and gradient 0 whatever its logits are, and is
 * never bad. Returns the first position that is bad (a logit that is NaN or +inf, or of softmax
 * none above -inf), else SIZE_MAX. Of bad positions and those behind them neither losses nor
 * gradient matter, but the logits of the first bad one must still be there for the message. */
typedef size_t (*sy_loss_kernel)(const sy_loss_span *span);

/* Any loss, any span, computed in float64. */
size_t sy_loss_general(const sy_loss_span *span);

/* The kernel for plain cross-entropy (sy_loss_is_plain) of hard labels that is made for such a
 * span; NULL where there is none. The choice goes by loss, type, shape, layout and what is
 * wanted, never by numbers. */
sy_loss_kernel sy_loss_fast(const sy_loss_span *span);

#endif
