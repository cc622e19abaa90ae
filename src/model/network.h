/* network.h: a network as its predictor holds it: parameters as given, and its weights once more in
 * panels, as tiles are multiplied with them. */
#ifndef SY_MODEL_NETWORK_H
#define SY_MODEL_NETWORK_H

#include "model/predictor.h"

/* Weights lie in panels of so many units (fewer in the last one), input after input, so that what a
 * product reads follows on itself however wide a layer is. The units of a layer are rounded up to
 * whole vectors; those beyond the last one are 0 and stay 0. */
enum { SY_PANEL_UNITS = 32, SY_UNIT_ROUND = 4 };

/* What is added to a variance under layer normalisation. */
#define SY_NORM_EPSILON 1e-5

/* Of gelu: sqrt(2 / pi), and what the cube is multiplied with. */
#define SY_GELU_SCALE 0.79788456080286535588
#define SY_GELU_CUBE  0.044715

/* A layer, and where its numbers begin: among the parameters of a member, and among the packed
 * ones (panels, then biases for all rounded units). */
typedef struct sy_layer {
  size_t inputs, units, rounded;
  size_t weights, biases, gains, shifts; /* gains and shifts of hidden layers that have them */
  size_t panels, packed_biases;
} sy_layer;

typedef struct sy_network {
  sy_network_shape shape; /* its arrays are owned */
  sy_layer *layers;       /* (n_hidden + 1) */
  size_t *tables;         /* (n_embeddings) where they begin among the parameters of a member */
  size_t n_members, n_parameters, n_packed; /* of a member */
  size_t widest;                            /* numbers of a row at most between two layers */
  double *parameters;                       /* (n_members, n_parameters) as given */
  double *packed;                           /* (n_members, n_packed) */
} sy_network;

/* Whether the hidden layers have gains and shifts. */
static inline bool sy_shape_has_gains(const sy_network_shape *shape) {
  return shape->norm == SY_NORM_LAYER;
}

/* Numbers that the first layer takes; 0 where the shape is none. */
size_t sy_shape_n_inputs(const sy_network_shape *shape);

/* Where the numbers of a shape lie; `layers` (n_hidden + 1) and `tables` (n_embeddings) out, or
 * NULL. Returns how many parameters there are, 0 as sy_network_n_parameters. */
size_t sy_shape_lay_out(const sy_network_shape *shape, sy_layer *layers, size_t *tables);

/* As sy_family has them. */
size_t sy_network_scratch(const sy_predictor *predictor, size_t stride);
void sy_network_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                     double *logits);
sy_status sy_network_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                            sy_error *error);

#endif
