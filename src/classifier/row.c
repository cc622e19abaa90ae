/* row.c: one row for one thread: a tile of one row, encoded value by value as it is set. All memory
 * is taken when the row is made. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/encoder.h"
#include <math.h>
#include <steelyard/classifier_labels.h>
#include <string.h>

struct sy_row {
  const sy_model *model;
  size_t n_varying; /* of the rule it was made for */
  sy_tile tile;
  sy_tile_scores scores;
  double *memory; /* of tile and scores */
};

sy_row *sy_row_new(const sy_model *model) {
  sy_row *row = sy_alloc_zero(1, sizeof *row);
  if (!row) return NULL;
  size_t n_places = model->encoder->n_texts * SY_LANES;
  row->model = model;
  row->n_varying = model->rule.n_expressions;
  row->memory = sy_alloc_zero(sy_model_tile_size(model, SY_LANES), sizeof *row->memory);
  uint32_t *places = sy_alloc(n_places, sizeof *places);
  if (!row->memory || !places) {
    free(places);
    free(row->memory);
    free(row);
    return NULL;
  }
  for (size_t i = 0; i < n_places; i++) places[i] = (uint32_t)model->encoder->n_outputs;
  sy_model_lay_out(model, row->memory, places, SY_LANES, &row->tile, &row->scores);
  row->tile.rows = 1;
  sy_row_clear(row);
  return row;
}

void sy_row_free(sy_row *row) {
  if (!row) return;
  free(row->memory);
  free(row->tile.places);
  free(row);
}

void sy_row_clear(sy_row *row) {
  const sy_encoder *encoder = row->model->encoder;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (encoder->inputs[i].type == SY_COLUMN_TEXT)
      sy_tile_set_text(&row->tile, encoder, i, NULL);
    else
      sy_tile_set_number(&row->tile, encoder, i, (double)NAN);
  for (size_t v = 0; v < row->n_varying; v++) row->scores.costs[v * SY_LANES] = (double)NAN;
}

/* Columns of costs follow those of the encoder. */
int sy_row_column(const sy_row *row, const char *name) {
  const sy_model *model = row->model;
  int input = sy_encoder_find_input(model->encoder, name);
  for (size_t v = 0; input < 0 && v < model->rule.n_expressions; v++)
    if (strcmp(model->cost_columns[v], name) == 0) return (int)(model->encoder->n_inputs + v);
  return input;
}

static bool has_column(const sy_row *row, int column, bool is_text) {
  const sy_encoder *encoder = row->model->encoder;
  if (column < 0 || (size_t)column >= encoder->n_inputs) return false;
  return (encoder->inputs[column].type == SY_COLUMN_TEXT) == is_text;
}

static bool set_cost(sy_row *row, int column, double value) {
  size_t n_inputs = row->model->encoder->n_inputs;
  if (column < 0 || (size_t)column < n_inputs) return false;
  size_t v = (size_t)column - n_inputs;
  if (v >= row->n_varying) return false;
  row->scores.costs[v * SY_LANES] = value;
  return true;
}

bool sy_row_set_number(sy_row *row, int column, double value) {
  if (!has_column(row, column, false)) return set_cost(row, column, value);
  sy_tile_set_number(&row->tile, row->model->encoder, (size_t)column, value);
  return true;
}

bool sy_row_set_text(sy_row *row, int column, const char *value) {
  if (!has_column(row, column, true)) return false;
  sy_tile_set_text(&row->tile, row->model->encoder, (size_t)column, value);
  return true;
}

bool sy_row_set_number_by_name(sy_row *row, const char *name, double value) {
  return sy_row_set_number(row, sy_row_column(row, name), value);
}

bool sy_row_set_text_by_name(sy_row *row, const char *name, const char *value) {
  return sy_row_set_text(row, sy_row_column(row, name), value);
}

static sy_status check_costs(const sy_row *row, sy_error *error) {
  for (size_t v = 0; v < row->n_varying; v++) {
    double value = row->scores.costs[v * SY_LANES];
    char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
    if (isfinite(value)) continue;
    return sy_fail(error, SY_INVALID_DATA,
                   "the cost '%s' of the row is %s: set its column, \"" SY_COST_COLUMN
                   "\" and the expression, to a finite number",
                   sy_shown(row->model->rule.expressions[v], shown),
                   isnan(value) ? "missing" : sy_number_format(value, number));
  }
  return SY_OK;
}

static sy_status fail_far(sy_error *error) {
  return sy_fail(error, SY_INVALID_DATA,
                 "the numbers of the row lie so far from those of the training that no "
                 "probability can be computed");
}

sy_status sy_model_decide(const sy_model *model, sy_row *row, int *decision, double *probabilities,
                          sy_error *error) {
  sy_status kind = sy_model_check_kind(model, false, error);
  if (kind) return kind;
  if (row->model != model)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the row was made for another model");
  if (row->n_varying != model->rule.n_expressions)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the row was made before the rule was replaced");
  if (decision && row->n_varying) {
    sy_status status = check_costs(row, error);
    if (status) return status;
  }
  sy_model_score_tile(model, &row->tile, (sy_wanted){.decisions = decision}, &row->scores);
  if (isnan(row->scores.probabilities[0])) return fail_far(error);
  if (decision) *decision = row->scores.decisions[0];
  for (size_t k = 0; probabilities && k < model->n_classes; k++)
    probabilities[k] = row->scores.probabilities[k * SY_LANES];
  return SY_OK;
}

sy_status sy_model_decide_labels(const sy_model *model, sy_row *row, uint8_t *decisions,
                                 double *probabilities, sy_error *error) {
  sy_status status = sy_model_check_kind(model, true, error);
  if (status) return status;
  if (row->model != model)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the row was made for another model");
  const uint8_t *there = sy_model_score_label_tile(model, &row->tile, &row->scores);
  for (size_t l = 0; l < model->n_classes; l++)
    if (isnan(row->scores.probabilities[l * SY_LANES])) return fail_far(error);
  for (size_t l = 0; l < model->n_classes; l++) {
    if (decisions) decisions[l] = there[l * SY_LANES];
    if (probabilities) probabilities[l] = row->scores.probabilities[l * SY_LANES];
  }
  return SY_OK;
}
