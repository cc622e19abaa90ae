/* fast_f32.c: plain cross-entropy of float32 logits. */
#include "loss/fast.h"

#include "base/exponential.h"
#include "base/exponential_f32.h"

typedef float real;
typedef int32_t integer; /* as wide as real: a comparison of one chooses of the other */
#define real_exp   sy_exp_f32
#define real_log1p sy_log1p_f32
#define real_round 0x1.8p23f /* added and taken away: the nearest whole number */
/* Clones have names of their own in the library (base/clones.h). */
#define few    few_f32
#define many   many_f32
#define binary binary_f32

#include "loss/binary.h"
#include "loss/few.h"
#include "loss/many.h"

size_t sy_loss_few_f32(const sy_loss_span *span) {
  return few(span);
}

size_t sy_loss_many_f32(const sy_loss_span *span) {
  return many(span);
}

size_t sy_loss_binary_f32(const sy_loss_span *span) {
  return binary(span);
}
