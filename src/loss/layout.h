/* layout.h: where the logits of a batch lie, as few evenly spaced runs of positions as there can
 * be: (n, .., K) is one run, class-first (n, K, d) is n runs of d. */
#ifndef SY_LOSS_LAYOUT_H
#define SY_LOSS_LAYOUT_H

#include <steelyard/base.h>

typedef struct sy_loss_layout {
  size_t n;      /* positions */
  size_t n_axes; /* >= 1; axes of positions that follow on each other are one */
  size_t shape[SY_MAX_AXES];
  ptrdiff_t strides[SY_MAX_AXES];
  size_t n_classes;
  ptrdiff_t class_step;
  size_t element; /* bytes */
} sy_loss_layout;

/* Of an array whose class axis is the last and whose size is known to be addressable. */
sy_loss_layout sy_loss_layout_of(const sy_array *logits);

/* Positions from `first` on that lie evenly: at most n, at least 1.
 * @param offset  out: element of the first one's class 0
 * @param step    out: elements from one to the next */
size_t sy_loss_layout_run(const sy_loss_layout *layout, size_t first, size_t n, ptrdiff_t *offset,
                          ptrdiff_t *step);

/* Whether no two elements are one: of repeated logits (strides of 0) there is no gradient. */
bool sy_loss_layout_writable(const sy_loss_layout *layout);

/* Zeros to all elements of an array that lies so. */
void sy_loss_layout_clear(const sy_loss_layout *layout, void *data);

/* Divides positions first .. first + n - 1 by a number. */
void sy_loss_layout_divide(const sy_loss_layout *layout, void *data, size_t first, size_t n,
                           double divisor);

#endif
