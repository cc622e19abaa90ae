/* prediction.h: a prediction under way, for the files of `steelyard predict`. */
#ifndef CLI_PREDICTION_H
#define CLI_PREDICTION_H

#include <steelyard/classifier.h>

#include "reading.h"

/* The columns of the output: kept ones, then of one class a row `predicted` and p_<class> each; of
 * several labels <label> each, 0 or 1, and p_<label> each. */
typedef struct prediction {
  const settings *given;
  const char *model_path, *source;
  const char *output; /* NULL = CSV on stdout */
  sy_model *model;
  reading table;
  size_t n_kept, rows;
  sy_column *columns; /* of the output */
  size_t n_columns;
  uint32_t *decisions;   /* (rows), of one class a row */
  float *there;          /* (L, rows) 0 or 1, of several labels */
  double *probabilities; /* (K, rows), or (L, rows) */
  char **names;          /* (K) "p_<class>" */
} prediction;

/* predict_labels.c: what several labels a row need. */
void predict_labels_columns(prediction *work);
sy_status predict_labels_block(prediction *work, const sy_scorer *scorer, size_t begin, size_t rows,
                               double *probabilities, sy_error *error);

/* Rows said to have each label; free(). */
uint64_t *predict_labels_count(const prediction *work);

#endif
