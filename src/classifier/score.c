/* score.c: a tile of rows, and all rows of a frame by tile. A strip of rows is one unit of work
 * with scratch memory of its own; within it rows go in tiles small enough for the cache. */
#include "classifier/classifier.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/exponential.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "decide/tile.h"
#include "features/encoder.h"
#include "model/predictor.h"
#include <math.h>
#include <stdatomic.h>
#include <steelyard/classifier_labels.h>
#include <string.h>

enum { STRIP_ROWS = 32 * SY_TILE_ROWS };

size_t sy_model_tile_size(const sy_model *model, size_t stride) {
  return (model->encoder->n_dense + 3 * model->n_classes + model->rule.n_expressions) * stride +
         sy_predictor_scratch(model->predictor, stride);
}

void sy_model_lay_out(const sy_model *model, double *memory, uint32_t *places, size_t stride,
                      sy_tile *tile, sy_tile_scores *scores) {
  size_t n_dense = model->encoder->n_dense, scored = model->n_classes * stride;
  *tile = (sy_tile){.stride = stride,
                    .n_dense = n_dense,
                    .n_texts = model->encoder->n_texts,
                    .dense = memory,
                    .places = places};
  scores->logs = memory + n_dense * stride;
  scores->probabilities = scores->logs + scored;
  scores->expected = scores->probabilities + scored;
  scores->costs = scores->expected + scored;
  scores->scratch = scores->costs + model->rule.n_expressions * stride;
}

/* Probabilities of log-probabilities. */
SY_CLONES static void exponentiate(const double *restrict logs, size_t n,
                                   double *restrict probabilities) {
  for (size_t i = 0; i < n; i++) probabilities[i] = sy_exp(logs[i]);
}

/* Corrected probabilities -> calibrated ones -> those of another prior. A row too far for any
 * probability keeps its NaN, whatever a calibration makes of it. */
static void adjust_tile(const sy_model *model, size_t rows, size_t stride, bool want_logs,
                        sy_tile_scores *scores) {
  size_t n_classes = model->n_classes;
  bool far[SY_TILE_ROWS];
  for (size_t row = 0; row < rows; row++) far[row] = isnan(scores->probabilities[row]);
  if (model->calibration) sy_calibrate_tile(model->calibration, scores->logs, rows, stride);
  if (model->prior)
    sy_correct_tile(scores->logs, n_classes, stride, model->prior_shifts, want_logs,
                    scores->probabilities);
  else
    exponentiate(scores->logs, n_classes * stride, scores->probabilities);
  for (size_t row = 0; row < rows; row++)
    if (far[row]) scores->probabilities[row] = (double)NAN;
}

void sy_model_finish_tile(const sy_model *model, size_t rows, size_t stride, sy_wanted wanted,
                          sy_tile_scores *scores) {
  size_t n_classes = model->n_classes;
  bool adjusted = model->calibration || model->prior;
  sy_correct_tile(scores->logs, n_classes, stride, model->shifts, wanted.logs || adjusted,
                  scores->probabilities);
  if (adjusted) adjust_tile(model, rows, stride, wanted.logs, scores);
  if (model->rule.n_expressions == 0) {
    sy_decide_tile(scores->probabilities, n_classes, stride, model->rule.fixed,
                   model->only_gains ? model->gains : NULL, scores->expected, scores->decisions);
  } else if (wanted.decisions) {
    sy_costs costs = sy_cost_rule_view(&model->rule, scores->costs);
    sy_decide_costs_tile(scores->probabilities, stride, &costs, scores->expected,
                         scores->decisions);
  }
}

void sy_model_score_tile(const sy_model *model, const sy_tile *tile, sy_wanted wanted,
                         sy_tile_scores *scores) {
  sy_predictor_tile(model->predictor, tile, scores->scratch, scores->logs);
  sy_model_finish_tile(model, tile->rows, tile->stride, wanted, scores);
}

struct sy_scorer {
  const sy_model *model;
  sy_binding binding;
  const sy_column **costs; /* (n_varying) columns of costs, NULL where the frame lacks one */
  size_t n_varying;
  size_t rows;
};

/* Columns of costs are needed for decisions alone, so one that lacks is no failure yet. */
static sy_status bind_costs(sy_scorer *scorer, const sy_frame *frame, sy_error *error) {
  const sy_model *model = scorer->model;
  scorer->n_varying = model->rule.n_expressions;
  scorer->costs = sy_alloc_zero(scorer->n_varying, sizeof *scorer->costs);
  if (!scorer->costs) return sy_fail_memory(error);
  for (size_t v = 0; v < scorer->n_varying; v++)
    for (size_t c = 0; c < frame->n_columns && !scorer->costs[v]; c++) {
      const char *name = frame->columns[c].name;
      if (name && strcmp(name, model->cost_columns[v]) == 0) scorer->costs[v] = &frame->columns[c];
    }
  return SY_OK;
}

static sy_status check_costs(const sy_scorer *scorer, sy_error *error) {
  const sy_model *model = scorer->model;
  for (size_t v = 0; v < scorer->n_varying; v++) {
    const sy_column *column = scorer->costs[v];
    char shown[SY_SHOWN_SIZE];
    sy_shown(model->cost_columns[v], shown);
    if (!column)
      return sy_fail(error, SY_MISSING_COLUMN,
                     "there is no column '%s', which the decision needs: what that cost comes to "
                     "on each row",
                     shown);
    if (column->type == SY_COLUMN_TEXT || !column->f32 == !column->f64)
      return sy_fail(error, SY_INVALID_DATA, "column '%s' is no numbers: costs are", shown);
  }
  return SY_OK;
}

sy_status sy_scorer_new(const sy_model *model, const sy_frame *frame, sy_scorer **scorer,
                        sy_error *error) {
  sy_scorer *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  made->model = model;
  made->rows = frame->rows;
  sy_status status = sy_binding_make(model->encoder, frame, &made->binding, error);
  if (!status) status = bind_costs(made, frame, error);
  if (status)
    sy_scorer_free(made);
  else
    *scorer = made;
  return status;
}

void sy_scorer_free(sy_scorer *scorer) {
  if (!scorer) return;
  sy_binding_clear(&scorer->binding);
  free(scorer->costs);
  free(scorer);
}

typedef struct score_job {
  const sy_scorer *scorer;
  size_t begin, end;
  double *log_probabilities, *probabilities; /* (end - begin, K) where wanted */
  int32_t *decisions;
  uint8_t *labels; /* (end - begin, L) decisions of several labels, where wanted */
  atomic_bool out_of_memory;
  atomic_size_t far;    /* the first row without probabilities; SIZE_MAX = none */
  atomic_size_t costly; /* the first row with a cost that is not finite; SIZE_MAX = none */
} score_job;

static void note_row(atomic_size_t *first_row, size_t row) {
  size_t first = atomic_load(first_row);
  while (row < first && !atomic_compare_exchange_weak(first_row, &first, row)) continue;
}

/* Infinities of both signs add up to NaN, and then all probabilities of the row are. */
static void look_for_far(score_job *job, const double *probabilities, size_t begin, size_t rows) {
  for (size_t row = 0; row < rows; row++) {
    if (!isnan(probabilities[row])) continue;
    note_row(&job->far, begin + row);
    return;
  }
}

/* The costs of a tile of rows. */
static void take_costs(score_job *job, size_t begin, const sy_tile *tile, double *costs) {
  const sy_scorer *scorer = job->scorer;
  for (size_t v = 0; v < scorer->n_varying; v++)
    for (size_t row = 0; row < tile->stride; row++) {
      double cost = row < tile->rows ? sy_column_value(scorer->costs[v], begin + row) : 0;
      costs[v * tile->stride + row] = cost;
      if (!isfinite(cost)) note_row(&job->costly, begin + row);
    }
}

/* Class after class becomes row after row; a few rows at a time, whose end is written while their
 * beginning is still in the cache. */
static void turn(const double *columns, size_t stride, size_t n_classes, size_t rows, double *to) {
  for (size_t begin = 0; begin < rows; begin += SY_LANES) {
    size_t end = rows - begin < SY_LANES ? rows : begin + SY_LANES;
    for (size_t k = 0; k < n_classes; k++)
      for (size_t row = begin; row < end; row++)
        to[row * n_classes + k] = columns[k * stride + row];
  }
}

/* The same for several labels; each has rows without probabilities of its own. */
static void score_labels(score_job *job, size_t begin, const sy_tile *tile,
                         sy_tile_scores *scores) {
  const sy_model *model = job->scorer->model;
  size_t n = model->n_classes, rows = tile->rows, stride = tile->stride, at = begin - job->begin;
  const uint8_t *there = sy_model_score_label_tile(model, tile, scores);
  for (size_t l = 0; l < n; l++) look_for_far(job, scores->probabilities + l * stride, begin, rows);
  if (job->probabilities) turn(scores->probabilities, stride, n, rows, job->probabilities + at * n);
  for (size_t i = 0; job->labels && i < rows * n; i++)
    job->labels[at * n + i] = there[i % n * stride + i / n];
}

static void score_tile(score_job *job, size_t begin, sy_tile *tile, sy_tile_scores *scores) {
  const sy_model *model = job->scorer->model;
  size_t n_classes = model->n_classes, rows = tile->rows, stride = tile->stride;
  size_t at = begin - job->begin;
  sy_binding_tile(&job->scorer->binding, begin, tile);
  if (model->labels) {
    score_labels(job, begin, tile, scores);
    return;
  }
  if (job->decisions && job->scorer->n_varying) take_costs(job, begin, tile, scores->costs);
  sy_model_score_tile(model, tile, (sy_wanted){job->log_probabilities, job->decisions}, scores);
  look_for_far(job, scores->probabilities, begin, rows);
  if (job->log_probabilities)
    turn(scores->logs, stride, n_classes, rows, job->log_probabilities + at * n_classes);
  if (job->probabilities)
    turn(scores->probabilities, stride, n_classes, rows, job->probabilities + at * n_classes);
  for (size_t row = 0; job->decisions && row < rows; row++)
    job->decisions[at + row] = scores->decisions[row];
}

static void score_strip(void *context, size_t strip) {
  score_job *job = context;
  const sy_model *model = job->scorer->model;
  size_t begin = job->begin + strip * STRIP_ROWS,
         stride = sy_tile_rows(sy_model_tile_size(model, 1));
  size_t end = job->end - begin < STRIP_ROWS ? job->end : begin + STRIP_ROWS;
  double *memory = sy_alloc(sy_model_tile_size(model, stride), sizeof *memory);
  uint32_t *places = sy_alloc(model->encoder->n_texts, stride * sizeof *places);
  sy_tile tile;
  sy_tile_scores scores;
  if (memory && places)
    for (size_t row = begin; row < end; row += tile.rows) {
      size_t rows = end - row < stride ? end - row : stride;
      sy_model_lay_out(model, memory, places, sy_tile_stride(rows), &tile, &scores);
      tile.rows = rows;
      score_tile(job, row, &tile, &scores);
    }
  else
    atomic_store(&job->out_of_memory, true);
  free(memory);
  free(places);
}

static sy_status fail_far(size_t row, sy_error *error) {
  return sy_fail(error, SY_INVALID_DATA,
                 "row %zu: its numbers lie so far from those of the training that no probability "
                 "can be computed",
                 row + 1);
}

static sy_status fail_costly(const sy_scorer *scorer, size_t row, sy_error *error) {
  size_t v = 0;
  while (isfinite(sy_column_value(scorer->costs[v], row))) v++;
  double cost = sy_column_value(scorer->costs[v], row);
  char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_DATA, "row %zu: the cost '%s' is %s; costs are finite numbers",
                 row + 1, sy_shown(scorer->model->rule.expressions[v], shown),
                 isnan(cost) ? "missing" : sy_number_format(cost, number));
}

static sy_status check_run(const sy_scorer *scorer, size_t begin, size_t end, bool decides,
                           sy_error *error) {
  if (begin > end || end > scorer->rows)
    return sy_fail(error, SY_INVALID_SHAPE, "rows %zu to %zu of a table of %zu rows", begin, end,
                   scorer->rows);
  if (scorer->n_varying != scorer->model->rule.n_expressions)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the scorer was made before the rule was replaced");
  return decides ? check_costs(scorer, error) : SY_OK;
}

static sy_status run(score_job *job, sy_error *error) {
  const sy_scorer *scorer = job->scorer;
  sy_status status = check_run(scorer, job->begin, job->end, job->decisions, error);
  if (status) return status;
  job->far = job->costly = SIZE_MAX;
  sy_parallel_blocks((job->end - job->begin + STRIP_ROWS - 1) / STRIP_ROWS, score_strip, job);
  if (atomic_load(&job->out_of_memory)) return sy_fail_memory(error);
  size_t far = atomic_load(&job->far), costly = atomic_load(&job->costly);
  if (far != SIZE_MAX) return fail_far(far, error);
  return costly == SIZE_MAX ? SY_OK : fail_costly(scorer, costly, error);
}

sy_status sy_scorer_run(const sy_scorer *scorer, size_t begin, size_t end,
                        double *log_probabilities, double *probabilities, int32_t *decisions,
                        sy_error *error) {
  score_job job = {.scorer = scorer,
                   .begin = begin,
                   .end = end,
                   .log_probabilities = log_probabilities,
                   .probabilities = probabilities,
                   .decisions = decisions};
  sy_status status = sy_model_check_kind(scorer->model, false, error);
  return status ? status : run(&job, error);
}

sy_status sy_scorer_run_labels(const sy_scorer *scorer, size_t begin, size_t end,
                               double *probabilities, uint8_t *decisions, sy_error *error) {
  score_job job = {.scorer = scorer,
                   .begin = begin,
                   .end = end,
                   .probabilities = probabilities,
                   .labels = decisions};
  sy_status status = sy_model_check_kind(scorer->model, true, error);
  return status ? status : run(&job, error);
}

sy_status sy_model_score(const sy_model *model, const sy_frame *frame, double *log_probabilities,
                         double *probabilities, int32_t *decisions, sy_error *error) {
  sy_scorer *scorer = NULL;
  sy_status status = sy_scorer_new(model, frame, &scorer, error);
  if (!status)
    status =
        sy_scorer_run(scorer, 0, frame->rows, log_probabilities, probabilities, decisions, error);
  sy_scorer_free(scorer);
  return status;
}
