/* monitoring.h: steelyard evaluate MODEL SOURCE where the source has no labels. */
#ifndef CLI_MONITORING_H
#define CLI_MONITORING_H

#include "dataset.h"
#include "fail_if.h"

/* Rows without labels that were read for a model. */
typedef struct watched_rows {
  const settings *given; /* as typed */
  const char *model_path;
  const sy_model *model;
  sy_frame features; /* of the model, among what was read */
  const dataset *data;
  fail_conditions *conditions;
  sy_messages *messages;
} watched_rows;

/* Says what can be said of the rows, as a screen or as JSON, and whether a condition holds. Returns
 * an exit code, having said what is wrong. */
int monitoring_tell(const watched_rows *rows);

#endif
