/* rows.h: models that write_models made, and rows to put to them; after cmocka.h. Only public
 * calls: the programs that include this link libsteelyard-score alone. */
#ifndef TESTS_SCORE_ROWS_H
#define TESTS_SCORE_ROWS_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <steelyard/onnx.h>

enum { MODELS = 40, MOST_CLASSES = 5 };

static const char *models_folder;

/* Model `seed`, or NULL where the random table of that seed had nothing to learn from. */
static inline sy_model *open_model(int seed) {
  char path[4096];
  sy_model *model = NULL;
  sy_error error;
  snprintf(path, sizeof path, "%s/%d.onnx", models_folder, seed);
  if (access(path, F_OK) != 0) return NULL;
  if (sy_model_open(path, &model, &error) != SY_OK) fail_msg("%s", error.text);
  return model;
}

static inline double number_of(sy_column_type type, uint64_t random) {
  if (random % 9 == 0) return (double)NAN;
  if (type == SY_COLUMN_BOOLEAN) return (double)(random % 2);
  if (type == SY_COLUMN_DATE) return 18000 + (double)(random % 900);
  return (double)(random % 1000) / 100 - 5;
}

/* Sets every column of row number `number`: values known in training, unknown and missing ones, and
 * the costs that vary by row. */
static inline void set_row(sy_row *row, const sy_model *model, uint64_t number) {
  static const char *const texts[] = {"a", "ab", "K\xC3\xB6ln", "seldom", "unseen", "", NULL};
  const sy_encoder *encoder = sy_model_encoder(model);
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder); i++) {
    sy_column_type type = sy_encoder_input_type(encoder, i);
    uint64_t random = (number * 64 + i + 1) * UINT64_C(6364136223846793005);
    random ^= random >> 29;
    random = random * UINT64_C(2862933555777941757) >> 33;
    if (type == SY_COLUMN_TEXT)
      sy_row_set_text(row, (int)i, texts[random % 7]);
    else
      sy_row_set_number(row, (int)i, number_of(type, random));
  }
  for (size_t v = 0; v < sy_model_cost_rule(model)->n_expressions; v++)
    sy_row_set_number(row, (int)(sy_encoder_n_inputs(encoder) + v),
                      (double)((number * 7 + v * 3) % 100) / 10);
}

#endif
