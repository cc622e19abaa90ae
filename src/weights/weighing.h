/* weighing.h: from counts to weights, for classes and for the pairs of labels alike. */
#ifndef SY_WEIGHTS_WEIGHING_H
#define SY_WEIGHTS_WEIGHING_H

#include <steelyard/weights.h>

/* What is weighed: the classes of one label, or the absence and presence of one of several. */
typedef struct sy_weighing {
  const char *const *classes; /* (n_classes) */
  const double *counts;       /* (n_classes) 0 = absent */
  const double *holding;      /* (n_classes) as in sy_shares; NULL = no images */
  size_t n_classes;
  bool pair; /* 0 = absence, 1 = presence; explicit weights do not come here */
} sy_weighing;

/* As sy_class_weights says. */
sy_status sy_weigh(const sy_policy *policy, sy_normalize normalize, const sy_weighing *weighing,
                   double *weights, sy_error *error);

/* Normalises the weights (n) of classes that are present and checks their range: the last step of
 * any weighing. */
sy_status sy_weights_finish(sy_normalize normalize, const char *const *names, const double *counts,
                            size_t n, double *weights, sy_error *error);

#endif
