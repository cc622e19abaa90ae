/* fast.h: the kernels for plain cross-entropy of hard labels; fast.c says which is for what. */
#ifndef SY_LOSS_FAST_H
#define SY_LOSS_FAST_H

#include "loss/kernel.h"

/* Up to so many classes neighbouring rows make a vector, above neighbouring classes do. */
enum { SY_FEW_CLASSES = 64 };

/* Of any layout. */
size_t sy_loss_few_f32(const sy_loss_span *span);
size_t sy_loss_few_f64(const sy_loss_span *span);

/* Of classes that lie one after the other (class_step 1), two or more. */
size_t sy_loss_many_f32(const sy_loss_span *span);
size_t sy_loss_many_f64(const sy_loss_span *span);

/* Of sigmoids: one logit a position. */
size_t sy_loss_binary_f32(const sy_loss_span *span);
size_t sy_loss_binary_f64(const sy_loss_span *span);

#endif
