/* decide.h: reads a model of one number and tells what it decides. */
#ifndef CONSUMER_DECIDE_H
#define CONSUMER_DECIDE_H

#include <stdio.h>

#include <steelyard/onnx.h>

static inline sy_status decide(const char *path, sy_error *error) {
  sy_model *model = NULL;
  sy_status status = sy_model_open(path, &model, error);
  sy_row *row = status == SY_OK ? sy_row_new(model) : NULL;
  for (int i = 0; i < 2 && row && status == SY_OK; i++) {
    int decision = -1;
    double probabilities[2];
    sy_row_set_number(row, sy_row_column(row, "x"), i);
    status = sy_model_decide(model, row, &decision, probabilities, error);
    printf("x = %d: class %d, p %.6f\n", i, decision, probabilities[1]);
  }
  sy_row_free(row);
  sy_model_free(model);
  return status;
}

#endif
