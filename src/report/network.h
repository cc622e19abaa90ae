/* network.h: a network in words. */
#ifndef SY_REPORT_NETWORK_H
#define SY_REPORT_NETWORK_H

#include "base/text.h"
#include <steelyard/classifier.h>

/* Appends layers, activation, embeddings and how many parameters there are. */
void sy_put_network(sy_text *text, const sy_model *model);

#endif
