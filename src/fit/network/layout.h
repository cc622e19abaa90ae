/* layout.h: where the numbers of a network lie, and the room that it computes in.
 *
 * Rows of weights, and all vectors of units, are padded with zeros to whole lanes. A batch is cut
 * into blocks of rows, and the blocks into groups, by shape alone; a group is computed serially,
 * adding up a gradient of its own. */
#ifndef SY_FIT_NETWORK_LAYOUT_H
#define SY_FIT_NETWORK_LAYOUT_H

#include "fit/network/network.h"
#include "fit/network/pace.h"

enum { SY_NET_LANES = 8, SY_NET_GROUPS = 8 };
#define SY_NET_EPSILON 1e-5 /* of both normalisations */

/* Offsets count numbers. Those of parameters go into the run of all numbers, those of rows are to
 * be multiplied by the rows that a room has. */
typedef struct sy_net_layer {
  size_t inputs, units, stride; /* stride: units, padded */
  size_t weights, biases;       /* (inputs, stride), (stride) */
  size_t gains, shifts;         /* (stride) each, under normalisation */
  size_t means, variances;      /* (stride) each, running, under batch normalisation */
  size_t outputs, slopes;       /* of rows: (stride) outputs and their derivatives in the sums */
  size_t normal, inverse;       /* of rows: (stride) normalised sums, (1) 1 / deviation */
  size_t transposed;            /* in the net's copies: (units, stride of the inputs wanted) */
} sy_net_layer;

/* Buffers for some rows, one layer after the other. */
typedef struct sy_net_room {
  char *numbers;
  size_t rows;
  float *labels, *costs; /* (rows, n_outputs) of the rows at hand, where the data has them */
} sy_net_room;

struct sy_net {
  sy_network_shape shape; /* its arrays are copies */
  sy_dtype dtype;
  double dropout;
  size_t batch_rows;
  size_t n_layers; /* hidden ones and the last */
  sy_net_layer *layers;
  size_t *tables;         /* (n_embeddings) offset of each */
  size_t dense, embedded; /* columns of the inputs: numbers, then those of codes */
  size_t inputs_stride, embedded_stride;
  size_t first_slotted; /* trained numbers from here on have slots: all but tables */
  size_t n_trained, n_all, n_transposed;
  sy_net_range *decaying;
  size_t n_decaying;
  size_t inputs, gradients[2], row_numbers; /* of rows: offsets, and numbers of a row in all */
  size_t block_rows, widest;                /* widest: numbers of a row of `gradients` */
  void *memory;                             /* all below */
  sy_net_room rooms[SY_NET_GROUPS];         /* of block_rows */
  sy_net_room batch;                        /* of batch_rows, for batch normalisation */
  char *slots[SY_NET_GROUPS];               /* gradients; of group 0 it is the caller's */
  char *transposed;                         /* weights on their side */
  char *embedded_gradients;                 /* (batch_rows, embedded_stride) */
  char *statistics;                         /* of batch normalisation: rows of `widest` */
  sy_pace pace;                             /* of steps that are worth threads */
};

static inline size_t sy_net_padded(size_t n) {
  return (n + SY_NET_LANES - 1) / SY_NET_LANES * SY_NET_LANES;
}

static inline bool sy_net_is_hidden(const sy_net *net, size_t layer) {
  return layer + 1 < net->n_layers;
}

/* Fills what follows from the shape, which is there: offsets and sizes. False where they leave
 * size_t. */
bool sy_net_lay_out(sy_net *net);

/* How n rows are cut: groups of blocks of net->block_rows rows. */
size_t sy_net_n_groups(const sy_net *net, size_t n);

/* Rows of group g, from first on up to `end`. */
void sy_net_group(const sy_net *net, size_t n, size_t g, size_t *first, size_t *end);

/* The types' own. */
sy_status sy_net_gradient_f32(sy_net *net, float *parameters, const sy_net_batch *batch,
                              float *gradient, sy_net_outcome *outcome, sy_error *error);
sy_status sy_net_gradient_f64(sy_net *net, double *parameters, const sy_net_batch *batch,
                              double *gradient, sy_net_outcome *outcome, sy_error *error);
sy_status sy_net_evaluate_f32(sy_net *net, const float *parameters, const sy_net_batch *batch,
                              double *logits, sy_net_outcome *outcome, sy_error *error);
sy_status sy_net_evaluate_f64(sy_net *net, const double *parameters, const sy_net_batch *batch,
                              double *logits, sy_net_outcome *outcome, sy_error *error);

#endif
