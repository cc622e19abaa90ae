/* predictor.h: a predictor and the family it belongs to. A new family is one file that defines a
 * sy_family and a constructor. */
#ifndef SY_MODEL_PREDICTOR_H
#define SY_MODEL_PREDICTOR_H

#include "base/tile.h"
#include <steelyard/model.h>

/* What a family does with the parameters of its predictors. */
typedef struct sy_family {
  const char *name;
  /* Releases what is the family's own; NULL where there is nothing. */
  void (*clear)(sy_predictor *predictor);
  /* Logits of rows whose shape has been checked. */
  sy_status (*logits)(const sy_predictor *predictor, sy_matrix rows, double *logits,
                      sy_error *error);
  /* Doubles of scratch memory that a tile needs; NULL = none. */
  size_t (*scratch)(const sy_predictor *predictor, size_t stride);
  /* The same to the same bits for a tile: logits (K, stride). */
  void (*tile)(const sy_predictor *predictor, const sy_tile *tile, double *scratch, double *logits);
} sy_family;

struct sy_predictor {
  const sy_family *family;
  size_t n_features, n_classes, n_vectors;
  double *coefficients;       /* (n_vectors, n_features) */
  double *by_column;          /* (n_features + 1, n_vectors) the same for each column, then zeros */
  double *intercepts;         /* (n_vectors) */
  struct sy_network *network; /* of the family of networks */
  struct sy_trees *trees;     /* of the family of boosted trees */
};

/* Doubles of scratch memory for a tile of `stride`. */
size_t sy_predictor_scratch(const sy_predictor *predictor, size_t stride);

/* Logits (K, stride) of a tile that an encoder of n_features outputs made; `scratch` as many
 * doubles as sy_predictor_scratch says, what is in them plays no part. */
void sy_predictor_tile(const sy_predictor *predictor, const sy_tile *tile, double *scratch,
                       double *logits);

#endif
