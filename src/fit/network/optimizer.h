/* optimizer.h: moves parameters along a gradient; parameters, gradient and moments are of one type,
 * float32 or float64. Steps are those of PyTorch's optimizers of the same names. */
#ifndef SY_FIT_NETWORK_OPTIMIZER_H
#define SY_FIT_NETWORK_OPTIMIZER_H

#include "fit/network/network.h"

/* Neighbouring numbers that all decay or all do not. */
typedef struct sy_optimizer_run {
  size_t first, n;
  bool decays;
} sy_optimizer_run;

typedef struct sy_optimizer_state {
  sy_optimizer kind;
  sy_dtype dtype;
  double momentum, weight_decay, clip;
  size_t n;               /* numbers trained */
  sy_optimizer_run *runs; /* (n_runs) of all of them, in their order */
  size_t n_runs;
  void *first, *second; /* (n) moments; SGD has no second */
  double *squares;      /* room for sums of squares */
  uint64_t steps;       /* taken since the moments were 0 */
} sy_optimizer_state;

/* Of n numbers.
 * @param decaying  (n_decaying) those that weight decay is for, rising, apart
 * SY_OUT_OF_MEMORY. */
sy_status sy_optimizer_make(const sy_network_options *options, sy_dtype dtype, size_t n,
                            const sy_net_range *decaying, size_t n_decaying,
                            sy_optimizer_state *optimizer, sy_error *error);
void sy_optimizer_clear(sy_optimizer_state *optimizer);

/* Back to no step taken. */
void sy_optimizer_reset(sy_optimizer_state *optimizer);

/* A step with this learning rate. Clips the gradient, then changes it no more. False, with nothing
 * moved, where the norm of a gradient to be clipped is not finite. */
bool sy_optimizer_step(sy_optimizer_state *optimizer, double rate, void *parameters,
                       void *gradient);

#endif
