/* model_scores.h: all that a classifier says of a random table, after cmocka.h. */
#ifndef TESTS_MODEL_SCORES_H
#define TESTS_MODEL_SCORES_H

#include "random_model.h"

typedef struct scores {
  double logs[RANDOM_ROWS * RANDOM_CLASSES], chances[RANDOM_ROWS * RANDOM_CLASSES];
  int32_t decisions[RANDOM_ROWS];
} scores;

static inline void score(const sy_model *model, const random_table *table, scores *to) {
  sy_error error;
  memset(to, 0, sizeof *to); /* whole structs are compared */
  if (sy_model_score(model, &table->frame, to->logs, to->chances, to->decisions, &error) != SY_OK)
    fail_msg("%s", error.text);
}

#endif
