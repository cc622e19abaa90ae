/* network.h: a network in the graph, written and read. Its constants are called by the number of
 * the network among those whose mean is taken, and by that of the layer, both from 1:
 * "network/1/2/weights" are those of the second layer of the first. */
#ifndef SY_ONNX_NETWORK_H
#define SY_ONNX_NETWORK_H

#include "classifier/classifier.h"
#include "onnx/graph.h"
#include "onnx/reading.h"

/* Encoded rows without codes (NULL where there are codes alone) -> logits (N, K). */
char *sy_graph_network(sy_graph *graph, const sy_model *model, char *encoded);

/* Whether the graph holds a network. */
bool sy_reading_has_network(const sy_reading *reading);

/* The network behind an encoder, for n_classes classes. */
sy_status sy_reading_network(sy_reading *reading, const sy_encoder *encoder, size_t n_classes,
                             sy_predictor **predictor);

#endif
