/* label_world.h: a table of rows with several labels and what a study of them is asked, after
 * cmocka.h. */
#ifndef TESTS_LABEL_WORLD_H
#define TESTS_LABEL_WORLD_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/onnx.h>
#include <steelyard/report_labels.h>
#include <steelyard/study_labels.h>

enum { ROWS = 240, COLUMNS = 3, LABELS = 3, FOLDS = 4 };

static const char *const names[] = {"happy", "sad", "rare"};

/* A table whose labels hang on its columns, more or less. */
typedef struct world {
  uint64_t state;
  float values[COLUMNS][2 * ROWS];
  uint8_t truth[2 * ROWS * LABELS];
  double row_weights[2 * ROWS];
  sy_column columns[COLUMNS];
  sy_frame frame;
  sy_label_study_data data;
} world;

static inline double uniform(world *w) {
  w->state = w->state * 6364136223846793005u + 1442695040888963407u;
  return (double)(w->state >> 11) / 9007199254740992.0;
}

static inline void world_make(world *w, uint64_t seed) {
  static const char *const called[] = {"a", "b", "c"};
  static const double slopes[LABELS][COLUMNS] = {{2, 0, 1}, {0, -2, 1}, {1, 1, 0}};
  static const double intercepts[LABELS] = {0, 0.5, -3};
  *w = (world){.state = seed};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < COLUMNS; j++) w->values[j][i] = (float)(4 * uniform(w) - 2);
    for (size_t l = 0; l < LABELS; l++) {
      double z = intercepts[l];
      for (size_t j = 0; j < COLUMNS; j++) z += slopes[l][j] * (double)w->values[j][i];
      w->truth[i * LABELS + l] = uniform(w) < 1 / (1 + exp(-z));
    }
    w->row_weights[i] = 1;
  }
  for (size_t j = 0; j < COLUMNS; j++)
    w->columns[j] = (sy_column){.name = called[j], .type = SY_COLUMN_NUMBER, .f32 = w->values[j]};
  w->frame = (sy_frame){w->columns, COLUMNS, ROWS};
  w->data = (sy_label_study_data){
      .frame = &w->frame, .truth = w->truth, .labels = names, .n_labels = LABELS};
}

static inline sy_policy *policy_of(const char *text) {
  sy_policy *policy = NULL;
  assert_int_equal(sy_policy_parse(text, &policy, NULL), SY_OK);
  return policy;
}

static inline void run(const world *w, const sy_study_options *options, sy_label_study *study) {
  sy_error error;
  if (sy_label_study_run(&w->data, options, study, &error) != SY_OK) fail_msg("%s", error.text);
}

/* Class weights of a label by the formula of "pos", over the rows that train. */
static inline double pos_weight(const world *w, size_t l, const int32_t *fold, int without) {
  double counts[2] = {0};
  for (size_t i = 0; i < ROWS; i++)
    if (without < 0 || fold[i] != without) counts[w->truth[i * LABELS + l]] += w->row_weights[i];
  return counts[0] / counts[1];
}

static inline sy_study_options options_of(const sy_policy *policy) {
  sy_study_options options = sy_study_options_default();
  options.policy = policy;
  options.folds = FOLDS;
  options.seed = 7;
  return options;
}

#endif
