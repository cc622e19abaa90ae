/* xgboost_calls.h: models that the installed XGBoost trains and saves, and what it says itself. */
#ifndef TESTS_XGBOOST_CALLS_H
#define TESTS_XGBOOST_CALLS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <steelyard/steelyard.h>
#include <xgboost/c_api.h>

enum { TRAINED_ROWS = 300, TRAINED_COLUMNS = 5 };

/* A training set and the booster trained on it. */
typedef struct trained {
  float *rows;   /* (TRAINED_ROWS, TRAINED_COLUMNS), a tenth of it missing */
  float *labels; /* (TRAINED_ROWS) */
  DMatrixHandle data;
  BoosterHandle booster;
} trained;

static inline float random_between(uint64_t *state) {
  *state = *state * 6364136223846793005U + 1442695040888963407U;
  return (float)(*state >> 40) / (float)(1 << 24) * 2 - 1;
}

static inline void fill_rows(trained *made, int n_classes) {
  uint64_t state = 1;
  made->rows = malloc(sizeof(float) * TRAINED_ROWS * TRAINED_COLUMNS);
  made->labels = malloc(sizeof(float) * TRAINED_ROWS);
  assert_true(made->rows && made->labels);
  for (size_t i = 0; i < TRAINED_ROWS; i++) {
    float *row = made->rows + i * TRAINED_COLUMNS, sum = 0;
    for (size_t j = 0; j < TRAINED_COLUMNS; j++) {
      row[j] = random_between(&state);
      sum += row[j] * (float)(j + 1) / 4;
      if (random_between(&state) > 0.8F) row[j] = NAN;
    }
    float label = floorf((sum + random_between(&state) + 2) / 4 * (float)n_classes);
    made->labels[i] = label < 0 ? 0 : label >= (float)n_classes ? (float)(n_classes - 1) : label;
  }
}

/* Trains `rounds` rounds with parameters (name, value, name, value, .., NULL). */
static inline trained train(int n_classes, int rounds, const char *const *parameters) {
  trained made = {0};
  fill_rows(&made, n_classes);
  assert_int_equal(
      XGDMatrixCreateFromMat(made.rows, TRAINED_ROWS, TRAINED_COLUMNS, NAN, &made.data), 0);
  assert_int_equal(XGDMatrixSetFloatInfo(made.data, "label", made.labels, TRAINED_ROWS), 0);
  assert_int_equal(XGBoosterCreate(&made.data, 1, &made.booster), 0);
  XGBoosterSetParam(made.booster, "nthread", "1");
  XGBoosterSetParam(made.booster, "max_depth", "3");
  for (const char *const *at = parameters; *at; at += 2)
    assert_int_equal(XGBoosterSetParam(made.booster, at[0], at[1]), 0);
  for (int round = 0; round < rounds; round++)
    assert_int_equal(XGBoosterUpdateOneIter(made.booster, round, made.data), 0);
  return made;
}

static inline void free_trained(trained *made) {
  XGBoosterFree(made->booster);
  XGDMatrixFree(made->data);
  free(made->rows);
  free(made->labels);
}

/* The model's file, "json" or "ubj"; free with free(). */
static inline char *saved(const trained *made, const char *format, size_t *size) {
  char config[32];
  const char *bytes;
  bst_ulong length;
  snprintf(config, sizeof config, "{\"format\": \"%s\"}", format);
  assert_int_equal(XGBoosterSaveModelToBuffer(made->booster, config, &length, &bytes), 0);
  char *copy = malloc(length);
  assert_non_null(copy);
  memcpy(copy, bytes, length);
  *size = length;
  return copy;
}

#endif
