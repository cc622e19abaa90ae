/* softmax.h: the bases of the kernel for any loss. All formulas go by differences to the largest
 * logit, and 1 - p of the largest class is the sum of the others, so that no digits are lost where
 * a position is nearly certain. */
#ifndef SY_LOSS_SOFTMAX_H
#define SY_LOSS_SOFTMAX_H

#include "loss/piece.h"

/* What is known of each position of a piece. */
typedef struct sy_softmax {
  double top[SY_PIECE_POSITIONS];     /* largest logit */
  double largest[SY_PIECE_POSITIONS]; /* its class, the first on ties */
  double others[SY_PIECE_POSITIONS];  /* sum of e^(z - top) of all other classes */
  double inverse[SY_PIECE_POSITIONS]; /* 1 / (1 + others) */
  double log_sum[SY_PIECE_POSITIONS]; /* ln(1 + others) */
  double label_logits[SY_PIECE_POSITIONS];
  double first[SY_PIECE_POSITIONS]; /* C and E of the formulas, for derivatives */
  double second[SY_PIECE_POSITIONS];
  bool own_costs; /* the positions have costs of their own */
} sy_softmax;

/* They fill losses and derivatives of a piece and return its first bad position, else SIZE_MAX. */
size_t sy_loss_softmax(sy_loss_piece *piece);
size_t sy_loss_sigmoid(sy_loss_piece *piece);

/* The rest of sy_loss_softmax for cost-expected. */
void sy_loss_expected(sy_loss_piece *piece, sy_softmax *softmax);

/* Logits of the classes from `begin` on with the margins of hard labels taken off. */
void sy_softmax_logits(sy_loss_piece *piece, size_t begin);

/* log p, p and q = 1 - p of the classes loaded. */
void sy_softmax_probabilities(const sy_softmax *softmax, sy_loss_piece *piece);

/* parts[k] = class weight x label after smoothing, of the label classes begin .. begin + classes
 * - 1. */
void sy_softmax_parts(const sy_softmax *softmax, sy_loss_piece *piece, size_t begin,
                      size_t classes);

/* Writes derivatives of the classes loaded, of those that are wanted. */
void sy_softmax_store(const sy_loss_piece *piece, double *gradient, double *hessian);

#endif
