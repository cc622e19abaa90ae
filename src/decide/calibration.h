/* calibration.h: what a calibration map holds. */
#ifndef SY_DECIDE_CALIBRATION_H
#define SY_DECIDE_CALIBRATION_H

#include <steelyard/decide.h>

struct sy_calibration {
  sy_calibration_kind kind;
  size_t n_classes;
  double *scales, *shifts; /* (K) each; NULL for isotonic */
  size_t *first;           /* (K + 1) where the knots of a class begin; NULL but for isotonic */
  double *knots, *values;  /* (first[K]) */
};

#endif
