/* heading.c: lines that open the screens of studies: what was read, how the rows were judged. */
#include "report/heading.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/format.h"

enum { TIME_COLUMN = 87 };

void sy_end_with_time(sy_text *text, size_t line_begin, const char *what, double seconds) {
  if (seconds < 0) {
    sy_text_put_bytes(text, "\n", 1);
    return;
  }
  size_t used = text->data ? sy_text_width(text->data + line_begin) : 0;
  for (size_t i = used; i < TIME_COLUMN; i++) sy_text_put_bytes(text, " ", 1);
  int decimals = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0;
  sy_text_add(text, "  %s %s s\n", what, sy_cell_fixed(seconds, decimals).text);
}

static size_t missing_values(const sy_encoder *encoder) {
  size_t missing = 0;
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder); i++) {
    if (sy_encoder_input_type(encoder, i) == SY_COLUMN_TEXT) continue;
    missing += sy_encoder_input_missing(encoder, i);
  }
  return missing;
}

void sy_put_rows_read(sy_text *text, const sy_encoder *encoder, uint64_t rows, size_t columns_given,
                      double read_seconds) {
  size_t missing = missing_values(encoder);
  size_t begin = text->length;
  sy_text_add(text, "%s row%s, %zu of %zu column%s used", sy_cell_count((double)rows).text,
              sy_plural((double)rows), sy_encoder_n_inputs(encoder), columns_given,
              sy_plural((double)columns_given));
  if (missing > 0) {
    sy_text_add(text, ", %s missing numbers %s", sy_cell_count((double)missing).text,
                sy_encoder_is_raw(encoder) ? "left missing" : "filled and marked");
  }
  sy_end_with_time(text, begin, "read", read_seconds);
}

/* A class of a single row is always trained on: that row is judged by no model. */
static void head_folds(const sy_test_made *made, char text[SY_HEADING_SIZE]) {
  if (made->judged < made->all)
    snprintf(text, SY_HEADING_SIZE,
             "%d-fold cross-validation, %s of %s rows judged by models that did not see them",
             made->folds, sy_cell_count(made->judged).text, sy_cell_count(made->all).text);
  else
    snprintf(text, SY_HEADING_SIZE,
             "%d-fold cross-validation, every row judged by a model that did not see it",
             made->folds);
}

void sy_test_heading(const sy_test_made *made, char text[SY_HEADING_SIZE]) {
  const char *plural = sy_plural(made->judged);
  sy_cell rows = sy_cell_count(made->judged);
  switch (made->kind) {
  case SY_TEST_FOLDS:
    head_folds(made, text);
    break;
  case SY_TEST_SHARE:
    snprintf(text, SY_HEADING_SIZE, "Judged on %s row%s (%s) that the judging model did not see",
             rows.text, plural, sy_cell_percent(made->share).text);
    break;
  case SY_TEST_MASK:
    snprintf(text, SY_HEADING_SIZE, "Judged on the %s later row%s by a model of the earlier ones",
             rows.text, plural);
    break;
  case SY_TEST_OTHER:
    snprintf(text, SY_HEADING_SIZE, "Judged on the %s row%s of the test source", rows.text, plural);
    break;
  case SY_TEST_NONE:
    snprintf(text, SY_HEADING_SIZE,
             "No test: figures of the %s rows it was trained on flatter the model", rows.text);
    break;
  }
}

/* "64,32 relu", "without hidden layers" */
static void put_layers(sy_text *text, const sy_network_shape *shape) {
  sy_text layers = {0};
  for (size_t i = 0; i < shape->n_hidden; i++)
    sy_text_add(&layers, "%s%zu", i ? "," : "", shape->hidden[i]);
  if (layers.data)
    sy_text_add(text, "%s %s", sy_cell_text(layers.data, 24).text,
                sy_activation_name(shape->activation));
  else
    sy_text_put(text, "without hidden layers");
  text->failed = text->failed || layers.failed;
  free(layers.data);
}

/* "mlp 64,32 relu, Adam, 23 of 200 epochs (early stopping)" */
static void put_network(sy_text *text, const sy_iterated_fit *fit) {
  size_t members = sy_predictor_n_members(fit->predictor);
  sy_text_put(text, "mlp ");
  put_layers(text, sy_predictor_shape(fit->predictor));
  if (members > 1) sy_text_add(text, ", mean of %zu", members);
  sy_text_add(text, ", %s, ", fit->result->solver);
  if (fit->epochs < fit->epochs_most)
    sy_text_add(text, "%d of %d epochs%s", fit->epochs, fit->epochs_most,
                fit->result->converged ? " (early stopping)" : "");
  else
    sy_text_add(text, "%d epoch%s", fit->epochs, sy_plural(fit->epochs));
}

/* "boosted, 312 rounds of trees (of at most 1,000; rows held out ended it)" */
static void put_trees(sy_text *text, const sy_iterated_fit *fit) {
  sy_text_add(text, "boosted, %s round%s of trees", sy_cell_count(fit->epochs).text,
              sy_plural(fit->epochs));
  if (fit->epochs < fit->epochs_most)
    sy_text_add(text, " (of at most %s%s)", sy_cell_count(fit->epochs_most).text,
                fit->result->converged ? "; rows held out ended it" : "");
}

void sy_put_iterated_fit(sy_text *text, const sy_iterated_fit *fit) {
  size_t begin = text->length;
  if (sy_predictor_forest(fit->predictor))
    put_trees(text, fit);
  else
    put_network(text, fit);
  sy_text_add(text, ", loss %s", sy_cell_fixed(fit->result->objective, 3).text);
  sy_end_with_time(text, begin, "fit ", fit->seconds);
}
