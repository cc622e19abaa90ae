/* piece.h: what the kernels for any loss work on. Some positions at a time are laid on their side,
 * a piece of their classes after the other, in float64: loops run across positions, and a
 * position's own sums go class by class, so that no number depends on how a batch is cut or lies in
 * memory. Where all classes fit into one piece it stays; else each walk reads them again. */
#ifndef SY_LOSS_PIECE_H
#define SY_LOSS_PIECE_H

#include "loss/kernel.h"

enum { SY_PIECE_NUMBERS = 512, SY_PIECE_POSITIONS = 64, SY_PIECE_LANES = 8 };

/* Numbers lie at k * stride + i for class begin + k and position first + i. */
typedef struct sy_loss_piece {
  const sy_loss_span *span;
  size_t first, n;                    /* positions of the span */
  size_t stride;                      /* n rounded up to whole lanes */
  size_t begin, classes;              /* classes whose logits are there */
  size_t room;                        /* classes that a piece holds */
  bool whole;                         /* all classes fit into the piece */
  bool shared;                        /* several classes may have a part in a position's loss */
  double ids[SY_PIECE_POSITIONS];     /* class; -1 = soft, or several labels */
  double active[SY_PIECE_POSITIONS];  /* 0 = loss 0, logits not looked at; else 1 */
  double weights[SY_PIECE_POSITIONS]; /* of the rows; costs of their own are multiplied in */
  double scaled[SY_PIECE_POSITIONS];  /* weights / divisor, for derivatives */
  double losses[SY_PIECE_POSITIONS];  /* weighted */
  double labels[SY_PIECE_NUMBERS];    /* before smoothing; 0 of what is taken out */
  double parts[SY_PIECE_NUMBERS];     /* class weight x label after smoothing */
  double logits[SY_PIECE_NUMBERS];    /* transformed */
  double log_p[SY_PIECE_NUMBERS], p[SY_PIECE_NUMBERS], q[SY_PIECE_NUMBERS];
  double values[SY_PIECE_NUMBERS], firsts[SY_PIECE_NUMBERS], seconds[SY_PIECE_NUMBERS];
  double costs[SY_PIECE_NUMBERS]; /* by predicted class, weighted */
} sy_loss_piece;

/* A piece of positions from `first` on, piece->n of them. */
void sy_loss_piece_begin(sy_loss_piece *piece, const sy_loss_span *span, size_t first);

/* Logits of the classes from `begin` on, transformed but for the margins. */
void sy_loss_piece_logits(sy_loss_piece *piece, size_t begin);

/* Labels of classes begin .. begin + classes - 1 of a softmax. */
void sy_loss_piece_labels(sy_loss_piece *piece, size_t begin, size_t classes);

/* The same of a sigmoid; `out` gets 1 for cells that are taken out, else 0. */
void sy_loss_piece_cells(sy_loss_piece *piece, size_t begin, size_t classes, double *out);

/* The costs that the positions have of their own, of the classes loaded. */
void sy_loss_piece_costs(sy_loss_piece *piece);

/* phi of the first n numbers of log_p, and its derivatives. */
void sy_loss_piece_bend(sy_loss_piece *piece, size_t n);

/* Writes derivatives of the classes loaded, `power` times through the slopes, and 0 where a
 * position is not active. The numbers are changed on their way. */
void sy_loss_piece_store(const sy_loss_piece *piece, double *numbers, int power, void *data);

/* Classes behind those loaded; 0 = none. */
static inline size_t sy_loss_piece_next(const sy_loss_piece *piece) {
  size_t next = piece->begin + piece->classes;
  return next < piece->span->loss->n_classes ? next : 0;
}

#endif
