/* network.h: a network as training sees it: one run of numbers, whose loss on a batch and gradient
 * it computes. All numbers are of one type, float32 or float64, that of the rows; both come from
 * one source. Where parameters lie is the network's own affair: rows of weights are padded with
 * zeros to whole vectors, which stay zeros under any step that keeps zero gradients zero. */
#ifndef SY_FIT_NETWORK_NETWORK_H
#define SY_FIT_NETWORK_NETWORK_H

#include <steelyard/fit.h>

typedef struct sy_net sy_net;

/* A network of this shape (batch normalisation included), with all the room that it will ever need
 * for batches of up to batch_rows rows: nothing is allocated later.
 * SY_INVALID_SHAPE, SY_OUT_OF_MEMORY. */
sy_status sy_net_new(const sy_network_shape *shape, sy_dtype dtype, double dropout,
                     size_t batch_rows, sy_net **net, sy_error *error);
void sy_net_free(sy_net *net);

/* Numbers that have a gradient, padding included; and all numbers: those, then the running means
 * and variances of batch normalisation, which sy_net_gradient moves. */
size_t sy_net_n_trained(const sy_net *net);
size_t sy_net_n_all(const sy_net *net);

/* A run of numbers among those trained. */
typedef struct sy_net_range {
  size_t first, n;
} sy_net_range;

/* Those that weight decay is for: weights and embeddings, no biases, gains or shifts. */
const sy_net_range *sy_net_decaying(const sy_net *net, size_t *n);

/* Where training begins; numbers keyed by seed and member (from 0), the same for both types but
 * for rounding.
 * @param output_biases  (n_outputs); -inf = not learnt
 * @param parameters     (n_all) out */
void sy_net_begin(const sy_net *net, uint64_t seed, uint32_t member, const double *output_biases,
                  void *parameters);

/* Rows of a batch: those at `places` of the data. */
typedef struct sy_net_batch {
  const sy_training_data *data; /* its weights and held rows are not looked at */
  const uint32_t *places;       /* (n) */
  size_t n;
  const double *weights; /* (data rows) row weights, of a row each; NULL = ones */
  const sy_loss *loss;   /* with the class weights of the step */
  double divisor;        /* what the sum of w g is divided by */
  uint64_t seed;         /* key of the dropout, with */
  uint64_t step;         /* the number of the step over all of a member's */
  uint32_t member;
} sy_net_batch;

/* What a batch came to. */
typedef struct sy_net_outcome {
  double loss;   /* sum of w l */
  double weight; /* sum of w, as the weighted mean divides by it */
} sy_net_outcome;

/* A step forward and back: outcome, and d (sum of w l / divisor) / d parameters; the same bits on
 * any number of threads. Gradient (n_trained), padding 0. Fails with SY_NUMERIC_FAILURE where a
 * logit is not finite (as bias -inf alone may be); the gradient is then worth nothing. */
sy_status sy_net_gradient(sy_net *net, void *parameters, const sy_net_batch *batch, void *gradient,
                          sy_net_outcome *outcome, sy_error *error);

/* The same without a gradient, as the trained network will be: no dropout, running means. Any
 * number of rows.
 * @param logits  (n, n_outputs) out, row-major; or NULL
 * Fails as sy_net_gradient. */
sy_status sy_net_evaluate(sy_net *net, const void *parameters, const sy_net_batch *batch,
                          double *logits, sy_net_outcome *outcome, sy_error *error);

/* Parameters as a predictor has them, batch normalisation folded in.
 * @param shape  out: shape of the predictor, pointing into the net
 * @param out    (sy_network_n_parameters(shape)) */
void sy_net_shape(const sy_net *net, sy_network_shape *shape);
void sy_net_unpack(const sy_net *net, const void *parameters, double *out);

#endif
