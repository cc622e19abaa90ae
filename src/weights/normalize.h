/* normalize.h: scaling of class weights. */
#ifndef SY_WEIGHTS_NORMALIZE_H
#define SY_WEIGHTS_NORMALIZE_H

#include <steelyard/weights.h>

/* Scales the weights (n_classes) of classes that are present, whose counts are all > 0. Fails with
 * SY_NO_WEIGHT where all are zero. */
sy_status sy_weights_normalize(sy_normalize normalize, const double *counts, size_t n_classes,
                               double *weights, sy_error *error);

#endif
