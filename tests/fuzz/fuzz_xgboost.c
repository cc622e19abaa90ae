/* fuzz_xgboost.c: bytes as a model that XGBoost saved, JSON or UBJ. */
#include "fuzz.h"

#include <math.h>
#include <steelyard/fit.h>
#include <string.h>

/* What is read has logits, which are the same for one row and for many. */
static void check_model(const sy_xgboost_model *model) {
  enum { ROWS = 3, MOST = 4096 };
  FUZZ_REQUIRE(model->n_classes >= 2 && model->n_features >= 1 && model->objective[0]);
  FUZZ_REQUIRE(sy_predictor_n_features(model->predictor) == model->n_features);
  FUZZ_REQUIRE(sy_predictor_n_classes(model->predictor) == model->n_classes);
  if (model->n_features > MOST || model->n_classes > MOST) return;
  size_t n = model->n_features, k = model->n_classes;
  float *rows = malloc(ROWS * n * sizeof *rows);
  double *logits = malloc((ROWS + 1) * k * sizeof *logits);
  FUZZ_REQUIRE(rows && logits);
  for (size_t i = 0; i < ROWS * n; i++) rows[i] = i % 7 == 3 ? NAN : (float)(i % 5) - 2;
  sy_matrix all = {rows, SY_F32, ROWS, n, n}, last = {rows + (ROWS - 1) * n, SY_F32, 1, n, n};
  FUZZ_REQUIRE(sy_predictor_logits(model->predictor, all, logits, NULL) == SY_OK);
  FUZZ_REQUIRE(sy_predictor_logits(model->predictor, last, logits + ROWS * k, NULL) == SY_OK);
  FUZZ_REQUIRE(!memcmp(logits + ROWS * k, logits + (ROWS - 1) * k, k * sizeof *logits));
  free(rows);
  free(logits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sy_xgboost_model model;
  sy_error error;
  fuzz_soil(&model, sizeof model);
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_xgboost_model_read(data, size, "model", &model, &error);
  if (status == SY_OK) {
    check_model(&model);
  } else {
    fuzz_check_error(status, &error, data, size);
    FUZZ_REQUIRE_TEXT(status == SY_INVALID_MODEL || status == SY_OUT_OF_MEMORY, error.text);
    FUZZ_REQUIRE(!model.predictor && !model.features);
  }
  sy_xgboost_model_clear(&model);
  return 0;
}
