/* fuzz_model.c: any bytes as a model file. What is read is whole: it scores rows to the same bits
 * by block and one by one, and what is written of it reads back as the same. */
#include "fuzz.h"

#include "classifier/classifier.h"
#include "features/encoder.h"
#include <math.h>
#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>
#include <steelyard/report.h>
#include <string.h>

enum { ROWS = 9 };

static const char unseen[] = "a value of no training row";

/* Raw columns of every kind of value that a model may meet. */
typedef struct raw_rows {
  sy_frame frame;
  sy_column *columns;
} raw_rows;

static void fill_text(const sy_input *input, sy_column *column) {
  const char **values = malloc((input->levels.n + 1) * sizeof *values);
  uint32_t *codes = malloc(ROWS * sizeof *codes);
  if (!values || !codes) abort();
  for (size_t k = 0; k < input->levels.n; k++) values[k] = input->levels.values[k];
  values[input->levels.n] = unseen;
  column->n_values = input->levels.n + 1;
  for (size_t i = 0; i < ROWS; i++)
    codes[i] = i == 0 ? SY_MISSING : (uint32_t)((i - 1) % column->n_values);
  column->values = values;
  column->codes = codes;
}

static void fill_numbers(sy_column *column) {
  static const double some[ROWS] = {
      (double)NAN, (double)INFINITY, -(double)INFINITY, 0, 1, -1, 1e300, 18000.25, -1e-300};
  double *values = malloc(sizeof some);
  if (!values) abort();
  memcpy(values, some, sizeof some);
  column->f64 = values;
}

/* Costs are finite, or nothing is decided. */
static void fill_costs(sy_column *column, size_t seed) {
  static const double some[] = {0, 1, 2.5, 100, 1e-30, 3, 1e12, 7, 0.1};
  double *values = malloc(ROWS * sizeof *values);
  if (!values) abort();
  for (size_t i = 0; i < ROWS; i++) values[i] = some[(i + seed) % ROWS];
  column->f64 = values;
}

static raw_rows rows_make(const sy_model *model) {
  const sy_encoder *encoder = model->encoder;
  size_t n_columns = encoder->n_inputs + model->rule.n_expressions;
  raw_rows rows = {.columns = calloc(n_columns, sizeof *rows.columns)};
  if (!rows.columns) abort();
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    sy_column *column = &rows.columns[i];
    column->name = encoder->inputs[i].name;
    column->type = encoder->inputs[i].type;
    if (column->type == SY_COLUMN_TEXT)
      fill_text(&encoder->inputs[i], column);
    else
      fill_numbers(column);
  }
  for (size_t i = encoder->n_inputs; i < n_columns; i++) {
    rows.columns[i].name = model->cost_columns[i - encoder->n_inputs];
    fill_costs(&rows.columns[i], i);
  }
  rows.frame = (sy_frame){rows.columns, n_columns, ROWS};
  return rows;
}

static void rows_free(raw_rows *rows) {
  for (size_t i = 0; i < rows->frame.n_columns; i++) {
    free((void *)(uintptr_t)rows->columns[i].f64);
    free((void *)(uintptr_t)rows->columns[i].codes);
    free((void *)(uintptr_t)rows->columns[i].values);
  }
  free(rows->columns);
}

/* Probabilities (ROWS, K) and decisions of a model. */
typedef struct verdict {
  double *logs, *chances;
  int32_t decisions[ROWS];
} verdict;

/* Rows whose sums overflow have no probability, and the model says so of the first of them. */
static verdict judge(const sy_model *model, const sy_frame *frame) {
  size_t n = ROWS * model->n_classes;
  verdict said = {malloc(n * sizeof(double)), malloc(n * sizeof(double)), {0}};
  if (!said.logs || !said.chances) abort();
  fuzz_soil(said.decisions, sizeof said.decisions);
  sy_error error = {SY_OK, ""};
  sy_status status = sy_model_score(model, frame, said.logs, said.chances, said.decisions, &error);
  bool far = false;
  for (size_t i = 0; i < ROWS; i++) {
    if (isnan(said.chances[i * model->n_classes])) far = true;
    FUZZ_REQUIRE(said.decisions[i] >= 0 && (size_t)said.decisions[i] < model->n_classes);
  }
  FUZZ_REQUIRE_TEXT(status == (far ? SY_INVALID_DATA : SY_OK), error.text);
  for (size_t i = 0; i < n; i++)
    FUZZ_REQUIRE(isnan(said.chances[i]) || (said.chances[i] >= 0 && said.chances[i] <= 1));
  return said;
}

static void verdict_free(verdict *said) {
  free(said->logs);
  free(said->chances);
}

/* NaN has many bits and no order: a model whose sums overflow may say it. */
static bool same(const double *a, const double *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (memcmp(&a[i], &b[i], sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
  return true;
}

static void set_row(sy_row *row, const sy_frame *frame, size_t i) {
  sy_row_clear(row);
  for (size_t j = 0; j < frame->n_columns; j++) {
    const sy_column *column = &frame->columns[j];
    int place = sy_row_column(row, column->name);
    FUZZ_REQUIRE(place == (int)j);
    if (column->f64)
      FUZZ_REQUIRE(sy_row_set_number(row, place, column->f64[i]));
    else if (column->codes[i] != SY_MISSING)
      FUZZ_REQUIRE(sy_row_set_text(row, place, column->values[column->codes[i]]));
  }
}

static void check_row_by_row(const sy_model *model, const sy_frame *frame, const verdict *block) {
  sy_row *row = sy_row_new(model);
  double *chances = malloc(model->n_classes * sizeof *chances);
  if (!row || !chances) abort();
  for (size_t i = 0; i < ROWS; i++) {
    int decision = -1;
    set_row(row, frame, i);
    bool far = isnan(block->chances[i * model->n_classes]);
    sy_status status = sy_model_decide(model, row, &decision, chances, NULL);
    FUZZ_REQUIRE(status == (far ? SY_INVALID_DATA : SY_OK));
    if (far) continue;
    FUZZ_REQUIRE(decision == block->decisions[i]);
    FUZZ_REQUIRE(same(chances, block->chances + i * model->n_classes, model->n_classes));
  }
  free(chances);
  sy_row_free(row);
}

/* Written, read and written again: the same bytes, and the same answers. */
static void check_written(const sy_model *model, const sy_frame *frame, const verdict *before) {
  void *bytes, *again;
  size_t size, size_again;
  sy_model *copy = NULL;
  sy_error error = {SY_OK, ""};
  FUZZ_REQUIRE(sy_model_to_onnx(model, &bytes, &size, NULL) == SY_OK);
  FUZZ_REQUIRE_TEXT(sy_model_from_onnx(bytes, size, &copy, &error) == SY_OK, error.text);
  FUZZ_REQUIRE(sy_model_to_onnx(copy, &again, &size_again, NULL) == SY_OK);
  FUZZ_REQUIRE(size == size_again && memcmp(bytes, again, size) == 0);
  FUZZ_REQUIRE(model->positive == copy->positive && model->source == copy->source);
  FUZZ_REQUIRE(model->n_notes == copy->n_notes && model->n_classes == copy->n_classes);
  verdict after = judge(copy, frame);
  FUZZ_REQUIRE(same(before->logs, after.logs, ROWS * model->n_classes));
  FUZZ_REQUIRE(same(before->chances, after.chances, ROWS * model->n_classes));
  FUZZ_REQUIRE(memcmp(before->decisions, after.decisions, sizeof after.decisions) == 0);
  verdict_free(&after);
  free(bytes);
  free(again);
  sy_model_free(copy);
}

/* Shares that are shares, edges that rise, as many as there are bins. */
static void check_profiles(const sy_encoder *encoder) {
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_profile *profile = sy_encoder_profile(encoder, i);
    if (!profile) continue;
    double sum = encoder->inputs[i].type == SY_COLUMN_TEXT ? 0 : profile->missing;
    FUZZ_REQUIRE(profile->weight > 0 && isfinite(profile->weight));
    FUZZ_REQUIRE(profile->effective_rows >= 1 && isfinite(profile->effective_rows));
    FUZZ_REQUIRE(profile->missing >= 0 && profile->missing <= 1);
    for (size_t b = 0; b < profile->n_bins; b++) sum += profile->shares[b];
    FUZZ_REQUIRE(fabs(sum - 1) < 1e-5);
    for (size_t b = 1; profile->edges && b + 1 < profile->n_bins; b++)
      FUZZ_REQUIRE(profile->edges[b - 1] < profile->edges[b]);
  }
}

/* Rows without labels held against whatever the file says of the training. */
static void check_monitor(const sy_model *model, const sy_frame *frame) {
  sy_monitor monitor;
  sy_error error;
  sy_status status = sy_monitor_make(model, frame, NULL, NULL, &monitor, &error);
  if (status != SY_OK) return;
  FUZZ_REQUIRE(monitor.rows == ROWS && monitor.n_columns == sy_encoder_n_inputs(model->encoder));
  for (size_t i = 0; i < monitor.n_columns; i++) {
    const sy_watched_column *column = &monitor.columns[i];
    FUZZ_REQUIRE(column->missing >= 0 && column->missing <= 1);
    FUZZ_REQUIRE(isnan(column->psi) == (column->shift == SY_SHIFT_UNKNOWN));
    FUZZ_REQUIRE(isnan(column->psi) || (column->psi > -1e-9 && isfinite(column->psi)));
  }
  char *text = NULL;
  FUZZ_REQUIRE(sy_report_monitor(&monitor, NULL, sy_model_classes(model), &text, NULL) == SY_OK);
  free(text);
  sy_monitor_clear(&monitor);
}

static void check_rule(const sy_cost_rule *rule) {
  for (size_t i = 0; rule->n_expressions && i < rule->n_classes * rule->n_classes; i++) {
    FUZZ_REQUIRE(rule->which[i] >= -1 && rule->which[i] < (int32_t)rule->n_expressions);
    FUZZ_REQUIRE(rule->which[i] < 0 || rule->fixed[i] == 0);
  }
  for (size_t v = 0; v < rule->n_expressions; v++) FUZZ_REQUIRE(rule->expressions[v][0]);
}

static void check_parts(const sy_model *model) {
  size_t n = sy_model_n_classes(model);
  FUZZ_REQUIRE(n >= 2);
  for (size_t k = 0; k < n; k++) {
    double weight = sy_model_class_weights(model)[k];
    FUZZ_REQUIRE(weight >= 0 && isfinite(weight));
  }
  for (size_t i = 0; i < n * n; i++) FUZZ_REQUIRE(isfinite(sy_model_cost(model)[i]));
  check_rule(sy_model_cost_rule(model));
  const double *prior = sy_model_prior(model), *trained = sy_model_trained_prior(model);
  FUZZ_REQUIRE(trained || !prior);
  for (size_t k = 0; prior && k < n; k++)
    FUZZ_REQUIRE(prior[k] >= 0 && prior[k] <= 1.1 && (prior[k] == 0 || trained[k] > 0));
  int positive = sy_model_positive(model);
  FUZZ_REQUIRE(positive == -1 || (n == 2 && positive >= 0 && positive < 2));
  char decision[200];
  sy_model_describe_decision(model, decision, sizeof decision);
  FUZZ_REQUIRE(memchr(decision, 0, sizeof decision) && decision[0]);
  char *text = NULL;
  FUZZ_REQUIRE(sy_report_model(model, &text, NULL) == SY_OK && text && text[0]);
  free(text);
}

/* What a model of several labels says of the rows: (ROWS, L), and the decisions behind. */
typedef struct label_verdict {
  double *chances;
  uint8_t *there;
} label_verdict;

static label_verdict judge_labels(const sy_model *model, const sy_frame *frame) {
  size_t n = ROWS * model->n_classes;
  label_verdict said = {malloc(n * sizeof(double)), malloc(n)};
  if (!said.chances || !said.there) abort();
  fuzz_soil(said.there, n);
  sy_status status = sy_model_score_labels(model, frame, said.chances, said.there, NULL);
  FUZZ_REQUIRE(status == SY_OK || status == SY_INVALID_DATA);
  for (size_t i = 0; i < n; i++) {
    FUZZ_REQUIRE(isnan(said.chances[i]) || (said.chances[i] >= 0 && said.chances[i] <= 1));
    FUZZ_REQUIRE(said.there[i] <= 1);
  }
  return said;
}

static void label_verdict_free(label_verdict *said) {
  free(said->chances);
  free(said->there);
}

static void check_label_rows(const sy_model *model, const sy_frame *frame,
                             const label_verdict *block) {
  size_t n = model->n_classes;
  sy_row *row = sy_row_new(model);
  double *chances = malloc(n * sizeof *chances);
  uint8_t *there = malloc(n);
  if (!row || !chances || !there) abort();
  for (size_t i = 0; i < ROWS; i++) {
    set_row(row, frame, i);
    sy_status status = sy_model_decide_labels(model, row, there, chances, NULL);
    FUZZ_REQUIRE(status == SY_OK || status == SY_INVALID_DATA);
    if (status != SY_OK) continue;
    FUZZ_REQUIRE(same(chances, block->chances + i * n, n));
    FUZZ_REQUIRE(memcmp(there, block->there + i * n, n) == 0);
  }
  free(there);
  free(chances);
  sy_row_free(row);
}

static void check_label_parts(const sy_model *model) {
  char *text = NULL, decision[200];
  FUZZ_REQUIRE(model->n_classes >= 2);
  for (size_t l = 0; l < model->n_classes; l++) {
    const sy_model *label = sy_model_label(model, l);
    for (size_t k = 0; k < 2; k++) {
      double weight = sy_model_class_weights(label)[k];
      FUZZ_REQUIRE(weight >= 0 && isfinite(weight));
    }
    for (size_t i = 0; i < 4; i++) FUZZ_REQUIRE(isfinite(sy_model_cost(label)[i]));
    sy_model_describe_decision(label, decision, sizeof decision);
    FUZZ_REQUIRE(memchr(decision, 0, sizeof decision) && decision[0]);
  }
  FUZZ_REQUIRE(sy_report_model(model, &text, NULL) == SY_OK && text && text[0]);
  free(text);
}

/* A model of several labels: its parts, block and row, and what is written is read again. */
static void check_labels(const sy_model *model) {
  void *bytes, *again;
  size_t size, size_again;
  sy_model *copy = NULL;
  raw_rows rows = rows_make(model);
  label_verdict block = judge_labels(model, &rows.frame);
  check_label_parts(model);
  check_label_rows(model, &rows.frame, &block);
  check_profiles(model->encoder);
  FUZZ_REQUIRE(sy_model_to_onnx(model, &bytes, &size, NULL) == SY_OK);
  FUZZ_REQUIRE(sy_model_from_onnx(bytes, size, &copy, NULL) == SY_OK);
  FUZZ_REQUIRE(sy_model_to_onnx(copy, &again, &size_again, NULL) == SY_OK);
  FUZZ_REQUIRE(size == size_again && memcmp(bytes, again, size) == 0);
  label_verdict after = judge_labels(copy, &rows.frame);
  FUZZ_REQUIRE(same(block.chances, after.chances, ROWS * model->n_classes));
  FUZZ_REQUIRE(memcmp(block.there, after.there, ROWS * model->n_classes) == 0);
  label_verdict_free(&after);
  label_verdict_free(&block);
  free(bytes);
  free(again);
  sy_model_free(copy);
  rows_free(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  sy_model *model = NULL;
  sy_error error;
  fuzz_soil(&error, sizeof error);
  sy_threads_set(1);
  sy_status status = sy_model_from_onnx(data, size, &model, &error);
  if (status != SY_OK) {
    FUZZ_REQUIRE(!model);
    FUZZ_REQUIRE_TEXT(status == SY_INVALID_MODEL, error.text);
    fuzz_check_error(status, &error, data, size);
    return 0;
  }
  if (sy_model_n_labels(model)) {
    check_labels(model);
    sy_model_free(model);
    return 0;
  }
  check_parts(model);
  raw_rows rows = rows_make(model);
  verdict block = judge(model, &rows.frame);
  check_row_by_row(model, &rows.frame, &block);
  check_profiles(model->encoder);
  check_monitor(model, &rows.frame);
  check_written(model, &rows.frame, &block);
  verdict_free(&block);
  rows_free(&rows);
  sy_model_free(model);
  return 0;
}
