/* metadata.h: what stands beside the graph, as a list of texts by key. */
#ifndef SY_ONNX_METADATA_H
#define SY_ONNX_METADATA_H

#include "onnx/graph.h"
#include <steelyard/classifier.h>

/* Adds an entry, for which there is room. */
void sy_graph_metadata(sy_graph *graph, Onnx__ModelProto *proto, char *key, const char *value);

/* Both texts as one that lives as long as the graph. */
char *sy_graph_join_text(sy_graph *graph, const char *start, const char *end);

/* What decides, of one class a row: at most 3 entries. */
void sy_graph_class_metadata(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto);

/* The same of several labels: at most 3 entries, and one a label. */
void sy_graph_label_metadata(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto);

#endif
