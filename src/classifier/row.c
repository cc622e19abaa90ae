/* row.c: one row for one thread. All memory is taken when the row is made. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/encoder.h"
#include <math.h>
#include <string.h>

struct sy_row {
  const sy_model *model;
  double *numbers;    /* (inputs) NaN = missing */
  const char **texts; /* (inputs) NULL = missing */
  double *encoded, *log_probabilities, *probabilities;
};

sy_row *sy_row_new(const sy_model *model) {
  size_t n_inputs = sy_encoder_n_inputs(model->encoder);
  sy_row *row = sy_alloc_zero(1, sizeof *row);
  if (!row) return NULL;
  row->model = model;
  row->numbers = sy_alloc(n_inputs, sizeof *row->numbers);
  row->texts = sy_alloc(n_inputs, sizeof *row->texts);
  row->encoded = sy_alloc(sy_encoder_n_outputs(model->encoder), sizeof *row->encoded);
  row->log_probabilities = sy_alloc(model->n_classes, sizeof *row->log_probabilities);
  row->probabilities = sy_alloc(model->n_classes, sizeof *row->probabilities);
  if (row->numbers && row->texts && row->encoded && row->log_probabilities && row->probabilities) {
    sy_row_clear(row);
    return row;
  }
  sy_row_free(row);
  return NULL;
}

void sy_row_free(sy_row *row) {
  if (!row) return;
  free(row->numbers);
  free(row->texts);
  free(row->encoded);
  free(row->log_probabilities);
  free(row->probabilities);
  free(row);
}

void sy_row_clear(sy_row *row) {
  for (size_t i = 0; i < sy_encoder_n_inputs(row->model->encoder); i++) {
    row->numbers[i] = (double)NAN;
    row->texts[i] = NULL;
  }
}

int sy_row_column(const sy_row *row, const char *name) {
  return sy_encoder_find_input(row->model->encoder, name);
}

static bool has_column(const sy_row *row, int column, bool is_text) {
  const sy_encoder *encoder = row->model->encoder;
  if (column < 0 || (size_t)column >= sy_encoder_n_inputs(encoder)) return false;
  return (sy_encoder_input_type(encoder, (size_t)column) == SY_COLUMN_TEXT) == is_text;
}

bool sy_row_set_number(sy_row *row, int column, double value) {
  if (!has_column(row, column, false)) return false;
  row->numbers[column] = value;
  return true;
}

bool sy_row_set_text(sy_row *row, int column, const char *value) {
  if (!has_column(row, column, true)) return false;
  row->texts[column] = value;
  return true;
}

sy_status sy_model_decide(const sy_model *model, sy_row *row, int *decision, double *probabilities,
                          sy_error *error) {
  if (row->model != model)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the row was made for another model");
  int32_t decided;
  sy_encoder_apply_row(model->encoder, row->numbers, row->texts, row->encoded);
  sy_model_finish(model, row->encoded, 1, row->log_probabilities, row->probabilities, &decided);
  *decision = decided;
  if (probabilities)
    memcpy(probabilities, row->probabilities, model->n_classes * sizeof *probabilities);
  return SY_OK;
}
