/* cmd_predict.c: steelyard predict: a row in, a row out. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>

#include "command.h"
#include "cost_columns.h"
#include "dataset.h"
#include "interrupt.h"
#include "json_text.h"
#include "output.h"
#include "prediction.h"
#include "progress.h"
#include "say.h"

/* Rows scored between two looks at the interruption flag. */
#define BLOCK_ROWS 65536

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int check_options(prediction *work) {
  const char *path = work->given->output;
  if (path && strcmp(path, "-") == 0) path = NULL;
  work->output = path;
  if (work->given->json && !path)
    return say_usage("--json sums up what -o FILE writes; rows as JSON are -o FILE.jsonl");
  if (!path) return EXIT_DONE;
  if (!ends_with(path, ".csv") && !ends_with(path, ".jsonl") && !ends_with(path, ".parquet"))
    return say_usage("-o %s: the name ends in .csv, .jsonl or .parquet", path);
  return output_check(path, work->source, work->model_path);
}

static int open_model(prediction *work) {
  sy_error error;
  if (sy_model_open(work->model_path, &work->model, &error) != SY_OK) return say_error(&error);
  return EXIT_DONE;
}

/* Text keeps the cells of CSV as they were written; the other formats have types. */
static sy_table_as kept_as(const prediction *work) {
  return !work->output || ends_with(work->output, ".csv") ? SY_AS_TEXT : SY_AS_FOUND;
}

static int ask_kept(prediction *work) {
  const settings *given = work->given;
  size_t n = sy_table_n_columns(work->table.table);
  bool *kept = grab(n, sizeof *kept);
  int code = EXIT_DONE;
  for (size_t i = 0; i < given->keep.n && code == EXIT_DONE; i++) {
    sy_error error;
    if (sy_table_match(work->table.table, given->keep.items[i], kept, &error) != SY_OK)
      code = say_error_at(&error, EXIT_USAGE, "--keep");
  }
  for (size_t i = 0; i < n && code == EXIT_DONE; i++)
    if (kept[i]) reading_ask(&work->table, i, kept_as(work));
  work->n_kept = work->table.n_requests;
  free(kept);
  return code;
}

static int read_rows(prediction *work) {
  int code = reading_open(work->given, work->source, &work->table);
  if (code == EXIT_DONE) code = ask_kept(work);
  if (code != EXIT_DONE) return code;
  const sy_model *const models[] = {work->model};
  needed_columns needed = needed_by_models(models, 1, work->model_path);
  code = dataset_ask_needed(&work->table, &needed);
  if (code == EXIT_DONE) code = reading_run(&work->table);
  needed_free(&needed); /* expressions live until they are read */
  if (code != EXIT_DONE) return code;
  work->rows = reading_rows(&work->table);
  const sy_cost_rule *rule = sy_model_cost_rule(work->model);
  return cost_columns_look(&work->table, rule, work->table.n_requests - rule->n_expressions);
}

static void make_columns(prediction *work) {
  size_t n_classes = sy_model_n_classes(work->model), rows = work->rows;
  const char *const *classes = sy_model_classes(work->model);
  size_t n_labels = sy_model_n_labels(work->model);
  work->n_columns = work->n_kept + (n_labels ? n_labels : 1) + n_classes;
  work->columns = grab(work->n_columns, sizeof *work->columns);
  work->names = grab(n_classes, sizeof *work->names);
  work->probabilities = grab(n_classes * rows, sizeof *work->probabilities);
  for (size_t i = 0; i < work->n_kept; i++) work->columns[i] = *reading_column(&work->table, i);
  for (size_t k = 0; k < n_classes; k++) work->names[k] = text_format("p_%s", classes[k]);
  if (n_labels) {
    predict_labels_columns(work);
    return;
  }
  work->decisions = grab(rows, sizeof *work->decisions);
  work->columns[work->n_kept] = (sy_column){.name = "predicted",
                                            .type = SY_COLUMN_TEXT,
                                            .codes = work->decisions,
                                            .values = classes,
                                            .n_values = n_classes};
  for (size_t k = 0; k < n_classes; k++)
    work->columns[work->n_kept + 1 + k] = (sy_column){
        .name = work->names[k], .type = SY_COLUMN_NUMBER, .f64 = work->probabilities + k * rows};
}

static int check_names(const prediction *work) {
  for (size_t i = 0; i < work->n_kept; i++)
    for (size_t j = work->n_kept; j < work->n_columns; j++)
      if (strcmp(work->columns[i].name, work->columns[j].name) == 0)
        return say_usage("--keep: column \"%s\" would stand twice in the output, as kept and as "
                         "predicted; a query as source can rename it",
                         work->columns[i].name);
  return EXIT_DONE;
}

/* The model's columns. */
static sy_frame model_frame(const prediction *work) {
  size_t n = work->table.n_requests - work->n_kept;
  return reading_frame(&work->table, work->n_kept, n);
}

static void take_block(prediction *work, size_t begin, size_t rows, const double *probabilities,
                       const int32_t *decisions) {
  size_t n_classes = sy_model_n_classes(work->model);
  for (size_t i = 0; i < rows; i++) {
    work->decisions[begin + i] = (uint32_t)decisions[i];
    for (size_t k = 0; k < n_classes; k++)
      work->probabilities[k * work->rows + begin + i] = probabilities[i * n_classes + k];
  }
}

static sy_status score_blocks(prediction *work, const sy_scorer *scorer, sy_error *error) {
  size_t block = work->rows < BLOCK_ROWS ? work->rows : BLOCK_ROWS;
  double *probabilities = grab(block * sy_model_n_classes(work->model), sizeof *probabilities);
  int32_t *decisions = grab(block, sizeof *decisions);
  bool several = sy_model_n_labels(work->model) > 0;
  sy_progress progress = progress_callback();
  sy_status status = SY_OK;
  for (size_t begin = 0; begin < work->rows && status == SY_OK; begin += block) {
    size_t rows = work->rows - begin < block ? work->rows - begin : block;
    status =
        several ? predict_labels_block(work, scorer, begin, rows, probabilities, error)
                : sy_scorer_run(scorer, begin, begin + rows, NULL, probabilities, decisions, error);
    if (status == SY_OK && !several) take_block(work, begin, rows, probabilities, decisions);
    progress.call(progress.context, "predicting", (double)begin / (double)work->rows);
    if (interrupt_seen()) break;
  }
  free(probabilities);
  free(decisions);
  return status;
}

static int score(prediction *work) {
  sy_frame frame = model_frame(work);
  sy_scorer *scorer = NULL;
  sy_error error;
  sy_status status = sy_scorer_new(work->model, &frame, &scorer, &error);
  if (status == SY_OK) status = score_blocks(work, scorer, &error);
  sy_scorer_free(scorer);
  if (interrupt_seen()) return interrupt_end();
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_DATA, "%s", work->table.source);
}

static int write_rows(const prediction *work) {
  sy_frame frame = {.columns = work->columns, .n_columns = work->n_columns, .rows = work->rows};
  sy_error error;
  progress_clear();
  /* No bar between the rows on a terminal. */
  sy_progress progress = work->output ? progress_callback() : interrupt_callback();
  sy_status status = sy_table_write(&frame, work->output, progress, &error);
  if (status == SY_OK || (!work->output && say_reader_gone())) return EXIT_DONE;
  return say_error(&error);
}

static uint64_t *count_decisions(const prediction *work) {
  if (sy_model_n_labels(work->model)) return predict_labels_count(work);
  uint64_t *counts = grab(sy_model_n_classes(work->model), sizeof *counts);
  for (size_t i = 0; i < work->rows; i++) counts[work->decisions[i]]++;
  return counts;
}

static void tell_json(const prediction *work) {
  uint64_t *counts = count_decisions(work);
  json_t *object = json_object(), *predicted = json_object();
  for (size_t k = 0; k < sy_model_n_classes(work->model); k++)
    json_object_set_new(predicted, sy_model_classes(work->model)[k], json_count(counts[k]));
  json_object_set_new(object, "model", json_text(work->model_path));
  json_object_set_new(object, "rows", json_count(work->rows));
  json_object_set_new(object, "output", json_text(work->output));
  json_object_set_new(object, "predicted", predicted);
  json_say(object);
  free(counts);
}

static void tell_line(const prediction *work) {
  uint64_t *counts = count_decisions(work);
  text_list parts = {NULL, 0};
  for (size_t k = 0; k < sy_model_n_classes(work->model); k++) {
    char number[SY_NUMBER_SIZE];
    if (!counts[k]) continue;
    char *part =
        text_format("%s %s", text_count(counts[k], number), sy_model_classes(work->model)[k]);
    text_list_add(&parts, part);
    free(part);
  }
  char *said = text_list_join(&parts, ", "), number[SY_NUMBER_SIZE];
  say_remark("%s: %s row%s; predicted %s", work->output, text_count(work->rows, number),
             work->rows == 1 ? "" : "s", said);
  free(said);
  text_list_free(&parts);
  free(counts);
}

static void prediction_clear(prediction *work) {
  for (size_t k = 0; work->names && k < sy_model_n_classes(work->model); k++) free(work->names[k]);
  free(work->names);
  free(work->columns);
  free(work->decisions);
  free(work->there);
  free(work->probabilities);
  reading_close(&work->table);
  sy_model_free(work->model);
}

int command_predict(const settings *given, char *const *arguments) {
  prediction work = {.given = given, .model_path = arguments[0], .source = arguments[1]};
  int code = check_options(&work);
  if (code == EXIT_DONE) code = open_model(&work);
  if (code == EXIT_DONE) code = read_rows(&work);
  if (code == EXIT_DONE) make_columns(&work);
  if (code == EXIT_DONE) code = check_names(&work);
  if (code == EXIT_DONE) code = score(&work);
  if (code == EXIT_DONE) code = write_rows(&work);
  if (code == EXIT_DONE && given->json) tell_json(&work);
  if (code == EXIT_DONE && !given->json && work.output) tell_line(&work);
  prediction_clear(&work);
  return code;
}
