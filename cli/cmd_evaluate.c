/* cmd_evaluate.c: steelyard evaluate: a model on rows whose labels are known. */
#include <stdlib.h>

#include <steelyard/onnx.h>
#include <steelyard/report.h>

#include "command.h"
#include "cost_option.h"
#include "json_metrics.h"
#include "json_text.h"
#include "model_notes.h"
#include "say.h"

/* An evaluation under way. */
typedef struct judging {
  settings given; /* completed by what the model remembers; its lists belong to main */
  text_list noted_groups;
  const char *model_path, *source;
  sy_model *model;
  dataset data;
  double *cost;
  sy_messages *messages;
  sy_review review;
} judging;

static int open_model(judging *work) {
  sy_error error;
  if (sy_model_open(work->model_path, &work->model, &error) != SY_OK) return say_error(&error);
  work->messages = sy_messages_new();
  return work->messages ? EXIT_DONE : say_failed("out of memory");
}

/* What is not said is as it was in training. */
static int recall(judging *work) {
  settings *given = &work->given;
  const char *groups = sy_model_note(work->model, NOTE_GROUPS);
  const char *weight = sy_model_note(work->model, NOTE_WEIGHT);
  if (!given->label) {
    given->label = sy_model_note(work->model, NOTE_LABEL);
    given->label_origin = "the label the model was trained on (--label names another)";
  }
  if (!given->label)
    return say_usage("%s does not say which column its label was: give --label COL",
                     work->model_path);
  const char *kind = sy_model_note(work->model, NOTE_KIND);
  if (kind) given->label_kind = kind;
  if (!given->ignore) given->ignore = sy_model_note(work->model, NOTE_IGNORED);
  if (!given->group_classes.n && groups) {
    text_list_add(&work->noted_groups, groups);
    given->group_classes = work->noted_groups;
  }
  if (weight && !given->sample_weight)
    sy_messages_add(work->messages,
                    "%s was trained with row weights (column \"%s\"); here every row counts once, "
                    "unless --sample-weight names a column",
                    work->model_path, weight);
  return EXIT_DONE;
}

static int read_rows(judging *work) {
  declared_classes declared = {sy_model_classes(work->model), sy_model_n_classes(work->model)};
  needed_columns needed = needed_by_model(sy_model_encoder(work->model), work->model_path);
  int code = dataset_read_judged(&work->given, work->source, &needed, declared, &work->data);
  needed_free(&needed);
  return code;
}

static int review(judging *work) {
  int code = cost_read(&work->given, sy_model_classes(work->model), sy_model_n_classes(work->model),
                       &work->cost, work->messages);
  if (code != EXIT_DONE) return code;
  sy_error error;
  if (sy_review_model(work->model, &work->data.features, work->data.labels, work->data.row_weights,
                      work->cost, &work->review, &error) != SY_OK ||
      sy_messages_check(work->messages, &error) != SY_OK)
    return say_error_at(&error, EXIT_DATA, "%s", work->data.table.source);
  return EXIT_DONE;
}

static int tell_screen(const judging *work) {
  char *text, number[SY_NUMBER_SIZE];
  size_t rows = reading_rows(&work->data.table);
  char *heading =
      text_format("%s on the %s row%s of %s", work->model_path, text_count(rows, number),
                  rows == 1 ? "" : "s", work->data.table.source);
  sy_error error;
  sy_status status = sy_report_review(&work->review, heading, sy_model_classes(work->model),
                                      sy_model_n_classes(work->model), &text, &error);
  free(heading);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  say_remarks(work->messages);
  return EXIT_DONE;
}

static int tell_json(const judging *work) {
  json_t *object = json_object();
  json_t *metrics = json_metrics(&work->review, sy_model_classes(work->model));
  json_object_set_new(object, "model", json_text(work->model_path));
  json_object_update(object, metrics);
  json_decref(metrics);
  json_object_set_new(object, "warnings", json_messages(work->messages));
  json_say(object);
  return EXIT_DONE;
}

static void judging_clear(judging *work) {
  sy_review_clear(&work->review);
  sy_messages_free(work->messages);
  free(work->cost);
  dataset_close(&work->data);
  text_list_free(&work->noted_groups);
  sy_model_free(work->model);
}

int command_evaluate(const settings *given, char *const *arguments) {
  judging work = {.given = *given, .model_path = arguments[0], .source = arguments[1]};
  int code = open_model(&work);
  if (code == EXIT_DONE) code = recall(&work);
  if (code == EXIT_DONE) code = read_rows(&work);
  if (code == EXIT_DONE) code = review(&work);
  if (code == EXIT_DONE) code = given->json ? tell_json(&work) : tell_screen(&work);
  judging_clear(&work);
  return code;
}
