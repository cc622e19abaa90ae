/* score.c: all rows of a frame, by block. A strip of rows is one unit of work with scratch memory
 * of its own; within it rows go in blocks small enough for the cache. */
#include "classifier/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/encoder.h"
#include <math.h>
#include <stdatomic.h>

enum { BLOCK_ROWS = 256, STRIP_ROWS = 16 * BLOCK_ROWS };

void sy_model_finish(const sy_model *model, const double *encoded, size_t n,
                     double *log_probabilities, double *probabilities, int32_t *decisions) {
  size_t width = sy_predictor_n_features(model->predictor), n_classes = model->n_classes;
  sy_matrix rows = {encoded, SY_F64, n, width, width};
  /* Cannot fail: sy_model_new has checked that the sizes fit. */
  (void)sy_predictor_logits(model->predictor, rows, log_probabilities, NULL);
  sy_correct(log_probabilities, n, n_classes, model->class_weights, log_probabilities);
  if (!probabilities) return;
  for (size_t i = 0; i < n * n_classes; i++) probabilities[i] = exp(log_probabilities[i]);
  if (decisions) sy_decide(probabilities, n, n_classes, model->cost, decisions);
}

typedef struct score_context {
  const sy_model *model;
  sy_binding binding;
  size_t rows;
  double *log_probabilities, *probabilities; /* where wanted */
  int32_t *decisions;
  atomic_bool out_of_memory;
} score_context;

static void score_block(const score_context *context, size_t begin, size_t end, double *scratch) {
  const sy_model *model = context->model;
  size_t width = sy_predictor_n_features(model->predictor), n_classes = model->n_classes;
  double *logs = scratch + BLOCK_ROWS * width, *chances = logs + BLOCK_ROWS * n_classes;
  if (context->log_probabilities) logs = context->log_probabilities + begin * n_classes;
  if (context->probabilities) chances = context->probabilities + begin * n_classes;
  if (!context->probabilities && !context->decisions) chances = NULL;
  sy_binding_encode(&context->binding, begin, end, SY_F64, scratch, width);
  sy_model_finish(model, scratch, end - begin, logs, chances,
                  context->decisions ? context->decisions + begin : NULL);
}

static void score_strip(void *data, size_t strip) {
  score_context *context = data;
  size_t begin = strip * STRIP_ROWS, left = context->rows - begin;
  size_t end = left < STRIP_ROWS ? context->rows : begin + STRIP_ROWS;
  size_t width = sy_predictor_n_features(context->model->predictor);
  double *scratch = sy_alloc(width + 2 * context->model->n_classes, BLOCK_ROWS * sizeof *scratch);
  if (!scratch) {
    atomic_store(&context->out_of_memory, true);
    return;
  }
  for (size_t row = begin; row < end; row += BLOCK_ROWS)
    score_block(context, row, end - row < BLOCK_ROWS ? end : row + BLOCK_ROWS, scratch);
  free(scratch);
}

sy_status sy_model_score(const sy_model *model, const sy_frame *frame, double *log_probabilities,
                         double *probabilities, int32_t *decisions, sy_error *error) {
  score_context context = {.model = model,
                           .rows = frame->rows,
                           .log_probabilities = log_probabilities,
                           .probabilities = probabilities,
                           .decisions = decisions};
  sy_status status = sy_binding_make(model->encoder, frame, &context.binding, error);
  if (!status)
    sy_parallel_blocks((frame->rows + STRIP_ROWS - 1) / STRIP_ROWS, score_strip, &context);
  sy_binding_clear(&context.binding);
  if (!status && atomic_load(&context.out_of_memory)) return sy_fail_memory(error);
  return status;
}
