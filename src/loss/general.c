/* general.c: any loss, a piece of the span after the other. */
#include "loss/softmax.h"

size_t sy_loss_general(const sy_loss_span *span) {
  sy_loss_piece piece;
  for (size_t first = 0; first < span->n; first += piece.n) {
    sy_loss_piece_begin(&piece, span, first);
    size_t bad =
        span->loss->base == SY_LOSS_SIGMOID ? sy_loss_sigmoid(&piece) : sy_loss_softmax(&piece);
    if (bad != SIZE_MAX) return first + bad;
    for (size_t i = 0; i < piece.n; i++) span->losses[first + i] = piece.losses[i];
  }
  return SIZE_MAX;
}
