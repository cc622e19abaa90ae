/* predict_labels.c: what is said of several labels a row. */
#include <stdlib.h>

#include <steelyard/classifier_labels.h>

#include "prediction.h"

void predict_labels_columns(prediction *work) {
  size_t n = sy_model_n_labels(work->model), rows = work->rows;
  sy_column *said = work->columns + work->n_kept;
  const char *const *labels = sy_model_classes(work->model);
  work->there = grab(n * rows, sizeof *work->there);
  for (size_t l = 0; l < n; l++) {
    said[l] =
        (sy_column){.name = labels[l], .type = SY_COLUMN_NUMBER, .f32 = work->there + l * rows};
    said[n + l] = (sy_column){
        .name = work->names[l], .type = SY_COLUMN_NUMBER, .f64 = work->probabilities + l * rows};
  }
}

sy_status predict_labels_block(prediction *work, const sy_scorer *scorer, size_t begin, size_t rows,
                               double *probabilities, sy_error *error) {
  size_t n = sy_model_n_labels(work->model);
  uint8_t *there = grab(rows * n, 1);
  sy_status status = sy_scorer_run_labels(scorer, begin, begin + rows, probabilities, there, error);
  for (size_t i = 0; i < rows * n && status == SY_OK; i++) {
    size_t at = i % n * work->rows + begin + i / n;
    work->there[at] = there[i];
    work->probabilities[at] = probabilities[i];
  }
  free(there);
  return status;
}

uint64_t *predict_labels_count(const prediction *work) {
  size_t n = sy_model_n_labels(work->model);
  uint64_t *counts = grab(n, sizeof *counts);
  for (size_t l = 0; l < n; l++)
    for (size_t i = 0; i < work->rows; i++) counts[l] += work->there[l * work->rows + i] > 0;
  return counts;
}
