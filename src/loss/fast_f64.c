/* fast_f64.c: plain cross-entropy of float64 logits. */
#include "loss/fast.h"

#include "base/exponential.h"

typedef double real;
typedef int64_t integer; /* as wide as real: a comparison of one chooses of the other */
#define real_exp   sy_exp
#define real_log1p sy_log1p
#define real_round 0x1.8p52 /* added and taken away: the nearest whole number */
/* Clones have names of their own in the library (base/clones.h). */
#define few    few_f64
#define many   many_f64
#define binary binary_f64

#include "loss/binary.h"
#include "loss/few.h"
#include "loss/many.h"

size_t sy_loss_few_f64(const sy_loss_span *span) {
  return few(span);
}

size_t sy_loss_many_f64(const sy_loss_span *span) {
  return many(span);
}

size_t sy_loss_binary_f64(const sy_loss_span *span) {
  return binary(span);
}
