/* loss.h: the loss of a block of rows, and its gradient in the logits. */
#ifndef SY_FIT_NETWORK_LOSS_H
#define SY_FIT_NETWORK_LOSS_H

#include "fit/network/layout.h"

/* Rows `first` to first + n - 1 of a batch, n at most SY_SPAN_POSITIONS.
 * @param room      for their labels and costs
 * @param logits    (n, stride) of the net's type
 * @param gradient  of the same layout, may be the logits; NULL where not wanted
 * @param outcome   their loss and weight are added to it
 * Returns the first row that has no usable logits, else SIZE_MAX. */
size_t sy_net_loss(const sy_net *net, const sy_net_room *room, const sy_net_batch *batch,
                   size_t first, size_t n, const void *logits, size_t stride, void *gradient,
                   sy_net_outcome *outcome);

#endif
